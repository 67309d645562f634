// What the control port shows, in its own words. The port knows nothing of the reconciler or the resolver: main.ts hands
// it objects that satisfy these interfaces. What a view returns leaves the process, apart from properties that the
// response schemas do not name; secrets are masked by whoever provides the view.

import type { Json } from '../expression/json.js'
import type { AuditEntry, AuditView } from './audit-views.js'
import type { ConditionView } from './condition-view.js'
import type { DeliveriesView, DeliverySummary } from './delivery-views.js'
import type { DigestsView } from './digest-views.js'
import type { ExplainEvent } from './explanation-views.js'
import type { MockReference } from './mock-reference.js'
import type { NotificationsView } from './notification-views.js'
import type { Awaitable, Page, PageRequest } from './page.js'
import type { ResourceStatus } from './resource-status.js'

export type { ConditionView } from './condition-view.js'
export type { MockReference } from './mock-reference.js'
export type { Awaitable, Page, PageRequest } from './page.js'

export interface ProblemView {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly pointer: string
  readonly message: string
  readonly hint?: string
}

/** Why a revision is held although it is valid, and what lets it through. */
export interface DeletionBudgetView {
  /** The revision that is held. */
  readonly revision: string
  readonly excesses: readonly DeletionExcess[]
  /** What to do, in words. */
  readonly hint: string
}

export interface DeletionExcess {
  /** Null for the whole; otherwise the namespace whose budget was exceeded. */
  readonly namespace: string | null
  readonly pruned: number
  readonly applied: number
  readonly allowed: number
}

/** What Git says of a commit, written by whoever made it. */
export interface CommitView {
  /** The whole object name. */
  readonly id: string
  /** `Ann <ann@example.com>` */
  readonly author: string
  readonly date: string
  /** First line of the message. */
  readonly subject: string
  /** Whose key signed it; null when signatures are not verified. */
  readonly signer: string | null
}

/** Why nothing is applied. */
export interface SuspensionView {
  /** Null where nobody noted it. */
  readonly since: string | null
  /** What is served meanwhile. */
  readonly revision: string | null
  /** As whoever asked for it calls themselves. */
  readonly by: string | null
  readonly reason: string | null
}

export interface StatusView {
  /** Folder or Git URL, without credentials. */
  readonly source: string
  readonly suspended: boolean
  /** Null unless suspended. */
  readonly suspension: SuspensionView | null
  /** 0 before the first apply. */
  readonly generation: number
  readonly lastAttemptedRevision: string | null
  /** Null for a folder, as are the other two. */
  readonly lastAttemptedCommit: CommitView | null
  readonly lastAppliedRevision: string | null
  readonly lastAppliedCommit: CommitView | null
  /** The newest that the source was seen to have, also while nothing is applied. */
  readonly lastSeenRevision: string | null
  readonly lastSeenCommit: CommitView | null
  readonly lastAttemptTime: string | null
  readonly lastAppliedTime: string | null
  readonly conditions: readonly ConditionView[]
  readonly counts: CountsView
  /** Of the last attempted revision; may be cut, `counts` has the totals. */
  readonly problems: readonly ProblemView[]
  readonly deletionBudget: DeletionBudgetView | null
}

export interface CountsView {
  /** Applied resources by kind. */
  readonly resources: Readonly<Record<string, number>>
  /** Documents that are not ours. */
  readonly unmanaged: number
  readonly errors: number
  readonly warnings: number
}

export type ChangeOperation = 'create' | 'update' | 'prune' | 'move' | 'restore'

export interface ChangeView {
  readonly operation: ChangeOperation
  readonly kind: string
  /** Empty for a global resource. */
  readonly namespace: string
  readonly name: string
  /** `namespace/name` before a move. */
  readonly from?: string
}

/** `applied`: swapped in. `unchanged`: nothing to do. `rejected`: looked at and held. `failed`: could not be looked at. */
export type ReconcileOutcome = 'applied' | 'unchanged' | 'rejected' | 'failed' | 'suspended'

export interface RevisionSummary {
  /** Null when it was not applied. */
  readonly generation: number | null
  readonly revision: string
  readonly time: string
  readonly author?: string
  /** Of a source in Git. */
  readonly commit?: CommitView
  readonly outcome: ReconcileOutcome
  /** PascalCase, as in conditions: Succeeded, ValidationFailed, DeletionBudgetExceeded, FetchFailed, … */
  readonly reason: string
  readonly message: string
  readonly durationMs: number
  readonly changes: readonly ChangeView[]
}

export interface RevisionView extends RevisionSummary {
  readonly problems: readonly ProblemView[]
}

export interface RevisionsView {
  /** Newest first. */
  list(page: PageRequest): Awaitable<Page<RevisionSummary>>
  /** Everything in the history that `isRevisionReference` accepts, newest first. */
  find(reference: string): Awaitable<readonly RevisionView[]>
}

export interface ResourceSummary {
  readonly kind: string
  /** Empty for a global resource. */
  readonly namespace: string
  readonly name: string
  /** `name` when global, `namespace~name` otherwise. */
  readonly id: string
  readonly file: string
  readonly line: number
  readonly digest: string
  readonly labels: Readonly<Record<string, string>>
  readonly conditions: readonly ConditionView[]
}

export interface ResourceView extends ResourceSummary {
  readonly annotations: Readonly<Record<string, string>>
  /** As declared, secrets masked. */
  readonly spec: Json
  /** Null for a resource that sends nothing. */
  readonly status: ResourceStatus | null
}

