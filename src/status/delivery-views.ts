// What the control port shows of deliveries, and what it can do to them.
import type { MockReference } from './mock-reference.js'
import type { Awaitable, Page, PageRequest } from './page.js'

export const deliveryStatuses = ['pending', 'retrying', 'delivered', 'dead_letter', 'cancelled', 'suppressed'] as const
export type DeliveryStatusName = (typeof deliveryStatuses)[number]

/** What can be asked for: `held` means those that wait and may not go now. */
/** How things are sent. */
export const transportNames = ['http', 'kafka', 'rabbitmq', 'notification'] as const

export const wantedStatuses = [...deliveryStatuses, 'held'] as const
export type WantedStatus = (typeof wantedStatuses)[number]

/** Why a waiting delivery does not go now. */
export interface HeldView {
  readonly reason: string
  /** Null when nobody can say. */
  readonly until: string | null
}

export interface DeliveryError {
  readonly class: string
  readonly message: string
  /** Of the protocol; null when there was no answer. */
  readonly status: number | null
}

/** What a notification is about, and why it is sent or not. */
export interface NotificationView {
  /** Event type. */
  readonly event: string
  /** Id of the event; null for a test of a channel. */
  readonly eventId: string | null
  readonly source: string | null
  /** `name`, or `namespace/name`. */
  readonly channel: string
  readonly channelType: string
  /** Name of the User; null where the channel is one recipient itself. */
  readonly user: string | null
  /** Id of the delivery that it has become part of; null when of none. */
  readonly message: string | null
  /** How many events it tells of; null when that is the one that is named. */
  readonly events: number | null
  /** Id of the Template; null where the event type's words or built-in ones were used. */
  readonly template: string | null
  /** For people. */
  readonly because: string
  /** Id of the resource that says so; null for defaults. */
  readonly decidedBy: string | null
  /** Why it is not in the words that were declared; null when it is. */
  readonly templateFailure: string | null
}

export interface DeliverySummary {
  readonly id: string
  /** What it is for: `callback`, `change`, `notification`. */
  readonly kind: string
  /** How it is sent: `http`, `kafka`, `rabbitmq`, `notification`. */
  readonly transport: string
  /** What one gate stands before: an origin, brokers and who logs in there, a channel. Without passwords. */
  readonly target: string
  readonly status: DeliveryStatusName
  /** Why it ended so, or why it waits longer; null when there is nothing to say. */
  readonly reason: string | null
  readonly held: HeldView | null
  /** An attempt is under way. */
  readonly running: boolean
  readonly namespace: string
  /** What fired it; null when no mock did. */
  readonly mock: MockReference | null
  /** Name of the callback that declares it; null when it has none. */
  readonly callback: string | null
  /** Name of the webhook on changes that declares it; null when it has none. */
  readonly webhook: string | null
  /** What the webhook hears of; null when a mock fired it. */
  readonly operation: string | null
  /** What has changed, as `Mock/shop/order`; null when that is no resource, or a mock fired it. */
  readonly resource: string | null
  /** Null for what is no notification. */
  readonly notification: NotificationView | null
  /** The request that led to it; null without one. */
  readonly request: string | null
  readonly chain: string | null
  /** By which it was accepted; null when that is not known. */
  readonly generation: number | null
  /** Null when that is not known (any more). */
  readonly revision: string | null
  readonly created: string
  /** Null when it is finished. */
  readonly nextAttempt: string | null
  /** Null while it waits. */
  readonly finished: string | null
  readonly expires: string
  /** Begins at 1; each requeue opens the next. */
  readonly round: number
  /** Over all rounds. */
  readonly attemptsMade: number
  /** Of the last attempt; null when it went well or there was none. */
  readonly lastError: DeliveryError | null
}

