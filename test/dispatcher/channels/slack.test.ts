import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slack } from '../../../src/dispatcher/channels/slack.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { ratelimited, SlackFake, SlackWebhookFake, word } from './fakes/slack.js'
import { addressBook, jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const botToken = 'xoxb-1-2-s3cret'
const toChannel = (baseUrl: string) => ({ botToken, channel: 'C1', baseUrl })
const toPeople = (baseUrl: string) => ({ botToken, baseUrl })
const ann = { email: 'ann+x@example.com' }

function workspace(): SlackFake {
  const fake = new SlackFake(botToken)
  fake.channels.add('C1')
  fake.users.set(ann.email, 'U1')
  return fake
}

async function open(fake = workspace(), ...next: Answering[]) {
  fake.next.push(...next)
  const { url, received } = await vendor.open(fake.answer)
  return { fake, url, received, paths: () => received.map((request) => request.url) }
}

const card = {
  text: 'Run 42 failed',
  blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Run 42 failed', emoji: false } }],
  attachments: [
    {
      color: '#d93025',
      blocks: [
        { type: 'section', text: { type: 'plain_text', text: '2 of 14 tests failed', emoji: false } },
        {
          type: 'section',
          fields: [
            { type: 'plain_text', text: 'Severity\nerror', emoji: false },
            { type: 'plain_text', text: 'Service\ncheckout', emoji: false },
          ],
        },
        { type: 'context', elements: [{ type: 'mrkdwn', text: '<https://ci.example/runs/42|Open>' }] },
      ],
    },
  ],
  unfurl_links: false,
  unfurl_media: false,
}

describe('with a channel,', () => {
  describeChannel({ type: slack, config: toChannel, accepts: workspace().answer })
})

describe('with people,', () => {
  describeChannel({ type: slack, config: toPeople, recipient: ann, accepts: workspace().answer })
})

describe('with a webhook,', () => {
  describeChannel({
    type: slack,
    config: (url) => ({ webhookUrl: `${url}/services/T000/B000/s3cretXXXXXXXXXXXXXXXX` }),
    accepts: new SlackWebhookFake().answer,
  })
})

describe('slack by a bot', () => {
  it('posts blocks to the channel, with the token in the header', async () => {
    const { url, received } = await open()
    expect(await vendor.send(slack, toChannel(url))).toMatchObject({ ok: true, status: 200 })
    expect(received[0]).toMatchObject({ method: 'POST', url: '/api/chat.postMessage' })
    expect(received[0]?.headers).toMatchObject({
      authorization: `Bearer ${botToken}`,
      'content-type': 'application/json; charset=utf-8',
    })
    expect(String(received[0]?.body)).toBe(JSON.stringify({ channel: 'C1', ...card }))
  })

  it.each(['', '/', '/api', '/api/'])('takes a base that ends in "%s"', async (end) => {
    const { url, paths } = await open()
    expect(await vendor.send(slack, toChannel(url + end))).toMatchObject({ ok: true })
    expect(paths()).toEqual(['/api/chat.postMessage'])
  })

  it.each([
    ['plain', { text: 'T\n*x* &lt;!channel&gt; &amp;\nhttps://ci.example/runs/42', mrkdwn: false }],
    ['native', { text: '*x* <!channel> &' }],
  ] as const)('posts the %s form', async (format, want) => {
    const { url, received } = await open()
    const sent = { ...message, title: 'T', body: '*x* <!channel> &', format }
    await vendor.send(slack, toChannel(url), { message: sent })
    expect(jsonOf(received)).toEqual({ channel: 'C1', ...want, unfurl_links: false, unfurl_media: false })
  })

  it('keeps a link from ending early', async () => {
    const { url, received } = await open()
    await vendor.send(slack, toChannel(url), { message: { ...message, link: 'https://ci.example/?a=1&b=<x>|y' } })
    const { attachments } = jsonOf(received) as { attachments: [{ blocks: { elements?: unknown }[] }] }
    expect(attachments[0].blocks.at(-1)?.elements).toEqual([
      { type: 'mrkdwn', text: '<https://ci.example/?a=1&amp;b=%3Cx%3E%7Cy|Open>' },
    ])
  })

  it('is taken by Slack whatever the text holds and however long it is', async () => {
    const { url } = await open()
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('&', '<!here>', '```', '\n', '👩‍👩‍👧', 'é'),
    )
    // Written out within the property: what is reported of a failure stays short.
    const repeated = fc.tuple(fc.array(text, { maxLength: 8 }), fc.integer({ min: 1, max: 1500 }))
    const long = ([parts, times]: [string[], number]) => parts.join('').repeat(times)
    const form = fc.constantFrom('rich' as const, 'plain' as const, 'native' as const)
    await fc.assert(
      fc.asyncProperty(
        repeated,
        repeated,
        form,
        fc.integer({ min: 0, max: 64 }),
        async (title, text, format, count) => {
          const body = long(text).trim()
          const labels = Object.fromEntries(
            Array.from({ length: count }, (_, at) => [`label-${at}`, body.slice(0, 4000)]),
          )
          const event = { ...message.event, labels }
          const sent = { ...message, event, title: `T${long(title)}`, body, format }
          expect(await vendor.send(slack, toChannel(url), { message: sent })).toMatchObject({ ok: true })
        },
      ),
      { numRuns: 30 },
    )
  })

  it("posts to the event's own channel where one is declared, which says nothing of the others", async () => {
    const { url, fake, received } = await open()
    fake.channels.add('C2')
    await vendor.send(slack, toChannel(url), { override: { channel: 'C2' } })
    expect(jsonOf(received)).toMatchObject({ channel: 'C2' })
    const outcome = await vendor.send(slack, toChannel(url), { override: { channel: 'nowhere' } })
    expect(outcome).toMatchObject({ ok: false, class: 'gone', message: 'chat.postMessage: channel_not_found' })
    expect(outcome).not.toHaveProperty('unusable')
  })

  describe('what ends something', () => {
    it('is an answer to what it ends', async () => {
      const { url, fake } = await open()
      const first = await vendor.send(slack, toChannel(url))
      expect(first).toMatchObject({ ok: true, thread: 'C1 1700000001.000001' })
      const thread = first.thread as string
      expect(await vendor.send(slack, toChannel(url), { thread })).toMatchObject({ ok: true })
      expect(fake.posted.map(({ channel, thread_ts }) => [channel, thread_ts])).toEqual([
        ['C1', undefined],
        ['C1', '1700000001.000001'],
      ])
    })

    it('stands by itself where that is gone', async () => {
      const { url, fake } = await open()
      const sent = { thread: 'C1 1600000000.000001' }
      expect(await vendor.send(slack, toChannel(url), sent)).toMatchObject({ ok: true })
      expect(fake.posted).toMatchObject([{ channel: 'C1', text: 'Run 42 failed' }])
      expect(fake.posted[0]).not.toHaveProperty('thread_ts')
    })

    it('waits like all else when Slack asks for that', async () => {
      const { url, fake } = await open(workspace(), ratelimited(3))
      const outcome = await vendor.send(slack, toChannel(url), { thread: 'C1 1700000001.000001' })
      expect([outcome, fake.posted]).toMatchObject([{ ok: false, class: 'rate_limited', retryAfterMs: 3000 }, []])
    })
  })

  describe('to a person', () => {
    const lookup = '/api/users.lookupByEmail?email=ann%2Bx%40example.com'

    it('looks the address up, opens the conversation, and remembers it', async () => {
      const { url, received, paths } = await open()
      const addresses = addressBook()
      const sent = { recipient: ann, addresses }
      expect(await vendor.send(slack, toPeople(url), sent)).toMatchObject({ ok: true })
      expect(await vendor.send(slack, toPeople(url), sent)).toMatchObject({ ok: true })
      expect(paths()).toEqual([lookup, '/api/conversations.open', '/api/chat.postMessage', '/api/chat.postMessage'])
      expect(received[0]).toMatchObject({ method: 'GET', headers: { authorization: `Bearer ${botToken}` } })
      expect(jsonOf(received, 1)).toEqual({ users: 'U1' })
      expect(jsonOf(received, 3)).toEqual({ channel: 'DU1', ...card })
      expect([...addresses.all.values()]).toEqual(['DU1'])
      expect(JSON.stringify([...addresses.all])).not.toContain('s3cret')
    })

    it('looks nothing up for a user id', async () => {
      const { url, paths } = await open()
      await vendor.send(slack, toPeople(url), { recipient: { userId: 'U1', email: 'else@example.com' } })
      expect(paths()).toEqual(['/api/conversations.open', '/api/chat.postMessage'])
    })

    it('looks up anew when what it remembers is gone', async () => {
      const { url, fake, paths } = await open()
      const addresses = addressBook()
      await vendor.send(slack, toPeople(url), { recipient: ann, addresses })
      fake.channels.clear()
      fake.users.set(ann.email, 'U2')
      expect(await vendor.send(slack, toPeople(url), { recipient: ann, addresses })).toMatchObject({ ok: true })
      expect(fake.posted.map(({ channel }) => channel)).toEqual(['DU1', 'DU2'])
      expect(paths().slice(3)).toEqual([
        '/api/chat.postMessage',
        lookup,
        '/api/conversations.open',
        '/api/chat.postMessage',
      ])
      expect([...addresses.all.values()]).toEqual(['DU2'])
    })

    it('forgets an address for good when nobody has it any more', async () => {
      const { url, fake } = await open()
      const addresses = addressBook()
      await vendor.send(slack, toPeople(url), { recipient: ann, addresses })
      fake.channels.clear()
      fake.users.clear()
      expect(await vendor.send(slack, toPeople(url), { recipient: ann, addresses })).toMatchObject({
        ok: false,
        class: 'gone',
        unusable: 'recipient',
        message: 'users.lookupByEmail: users_not_found',
      })
      expect(addresses.all.size).toBe(0)
    })

    it('keeps what it remembers over other failures', async () => {
      const { url, fake } = await open()
      const addresses = addressBook()
      await vendor.send(slack, toPeople(url), { recipient: ann, addresses })
      fake.next.push(ratelimited(1))
      await vendor.send(slack, toPeople(url), { recipient: ann, addresses })
      expect(addresses.all.size).toBe(1)
    })

    it('writes to the user itself where the app may not open conversations', async () => {
      const { url, fake } = await open()
      fake.scopes = ['chat:write', 'users:read.email']
      expect(await vendor.send(slack, toPeople(url), { recipient: ann })).toMatchObject({ ok: true })
      expect(fake.posted[0]?.channel).toBe('U1')
    })

    it('names the scope that is missing', async () => {
      const { url, fake } = await open()
      fake.scopes = ['chat:write']
      expect(await vendor.send(slack, toPeople(url), { recipient: ann })).toMatchObject({
        class: 'auth',
        unusable: 'channel',
        message: 'users.lookupByEmail: missing_scope (add the scope users:read.email to the app and install it again)',
      })
    })

    it('does not send when nothing is known of the person, or Slack answers without an id', async () => {
      const { url, received, fake } = await open()
      expect(await vendor.send(slack, toPeople(url))).toMatchObject({ class: 'gone', unusable: 'recipient' })
      expect(received).toEqual([])
      fake.next.push((_, res) => res.end('{"ok":true}'))
      expect(await vendor.send(slack, toPeople(url), { recipient: ann })).toMatchObject({ class: 'rejected' })
      expect(fake.posted).toEqual([])
    })
  })

  const credential = `invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type
    missing_scope no_permission access_denied accesslimited app_access_restricted two_factor_setup_required
    enterprise_is_restricted method_deprecated deprecated_endpoint unknown_method is_bot`
  const recipient = `channel_not_found not_in_channel is_archived users_not_found user_not_found user_disabled
    user_not_visible restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
    ekm_access_denied messages_tab_disabled method_not_supported_for_channel_type team_not_found`
  const payload = `no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format too_many_attachments
    attachment_payload_limit_exceeded metadata_too_large markdown_text_conflict cannot_reply_to_message
    restricted_action_thread_locked invalid_arg_name invalid_array_arg invalid_charset invalid_form_data
    invalid_post_type missing_post_type invalid_json json_not_object users_list_not_supplied too_many_users
    something_new`
  const passing = `service_unavailable internal_error fatal_error request_timeout team_added_to_org org_login_required`
  const cases = [
    [credential, 'auth', 'channel'],
    [recipient, 'gone', 'recipient'],
    [payload, 'rejected', undefined],
    [passing, 'server', undefined],
    ['ratelimited rate_limited message_limit_exceeded', 'rate_limited', undefined],
  ] as const

  it.each(
    cases.flatMap(([words, kind, unusable]) =>
      words.split(/\s+/).map((error) => [error, kind, unusable ?? 'nothing'] as const),
    ),
  )('reads %s as %s, and leaves %s unusable', async (error, kind, unusable) => {
    const { url } = await open(
      workspace(),
      (_, res) => word(res, error),
      (_, res) => word(res, error),
    )
    const outcome = await vendor.send(slack, toPeople(url), { recipient: { userId: 'U1' } })
    if (error !== 'missing_scope') {
      expect(outcome).toMatchObject({ ok: false, class: kind, message: `conversations.open: ${error}`, status: 200 })
    }
    expect('unusable' in outcome ? outcome.unusable : 'nothing').toBe(unusable)
    const { url: other } = await open(workspace(), (_, res) => word(res, error))
    const ofChannel = await vendor.send(slack, toChannel(other))
    expect('unusable' in ofChannel ? ofChannel.unusable : 'nothing').toBe(
      unusable === 'recipient' ? 'channel' : unusable,
    )
  })

  it('says what is wrong with a block', async () => {
    const metadata = { response_metadata: { messages: ['[ERROR] must be less than 3001 characters'] } }
    const { url } = await open(workspace(), (_, res) => word(res, 'invalid_blocks', metadata))
    expect(await vendor.send(slack, toChannel(url))).toMatchObject({
      message: 'chat.postMessage: invalid_blocks ([ERROR] must be less than 3001 characters)',
    })
  })

  it.each([
    ['the header', ratelimited(30), 30_000],
    [
      'the header, whatever the word',
      ((_, res) => res.writeHead(429, { 'retry-after': '2' }).end('{"ok":false,"error":"x"}')) as Answering,
      2000,
    ],
    [
      'the header without JSON',
      ((_, res) => res.writeHead(429, { 'retry-after': '7' }).end('<html>')) as Answering,
      7000,
    ],
    ['an hour when a free workspace is full', ((_, res) => word(res, 'message_limit_exceeded')) as Answering, 3600_000],
  ])('waits by %s', async (_, answer, retryAfterMs) => {
    const { url } = await open(workspace(), answer)
    expect(await vendor.send(slack, toChannel(url))).toMatchObject({ ok: false, class: 'rate_limited', retryAfterMs })
  })

  it('takes no 200 of another server for success', async () => {
    const { url } = await open(workspace(), (_, res) => res.end('ok'))
    expect(await vendor.send(slack, toChannel(url))).toMatchObject({
      class: 'rejected',
      message: expect.stringContaining('baseUrl'),
    })
  })

  it('takes a message for delivered of which the repetition is too long to be read', async () => {
    const { url } = await open()
    const long = { ...message, body: 'é'.repeat(40_000), format: 'native' as const }
    expect(await vendor.send(slack, toChannel(url), { message: long })).toMatchObject({ ok: true, status: 200 })
    const { url: other } = await open(workspace(), (_, res) => res.end(`{"ok":false,"x":"${'é'.repeat(40_000)}"}`))
    expect(await vendor.send(slack, toChannel(other), { message: long })).toMatchObject({ ok: false })
  })

  it('hides the token where an answer repeats it', async () => {
    const { url } = await open(workspace(), ({ headers }, res) => word(res, String(headers.authorization)))
    expect(await vendor.send(slack, toChannel(url))).toMatchObject({ message: 'chat.postMessage: Bearer ******' })
  })

  describe('check', () => {
    const check = async (config: (url: string) => object, change: (fake: SlackFake) => void = () => {}) => {
      const { url, fake, paths } = await open()
      change(fake)
      return { outcome: await slack.check?.(vendor.contextOf(config(url))), paths }
    }

    it('asks who the bot is, and posts nothing', async () => {
      const { outcome, paths } = await check(toPeople)
      expect(outcome).toMatchObject({ ok: true })
      expect(paths()).toEqual(['/api/auth.test'])
    })

    it('sees the scopes that are missing for what is declared', async () => {
      const chatOnly = (fake: SlackFake) => {
        fake.scopes = ['chat:write']
      }
      expect((await check(toChannel, chatOnly)).outcome).toMatchObject({ ok: true })
      expect((await check(toPeople, chatOnly)).outcome).toMatchObject({
        ok: false,
        class: 'auth',
        message: 'the app has no scope users:read.email: add it and install the app again',
      })
    })

    it('sees a token that is refused', async () => {
      const { outcome } = await check((baseUrl) => ({ botToken: 'xoxb-other', baseUrl }))
      expect(outcome).toMatchObject({ class: 'auth', unusable: 'channel', message: 'auth.test: invalid_auth' })
    })
  })
})

