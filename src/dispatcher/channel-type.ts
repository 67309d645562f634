import type { Guard } from '../network/guard.js'
import type { HttpClient } from '../network/http-client.js'
import type { BindingRecipient, EventOverride } from '../resources/kinds/notification-program.js'
import type { MailConnections } from './email/mail-connections.js'
import type { SmtpDefaults } from './email/smtp-server.js'
import type { Message } from './message.js'
import type { Outcome } from './outcome.js'

export type { Outcome, SmtpDefaults }

/** The address of one person on a channel; which of them counts is the channel type's to say. */
export type Recipient = BindingRecipient

export type RecipientField = keyof Recipient

/** Addresses that were found out, such as a Slack user's id for an e-mail; kept in the store, not in Git. */
export interface AddressBook {
  /** `workspace`: the bot or workspace that the address is good for. */
  find(workspace: string, person: string): string | undefined
  learn(workspace: string, person: string, address: string): void
  forget(workspace: string, person: string): void
}

/** The configuration of a channel with secrets put in. Values are as the type's schema declares them. */
export type ResolvedConfig = Readonly<Record<string, unknown>>

/** What a channel type is given besides the message. */
export interface SendContext<Config extends object> {
  readonly config: Config
  /** Goes through the network guard, never follows redirects, reads no more than a bounded part of the answer. */
  readonly http: HttpClient
  /** For what is not HTTP: the look-up to dial with, which goes through the network guard. */
  readonly lookup: Guard['lookup']
  readonly smtp: SmtpDefaults
  /** Connections to mail servers that are there already. */
  readonly mail: MailConnections
  readonly addresses: AddressBook
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Aborts the attempt when its time is up. */
  readonly signal: AbortSignal
  readonly userAgent: string
}

export interface Send<Config extends object> extends SendContext<Config> {
  readonly message: Message
  /** Empty for a channel that is one recipient itself. */
  readonly recipient: Recipient
  readonly override: EventOverride
  /** Answers to it may come: it begins what something else ends. */
  readonly begins?: true
  /** Where the message that this one ends stands, as this type said it then; undefined where nobody knows. */
  readonly thread?: string
  /** Equal for all attempts; receivers tell duplicates by it. */
  readonly deliveryId: string
  /** Counts from 1. */
  readonly attempt: number
}

/** How one type of channel is spoken to. A new type is this, a schema, and a line in `channels/index.ts`. */
export interface ChannelType<Config extends object = ResolvedConfig> {
  /** As in `spec.type`; `schemas/channel/<type>.schema.json` describes its `config`. */
  readonly type: string
  /** For people: what it is called, and what to do in the vendor's product to get what `config` needs. */
  readonly title: string
  readonly setup: string
  /** What a binding's recipient has to say; `channel`: the channel is one recipient itself and needs none. */
  recipients(config: Readonly<Record<string, unknown>>): 'channel' | readonly RecipientField[]
  /** The longest title and body that arrive whole, in the vendor's unit: templates are checked against them. */
  readonly limits: { readonly title: number; readonly body: number; readonly unit: 'utf16' | 'codepoints' | 'bytes' }
  /** What must not go out closer together by the vendor's rules, unless the channel declares its own `rateLimit`. */
  readonly rate?: { readonly count: number; readonly perMs: number }
  /** What a vendor limits by itself: `recipient` when each chat has a limit of its own. Default: the channel. */
  readonly pausesBy?: 'recipient'
  /** Messages with an equal key go out one after the other: what ends something must not overtake what began it. */
  readonly isOrdered?: true
  /** One attempt. Never throws for what a receiver does; what it throws is a mistake in the program, or the abort. */
  send(send: Send<Config>): Promise<Outcome>
  /** Finds out whether the credential works, without posting anything. Absent where the vendor offers no such thing. */
  check?(context: SendContext<Config>): Promise<Outcome>
}
