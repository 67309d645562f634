// Every HTTP example of the callback documents, as YAML.

import { expect, it } from 'vitest'
import { Running } from './running.js'
import { freePort, Sink } from './sink.js'

const examples = (app: string, self: string) => `
apiVersion: callboard/v1
kind: Mock
metadata: {name: payment-with-webhook}
spec:
  http: {route: /api/payments, httpMethod: POST}
  response:
    statusCode: 200
    payload: {id: $.fake.UUID, status: succeeded}
  webhooks:
    - url: ${app}/webhooks/minimal
      method: POST
      headers: {X-Stripe-Signature: "t=123456,v1=abc123"}
      body:
        type: payment_intent.succeeded
        data: {amount: 2500, currency: usd}
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: variables}
spec:
  http: {route: /api/variables, httpMethod: POST}
  chainId: $.req.session
  mStore: {computed: 42}
  extract:
    gStore: {currentSession: $.req.session}
    cStore: {orderId: $.req.orderId}
  response:
    statusCode: 201
    payload: {status: ok, data: {id: 1}}
  webhooks:
    - url: ${app}/request
      body: {userId: $.req.userId, email: $.req.email, authToken: "$.reqHeader.Authorization[0]"}
    - url: ${app}/faker
      body: {webhookId: $.fake.UUID, timestamp: $.fake.UnixTime, ip: $.fake.IPv4}
    - url: ${app}/faker-older
      body: {webhookId: $.fake.UUID, timestamp: $.fake.UnixTime, ip: $.fake.IPv4Address}
    - url: ${app}/stores
      body: {sessionId: $.gS.currentSession, orderId: $.cS.orderId, tempValue: $.mS.computed}
    - url: ${app}/text
      body: "Order $.req.orderId has been processed at $.fake.Date"
    - url: ${app}/response
      body: {mockResponseStatus: $.response.status, id: $.response.data.id}
    - url: ${app}/response-older
      body: {mockResponseStatus: $.resp.status, statusCode: $.statusCode}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: retried}
spec:
  http: {route: /api/retried}
  response: {payload: ok}
  webhooks:
    # retryDelay is 2 in the document; a test does not wait that long.
    - {url: "${app}/flaky", retryCount: 3, retryDelay: 0.03, timeout: 10}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: asynchronous}
spec:
  http: {route: /api/async}
  response: {payload: ok}
  webhooks:
    - {url: "${app}/async", async: true, trigger: on_success}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: synchronous}
spec:
  http: {route: /api/sync}
  response: {payload: ok}
  webhooks:
    - {url: "${app}/sync", async: false, trigger: on_success}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: stripe-payment}
spec:
  http: {route: /api/payments/intents, httpMethod: POST}
  response:
    statusCode: 200
    payload: {id: pi_$.fake.UUID, status: succeeded, amount: $.req.amount}
  webhooks:
    - url: ${app}/webhooks/stripe
      method: POST
      headers:
        Stripe-Signature: t=$.fake.UnixTime,v1=test_signature
        Content-Type: application/json
      body:
        id: evt_$.fake.UUID
        type: payment_intent.succeeded
        data:
          object: {id: pi_$.fake.UUID, amount: $.req.amount, currency: $.req.currency, status: succeeded}
      trigger: on_success
      retryCount: 3
      retryDelay: 5
      timeout: 15
---
apiVersion: callboard/v1
kind: Mock
spec:
  id: notification-receiver
  http: {route: /internal/notifications, httpMethod: POST}
  response: {statusCode: 200, payload: {notified: true}}
  extractors:
    - {from: body, jsonPath: $.orderId, toStore: global, key: lastNotifiedOrder}
---
apiVersion: callboard/v1
kind: Mock
spec:
  id: notification-receiver-newer
  http: {route: /internal/newer, httpMethod: POST}
  response: {statusCode: 200, payload: {notified: true}}
  extract: {gStore: {newestNotifiedOrder: $.req.orderId}}
---
apiVersion: callboard/v1
kind: Mock
spec:
  id: payment-with-chain
  http: {route: /api/pay, httpMethod: POST}
  response: {statusCode: 200, payload: {paid: true, orderId: $.req.orderId}}
  webhooks:
    - url: ${self}/internal/notifications
      method: POST
      body: {orderId: $.req.orderId, event: payment.completed, amount: $.req.amount}
      async: false
      trigger: on_success
    - url: ${self}/stubs/sandbox/internal/newer
      method: POST
      body: {orderId: $.req.orderId, event: payment.completed, amount: $.req.amount}
      async: false
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: flaky-service}
spec:
  http: {route: /api/fragile, httpMethod: GET}
  response: {statusCode: 503, payload: {error: service unavailable}}
  webhooks:
    - url: ${app}/alerts
      body: {alert: fragile-service-mock returned error, statusCode: 503}
      trigger: on_error
    - {url: "${app}/never", trigger: on_success}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: several}
spec:
  http: {route: /api/several}
  response: {payload: ok}
  webhooks:
    - {type: http, url: "${app}/log", body: {event: order.created}, trigger: always}
`

