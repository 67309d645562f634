import { describe, expect, it } from 'vitest'
import { mattermost } from '../../../src/dispatcher/channels/mattermost.js'
import { describeChannel } from '../../contract/channel.js'
import { jsonOf, message, vendors } from './vendor.js'

const { open, send } = bound(vendors())
const config = (url: string) => ({ webhookUrl: `${url}/hooks/s3cretxyz` })

function bound(vendor: ReturnType<typeof vendors>) {
  return { open: vendor.open, send: vendor.send.bind(vendor) }
}

describeChannel({ type: mattermost, config, accepts: (_, res) => res.end('ok') })

describe('mattermost', () => {
  it('posts an attachment with title, colour, link and facts', async () => {
    const { url, received } = await open((_, res) => res.end('ok'))
    const outcome = await send(mattermost, { ...config(url), username: 'callboard', channel: 'ops' })
    expect(outcome).toEqual({ ok: true, status: 200, response: 'ok' })
    expect(received[0]).toMatchObject({ method: 'POST', url: '/hooks/s3cretxyz' })
    expect(received[0]?.headers['content-type']).toBe('application/json')
    expect(jsonOf(received)).toEqual({
      text: '',
      channel: 'ops',
      username: 'callboard',
      attachments: [
        {
          fallback: 'Run 42 failed',
          color: '#d93025',
          title: 'Run 42 failed',
          title_link: 'https://ci.example/runs/42',
          text: '2 of 14 tests failed',
          fields: [
            { title: 'Severity', value: 'error', short: true },
            { title: 'Service', value: 'checkout', short: true },
          ],
        },
      ],
    })
  })

  it.each([
    ['plain', { text: 'T\n\\*bold\\* @\u200ball\nhttps://ci.example/runs/42' }],
    ['native', { text: '*bold* @all' }],
  ] as const)('posts the %s form', async (format, want) => {
    const { url, received } = await open((_, res) => res.end('ok'))
    await send(mattermost, config(url), { message: { ...message, title: 'T', body: '*bold* @all', format } })
    expect(jsonOf(received)).toEqual(want)
  })

  it.each([
    [400, 'web.incoming_webhook.invalid.app_error', 'gone', 'channel'],
    [400, 'web.incoming_webhook.text.app_error', 'rejected', undefined],
    [400, 'web.incoming_webhook.user.app_error', 'gone', 'channel'],
    [403, 'web.incoming_webhook.channel_locked.app_error', 'gone', 'channel'],
    [404, 'web.incoming_webhook.channel.app_error', 'gone', 'channel'],
    [501, 'web.incoming_webhook.disabled.app_error', 'gone', 'channel'],
    [400, 'web.incoming_webhook.parse.app_error', 'rejected', undefined],
    [400, 'api.webhook.incoming.error', 'rejected', undefined],
    [403, 'web.incoming_webhook.permissions.app_error', 'gone', 'channel'],
    [403, 'web.incoming_webhook.user.app_error', 'gone', 'channel'],
    [403, 'api.context.permissions.app_error', 'auth', 'channel'],
    [404, 'app.channel.get.existing.app_error', 'gone', 'channel'],
    [404, 'api.context.404.app_error', 'gone', 'channel'],
    [408, 'api.context.timeout.app_error', 'timeout', undefined],
    [429, 'api.context.rate_limited.app_error', 'rate_limited', undefined],
    [500, 'app.post.save.app_error', 'server', undefined],
  ])('reads the id of a %i %s', async (status, id, kind, unusable) => {
    const body = JSON.stringify({ id, message: 'm', request_id: 'r', status_code: status, is_oauth: false })
    const { url } = await open((_, res) => res.writeHead(status, { 'content-type': 'application/json' }).end(body))
    const outcome = await send(mattermost, config(url))
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it('waits as long as the server says', async () => {
    const { url } = await open((_, res) => res.writeHead(429, { 'x-ratelimit-reset': '7' }).end('limit exceeded'))
    expect(await send(mattermost, config(url))).toMatchObject({ class: 'rate_limited', retryAfterMs: 7000 })
    const both = { 'x-ratelimit-reset': 'soon', 'retry-after': '9' }
    const { url: other } = await open((_, res) => res.writeHead(429, both).end('{"id":"limit"}'))
    expect(await send(mattermost, config(other))).toMatchObject({ class: 'rate_limited', retryAfterMs: 9000 })
  })

  it('keeps one post: text is cut, whole characters only', async () => {
    const { url, received } = await open((_, res) => res.end('ok'))
    await send(mattermost, config(url), { message: { ...message, body: '👩‍👩‍👧'.repeat(8000) } })
    const { attachments } = jsonOf(received) as { attachments: { text: string }[] }
    expect([...(attachments[0]?.text ?? '')].length).toBeLessThanOrEqual(16_383)
    expect(attachments[0]?.text).toMatch(/👩‍👩‍👧…$/u)
  })
})
