import { describe, expect, it } from 'vitest'
import { toDelivery } from '../../src/callbacks/callback.js'
import { LiteralSecrets } from '../../src/callbacks/literal-secrets.js'
import type { RabbitPayload } from '../../src/callbacks/rabbitmq-payload.js'
import { showRabbit } from '../../src/callbacks/rabbitmq-view.js'
import type { CallbackProgram } from '../../src/resources/kinds/callback-program.js'
import { Folder } from '../e2e/folder.js'
import { scopeOf } from '../expression/scope.js'
import { callback } from './firing-resolver.js'

function render(spec: Record<string, unknown>, req: unknown = {}, headers: Record<string, string> = {}) {
  const secrets = new LiteralSecrets(new Folder().state)
  const declared = { selector: {}, type: 'rabbitmq', rabbitURL: 'amqp://mq', rabbitQueue: 'q', ...spec }
  const { program } = callback('notify', declared)
  const occasion = { id: 'r1.1', now: 1_700_000_000_999, scope: scopeOf({ req: req as never }), headers, about: {} }
  const delivery = toDelivery(program as CallbackProgram, occasion, { secrets, maxAgeMs: 1000 })
  return { delivery, payload: delivery.payload as unknown as RabbitPayload, secrets }
}

describe('a RabbitMQ callback', () => {
  it('is rendered in every field', () => {
    const { delivery, payload } = render(
      {
        rabbitURL: 'amqps://u@$.req.host/eu',
        rabbitExchange: 'ev-$.req.kind',
        rabbitRoutingKey: 'order.$.req.kind',
        rabbitQueue: 'unused-$.req.kind',
        rabbitMandatory: true,
        rabbitCa: '/ca.pem',
        headers: { 'X-Kind': '$.req.kind', 'Content-Type': 'application/vnd.order+json' },
        body: { kind: '$.req.kind', n: 1 },
      },
      { kind: 'created', host: 'mq.example' },
    )
    expect(payload).toEqual({
      url: 'amqps://u@mq.example/eu',
      ca: '/ca.pem',
      exchange: 'ev-created',
      routingKey: 'order.created',
      mandatory: true,
      properties: { contentType: 'application/vnd.order+json' },
      headers: [['X-Kind', 'created']],
      body: '{"kind":"created","n":1}',
    })
    expect(delivery).toMatchObject({ transport: 'rabbitmq', target: 'amqps://u@mq.example:5671/eu' })
  })

  it.each<[name: string, spec: Record<string, unknown>, exchange: string, routingKey: string]>([
    ['the queue alone', {}, '', 'q'],
    ['exchange and key', { rabbitExchange: 'e', rabbitRoutingKey: 'k', rabbitQueue: '' }, 'e', 'k'],
    ['an exchange without a key', { rabbitExchange: 'e', rabbitQueue: '' }, 'e', ''],
    ['a key without an exchange', { rabbitRoutingKey: 'k', rabbitQueue: '' }, '', 'k'],
    ['a key that comes out empty', { rabbitRoutingKey: '$.req.none' }, '', 'q'],
  ])('goes by %s', (_name, spec, exchange, routingKey) => {
    expect(render(spec, { none: '' }).payload).toMatchObject({ exchange, routingKey })
  })

  it.each<[body: unknown, text: string | undefined]>([
    [{ a: 1 }, '{"a":1}'],
    ['Order $.req.id', 'Order 7'],
    ['$.req.id', '7'],
    ['$.req.name', 'é'],
    [undefined, undefined],
    [null, undefined],
  ])('is JSON by its content type, whatever the body: %j', (body, text) => {
    const { payload } = render(body === undefined ? {} : { body }, { id: 7, name: 'é' })
    expect(payload.properties).toEqual({ contentType: 'application/json' })
    expect(payload.body).toBe(text)
  })

  it('takes properties of AMQP from headers, and all but the content type stay headers as well', () => {
    const headers = {
      'content-type': 'text/plain',
      'Correlation-Id': '$.req.id',
      'reply-to': 'answers',
      'Content-Encoding': 'identity',
      Type: 'order',
    }
    const { payload } = render({ headers }, { id: 'c-1' })
    expect(payload.properties).toEqual({
      contentType: 'text/plain',
      correlationId: 'c-1',
      replyTo: 'answers',
      contentEncoding: 'identity',
    })
    expect(payload.headers).toEqual([
      ['Correlation-Id', 'c-1'],
      ['reply-to', 'answers'],
      ['Content-Encoding', 'identity'],
      ['Type', 'order'],
    ])
  })

  it('hands on the trace of the request, unless it declares one itself', () => {
    const received = { traceparent: '00-1-1-01', tracestate: 'a=b' }
    expect(render({}, {}, received).payload.headers).toEqual(Object.entries(received))
    const headers = { Traceparent: 'own', tracestate: 'own' }
    expect(render({ headers }, {}, received).payload.headers).toEqual(Object.entries(headers))
  })

  it('keeps secrets as references, a password in the URL too', async () => {
    const { payload, delivery, secrets } = render({
      rabbitURL: 'amqp://u:p%40ss@mq/eu',
      headers: { 'X-Token': { env: 'TOKEN' } },
    })
    expect(JSON.stringify(payload)).not.toContain('p%40ss')
    expect(await secrets.read((payload.url as { file: string }).file)).toBe('amqp://u:p%40ss@mq/eu')
    expect(payload.headers).toEqual([['X-Token', { env: 'TOKEN' }]])
    expect(delivery.target).toBe('amqp://u@mq:5672/eu')
  })

  it('stands behind one gate with all that share broker, virtual host and user', () => {
    const target = (rabbitURL: unknown) => render({ rabbitURL }).delivery.target
    expect(target('amqp://mq')).toBe(target('amqp://guest:guest@MQ:5672/%2F'))
    expect(target('amqp://mq')).not.toBe(target('amqp://mq/eu'))
    expect(target('amqp://mq')).not.toBe(target('amqp://u@mq'))
    expect(target('amqp://mq')).not.toBe(target('amqps://mq'))
    expect(target({ env: 'RABBIT_URL' })).toBe('amqp:secret:RABBIT_URL')
  })

  it.each<[name: string, spec: Record<string, unknown>, message: RegExp]>([
    ['nowhere to go', { rabbitQueue: '$.req.none' }, /came out empty/],
    [
      'a routing key that is too long',
      { rabbitRoutingKey: '$.req.long' },
      /the routing key came out longer than the 255/,
    ],
    ['a content type that is too long', { headers: { 'Content-Type': '$.req.long' } }, /Content-Type came out longer/],
    ['a URL that is none', { rabbitURL: 'amqp://$.req.none' }, /no URL of a broker: write amqp:/],
  ])('with %s is on record, and not sent', (_name, spec, message) => {
    const { delivery } = render(spec, { none: '', long: 'x'.repeat(256) })
    expect(delivery.transport).toBe('unprepared')
    expect(delivery.payload).toMatchObject({ message: expect.stringMatching(message) })
  })
})

