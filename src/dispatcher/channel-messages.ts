// Messages in somebody's own words over a declared channel. They go through the engine as notifications of events do:
// on disk before they are accepted, and retried as the channel says. Nobody has subscribed to them, so that preferences
// and quiet hours have nothing to say; a channel that is switched off or suspended is.

import type { Engine } from '../delivery/engine.js'
import type { ChannelProgram } from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'
import type { Store } from '../store/store.js'
import type { ChannelType } from './channel-type.js'
import { type RecipientWish, recipientFor } from './chosen-recipient.js'
import type { Decision } from './decision.js'
import { toDelivery } from './fan-out.js'
import { making } from './made.js'
import type { Message, Severity } from './message.js'
import { deliveryId, targetOf } from './notification.js'
import type { QuotaGate } from './quota-ledger.js'
import type { RevisionRules } from './revision-rules.js'
import type { RatedEvent } from './rules.js'

export interface MessageWords {
  readonly title: string
  readonly text: string
  readonly severity?: Severity
  readonly link?: string
}

export interface ChannelMessagesOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  readonly rules: () => RevisionRules
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
  readonly maxAgeMs: number
  readonly quotas: QuotaGate
}

/** Type of the event that such a message is about, in the delivery log. */
export const messageEvent = 'message.sent'

export class ChannelMessages {
  readonly #options: ChannelMessagesOptions

  constructor(options: ChannelMessagesOptions) {
    this.#options = options
  }

  /**
   * Resolves with the id of the delivery once it is on disk. With a `key`, what was accepted over this channel under the
   * same is not sent again, as long as its delivery is kept. Rejects with `RecipientRefused` or `StoreUnavailable`.
   */
  async accept(channel: Resource, words: MessageWords, wish: RecipientWish, key?: string): Promise<string> {
    const { engine, store, rules, types, now, newId, maxAgeMs, quotas } = this.#options
    const at = now()
    const revision = rules()
    const { recipient, user } = recipientFor(channel, wish, revision)
    const { namespace, name } = channel
    const { type } = channel.program as ChannelProgram
    const id = key === undefined ? newId() : deliveryId(store.epoch, 'message', targetOf(channel), key)
    const event = occurrence(newId(), at, namespace, words)
    const decision: Decision = {
      channel: { namespace, name, type },
      ...(user !== undefined && { user: { namespace: '', name: user } }),
      outcome: 'send',
      because: 'a program sent it over this channel',
      recipient,
      override: {},
      severity: event.severity,
    }
    const rendered = { message: messageOf(event, words) }
    const context = { rules: revision, types, now: at, maxAgeMs }
    await making(
      this.#options,
      quotas.scopes,
      (tx, record) => {
        // What was accepted before has taken its place then.
        if (engine.operations.get(id) !== undefined) return
        const [admitted = decision] = quotas.admit(tx, event, [decision])
        record(toDelivery(event, { decision: admitted, delivery: id }, rendered, context))
      },
      'sync',
    )
    quotas.settled()
    return id
  }
}

function occurrence(id: string, at: number, namespace: string, { severity = 'info' }: MessageWords): RatedEvent {
  return {
    id,
    type: messageEvent,
    time: new Date(at).toISOString(),
    source: 'callboard',
    ...(namespace !== '' && { namespace }),
    severity,
    payload: null,
  }
}

/** `rich`: each channel shows it at its best, and escapes all of it. */
export function messageOf(event: RatedEvent, { title, text, link }: MessageWords): Message {
  const { severity, ...posted } = event
  return {
    event: posted,
    severity,
    title: title.replace(/\s+/gu, ' ').trim(),
    body: text,
    ...(link !== undefined && { link }),
    format: 'rich',
    action: 'trigger',
    key: `message:${event.id}`,
  }
}
