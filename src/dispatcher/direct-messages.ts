// Messages with credentials that come with the call. They are sent once, while the caller waits, and nothing of them is
// kept: what is not written down cannot be retried.

import { SecretMissing, Secrets } from '../delivery/secrets.js'
import type { Json } from '../expression/json.js'
import type { Guard } from '../network/guard.js'
import type { HttpClient } from '../network/http-client.js'
import { visitMarks } from '../resources/marks.js'
import { hide } from './channel-config.js'
import { type MessageWords, messageOf } from './channel-messages.js'
import type { AddressBook, ChannelType, Outcome, Recipient } from './channel-type.js'
import { MailConnections } from './email/mail-connections.js'

export interface DirectMessage extends MessageWords {
  /** Of `types`. */
  readonly type: string
  /** Fits `directConfigSchema`: secrets are texts. */
  readonly config: Readonly<Record<string, Json>>
  /** Empty where `config` names one place. */
  readonly recipient: Recipient
}

export interface DirectMessagesOptions {
  readonly types: ReadonlyMap<string, ChannelType>
  readonly http: HttpClient
  readonly lookup: Guard['lookup']
  readonly now: () => number
  readonly newId: () => string
  readonly userAgent: string
}

const timeoutMs = 30_000

/** What is found out with somebody's credential is nobody else's. */
const forgetful: AddressBook = { find: () => undefined, learn: () => {}, forget: () => {} }

/** A connection with somebody's credential ends with the message. */
function noConnections(): MailConnections {
  const connections = new MailConnections({ timer: () => () => {} })
  connections.close()
  return connections
}

const hidden: ReadonlySet<string> = new Set(['secret', 'reference', 'password'])

export class DirectMessages {
  readonly #options: DirectMessagesOptions

  constructor(options: DirectMessagesOptions) {
    this.#options = options
  }

  /** Resolves with what came of it: in words that show no credential. */
  async send({ type, config, recipient, ...words }: DirectMessage, signal: AbortSignal): Promise<Outcome> {
    const { types, http, lookup, now, newId, userAgent } = this.#options
    const channelType = types.get(type)
    if (channelType === undefined) throw new TypeError(`no type of channel is called ${type}`)
    const secrets = new Secrets({ env: {}, readFile: () => Promise.reject(new SecretMissing('files are not read')) })
    visitMarks('channel', { type, config } as Json, (mark, _, value) => {
      if (hidden.has(mark) && typeof value === 'string') hide(value, secrets)
    })
    const at = now()
    const event = {
      id: newId(),
      type: 'message.sent',
      time: new Date(at).toISOString(),
      source: 'callboard',
      severity: words.severity ?? 'info',
      payload: null,
    } as const
    try {
      const outcome = await channelType.send({
        config,
        http,
        lookup,
        // The mail server of the settings is for channels that are declared.
        smtp: {},
        mail: noConnections(),
        addresses: forgetful,
        now,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        userAgent,
        message: messageOf(event, words),
        recipient,
        override: {},
        deliveryId: newId(),
        attempt: 1,
      })
      return outcome.ok ? outcome : { ...outcome, message: secrets.redact(outcome.message) }
    } catch (error) {
      if (signal.aborted) return { ok: false, class: 'timeout', message: 'whoever asked for it has gone' }
      if (error instanceof Error && error.name === 'TimeoutError') {
        return { ok: false, class: 'timeout', message: `no answer within ${timeoutMs / 1000} seconds` }
      }
      // A mistake in the program, which must not show what it was about.
      throw new Error(secrets.redact(error instanceof Error ? error.message : String(error)))
    }
  }
}
