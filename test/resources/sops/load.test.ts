import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import { Loader, type LoaderOptions } from '../../../src/resources/load.js'
import { mask } from '../../../src/resources/redact.js'
import { AgeKeys } from '../../../src/resources/sops/age-keys.js'
import { snapshotOf } from '../snapshot.js'

const text = (name: string): string => readFileSync(new URL(`../../fixtures/sops/${name}`, import.meta.url), 'utf8')
const token = '123456:correct-horse-battery-staple'
const keysOf = (...names: string[]) =>
  new AgeKeys({}, { env: { SOPS_AGE_KEY: names.map((name) => text(`${name}-key.txt`)).join('\n') } })

function load(files: Record<string, string>, options: Partial<LoaderOptions> = {}) {
  return new Loader({ defaultNamespace: 'sandbox', ageKeys: keysOf('test'), ...options }).load(snapshotOf(files))
}

const mock = (payload: string): string => `apiVersion: callboard/v1
kind: Mock
metadata: {name: a}
spec:
  http: {route: /a, httpMethod: GET}
  response: {payloadTemplatePath: ${payload}}
`

describe('an encrypted document', () => {
  for (const name of ['channel', 'whole']) {
    it(`is what was encrypted, and shows no secret: ${name}`, async () => {
      const { resources, problems } = await load({ 'channel.yaml': text(`${name}.enc.yaml`) })
      expect(problems).toEqual([])
      const channel = resources.get('Channel/-/ops')
      expect(channel?.spec).toEqual({ type: 'telegram', config: { botToken: token, chatId: '42' } })
      expect(channel?.encrypted).toContain('/spec/config/botToken')
      const shown = JSON.stringify(mask('Channel', channel?.spec as Json, channel?.encrypted))
      expect(shown).not.toContain('staple')
      expect(shown.includes('"42"')).toBe(name === 'channel')
    })
  }

  it('may stand with others in one file', async () => {
    const { resources, problems } = await load({ 'channels.yaml': text('two-documents.enc.yaml') })
    expect(problems).toEqual([])
    expect([...resources.keys()]).toEqual(['Channel/-/ops', 'Channel/-/second'])
  })

  it('reads no differently with a key of another kind', async () => {
    const { problems } = await load({ 'channel.yaml': text('hybrid.enc.yaml') }, { ageKeys: keysOf('test', 'hybrid') })
    expect(problems).toEqual([])
  })

  it('is held when it cannot be decrypted, with place and remedy', async () => {
    const { resources, problems } = await load({ 'channel.yaml': text('channel.enc.yaml') }, { ageKeys: keysOf() })
    expect(resources.size).toBe(0)
    const line = text('channel.enc.yaml').split('\n').indexOf('sops:') + 1
    expect(problems).toMatchObject([
      {
        rule: 'sops-no-key',
        severity: 'error',
        file: 'channel.yaml',
        line,
        column: 1,
        hint: expect.stringContaining('secrets.age'),
      },
    ])
  })

  it('is held when all of it is encrypted, so that nobody can say whose it is', async () => {
    const { problems } = await load({ 'channel.yaml': text('whole.enc.yaml') }, { ageKeys: keysOf('hybrid') })
    expect(problems).toMatchObject([{ rule: 'sops-wrong-key', severity: 'error' }])
  })

  it('counts as what it may be where there is no key and only a look is taken', async () => {
    const options = { ageKeys: keysOf(), guessEncrypted: true }
    const { resources, problems } = await load({ 'channel.yaml': text('channel.enc.yaml') }, options)
    expect([...resources.keys()]).toEqual(['Channel/-/ops'])
    expect(problems).toMatchObject([{ rule: 'sops-no-key', severity: 'warning' }])
    const whole = await load({ 'channel.yaml': text('whole.enc.yaml') }, options)
    expect(whole.problems).toMatchObject([{ rule: 'sops-no-key', severity: 'warning' }])
  })

  it('is opened once the key is there, without having changed', async () => {
    const env: Record<string, string> = {}
    const loader = new Loader({ defaultNamespace: 'sandbox', ageKeys: new AgeKeys({ age: { env: 'KEY' } }, { env }) })
    const snapshot = snapshotOf({
      'channel.yaml': text('channel.enc.yaml'),
      'mock.yaml': mock('payload.json'),
      'payload.json': text('payload.enc.json'),
    })
    const before = await loader.load(snapshot)
    expect(before.problems.map(({ rule }) => rule)).toEqual(['sops-no-key', 'refused-file'])
    expect(before.problems[0]?.message).toContain('the environment variable KEY is not set')
    env.KEY = text('test-key.txt')
    const after = await loader.load(snapshot)
    expect(after.problems).toEqual([])
    expect([...after.resources.keys()].sort()).toEqual(['Channel/-/ops', 'Mock/sandbox/a'])
  })

  it('has the place of a changed value as that of the problem', async () => {
    const changed = text('channel.enc.yaml')
      .replace(/data:./, 'data:_')
      .replace('data:_', 'data:A')
    const { problems } = await load({ 'channel.yaml': changed })
    const line =
      text('channel.enc.yaml')
        .split('\n')
        .findIndex((each) => each.includes('botToken')) + 1
    expect(problems).toMatchObject([{ rule: 'sops-value', severity: 'error', line, column: 19 }])
  })

  it('is held by a MAC that does not match', async () => {
    const { problems } = await load({ 'channel.yaml': text('channel.enc.yaml').replace('"42"', '"43"') })
    expect(problems).toMatchObject([{ rule: 'sops-mac', severity: 'error' }])
  })

  it('shows no secret in what is said against it', async () => {
    const { problems } = await load({ 'values.yaml': text('unfit.enc.yaml') })
    expect(text('unfit.plain.yaml')).toContain('type: correct-horse-battery-staple')
    expect(problems).toMatchObject([
      { rule: 'unknown-value', message: 'the encrypted value of "type" is not accepted (unknown-value)' },
      { rule: 'wrong-type', hint: 'look at it with `sops edit`; it is not shown here' },
    ])
    expect(JSON.stringify(problems)).not.toMatch(/horse|staple/)
  })

  it('is never in the cache of what was parsed', async () => {
    const kept = new Map<string, Uint8Array>()
    const cache = {
      getAll: async () => new Map<string, Uint8Array>(),
      putAll: async (entries: Iterable<readonly [string, Uint8Array]>) => {
        for (const [key, bytes] of entries) kept.set(key, bytes)
      },
    }
    const others = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`${i}.yaml`, mock(`${i}.json`).replace('name: a', `name: a${i}`)]),
    )
    const loader = new Loader({ defaultNamespace: 'sandbox', ageKeys: keysOf('test'), cache })
    await loader.load(
      snapshotOf({ ...others, 'channel.yaml': text('channel.enc.yaml'), 'whole.yaml': text('whole.enc.yaml') }),
    )
    await loader.settled()
    expect(kept.size).toBe(20)
    for (const bytes of kept.values()) expect(Buffer.from(bytes).toString()).not.toMatch(/Channel|staple/)
  })
})

describe('an encrypted payload', () => {
  it('is answered decrypted', async () => {
    const { problems, resources } = await load({ 'a.yaml': mock('note.txt'), 'note.txt': text('note.enc.txt') })
    expect(problems).toEqual([])
    const { program } = resources.get('Mock/sandbox/a') ?? {}
    expect(program).toBeDefined()
  })

  it('is refused where it is named when it cannot be decrypted', async () => {
    const files = { 'a.yaml': mock('note.txt'), 'note.txt': text('note.enc.txt') }
    const { problems } = await load(files, { ageKeys: keysOf() })
    expect(problems).toMatchObject([
      {
        rule: 'refused-file',
        severity: 'error',
        file: 'a.yaml',
        line: 6,
        message: expect.stringContaining('"note.txt" is not read: this file is encrypted'),
      },
    ])
    const looked = await load(files, { ageKeys: keysOf(), guessEncrypted: true })
    expect(looked.problems).toMatchObject([{ rule: 'sops-no-key', severity: 'warning' }])
  })
})
