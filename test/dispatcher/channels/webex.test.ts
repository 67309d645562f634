import { describe, expect, it } from 'vitest'
import { webex } from '../../../src/dispatcher/channels/webex.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const botToken = 's3cret-token'
const config = (baseUrl: string) => ({ botToken, baseUrl })
const toAnn = { recipient: { email: 'ann@example.com' } }

/** The rules of the API: a token, one recipient, at most 7,439 bytes of each text. */
const api: Answering = ({ method, url, headers, body }, res) => {
  const reply = (status: number, said: object) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  const refuse = (status: number, why: string) =>
    reply(status, { message: why, errors: [{ description: why }], trackingId: 'ROUTER_1' })
  if (headers.authorization !== `Bearer ${botToken}`) return refuse(401, 'The request requires a valid access token')
  if (method === 'GET' && url === '/v1/people/me') return reply(200, { id: 'bot-1' })
  if (method !== 'POST' || url !== '/v1/messages') return refuse(404, 'no such thing')
  const { roomId, toPersonId, toPersonEmail, text = '', markdown = '' } = JSON.parse(String(body))
  if ([roomId, toPersonId, toPersonEmail].filter((one) => one !== undefined).length !== 1)
    return refuse(400, 'one recipient')
  if (text === '' && markdown === '') return refuse(400, 'a text')
  if ([text, markdown].some((one) => Buffer.byteLength(one) > 7439)) return refuse(400, 'too long')
  return reply(200, { id: 'm-1', roomId: 'r-1' })
}

describeChannel({ type: webex, config, recipient: { email: 'ann@example.com' }, accepts: api })

describe('webex', () => {
  it.each([
    [{ email: 'ann@example.com' }, undefined, { toPersonEmail: 'ann@example.com' }],
    [{ userId: 'p-1', email: 'ann@example.com' }, undefined, { toPersonId: 'p-1' }],
    [{ roomId: 'r-1' }, undefined, { roomId: 'r-1' }],
    [{}, 'r-2', { roomId: 'r-2' }],
  ])('writes to %j, room %s', async (recipient, roomId, address) => {
    const { url, received } = await vendor.open(api)
    const outcome = await vendor.send(webex, { ...config(url), ...(roomId !== undefined && { roomId }) }, { recipient })
    expect(outcome).toMatchObject({ ok: true })
    expect(received[0]?.headers).toMatchObject({
      authorization: 'Bearer s3cret-token',
      'content-type': 'application/json',
    })
    expect(jsonOf(received)).toEqual({
      ...address,
      markdown:
        '**[Run 42 failed](https://ci.example/runs/42)**\n\n2 of 14 tests failed\n\n- Severity: error\n- Service: checkout',
      text: 'Run 42 failed\n2 of 14 tests failed\nhttps://ci.example/runs/42',
    })
  })

  it('says when a binding names nobody', async () => {
    const { url, received } = await vendor.open(api)
    expect(await vendor.send(webex, config(url))).toMatchObject({ ok: false, class: 'rejected', unusable: 'recipient' })
    expect(received).toEqual([])
    expect(webex.recipients({})).toEqual(['email', 'userId', 'roomId'])
    expect(webex.recipients({ roomId: 'r' })).toBe('channel')
  })

  it.each(['rich', 'plain', 'native'] as const)('keeps a %s message below 7,439 bytes', async (format) => {
    const { url } = await vendor.open(api)
    for (const body of ['é'.repeat(20_000), '*'.repeat(20_000), '😀'.repeat(20_000)]) {
      const long = { ...message, title: 'T'.repeat(3000), body, format }
      expect(await vendor.send(webex, config(url), { ...toAnn, message: long })).toMatchObject({ ok: true })
    }
  })

  it('takes the meaning out of markup and mentions', async () => {
    const { url, received } = await vendor.open(api)
    await vendor.send(webex, config(url), { ...toAnn, message: { ...message, body: '<@all> **x**' } })
    expect((jsonOf(received) as { markdown: string }).markdown).toContain('\\<@all\\> \\*\\*x\\*\\*')
  })

  it.each([
    [400, 'rejected', undefined],
    [401, 'auth', 'channel'],
    [403, 'gone', 'recipient'],
    [404, 'gone', 'recipient'],
    [405, 'rejected', undefined],
    [409, 'rejected', undefined],
    [415, 'rejected', undefined],
    [428, 'rejected', undefined],
    [500, 'server', undefined],
    [502, 'server', undefined],
    [503, 'server', undefined],
    [410, 'gone', 'recipient'],
    [423, 'server', undefined],
    [429, 'rate_limited', undefined],
    [504, 'server', undefined],
  ])('reads the error of a %i', async (status, kind, unusable) => {
    const reply = JSON.stringify({ message: 'why', errors: [{ description: 'why' }], trackingId: 'ROUTER_1' })
    const { url } = await vendor.open((_, res) => res.writeHead(status, { 'retry-after': '9' }).end(reply))
    const outcome = await vendor.send(webex, config(url), toAnn)
    expect(outcome).toMatchObject({ ok: false, class: kind, status, message: `answered ${status}: why` })
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
    if (status === 429 || status === 423) expect(outcome).toMatchObject({ retryAfterMs: 9000 })
  })

  it.each([403, 404, 410])('has lost the channel with a %i where the room is the channel', async (status) => {
    const { url } = await vendor.open((_, res) => res.writeHead(status).end('{"message":"why"}'))
    const outcome = await vendor.send(webex, { ...config(url), roomId: 'r-1' })
    expect(outcome).toMatchObject({ ok: false, class: 'gone', unusable: 'channel' })
  })

  it('tries a locked room again without being told when', async () => {
    const { url } = await vendor.open((_, res) => res.writeHead(423).end())
    const outcome = await vendor.send(webex, config(url), toAnn)
    expect(outcome).toMatchObject({ ok: false, class: 'server', message: 'answered 423' })
    expect(outcome).not.toHaveProperty('retryAfterMs')
  })

  it('checks the token without writing', async () => {
    const { url } = await vendor.open(api)
    expect(await webex.check?.(vendor.contextOf(config(url)))).toMatchObject({ ok: true })
    expect(await webex.check?.(vendor.contextOf({ botToken: 'x', baseUrl: url }))).toMatchObject({ class: 'auth' })
  })
})
