import { describe, expect, it } from 'vitest'
import type { Bot } from '../../../src/dispatcher/telegram/bot.js'
import { deleteWebhook, getMe, getUpdates, setWebhook } from '../../../src/dispatcher/telegram/methods.js'
import type { Answering } from '../../callbacks/receiver.js'
import { flood, refuse, TelegramFake } from '../channels/fakes/telegram.js'
import { jsonOf, noon, vendors } from '../channels/vendor.js'

const vendor = vendors()
const token = '123456789:s3cretABCDEF-_0123456789'
const call = { signal: new AbortController().signal, now: noon }
const window = { offset: 0, limit: 20, timeoutSeconds: 0, username: 'notify_bot' }

async function open(...next: Answering[]) {
  const fake = new TelegramFake(token)
  fake.next.push(...next)
  const { url, received } = await vendor.open(fake.answer)
  const bot: Bot = { token, baseUrl: `${url}/`, http: vendor.contextOf({}).http }
  return { fake, bot, received }
}

describe('a bot', () => {
  it('says who it is', async () => {
    const { bot } = await open()
    expect(await getMe(bot, call)).toEqual({ ok: true, value: { id: '123456789', username: 'notify_bot' } })
  })

  it('gives its updates until they are confirmed', async () => {
    const { bot, fake, received } = await open()
    fake.start('one')
    fake.start('two', 2)
    const first = await getUpdates(bot, window, call)
    expect(first).toMatchObject({
      ok: true,
      value: { updates: [{ payload: 'one' }, { payload: 'two', chat: { id: '2' } }], next: 5003 },
    })
    expect(received[0]?.url).toBe(`/bot${token}/getUpdates`)
    expect(String(received[0]?.body)).toBe('{"offset":0,"limit":20,"timeout":0,"allowed_updates":["message"]}')
    expect(await getUpdates(bot, window, call)).toEqual(first)
    expect(await getUpdates(bot, { ...window, offset: 5002 }, call)).toMatchObject({ value: { next: 5003 } })
    expect(await getUpdates(bot, { ...window, offset: 5003 }, call)).toEqual({
      ok: true,
      value: { updates: [], next: undefined },
    })
    expect(fake.unconfirmed).toEqual([])
  })

  it('says so when more came than is read, and which is the first of it', async () => {
    const { bot, fake } = await open()
    fake.push({ message: { text: 'x'.repeat(70_000) } })
    expect(await getUpdates(bot, window, call)).toEqual({ ok: true, value: { tooLong: true, first: 5001 } })
  })

  it('has its updates posted, and no longer', async () => {
    const { bot, fake, received } = await open()
    const settings = { url: 'https://hooks.example/telegram', secretToken: 'abc_-1' }
    expect(await setWebhook(bot, settings, call)).toEqual({ ok: true, value: 'Webhook was set' })
    expect(jsonOf(received)).toEqual({
      url: 'https://hooks.example/telegram',
      secret_token: 'abc_-1',
      allowed_updates: ['message'],
    })
    expect(await setWebhook(bot, settings, call)).toEqual({ ok: true, value: 'Webhook is already set' })
    expect(await getUpdates(bot, window, call)).toMatchObject({
      ok: false,
      reason: 'PollerConflict',
      message: expect.stringMatching(/webhook is active.*delete the webhook\)$/),
    })
    fake.start('kept')
    expect(await deleteWebhook(bot, call)).toEqual({ ok: true, value: 'Webhook was deleted' })
    expect(await deleteWebhook(bot, call)).toEqual({ ok: true, value: 'Webhook is already deleted' })
    expect(await getUpdates(bot, window, call)).toMatchObject({ value: { updates: [{ payload: 'kept' }] } })
  })

  it.each([
    ['http://hooks.example', 'abc', 'invalid webhook URL specified'],
    ['https://hooks.example', 'x'.repeat(257), 'secret token is too long'],
    ['https://hooks.example', 'not allowed!', 'secret token contains unallowed characters'],
  ])('does not have them posted to %s with %j', async (url, secretToken, problem) => {
    const { bot } = await open()
    expect(await setWebhook(bot, { url, secretToken }, call)).toEqual({
      ok: false,
      reason: 'Refused',
      message: `setWebhook: Bad Request: ${problem}`,
    })
  })

  const other = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'

  it.each<[string, Answering, object]>([
    [
      'a token',
      (_, res) => refuse(res, 401, 'Unauthorized'),
      { reason: 'TokenRefused', message: 'getUpdates: Unauthorized' },
    ],
    ['a path', (_, res) => refuse(res, 404, 'Not Found'), { reason: 'TokenRefused' }],
    ['a server of its own', (_, res) => refuse(res, 421, 'Misdirected Request'), { reason: 'TokenRefused' }],
    [
      'another program',
      (_, res) => refuse(res, 409, other),
      { reason: 'PollerConflict', message: expect.stringContaining('another program reads the updates') },
    ],
    [
      'a webhook just set',
      (_, res) => refuse(res, 409, 'Conflict: terminated by setWebhook request'),
      { reason: 'PollerConflict', message: expect.stringContaining('has just set a webhook') },
    ],
    ['a flood', flood(7), { reason: 'RateLimited', retryAfterMs: 7000 }],
    ['an outage', (_, res) => res.writeHead(502).end('<html>'), { reason: 'Unavailable' }],
    ['a broken connection', (_, __, req) => req.socket.destroy(), { reason: 'Unavailable' }],
    [
      'an error',
      (_, res) => refuse(res, 400, 'Bad Request: x'),
      { reason: 'Refused', message: 'getUpdates: Bad Request: x' },
    ],
    ['a web page', (_, res) => res.end('<html>'), { reason: 'Refused', message: expect.stringContaining('baseUrl') }],
    ['a result of another kind', (_, res) => res.end('{"ok":true,"result":{}}'), { reason: 'Refused' }],
    ['the token, repeated', ({ url }, res) => refuse(res, 400, url), { message: 'getUpdates: /bot******/getUpdates' }],
  ])('fails by %s', async (_, answer, want) => {
    const { bot } = await open(answer)
    const result = await getUpdates(bot, window, call)
    expect(result).toMatchObject({ ok: false, ...want })
    expect(JSON.stringify(result)).not.toContain('s3cret')
  })

  it('is kept from where it may not go', async () => {
    const { bot } = await open()
    expect(await getMe({ ...bot, baseUrl: 'http://10.0.0.1' }, call)).toMatchObject({ ok: false, reason: 'Blocked' })
  })

  it('is asked no longer when the signal is aborted', async () => {
    const { bot, fake } = await open()
    const controller = new AbortController()
    fake.onWaiting = () => controller.abort(new Error('enough'))
    const asked = getUpdates(bot, { ...window, timeoutSeconds: 50 }, { ...call, signal: controller.signal })
    await expect(asked).rejects.toThrow('enough')
  })
})
