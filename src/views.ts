// What the control port shows and sets going, put together from the parts that know.

import type { AuditLog } from './audit-log.js'
import { createChannelOperations } from './channel-operations.js'
import type { Engine } from './delivery/engine.js'
import {
  createDeliveriesView,
  createDeliveryOperations,
  type DeliveryParts,
  watchDeliveries,
} from './delivery-views.js'
import type { DeliveryWatch } from './delivery-watch.js'
import { createDigestOperations, createDigestsView } from './digest-views.js'
import type { Dispatching } from './dispatching.js'
import { createExplainEvent, type ExplanationParts } from './event-explanations.js'
import { createEventOperations } from './event-operations.js'
import type { Json } from './expression/json.js'
import type { Receivers } from './forge/receivers.js'
import { createMessageOperations, type MessageParts } from './message-operations.js'
import { createNotificationsView } from './notification-views.js'
import type { Outcome } from './reconcile/history.js'
import type { Reconciler } from './reconcile/reconciler.js'
import type { Outcome as RequestFate } from './resolver/recorded.js'
import type { Resolver } from './resolver/resolver.js'
import type { ResourceStatuses } from './resource-status.js'
import { kinds } from './resources/kinds/index.js'
import { parseReference } from './resources/kinds/reference.js'
import { mask } from './resources/redact.js'
import { apiId, type Resource, resourceId } from './resources/resource.js'
import type { RunningBackup } from './running-backup.js'
import type { Commit } from './source/source.js'
import type { SentMessage } from './status/delivery-views.js'
import type { DeliveryGauges, MetricSources, RequestOutcome } from './status/metrics.js'
import type { Operations, ReconcileResult } from './status/operations.js'
import { pageOf } from './status/paging.js'
import type { Propose } from './status/proposal-views.js'
import { requestMatches } from './status/request-filter.js'
import { isRevisionReference } from './status/revision-reference.js'
import type {
  CommitView,
  ConditionView,
  MockReference,
  Page,
  PageRequest,
  RequestSummary,
  ResourceSummary,
  RevisionSummary,
  RevisionView,
  StatusView,
  Views,
  Watch,
} from './status/views.js'
import type { Delivery } from './store/delivery.js'
import type { EmbeddedStore } from './store/embedded.js'
import { createTelegramOperations } from './telegram-operations.js'
import { version } from './version.js'

