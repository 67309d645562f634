import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { telegram } from '../../../src/dispatcher/channels/telegram.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { type Chat, flood, refuse, TelegramFake } from './fakes/telegram.js'
import { addressBook, jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const botToken = '123456789:s3cretABCDEF-_0123456789'
const group = '-1001234567890'
const config = (baseUrl: string) => ({ botToken, chatId: group, baseUrl })

type Chats = Readonly<Record<string, Chat>>

function fake(chats: Chats = {}): TelegramFake {
  const telegram = new TelegramFake(botToken)
  for (const [id, chat] of Object.entries({ [group]: { type: 'supergroup' as const }, ...chats })) {
    telegram.chats.set(id, chat)
  }
  return telegram
}

async function open(bot = fake(), ...next: Answering[]) {
  bot.next.push(...next)
  const { url, received } = await vendor.open(bot.answer)
  return { bot, url, received }
}

describeChannel({ type: telegram, config, accepts: fake().answer })

describe('telegram', () => {
  it('posts the message as HTML, to the method of the token', async () => {
    const { url, received, bot } = await open()
    expect(await vendor.send(telegram, { ...config(url), threadId: 7, silent: true })).toMatchObject({
      ok: true,
      status: 200,
    })
    expect(received[0]).toMatchObject({ method: 'POST', url: `/bot${botToken}/sendMessage` })
    expect(received[0]?.headers['content-type']).toBe('application/json')
    expect(String(received[0]?.body)).toBe(
      JSON.stringify({
        chat_id: group,
        message_thread_id: 7,
        disable_notification: true,
        link_preview_options: { is_disabled: true },
        text: '🔴 <b>Run 42 failed</b>\n\n2 of 14 tests failed\n\n<b>Severity:</b> error\n<b>Service:</b> checkout\n\n<a href="https://ci.example/runs/42">Open</a>',
        parse_mode: 'HTML',
      }),
    )
    expect(bot.sent).toHaveLength(1)
  })

  it.each([
    ['plain', { text: 'T\n<b>x</b> & _y_\nhttps://ci.example/runs/42' }],
    ['native', { text: '<b>x</b> & _y_', parse_mode: 'HTML' }],
  ] as const)('posts the %s form', async (format, want) => {
    const { url, received } = await open()
    await vendor.send(telegram, config(url), { message: { ...message, title: 'T', body: '<b>x</b> & _y_', format } })
    expect(jsonOf(received)).toEqual({ chat_id: group, link_preview_options: { is_disabled: true }, ...want })
  })

  it('sends native text in the markup that is declared', async () => {
    const { url, bot } = await open()
    const native = { ...message, body: '*bold* and done\\.', format: 'native' as const }
    await vendor.send(telegram, { ...config(url), parseMode: 'MarkdownV2' }, { message: native })
    expect(bot.sent).toEqual([{ chat_id: group, text: '*bold* and done\\.', parse_mode: 'MarkdownV2' }])
  })

  it('sends markup that Telegram cannot read once more, as plain text', async () => {
    const { url, bot, received } = await open()
    const native = { ...message, body: '<div>3 < 4</div>', format: 'native' as const }
    expect(await vendor.send(telegram, config(url), { message: native })).toMatchObject({ ok: true })
    expect(received).toHaveLength(2)
    expect(bot.sent).toEqual([{ chat_id: group, text: '<div>3 < 4</div>' }])
  })

  it('sends native text that is too long once more, cut and plain', async () => {
    const { url, bot, received } = await open()
    for (const body of ['x'.repeat(5000), 'x'.repeat(40_000)]) {
      await vendor.send(telegram, config(url), { message: { ...message, body, format: 'native' } })
    }
    expect(received).toHaveLength(4)
    expect(bot.sent.map(({ text }) => text)).toEqual([`${'x'.repeat(4095)}…`, `${'x'.repeat(4095)}…`])
  })

  it('gives up when the plain text is refused as well', async () => {
    const unreadable: Answering = (_, res) => refuse(res, 400, "Bad Request: can't parse entities: no")
    const { url, received } = await open(fake(), unreadable, unreadable)
    expect(await vendor.send(telegram, config(url))).toMatchObject({ ok: false, class: 'rejected', status: 400 })
    expect(received).toHaveLength(2)
  })

  it('is taken by Telegram whatever the text holds and however long it is', async () => {
    const { url, bot } = await open()
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('<b>', '&amp', '&lt;', '<', '"', '👩‍👩‍👧', '```', '\n', 'é'),
    )
    // Written out within the property: what is reported of a failure stays short.
    const repeated = fc.tuple(fc.array(text, { maxLength: 8 }), fc.integer({ min: 1, max: 900 }))
    const long = ([parts, times]: [string[], number]) => parts.join('').repeat(times)
    await fc.assert(
      fc.asyncProperty(
        repeated,
        repeated,
        fc.constantFrom('rich' as const, 'plain' as const),
        async (title, text, format) => {
          const body = long(text)
          bot.sent.length = 0
          const labels = { long: 'x'.repeat(400), '<b>': body.slice(0, 60) }
          const event = { ...message.event, labels }
          const sent = { ...message, event, title: `T${long(title)}`, body, format }
          expect(await vendor.send(telegram, config(url), { message: sent })).toMatchObject({ ok: true })
          expect(bot.sent[0]?.parse_mode).toBe(format === 'rich' ? 'HTML' : undefined)
          expect(bot.sent[0]?.text).toContain('https://ci.example/runs/42')
        },
      ),
      { numRuns: 40 },
    )
  })

  describe('chooses the chat:', () => {
    const chats = { '1': { type: 'private' }, '2': { type: 'private' }, '3': { type: 'private' } } as const
    const own = (baseUrl: string) => ({ botToken, baseUrl })

    it('the event’s before the recipient’s before the channel’s', async () => {
      const { url, bot } = await open(fake(chats))
      await vendor.send(telegram, config(url), { recipient: { chatId: '1' } })
      await vendor.send(telegram, config(url), { recipient: { chatId: '1' }, override: { to: '2' } })
      await vendor.send(telegram, config(url))
      expect(bot.sent.map(({ chat_id }) => chat_id)).toEqual(['1', '2', group])
    })

    it('the one that was learned when the person connected', async () => {
      const { url, bot } = await open(fake(chats))
      const addresses = addressBook({ '123456789 ann@example.com': '3' })
      await vendor.send(telegram, own(url), { recipient: { email: 'ann@example.com' }, addresses })
      expect(bot.sent[0]?.chat_id).toBe('3')
    })

    it.each([{}, { email: 'bob@example.com' }])('none for who has not connected (%j)', async (recipient) => {
      const { url, received } = await open()
      const outcome = await vendor.send(telegram, own(url), { recipient })
      expect(outcome).toMatchObject({ ok: false, class: 'gone', unusable: 'recipient' })
      expect(received).toEqual([])
    })

    it('a channel without one needs it from everybody', () => {
      expect(telegram.recipients({ botToken })).toEqual(['chatId'])
      expect(telegram.recipients({ botToken, chatId: group })).toBe('channel')
    })
  })

  describe('when a group has become a supergroup', () => {
    const chats: Chats = { '-5': { type: 'group', state: { migrated: -1005 } }, '-1005': { type: 'supergroup' } }

    it('sends once more to where it is now, and remembers', async () => {
      const { url, bot, received } = await open(fake(chats))
      const addresses = addressBook()
      const moved = { ...config(url), chatId: '-5' }
      expect(await vendor.send(telegram, moved, { addresses })).toMatchObject({ ok: true })
      expect(await vendor.send(telegram, moved, { addresses })).toMatchObject({ ok: true })
      expect(received).toHaveLength(3)
      expect(bot.sent.map(({ chat_id }) => chat_id)).toEqual(['-1005', '-1005'])
      expect([...addresses.all]).toEqual([['123456789 chat:-5', '-1005']])
    })

    it('learns the new id for the person whose chat it was', async () => {
      const { url } = await open(fake(chats))
      const addresses = addressBook({ '123456789 ann@example.com': '-5' })
      const recipient = { email: 'ann@example.com' }
      await vendor.send(telegram, { botToken, baseUrl: url }, { addresses, recipient })
      expect([...addresses.all]).toEqual([['123456789 ann@example.com', '-1005']])
    })

    it('does not follow for ever', async () => {
      const circle: Chats = {
        '-5': { type: 'group', state: { migrated: -6 } },
        '-6': { type: 'group', state: { migrated: -5 } },
      }
      const { url, received } = await open(fake(circle))
      const outcome = await vendor.send(telegram, { ...config(url), chatId: '-5' })
      expect(outcome).toMatchObject({ ok: false, class: 'rejected' })
      expect(received).toHaveLength(2)
    })
  })

  it.each([
    [400, 'Bad Request: chat not found', 'gone', 'recipient'],
    [400, 'Bad Request: private chat not found', 'gone', 'recipient'],
    [400, 'Bad Request: chat_id is empty', 'gone', 'recipient'],
    [400, 'Bad Request: not enough rights to send text messages to the chat', 'gone', 'recipient'],
    [400, 'Bad Request: message text is empty', 'rejected', undefined],
    [400, 'Bad Request: unsupported parse_mode', 'rejected', undefined],
    [401, 'Unauthorized', 'auth', 'channel'],
    [401, 'Unauthorized: invalid token specified', 'auth', 'channel'],
    [403, 'Forbidden: bot was blocked by the user', 'gone', 'recipient'],
    [403, 'Forbidden: user is deactivated', 'gone', 'recipient'],
    [403, 'Forbidden: the group chat was deleted', 'gone', 'recipient'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'gone', 'recipient'],
    [403, 'Forbidden: bot was kicked from the group chat', 'gone', 'recipient'],
    [403, 'Forbidden: bot was kicked from the channel chat', 'gone', 'recipient'],
    [403, 'Forbidden: bot is not a member of the group chat', 'gone', 'recipient'],
    [403, 'Forbidden: bot is not a member of the supergroup chat', 'gone', 'recipient'],
    [403, 'Forbidden: bot is not a member of the channel chat', 'gone', 'recipient'],
    [403, "Forbidden: bot can't initiate conversation with a user", 'gone', 'recipient'],
    [404, 'Not Found', 'gone', 'channel'],
    [404, 'Not Found: method not found', 'gone', 'channel'],
    [421, 'Misdirected Request: unallowed token specified', 'auth', 'channel'],
    [500, 'Internal Server Error: restart', 'server', undefined],
    [502, 'Bad Gateway', 'server', undefined],
  ])('reads %i %s', async (code, description, kind, unusable) => {
    const answer: Answering = (_, res) => refuse(res, code, description)
    const { url } = await open(fake(), answer, answer)
    const outcome = await vendor.send(telegram, { botToken, baseUrl: url }, { recipient: { chatId: '1' } })
    expect(outcome).toMatchObject({ ok: false, class: kind, status: code })
    expect((outcome as { message: string }).message).toContain(description)
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
    // A channel with one chat has lost it altogether; a chat for one event says nothing of the channel.
    if (unusable !== 'recipient') return
    expect(await vendor.send(telegram, config(url))).toMatchObject({ unusable: 'channel' })
    const { url: other } = await open(fake(), answer)
    expect(await vendor.send(telegram, config(other), { override: { to: '1' } })).not.toHaveProperty('unusable')
  })

  it.each([
    ['the parameter', flood(35), 35_000],
    ['the header alone', ((_, res) => res.writeHead(429, { 'retry-after': '3' }).end()) as Answering, 3000],
    [
      'the parameter before the header',
      ((_, res) => refuse(res.setHeader('retry-after', '1'), 429, 'Too Many', { retry_after: 60 })) as Answering,
      60_000,
    ],
    ['nothing', ((_, res) => refuse(res, 429, 'Too Many Requests')) as Answering, undefined],
  ])('waits, for this chat alone, by %s', async (_, answer, retryAfterMs) => {
    const { url } = await open(fake(), answer)
    const outcome = await vendor.send(telegram, config(url))
    expect(outcome).toMatchObject({ ok: false, class: 'rate_limited', isNarrow: true })
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs)
  })

  it.each(['', 's3cret', '0123:abc', '12:s3cret/../x', `12:${'a'.repeat(80)}`])(
    'sends nothing with what is no token (%j)',
    async (token) => {
      const { url, received } = await open()
      const outcome = await vendor.send(telegram, { ...config(url), botToken: token })
      expect(outcome).toMatchObject({ ok: false, class: 'auth', unusable: 'channel' })
      expect(JSON.stringify(outcome)).not.toContain('s3cret')
      expect(received).toEqual([])
    },
  )

  it('hides the token where an answer repeats it, whole or in part', async () => {
    const repeat: Answering = ({ url }, res) => refuse(res, 400, `Bad Request: ${url} s3cretABCDEF-_0123456789`)
    const { url } = await open(fake(), repeat)
    const outcome = await vendor.send(telegram, config(url))
    expect(outcome).toMatchObject({ message: 'Bad Request: /bot******/sendMessage ******' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
  })

  it('says so when something else than a Bot API server answers', async () => {
    const { url } = await open(fake(), (_, res) => res.end('<html>hello</html>'))
    expect(await vendor.send(telegram, config(url))).toMatchObject({
      class: 'rejected',
      message: expect.stringContaining('baseUrl'),
    })
  })

  describe('check', () => {
    const check = async (changes: object, ...next: Answering[]) => {
      const { url, received } = await open(fake(), ...next)
      return { outcome: await telegram.check?.(vendor.contextOf({ ...config(url), ...changes })), received }
    }

    it('asks who the bot is, and posts nothing', async () => {
      const { outcome, received } = await check({ botUsername: '@Notify_Bot' })
      expect(outcome).toMatchObject({ ok: true, status: 200 })
      expect(received.map(({ url }) => url)).toEqual([`/bot${botToken}/getMe`])
    })

    it('sees that the token belongs to another bot than the one declared', async () => {
      const { outcome } = await check({ botUsername: 'other_bot' })
      expect(outcome).toMatchObject({ ok: false, class: 'rejected' })
      expect((outcome as { message: string }).message).toBe(
        'botUsername is other_bot, but the token belongs to @notify_bot',
      )
    })

    it('sees a token that is refused, and a connection that breaks', async () => {
      const { outcome } = await check({ botToken: '999:other' })
      expect(outcome).toMatchObject({ ok: false, class: 'auth', unusable: 'channel', message: 'Unauthorized' })
      const broken = await check({}, (_, __, req) => req.socket.destroy())
      expect(broken.outcome).toMatchObject({ ok: false, class: 'network' })
    })
  })
})
