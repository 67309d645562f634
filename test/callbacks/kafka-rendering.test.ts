import { describe, expect, it } from 'vitest'
import { toDelivery } from '../../src/callbacks/callback.js'
import { type KafkaPayload, kafkaOrder } from '../../src/callbacks/kafka-payload.js'
import { showKafka } from '../../src/callbacks/kafka-view.js'
import { LiteralSecrets } from '../../src/callbacks/literal-secrets.js'
import type { CallbackProgram } from '../../src/resources/kinds/callback-program.js'
import { Folder } from '../e2e/folder.js'
import { scopeOf } from '../expression/scope.js'
import { callback } from './firing-resolver.js'

function render(spec: Record<string, unknown>, req: unknown = {}, headers: Record<string, string> = {}) {
  const secrets = new LiteralSecrets(new Folder().state)
  const declared = { selector: {}, type: 'kafka', kafkaBrokers: 'k2:9092,k1:9092', kafkaTopic: 'orders', ...spec }
  const { program } = callback('notify', declared)
  const occasion = { id: 'r1.1', now: 1_700_000_000_999, scope: scopeOf({ req: req as never }), headers, about: {} }
  const delivery = toDelivery(program as CallbackProgram, occasion, { secrets, maxAgeMs: 1000 })
  return { delivery, payload: delivery.payload as unknown as KafkaPayload, secrets }
}

describe('a Kafka callback', () => {
  it('is rendered in every field', () => {
    const { delivery, payload } = render(
      {
        kafkaTopic: 'orders.$.req.kind',
        kafkaKey: '$.req.customer',
        kafkaUseSASL: true,
        kafkaSaslMechanism: 'scram-sha-256',
        kafkaUsername: 'a b@c',
        kafkaPassword: { env: 'KAFKA_PASSWORD' },
        kafkaUseTLS: true,
        kafkaCa: '/ca.pem',
        headers: { 'content-type': 'x/y', 'event-type': 'order.$.req.kind', token: { file: '/run/t' }, note: '東京' },
        body: { kind: '$.req.kind', n: 1 },
      },
      { kind: 'created', customer: 42 },
    )
    expect(payload).toEqual({
      brokers: ['k2:9092', 'k1:9092'],
      topic: 'orders.created',
      key: '42',
      headers: [
        ['event-type', 'order.created'],
        ['token', { file: '/run/t' }],
        ['note', '東京'],
        ['callboard-delivery-id', 'r1.1'],
      ],
      value: '{"kind":"created","n":1}',
      login: { mechanism: 'scram-sha-256', username: 'a b@c', password: { env: 'KAFKA_PASSWORD' } },
      tls: { ca: '/ca.pem' },
    })
    const target = 'kafka://a%20b%40c@k1:9092,k2:9092'
    expect(delivery).toMatchObject({
      transport: 'kafka',
      target,
      order: kafkaOrder(target, 'orders.created', '42'),
    })
  })

  it.each<[body: unknown, value: string | undefined]>([
    [{ a: 1 }, '{"a":1}'],
    ['Order $.req.id', 'Order 7'],
    ['$.req.id', '7'],
    ['', ''],
    [undefined, undefined],
    [null, undefined],
  ])('has a body for its value, and none is null: %j', (body, value) => {
    expect(render(body === undefined ? {} : { body }, { id: 7 }).payload.value).toBe(value)
  })

  it('has neither key nor order when its key comes out empty', () => {
    const { delivery, payload } = render({ kafkaKey: '$.req.key' }, { key: '' })
    expect(payload).not.toHaveProperty('key')
    expect(delivery).not.toHaveProperty('order')
  })

  it('keeps a literal password out of the journal', () => {
    const login = { kafkaUseSASL: true, kafkaUsername: 'u', kafkaPassword: 'pa55' }
    const { payload } = render(login)
    expect(payload.login?.password).toEqual({ file: expect.stringMatching(/^literal:[0-9a-f]{64}$/) })
    expect(JSON.stringify(payload)).not.toContain('pa55')
  })

  it('passes on what a request is a part of, unless a header says otherwise', () => {
    const received = { traceparent: '00-1', tracestate: 'a=b', other: 'x' }
    const { payload } = render({ headers: { Tracestate: 'mine', 'Callboard-Delivery-Id': 'own' } }, {}, received)
    expect(payload.headers).toEqual([
      ['Tracestate', 'mine'],
      ['Callboard-Delivery-Id', 'own'],
      ['traceparent', '00-1'],
    ])
  })

  it('is not sent when its topic comes out as none', () => {
    const { delivery } = render({ kafkaTopic: '$.req.topic' }, { topic: 'a b' })
    expect(delivery).toMatchObject({
      transport: 'unprepared',
      payload: {
        message: expect.stringContaining('kafkaTopic came out as "a b", which cannot be the name of a topic'),
      },
    })
  })
})

it('messages with one key are in one order, whatever their topic, key or brokers are spelled like', () => {
  const orders = [
    kafkaOrder('kafka://a:1', 't', 'k'),
    kafkaOrder('kafka://a:1', 't', 'k k'),
    kafkaOrder('kafka://a:1', 'u', 'k'),
    kafkaOrder('kafka://b:1', 't', 'k'),
    kafkaOrder('kafka://a:1', 't', 'x'.repeat(1000)),
    kafkaOrder('kafka://a:1', 't', `${'x'.repeat(999)}y`),
  ]
  expect(new Set(orders).size).toBe(orders.length)
  expect(Math.max(...orders.map(({ length }) => length))).toBeLessThan(100)
})

it('is shown without what is secret', () => {
  const { payload } = render({
    kafkaKey: 'c-1',
    kafkaUseSASL: true,
    kafkaUsername: 'service',
    kafkaPassword: { env: 'KAFKA_PASSWORD' },
    headers: { 'api-key': 'abc', token: { env: 'TOKEN' }, source: 'shop' },
    body: 'hello',
  })
  expect(showKafka(payload, ['source'])).toEqual({
    method: null,
    url: 'kafka://service@k1:9092,k2:9092',
    address: { topic: 'orders', key: 'c-1' },
    headers: {
      'api-key': ['***'],
      token: ['<secret: env TOKEN>'],
      source: ['***'],
      'callboard-delivery-id': ['r1.1'],
    },
    body: 'hello',
    encoding: 'utf8',
    truncated: false,
  })
})