export interface ShownParts {
  readonly reconciler: Reconciler
  readonly resolver: Resolver
  readonly store: EmbeddedStore
  readonly engine: Engine
  readonly dispatching: Dispatching
  readonly watch: DeliveryWatch
  readonly audit: AuditLog
  readonly receivers: Receivers
  /** Who hears what, by a revision. */
  readonly rulesOf: ExplanationParts['rules']
  readonly backup: RunningBackup
  readonly messages: Omit<MessageParts, 'dispatching'>
  readonly propose: Propose
  readonly statuses: ResourceStatuses
  /** What is sent, for people. */
  readonly showSent: (delivery: Delivery) => SentMessage | undefined
  /** Hears of every look at the source. */
  readonly outcomes: Watch<Outcome>
  readonly scrape: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export function createViews(parts: ShownParts): Views {
  const { reconciler, resolver, statuses, scrape } = parts
  const sorted = sortedResources(reconciler)
  const place = mockPlace(reconciler)
  const deliveries = deliveryParts(parts)
  const placed = <Request extends RequestSummary>(request: Request): Request => ({
    ...request,
    mock: request.mock === null ? null : place(request.mock),
    nearMisses: request.nearMisses.map(({ mock, differs }) => ({ mock: place(mock), differs })),
  })
  return {
    status: () => statusView(reconciler),
    revisions: {
      list: ({ limit, after }) => {
        const { items, next } = reconciler.history.outcomes({
          limit,
          ...(after === undefined ? {} : { before: Number(after) }),
        })
        return { items: items.map(revisionView), ...(next === undefined ? {} : { next: String(next) }) }
      },
      find: (reference) => {
        const { items } = reconciler.history.outcomes({ limit: Number.MAX_SAFE_INTEGER })
        return items.map(revisionView).filter((revision) => isRevisionReference(reference, revision))
      },
    },
    resources: {
      kinds: () => [...kinds.keys()],
      list: async ({ kind, namespace, labels = [] }, page) => {
        const chosen = sorted().filter(
          (resource) =>
            (kind === undefined || resource.kind === kind) &&
            (namespace === undefined || resource.namespace === namespace) &&
            labels.every(({ name, value }) => resource.labels[name] === value),
        )
        const { items, next } = pageOf(chosen, sortKey, page)
        const conditions = await statuses.conditions()
        const summaries: ResourceSummary[] = []
        for (const item of items) summaries.push(resourceSummary(item, reconciler, await conditions(item)))
        return { items: summaries, ...(next === undefined ? {} : { next }) }
      },
      get: async (kind, namespace, name) => {
        const resource = reconciler.applied.get(resourceId(kind, namespace, name))
        if (resource === undefined) return undefined
        const { annotations, spec } = resource
        const conditions = await (await statuses.conditions())(resource)
        return {
          ...resourceSummary(resource, reconciler, conditions),
          annotations,
          spec: mask(kind, spec as Json, resource.encrypted),
          status: await statuses.status(resource),
        }
      },
    },
    mocks: {
      list: ({ namespace, tag }, page) => {
        const chosen = resolver
          .mocks()
          .filter(
            (mock) =>
              (namespace === undefined || mock.namespace === namespace) &&
              (tag === undefined || mock.tags.includes(tag)),
          )
        return pageOf(chosen, ({ namespace: space, name }) => `${space}/${name}`, page)
      },
    },
    requests: {
      list: (filter, page: PageRequest): Page<RequestSummary> =>
        mapPage(resolver.requests.list(requestMatches(filter), page), placed),
      get: (id) => {
        const request = resolver.requests.get(id)
        return request === undefined ? undefined : placed(request)
      },
      next: (filter, signal) => resolver.requests.next(requestMatches(filter), signal),
      count: (filter) => {
        const { items } = resolver.requests.list(requestMatches(filter), { limit: Number.MAX_SAFE_INTEGER })
        const { evicted, evictedAt } = resolver.requests
        return {
          count: items.length,
          complete: evicted === 0 || (filter.since !== undefined && filter.since.getTime() > evictedAt),
        }
      },
    },
    deliveries: createDeliveriesView(deliveries),
    audit: parts.audit,
    events: {
      delivery: watchDeliveries(deliveries),
      request: (listener) => resolver.requests.watch((request) => listener(placed(request))),
      revision: (listener) => parts.outcomes((outcome) => listener(revisionView(outcome))),
      audit: parts.audit.watch,
    },
    stores: {
      global: (namespace) => resolver.stores.global(namespace),
      chain: (namespace, chainId) => resolver.stores.chain(namespace, chainId),
    },
    explainRequest: async (request) => ({
      revision: reconciler.status().lastAppliedRevision,
      ...(await resolver.explain(request)),
    }),
    explainEvent: createExplainEvent({
      rules: parts.rulesOf,
      known: parts.dispatching.known,
      room: (limited) => parts.dispatching.quotas.room(limited),
      flood: parts.dispatching.flood,
      now: Date.now,
    }),
    digests: createDigestsView(parts.dispatching),
    notifications: createNotificationsView({ ...parts.dispatching, now: Date.now }),
    metrics: scrape,
  }
}

export function createOperations(parts: ShownParts): Operations {
  const { reconciler, resolver, backup } = parts
  return {
    backup: () => backup.make(),
    deliveries: createDeliveryOperations(deliveryParts(parts)),
    audit: parts.audit,
    events: createEventOperations(parts.dispatching),
    channels: createChannelOperations(parts.dispatching),
    digests: createDigestOperations(parts.dispatching),
    telegram: createTelegramOperations(parts.dispatching),
    propose: parts.propose,
    messages: createMessageOperations({ ...parts.messages, dispatching: parts.dispatching }),
    reconcile: async (options) => reconcileResult(await reconciler.reconcile(options)),
    suspend: async (request) => ({ changed: await reconciler.suspend(request), suspended: true }),
    resume: async () => ({ changed: await reconciler.resume(), suspended: false }),
    hooks: parts.receivers,
    reset: (scope) => resolver.reset(scope),
  }
}

type CountedParts = Pick<
  ShownParts,
  'reconciler' | 'resolver' | 'store' | 'engine' | 'watch' | 'receivers' | 'dispatching'
>

export function metricSources(parts: CountedParts): MetricSources {
  const { reconciler, resolver, store, engine, watch, receivers, dispatching } = parts
  const isDeclared = (channel: string) => {
    const { namespace = '', name } = parseReference(channel)
    return reconciler.applied.has(resourceId('Channel', namespace, name))
  }
  return {
    version,
    deliveries: () => watch.states(isDeclared),
    attempts: () => watch.attempts(isDeclared),
    delivering: () => deliveryGauges(engine),
    hooks: () => receivers.counts,
    namespaces: () =>
      new Set(
        [...reconciler.applied.values()].map(({ kind, namespace, name }) => (kind === 'Namespace' ? name : namespace)),
      ),
    requests: () => requestCounts(resolver),
    resources: function* () {
      const ready = reconciler.conditions.get('Ready')
      if (ready === undefined) return
      for (const [kind, count] of countByKind(reconciler)) yield { kind, condition: 'Ready', status: 'True', count }
    },
    requestJournal: () => ({ entries: resolver.requests.size, bytes: resolver.requests.bytes }),
    stateJournal: () => store.journalSize,
    evictions: () => [
      { from: 'requests', count: resolver.metrics.journalEvictions },
      { from: 'entries', count: resolver.metrics.evictions },
      { from: 'chains', count: resolver.metrics.expiries },
    ],
    quotas: () => dispatching.quotas.uses(),
    applied: () => ({ generation: reconciler.status().generation, suspended: reconciler.status().suspended }),
  }
}

function deliveryParts({ engine, watch, showSent, reconciler }: ShownParts): DeliveryParts {
  return { engine, watch, show: showSent, place: mockPlace(reconciler) }
}

function deliveryGauges(engine: Engine): DeliveryGauges {
  const { byStatus, inFlight } = engine.counts
  const { oldestWaiting } = engine
  const breakers = { closed: 0, open: 0, half_open: 0 }
  for (const { breaker } of engine.targets) breakers[breaker] += 1
  return {
    byStatus,
    inFlight,
    oldestWaitingMs: oldestWaiting === undefined ? 0 : Math.max(0, Date.now() - oldestWaiting),
    breakers,
  }
}

function statusView(reconciler: Reconciler): StatusView {
  const { problems, unmanaged, deletionBudget, ...status } = reconciler.status()
  const { lastAttemptedCommit, lastAppliedCommit, lastSeenCommit } = status
  return {
    ...status,
    lastAttemptedCommit: commitOrNull(lastAttemptedCommit),
    lastAppliedCommit: commitOrNull(lastAppliedCommit),
    lastSeenCommit: commitOrNull(lastSeenCommit),
    conditions: reconciler.conditions.list(),
    counts: {
      resources: Object.fromEntries(countByKind(reconciler)),
      unmanaged,
      errors: problems.filter(({ severity }) => severity === 'error').length,
      warnings: problems.filter(({ severity }) => severity === 'warning').length,
    },
    problems,
    deletionBudget:
      deletionBudget === null
        ? null
        : {
            revision: deletionBudget.revision,
            excesses: deletionBudget.excesses.map(({ namespace = null, ...excess }) => ({ namespace, ...excess })),
            hint: `If the deletions are meant: callboard reconcile --allow-prune ${deletionBudget.revision}`,
          },
  }
}

function countByKind(reconciler: Reconciler): Map<string, number> {
  const counts = new Map([...kinds.keys()].map((kind) => [kind, 0]))
  for (const { kind } of reconciler.applied.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

function revisionView({ revision, commit, ...outcome }: Outcome): RevisionView & RevisionSummary {
  const shown = commit === undefined ? undefined : commitView(commit)
  return {
    ...outcome,
    revision: revision ?? 'unknown',
    ...(shown !== undefined && { author: shown.author, commit: shown }),
  }
}

function commitOrNull(commit: Commit | null): CommitView | null {
  return commit === null ? null : commitView(commit)
}

function commitView({ id, author, date, subject, signer }: Commit): CommitView {
  return { id, author: `${author.name} <${author.email}>`, date, subject, signer: signer ?? null }
}

function reconcileResult({ time: _, commit: __, ...outcome }: Outcome): ReconcileResult {
  return outcome
}

/** The applied resources by kind, namespace, name; sorted once a revision. */
function sortedResources(reconciler: Reconciler): () => readonly Resource[] {
  let applied = reconciler.applied
  let sorted: Resource[] = []
  return () => {
    if (applied !== reconciler.applied || sorted.length !== applied.size) {
      applied = reconciler.applied
      sorted = [...applied.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    }
    return sorted
  }
}

/** Orders by kind, then namespace, then name; a space comes before everything that may be in them. */
function sortKey({ kind, namespace, name }: Resource): string {
  return `${kind} ${namespace} ${name}`
}

function resourceSummary(
  resource: Resource,
  reconciler: Reconciler,
  observed: readonly ConditionView[],
): ResourceSummary {
  const { kind, namespace, name, file, line, digest, labels } = resource
  return {
    kind,
    namespace,
    name,
    id: apiId(namespace, name),
    file,
    line,
    digest,
    labels,
    conditions: [applied(reconciler), ...observed],
  }
}

/** A resource that is applied is ready: what could be wrong with its declaration was found before. */
function applied(reconciler: Reconciler): ConditionView {
  const { generation, lastAppliedTime } = reconciler.status()
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Applied',
    message: 'in effect as declared',
    observedGeneration: generation,
    lastTransitionTime: lastAppliedTime ?? new Date(0).toISOString(),
  }
}

function mockPlace(
  reconciler: Reconciler,
): (mock: { readonly namespace: string; readonly name: string }) => MockReference {
  return ({ namespace, name }) => {
    const resource = reconciler.applied.get(resourceId('Mock', namespace, name))
    return { namespace, name, ...(resource === undefined ? {} : { file: resource.file, line: resource.line }) }
  }
}

function mapPage<From, To>(
  { items, next }: { readonly items: readonly From[]; readonly next?: string },
  map: (item: From) => To,
): Page<To> {
  return { items: items.map(map), ...(next === undefined ? {} : { next }) }
}

/** How the resolver's outcomes are counted in metrics. */
const metricOutcomes: Readonly<Record<RequestFate, RequestOutcome>> = {
  mock: 'matched',
  options: 'matched',
  proxy: 'proxied',
  fallback: 'proxied',
  fault: 'faulted',
  not_found: 'unmatched',
  suspended: 'suspended',
  unavailable: 'unavailable',
  refused: 'rejected',
  aborted: 'rejected',
  failed: 'rejected',
}

function* requestCounts({
  metrics: { counts },
}: Resolver): Iterable<{ namespace: string; outcome: RequestOutcome; count: number }> {
  for (const [namespace, outcome, count] of counts.all()) {
    yield { namespace: namespace === '' ? 'other' : namespace, outcome: metricOutcomes[outcome], count }
  }
  if (counts.malformed > 0) yield { namespace: 'other', outcome: 'rejected', count: counts.malformed }
}
