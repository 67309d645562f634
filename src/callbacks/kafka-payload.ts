// What is journalled of a message for Kafka, and what it has in common with others.

import { createHash } from 'node:crypto'
import type { SecretText } from '../delivery/secrets.js'
import type { Json } from '../expression/json.js'
import type { KafkaLogin } from '../resources/kinds/callback-program.js'

/** `Delivery.payload` of this transport: every field as rendered. */
export interface KafkaPayload {
  /** As `host:port`. */
  readonly brokers: readonly string[]
  readonly topic: string
  /** Without one, messages go to any partition. */
  readonly key?: string
  readonly headers: readonly (readonly [name: string, value: SecretText])[]
  /** Without one, the value is null. */
  readonly value?: string
  readonly login?: {
    readonly mechanism: KafkaLogin['mechanism']
    readonly username: string
    readonly password: SecretText
  }
  /** Without it, the connection is not encrypted. `ca`: path of a PEM file. */
  readonly tls?: { readonly ca?: string }
}

export function toKafkaPayload(payload: KafkaPayload): Json {
  return payload as unknown as Json
}

/** What `Delivery.target` is: one gate for each set of brokers and who logs in there. */
export function kafkaTarget(brokers: readonly string[], username: string | undefined): string {
  const user = username === undefined ? '' : `${encodeURIComponent(username)}@`
  return `kafka://${user}${[...brokers].sort().join(',')}`
}

/** Longer keys are told apart by their hash: it is kept in memory of every delivery that waits. */
const maxKeyLength = 64

/** What `Delivery.order` is: messages with one key arrive in their order. */
export function kafkaOrder(target: string, topic: string, key: string): string {
  const short = key.length <= maxKeyLength ? `=${key}` : `#${createHash('sha256').update(key).digest('base64')}`
  return `${target} ${topic} ${short}`
}
