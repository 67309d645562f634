// Trying a channel out: a sample goes through the engine as everything else does, while somebody waits for it.

import type { Engine } from '../delivery/engine.js'
import type { ChannelProgram } from '../resources/kinds/notification-program.js'
import type { Resource } from '../resources/resource.js'
import type { Delivery } from '../store/delivery.js'
import type { Store } from '../store/store.js'
import type { ChannelType } from './channel-type.js'
import { recipientFor } from './chosen-recipient.js'
import type { Message } from './message.js'
import { channelName, notification, targetOf, toPayload } from './notification.js'
import type { RevisionRules } from './revision-rules.js'

export interface ChannelTestRequest {
  /** An address, in the form that the channel's type wants. */
  readonly recipient?: string
  /** Name of a User that is bound to the channel. */
  readonly user?: string
  /** Only tries the credential; nothing is posted. */
  readonly check?: boolean
}

/** It cannot be tried so; the message says what is needed. */
export class ChannelTestRefused extends Error {
  override readonly name = 'ChannelTestRefused'
  readonly field = 'check'
}

export interface ChannelTestsOptions {
  readonly engine: Pick<Engine, 'prepare' | 'sendNow'>
  readonly store: Pick<Store, 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  readonly rules: () => RevisionRules
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
}

export class ChannelTests {
  readonly #options: ChannelTestsOptions

  constructor(options: ChannelTestsOptions) {
    this.#options = options
  }

  /** Resolves with the id of the delivery once it has ended. Rejects with `ChannelTestRefused`, `RecipientRefused` or `StoreUnavailable`. */
  async run(channel: Resource, request: ChannelTestRequest, signal: AbortSignal): Promise<string> {
    const { engine, store, now } = this.#options
    const delivery = this.#delivery(channel, request)
    const prepared = engine.prepare([delivery], { keepBack: true })
    try {
      await store.transact(prepared.scopes, (tx) => prepared.write(tx))
      prepared.commit()
    } catch (error) {
      prepared.abandon()
      throw error
    }
    await engine.sendNow(delivery.id, now() + delivery.timeoutMs, signal)
    return delivery.id
  }

  #delivery(channel: Resource, request: ChannelTestRequest): Delivery {
    const { now, newId, rules, types } = this.#options
    const { namespace, name } = channel
    const program = channel.program as ChannelProgram
    if (request.check === true && types.get(program.type)?.check === undefined) {
      throw new ChannelTestRefused(
        `${program.type} offers no way to try a credential without posting something; leave check out, and a sample is sent`,
      )
    }
    const { recipient, user } = request.check === true ? { recipient: {} } : recipientFor(channel, request, rules())
    const { generation, revision } = rules()
    const at = now()
    return {
      id: newId(),
      kind: notification,
      transport: notification,
      target: targetOf(channel),
      // It is to show how the channel does now, whatever it did before.
      breaker: false,
      sync: true,
      about: {
        ...(namespace !== '' && { namespace }),
        channel: channelName(channel),
        channelType: program.type,
        ...(user !== undefined && { user }),
        event: testEvent,
        generation,
        ...(revision !== undefined && { revision }),
      },
      created: at,
      delayMs: 0,
      expires: at + program.timeoutMs,
      timeoutMs: program.timeoutMs,
      retry: { retries: 0, delayMs: 0, growth: 'fixed', maxDelayMs: 0, final: ['rate_limited'] },
      payload: toPayload({
        channel: { namespace, name, type: program.type },
        ...(user !== undefined && { user }),
        recipient,
        override: {},
        because: 'somebody tries the channel out',
        severity: 'info',
        message: sample(channel, program, newId(), at),
        ...(request.check === true && { check: true as const }),
      }),
    }
  }
}

/** Type of the event that a sample is about. */
export const testEvent = 'callboard.test'

function sample({ namespace }: Resource, { displayName, type }: ChannelProgram, id: string, at: number): Message {
  return {
    event: {
      id,
      type: testEvent,
      time: new Date(at).toISOString(),
      source: 'callboard',
      ...(namespace !== '' && { namespace }),
      payload: { channel: displayName, type },
    },
    severity: 'info',
    title: `Test of ${displayName}`,
    body: 'This is a test. Whoever reads it is reached: nothing has happened, and nothing needs to be done.',
    format: 'rich',
    action: 'trigger',
    key: `test:${id}`,
    isTest: true,
  }
}
