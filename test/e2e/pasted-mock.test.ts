// Mocks as they are exported elsewhere, pasted under `spec` without a change: the callbacks among their fields are
// accepted, and the answers are those that they describe.

import { describe, expect, it } from 'vitest'
import { Folder } from './folder.js'
import { Running } from './running.js'

const intents = `{
  "id": "stripe-payment",
  "http": {"route": "/api/payments/intents", "httpMethod": "POST"},
  "response": {
    "statusCode": 200,
    "payload": {"id": "pi_$.fake.UUID", "status": "succeeded", "amount": "$.req.amount"}
  },
  "webhooks": [
    {
      "url": "http://my-app:3000/webhooks/stripe",
      "method": "POST",
      "headers": {
        "Stripe-Signature": "t=$.fake.UnixTime,v1=test_signature",
        "Content-Type": "application/json"
      },
      "body": {
        "id": "evt_$.fake.UUID",
        "type": "payment_intent.succeeded",
        "data": {
          "object": {
            "id": "pi_$.fake.UUID",
            "amount": "$.req.amount",
            "currency": "$.req.currency",
            "status": "succeeded"
          }
        }
      },
      "trigger": "on_success",
      "retryCount": 3,
      "retryDelay": 5,
      "timeout": 15
    }
  ]
}`

const payment = `{
  "id": "payment-with-webhook",
  "http": {"route": "/api/payments", "httpMethod": "POST"},
  "response": {"statusCode": 200, "payload": {"id": "$.fake.UUID", "status": "succeeded"}},
  "webhooks": [
    {
      "url": "http://my-app:3000/webhooks/stripe",
      "method": "POST",
      "headers": {"X-Stripe-Signature": "t=123456,v1=abc123"},
      "body": {"type": "payment_intent.succeeded", "data": {"amount": 2500, "currency": "usd"}},
      "trigger": "on_success"
    }
  ]
}`

const order = `{
  "id": "order-with-kafka-event",
  "http": {"route": "/api/orders", "httpMethod": "POST"},
  "response": {"statusCode": 201, "payload": {"orderId": "$.fake.UUID", "status": "created"}},
  "webhooks": [
    {
      "type": "kafka",
      "kafkaBrokers": "kafka:9092",
      "kafkaTopic": "orders.events",
      "kafkaKey": "$.req.customerId",
      "headers": {"event-type": "order.created", "source": "order-service"},
      "body": {
        "orderId": "$.fake.UUID",
        "customerId": "$.req.customerId",
        "items": "$.req.items",
        "total": "$.req.total",
        "createdAt": "$.fake.Date"
      },
      "trigger": "on_success"
    },
    {"type": "http", "url": "http://audit.internal/log", "body": {"event": "order.created"}, "trigger": "always"},
    {
      "type": "rabbitmq",
      "rabbitURL": "amqp://rabbitmq:5672/",
      "rabbitQueue": "notifications",
      "body": {"notify": true},
      "trigger": "on_success"
    }
  ]
}`

const receiver = `{
  "id": "notification-receiver",
  "http": {"route": "/internal/notifications", "httpMethod": "POST"},
  "response": {"statusCode": 200, "payload": {"notified": true}},
  "extract": {"gStore": {"lastNotifiedOrder": "$.req.orderId"}}
}`

const chained = `{
  "id": "payment-with-chain",
  "http": {"route": "/api/pay", "httpMethod": "POST"},
  "response": {"statusCode": 200, "payload": {"paid": true, "orderId": "$.req.orderId"}},
  "webhooks": [
    {
      "url": "http://localhost:5770/stubs/sandbox/internal/notifications",
      "method": "POST",
      "body": {"orderId": "$.req.orderId", "event": "payment.completed", "amount": "$.req.amount"},
      "trigger": "on_success"
    }
  ]
}`

const flaky = `{
  "id": "flaky-service",
  "http": {"route": "/api/fragile", "httpMethod": "GET"},
  "response": {"statusCode": 503, "payload": {"error": "service unavailable"}},
  "webhooks": [
    {
      "url": "http://alerting-system:8080/alerts",
      "body": {"alert": "fragile-service-mock returned error", "statusCode": 503},
      "trigger": "on_error"
    }
  ]
}`

const all = { intents, payment, order, receiver, chained, flaky }

/** A YAML document with the JSON as it is, only further to the right. */
function pasted(json: string): string {
  return `apiVersion: callboard/v1\nkind: Mock\nspec:\n${json.replace(/^/gm, '  ')}\n`
}

function folder(): Folder {
  return new Folder(Object.fromEntries(Object.entries(all).map(([name, json]) => [`${name}.yaml`, pasted(json)])))
}

describe('mocks that were pasted', () => {
  it('load without an error, each under its id', async () => {
    const running = await Running.start(folder())
    const { problems } = await running.status()
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const { items } = await running.see<{ items: { name: string }[] }>('/api/v1/mocks')
    expect(items.map(({ name }) => name).sort()).toEqual(
      Object.values(all)
        .map((json) => (JSON.parse(json) as { id: string }).id)
        .sort(),
    )
  })

  it('answer what they say, types kept', async () => {
    const running = await Running.start(folder())
    const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
    expect(await running.ask('/api/payments/intents', { body: { amount: 2500, currency: 'usd' } })).toMatchObject({
      status: 200,
      json: { id: expect.stringMatching(new RegExp(`^pi_${uuid.source}`)), status: 'succeeded', amount: 2500 },
    })
    expect(await running.ask('/api/payments/intents', { body: { currency: 'usd' } })).toMatchObject({
      json: { amount: '$.req.amount' },
    })
    expect(await running.ask('/stubs/sandbox/api/payments', { method: 'POST' })).toMatchObject({
      status: 200,
      json: { id: expect.stringMatching(uuid), status: 'succeeded' },
    })
    expect(await running.ask('/api/orders', { body: { customerId: 'c', items: [1], total: 9.5 } })).toMatchObject({
      status: 201,
      json: { orderId: expect.stringMatching(uuid), status: 'created' },
    })
    expect(await running.ask('/api/pay', { body: { orderId: 'o-7', amount: 3 } })).toMatchObject({
      status: 200,
      json: { paid: true, orderId: 'o-7' },
    })
    expect(await running.ask('/api/fragile')).toMatchObject({
      status: 503,
      headers: { 'content-type': expect.stringContaining('application/json') },
      json: { error: 'service unavailable' },
    })
  })

  it('keep what they extract, over a restart', async () => {
    const running = await Running.start(folder())
    const { json } = await running.ask('/internal/notifications', { body: { orderId: 'o-8' } })
    expect(json).toEqual({ notified: true })
    const store = '/api/v1/stores/global/sandbox'
    expect(await running.see(store)).toEqual({ namespace: 'sandbox', entries: { lastNotifiedOrder: 'o-8' } })
    await running.restart()
    expect(await running.see(store)).toEqual({ namespace: 'sandbox', entries: { lastNotifiedOrder: 'o-8' } })
  })

  it('may come as a JSON file, with the fields that their former server kept', async () => {
    const spec = { ...JSON.parse(flaky), createdAt: 1_700_000_000, useCounter: 3, namespace: 'legacy' }
    const running = await Running.start({
      'flaky.json': JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Mock', spec }),
    })
    expect((await running.ask('/stubs/legacy/api/fragile')).status).toBe(503)
    const status = await running.statusOnce('the warnings are worked out', ({ problems }) => problems.length > 0)
    expect(status.counts).toMatchObject({ errors: 0 })
    expect(status.problems.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/spec/createdAt', '/spec/useCounter']),
    )
  })
})
