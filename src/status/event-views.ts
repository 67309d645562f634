// What the control port answers to whoever posts events.
import {
  anyJson,
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  record,
  ref,
  type Schemas,
  text,
  time,
} from './json-schema.js'
import type { RawBody } from './route.js'

export type DecisionOutcome = 'send' | 'hold' | 'suppress'

/** Whether somebody hears of an event on a channel, and why. */
export interface DecisionView {
  /** `name`, or `namespace/name`. */
  readonly channel: string
  readonly channelType: string
  /** Null where the channel is one recipient itself. */
  readonly user: string | null
  readonly outcome: DecisionOutcome
  /** Null when it is sent. */
  readonly reason: string | null
  /** When it is looked at again; null unless it is held. */
  readonly until: string | null
  /** For people. */
  readonly because: string
  /** Id of the resource that says so, as `Preference/-/quiet`; null for defaults. */
  readonly decidedBy: string | null
  readonly severity: string
  /** Id of the delivery; null where only the question was asked. */
  readonly delivery: string | null
}

export interface EventReceipt {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly accepted: string
  /** How many deliveries began as what. */
  readonly deliveries: { readonly send: number; readonly hold: number; readonly suppress: number }
  /** How many were not sent, or not yet, by reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** The first of them. */
  readonly decisions: readonly DecisionView[]
  readonly moreDecisions: boolean
  /** How many webhooks on changes were told: of the operations of administrators. */
  readonly webhooks: number
  /** Digests that it belongs into; absent when it belongs into none. */
  readonly digests?: readonly DigestTakingView[]
}

export interface DigestTakingView {
  /** `name`, or `namespace/name`. */
  readonly digest: string
  readonly isIn: boolean
  /** Null when it is in it. */
  readonly reason: string | null
  readonly because: string
}

export interface EventReceipts {
  readonly items: readonly EventReceipt[]
}

export interface EventProblem {
  /** JSON pointer into what was posted. */
  readonly pointer: string
  readonly message: string
}

/**
 * `invalid`: it is no event. `unknown`: events of this sort cannot be taken. `reserved`: nobody may post them. `conflict`:
 * the id was something else's.
 */
export type PostedOutcome =
  | { readonly outcome: 'accepted'; readonly receipts: readonly EventReceipt[]; readonly isBatch: boolean }
  | { readonly outcome: 'invalid' | 'unknown' | 'reserved'; readonly problems: readonly EventProblem[] }
  | { readonly outcome: 'conflict'; readonly message: string }

export interface EventOperations {
  /** Resolves once what was accepted is on disk. Rejects with `StoreUnavailable`. */
  post(body: RawBody): Promise<PostedOutcome>
}

export const eventSchemas: Schemas = {
  Decision: object<DecisionView>('Whether somebody hears of an event on a channel, and why', {
    channel: text('`name`, or `namespace/name`'),
    channelType: text('telegram, slack, email, …'),
    user: nullable(text('Name of the User; null where the channel is one recipient itself')),
    outcome: oneOf('What came of it', ['send', 'hold', 'suppress']),
    reason: nullable(text('Null when it is sent; otherwise preference, quiet_hours, silence, scope, no_binding, …')),
    until: nullable(time('When it is looked at again; null unless it is held')),
    because: text('In words: which declaration says so, and what it says'),
    decidedBy: nullable(text('Id of that resource: Kind/namespace/name; null for defaults')),
    severity: text('As it is told on this channel'),
    delivery: nullable(text('Id of the delivery; null where only the question was asked')),
  }),
  DigestTaking: object<DigestTakingView>('A digest that an event belongs into', {
    digest: text('`name`, or `namespace/name`'),
    isIn: flag('False: it is silenced, or another event about the same matter is in it already'),
    reason: nullable(text('Null when it is in it; otherwise silence or duplicate')),
    because: text('In words'),
  }),
  EventReceipt: object<EventReceipt>(
    'An event that was accepted, and is on disk',
    {
      id: text('Id; with `source` it tells this occurrence from others'),
      source: text('Where it comes from'),
      type: text('Event type'),
      accepted: time('When it was accepted, the first time'),
      deliveries: {
        type: 'object',
        description: 'How many deliveries began as what',
        properties: {
          send: integer('To be sent'),
          hold: integer('Waiting for quiet hours to end'),
          suppress: integer('On record, and not sent'),
        },
        required: ['send', 'hold', 'suppress'],
        additionalProperties: false,
      },
      reasons: record('How many were not sent, or not yet, by reason', integer('How many')),
      decisions: list('The first of them', ref('Decision')),
      moreDecisions: flag('True when there are more; /api/v1/deliveries has all'),
      webhooks: integer('How many webhooks on changes were told: of the operations of administrators'),
      digests: list('Digests that it belongs into', ref('DigestTaking')),
    },
    ['digests'],
  ),
  EventReceipts: object<EventReceipts>('Events that were accepted together', {
    items: list('In the order in which they were posted', ref('EventReceipt')),
  }),
}

const own = {
  type: 'object',
  description: 'An event; `id` and `source` tell it from others for seven days',
  required: ['type'],
  properties: {
    id: text('Default: a new one, so that a repetition is another event'),
    type: text('Id of an event type'),
    time: time('When it happened. Default: now'),
    source: text('Where it comes from. Default: api'),
    namespace: text('Default: none, and only global channels hear of it'),
    service: text('The service that it is about'),
    customer: text('The customer that it is about'),
    severity: oneOf('Default: as its event type says', ['info', 'warning', 'error', 'critical']),
    labels: record('Short texts to select and show it by', text('Text')),
    title: text('Default: as templates and the event type say'),
    body: text('Default: as templates and the event type say'),
    link: text('URL of more about it. Default: as templates and the event type say'),
    payload: anyJson('What happened; the event type may have a schema for it. Default: {}'),
  },
} as const

const cloudEvent = {
  type: 'object',
  description: 'A CloudEvent 1.0; attributes that are no fields of an event become labels',
  required: ['specversion', 'id', 'source', 'type'],
} as const

/** By media type. */
export const eventBodies = {
  'application/json': { anyOf: [own, cloudEvent, { type: 'array', items: { anyOf: [own, cloudEvent] } }] },
  'application/cloudevents+json': cloudEvent,
  'application/cloudevents-batch+json': { type: 'array', items: cloudEvent },
} as const