describe('a RabbitMQ callback as it is shown', () => {
  it('has its address, its headers and its content type', () => {
    const { payload } = render({
      rabbitURL: 'amqp://u@mq',
      rabbitExchange: 'events',
      rabbitRoutingKey: 'k',
      rabbitQueue: '',
      headers: { 'X-Api-Key': 'never-shown', 'X-Kind': 'a', 'X-Token': { env: 'TOKEN' } },
      body: { a: 1 },
    })
    expect(showRabbit(payload, ['x-kind'])).toEqual({
      method: null,
      url: 'amqp://u@mq:5672/',
      address: { exchange: 'events', routingKey: 'k', mandatory: 'false' },
      headers: {
        'Content-Type': ['application/json'],
        'X-Api-Key': ['<secret: as declared>'],
        'X-Kind': ['***'],
        'X-Token': ['<secret: env TOKEN>'],
      },
      body: '{"a":1}',
      encoding: 'utf8',
      truncated: false,
    })
  })

  it.each([
    ['amqp://u:never-shown@mq', '<secret: as declared>'],
    [{ env: 'RABBIT_URL' }, '<secret: env RABBIT_URL>'],
  ])('names what its URL is: %j', (rabbitURL, shown) => {
    expect(showRabbit(render({ rabbitURL }).payload, []).url).toBe(shown)
  })
})
