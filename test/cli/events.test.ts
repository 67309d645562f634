import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort, tokens } from '../status/control-port.js'
import { delivery } from '../status/fake-deliveries.js'
import { type RunOptions, runCommand } from './run-command.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(() => port.api.close())

const run = (line: string, options: RunOptions = {}) =>
  runCommand(line.split(' '), {
    env: { CALLBOARD_CONTROL_URL: `http://127.0.0.1:${port.port}`, CALLBOARD_TOKEN: tokens.operate },
    ...options,
  })

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'callboard-events-')), 'payload.json')
  writeFileSync(path, text)
  return path
}

const posted = () => port.controller.events.bodies.map(({ text }) => text)

describe('events send', () => {
  it('posts an event with all that is said of it, and shows who hears of it and who does not', async () => {
    const payload = file('{"n": 12345678901234567890}')
    const line = `events send deploy.success --payload ${payload} --id e-1 --service api --label team=a --label b=c=d`
    const { code, stdout, stderr } = await run(line)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      [
        'accepted e-1: 1 delivery, 1 not sent',
        '',
        'OUTCOME   CHANNEL          USER  REASON      BECAUSE',
        'not sent  payments/alerts  ann   preference  Preference/-/quiet says so (people.yaml:3)',
        '… and more: callboard deliveries --event-id e-1',
        '',
      ].join('\n'),
    )
    // Digit for digit.
    expect(posted()[0]).toContain('"n":12345678901234567890')
    expect(JSON.parse(posted()[0] ?? '')).toMatchObject({
      type: 'deploy.success',
      id: 'e-1',
      source: 'cli',
      service: 'api',
      labels: { team: 'a', b: 'c=d' },
    })
  })

  it('answers as JSON when asked to', async () => {
    const { stdout } = await run('events send deploy.success -o json')
    expect(JSON.parse(stdout)).toMatchObject({ type: 'deploy.success', deliveries: { send: 1, hold: 0, suppress: 1 } })
  })

  it('says what is wrong with an event, and fails', async () => {
    expect(await run('events send deploy.sucess')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: /type: did you mean deploy.success?\n',
    })
  })

  it.each([
    ['a label without a value', 'events send x --label team', /give it as name=value/],
    ['a payload that is not there', 'events send x --payload /nowhere/at-all', /the payload cannot be read: ENOENT/],
  ])('refuses %s', async (_, line, message) => {
    const { code, stderr } = await run(line)
    expect([code, stderr]).toEqual([3, expect.stringMatching(message)])
    expect(posted()).toEqual([])
  })

  it('refuses a payload that is no JSON', async () => {
    const { code, stderr } = await run(`events send x --payload ${file('{')}`)
    expect([code, stderr]).toEqual([3, expect.stringContaining('is no JSON')])
  })
})

describe('channels', () => {
  it('test says whether the sample has arrived', async () => {
    port.controller.deliveries.put(delivery(1, { status: 'delivered' }))
    const { code, stdout, stderr } = await run('channels test payments/alerts')
    expect([code, stderr, stdout]).toEqual([
      0,
      '',
      expect.stringMatching(/^payments\/alerts: the sample has arrived \(\d+ ms\)\n$/),
    ])
  })

  it('test says why it has not, and fails', async () => {
    port.controller.deliveries.put(delivery(1, { status: 'dead_letter' }))
    expect(await run('channels test payments/alerts --check')).toEqual({
      code: 1,
      stderr: '',
      stdout:
        'payments/alerts: the credential does not work: server: answered 503\nsee: callboard deliveries show d0001\n',
    })
  })

  it('that there are not, and wishes that make no sense, are refused', async () => {
    expect(await run('channels test payments/alert')).toMatchObject({
      code: 1,
      stderr: 'error: no Channel "payments~alert" is applied, did you mean "payments~alerts"?\n',
    })
    // Without its namespace.
    expect(await run('channels test alerts')).toMatchObject({
      code: 1,
      stderr: 'error: no Channel "alerts" is applied, did you mean "payments~alerts"?\n',
    })
    expect(await run('channels test payments/alerts --user ann')).toMatchObject({
      code: 3,
      stderr: 'error: user: leave it out\n',
    })
  })

  it('connect prints the link, and whom it is for beside it', async () => {
    expect(await run('channels connect bot --user ann')).toEqual({
      code: 0,
      stdout: 'https://t.me/some_bot?start=abc\n',
      stderr: 'for ann, to open and press Start; good once, until 2026-01-31T12:15:00.000Z\n',
    })
    expect(await run('channels connect bot --user anne')).toMatchObject({
      code: 1,
      stderr: 'error: no User "anne" is applied, did you mean "ann"?\n',
    })
    expect(await run('channels connect fixed --user ann')).toMatchObject({ stderr: 'error: it has a chatId\n' })
  })

  it('enable says whether something has changed', async () => {
    expect((await run('channels enable payments/alerts')).stdout).toBe('payments/alerts is used again\n')
    expect((await run('channels enable payments/alerts')).stdout).toBe('payments/alerts was not switched off\n')
  })
})