describe('slack by a webhook', () => {
  const path = '/services/T000/B000/s3cretXXXXXXXXXXXXXXXX'
  const hook = async (...next: Answering[]) => {
    const fake = new SlackWebhookFake(path)
    fake.next.push(...next)
    const { url, received } = await vendor.open(fake.answer)
    return { fake, received, config: { webhookUrl: `https://hooks.slack.com${path}`, baseUrl: url } }
  }

  it('posts the same blocks to the path as it was declared', async () => {
    const { config, received } = await hook()
    expect(await vendor.send(slack, config)).toEqual({ ok: true, status: 200, response: 'ok' })
    expect(received[0]).toMatchObject({ method: 'POST', url: path })
    expect(received[0]?.headers['content-type']).toBe('application/json')
    expect(String(received[0]?.body)).toBe(JSON.stringify(card))
  })

  it('names a channel where one is declared', async () => {
    const { config, received } = await hook()
    await vendor.send(slack, { ...config, channel: '#ops' })
    await vendor.send(slack, { ...config, channel: '#ops' }, { override: { channel: '#qa' } })
    expect([jsonOf(received), jsonOf(received, 1)]).toMatchObject([{ channel: '#ops' }, { channel: '#qa' }])
  })

  it.each([
    [400, 'invalid_payload', 'rejected', undefined],
    [400, 'user_not_found', 'rejected', undefined],
    [400, 'no_text', 'rejected', undefined],
    [400, 'too_many_attachments', 'rejected', undefined],
    [400, 'invalid_blocks', 'rejected', undefined],
    [400, 'invalid_blocks_format', 'rejected', undefined],
    [400, 'missing_text_or_fallback_or_attachments', 'rejected', undefined],
    [404, 'no_active_hooks', 'gone', 'channel'],
    [429, 'rate_limited', 'rate_limited', undefined],
    [403, 'action_prohibited', 'auth', 'channel'],
    [403, 'invalid_token', 'auth', 'channel'],
    [403, 'posting_to_general_channel_denied', 'auth', 'channel'],
    [404, 'channel_not_found', 'gone', 'channel'],
    [404, 'no_service', 'gone', 'channel'],
    [404, 'no_team', 'gone', 'channel'],
    [410, 'channel_is_archived', 'gone', 'channel'],
    [500, 'rollup_error', 'server', undefined],
  ])('reads %i %s', async (status, text, kind, unusable) => {
    const { config } = await hook((_, res) => res.writeHead(status).end(text))
    const outcome = await vendor.send(slack, config)
    expect(outcome).toMatchObject({ ok: false, class: kind, status, message: `answered ${status}: ${text}` })
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it("does not give the webhook up for one event's own channel", async () => {
    const { config } = await hook((_, res) => res.writeHead(404).end('channel_not_found'))
    const outcome = await vendor.send(slack, config, { override: { channel: '#gone' } })
    expect(outcome).toMatchObject({ ok: false, class: 'gone' })
    expect(outcome).not.toHaveProperty('unusable')
  })

  it.each([
    ['the header', { 'retry-after': '3' }, 3000],
    ['the body', {}, 1500],
  ])('waits by %s', async (_, headers, retryAfterMs) => {
    const body = '{"retry_after":1.5,"ok":false,"error":"rate_limited"}'
    const { config } = await hook((_, res) => res.writeHead(429, headers as Record<string, string>).end(body))
    expect(await vendor.send(slack, config)).toMatchObject({ class: 'rate_limited', retryAfterMs })
  })

  it('hides the path where an answer repeats it, whole or in part', async () => {
    const { config } = await hook(({ url }, res) => res.writeHead(400).end(`${url} s3cretXXXXXXXXXXXXXXXX`))
    const outcome = await vendor.send(slack, config)
    expect(outcome).toMatchObject({ response: '/****** ******' })
  })

  it('says so when what is declared is no URL, without showing it', async () => {
    const outcome = await vendor.send(slack, { webhookUrl: 's3cret' })
    expect(outcome).toMatchObject({ ok: false, class: 'rejected', unusable: 'channel' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
  })

  it('checks with a text that a live webhook refuses, and posts nothing', async () => {
    const { config, fake } = await hook()
    expect(await slack.check?.(vendor.contextOf(config))).toMatchObject({ ok: true, status: 400, response: 'no_text' })
    expect(fake.posted).toEqual([])
    const gone = { ...config, webhookUrl: 'https://hooks.slack.com/services/T/B/other' }
    expect(await slack.check?.(vendor.contextOf(gone))).toMatchObject({
      ok: false,
      class: 'gone',
      unusable: 'channel',
      message: 'answered 404: no_service',
    })
  })
})
