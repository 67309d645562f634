import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EventExplanationView } from '../../src/status/explanation-views.js'
import { Running } from '../e2e/running.js'
import { expectGolden } from '../golden.js'
import { declared, documents, slack, telegram } from '../resources/kinds/declared.js'
import { Repository } from './repository.js'
import { runCommand } from './run-command.js'

const made: string[] = []
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true })
})

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'callboard-explain-'))
  made.push(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

const channels = documents(
  declared('Channel', 'direct', slack),
  declared('Channel', 'ops', { ...slack, config: { ...slack.config, channel: '#ops' }, events: { 'deploy.*': true } }),
  declared('Channel', 'shop/alerts', { ...slack, config: { ...slack.config, channel: '#shop' } }),
  declared('Channel', 'bot', telegram),
  declared('Channel', 'off', { ...slack, enabled: false }),
)
const people = documents(
  declared('User', 'ann', { email: 'ann@example.com', role: 'admin' }),
  declared('User', 'ben', { email: 'ben@example.com', role: 'admin' }),
  declared('User', 'cid', { email: 'cid@example.com', role: 'admin' }),
  declared('UserBinding', 'ann-direct', { user: 'ann', channel: 'direct' }),
  declared('UserBinding', 'ben-direct', { user: 'ben', channel: 'direct' }),
  declared('UserBinding', 'ben-bot', { user: 'ben', channel: 'bot' }),
  declared('Preference', 'ann', { user: 'ann', events: { 'deploy.failure': false } }),
  declared('Preference', 'ben', {
    user: 'ben',
    channel: 'direct',
    quietHours: { from: '22:00', to: '07:00', timezone: 'UTC' },
  }),
)
const team = { 'channels.yaml': channels, 'people.yaml': people }
const night = ['--time', '2026-01-31T23:30:00Z']

const explain = (...args: readonly string[]) => runCommand(['explain', 'event', ...args])

describe('explain event, by the declarations in a folder', () => {
  const dir = folder(team)
  it.each([
    ['night', ['deploy.failure', ...night]],
    ['user', ['deploy.failure', ...night, '--user', 'ann']],
    ['namespace', ['deploy.failure', ...night, '-n', 'shop', '--service', 'api', '--severity', 'critical']],
  ])('says of everybody what happens and where it is declared: %s', async (name, args) => {
    const { code, stdout, stderr } = await explain(...args, '--dir', dir)
    expect(code).toBe(0)
    expect(stderr).toBe('note: who has connected to a bot is not known here; everybody is taken to have\n')
    // Names the folder's contents.
    expectGolden(`cli/explain-event-${name}`, stdout.replace(/sha256:[0-9a-f]{64}/, 'sha256:…'))
  })

  it('exits with 1 when nobody would hear of it', async () => {
    const alone = folder({ 'a.yaml': declared('Channel', 'off', { ...slack, enabled: false }) })
    const { code, stdout } = await explain('deploy.failure', '--dir', alone, '-o', 'json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ counts: { send: 0, suppress: 1 }, reasons: { channel_disabled: 1 } })
  })

  it.each([
    [['deploy.failre'], 1, 'did you mean "deploy.failure"?'],
    [['deploy.failure', '--user', 'anne'], 3, 'did you mean "ann"?'],
    [['deploy.failure', '--severity', 'bad'], 3, '/event/severity'],
    [['deploy.failure', '--payload', '/nowhere.json'], 3, 'the payload cannot be read'],
    [['deploy.failure', '--revision', 'main'], 4, 'is in no git repository'],
  ])('%j: exit code %d, %s', async (args, wanted, message) => {
    const { code, stdout, stderr } = await explain(...args, '--dir', dir)
    expect([code, stdout, stderr]).toEqual([wanted, '', expect.stringContaining(message)])
  })

  it('says so when the folder would not be applied', async () => {
    const broken = folder({ 'a.yaml': declared('Channel', 'ops', { type: 'slak' }) })
    const { code, stderr } = await explain('deploy.failure', '--dir', broken)
    expect([code, stderr]).toEqual([4, expect.stringContaining('has an error and would not be applied')])
  })

  it('answers for a commit', async () => {
    const repository = new Repository()
    made.push(repository.path)
    repository.commit(team)
    repository.write({ 'people.yaml': declared('User', 'ann', { email: 'ann@example.com' }) })
    const now = await explain('deploy.failure', ...night, '--dir', repository.path, '-o', 'json')
    const then = await explain('deploy.failure', ...night, '--dir', repository.path, '-o', 'json', '--revision', 'main')
    expect(JSON.parse(now.stdout).unreached.map(({ user }: { user: string }) => user)).toEqual(['ann'])
    expect(JSON.parse(then.stdout)).toMatchObject({
      counts: { send: 2, hold: 1 },
      revision: expect.stringMatching(/^commit [0-9a-f]{40}$/),
    })
  })
})

describe('explain event, by a controller', () => {
  it('answers by what is applied, and by earlier revisions, over a restart too', async () => {
    const running = await Running.start({ 'channels.yaml': channels, 'people.yaml': people })
    const ask = async (...args: readonly string[]): Promise<EventExplanationView> => {
      const { stdout, stderr } = await explain(
        'deploy.failure',
        ...night,
        '-o',
        'json',
        '--control',
        running.control,
        ...args,
      )
      expect(stderr).toBe('')
      return JSON.parse(stdout)
    }
    const first = await ask()
    expect(first).toMatchObject({ generation: 1, counts: { send: 1, hold: 1, suppress: 3 } })
    running.folder.write(
      'channels.yaml',
      documents(declared('Channel', 'direct', slack), declared('Channel', 'bot', telegram)),
    )
    await running.statusOnce('the edit is applied', ({ generation }) => generation === 2)
    const second = await ask()
    expect(second).toMatchObject({ generation: 2, counts: { send: 0, hold: 1, suppress: 2 } })
    expect(await ask('--revision', '1')).toEqual(first)
    await running.restart()
    expect(await ask('--revision', first.revision ?? '')).toEqual(first)
    expect(await ask('--revision', '2')).toEqual(second)
    const unknown = await explain('deploy.failure', '--control', running.control, '--revision', '7')
    expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('no revision "7" was applied')])
  })
})
