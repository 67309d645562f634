// The digests of examples/digests, step by step as their README tells, and what a restart makes of them.

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCli } from '../../src/cli/program.js'
import type { DigestView } from '../../src/status/digest-views.js'
import { mailServers } from '../dispatcher/channels/fakes/smtp.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { doc } from './notifying.js'
import { Running } from './running.js'
import { filledIn, isAsExpected, type Step, stepsIn, wordsOf } from './walkthrough.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const example = join(root, 'examples/digests')
const settings = parse(readFileSync(join(root, 'config/digests.yaml'), 'utf8')) as {
  readonly tokens: { readonly operate: string }
  readonly stateDir: string
}
const servers = mailServers()

async function start() {
  const { port, taken } = await servers.open()
  const folder = new Folder()
  cpSync(example, folder.root, { recursive: true })
  for (const file of readdirSync(folder.root).filter((name) => name.endsWith('.yaml'))) {
    folder.write(file, readFileSync(folder.at(file), 'utf8').replace('port: 2525', `port: ${port}`))
  }
  const { stateDir: _, ...rest } = settings
  const running = await Running.start(folder, { ...rest, strict: true, network: { allow: [`127.0.0.1:${port}`] } })
  return { running, taken }
}

async function cli({ control }: Running, words: readonly string[]): Promise<string> {
  let printed = ''
  const print = (text: string) => {
    printed += text
  }
  await runCli([...words], {
    stdout: print,
    stderr: print,
    isTerminal: false,
    env: { CALLBOARD_CONTROL_URL: control, CALLBOARD_TOKEN: settings.tokens.operate },
    exit: () => {},
  })
  return printed
}

/** Asks again what only looks. */
async function follow(running: Running, step: Step, known: Map<string, string>): Promise<void> {
  const command = filledIn(step.command, known)
  const [, ...words] = wordsOf(command.replace(/^npx /, ''))
  let printed = ''
  const look = async () => {
    printed = await cli(running, words)
    return isAsExpected(printed, step, known)
  }
  if (words[0] === 'deliveries') await eventually(command, look, { found: () => printed, everyMs: 20 })
  else if (!(await look())) throw new Error(`${command}\nprints\n${printed}\nand was to print\n${step.expected}`)
}

it('the README of the digests does what it says, step by step', async () => {
  const { running, taken } = await start()
  expect((await running.status()).problems).toEqual([])
  const steps = stepsIn(readFileSync(join(example, 'README.md'), 'utf8'))
  expect(steps.length).toBeGreaterThan(10)
  for (const step of steps) await follow(running, step, new Map())
  const subjects = () => taken.map(({ to, raw }) => `${to[0]}: ${/^Subject: (.*)$/m.exec(raw)?.[1]}`).sort()
  await eventually('both mails have arrived', () => taken.length === 2 || undefined, { found: subjects })
  expect(subjects()).toEqual([
    'ann@team.example: Weekly summary: 5 events, 3 failures',
    'jan@team.example: Weekly summary: 4 events, 2 failures',
  ])
  const [mail] = taken.filter(({ to }) => to[0] === 'ann@team.example')
  expect(mail?.raw).toContain('Checkout flow: 2 times')
})

it('what was gathered before a restart is in the digest after it', async () => {
  const { running, taken } = await start()
  const payload = join(example, 'payloads/run-1.json')
  await cli(running, ['events', 'send', 'run_completed', '--payload', payload, '--namespace', 'shop'])
  await running.restart()
  await cli(running, ['events', 'send', 'crawl_completed', '--payload', join(example, 'payloads/scan.json')])
  const { items } = await running.see<{ items: DigestView[] }>('/api/v1/digests')
  const [, weekly] = items
  expect(weekly).toMatchObject({ name: 'weekly', collected: 2, readers: 2 })
  const { conditions } = await running.see<{ conditions: { type: string; message: string }[] }>(
    '/api/v1/resources/Digest/-/weekly',
  )
  expect(conditions.find(({ type }) => type === 'Scheduled')?.message).toBe(
    `next run ${weekly?.nextRun}; 2 events so far; 2 switched it on`,
  )
  expect(await cli(running, ['digests', 'run', 'weekly', '--now'])).toBe('weekly: 2 events, 2 sent\n')
  await eventually('both mails have arrived', () => taken.length === 2 || undefined)
  await running.restart()
  expect(await cli(running, ['digests', 'run', 'weekly', '--now'])).toBe(
    'weekly: 0 events, 0 sent, 2 without anything to hear of\n',
  )
  expect(taken).toHaveLength(2)
})

it('an event that another one stands for already is said to be in no digest', async () => {
  const { running } = await start()
  const payload = join(example, 'payloads/run-1.json')
  const send = (type: string) => cli(running, ['events', 'send', type, '--payload', payload, '--namespace', 'shop'])
  expect(await send('run_completed')).toContain('gathered for the digest weekly\n')
  expect(await send('run_failed')).toContain('not in the digest weekly: ')
})

it('one person is sent what there is, unless there is nothing or no place for it', async () => {
  const { running } = await start()
  const send = ['digests', 'run', 'weekly', '--now', '--user', 'ann']
  expect(await cli(running, send)).toContain('ann is sent nothing of weekly: nothing has happened')
  const payload = join(example, 'payloads/run-1.json')
  await cli(running, ['events', 'send', 'run_completed', '--payload', payload, '--namespace', 'shop'])
  expect(await cli(running, send)).toMatch(/^weekly: sent as [0-9a-f-]{36}; what is gathered stays for the next one\n$/)
})

it('a digest that there is no place for is said not to be sent', async () => {
  const { running } = await start()
  running.folder.write(
    'own.yaml',
    [
      doc('Namespace', 'shop', { quota: { deliveriesPerHour: 0 } }),
      doc('Digest', 'own', { schedule: '0 9 * * *', timezone: 'UTC', events: ['run_*'], emptyToo: true }, 'shop'),
    ].join('\n---\n'),
  )
  await eventually('it is declared', async () => {
    const { items } = await running.see<{ items: DigestView[] }>('/api/v1/digests')
    return items.some(({ name }) => name === 'own') || undefined
  })
  const jan = await cli(running, ['digests', 'run', 'shop/own', '--now', '--user', 'jan'])
  expect(jan).toMatch(/^shop\/own: not sent: Namespace "shop" \(own.yaml:1\) allows 0 deliveries an hour.* \(delivery /)
  expect(await cli(running, ['digests', 'run', 'shop/own', '--now'])).toBe('shop/own: 0 events, 0 sent, 1 not sent\n')
})

it('what cannot be done is said, with what could be', async () => {
  const { running } = await start()
  expect(await cli(running, ['digests', 'run', 'weekly'])).toContain('add --now to send it at once')
  expect(await cli(running, ['digests', 'run', 'wekly', '--now'])).toContain(
    'there is no digest "wekly"; did you mean "weekly"?',
  )
  expect(await cli(running, ['digests', 'run', 'weekly', '--now', '--user', 'zoe'])).toContain('there is no User "zoe"')
  expect(await cli(running, ['digests', 'run', 'overnight', '--now', '--user', 'ann'])).toContain(
    'ann does not get overnight',
  )
})
