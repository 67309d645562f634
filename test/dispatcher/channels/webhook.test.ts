import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { webhook } from '../../../src/dispatcher/channels/webhook.js'
import { describeChannel } from '../../contract/channel.js'
import { message, noon, vendors } from './vendor.js'

const vendor = vendors()

function hex(secret: string, body: Buffer | string | undefined): string {
  return createHmac('sha256', secret)
    .update(body ?? '')
    .digest('hex')
}

describeChannel({
  type: webhook,
  config: (url) => ({ url: `${url}/s3cret-path`, secret: 's3cret', headers: { authorization: 'Bearer s3cret' } }),
  accepts: (_, res) => res.writeHead(204).end(),
})

describe('webhook', () => {
  it('posts all that is known, and says which delivery and attempt it is', async () => {
    const { url, received } = await vendor.open()
    const outcome = await vendor.send(
      webhook,
      { url: `${url}/in?a=1`, headers: { 'x-team': 'qa', 'x-n': 1 } },
      { attempt: 3 },
    )
    expect(outcome).toEqual({ ok: true, status: 200, response: 'ok' })
    expect(received[0]).toMatchObject({ method: 'POST', url: '/in?a=1' })
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'callboard/test',
      'x-team': 'qa',
      'x-n': '1',
      'callboard-delivery-id': 'delivery-1',
      'callboard-attempt': '3',
    })
    expect(received[0]?.headers).not.toHaveProperty('x-signature-256')
    expect(JSON.parse(String(received[0]?.body))).toEqual({
      id: 'evt-1',
      event: 'test.run.failed',
      timestamp: '2026-01-02T11:59:00Z',
      source: 'ci',
      severity: 'error',
      action: 'trigger',
      key: 'ci/run-42',
      title: 'Run 42 failed',
      body: '2 of 14 tests failed',
      link: 'https://ci.example/runs/42',
      namespace: null,
      service: 'checkout',
      customer: null,
      labels: {},
      payload: { run: { id: '42', failed: 2 } },
      delivery: 'delivery-1',
      test: false,
    })
  })

  it('speaks as the AI Admin Panel does: payload, and bare hex in X-Signature-256', async () => {
    const { url, received } = await vendor.open()
    const event = {
      id: 'e',
      type: 'deploy.success',
      time: '2026-03-29T14:30:00Z',
      source: 'panel',
      service: 'my-app',
      customer: 'Acme Corp',
      payload: {
        message: 'Service my-app deployed successfully',
        details: { image: 'myapp:latest', duration_seconds: 45 },
      },
    }
    await vendor.send(webhook, { url, payload: 'ai-admin-panel', secret: 's3cret' }, { message: { ...message, event } })
    expect(String(received[0]?.body)).toBe(
      '{"event":"deploy.success","service":"my-app","customer":"Acme Corp","timestamp":"2026-03-29T14:30:00Z",' +
        '"message":"Service my-app deployed successfully","details":{"image":"myapp:latest","duration_seconds":45}}',
    )
    expect(received[0]?.headers['x-signature-256']).toBe(hex('s3cret', received[0]?.body))
  })

  it('speaks as AegisRunner does: payload, sha256= in its own header, and the event in another', async () => {
    const { url, received } = await vendor.open()
    const payload = {
      project: { id: 'p', name: 'Acme Web', slug: 'acme-web' },
      run: { id: 'r', suite_name: 'Checkout flow', status: 'passed', passed: 14, failed: 0, skipped: 1 },
    }
    const event = { id: 'e', type: 'run_completed', time: '2026-04-28T10:42:11Z', source: 'runner', payload }
    const signature = { header: 'X-AegisRunner-Signature', prefix: 'sha256=', eventHeader: 'X-AegisRunner-Event' }
    const config = { url, payload: 'aegisrunner' as const, secret: 's3cret', signature }
    await vendor.send(webhook, config, { message: { ...message, event } })
    expect(String(received[0]?.body)).toBe(
      '{"event":"run_completed","timestamp":"2026-04-28T10:42:11Z","project":{"id":"p","name":"Acme Web","slug":"acme-web"},' +
        '"run":{"id":"r","suite_name":"Checkout flow","status":"passed","passed":14,"failed":0,"skipped":1}}',
    )
    expect(received[0]?.headers).toMatchObject({
      'x-aegisrunner-signature': `sha256=${hex('s3cret', received[0]?.body)}`,
      'x-aegisrunner-event': 'run_completed',
      'content-type': 'application/json',
    })
  })

  it('makes Standard Webhooks that the library verifies with either secret while rotating', async () => {
    const { url, received } = await vendor.open()
    const [secret, previousSecret] = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)].map(
      (key) => `whsec_${key.toString('base64')}`,
    )
    const config = {
      url,
      secret: secret ?? '',
      previousSecret: previousSecret ?? '',
      signature: { scheme: 'standard-webhooks' as const },
    }
    await vendor.send(webhook, config, { now: () => Date.now() })
    const [request] = received
    for (const key of [secret, previousSecret]) {
      const verified = new Webhook(key ?? '').verify(String(request?.body), request?.headers as Record<string, string>)
      expect(verified).toMatchObject({ id: 'evt-1' })
    }
    expect(() =>
      new Webhook(secret ?? '').verify(`${request?.body} `, request?.headers as Record<string, string>),
    ).toThrow()
  })

  it('says that a secret is none that Standard Webhooks can sign with, and not what it is', async () => {
    const { url, received } = await vendor.open()
    const config = { url, secret: 's3cret, not base64!', signature: { scheme: 'standard-webhooks' as const } }
    const outcome = await vendor.send(webhook, config)
    expect(outcome).toMatchObject({ ok: false, class: 'auth', unusable: 'channel' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
    expect(received).toEqual([])
  })

  it.each([
    [302, 'rejected', undefined],
    [400, 'rejected', undefined],
    [401, 'auth', undefined],
    [403, 'auth', undefined],
    [404, 'server', undefined],
    [405, 'rejected', undefined],
    [502, 'server', undefined],
    [504, 'server', undefined],
    [408, 'timeout', undefined],
    [410, 'gone', 'channel'],
    [422, 'rejected', undefined],
    [429, 'rate_limited', undefined],
    [500, 'server', undefined],
  ])('reads a %i', async (status, kind, unusable) => {
    const { url } = await vendor.open((_, res) => res.writeHead(status).end('why'))
    const outcome = await vendor.send(webhook, { url })
    expect(outcome).toMatchObject({ ok: false, class: kind, status, response: 'why' })
    expect('unusable' in outcome ? outcome.unusable : undefined).toBe(unusable)
  })

  it.each([
    ['12', 12_000],
    [new Date(noon + 90_000).toUTCString(), 90_000],
  ])('waits as Retry-After %s says', async (header, retryAfterMs) => {
    const { url } = await vendor.open((_, res) => res.writeHead(429, { 'retry-after': header }).end())
    expect(await vendor.send(webhook, { url })).toMatchObject({ retryAfterMs })
  })
})
