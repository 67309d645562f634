import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discord } from '../../../src/dispatcher/channels/discord.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { DiscordFake, limited, refuse } from './fakes/discord.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const path = '/webhooks/1234567890/s3cret_token-ABCDEFGH'
const webhookUrl = `https://discord.com/api${path}`
const config = (baseUrl: string) => ({ webhookUrl, baseUrl })

async function open(...next: Answering[]) {
  const fake = new DiscordFake()
  fake.next.push(...next)
  const { url, received } = await vendor.open(fake.answer)
  return { fake, url, received }
}

describeChannel({ type: discord, config, accepts: new DiscordFake().answer })

describe('discord', () => {
  it('posts an embed, waits for the message, and says who it is', async () => {
    const { url, received } = await open()
    expect(await vendor.send(discord, config(url))).toMatchObject({ ok: true, status: 200 })
    expect(received[0]).toMatchObject({ method: 'POST', url: `/api/v10${path}?wait=true` })
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'DiscordBot (https://www.npmjs.com/package/callboard, test)',
    })
    expect(String(received[0]?.body)).toBe(
      JSON.stringify({
        embeds: [
          {
            title: 'Run 42 failed',
            url: 'https://ci.example/runs/42',
            description: '2 of 14 tests failed',
            color: 0xd93025,
            timestamp: '2026-01-02T11:59:00.000Z',
            fields: [
              { name: 'Severity', value: 'error', inline: true },
              { name: 'Service', value: 'checkout', inline: true },
            ],
          },
        ],
        allowed_mentions: { parse: [] },
      }),
    )
  })

  it('is green when what was wrong is over', async () => {
    const { url, received } = await open()
    await vendor.send(discord, config(url), { message: { ...message, action: 'resolve', severity: 'critical' } })
    expect(jsonOf(received)).toMatchObject({ embeds: [{ color: 0x2da44e }] })
  })

  it.each([
    ['plain', { content: 'T\n\\*x\\* \\<@1\\> @everyone\nhttps://ci.example/runs/42', flags: 4 }],
    ['native', { content: '*x* <@1> @everyone' }],
  ] as const)('posts the %s form, and mentions nobody', async (format, want) => {
    const { url, received } = await open()
    await vendor.send(discord, config(url), { message: { ...message, title: 'T', body: '*x* <@1> @everyone', format } })
    expect(jsonOf(received)).toEqual({ ...want, allowed_mentions: { parse: [] } })
  })

  it('has the sender and the thread that are declared', async () => {
    const { url, received } = await open()
    const avatarUrl = 'https://example.com/a.png'
    await vendor.send(discord, { ...config(url), threadId: '77', username: 'CI', avatarUrl })
    expect(received[0]?.url).toBe(`/api/v10${path}?wait=true&thread_id=77`)
    expect(jsonOf(received)).toMatchObject({ username: 'CI', avatar_url: avatarUrl })
  })

  it.each([
    `https://discord.com/api/v9${path}`,
    `https://discordapp.com/api${path}/`,
    `https://canary.discord.com/api${path}/slack`,
    `https://ptb.discord.com/api/v10${path}/github?wait=false`,
    ` ${webhookUrl}\n`,
  ])('rebuilds %j in the version it speaks', async (pasted) => {
    for (const end of ['', '/', '/api', '/api/v10', '/api/v10/']) {
      const { url, received } = await open()
      expect(await vendor.send(discord, { webhookUrl: pasted, baseUrl: url + end })).toMatchObject({ ok: true })
      expect(received[0]?.url).toBe(`/api/v10${path}?wait=true`)
    }
  })

  it('keeps the server and the thread of a URL of another host', async () => {
    const { url, received } = await open()
    await vendor.send(discord, { webhookUrl: `${url}/proxy/api${path}?thread_id=5` })
    expect(received[0]?.url).toBe(`/proxy/api/v10${path}?wait=true&thread_id=5`)
  })

  it.each(['', 's3cret', 'https://discord.com/channels/1/2', 'https://discord.com/api/webhooks/1'])(
    'sends nothing to what is no webhook (%j)',
    async (pasted) => {
      const { url, received } = await open()
      const outcome = await vendor.send(discord, { webhookUrl: pasted, baseUrl: url })
      expect(outcome).toMatchObject({ ok: false, class: 'rejected', unusable: 'channel' })
      expect(JSON.stringify(outcome)).not.toContain('s3cret')
      expect(await discord.check?.(vendor.contextOf({ webhookUrl: pasted, baseUrl: url }))).toEqual(outcome)
      expect(received).toEqual([])
    },
  )

  it('is taken by Discord whatever the text holds and however long it is', async () => {
    const { url } = await open()
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('*', '<@1>', '\\', '```', '\n', '👩‍👩‍👧', 'é', ' '),
    )
    // Written out within the property: what is reported of a failure stays short.
    const repeated = fc.tuple(fc.array(text, { maxLength: 8 }), fc.integer({ min: 1, max: 900 }))
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
            Array.from({ length: count }, (_, at) => [`l-${at}`, body.slice(0, 90 * at)]),
          )
          const event = { ...message.event, labels }
          const sent = { ...message, event, title: `T${long(title)}`, body, format }
          expect(await vendor.send(discord, config(url), { message: sent })).toMatchObject({ ok: true })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('leaves fields out from the end where all of them would be too much', async () => {
    const { url, fake } = await open()
    const labels = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`label${at}`, 'v'.repeat(900)]))
    const long = { ...message, body: 'x'.repeat(4096), event: { ...message.event, labels } }
    await vendor.send(discord, config(url), { message: long })
    expect(fake.posted[0]?.embeds?.[0]?.description).toHaveLength(4096)
    expect(fake.posted[0]?.embeds?.[0]?.fields?.map(({ name }) => name)).toEqual([
      'Severity',
      'Service',
      'label0',
      'label1',
    ])
  })

  it.each([
    [400, 50035, 'Invalid Form Body', 'rejected', undefined],
    [400, 50006, 'Cannot send an empty message', 'rejected', undefined],
    [400, 50109, 'The request body contains invalid JSON.', 'rejected', undefined],
    [400, 50041, 'Invalid API version', 'rejected', undefined],
    [400, 220001, 'Webhooks posted to forum channels must have a thread_name or thread_id', 'rejected', undefined],
    [400, 200000, 'Message was blocked by automatic moderation', 'rejected', undefined],
    [400, 240000, 'Message blocked by harmful links filter', 'rejected', undefined],
    [401, 50027, 'Invalid Webhook Token', 'auth', 'channel'],
    [403, 50013, 'Missing Permissions', 'auth', 'channel'],
    [403, 40333, 'internal network error', 'auth', 'channel'],
    [404, 10015, 'Unknown Webhook', 'gone', 'channel'],
    [404, 10003, 'Unknown Channel', 'gone', 'channel'],
    [413, 40005, 'Request entity too large', 'rejected', undefined],
    [400, 20009, 'Explicit content cannot be sent to the desired recipient(s)', 'rejected', undefined],
    [400, 220002, 'Webhooks posted to forum channels cannot have both', 'rejected', undefined],
    [400, 220003, 'Webhooks can only create threads in forum channels', 'rejected', undefined],
    [400, 200001, 'Title was blocked by automatic moderation', 'rejected', undefined],
    [401, 40001, 'Unauthorized', 'auth', 'channel'],
    [403, 50001, 'Missing Access', 'auth', 'channel'],
    [404, 10016, 'Unknown webhook', 'gone', 'channel'],
    [502, 40006, 'This feature has been temporarily disabled server-side', 'server', undefined],
    [503, 130000, 'API resource is currently overloaded', 'server', undefined],
    [500, 0, '500: Internal Server Error', 'server', undefined],
  ])('reads %i with code %i', async (status, code, text, kind, unusable) => {
    const { url } = await open((_, res) => refuse(res, status, code, text))
    const outcome = await vendor.send(discord, config(url))
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect((outcome as { message: string }).message).toContain(`answered ${status}: ${text} (${code})`)
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it('says where in the message the error is', async () => {
    const problem = { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 4096 or fewer in length.' }] }
    const errors = { embeds: { 0: { description: problem } }, ...problem }
    const { url } = await open((_, res) => refuse(res, 400, 50035, 'Invalid Form Body', errors))
    expect(await vendor.send(discord, config(url))).toMatchObject({
      message:
        'answered 400: Invalid Form Body (50035); message: Must be 4096 or fewer in length.; embeds.0.description: Must be 4096 or fewer in length.',
    })
  })

  it('gives a webhook up that is gone, before it is banned for asking', async () => {
    const { url, fake } = await open()
    fake.isGone = true
    expect(await vendor.send(discord, config(url))).toMatchObject({ class: 'gone', unusable: 'channel' })
    expect(fake.afterGone).toBe(1)
  })

  it.each([
    ['the body, to the millisecond', limited(0.376), 376, 'this webhook'],
    ['the body before the header, which is rounded', limited(64.57), 64_570, 'this webhook'],
    ['the body of a global limit', limited(2, { 'x-ratelimit-global': 'true' }), 2000, 'all requests'],
    [
      'the header when a page comes in place of JSON',
      ((_, res) => res.writeHead(429, { 'retry-after': '9', 'content-type': 'text/html' }).end('<html>')) as Answering,
      9000,
      'this webhook',
    ],
    [
      'the time of the bucket when nothing else is said',
      ((_, res) => res.writeHead(429).end('{"retry_after":"soon"}')) as Answering,
      1250,
      'this webhook',
    ],
  ])('waits by %s', async (_, answer, retryAfterMs, what) => {
    const { url } = await open(answer)
    expect(await vendor.send(discord, config(url))).toMatchObject({
      ok: false,
      class: 'rate_limited',
      retryAfterMs,
      message: `Discord limits ${what}`,
    })
  })

  it.each([20016, 20028, 20029, 40062])('waits by the body that says %i', async (code) => {
    const body = JSON.stringify({ message: 'slow', code, retry_after: 5.5, global: false })
    const { url } = await open((_, res) => res.writeHead(429, { 'x-ratelimit-scope': 'shared' }).end(body))
    expect(await vendor.send(discord, config(url))).toMatchObject({ class: 'rate_limited', retryAfterMs: 5500 })
  })

  it('asks for a rest when the bucket is empty, before anything is refused', async () => {
    const { url, fake } = await open()
    fake.remaining = 2
    expect(await vendor.send(discord, config(url))).not.toHaveProperty('retryAfterMs')
    expect(await vendor.send(discord, config(url))).toMatchObject({ ok: true, retryAfterMs: 1250 })
    fake.remaining = 1
    fake.resetAfter = 'soon'
    expect(await vendor.send(discord, config(url))).not.toHaveProperty('retryAfterMs')
  })

  it('takes 204 and a message too long to be read for delivered, and a 200 without a message not', async () => {
    const { url } = await open(
      (_, res) => res.writeHead(204).end(),
      (_, res) => res.end(`{"content":"${'x'.repeat(70_000)}","id":"1"}`),
      (_, res) => res.end('{"ok":true}'),
      (_, res) => res.end('<html>'),
    )
    const outcomes = [0, 1, 2, 3].map(() => vendor.send(discord, config(url)))
    expect((await Promise.all(outcomes)).map(({ ok }) => ok).sort()).toEqual([false, false, true, true])
  })

  it('hides the token where an answer repeats it', async () => {
    const { url } = await open(({ url: asked }, res) => refuse(res, 400, 1, `bad ${asked}`))
    const outcome = await vendor.send(discord, config(url))
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
    expect(outcome).toMatchObject({ message: expect.stringContaining('/webhooks/1234567890/******') })
  })

  describe('check', () => {
    it('asks for the webhook, posts nothing, and shows nothing of the answer', async () => {
      const { url, received, fake } = await open()
      expect(await discord.check?.(vendor.contextOf(config(url)))).toEqual({ ok: true, status: 200 })
      expect(received.map(({ method, url: asked }) => [method, asked])).toEqual([['GET', `/api/v10${path}`]])
      expect(fake.posted).toEqual([])
    })

    it.each([
      ['1234567890/other', 401, 'auth'],
      ['99/s3cret', 404, 'gone'],
    ])('sees that %s is wrong', async (webhook, status, kind) => {
      const { url } = await open()
      const other = { webhookUrl: `https://discord.com/api/webhooks/${webhook}`, baseUrl: url }
      expect(await discord.check?.(vendor.contextOf(other))).toMatchObject({
        ok: false,
        class: kind,
        status,
        unusable: 'channel',
      })
    })
  })
})
