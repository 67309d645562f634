// From an event to several vendors at once, each as its documentation says, and what their answers bring about.

import { expect, it } from 'vitest'
import { receivers } from '../callbacks/receiver.js'
import { DiscordFake } from '../dispatcher/channels/fakes/discord.js'
import { ratelimited, SlackFake } from '../dispatcher/channels/fakes/slack.js'
import { TeamsWorkflowFake } from '../dispatcher/channels/fakes/teams.js'
import { TelegramFake } from '../dispatcher/channels/fakes/telegram.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'

const servers = receivers()
const flags = { catalogues: ['callboard'], network: { allow: ['127.0.0.1'] } }

const user = (name: string, more: object = {}) =>
  doc('User', name, { email: `${name}@example.com`, namespaces: ['shop'], ...more })
const bound = (name: string, channel: string, more: object = {}) =>
  doc('UserBinding', `${name}-${channel}`, { user: name, channel, ...more })
const eventType = doc('EventType', 'run.failed', {
  severity: 'error',
  title: 'Run {{ payload.run }} failed',
  body: '{{ payload.failed }} tests failed',
  sample: { run: 1, failed: 1 },
})
const german = doc('Template', 'run-failed-de', {
  event: 'run.failed',
  lang: 'de',
  title: 'Lauf {{ payload.run }} fehlgeschlagen',
})
const event = { type: 'run.failed', payload: { run: 42, failed: 2 } }

it('an event reaches the right people over several vendors, in their languages', async () => {
  const slack = new SlackFake()
  slack.users.set('ann@example.com', 'U0ANN').set('ben@example.com', 'U0BEN')
  const telegram = new TelegramFake()
  telegram.chats.set('4712', { type: 'private' })
  const teams = new TeamsWorkflowFake()
  const discord = new DiscordFake()
  const open = async (fake: { readonly answer: SlackFake['answer'] }) => servers.open(fake.answer)
  const [slackAt, telegramAt, teamsAt, discordAt] = [
    await open(slack),
    await open(telegram),
    await open(teams),
    await open(discord),
  ]
  const channel = (name: string, config: object, namespace?: string) =>
    doc('Channel', name, { type: name, config, events: { 'callboard.*': false } }, namespace)
  const hook = `https://discord.com/api/v10/webhooks/${discord.id}/${discord.token}`
  const flow = `https://prod-01.westeurope.logic.azure.com${teams.path}`
  const world = await NotifyingWorld.start(
    () => ({
      'slack.yaml': channel('slack', { botToken: slack.token, baseUrl: slackAt.url }),
      'telegram.yaml': channel('telegram', { botToken: telegram.token, baseUrl: telegramAt.url }),
      'teams.yaml': channel('teams', { webhookUrl: flow, baseUrl: teamsAt.url }),
      // Of a namespace that has nothing to do with it.
      'discord.yaml': channel('discord', { webhookUrl: hook, baseUrl: discordAt.url }, 'bank'),
      'ann.yaml': user('ann', { role: 'admin' }),
      'ben.yaml': user('ben', { locale: 'de-AT' }),
      'cid.yaml': user('cid', { namespaces: ['bank'] }),
      'ann-slack.yaml': bound('ann', 'slack'),
      'ben-slack.yaml': bound('ben', 'slack'),
      'cid-slack.yaml': bound('cid', 'slack'),
      'ben-telegram.yaml': bound('ben', 'telegram', { recipient: { chatId: '4712' } }),
      'type.yaml': eventType,
      'de.yaml': german,
    }),
    undefined,
    flags,
  )
  const delivered = (count: number) =>
    eventually(
      `${count} are delivered`,
      async () => (await world.deliveries('event=run.failed&status=delivered')).length === count,
    )
  const { deliveries, reasons } = await world.accepted({ ...event, namespace: 'shop' })
  expect([deliveries, reasons]).toEqual([{ send: 4, hold: 0, suppress: 1 }, { scope: 1 }])
  await delivered(4)
  expect(new Map(slack.posted.map(({ channel: to, text }) => [to, text]))).toEqual(
    new Map([
      ['DU0ANN', 'Run 42 failed'],
      ['DU0BEN', 'Lauf 42 fehlgeschlagen'],
    ]),
  )
  expect(telegram.sent).toMatchObject([{ chat_id: '4712', text: expect.stringContaining('Lauf 42 fehlgeschlagen') }])
  expect(teams.posted).toHaveLength(1)
  expect(JSON.stringify(teams.posted)).toContain('Run 42 failed')
  expect(discord.posted).toEqual([])
  // What was found out is not asked for again.
  await world.accepted({ ...event, namespace: 'shop' })
  await delivered(8)
  const asked = slackAt.received.map(({ url }) => /^\/api\/([\w.]+)/.exec(url)?.[1])
  expect(asked.filter((method) => method === 'users.lookupByEmail')).toHaveLength(2)
  expect(asked.filter((method) => method === 'chat.postMessage')).toHaveLength(4)
})

