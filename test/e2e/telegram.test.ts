// Connecting to a Telegram bot: from the link to the message, over restarts.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { TelegramFake } from '../dispatcher/channels/fakes/telegram.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'

async function open(fake: TelegramFake): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = req
      fake.answer({ method, url, headers, rawHeaders, body: Buffer.concat(chunks) }, res, req)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const user = (name: string) => doc('User', name, { email: `${name}@example.com` })
const binding = (name: string) => doc('UserBinding', `${name}-bot`, { user: name, channel: 'bot' })

it('somebody who follows their link is reached from then on, and nobody else is by the same link', async () => {
  const fake = new TelegramFake()
  fake.chats.set('4711', { type: 'private' })
  fake.chats.set('4712', { type: 'private' })
  const baseUrl = await open(fake)
  const bot = doc('Channel', 'bot', { type: 'telegram', config: { botToken: fake.token, baseUrl } })
  const files = { 'bot.yaml': bot, 'ann.yaml': user('ann'), 'ben.yaml': user('ben'), 'a.yaml': binding('ann') }
  const world = await NotifyingWorld.start(() => files, undefined, { network: { allow: ['127.0.0.1'] } })

  const before = await world.accepted({ type: 'deploy.failure', title: 'before' })
  expect(before).toMatchObject({ deliveries: { send: 0, suppress: 1 }, reasons: { binding_pending: 1 } })
  expect(await world.condition('UserBinding', 'ann-bot', 'Reachable')).toMatchObject({
    status: 'False',
    reason: 'Pending',
  })

  const connect = (name: string) =>
    world.running.operate('/api/v1/channels/telegram/connect', { user: name, channel: 'bot' })
  expect(await connect('ben')).toMatchObject({ status: 409, text: expect.stringContaining('declare a UserBinding') })
  expect((await connect('anne')).status).toBe(404)
  const { status, json } = await connect('ann')
  expect(status).toBe(200)
  const { url } = json as { url: string }
  const [, payload = ''] = /^https:\/\/t\.me\/notify_bot\?start=([A-Za-z0-9_-]+)$/.exec(url) ?? []
  expect(payload).not.toBe('')

  fake.start(payload, 4711)
  await eventually('she is greeted', () => fake.sent.find(({ chat_id }) => String(chat_id) === '4711'))
  // The link is used up.
  fake.start(payload, 4712)
  const refusal = await eventually('he is refused', () => fake.sent.find(({ chat_id }) => String(chat_id) === '4712'))
  expect(refusal.text).toContain('not valid')
  expect(await world.condition('UserBinding', 'ann-bot', 'Reachable')).toMatchObject({ reason: 'Connected' })

  const told = async (title: string) => {
    const { deliveries } = await world.accepted({ type: 'deploy.failure', title })
    expect(deliveries).toEqual({ send: 1, hold: 0, suppress: 0 })
    const sent = await eventually(`${title} arrives`, () => fake.sent.find(({ text }) => text.includes(title)))
    expect(String(sent.chat_id)).toBe('4711')
  }
  await told('first news')
  await world.running.restart()
  await told('second news')
  expect(fake.sent.filter(({ text }) => text.includes('before'))).toEqual([])
  await eventually('it is said to be listened to', async () => {
    fake.expire()
    return (await world.condition('Channel', 'bot', 'Connected'))?.reason === 'Polling'
  })
})

it('a person who has blocked the bot is a condition of their binding, until something arrives again', async () => {
  const fake = new TelegramFake()
  fake.chats.set('4711', { type: 'private', state: 'blocked' })
  const baseUrl = await open(fake)
  const world = await NotifyingWorld.start(
    () => ({
      'bot.yaml': doc('Channel', 'bot', {
        type: 'telegram',
        config: { botToken: fake.token, baseUrl },
        events: { 'callboard.*': false },
      }),
      'ann.yaml': user('ann'),
      'a.yaml': doc('UserBinding', 'ann-bot', { user: 'ann', channel: 'bot', recipient: { chatId: '4711' } }),
    }),
    undefined,
    { network: { allow: ['127.0.0.1'] } },
  )
  const post = async () => (await world.accepted({ type: 'deploy.failure' })).decisions[0]?.delivery as string
  await world.ended(await post(), 'dead_letter')
  const refused = await world.condition('UserBinding', 'ann-bot', 'Reachable')
  expect(refused).toMatchObject({ status: 'False', reason: 'Gone', message: expect.stringContaining('blocked') })
  expect(await world.condition('Channel', 'bot', 'Usable')).toMatchObject({ status: 'True' })
  fake.chats.set('4711', { type: 'private' })
  await world.ended(await post(), 'delivered')
  expect(await world.condition('UserBinding', 'ann-bot', 'Reachable')).toMatchObject({
    status: 'True',
    reason: 'Declared',
  })
})

it('over a webhook, what people do is posted here, and taken with the secret alone', async () => {
  const fake = new TelegramFake()
  fake.chats.set('4711', { type: 'private' })
  const baseUrl = await open(fake)
  const files = {
    'bot.yaml': doc('Channel', 'bot', { type: 'telegram', config: { botToken: fake.token, baseUrl } }),
    'ann.yaml': user('ann'),
    'a.yaml': binding('ann'),
  }
  const settings = { network: { allow: ['127.0.0.1'] }, telegram: { webhookUrl: 'https://callboard.example.com' } }
  const world = await NotifyingWorld.start(() => files, undefined, settings)
  const { url, secret_token: secret = '' } = await eventually('the webhook is set', () => fake.webhook)
  expect(url).toBe('https://callboard.example.com/api/v1/hooks/telegram/123456789')
  await eventually(
    'it is said',
    async () => (await world.condition('Channel', 'bot', 'Connected'))?.reason === 'Webhook',
  )
  const { json } = await world.running.operate('/api/v1/channels/telegram/connect', { user: 'ann', channel: 'bot' })
  const payload = new URL((json as { url: string }).url).searchParams.get('start') ?? ''
  const update = {
    update_id: 1,
    message: {
      message_id: 1,
      from: { id: 4711, is_bot: false, first_name: 'Ann' },
      chat: { id: 4711, type: 'private', first_name: 'Ann' },
      date: 1700000001,
      text: `/start ${payload}`,
    },
  }
  const post = (headers: Readonly<Record<string, string>>) =>
    ask(world.running.control + new URL(url).pathname, { body: update, headers })
  expect((await post({})).status).toBe(401)
  expect((await post({ 'x-telegram-bot-api-secret-token': 'wrong' })).status).toBe(401)
  expect(fake.sent).toEqual([])
  const taken = await post({ 'x-telegram-bot-api-secret-token': secret })
  expect([taken.status, taken.text]).toEqual([200, ''])
  await eventually('she is greeted', () => fake.sent.find(({ text }) => text.includes('You are connected')))
  const { deliveries } = await world.accepted({ type: 'deploy.failure', title: 'news' })
  expect(deliveries).toEqual({ send: 1, hold: 0, suppress: 0 })
  await eventually('it arrives', () => fake.sent.find(({ text }) => text.includes('news')))
})
