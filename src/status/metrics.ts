// Metrics for Prometheus. Counts are kept where things happen, as plain integers; they are read when somebody scrapes.
// Label values come from declarations and from this program, never from requests.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ReconcileOutcome } from './views.js'

export type RequestOutcome = 'matched' | 'unmatched' | 'proxied' | 'faulted' | 'suspended' | 'unavailable' | 'rejected'

export interface RequestCount {
  readonly namespace: string
  readonly outcome: RequestOutcome
  readonly count: number
}

export interface ResourceCount {
  readonly kind: string
  /** Condition type and status: `Ready`, `True`. */
  readonly condition: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly count: number
}

export interface EvictionCount {
  /** What was dropped to stay within its bound: `requests`, `chains`, `entries`. */
  readonly from: string
  readonly count: number
}

export interface DeliveryCount {
  readonly kind: string
  readonly transport: string
  /** Of notifications: the declared channel as it is referred to, or `other`, and its type. */
  readonly channel?: string
  readonly channelType?: string
  /** A status, or `accepted`. */
  readonly state: string
  readonly count: number
}

export interface AttemptCount {
  readonly kind: string
  readonly transport: string
  readonly channel?: string
  readonly channelType?: string
  /** `ok`, or what went wrong. */
  readonly class: string
  readonly count: number
}

export interface HookCount {
  /** Declared in the settings. */
  readonly receiver: string
  readonly result: 'accepted' | 'ignored' | 'refused'
  /** Empty for what was accepted. */
  readonly reason: string
  readonly count: number
}

export interface DeliveryGauges {
  /** How many there are, by status. */
  readonly byStatus: Readonly<Record<string, number>>
  readonly inFlight: number
  /** In milliseconds; 0 when none waits. */
  readonly oldestWaitingMs: number
  /** How many targets have their breaker so; a name of a target may come from a request, and is no label. */
  readonly breakers: Readonly<Record<'closed' | 'open' | 'half_open', number>>
}

export interface QuotaCount {
  readonly namespace: string
  /** What is limited: `deliveries`, `events run_completed`. */
  readonly quota: string
  readonly limit: number
  /** In the period that it is now. */
  readonly used: number
}

/** Where the numbers are read from, each at every scrape; counts only ever rise within one process. */
export interface MetricSources {
  readonly version: string
  /** Declared namespaces and those with something declared in them. Requests of others are counted as `other`. */
  namespaces(): ReadonlySet<string>
  requests(): Iterable<RequestCount>
  resources(): Iterable<ResourceCount>
  /** The request journal in memory. */
  requestJournal(): { readonly entries: number; readonly bytes: number }
  /** The journal of the state directory. */
  stateJournal(): { readonly segments: number; readonly bytes: number }
  evictions(): Iterable<EvictionCount>
  applied(): { readonly generation: number; readonly suspended: boolean }
  /** Since the start. */
  deliveries(): Iterable<DeliveryCount>
  attempts(): Iterable<AttemptCount>
  delivering(): DeliveryGauges
  /** Of hooks, since the start. */
  hooks(): Iterable<HookCount>
  /** Of the declared ones. */
  quotas(): Iterable<QuotaCount>
}

