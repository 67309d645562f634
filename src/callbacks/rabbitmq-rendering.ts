import { Buffer } from 'node:buffer'
import type { SecretText } from '../delivery/secrets.js'
import type { RabbitCallback, TextProgram } from '../resources/kinds/callback-program.js'
import { maxNameBytes } from '../resources/kinds/callback-rabbitmq.js'
import { urlHint } from '../resources/kinds/rabbitmq-url.js'
import type { LiteralSecrets } from './literal-secrets.js'
import { type RabbitPayload, type RabbitProperties, rabbitTarget, toRabbitPayload } from './rabbitmq-payload.js'
import { type Occasion, type Rendered, renderBody, textOf, tracing } from './rendering.js'

/** Headers that AMQP has properties for. The content type is that alone; the others stay headers as well. */
const propertyOf: Readonly<Record<string, keyof RabbitProperties>> = {
  'content-type': 'contentType',
  'content-encoding': 'contentEncoding',
  'correlation-id': 'correlationId',
  'reply-to': 'replyTo',
}

/** Throws an Error when it comes out as nothing that can be sent. */
export function renderRabbit(rabbit: RabbitCallback, occasion: Occasion, secrets: LiteralSecrets): Rendered {
  const { scope, headers: received } = occasion
  const url = textOf(rabbit.url, scope, secrets)
  const properties: { -readonly [Name in keyof RabbitProperties]: SecretText } = { contentType: 'application/json' }
  const headers: [name: string, value: SecretText][] = []
  for (const { name, value: program } of rabbit.headers) {
    const lower = name.toLowerCase()
    const value = textOf(program, scope, secrets)
    const property = Object.hasOwn(propertyOf, lower) ? propertyOf[lower] : undefined
    if (property !== undefined) properties[property] = named(name, value)
    if (property !== 'contentType') headers.push([name, value])
  }
  for (const name of tracing) {
    const value = received[name]
    if (typeof value === 'string' && !headers.some(([given]) => given.toLowerCase() === name))
      headers.push([name, value])
  }
  const payload: RabbitPayload = {
    url,
    ...(rabbit.ca !== undefined && { ca: rabbit.ca }),
    ...addressOf(rabbit, scope),
    mandatory: rabbit.mandatory,
    properties,
    headers,
    ...(rabbit.body !== undefined && { body: renderBody(rabbit.body, scope).text }),
  }
  return { transport: 'rabbitmq', target: targetOf(rabbit.url, url), payload: toRabbitPayload(payload) }
}

function addressOf(rabbit: RabbitCallback, scope: Occasion['scope']): Pick<RabbitPayload, 'exchange' | 'routingKey'> {
  const exchange = named('the exchange', rabbit.exchange.renderText(scope))
  const declared = named('the routing key', rabbit.routingKey.renderText(scope))
  const routingKey = exchange === '' && declared === '' ? named('the queue', rabbit.queue.renderText(scope)) : declared
  if (exchange === '' && routingKey === '') {
    throw new Error('exchange, routing key and queue came out empty: nothing says where the message goes')
  }
  return { exchange, routingKey }
}

function targetOf(program: TextProgram, url: SecretText): string {
  const target = rabbitTarget(program.kind === 'literal' ? program.text : url)
  if (target === undefined) throw new Error(`rabbitURL came out as no URL of a broker: ${urlHint}`)
  return target
}

function named<Text extends SecretText>(what: string, text: Text): Text {
  if (typeof text === 'string' && Buffer.byteLength(text) > maxNameBytes) {
    throw new Error(`${what} came out longer than the ${maxNameBytes} bytes that AMQP allows`)
  }
  return text
}