export interface ResourceFilter {
  readonly kind?: string
  readonly namespace?: string
  readonly labels?: readonly { readonly name: string; readonly value: string }[]
}

export interface ResourcesView {
  /** Every kind that can be declared. */
  kinds(): readonly string[]
  /** By kind, namespace, name. */
  list(filter: ResourceFilter, page: PageRequest): Awaitable<Page<ResourceSummary>>
  get(kind: string, namespace: string, name: string): Awaitable<ResourceView | undefined>
}

export interface MockView {
  readonly namespace: string
  readonly name: string
  readonly id: string
  /** Null when it answers every method. */
  readonly method: string | null
  /** As declared: the route, or `~ <routePattern>`. */
  readonly route: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly hits: number
  readonly lastUse: string | null
  /** What useLimiter leaves; null when there is none. */
  readonly usesLeft: number | null
  /** When ttl ends it; null when there is none. */
  readonly expires: string | null
  readonly file: string
  readonly line: number
}

export interface MockFilter {
  readonly namespace?: string
  readonly tag?: string
}

export interface MocksView {
  /** By namespace and name. */
  list(filter: MockFilter, page: PageRequest): Awaitable<Page<MockView>>
}

/** A mock that almost matched, and what would have had to be otherwise. */
export interface NearMiss {
  readonly mock: MockReference
  readonly differs: readonly string[]
}

export interface RequestSummary {
  readonly id: string
  readonly time: string
  readonly namespace: string
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Null when no status was sent (a reset connection). */
  readonly status: number | null
  readonly matched: boolean
  readonly mock: MockReference | null
  readonly durationMs: number
  /** Of an unmatched request, nearest first. */
  readonly nearMisses: readonly NearMiss[]
}

/** A request or an answer as recorded: bodies are cut, credentials masked. */
export interface RecordedMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

export interface RequestView extends RequestSummary {
  readonly request: RecordedMessage
  /** Null when nothing was sent, or nothing was recorded of it. */
  readonly response: RecordedMessage | null
}

/** Which recorded requests are meant; `requestMatches` is its one meaning. */
export interface RequestFilter {
  readonly namespace?: string
  /** `name`, `namespace/name` or `namespace~name`. */
  readonly mock?: string
  readonly method?: string
  /** `*` stands for anything. */
  readonly path?: string
  /** A status, or a class of them as `4xx`. */
  readonly status?: string
  readonly matched?: boolean
  readonly since?: Date
}

export interface RequestsView {
  /** Newest first. */
  list(filter: RequestFilter, page: PageRequest): Awaitable<Page<RequestSummary>>
  get(id: string): Awaitable<RequestView | undefined>
  /** Resolves when a request that matches is recorded after the call, or when `signal` aborts. */
  next(filter: RequestFilter, signal: AbortSignal): Promise<void>
  /** `complete` is false when requests that the filter might mean have already been evicted. */
  count(filter: RequestFilter): Awaitable<{ readonly count: number; readonly complete: boolean }>
}

export interface StoreContentsView {
  readonly namespace: string
  readonly entries: Readonly<Record<string, Json>>
}

export interface ChainContentsView extends StoreContentsView {
  readonly chainId: string
}

export interface StoresView {
  /** Undefined when there is no such namespace. */
  global(namespace: string): Awaitable<StoreContentsView | undefined>
  chain(namespace: string, chainId: string): Awaitable<ChainContentsView | undefined>
}

export interface ExplainRequest {
  readonly method: string
  /** With the query, as a client would send it. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

export interface ExplainCandidate {
  readonly mock: MockReference
  readonly matches: boolean
  /** What differs; empty when it matches. */
  readonly differs: readonly string[]
}

export interface ExplainView {
  readonly revision: string | null
  readonly namespace: string
  readonly method: string
  readonly path: string
  /** The mock that would answer. */
  readonly mock: MockReference | null
  /** Why, in one sentence. */
  readonly reason: string
  /** In the order of choice, bounded; the one that would answer is the first that matches. */
  readonly candidates: readonly ExplainCandidate[]
}

/** Tells `listener` of everything that happens, until what it returns is called. What is not watched costs nothing. */
export type Watch<Item> = (listener: (item: Item) => void) => () => void

/** What happens, as it does. */
export interface EventsView {
  /** One was accepted, an attempt at it has ended, or it has a new status. */
  readonly delivery: Watch<DeliverySummary>
  /** One was answered. */
  readonly request: Watch<RequestSummary>
  /** One was looked at. */
  readonly revision: Watch<RevisionSummary>
  /** Something was changed or done, and is on record. */
  readonly audit: Watch<AuditEntry>
}

/** Everything the control port can show. */
export interface Views {
  status(): Awaitable<StatusView>
  readonly revisions: RevisionsView
  readonly resources: ResourcesView
  readonly mocks: MocksView
  readonly requests: RequestsView
  readonly deliveries: DeliveriesView
  readonly audit: AuditView
  readonly events: EventsView
  readonly stores: StoresView
  /** Counts nothing and changes nothing. */
  explainRequest(request: ExplainRequest): Awaitable<ExplainView>
  /** Who would hear of an event. Sends nothing. */
  readonly explainEvent: ExplainEvent
  readonly notifications: NotificationsView
  readonly digests: DigestsView
  /** Text for Prometheus. */
  metrics(): Awaitable<{ readonly contentType: string; readonly text: string }>
}
