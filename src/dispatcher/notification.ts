// A notification as a delivery: what the engine is to know of it, and what its transport finds again.

import { createHash } from 'node:crypto'
import type { Json } from '../expression/json.js'
import { writeReference } from '../resources/kinds/reference.js'
import type { Delivery } from '../store/delivery.js'
import type { Recipient } from './channel-type.js'
import type { Decision } from './decision.js'
import type { Message, Severity } from './message.js'

/** Name of the transport, and the kind of delivery. */
export const notification = 'notification'

/** `Delivery.payload` of this transport. */
export interface NotificationPayload {
  readonly channel: Decision['channel']
  /** Name of the User; absent where the channel is one recipient itself. */
  readonly user?: string
  /** Id of the UserBinding by which they were told. */
  readonly binding?: string
  readonly recipient: Recipient
  readonly override: Decision['override']
  /** Why, for people, and the resource that says so. */
  readonly because: string
  readonly decidedBy?: string
  /** Of the event. */
  readonly severity: Severity
  /** As rendered when it was accepted; absent from what is never sent. */
  readonly message?: Message
  /** Why the message is not what was declared. */
  readonly failure?: string
  /** Id of a delivery without which this is of no use: where that did not arrive, this is not sent. */
  readonly needs?: string
  /** Answers to it may come. */
  readonly begins?: true
  /** How many events it says, where it says several. */
  readonly events?: number
  /** It was to wait: asked about again before it is sent. */
  readonly held?: true
  /** Only the credential is tried; nothing is posted. */
  readonly check?: true
}

export function toPayload(payload: NotificationPayload): Json {
  return payload as unknown as Json
}

export function payloadOf({ payload }: Pick<Delivery, 'payload'>): NotificationPayload {
  return payload as unknown as NotificationPayload
}

/** What one gate stands before: `channel:-/ops`, `channel:shop/alerts`. */
export function targetOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `channel:${namespace === '' ? '-' : namespace}/${name}`
}

/** Equal for the same parts, whichever process asks. */
export function deliveryId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** As people write it: `ops`, `shop/alerts`. */
export const channelName = writeReference
