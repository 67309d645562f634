// Bots from their declaration to the message: who listens to them, how, and what is kept of whom they know.

import { describe, expect, it } from 'vitest'
import { resourceId } from '../src/resources/resource.js'
import { receivers } from './callbacks/receiver.js'
import { refuse, TelegramFake } from './dispatcher/channels/fakes/telegram.js'
import { DispatchingWorld, type DispatchingWorldOptions } from './dispatching-world.js'
import { eventually } from './e2e/eventually.js'
import { declared } from './resources/kinds/declared.js'

const { open } = receivers()
const day = 24 * 3600_000
const channel = resourceId('Channel', '', 'bot')
const user = declared('User', 'ann', { email: 'ann@example.com' })
const binding = declared('UserBinding', 'ann-bot', { user: 'ann', channel: 'bot' })
const ping = declared('EventType', 'ping', { sample: {} })
const webhookUrl = 'https://callboard.example.com/below/'

async function world(options: DispatchingWorldOptions = {}, prepare: (fake: TelegramFake) => void = () => {}) {
  const fake = new TelegramFake()
  fake.chats.set('4711', { type: 'private' })
  prepare(fake)
  const { url, received } = await open(fake.answer)
  const bot = declared('Channel', 'bot', { type: 'telegram', config: { botToken: fake.token, baseUrl: url } })
  const files = { 'bot.yaml': bot, 'user.yaml': user, 'binding.yaml': binding, 'ping.yaml': ping }
  const started = await DispatchingWorld.start(files, options)
  const { clock } = started
  const state = () => started.dispatching.bots.stateOf(channel)
  /** Lets time pass, as long as nothing has come of it. */
  const comes = (reason: string) =>
    eventually(`it is ${reason}`, async () => state()?.reason === reason && state(), { found: state })
  const link = async () => {
    const { applied, bots } = started.dispatching
    const [to, who] = [applied.find(channel), applied.find(resourceId('User', '', 'ann'))]
    if (to === undefined || who === undefined) throw new Error('nobody is declared')
    const { url: address } = await bots.connect(to, who)
    return new URL(address).searchParams.get('start') ?? ''
  }
  const greeted = (count = 1) => eventually('they are greeted', () => fake.sent.length >= count && fake.sent)
  return { fake, started, clock, files, received, state, comes, link, greeted }
}

const start = (updateId: number, payload: string, chat = 4711) =>
  JSON.stringify({
    update_id: updateId,
    message: {
      message_id: 1,
      from: { id: chat, is_bot: false, first_name: 'Ann' },
      chat: { id: chat, type: 'private', first_name: 'Ann' },
      date: 1700000001,
      text: `/start ${payload}`,
    },
  })

describe('over a webhook,', () => {
  const settings = { telegram: { webhookUrl } }

  it('a bot is told where to post, with a secret, and reaches who has followed a link', async () => {
    const { fake, started, comes, link, greeted } = await world({ settings })
    await comes('Webhook')
    expect(fake.webhook).toEqual({
      url: 'https://callboard.example.com/below/api/v1/hooks/telegram/123456789',
      secret_token: expect.stringMatching(/^[A-Za-z0-9_-]{32,}$/),
    })
    const { bots } = started.dispatching
    const secret = fake.webhook?.secret_token
    const payload = await link()
    for (const wrong of [undefined, '', `${secret}x`, secret?.toUpperCase()]) {
      expect(await bots.receive('123456789', wrong, start(1, payload))).toBe(401)
    }
    expect(await bots.receive('999', secret, start(1, payload))).toBe(404)
    expect(await bots.receive('123456789', secret, 'no JSON')).toBe(400)
    expect(fake.sent).toEqual([])
    const [pending = ''] = await started.post('ping')
    expect(started.find(pending).state).toMatchObject({ status: 'suppressed', reason: 'binding_pending' })

    expect(await bots.receive('123456789', secret, start(1, payload))).toBe(200)
    expect(await greeted()).toMatchObject([{ chat_id: '4711', text: expect.stringContaining('You are connected') }])
    const [id = ''] = await started.post('ping', { title: 'news' })
    await started.until(id, 'delivered')
    expect(fake.sent.at(-1)).toMatchObject({ chat_id: '4711', text: expect.stringContaining('news') })
  })

  it('keeps its secret over a restart, and a link is good once', async () => {
    const { fake, started, comes, link, greeted } = await world({ settings })
    await comes('Webhook')
    const { webhook } = fake
    const payload = await link()
    await started.stop()
    fake.webhook = undefined
    await started.begin()
    await comes('Webhook')
    expect(fake.webhook).toEqual(webhook)
    fake.chats.set('4712', { type: 'private' })
    await started.dispatching.bots.receive('123456789', webhook?.secret_token, start(1, payload))
    await started.dispatching.bots.receive('123456789', webhook?.secret_token, start(2, payload, 4712))
    const sent = await greeted(2)
    expect(Object.fromEntries(sent.map(({ chat_id, text }) => [chat_id, text]))).toEqual({
      '4711': expect.stringContaining('You are connected'),
      '4712': expect.stringContaining('not valid'),
    })
  })

  it('tries again, and says why, while Telegram does not take it', async () => {
    const { comes, clock } = await world({ settings }, (fake) => {
      fake.next.push((_, res) => refuse(res, 400, 'Bad Request: invalid webhook URL specified'))
      fake.next.push((_, res) => refuse(res, 429, 'Too Many Requests: retry after 1', { retry_after: 1 }))
    })
    expect(await comes('Refused')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('invalid webhook'),
    })
    await clock.pass(5_000)
    await comes('RateLimited')
    await clock.pass(10_000)
    await comes('Webhook')
  })

  it('gives its webhook up where it is polled from then on, however often that is refused', async () => {
    const { fake, started, comes, clock } = await world({ settings })
    await comes('Webhook')
    await started.stop()
    fake.next.push((_, res) => res.writeHead(502).end())
    started.change({ telegram: {} })
    await started.begin()
    expect(await comes('Unavailable')).toMatchObject({ message: expect.stringContaining('deleteWebhook') })
    await clock.pass(10_000)
    await eventually('it is deleted', () => fake.webhook === undefined)
    fake.start('nothing', 4711)
    await comes('Polling')
  })
})

