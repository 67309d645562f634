import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import { linkCallback } from '../../../src/resources/kinds/callback.js'
import { readBrokers } from '../../../src/resources/kinds/callback-kafka.js'

const context = { readFile: () => undefined, env: {}, defaultNamespace: 'sandbox' }
const basic = { selector: {}, type: 'kafka', kafkaBrokers: 'k1:9092', kafkaTopic: 'orders' }

function link(spec: Record<string, Json>) {
  const input = { namespace: 'shop', name: 'notify', labels: {}, annotations: {} }
  return linkCallback({ ...input, spec: { ...basic, ...spec } }, context)
}

function rules(spec: Record<string, Json>): string[] {
  return link(spec).findings.map(({ rule, severity, pointer }) => `${severity} ${rule} ${pointer}`)
}

describe('a callback of type kafka', () => {
  it('has all that is declared', () => {
    const { program, findings } = link({
      kafkaBrokers: 'K1:9092, k2:9093',
      kafkaKey: '$.req.customer',
      kafkaUseSASL: true,
      kafkaSaslMechanism: 'scram-sha-512',
      kafkaUsername: 'service',
      kafkaPassword: { env: 'KAFKA_PASSWORD' },
      kafkaUseTLS: true,
      kafkaCa: '/etc/ssl/kafka.pem',
      headers: { note: '東京\n', 'Content-Type': 'text/plain' },
      body: { a: 1 },
    })
    expect(findings).toEqual([])
    expect(program?.message).toMatchObject({
      type: 'kafka',
      brokers: ['k1:9092', 'k2:9093'],
      login: {
        mechanism: 'scram-sha-512',
        username: 'service',
        password: { kind: 'secret', place: { env: 'KAFKA_PASSWORD' } },
      },
      tls: { ca: '/etc/ssl/kafka.pem' },
      headers: [{ name: 'note' }, { name: 'Content-Type' }],
      body: { form: 'json' },
    })
  })

  it('logs in by PLAIN unless it says otherwise, and neither logs in nor encrypts unless it says so', () => {
    expect(link({}).program?.message).toMatchObject({ login: undefined, tls: undefined, key: undefined })
    const login = { kafkaUseSASL: true, kafkaUsername: 'u', kafkaPassword: 'p' }
    expect(link({ ...login, kafkaUseTLS: true }).program?.message).toMatchObject({
      login: { mechanism: 'plain', username: 'u', password: { kind: 'literal', text: 'p' } },
      tls: {},
    })
  })

  it.each<[name: string, spec: Record<string, Json>, found: string[]]>([
    ['what is needed', {}, []],
    ['an expression in the topic', { kafkaTopic: 'orders.$.req.kind' }, []],
    ['a root that there is not', { kafkaTopic: '$.nope' }, ['error expression-root /spec/kafkaTopic']],
    ['a topic with a space', { kafkaTopic: 'my orders' }, ['error kafka-topic /spec/kafkaTopic']],
    ['a topic that is too long', { kafkaTopic: 'x'.repeat(250) }, ['error kafka-topic /spec/kafkaTopic']],
    ['a topic of dots', { kafkaTopic: '..' }, ['error kafka-topic /spec/kafkaTopic']],
    ['a URL for a broker', { kafkaBrokers: 'kafka://k1:9092' }, ['error kafka-brokers /spec/kafkaBrokers']],
    [
      'two brokers that are none',
      { kafkaBrokers: 'k1:0,k2,k 3' },
      ['error kafka-brokers /spec/kafkaBrokers', 'error kafka-brokers /spec/kafkaBrokers'],
    ],
    ['no broker', { kafkaBrokers: ' , ' }, ['error kafka-brokers /spec/kafkaBrokers']],
    ['an expression for a broker', { kafkaBrokers: '$.env.KAFKA' }, ['error kafka-brokers /spec/kafkaBrokers']],
    ['a user who does not log in', { kafkaUsername: 'u' }, ['warning kafka-login /spec/kafkaUsername']],
    ['a password without a login', { kafkaPassword: { env: 'P' } }, ['warning kafka-login /spec/kafkaPassword']],
    [
      'a login without a name',
      { kafkaUseSASL: true, kafkaUsername: '', kafkaPassword: { env: 'P' } },
      ['error kafka-login /spec/kafkaUsername'],
    ],
    ['an authority without TLS', { kafkaCa: '/ca.pem' }, ['warning kafka-tls /spec/kafkaCa']],
  ])('with %s', (_name, spec, found) => {
    expect(rules(spec)).toEqual(found)
  })
})

it.each<[text: string, brokers: string[]]>([
  ['kafka:9092', ['kafka:9092']],
  ['kafka', ['kafka:9092']],
  [' A:1 ,b:2,, a:1', ['a:1', 'b:2']],
  ['10.0.0.1:9094,[fd00::1]:9092,[::1]', ['10.0.0.1:9094', '[fd00::1]:9092', '[::1]:9092']],
])('%j names brokers', (text, brokers) => {
  expect(readBrokers(text)).toEqual({ brokers, wrong: [] })
})