it('the HTTP examples of the callback documents work as YAML', async () => {
  let refusals = 2
  const app = await Sink.start(({ path }) => {
    if (path !== '/flaky' || refusals === 0) return 200
    refusals -= 1
    return 500
  })
  const port = await freePort()
  const self = `http://localhost:${port}`
  const running = await Running.start(
    { 'examples.yaml': examples(app.url, self) },
    {
      ports: { resolver: port, control: 0 },
      network: { allow: [app.address, `localhost:${port}`, `127.0.0.1:${port}`] },
    },
  )

  expect((await running.ask('/api/payments', { method: 'POST' })).json).toMatchObject({ status: 'succeeded' })
  const [minimal] = await app.at('/webhooks/minimal')
  expect(minimal?.method).toBe('POST')
  expect(minimal?.headers).toMatchObject({
    'x-stripe-signature': 't=123456,v1=abc123',
    'content-type': 'application/json',
  })
  expect(minimal?.json).toEqual({ type: 'payment_intent.succeeded', data: { amount: 2500, currency: 'usd' } })

  const body = { userId: 7, email: 'a@b.example', session: 's1', orderId: 'o-1' }
  await running.ask('/api/variables', { body, headers: { authorization: 'Bearer client' } })
  const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
  expect((await app.at('/request'))[0]?.json).toEqual({
    userId: 7,
    email: 'a@b.example',
    authToken: 'Bearer client',
  })
  for (const path of ['/faker', '/faker-older']) {
    expect((await app.at(path))[0]?.json).toEqual({
      webhookId: expect.stringMatching(uuid),
      timestamp: expect.any(Number),
      ip: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
    })
  }
  expect((await app.at('/stores'))[0]?.json).toEqual({ sessionId: 's1', orderId: 'o-1', tempValue: 42 })
  const [text] = await app.at('/text')
  expect(text?.text).toMatch(/^Order o-1 has been processed at \d{4}-/)
  expect(text?.headers['content-type']).toMatch(/^text\/plain/)
  expect((await app.at('/response'))[0]?.json).toEqual({ mockResponseStatus: 'ok', id: 1 })
  expect((await app.at('/response-older'))[0]?.json).toEqual({ mockResponseStatus: 'ok', statusCode: 201 })

  await running.ask('/api/retried')
  const tries = await app.at('/flaky', 3)
  expect(new Set(tries.map(({ headers }) => headers['callboard-delivery-id'])).size).toBe(1)
  expect(tries.map(({ headers }) => headers['callboard-attempt'])).toEqual(['1', '2', '3'])
  for (const [at, { at: time }] of tries.entries()) {
    if (at > 0) expect(time - (tries[at - 1]?.at ?? 0)).toBeGreaterThanOrEqual(28)
  }

  await running.ask('/api/async')
  await app.at('/async')
  await running.ask('/api/sync')
  // Before the answer, so that there is nothing to wait for.
  expect(app.received.filter(({ path }) => path === '/sync')).toHaveLength(1)

  const payment = await running.ask('/api/payments/intents', { body: { amount: 990, currency: 'eur' } })
  expect(payment.json).toMatchObject({ amount: 990 })
  const [stripe] = await app.at('/webhooks/stripe')
  expect(stripe?.headers['stripe-signature']).toMatch(/^t=\d+,v1=test_signature$/)
  expect(stripe?.json).toMatchObject({ data: { object: { amount: 990, currency: 'eur', status: 'succeeded' } } })

  expect((await running.ask('/api/pay', { body: { orderId: 'o-9', amount: 5 } })).json).toEqual({
    paid: true,
    orderId: 'o-9',
  })
  expect(await running.see('/api/v1/stores/global/sandbox')).toMatchObject({
    entries: { lastNotifiedOrder: 'o-9', newestNotifiedOrder: 'o-9' },
  })

  expect((await running.ask('/api/fragile')).status).toBe(503)
  expect((await app.at('/alerts'))[0]?.json).toEqual({
    alert: 'fragile-service-mock returned error',
    statusCode: 503,
  })
  await running.ask('/api/several')
  expect((await app.at('/log'))[0]?.json).toEqual({ event: 'order.created' })
  expect(app.received.map(({ path }) => path)).not.toContain('/never')
})
