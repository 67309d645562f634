// The team of examples/team, step by step as its README tells.

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCli } from '../../src/cli/program.js'
import type { EventReceipt } from '../../src/status/event-views.js'
import { ask } from './ask.js'
import { parseCurl } from './curl.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { Program } from './process.js'
import { Running } from './running.js'
import { freePort } from './sink.js'
import { filledIn, isAsExpected, type Step, stepsIn, wordsOf } from './walkthrough.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const team = join(root, 'examples/team')
const readme = readFileSync(join(team, 'README.md'), 'utf8')
const settings = parse(readFileSync(join(root, 'config/team.yaml'), 'utf8')) as {
  readonly tokens: { readonly operate: string }
  readonly network: { readonly allow: readonly string[] }
}
const hour = 3600_000

/** `HH:MM` in Berlin, where both live. */
function berlin(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' })
}

interface Team {
  readonly running: Running
  readonly port: number
  readonly mail: Program
}

/** The mail server of the example. */
async function startMail(): Promise<{ readonly mail: Program; readonly mailPort: string }> {
  const mail = new Program(process.execPath, [join(team, 'smtp-sink.mjs'), '0'])
  const listening = () => /127\.0\.0\.1:(\d+) is shown here/.exec(mail.stdout)?.[1]
  return { mail, mailPort: await eventually('the mail server listens', listening, { found: () => mail.stderr }) }
}