export interface Metrics {
  /** Notes the end of one reconcile. */
  reconciled(outcome: ReconcileOutcome, durationMs: number): void
  /** The exposition, and the media type it is in. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>
}

const prefix = 'callboard_'
const outcomes: readonly ReconcileOutcome[] = ['applied', 'unchanged', 'rejected', 'failed', 'suspended']

/** Metrics in a registry of their own, so that several controllers can live in one process. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix })
  const duration = new Histogram({
    name: `${prefix}reconcile_duration_seconds`,
    help: 'Time from fetching a revision to swapping it in, or to giving up',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const results = new Counter({
    name: `${prefix}reconcile_total`,
    help: 'Reconciles by what came of them',
    labelNames: ['result'],
    registers,
  })
  // Series that start at their first failure cannot be alerted on: the rise from nothing is not seen.
  for (const result of outcomes) results.inc({ result }, 0)
  registerBuildInfo(sources, registers)
  registerState(sources, registers)
  registerRequests(sources, registers)
  registerDeliveries(sources, registers)
  registerHooks(sources, registers)
  registerQuotas(sources, registers)
  return {
    reconciled: (outcome, durationMs) => {
      duration.observe(durationMs / 1000)
      results.inc({ result: outcome })
    },
    scrape: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

function registerBuildInfo({ version }: MetricSources, registers: Registry[]): void {
  const info = new Gauge({
    name: `${prefix}build_info`,
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers,
  })
  info.set({ version, node: process.version }, 1)
}

function registerState(sources: MetricSources, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('applied_generation', 'Generation that is served; 0 before the first', () => sources.applied().generation)
  gauge('suspended', '1 while nothing is applied', () => Number(sources.applied().suspended))
  gauge('request_journal_entries', 'Requests in the request journal', () => sources.requestJournal().entries)
  gauge('request_journal_bytes', 'Bytes of the request journal in memory', () => sources.requestJournal().bytes)
  gauge('state_journal_segments', 'Segments of the journal on disk', () => sources.stateJournal().segments)
  gauge('state_journal_bytes', 'Bytes of the journal on disk', () => sources.stateJournal().bytes)
  new Gauge({
    name: `${prefix}resources`,
    help: 'Applied resources by kind and condition',
    labelNames: ['kind', 'condition', 'status'],
    registers,
    collect() {
      this.reset()
      for (const { kind, condition, status, count } of sources.resources()) this.inc({ kind, condition, status }, count)
    },
  })
}

function registerRequests(sources: MetricSources, registers: Registry[]): void {
  new Counter({
    name: `${prefix}requests_total`,
    help: 'Requests to the resolver by namespace and outcome',
    labelNames: ['namespace', 'outcome'],
    registers,
    collect() {
      this.reset()
      const declared = sources.namespaces()
      for (const { namespace, outcome, count } of sources.requests()) {
        this.inc({ namespace: declared.has(namespace) ? namespace : 'other', outcome }, count)
      }
    },
  })
  new Counter({
    name: `${prefix}evictions_total`,
    help: 'What was dropped to stay within a bound',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset()
      for (const { from, count } of sources.evictions()) this.inc({ from }, count)
    },
  })
}

/** Labels have no capitals in Prometheus; what has no channel has no such label. */
function labelsOf<Rest extends object>({ channelType, ...rest }: Rest & { readonly channelType?: string }) {
  return { ...rest, ...(channelType !== undefined && { channel_type: channelType }) }
}

function registerHooks(sources: MetricSources, registers: Registry[]): void {
  new Counter({
    name: `${prefix}hooks_total`,
    help: 'Hooks of Git hosts by receiver and what came of them: accepted, ignored or refused, and why',
    labelNames: ['receiver', 'result', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const { count, ...labels } of sources.hooks()) this.inc(labels, count)
    },
  })
}

function registerDeliveries(sources: MetricSources, registers: Registry[]): void {
  new Counter({
    name: `${prefix}deliveries_total`,
    help: 'Deliveries accepted, and ended, since the start',
    labelNames: ['kind', 'transport', 'channel', 'channel_type', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { count, ...one } of sources.deliveries()) this.inc(labelsOf(one), count)
    },
  })
  new Counter({
    name: `${prefix}delivery_attempts_total`,
    help: 'Attempts by what came of them: ok, or the class of the error',
    labelNames: ['kind', 'transport', 'channel', 'channel_type', 'class'],
    registers,
    collect() {
      this.reset()
      for (const { count, ...one } of sources.attempts()) this.inc(labelsOf(one), count)
    },
  })
  new Gauge({
    name: `${prefix}deliveries`,
    help: 'Deliveries that are kept, by status; pending and retrying are the queue',
    labelNames: ['status'],
    registers,
    collect() {
      for (const [status, count] of Object.entries(sources.delivering().byStatus)) this.set({ status }, count)
    },
  })
  const gauge = (name: string, help: string, read: (gauges: DeliveryGauges) => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read(sources.delivering()))
      },
    })
  gauge('delivery_queue_depth', 'Deliveries that wait', ({ byStatus }) => {
    return (byStatus.pending ?? 0) + (byStatus.retrying ?? 0)
  })
  gauge('deliveries_in_flight', 'Attempts under way', ({ inFlight }) => inFlight)
  gauge('delivery_oldest_waiting_seconds', 'Age of the oldest delivery that waits; 0 when none does', (gauges) => {
    return gauges.oldestWaitingMs / 1000
  })
  new Gauge({
    name: `${prefix}delivery_targets`,
    help: 'Targets that are remembered, by the state of their breaker',
    labelNames: ['breaker'],
    registers,
    collect() {
      for (const [breaker, count] of Object.entries(sources.delivering().breakers)) this.set({ breaker }, count)
    },
  })
}

function registerQuotas(sources: MetricSources, registers: Registry[]): void {
  const gauge = (name: 'limit' | 'used', help: string) =>
    new Gauge({
      name: `${prefix}quota_${name}`,
      help,
      labelNames: ['namespace', 'quota'],
      registers,
      collect() {
        this.reset()
        for (const { namespace, quota, ...counts } of sources.quotas()) this.set({ namespace, quota }, counts[name])
      },
    })
  gauge('limit', 'What a namespace may use in a period')
  gauge('used', 'What it has used in the period that it is now')
}
