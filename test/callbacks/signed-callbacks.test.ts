// From the declaration to the receiver: signed callbacks over the whole way, with retries.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask } from '../e2e/ask.js'
import { mock } from '../resolver/running-resolver.js'
import { callback, serveFiring } from './firing-resolver.js'
import { receivers } from './receiver.js'

const { open } = receivers()
const env = {
  STRIPE: 'whsec_test_secret',
  KEY: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
  BEFORE: 'whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=',
}
const http = { route: '/u' }
const minute = 60_000

afterEach(() => {
  vi.useRealTimers()
})

describe('signed callbacks', () => {
  it('are signed afresh at each attempt, under one id, over the body as rendered', async () => {
    let time = Date.UTC(2026, 0, 1, 12)
    const { url, received } = await open((_, res) => {
      // Longer than a receiver puts up with.
      time += 10 * minute
      res.writeHead(received.length < 3 ? 500 : 200).end()
    })
    const webhook = {
      url,
      headers: { 'Content-Type': 'application/json' },
      body: { customer: '$.req.name', amount: '$.req.amount' },
      sign: { scheme: 'standard-webhooks', secret: { env: 'KEY' }, previousSecret: { env: 'BEFORE' } },
      retryCount: 3,
      retryDelay: 0,
    }
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks: [webhook] })], {
      env,
      now: () => time,
      maxAgeMs: 60 * minute,
    })
    const start = time
    await ask(`${firing.url}/u`, { body: { name: 'Zoë "日本" 🎉', amount: 1.5 } })
    const [entry] = await firing.finished(1)
    expect(entry?.state).toMatchObject({ status: 'delivered', made: 3 })
    expect(received.map(({ headers }) => Number(headers['webhook-timestamp']) * 1000 - start)).toEqual([
      0,
      10 * minute,
      20 * minute,
    ])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-signature'])).size).toBe(3)
    for (const [index, { headers, body }] of received.entries()) {
      expect(JSON.parse(body.toString())).toEqual({ customer: 'Zoë "日本" 🎉', amount: 1.5 })
      for (const key of [env.KEY, env.BEFORE]) {
        vi.useFakeTimers({ now: start + index * 10 * minute, toFake: ['Date'] })
        expect(() => new Webhook(key).verify(body, headers as Record<string, string>)).not.toThrow()
        vi.useFakeTimers({ now: start + (index + 1) * 10 * minute, toFake: ['Date'] })
        expect(() => new Webhook(key).verify(body, headers as Record<string, string>)).toThrow('too old')
      }
    }
  })

  it('may be of kind Callback, sync, and signed with a key that stands in the declaration', async () => {
    const { url, received } = await open()
    const sign = { scheme: 'stripe', secret: env.STRIPE }
    const firing = await serveFiring(
      () => [
        mock('m', { http, response: {} }),
        callback('stripe', { selector: {}, url, body: { type: 'charge.succeeded' }, async: false, sign }),
      ],
      { env },
    )
    await ask(`${firing.url}/u`)
    const [request] = received
    const { webhooks } = new Stripe('sk_test_nothing')
    const signature = String(request?.headers['stripe-signature'])
    expect(webhooks.constructEvent(request?.body ?? '', signature, env.STRIPE).type).toBe('charge.succeeded')
    const [entry] = await firing.finished(1)
    expect(JSON.stringify(entry)).not.toContain(env.STRIPE)
    const kept = readdirSync(firing.secrets).map((file) => readFileSync(join(firing.secrets, file), 'utf8'))
    expect(kept).toContain(env.STRIPE)
  })

  it('whose key is missing fail as auth and are tried again, so that a key that comes late is used', async () => {
    const known: Record<string, string> = {}
    const { url, received } = await open()
    const sign = { scheme: 'stripe', secret: { env: 'LATE' } }
    const webhooks = [{ url, body: '{}', sign, retryCount: 1000, retryDelay: 0.005 }]
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks })], { env: known })
    await ask(`${firing.url}/u`)
    await vi.waitUntil(async () => ((await firing.all())[0]?.state.made ?? 0) > 1, { timeout: 15_000 })
    expect((await firing.all())[0]?.state.attempts[0]).toMatchObject({
      class: 'auth',
      message: 'the environment variable LATE is not set',
    })
    expect(received).toEqual([])
    known.LATE = env.STRIPE
    const [entry] = await firing.finished(1)
    expect(entry?.state.status).toBe('delivered')
    expect(received[0]?.headers['stripe-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/)
  })
})
