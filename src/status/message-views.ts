// Messages that a program sends in its own words, such as an agent's tools do: over a channel that is declared, or once
// with credentials that come with the call.
import type { Json } from '../expression/json.js'
import type { ChannelName } from './channel-operations.js'
import type { DeliveryError } from './delivery-views.js'
import { flag, integer, list, nullable, object, oneOf, ref, type Schemas, text } from './json-schema.js'

export const messageSeverities = ['info', 'warning', 'error', 'critical'] as const

/** What is said. */
export interface MessageWords {
  /** One line. */
  readonly title: string
  readonly text: string
  readonly severity?: (typeof messageSeverities)[number]
  /** Absolute URL with more about it. */
  readonly link?: string
}

export interface MessageWish extends MessageWords {
  /** An address, in the form that the channel's type wants; for channels that write to people. */
  readonly recipient?: string
  /** Name of a User that is bound to the channel, instead of an address. */
  readonly user?: string
  /** What was accepted over the channel under the same is not sent again. */
  readonly key?: string
}

export interface DirectMessageWish extends MessageWords {
  readonly type: string
  /** As in a Channel of this type; a secret is the text itself, never where to find it. */
  readonly config: Readonly<Record<string, Json>>
  /** Where `config` names no one place: by the fields that a UserBinding has. */
  readonly recipient?: Readonly<Record<string, string>>
}

/** A channel that messages may be sent over. */
export interface MessageChannel {
  /** `name` when global, `namespace~name` otherwise. */
  readonly id: string
  readonly namespace: string | null
  readonly name: string
  readonly displayName: string
  readonly type: string
  readonly enabled: boolean
  readonly suspend: boolean
  /** `user`: it writes to people, and has to be told to whom. */
  readonly recipients: 'channel' | 'user'
  /** Forms of address, where it writes to people. */
  readonly addresses: readonly string[]
  readonly limits: { readonly title: number; readonly text: number; readonly unit: string }
}

export interface MessageChannelFilter {
  /** Empty: global ones. */
  readonly namespace?: string
  readonly type?: string
}

export type MessageRefusal =
  | { readonly outcome: 'refused'; readonly field: string; readonly message: string }
  /** Settings do not let it be used. */
  | { readonly outcome: 'forbidden'; readonly message: string }
  | { readonly outcome: 'limited'; readonly message: string; readonly retryAfterMs: number }

export type MessageOutcome =
  | { readonly outcome: 'accepted'; readonly delivery: string }
  | { readonly outcome: 'unknown'; readonly known: readonly string[] }
  | MessageRefusal

export type DirectMessageOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'failed'; readonly error: DeliveryError }
  | MessageRefusal

export interface MessageOperations {
  /** Those that settings let be used, by id. */
  channels(filter: MessageChannelFilter): readonly MessageChannel[]
  /** Resolves once the message is durable; the engine sends it. Rejects with `StoreUnavailable`. */
  send(channel: ChannelName, wish: MessageWish): Promise<MessageOutcome>
  /** One attempt, of which nothing is kept. Resolves once it has ended. */
  sendDirect(wish: DirectMessageWish, signal: AbortSignal): Promise<DirectMessageOutcome>
}

/** What became of a message, as far as is known. */
export interface MessageReceipt {
  /** `accepted`: it is on disk and waits for its first or next attempt. `failed`: of one that is sent once. */
  readonly status: 'accepted' | 'delivered' | 'failed' | 'dead_letter' | 'cancelled' | 'suppressed'
  /** Id of the delivery; null for what nothing is kept of. */
  readonly delivery: string | null
  /** Id of the channel; null for one that is not declared. */
  readonly channel: string | null
  readonly type: string
  /** Why it ended so, or why it waits; null when there is nothing to say. */
  readonly reason: string | null
  readonly error: DeliveryError | null
}

export const messageSchemas: Schemas = {
  MessageChannel: object<MessageChannel>('A channel that messages may be sent over', {
    id: text('`name` when global, `namespace~name` otherwise'),
    namespace: nullable(text('Null for what is global')),
    name: text('metadata.name'),
    displayName: text('What people call it'),
    type: text('slack, telegram, email, …'),
    enabled: flag('False: nothing is sent'),
    suspend: flag('True: what is to be sent waits'),
    recipients: oneOf('Whether it is one recipient itself, or has to be told to whom', ['channel', 'user']),
    addresses: list('Forms of address, where it has to be told', text('email, chatId, userId, roomId')),
    limits: {
      type: 'object',
      description: 'The longest texts that are taken',
      properties: {
        title: integer('Of the title'),
        text: integer('Of the text'),
        unit: text('utf16, codepoints, bytes'),
      },
      required: ['title', 'text', 'unit'],
      additionalProperties: false,
    },
  }),
  MessageReceipt: object<MessageReceipt>('What became of a message, as far as is known', {
    status: oneOf('accepted: it is on disk, and waits for its first or next attempt', [
      'accepted',
      'delivered',
      'failed',
      'dead_letter',
      'cancelled',
      'suppressed',
    ]),
    delivery: nullable(text('Id of the delivery; null for what nothing is kept of')),
    channel: nullable(text('Id of the channel; null for one that is not declared')),
    type: text('slack, telegram, email, …'),
    reason: nullable(text('Why it ended so, or why it waits')),
    error: nullable(ref('DeliveryError')),
  }),
}
