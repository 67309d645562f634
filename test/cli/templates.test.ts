import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectGolden } from '../golden.js'
import { declared, documents } from '../resources/kinds/declared.js'
import { runCommand } from './run-command.js'

const eventType = declared('EventType', 'run.failed', {
  description: 'A run failed',
  severity: "'critical' if payload.failed > 9 else 'error'",
  sample: { name: 'Checkout', failed: 2, finished: '2026-01-31T12:30:00Z' },
  title: '{{ payload.name }} failed',
  body: '{{ payload.failed | pluralize("test") }} failed\n\nat {{ payload.finished | date("HH:mm zzz") }}',
  link: 'https://ci.example.com/{{ payload.name | urlencode }}',
})
const german = declared('Template', 'german', {
  event: 'run.failed',
  lang: 'de',
  title: '{{ payload.name }} ist fehlgeschlagen',
  body: 'Hallo {{ user.displayName }}, {{ payload.failed }} Tests am {{ payload.finished | date("d. MMMM") }}',
})
const chat = declared('Template', 'shop/chat', {
  event: 'run.failed',
  channelType: 'mattermost',
  format: 'native',
  body: '**{{ title }}** on {{ channel.type }}{% if payload.owner %}\nfor {{ payload.owner }}{% endif %}',
})

function folder(...texts: readonly string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'callboard-templates-'))
  writeFileSync(join(path, 'a.yaml'), documents(...texts))
  return path
}

const all = folder(eventType, german, chat)

function payload(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'callboard-payload-')), 'payload.json')
  writeFileSync(path, text)
  return path
}

const render = (...args: readonly string[]) => runCommand(['templates', 'render', ...args])

describe('templates render', () => {
  it.each([
    ['event-type', ['run.failed', all]],
    ['lang', ['run.failed', all, '--lang', 'de-at']],
    ['channel-type', ['run.failed', all, '-t', 'mattermost', '-n', 'shop']],
    ['catalogue', ['deploy.failure', all]],
    ['json', ['run.failed', all, '--lang', 'de', '-o', 'json']],
  ])('shows what comes of %s', async (name, args) => {
    const { code, stdout, stderr } = await render(...args)
    expect([code, stderr]).toEqual([0, ''])
    expectGolden(`cli/templates-${name}`, stdout)
  })

  it('takes a payload, digit for digit, and says what it lacks', async () => {
    const file = payload('{"name": "x\\u001b[31m", "failed": 12345678901234567890}')
    const { code, stdout } = await render('run.failed', all, '--payload', file)
    expect(code).toBe(0)
    expect(stdout).toContain('severity  critical')
    expect(stdout).toContain('12345678901234567890 tests failed')
    expect(stdout).toContain('warning: payload.finished is not in the payload')
    expect(stdout).not.toContain('\u001b')
  })

  it('says which catalogue has an event type that is switched off', async () => {
    const config = join(mkdtempSync(join(tmpdir(), 'callboard-settings-')), 'settings.yaml')
    writeFileSync(config, 'catalogues: []')
    const { code, stderr } = await render('deploy.failure', all, '--config', config)
    expect(code).toBe(3)
    expect(stderr).toContain('is in the catalogue "ai-admin-panel", which is switched off')
  })

  it('fails when the words cannot be made', async () => {
    const dir = folder(
      declared('EventType', 'busy', {
        sample: { n: 1 },
        title: '{% for a in range(payload.n) %}{% for b in range(payload.n) %}{% endfor %}{% endfor %}ok',
      }),
    )
    expect((await render('busy', dir)).code).toBe(0)
    const { code, stdout } = await render('busy', dir, '--payload', payload('{"n": 5000}'))
    expect(code).toBe(1)
    expect(stdout).toContain('title     busy')
    expect(stdout).toContain('error: base title: the template does too much: it was stopped')
  })

  it('says that the folder has errors, which may be why another template is used', async () => {
    const dir = folder(eventType, declared('Template', 'broken', { event: 'run.failed', title: '{{ .Title }}' }))
    const { code, stdout, stderr } = await render('run.failed', dir)
    expect([code, stderr]).toEqual([1, `warning: ${dir} has an error; see callboard validate\n`])
    expect(stdout).toContain('title     Checkout failed')
  })

  it.each([
    ['an event type that is not there', ['run.faild', all], 3, /no event type "run.faild"; did you mean "run.failed"/],
    ['a channel type that is not there', ['run.failed', all, '-t', 'fax'], 3, /Allowed choices are/],
    ['a language that is none', ['run.failed', all, '-l', 'klingon_'], 3, /as in BCP 47/],
    [
      'a payload that is not there',
      ['run.failed', all, '--payload', '/nowhere'],
      4,
      /the payload \/nowhere cannot be read: ENOENT/,
    ],
    ['a payload that is no JSON', ['run.failed', all, '--payload', payload('{')], 4, /cannot be read: .*JSON/],
    ['a folder that is not there', ['run.failed', '/nowhere/at-all'], 4, /nowhere/],
  ])('refuses %s', async (_name, args, expected, message) => {
    const { code, stdout, stderr } = await render(...args)
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(message)
  })
})