/** On a port that is free. `quiet`: whether it is one of Ben's quiet hours. */
async function start({ quiet = false } = {}): Promise<Team> {
  const folder = new Folder()
  cpSync(team, folder.root, { recursive: true })
  const port = await freePort()
  const { mail, mailPort } = await startMail()
  const onFreePorts = (text: string) =>
    text.replaceAll('127.0.0.1:5770', `127.0.0.1:${port}`).replace(/(?<=[ :])2525\b/g, mailPort)
  for (const file of readdirSync(folder.root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.yaml')) continue
    const text = readFileSync(folder.at(file), 'utf8')
    const begin = Date.now() + (quiet ? -2 : 8) * hour
    const hours = `{from: "${berlin(begin)}", to: "${berlin(begin + 4 * hour)}"}`
    folder.write(file, onFreePorts(text).replace('{from: "22:00", to: "07:00"}', hours))
  }
  const { stateDir: _, ...rest } = settings as { readonly stateDir?: string }
  const allow = settings.network.allow.map(onFreePorts)
  const flags = { ...rest, strict: true, network: { allow }, ports: { resolver: port, control: 0 } }
  return { running: await Running.start(folder, flags), port, mail }
}

async function cli({ running }: Team, words: readonly string[]): Promise<string> {
  let printed = ''
  await runCli([...words], {
    stdout: (text) => {
      printed += text
    },
    stderr: (text) => {
      printed += text
    },
    isTerminal: false,
    env: { CALLBOARD_CONTROL_URL: running.control, CALLBOARD_TOKEN: settings.tokens.operate },
    exit: () => {},
  })
  return printed
}

/** `sed -i 's/old/new/' file`, of a file of the example. */
function sed({ running: { folder } }: Team, [, script = '', file = '']: readonly string[]): string {
  const [, from = '', to = ''] = /^s\/([^/]*)\/([^/]*)\/$/.exec(script) ?? []
  const path = file.replace('examples/team/', '')
  const text = readFileSync(folder.at(path), 'utf8')
  expect(text).toContain(from)
  folder.replace(path, text.replace(from, to))
  return ''
}

async function run(on: Team, command: string): Promise<string> {
  const [program, ...words] = wordsOf(command)
  if (program === 'curl') {
    const { url, ...options } = parseCurl(command)
    return (await ask(url.replace('http://localhost:5770', on.running.resolver), options)).text
  }
  if (program === 'sed') return sed(on, words)
  if (program === 'npx' && words[0] === 'callboard') return cli(on, words.slice(1))
  throw new Error(`"${command}" is no command that a reader was promised`)
}

/** Asks again what only looks. */
async function follow(on: Team, step: Step, known: Map<string, string>): Promise<void> {
  const command = filledIn(step.command, known)
  const isLook = /^curl [^']*$/.test(command) || /^npx callboard deliveries (?!requeue)/.test(command)
  let printed = ''
  const look = async () => {
    printed = (await run(on, command)).replaceAll(`127.0.0.1:${on.port}`, '127.0.0.1:5770')
    return isAsExpected(printed, step, known)
  }
  if (isLook) await eventually(command, look, { found: () => printed, everyMs: 20 })
  else if (!(await look())) throw new Error(`${command}\nprints\n${printed}\nand was to print\n${step.expected}`)
}

it('the README of the team does what it says, step by step', async () => {
  const on = await start()
  const status = await on.running.status()
  expect(status.problems).toEqual([])
  const steps = stepsIn(readme)
  expect(steps.length).toBeGreaterThan(15)
  const known = new Map<string, string>()
  for (const step of steps) await follow(on, step, known)
  expect([...known.keys()]).toEqual(['id', 'joined', 'dead'])
  const mails = () => on.mail.stdout.split('\n').filter((line) => line.startsWith('to '))
  await eventually('the mail has arrived', () => mails().includes('to ann@team.example: Payment of o-1 failed'), {
    found: mails,
  })
})

const payment = ['events', 'send', 'payment.failed', '--payload', join(team, 'payloads/payment-failed.json')]

it('Ben is told in German, and in his quiet hours later', async () => {
  const awake = await start()
  await cli(awake, payment)
  await eventually('it has arrived', async () => {
    const { items } = await awake.running.see<{ items: { id: string }[] }>('/api/v1/requests?mock=fakes/telegram-send')
    const seen = await Promise.all(items.map(({ id }) => awake.running.see(`/api/v1/requests/${id}`)))
    return seen.some((one) => JSON.stringify(one).includes('Zahlung für o-1 fehlgeschlagen'))
  })
  const asleep = await start({ quiet: true })
  const receipt = JSON.parse(await cli(asleep, [...payment, '-o', 'json'])) as EventReceipt
  const his = receipt.decisions.find(({ channel, user }) => channel === 'telegram' && user === 'ben')
  expect(his).toMatchObject({ outcome: 'hold', reason: 'quiet_hours', decidedBy: 'Preference/-/ben-telegram' })
  await eventually('it is held', async () => {
    const { held } = await asleep.running.see<{ held: object | null }>(`/api/v1/deliveries/${his?.delivery}`)
    return JSON.stringify(held) === JSON.stringify({ reason: 'quiet_hours', until: his?.until })
  })
})

it('what Mattermost did not take at first arrives once it has rested', async () => {
  const on = await start()
  for (const title of ['o-1 has left', 'o-2 has left']) {
    await cli(on, ['events', 'send', 'order.shipped', '-n', 'shop', '--title', title])
  }
  const delivered = '/api/v1/deliveries?channel=shop/warehouse&status=delivered'
  const both = await eventually('both have arrived', async () => {
    const { items } = await on.running.see<{ items: { id: string; attemptsMade: number }[] }>(delivered)
    return items.length === 2 && items
  })
  const [{ id } = { id: '' }] = both.filter(({ attemptsMade }) => attemptsMade > 1)
  const { attempts } = await on.running.see<{ attempts: { time: string; class: string | null; counts: boolean }[] }>(
    `/api/v1/deliveries/${id}`,
  )
  const [first, second] = attempts
  expect([first?.class, first?.counts]).toEqual(['rate_limited', false])
  expect(Date.parse(second?.time ?? '') - Date.parse(first?.time ?? '')).toBeGreaterThanOrEqual(1000)
})

it('a callback that is given up is an event, and the room hears of it', async () => {
  const on = await start()
  await on.running.ask('/stubs/shop/returns', { body: { id: 'r-1' } })
  const heard = '/api/v1/deliveries?event=callboard.delivery.dead_lettered&channel=slack-room&status=delivered&wait=20s'
  expect((await on.running.see<{ items: object[] }>(heard)).items).toHaveLength(1)
  const { json } = await on.running.ask('/stubs/fakes/inbox')
  expect(json).toMatchObject({ slackRoom: { text: expect.stringContaining('Given up: callback') } })
})

it('a wrong token is an answer of the fakes that switches the channel off', async () => {
  const on = await start()
  const { folder } = on.running
  folder.write('wrong-token', 'xoxb-wrong')
  const text = readFileSync(folder.at('channels.yaml'), 'utf8')
  folder.replace(
    'channels.yaml',
    text.replace('examples/team/credentials/slack-bot-token', JSON.stringify(folder.at('wrong-token'))),
  )
  await on.running.statusOnce('the other token is applied', ({ generation }) => generation === 2)
  await cli(on, payment)
  const heard = '/api/v1/deliveries?event=callboard.channel.disabled&channel=slack-room&status=delivered&wait=20s'
  expect((await on.running.see<{ items: object[] }>(heard)).items).toHaveLength(1)
})