describe('by polling,', () => {
  it('a bot is left alone while another process has the lease, and taken over after it', async () => {
    let isOurs = false
    const { fake, received, comes, clock } = await world({ lease: async () => isOurs })
    expect(await comes('Elsewhere')).toMatchObject({ status: 'False' })
    await clock.pass(60_000)
    expect(received).toEqual([])
    isOurs = true
    await clock.pass(30_000)
    await eventually('it is asked', () => received.length > 0)
    fake.expire()
    await comes('Polling')
    isOurs = false
    await clock.pass(20_000)
    expect(await comes('Elsewhere')).toMatchObject({ message: 'another process listens to this bot' })
    const asked = received.length
    await clock.pass(29_000)
    expect(received).toHaveLength(asked)
  })

  it('a foreign poller is a conflict, until it is gone', async () => {
    const { fake, received, comes, clock } = await world()
    await eventually('it is asked', () => received.length > 0)
    fake.expire()
    await comes('Polling')
    await eventually('it is asked again', () => received.length > 1)
    fake.intrude()
    expect(await comes('PollerConflict')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('another program reads the updates of this bot'),
    })
    await clock.pass(5_000)
    await eventually('it is asked again', () => received.length > 2)
    fake.expire()
    await comes('Polling')
  })

  it('a group that becomes a supergroup takes its people along', async () => {
    const { fake, started, received, link, greeted } = await world({}, (fake) => {
      fake.chats.set('-5', { type: 'group' })
      fake.chats.set('-1005', { type: 'supergroup' })
    })
    await eventually('it is asked', () => received.length > 0)
    const payload = await link()
    fake.push({
      message: {
        message_id: 1,
        from: { id: 9, is_bot: false, first_name: 'Ann' },
        chat: { id: -5, type: 'group', title: 'Us' },
        date: 1,
        text: `/start@notify_bot ${payload}`,
      },
    })
    await greeted()
    fake.chats.set('-5', { type: 'group', state: { migrated: -1005 } })
    fake.push({
      message: { message_id: 2, chat: { id: -5, type: 'group', title: 'Us' }, date: 2, migrate_to_chat_id: -1005 },
    })
    await eventually(
      'it is known',
      () => started.dispatching.addresses.look('123456789', 'ann@example.com') === '-1005',
    )
    const [id = ''] = await started.post('ping', { title: 'news' })
    await started.until(id, 'delivered')
    expect(fake.sent.at(-1)).toMatchObject({ chat_id: '-1005', text: expect.stringContaining('news') })
  })
})

describe('what was learned', () => {
  async function connected() {
    const all = await world({ settings: { telegram: { webhookUrl } } })
    await all.comes('Webhook')
    const payload = await all.link()
    await all.started.dispatching.bots.receive('123456789', all.fake.webhook?.secret_token, start(1, payload))
    await all.greeted()
    const kept = () => [...all.started.store.list('address/')].length
    const reaches = async () => {
      const [id = ''] = await all.started.post('ping')
      return all.started.find(id).state.reason ?? 'sent'
    }
    return { ...all, kept, reaches }
  }

  it.each([['bot.yaml'], ['user.yaml'], ['binding.yaml']])(
    'is kept for 30 days without %s, and good again after that',
    async (pruned) => {
      const { started, clock, files, kept, reaches } = await connected()
      const { [pruned as keyof typeof files]: _, ...left } = files
      const without = pruned === 'binding.yaml' ? left : { ...left, 'binding.yaml': ping }
      if (pruned !== 'binding.yaml') delete (without as Record<string, string>)['ping.yaml']
      await started.apply(without)
      clock.jump(30 * day - 1000)
      await started.apply(files)
      expect([kept(), await reaches()]).toEqual([1, 'sent'])
    },
  )

  it.each([
    ['the process goes on', async ({ started }: { started: DispatchingWorld }) => void (await started.clock.pass(day))],
    [
      'it is started again',
      async ({ started }: { started: DispatchingWorld }) => {
        await started.stop()
        await started.begin()
      },
    ],
  ])('is gone after 30 days, when %s', async (_, goOn) => {
    const { started, clock, files, kept, reaches } = await connected()
    const { 'binding.yaml': __, ...without } = files
    await started.apply(without)
    expect(kept()).toBe(1)
    clock.jump(30 * day + 1)
    await goOn({ started })
    expect(kept()).toBe(0)
    await started.apply(files)
    expect(await reaches()).toBe('binding_pending')
  })

  it('is of no use after 30 days, even before it is gone', async () => {
    const { started, clock, files, reaches } = await connected()
    const { 'binding.yaml': _, ...without } = files
    await started.apply(without)
    clock.jump(30 * day + 1)
    await started.apply(files)
    expect(await reaches()).toBe('binding_pending')
  })
})
