// "Why did I get that, and why not?": what the control port answers, for what is applied and for what was.
import type { Json } from '../expression/json.js'
import type { DecisionView, DigestTakingView, EventProblem } from './event-views.js'
import { flag, integer, list, nullable, object, record, ref, type Schemas, text, time } from './json-schema.js'

export interface ExplainEventQuestion {
  /** An event, as it would be posted; without a payload, with the sample of its type. */
  readonly event: { readonly [field: string]: Json }
  /** What was decided of others is left out. */
  readonly user?: string
  /** A generation, or the beginning of a revision; what is applied unless given. */
  readonly revision?: string
}

export interface ExplainedEventView {
  readonly type: string
  readonly source: string
  readonly severity: string
  readonly namespace: string | null
  readonly service: string | null
  readonly customer: string | null
  readonly labels: Readonly<Record<string, string>>
}

export interface ExplainedTypeView {
  readonly description: string
  readonly default: boolean
  readonly critical: boolean
  readonly declaredBy: string | null
  readonly catalogue: string | null
  readonly includedIn: readonly string[]
}

export interface EventExplanationView {
  /** Null before anything is applied. */
  readonly revision: string | null
  readonly generation: number | null
  readonly event: ExplainedEventView
  readonly eventType: ExplainedTypeView
  /** Quiet hours and silences depend on it. */
  readonly at: string
  readonly counts: { readonly send: number; readonly hold: number; readonly suppress: number }
  readonly reasons: Readonly<Record<string, number>>
  readonly decisions: readonly DecisionView[]
  readonly moreDecisions: boolean
  readonly digests: readonly DigestTakingView[]
  readonly unconcerned: readonly UnconcernedChannel[]
  readonly unreached: readonly UnreachedUser[]
}

export interface UnconcernedChannel {
  readonly channel: string
  readonly channelType: string
  readonly because: string
}

export interface UnreachedUser {
  readonly user: string
  readonly because: string
}

/** `invalid`: it is no event. `unknown`: it could not be taken. `no-revision`: there is none, or nothing is kept of it. */
export type ExplainEventOutcome =
  | { readonly outcome: 'explained'; readonly explanation: EventExplanationView }
  | { readonly outcome: 'invalid' | 'unknown'; readonly problems: readonly EventProblem[] }
  | { readonly outcome: 'no-revision' | 'no-user'; readonly message: string }

export type ExplainEvent = (question: ExplainEventQuestion) => Promise<ExplainEventOutcome>

const because = text('In words, with the file and line that say so')

export const explanationSchemas: Schemas = {
  ExplainedEvent: object<ExplainedEventView>('The event that was asked about', {
    type: text('Event type'),
    source: text('Where it comes from'),
    severity: text('Its own, else as its type says'),
    namespace: nullable(text('Null for none')),
    service: nullable(text('The service that it is about')),
    customer: nullable(text('The customer that it is about')),
    labels: record('Labels', text('Value')),
  }),
  ExplainedType: object<ExplainedTypeView>('Its type', {
    description: text('In words'),
    default: flag('Whether it is sent where nobody says otherwise'),
    critical: flag('True: it passes preferences and quiet hours'),
    declaredBy: nullable(text('Id of the EventType; null for a built-in one')),
    catalogue: nullable(text('Name of the catalogue; null for a declared one')),
    includedIn: list('Events that include it: whoever hears of one of them hears of this one', text('Id')),
  }),
  EventExplanation: object<EventExplanationView>('Who would hear of an event and who would not, and why', {
    revision: nullable(text('Revision that was asked')),
    generation: nullable(integer('Of that revision')),
    event: ref('ExplainedEvent'),
    eventType: ref('ExplainedType'),
    at: time('The time that was asked about: quiet hours and silences depend on it'),
    counts: {
      type: 'object',
      description: 'How many there are of each',
      properties: {
        send: integer('Would be sent'),
        hold: integer('Would wait for quiet hours to end'),
        suppress: integer('Would not be sent'),
      },
      required: ['send', 'hold', 'suppress'],
      additionalProperties: false,
    },
    reasons: record('How many would not be sent, or not yet, by reason', integer('How many')),
    decisions: list('What is sent, then what waits, then what is not sent', ref('Decision')),
    moreDecisions: flag('True when there are more'),
    digests: list('Digests that would gather it', ref('DigestTaking')),
    unconcerned: list(
      'Channels that hear other namespaces',
      object<UnconcernedChannel>('A channel', {
        channel: text('`name`, or `namespace/name`'),
        channelType: text('telegram, slack, email, …'),
        because,
      }),
    ),
    unreached: list(
      'People whom no channel that hears of the event knows',
      object<UnreachedUser>('A person', { user: text('Name of the User'), because }),
    ),
  }),
}
