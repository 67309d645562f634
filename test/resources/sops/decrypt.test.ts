import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type Json, parseJson, RawNumber } from '../../../src/expression/json.js'
import { defaultLimits } from '../../../src/resources/limits.js'
import { readFile } from '../../../src/resources/parse.js'
import { AgeKeys } from '../../../src/resources/sops/age-keys.js'
import { type EncryptedFile, EncryptedFiles, unsealingOf } from '../../../src/resources/sops/encrypted-files.js'
import { decryptPayload } from '../../../src/resources/sops/payload.js'
import type { SourceFile } from '../../../src/source/source.js'

const folder = new URL('../../fixtures/sops/', import.meta.url)
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const everyKey = ['test', 'other', 'hybrid'].map((name) => text(`${name}-key.txt`)).join('\n')

function file(name: string, change: (content: string) => string = (content) => content): SourceFile {
  return { path: name, hash: name, bytes: Buffer.from(change(text(name))) }
}

async function open(found: SourceFile, keys = everyKey): Promise<EncryptedFile> {
  const files = new EncryptedFiles(new AgeKeys({}, { env: { SOPS_AGE_KEY: keys } }), defaultLimits)
  await files.open([found], new Map([[found.path, found]]))
  const encrypted = files.of(found)
  if (encrypted === undefined) throw new Error(`${found.path} is not encrypted`)
  return encrypted
}

async function read(found: SourceFile, keys?: string) {
  const reading = readFile(found.path, found.bytes, defaultLimits, unsealingOf(await open(found, keys)))
  if ('rule' in reading) throw new Error(reading.message)
  return reading
}

/** Numbers beyond a double as their text. */
function plain(value: Json | undefined): unknown {
  if (value instanceof RawNumber) return value.text
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, plain(item)]))
}

const encrypted = readdirSync(folder).filter((name) => /\.enc\.(yaml|json)$/.test(name))
const opened = encrypted.filter((name) => !/^(pgp|shamir)\./.test(name))

