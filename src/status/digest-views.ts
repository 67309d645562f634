// Digests as the control port shows them, and what can be done with them besides declaring them.
import type { DecisionView } from './event-views.js'
import { flag, integer, list, nullable, object, oneOf, ref, type Schemas, text, time } from './json-schema.js'

export interface DigestView {
  readonly name: string
  /** Empty for a global one. */
  readonly namespace: string
  readonly id: string
  readonly displayName: string
  readonly schedule: string
  readonly timezone: string
  readonly enabled: boolean
  readonly events: readonly string[]
  /** Null while it is switched off. */
  readonly nextRun: string | null
  readonly lastRun: DigestRunView | null
  /** When the period began that is gathered now. */
  readonly since: string
  readonly collected: number
  /** How many would be sent it, or wait for it. */
  readonly readers: number
  /** Of those that it could reach: how many have not asked for it. */
  readonly unsubscribed: number
}

/** What became of a period. */
export interface DigestRunView {
  readonly from: string
  readonly to: string
  /** Null when somebody had it sent. */
  readonly due: string | null
  readonly events: number
  readonly sent: number
  readonly held: number
  readonly suppressed: number
  /** Who wanted it and had nothing to hear of. */
  readonly empty: number
}

export interface DigestPreviewView {
  readonly digest: string
  readonly from: string
  readonly to: string
  readonly collected: number
  readonly messages: readonly DigestMessageView[]
  readonly unsubscribed: number
}

export interface DigestMessageView extends Omit<DecisionView, 'delivery' | 'severity'> {
  /** Of what was gathered, what they may hear of. */
  readonly events: number
  /** Null where nothing is sent. */
  readonly title: string | null
  readonly body: string | null
  readonly link: string | null
  /** Why it does not read as declared. */
  readonly failure: string | null
}

export interface DigestNotSent {
  readonly delivery: string
  readonly outcome: 'hold' | 'suppress'
  readonly because: string
}

export interface DigestSending {
  readonly digest: string
  /** Null when it was sent to one person, and the period goes on. */
  readonly run: DigestRunView | null
  /** Ids of what one person was sent, those in `notSent` included. */
  readonly deliveries: readonly string[]
  /** Of those, what waits or is only on record. */
  readonly notSent: readonly DigestNotSent[]
}

/** `refused`: it cannot be done so. */
export type DigestOutcome<Result> =
  | { readonly outcome: 'done'; readonly result: Result }
  | { readonly outcome: 'refused'; readonly field: 'digest' | 'user'; readonly message: string }

export interface DigestsView {
  list(): readonly DigestView[]
  /** Who would be sent what, were it sent now. Changes nothing. `name`: `name`, or `namespace/name`. */
  preview(name: string, user: string | undefined): Promise<DigestOutcome<DigestPreviewView>>
}

/** Rejects with `StoreUnavailable` when it cannot be recorded. */
export interface DigestOperations {
  /** Sends it now and begins another period; to `user` alone, what there is so far. */
  run(name: string, user: string | undefined): Promise<DigestOutcome<DigestSending>>
}

const because = text('In words: which declaration says so, and what it says')
const events = integer('How many events it held')

export const digestSchemas: Schemas = {
  DigestRun: object<DigestRunView>('What became of a period', {
    from: time('When it began'),
    to: time('When it ended'),
    due: nullable(time('When it was to be sent; null when somebody had it sent')),
    events,
    sent: integer('To how many it was sent'),
    held: integer('How many get it later: quiet hours, silences'),
    suppressed: integer('How many wanted it and could not be sent it; /api/v1/deliveries says why'),
    empty: integer('How many wanted it and had nothing to hear of'),
  }),
  Digest: object<DigestView>('A digest that is declared', {
    name: text('metadata.name'),
    namespace: text('Empty for a global one'),
    id: text('`name` when global, `namespace~name` otherwise'),
    displayName: text('What its readers know it by'),
    schedule: text('Five cron fields'),
    timezone: text('Where it is that time'),
    enabled: flag('False: nothing is gathered and nothing sent'),
    events: list('What it is about', text('Id or pattern')),
    nextRun: nullable(time('Null while it is switched off')),
    lastRun: nullable(ref('DigestRun')),
    since: time('When the period began that is gathered now'),
    collected: integer('How many events it holds so far'),
    readers: integer('How many would be sent it, or wait for it'),
    unsubscribed: integer('Of those that it could reach, how many have not asked for it'),
  }),
  DigestMessage: object<DigestMessageView>('What somebody would be sent', {
    channel: text('`name`, or `namespace/name`'),
    channelType: text('telegram, slack, email, …'),
    user: nullable(text('Name of the User; null where the channel is one recipient itself')),
    outcome: oneOf('What would come of it', ['send', 'hold', 'suppress']),
    reason: nullable(text('Null when it is sent')),
    until: nullable(time('When it is looked at again; null unless it is held')),
    because,
    decidedBy: nullable(text('Id of that resource: Kind/namespace/name; null for defaults')),
    events: integer('Of what was gathered, how many they may hear of'),
    title: nullable(text('Null where nothing is sent')),
    body: nullable(text('As text, before the channel has given it its own form')),
    link: nullable(text('More about it')),
    failure: nullable(text('Why it does not read as declared')),
  }),
  DigestPreview: object<DigestPreviewView>('Who would be sent what, were the digest sent now', {
    digest: text('`name`, or `namespace/name`'),
    from: time('When the period began'),
    to: time('Now'),
    collected: integer('How many events it holds so far'),
    messages: list('The first hundred, in order of channels and people', ref('DigestMessage')),
    unsubscribed: integer('Of those that it could reach, how many have not asked for it'),
  }),
  DigestNotSent: object<DigestNotSent>('A message that was asked for and has not gone out', {
    delivery: text('Id of the delivery'),
    outcome: oneOf('What came of it', ['hold', 'suppress']),
    because,
  }),
  DigestSending: object<DigestSending>('A digest that was sent before its time', {
    digest: text('`name`, or `namespace/name`'),
    run: nullable(ref('DigestRun')),
    deliveries: list('What one person was sent; the period goes on', text('Id of the delivery')),
    notSent: list('Of those, what waits or is only on record', ref('DigestNotSent')),
  }),
  DigestList: object<{ items: unknown }>('All digests', { items: list('By name', ref('Digest')) }),
}
