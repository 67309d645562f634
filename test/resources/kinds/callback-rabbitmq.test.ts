import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import { linkCallback } from '../../../src/resources/kinds/callback.js'

const context = { readFile: () => undefined, env: { BROKER: 'mq.example' }, defaultNamespace: 'sandbox' }
const basic = { selector: {}, type: 'rabbitmq', rabbitURL: 'amqp://mq/', rabbitQueue: 'q' }

function link(spec: Record<string, Json>) {
  const input = { namespace: 'shop', name: 'notify', labels: {}, annotations: {} }
  return linkCallback({ ...input, spec: { ...basic, ...spec } }, context)
}

function rules(spec: Record<string, Json>): string[] {
  return link(spec).findings.map(({ rule, severity, pointer }) => `${severity} ${rule} ${pointer}`)
}

describe('a callback of type rabbitmq', () => {
  it('has all that is declared', () => {
    const { program, findings } = link({
      rabbitURL: { env: 'RABBIT_URL' },
      rabbitExchange: 'events',
      rabbitRoutingKey: 'order.$.req.kind',
      rabbitQueue: '',
      rabbitMandatory: true,
      rabbitCa: '/etc/ssl/rabbit.pem',
      headers: { 'X-Note': '東京\n' },
      body: { a: 1 },
    })
    expect(findings).toEqual([])
    expect(program?.message).toMatchObject({
      type: 'rabbitmq',
      url: { kind: 'secret', place: { env: 'RABBIT_URL' } },
      mandatory: true,
      ca: '/etc/ssl/rabbit.pem',
      headers: [{ name: 'X-Note' }],
      body: { form: 'json' },
    })
  })

  it.each<[name: string, spec: Record<string, Json>, found: string[]]>([
    ['a queue', {}, []],
    ['an exchange alone', { rabbitQueue: '', rabbitExchange: 'e' }, []],
    ['a routing key alone', { rabbitQueue: '', rabbitRoutingKey: 'k' }, []],
    ['an expression that may be empty', { rabbitQueue: '$.req.queue' }, []],
    ['nowhere to go', { rabbitQueue: '' }, ['error rabbit-nowhere /spec']],
    ['a queue beside an exchange', { rabbitExchange: 'e' }, ['warning rabbit-queue-unused /spec/rabbitQueue']],
    ['a queue beside a key', { rabbitRoutingKey: 'k' }, ['warning rabbit-queue-unused /spec/rabbitQueue']],
    ['a queue beside a key that may be empty', { rabbitRoutingKey: '$.req.key' }, []],
    [
      'a long routing key',
      { rabbitRoutingKey: 'é'.repeat(128), rabbitQueue: '' },
      ['error rabbit-name /spec/rabbitRoutingKey'],
    ],
    ['a user without a password', { rabbitURL: 'amqp://u@mq/' }, []],
    ['a password', { rabbitURL: 'amqp://u:p@mq/' }, ['warning literal-secret /spec/rabbitURL']],
    ['a secret', { rabbitURL: { file: '/run/secrets/mq' } }, []],
    ['a URL with an expression', { rabbitURL: 'amqp://$.env.BROKER/' }, []],
    ['a URL of another scheme', { rabbitURL: 'http://mq/' }, ['error callback-url /spec/rabbitURL']],
    ['a URL without a scheme', { rabbitURL: 'mq:5672' }, ['error callback-url /spec/rabbitURL']],
    [
      'a URL with an unknown parameter',
      { rabbitURL: 'amqp://mq/?verify=x' },
      ['warning rabbit-url-parameter /spec/rabbitURL'],
    ],
    ['a heartbeat', { rabbitURL: 'amqp://mq/?heartbeat=5' }, []],
    ['an authority without TLS', { rabbitCa: 'ca.pem' }, ['warning rabbit-tls /spec/rabbitCa']],
    ['an authority with TLS', { rabbitCa: 'ca.pem', rabbitURL: 'amqps://mq/' }, []],
    ['a text', { body: 'Order $.req.id' }, ['warning payload-not-json /spec/body']],
    ['a text that is said to be one', { body: 'hello', headers: { 'content-type': 'text/plain' } }, []],
    ['a text that is JSON', { body: '{"id": "$.req.id"}' }, []],
    ['one expression', { body: '$.req' }, []],
    [
      'an expression that does not compile',
      { rabbitRoutingKey: '$.fake.Nonsense', rabbitQueue: '' },
      ['error unknown-faker /spec/rabbitRoutingKey'],
    ],
    ['a signature', { sign: { scheme: 'hmac', secret: { env: 'S' } } }, ['error signature-not-http /spec/sign']],
  ])('%s', (_name, spec, found) => {
    expect(rules(spec)).toEqual(found)
  })

  it('never shows a password in what is found', () => {
    const { findings } = link({ rabbitURL: 'amqp://u:never-shown@:5672/' })
    expect(findings).not.toEqual([])
    expect(JSON.stringify(findings)).not.toContain('never-shown')
  })
})
