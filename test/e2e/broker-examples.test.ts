// Every example of the callback documents that has to do with a broker, as YAML, and what others read there.

import { expect, it } from 'vitest'
import { Consumer } from '../callbacks/rabbitmq-consumer.js'
import { kafkaUsers } from '../services/kafka.js'
import { createTopic } from '../services/kafka-topic.js'
import { type ReadMessage, readTopic } from '../services/kcat.js'
import { describeWith, ownKafka, rabbitmq } from '../services/services.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

interface Places {
  readonly app: string
  readonly kafka: string
  readonly secureKafka: string
  readonly ca: string
  readonly created: string
  readonly events: string
  readonly secured: string
  readonly rabbit: string
  readonly queue: string
  readonly exchange: string
}

const examples = (at: Places) => `
apiVersion: callboard/v1
kind: Mock
metadata: {name: order-created-kafka}
spec:
  http: {route: /api/orders, httpMethod: POST}
  response:
    statusCode: 201
    payload: {orderId: $.fake.UUID, status: created}
  webhooks:
    - type: kafka
      kafkaBrokers: "${at.kafka}"
      kafkaTopic: ${at.created}
      kafkaKey: $.req.customerId
      body: {event: order.created, orderId: $.fake.UUID, timestamp: $.fake.UnixTime}
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: secured}
spec:
  http: {route: /api/secured, httpMethod: POST}
  response: {payload: ok}
  webhooks:
    - type: kafka
      kafkaBrokers: "${at.secureKafka}"
      kafkaTopic: ${at.secured}
      kafkaUseSASL: true
      kafkaUsername: ${kafkaUsers.alice.username}
      kafkaPassword: ${kafkaUsers.alice.password}
      kafkaUseTLS: true
      kafkaCa: ${at.ca}
      body: {event: test}
      trigger: always
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: order-with-kafka-event}
spec:
  http: {route: /api/orders/events, httpMethod: POST}
  response:
    statusCode: 201
    payload: {orderId: $.fake.UUID, status: created}
  webhooks:
    - type: kafka
      kafkaBrokers: "${at.kafka}"
      kafkaTopic: ${at.events}
      kafkaKey: $.req.customerId
      headers:
        event-type: order.created
        source: order-service
        Content-Type: application/json
      body:
        orderId: $.fake.UUID
        customerId: $.req.customerId
        items: $.req.items
        total: $.req.total
        createdAt: $.fake.Date
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: notification-rabbitmq}
spec:
  http: {route: /api/notifications/send, httpMethod: POST}
  response: {statusCode: 200, payload: {status: queued}}
  webhooks:
    - type: rabbitmq
      rabbitURL: ${at.rabbit}
      rabbitQueue: ${at.queue}
      body: {type: email, to: $.req.email, subject: Your order has been placed}
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: exchange}
spec:
  http: {route: /api/exchange, httpMethod: POST}
  response: {payload: ok}
  webhooks:
    - type: rabbitmq
      rabbitURL: ${at.rabbit}
      rabbitExchange: ${at.exchange}
      rabbitRoutingKey: order.created
      body: {orderId: $.fake.UUID}
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: several}
spec:
  http: {route: /api/several, httpMethod: POST}
  response: {payload: ok}
  webhooks:
    - type: http
      url: ${at.app}/log
      body: {event: order.created}
      trigger: always
    - type: kafka
      kafkaBrokers: "${at.kafka}"
      kafkaTopic: ${at.events}
      body: {event: order.created}
      trigger: on_success
    - type: rabbitmq
      rabbitURL: ${at.rabbit}
      rabbitQueue: ${at.queue}
      body: {notify: true}
      trigger: on_success
---
apiVersion: callboard/v1
kind: Mock
metadata: {name: waited-for}
spec:
  http: {route: /api/waited-for, httpMethod: POST}
  response: {payload: ok}
  webhooks:
    - {type: kafka, kafkaBrokers: "${at.kafka}", kafkaTopic: ${at.created}, body: "Order $.req.id", async: false}
    - {type: kafka, kafkaBrokers: "${at.kafka}", kafkaTopic: ${at.created}, body: never, trigger: on_error}
`

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const json = ({ value }: ReadMessage): unknown => JSON.parse(String(value))

/** Without what is added to tell duplicates. */
function headersOf({ headers }: ReadMessage): Record<string, string> {
  const found = Object.fromEntries(headers.map(([name, value]) => [name, String(value)]))
  const { 'callboard-delivery-id': id, ...declared } = found
  expect(id).toMatch(/^.+\.1$/)
  return declared
}

