import { describe, expect, it } from 'vitest'
import { opsgenie } from '../../../src/dispatcher/channels/opsgenie.js'
import type { Severity } from '../../../src/dispatcher/message.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const apiKey = 's3cret-key'
const config = (baseUrl: string) => ({ apiKey, baseUrl })

/** Takes alerts and closes them by alias; refuses what is longer than documented. */
function alerts(): { readonly answer: Answering; readonly open: Map<string, number> } {
  const open = new Map<string, number>()
  const answer: Answering = ({ method, url, headers, body }, res) => {
    const reply = (status: number, said: object) =>
      res
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ took: 0.1, requestId: 'r-1', ...said }))
    if (headers.authorization !== `GenieKey ${apiKey}`) return reply(401, { message: 'Could not authenticate' })
    if (method === 'GET') return reply(403, { message: 'You are not authorized', code: 40301 })
    const closing = /^\/v2\/alerts\/([^/]+)\/close\?identifierType=alias$/.exec(url)
    if (closing !== null) {
      const alias = decodeURIComponent(closing[1] ?? '')
      return open.delete(alias)
        ? reply(202, { result: 'Request will be processed' })
        : reply(404, { message: 'no alert' })
    }
    const alert = JSON.parse(String(body))
    const tooLong =
      [...alert.message].length > 130 || [...(alert.description ?? '')].length > 15_000 || alert.alias.length > 512
    if (url !== '/v2/alerts' || tooLong) return reply(422, { message: 'Request body is not processable' })
    open.set(alert.alias, (open.get(alert.alias) ?? 0) + 1)
    return reply(202, { result: 'Request will be processed' })
  }
  return { answer, open }
}

describeChannel({ type: opsgenie, config, accepts: alerts().answer })