describe('a file that sops has encrypted', () => {
  it('is among the fixtures in every way that matters', () => {
    expect(opened.length).toBeGreaterThan(14)
  })

  for (const name of opened) {
    it(`reads as sops decrypts it: ${name}`, async () => {
      const { documents, broken } = await read(file(name))
      expect(broken).toBeUndefined()
      expect(documents.flatMap(({ faults }) => faults)).toEqual([])
      const wanted = readFile(name, Buffer.from(text(name.replace('.enc.', '.plain.'))), defaultLimits)
      if ('rule' in wanted) throw new Error(wanted.message)
      expect(documents.map(({ value }) => plain(value))).toEqual(wanted.documents.map(({ value }) => plain(value)))
      expect(documents.some((document) => document.encrypted?.size)).toBe(true)
    })
  }

  for (const name of [
    'payload.enc.json',
    'values.enc.json',
    'values.enc.yaml',
    'whole.enc.yaml',
    'two-documents.enc.yaml',
  ]) {
    it(`is a payload without a trace of sops: ${name}`, async () => {
      const payload = decryptPayload(file(name), await open(file(name)), defaultLimits)
      const content = 'bytes' in payload ? Buffer.from(payload.bytes).toString() : payload.message
      expect(content).not.toMatch(/ENC\[(?!.*type:comment)|sops|lastmodified/)
      const wanted = text(name.replace('.enc.', '.plain.'))
      if (name.endsWith('.json')) expect(plain(parseJson(content))).toEqual(plain(parseJson(wanted)))
      else if (!name.startsWith('two')) expect(parseYaml(content)).toEqual(parseYaml(wanted))
    })
  }

  it('is a payload of any kind', async () => {
    const payload = decryptPayload(file('note.enc.txt'), await open(file('note.enc.txt')), defaultLimits)
    expect(payload).toEqual({ bytes: readFileSync(new URL('note.plain.txt', folder)) })
  })

  it('keeps the places of its values', async () => {
    const { documents, text: content } = await read(file('channel.enc.yaml'))
    const [start] = documents[0]?.locate('/spec/config/botToken', 'value') ?? [0]
    expect(content.slice(start, start + 15)).toBe('ENC[AES256_GCM,')
    expect([...(documents[0]?.encrypted ?? [])]).toEqual(['/spec/config/botToken'])
  })
})

describe('what is not decrypted', () => {
  const swap = (content: string): string => {
    const [first = '', second = ''] = content.match(/ENC\[[^\]]*type:str\]/g) ?? []
    return content.replace(first, '@').replace(second, first).replace('@', second)
  }
  const cases: { name: string; found: SourceFile; rule: string; message: RegExp }[] = [
    {
      name: 'a value that was changed',
      found: file('channel.enc.yaml', (content) => content.replace(/data:./, 'data:A')),
      rule: 'sops-value',
      message: /cannot be decrypted: it was changed/,
    },
    {
      name: 'values that changed places',
      found: file('whole.enc.yaml', swap),
      rule: 'sops-value',
      message: /another place/,
    },
    {
      name: 'a shortened tag',
      found: file('channel.enc.yaml', (content) => content.replace(/tag:([\w+/]{8})[^,]*,/, 'tag:$1,')),
      rule: 'sops-value',
      message: /cannot be decrypted/,
    },
    {
      name: 'a value in plain where the rule says encrypted',
      found: file('channel.enc.yaml', (content) => content.replace(/ENC\[.*?\](?= #)/, 'plain')),
      rule: 'sops-not-encrypted',
      message: /is not encrypted, although/,
    },
    {
      name: 'a plain value that was changed',
      found: file('channel.enc.yaml', (content) => content.replace('"42"', '"43"')),
      rule: 'sops-mac',
      message: /MAC of this encrypted file does not match/,
    },
    {
      name: 'a plain value that was added',
      found: file('channel.enc.yaml', (content) => content.replace('chatId:', 'more: x\n        chatId:')),
      rule: 'sops-mac',
      message: /MAC/,
    },
    {
      name: 'an encrypted value that was removed',
      found: file('mac-only-encrypted.enc.yaml', (content) => content.replace(/^text: .*\n/m, '')),
      rule: 'sops-mac',
      message: /MAC/,
    },
    {
      name: 'another rule',
      found: file('mac-only-encrypted.enc.yaml', (content) => content.replace('mac_only_encrypted: true', 'x: 1')),
      rule: 'sops-mac',
      message: /MAC/,
    },
    {
      name: 'the MAC of another time',
      found: file('channel.enc.yaml', (content) => content.replace(/lastmodified: "20../, 'lastmodified: "1999')),
      rule: 'sops-mac',
      message: /MAC/,
    },
  ]
  for (const { name, found, rule, message } of cases) {
    it(`${name}`, async () => {
      const { documents, broken } = await read(found)
      const faults = [...documents.flatMap(({ faults: each }) => each), ...(broken === undefined ? [] : [broken])]
      expect(faults[0]).toMatchObject({ rule, message: expect.stringMatching(message) })
      expect(faults).toHaveLength(rule === 'sops-value' && name.includes('places') ? 2 : 1)
    })
  }

  it('lets plain values change where the MAC is over the encrypted ones alone', async () => {
    const { documents, broken } = await read(
      file('mac-only-encrypted.enc.yaml', (content) => content.replace('number: 42', 'number: 43')),
    )
    expect(broken).toBeUndefined()
    expect(documents[0]?.value).toMatchObject({ number: 43, text: 'hello' })
  })

  const locked: { name: string; keys?: string; rule: string; message: RegExp }[] = [
    {
      name: 'channel.enc.yaml',
      keys: '',
      rule: 'sops-no-key',
      message: /^this file is encrypted for age1\w+, and there is no age key here$/,
    },
    {
      name: 'channel.enc.yaml',
      keys: text('other-key.txt'),
      rule: 'sops-wrong-key',
      message: /no age key here is theirs$/,
    },
    {
      name: 'channel.enc.yaml',
      keys: 'AGE-SECRET-KEY-1QQQ',
      rule: 'sops-no-key',
      message: /the first age key here is damaged$/,
    },
    { name: 'channel.enc.yaml', keys: 'hello', rule: 'sops-no-key', message: /line 1 of SOPS_AGE_KEY is no age key/ },
    { name: 'channel.enc.yaml', keys: 'AGE-PLUGIN-YUBIKEY-1ABC', rule: 'sops-no-key', message: /names an age plugin/ },
    { name: 'pgp.enc.yaml', rule: 'sops-key-type', message: /encrypted with pgp only, which is not supported$/ },
    { name: 'shamir.enc.yaml', rule: 'sops-metadata', message: /key in several parts/ },
  ]
  for (const { name, keys, rule, message } of locked) {
    it(`${name} with ${keys === undefined ? 'every key' : JSON.stringify(keys.slice(0, 12))}: ${rule}`, async () => {
      const { problem, key } = await open(file(name), keys)
      expect(key).toBeUndefined()
      expect(problem).toMatchObject({ rule, message: expect.stringMatching(message) })
      expect(JSON.stringify(problem)).not.toContain('SECRET-KEY-1')
    })
  }
})

describe('age keys', () => {
  const key = text('test-key.txt')

  it('come from what settings name and from the variables of sops', async () => {
    const files = new Map([
      ['/keys/a', key],
      ['/keys/b', text('other-key.txt')],
    ])
    const read = async (path: string): Promise<string> => {
      const content = files.get(path)
      if (content === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
      return content
    }
    const count = async (age: object, env: Record<string, string>) =>
      (await new AgeKeys({ age }, { env, readFile: read }).identities()).keys.length
    expect(await count({ env: 'MY_KEY' }, { MY_KEY: key })).toBe(1)
    expect(await count({ file: '/keys/a' }, {})).toBe(1)
    expect(await count({ file: '/keys/a' }, { SOPS_AGE_KEY_FILE: '/keys/b', SOPS_AGE_KEY: key })).toBe(2)
    const missing = new AgeKeys({ age: { file: '/keys/c', env: 'GONE' } }, { env: {}, readFile: read })
    expect(await missing.identities()).toEqual({
      keys: [],
      trouble: ['the environment variable GONE is not set', 'the key file /keys/c cannot be read: ENOENT'],
    })
  })
})