describeWith(['own kafka', 'kcat', 'rabbitmq'], 'the examples of the callback documents', () => {
  it('work against real brokers', async () => {
    const { plaintext, saslSsl, caFile } = await ownKafka()
    const { url } = await rabbitmq()
    const [created, events, secured] = [
      await createTopic(plaintext, { partitions: 3 }),
      await createTopic(plaintext, { partitions: 3 }),
      await createTopic(plaintext),
    ]
    const queued = await Consumer.open(url)
    const queue = await queued.queue()
    const exchanged = await Consumer.open(url)
    const exchange = await exchanged.exchange('topic', 'order.*')
    const app = await Sink.start()
    const places = { kafka: plaintext, secureKafka: saslSsl, ca: caFile, created, events, secured, rabbit: url }
    const running = await Running.start(
      { 'examples.yaml': examples({ ...places, app: app.url, queue, exchange }) },
      { network: { allow: ['127.0.0.1', 'localhost'] } },
    )

    const order = { customerId: 'c-1', items: [{ sku: 'tea', n: 2 }], total: 12.5 }
    expect((await running.ask('/api/orders', { body: order })).status).toBe(201)
    const [first] = (await readTopic(plaintext, created, 1)) as [ReadMessage]
    expect(first.key?.toString()).toBe('c-1')
    expect(headersOf(first)).toEqual({})
    expect(json(first)).toEqual({
      event: 'order.created',
      orderId: expect.stringMatching(uuid),
      timestamp: expect.any(Number),
    })

    await running.ask('/api/secured', { method: 'POST' })
    const [safe] = (await readTopic(plaintext, secured, 1)) as [ReadMessage]
    expect(safe.key).toBeNull()
    expect(json(safe)).toEqual({ event: 'test' })

    await running.ask('/api/orders/events', { body: order })
    const [event] = (await readTopic(plaintext, events, 1)) as [ReadMessage]
    expect(event.key?.toString()).toBe('c-1')
    expect(event.partition).toBe(first.partition)
    expect(headersOf(event)).toEqual({ 'event-type': 'order.created', source: 'order-service' })
    expect(json(event)).toEqual({ ...order, orderId: expect.stringMatching(uuid), createdAt: expect.any(String) })

    await running.ask('/api/notifications/send', { body: { email: 'a@b.example' } })
    const [mail] = await queued.messages(1)
    expect(JSON.parse(String(mail?.content))).toEqual({
      type: 'email',
      to: 'a@b.example',
      subject: 'Your order has been placed',
    })
    expect(mail?.properties.contentType).toBe('application/json')

    await running.ask('/api/exchange', { method: 'POST' })
    const [routed] = await exchanged.messages(1)
    expect(routed?.fields).toMatchObject({ exchange, routingKey: 'order.created' })
    expect(JSON.parse(String(routed?.content))).toEqual({ orderId: expect.stringMatching(uuid) })

    await running.ask('/api/several', { method: 'POST' })
    expect((await app.at('/log'))[0]?.json).toEqual({ event: 'order.created' })
    expect((await readTopic(plaintext, events, 2)).map(json)).toContainEqual({ event: 'order.created' })
    expect(JSON.parse(String((await queued.messages(2))[1]?.content))).toEqual({ notify: true })

    await running.ask('/api/waited-for', { body: { id: 7 } })
    const deliveries = await running.see<{ items: { mock: { name: string }; status: string }[] }>('/api/v1/deliveries')
    // Before the answer, so that there is nothing to wait for.
    const waitedFor = deliveries.items.filter(({ mock }) => mock.name === 'waited-for')
    expect(waitedFor.map(({ status }) => status)).toEqual(['delivered'])
    expect((await readTopic(plaintext, created, 2)).map(({ value }) => String(value))).toContain('Order 7')

    const sent = await running.see<{ items: { id: string }[] }>('/api/v1/deliveries?transport=kafka&mock=secured')
    const shown = await running.see(`/api/v1/deliveries/${sent.items[0]?.id}`)
    expect(shown).toMatchObject({
      transport: 'kafka',
      target: `kafka://alice@${saslSsl}`,
      sent: { method: null, url: `kafka://alice@${saslSsl}`, address: { topic: secured }, body: '{"event":"test"}' },
    })
    expect(JSON.stringify(shown)).not.toContain(kafkaUsers.alice.password)
    const { problems } = await running.status()
    expect(new Set(problems.map(({ rule }) => rule))).toEqual(new Set(['literal-secret']))
  })
})
