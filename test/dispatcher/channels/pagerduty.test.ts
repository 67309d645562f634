import { describe, expect, it } from 'vitest'
import { pagerduty } from '../../../src/dispatcher/channels/pagerduty.js'
import type { Answering } from '../../callbacks/receiver.js'
import { describeChannel } from '../../contract/channel.js'
import { jsonOf, message, vendors } from './vendor.js'

const vendor = vendors()
const routing_key = 's3cret0123456789abcdef0123456789'
const config = (baseUrl: string) => ({ routing_key, baseUrl })

/** What the API takes and refuses, as documented: key, action, lengths, and one alert for each key. */
function events(): { readonly answer: Answering; readonly open: Set<string> } {
  const open = new Set<string>()
  const answer: Answering = (request, res) => {
    const reply = (status: number, body: object) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const { event_action, dedup_key, payload, ...rest } = JSON.parse(String(request.body))
    const errors = [
      ...(rest.routing_key.length === 32 ? [] : ["Length of 'routing_key' is incorrect (should be 32 characters)"]),
      ...(dedup_key.length <= 255 ? [] : ["'dedup_key' is too long"]),
      ...(event_action === 'resolve' || [...payload.summary].length <= 1024 ? [] : ["'payload.summary' is too long"]),
    ]
    if (request.url !== '/v2/enqueue' || request.body.length > 512 * 1024) return reply(413, {})
    if (errors.length > 0) return reply(400, { status: 'invalid event', message: 'Event object is invalid', errors })
    if (event_action === 'resolve') open.delete(dedup_key)
    else open.add(dedup_key)
    return reply(202, { status: 'success', message: 'Event processed', dedup_key })
  }
  return { answer, open }
}

describeChannel({ type: pagerduty, config, accepts: events().answer, waitsMs: 120_000 })

describe('pagerduty', () => {
  it('triggers an alert with a key that repeats, and resolves it', async () => {
    const { answer, open } = events()
    const { url, received } = await vendor.open(answer)
    expect(await vendor.send(pagerduty, config(url))).toMatchObject({ ok: true, status: 202 })
    expect(jsonOf(received)).toEqual({
      routing_key,
      event_action: 'trigger',
      dedup_key: 'ci/run-42',
      client: 'Callboard',
      client_url: 'https://ci.example/runs/42',
      payload: {
        summary: 'Run 42 failed',
        source: 'ci',
        severity: 'error',
        timestamp: '2026-01-02T11:59:00Z',
        component: 'checkout',
        class: 'test.run.failed',
        custom_details: {
          body: '2 of 14 tests failed',
          Severity: 'error',
          Service: 'checkout',
          payload: { run: { id: '42', failed: 2 } },
        },
      },
      links: [{ href: 'https://ci.example/runs/42', text: 'Open' }],
    })
    await vendor.send(pagerduty, config(url), { attempt: 2 })
    expect([...open]).toEqual(['ci/run-42'])
    await vendor.send(pagerduty, config(url), { message: { ...message, action: 'resolve' } })
    expect(jsonOf(received, 2)).toEqual({ routing_key, event_action: 'resolve', dedup_key: 'ci/run-42' })
    expect([...open]).toEqual([])
  })

  it("takes the channel's severity before the event's, and the filter's before both", async () => {
    const { url, received } = await vendor.open(events().answer)
    await vendor.send(pagerduty, { ...config(url), severity: 'critical' })
    await vendor.send(pagerduty, { ...config(url), severity: 'critical' }, { override: { severity: 'info' } })
    expect([0, 1].map((at) => (jsonOf(received, at) as { payload: { severity: string } }).payload.severity)).toEqual([
      'critical',
      'info',
    ])
  })

  it('keeps within every limit', async () => {
    const { url } = await vendor.open(events().answer)
    const long = { ...message, title: '😀'.repeat(2000), body: 'é'.repeat(300_000), key: 'k'.repeat(400) }
    const event = { ...message.event, payload: { log: 'x'.repeat(600_000) } }
    expect(await vendor.send(pagerduty, config(url), { message: { ...long, event } })).toMatchObject({ ok: true })
  })

  it('is switched off by a key that PagerDuty refuses, and not by an event that it refuses', async () => {
    const { url } = await vendor.open(events().answer)
    expect(await vendor.send(pagerduty, { routing_key: 's3cret', baseUrl: url })).toMatchObject({
      ok: false,
      class: 'auth',
      unusable: 'channel',
      message: "Event object is invalid; Length of 'routing_key' is incorrect (should be 32 characters)",
    })
    const refuse: Answering = (_, res) =>
      res
        .writeHead(400)
        .end('{"status":"invalid event","message":"Event object is invalid","errors":["bad timestamp"]}')
    const outcome = await vendor.send(pagerduty, config((await vendor.open(refuse)).url))
    expect(outcome).toMatchObject({ ok: false, class: 'rejected', message: 'Event object is invalid; bad timestamp' })
    expect(outcome).not.toHaveProperty('unusable')
  })

  it.each([
    [408, 'timeout', undefined, undefined],
    [429, 'rate_limited', undefined, 120_000],
    [429, 'rate_limited', '30', 30_000],
    [403, 'auth', undefined, undefined],
    [404, 'gone', undefined, undefined],
    [413, 'rejected', undefined, undefined],
    [502, 'server', undefined, undefined],
  ])('answers %i as %s', async (status, kind, header, retryAfterMs) => {
    const headers = header === undefined ? {} : { 'retry-after': header }
    const { url } = await vendor.open((_, res) => res.writeHead(status, headers).end())
    expect(await vendor.send(pagerduty, config(url))).toMatchObject({
      ok: false,
      class: kind,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  })
})