it('Retry-After keeps the whole channel waiting, no other channel, and is no failure', async () => {
  const [limited, free] = [new SlackFake(), new SlackFake()]
  for (const fake of [limited, free]) fake.channels.add('C1')
  const [limitedAt, freeAt] = [await servers.open(limited.answer), await servers.open(free.answer)]
  const channel = (name: string, fake: SlackFake, baseUrl: string) =>
    doc('Channel', name, { type: 'slack', config: { botToken: fake.token, channel: 'C1', baseUrl } })
  const world = await NotifyingWorld.start(
    () => ({
      'limited.yaml': channel('limited', limited, limitedAt.url),
      'free.yaml': channel('free', free, freeAt.url),
      'type.yaml': eventType,
    }),
    undefined,
    flags,
  )
  const toLimited = (receipt: Awaited<ReturnType<typeof world.accepted>>) =>
    receipt.decisions.find(({ channel: name }) => name === 'limited')?.delivery as string
  limited.next.push(ratelimited(2))
  const first = toLimited(await world.accepted(event))
  await eventually('it was refused once', async () => (await world.delivery(first)).attempts.length > 0)
  const second = toLimited(await world.accepted(event))
  await eventually('the other channel has both', () => free.posted.length === 2)
  const { attempts, attemptsUsed } = await world.ended(first, 'delivered')
  expect(attempts).toMatchObject([{ class: 'rate_limited', counts: false }, { ok: true }])
  expect(attemptsUsed).toBe(1)
  // Neither of them asked before that.
  const began = (one: { readonly time: string } | undefined) => Date.parse(one?.time ?? '')
  const its = (await world.ended(second, 'delivered')).attempts
  for (const one of [attempts[1], its[0]]) expect(began(one) - began(attempts[0])).toBeGreaterThanOrEqual(2000)
  expect(limited.posted).toHaveLength(2)
})

it('a vendor that no longer knows the credential ends the channel, and the others are told', async () => {
  const slack = new SlackFake()
  slack.channels.add('C1')
  const teams = new TeamsWorkflowFake()
  const [slackAt, teamsAt] = [await servers.open(slack.answer), await servers.open(teams.answer)]
  const config = { botToken: 'xoxb-revoked', channel: 'C1', baseUrl: slackAt.url }
  const flow = `https://teams.example.com${teams.path}`
  const world = await NotifyingWorld.start(
    () => ({
      'slack.yaml': doc('Channel', 'slack', { type: 'slack', config }),
      'teams.yaml': doc('Channel', 'teams', { type: 'teams', config: { webhookUrl: flow, baseUrl: teamsAt.url } }),
      'type.yaml': eventType,
    }),
    undefined,
    flags,
  )
  const toSlack = async () => {
    const { decisions } = await world.accepted(event)
    return decisions.find(({ channel }) => channel === 'slack')?.delivery as string
  }
  const id = await toSlack()
  expect(await world.ended(id, 'dead_letter')).toMatchObject({ reason: 'auth', attemptsMade: 1 })
  expect(await world.condition('Channel', 'slack', 'Usable')).toMatchObject({
    status: 'False',
    message: expect.stringContaining('invalid_auth'),
  })
  await eventually('the room is told', () => JSON.stringify(teams.posted).includes('Channel disabled: slack'))
  expect(JSON.stringify(await world.delivery(id))).not.toContain('xoxb-revoked')
  // With another token it is tried again, by what has waited.
  const waiting = await toSlack()
  await eventually('it waits', async () => (await world.delivery(waiting)).held?.reason === 'channel_disabled')
  const mended = doc('Channel', 'slack', { type: 'slack', config: { ...config, botToken: slack.token } })
  world.running.folder.replace('slack.yaml', mended)
  await world.ended(waiting, 'delivered')
  expect(slack.posted.map(({ text }) => text)).toContain('Run 42 failed')
})