describe('opsgenie', () => {
  it('opens one alert by alias, and closes it', async () => {
    const { answer, open } = alerts()
    const { url, received } = await vendor.open(answer)
    expect(await vendor.send(opsgenie, { ...config(url), tags: ['ci'], team: 'ops' })).toMatchObject({
      ok: true,
      status: 202,
    })
    expect(received[0]?.headers.authorization).toBe('GenieKey s3cret-key')
    expect(jsonOf(received)).toEqual({
      message: 'Run 42 failed',
      alias: 'ci/run-42',
      description: '2 of 14 tests failed',
      priority: 'P2',
      source: 'ci',
      entity: 'checkout',
      tags: ['ci', 'test.run.failed'],
      details: { link: 'https://ci.example/runs/42', Severity: 'error', Service: 'checkout' },
      responders: [{ type: 'team', name: 'ops' }],
    })
    await vendor.send(opsgenie, config(url), { attempt: 2 })
    expect([...open]).toEqual([['ci/run-42', 2]])
    await vendor.send(opsgenie, config(url), { message: { ...message, action: 'resolve' } })
    expect(received[2]?.url).toBe('/v2/alerts/ci%2Frun-42/close?identifierType=alias')
    expect([...open]).toEqual([])
    const again = await vendor.send(opsgenie, config(url), { message: { ...message, action: 'resolve' } })
    expect(again).toMatchObject({ ok: true, status: 404 })
  })

  it.each<[Severity, string]>([
    ['info', 'P5'],
    ['warning', 'P3'],
    ['error', 'P2'],
    ['critical', 'P1'],
  ])('gives %s the priority %s, unless the channel or the filter says otherwise', async (severity, priority) => {
    const { url, received } = await vendor.open(alerts().answer)
    await vendor.send(opsgenie, config(url), { message: { ...message, severity } })
    await vendor.send(opsgenie, { ...config(url), priority: 'P4' }, { message: { ...message, severity } })
    await vendor.send(opsgenie, config(url), { override: { severity } })
    await vendor.send(opsgenie, { ...config(url), priority: 'P4' }, { override: { severity } })
    const given = [0, 1, 2, 3].map((at) => (jsonOf(received, at) as { priority: string }).priority)
    expect(given).toEqual([priority, 'P4', priority, priority])
  })

  it.each([
    ['api.opsgenie.com', undefined],
    ['api.opsgenie.com', 'us'],
    ['api.eu.opsgenie.com', 'eu'],
  ] as const)('asks %s in region %s', async (host, region) => {
    const asked: string[] = []
    const context = vendor.contextOf({ apiKey: 'key', ...(region !== undefined && { region }) })
    const http: typeof context.http = async ({ url }) => {
      asked.push(url)
      return { status: 202, headers: {}, text: '{"requestId":"r-1"}', truncated: false }
    }
    expect(await opsgenie.send({ ...context, http })).toMatchObject({ ok: true })
    expect(asked).toEqual([`https://${host}/v2/alerts`])
  })

  it('keeps within every limit, and takes the meaning out of markup', async () => {
    const { url, received } = await vendor.open(alerts().answer)
    const long = { ...message, title: '<b>'.repeat(100), body: '😀&'.repeat(20_000), key: 'k'.repeat(900) }
    expect(await vendor.send(opsgenie, config(url), { message: long })).toMatchObject({ ok: true })
    expect((jsonOf(received) as { message: string }).message).toMatch(/^(&lt;b&gt;)+/)
  })

  it('speaks to Jira Service Management by another path', async () => {
    const { url, received } = await vendor.open((_, res) => res.writeHead(202).end('{"requestId":"r"}'))
    await vendor.send(opsgenie, { ...config(url), pathPrefix: '/jsm/ops/integration' })
    expect(received[0]?.url).toBe('/jsm/ops/integration/v2/alerts')
  })

  it.each([
    [400, 'rejected', undefined],
    [401, 'auth', 'channel'],
    [402, 'auth', 'channel'],
    [403, 'auth', 'channel'],
    [404, 'rejected', undefined],
    [405, 'rejected', undefined],
    [406, 'rejected', undefined],
    [409, 'rejected', undefined],
    [410, 'gone', 'channel'],
    [415, 'rejected', undefined],
    [416, 'rejected', undefined],
    [428, 'rejected', undefined],
    [500, 'server', undefined],
    [502, 'server', undefined],
    [422, 'rejected', undefined],
    [429, 'rate_limited', undefined],
    [503, 'server', undefined],
  ])('reads the error of a %i', async (status, kind, unusable) => {
    const { url } = await vendor.open((_, res) =>
      res.writeHead(status).end('{"message":"why","took":0,"requestId":"r"}'),
    )
    const outcome = await vendor.send(opsgenie, config(url))
    expect(outcome).toMatchObject({ ok: false, class: kind, status })
    expect((outcome as { message: string }).message).toContain('why')
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it('waits for the period that a limit names', async () => {
    const { url } = await vendor.open((_, res) => res.writeHead(429, { 'x-ratelimit-period-in-sec': '60' }).end())
    expect(await vendor.send(opsgenie, config(url))).toMatchObject({ class: 'rate_limited', retryAfterMs: 60_000 })
    const headers = { 'x-ratelimit-state': 'THROTTLED', 'x-ratelimit-period-in-sec': '?', 'retry-after': '5' }
    const { url: other } = await vendor.open((_, res) => res.writeHead(429, headers).end())
    expect(await vendor.send(opsgenie, config(other))).toMatchObject({ class: 'rate_limited', retryAfterMs: 5000 })
  })

  it('does not take a failure to close for success', async () => {
    const { url } = await vendor.open((_, res) => res.writeHead(422).end('{"message":"why"}'))
    const resolve = { message: { ...message, action: 'resolve' as const } }
    expect(await vendor.send(opsgenie, config(url), resolve)).toMatchObject({ ok: false, class: 'rejected' })
  })

  it('checks the key without an alert', async () => {
    const { answer, open } = alerts()
    const { url } = await vendor.open(answer)
    expect(await opsgenie.check?.(vendor.contextOf(config(url)))).toMatchObject({ ok: true })
    expect(await opsgenie.check?.(vendor.contextOf({ apiKey: 'other', baseUrl: url }))).toMatchObject({
      ok: false,
      class: 'auth',
    })
    expect(open.size).toBe(0)
  })
})