export interface AttemptView {
  readonly number: number
  readonly round: number
  readonly time: string
  readonly durationMs: number
  readonly ok: boolean
  /** What went wrong; null when it went well. */
  readonly class: string | null
  readonly message: string | null
  readonly status: number | null
  /** The beginning of what was answered. */
  readonly response: string | null
  /** Of the declarations that it was made by; null where the delivery says it all itself. */
  readonly generation: number | null
  /** Uses up one of the attempts that the policy allows. */
  readonly counts: boolean
}

/** What is sent, as it was rendered: secrets are named and not shown, bodies are cut. */
export interface SentMessage {
  /** Null for what is no HTTP request. */
  readonly method: string | null
  /** Where it goes, without credentials: of a broker, the address of it or of several. */
  readonly url: string
  /** How a broker is told where to put it, by name: topic and key, exchange and routing key. */
  readonly address: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

export interface RetryView {
  /** Attempts after the first. */
  readonly retries: number
  readonly delayMs: number
  readonly growth: 'fixed' | 'exponential' | 'jitter'
  readonly maxDelayMs: number
}

export interface DeliveryView extends DeliverySummary {
  /** Sent while the client waited for its answer. */
  readonly sync: boolean
  readonly delayMs: number
  readonly timeoutMs: number
  readonly retry: RetryView
  /** Attempts of this round that count. */
  readonly attemptsUsed: number
  /** Null when its transport does not tell. */
  readonly sent: SentMessage | null
  /** Oldest first; of very many the latest. */
  readonly attempts: readonly AttemptView[]
}

/** Which deliveries are meant; `deliveryMatches` is its one meaning. */
export interface DeliveryFilter {
  /** One of these. */
  readonly status?: readonly WantedStatus[]
  readonly kind?: string
  readonly transport?: string
  /** `name`, `namespace/name` or `namespace~name`. */
  readonly mock?: string
  readonly callback?: string
  readonly webhook?: string
  readonly operation?: string
  /** `Kind/namespace/name`, with `-` for no namespace. */
  readonly resource?: string
  /** Event type. */
  readonly event?: string
  readonly eventId?: string
  /** Id of the delivery that they have become part of. */
  readonly message?: string
  /** `name`, `namespace/name` or `namespace~name`. */
  readonly channel?: string
  /** Name of a User. */
  readonly user?: string
  readonly namespace?: string
  readonly target?: string
  readonly request?: string
  readonly chain?: string
  /** A generation, or a revision in full. */
  readonly revision?: string
  /** Accepted at or after. */
  readonly since?: Date
  /** Accepted before. */
  readonly until?: Date
}

export interface DeliveriesView {
  /** The latest accepted or requeued first. A page may be short, or empty, and still have a next. */
  list(filter: DeliveryFilter, page: PageRequest): Awaitable<Page<DeliverySummary>>
  get(id: string): Awaitable<DeliveryView | undefined>
}

export const deliveryOperations = ['requeue', 'cancel', 'fire'] as const
export type DeliveryOperation = (typeof deliveryOperations)[number]

/** `busy`: an attempt is under way. `refused`: it is not in a state that this can be done to. */
export type DeliveryChange = 'changed' | 'unknown' | 'busy' | 'refused'

export interface DeliveryOperations {
  /** Durable when it resolves. Rejects with `StoreUnavailable` when it cannot be recorded. */
  change(operation: DeliveryOperation, id: string): Promise<DeliveryChange>
  /** Ids of all that the filter means and the operation is for, oldest first. */
  find(operation: DeliveryOperation, filter: DeliveryFilter): Promise<readonly string[]>
}

/** What an operation by filter came to, or would come to. */
export interface BulkResult {
  readonly operation: DeliveryOperation
  readonly dryRun: boolean
  /** How many are meant. */
  readonly matched: number
  /** How many it was done to; 0 in a dry run. */
  readonly changed: number
  /** The first of them, oldest first. */
  readonly ids: readonly string[]
  /** False when more are meant than one operation takes, the oldest first. */
  readonly complete: boolean
  /** Of a dry run: lets the real one do to these what was shown, once. */
  readonly confirm: string | null
  /** When `confirm` is forgotten. */
  readonly confirmUntil: string | null
}
