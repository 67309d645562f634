// What is journalled of a message for RabbitMQ.

import type { SecretReference, SecretText } from '../delivery/secrets.js'
import type { Json } from '../expression/json.js'
import { parseRabbitUrl } from '../resources/kinds/rabbitmq-url.js'

/** `Delivery.payload` of this transport: every field as rendered. */
export interface RabbitPayload {
  readonly url: SecretText
  /** Path of a PEM file with the authority that signed the broker's certificate. */
  readonly ca?: string
  /** Empty for the default exchange. */
  readonly exchange: string
  readonly routingKey: string
  /** That it reaches no queue is a failure. */
  readonly mandatory: boolean
  readonly properties: RabbitProperties
  readonly headers: readonly (readonly [name: string, value: SecretText])[]
  readonly body?: string
}

/** Those of AMQP's own properties that headers of a callback can set. */
export interface RabbitProperties {
  readonly contentType: SecretText
  readonly contentEncoding?: SecretText
  readonly correlationId?: SecretText
  readonly replyTo?: SecretText
}

export function toRabbitPayload(payload: RabbitPayload): Json {
  return payload as unknown as Json
}

/**
 * What `Delivery.target` is: one gate for a broker with its virtual host and user. A URL that is a secret has one by its name.
 * Undefined for what is no URL, or not yet.
 */
export function rabbitTarget(url: string | SecretReference): string | undefined {
  return typeof url === 'string' ? parseRabbitUrl(url)?.name : `amqp:secret:${url.env ?? url.file ?? ''}`
}
