import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import { type Hint, type Snapshot, type Source, SourceError, type SourceFile } from '../source/source.js'
import type { Store } from '../store/store.js'
import { type ConditionFacts, Conditions } from './conditions.js'
import { type BudgetExcess, budgetExcesses } from './deletion-budget.js'
import {
  appliedFacts,
  budgetFacts,
  emptyFacts,
  failureFacts,
  invalidFacts,
  sameFacts,
  suspendedFacts,
} from './facts.js'
import { type FileChanges, fileChanges, History, type Outcome, type OutcomeKind, problemsKept } from './history.js'
import { isEmpty, type Plan, plan } from './plan.js'
import type { Target } from './target.js'
import { joinHints, type Trigger, widens } from './trigger.js'

/** What a snapshot means: the part of the resources folder that the reconciler needs. */
export interface SnapshotLoader {
  /** `applied`: what a document that is no longer managed, or no longer parses, used to be. */
  load(snapshot: Snapshot, applied: ResourceSet): Promise<LoadedSnapshot>
  /** Warnings about what was loaded last that are too dear for the way to live. */
  warnings(): readonly Problem[]
}

export interface LoadedSnapshot {
  /** Everything without an error. */
  readonly resources: ResourceSet
  readonly problems: readonly Problem[]
  /** Further files that documents name, as paths below the root. */
  readonly references: ReadonlySet<string>
  /** False when the source has to be asked for `references` first. */
  readonly complete: boolean
  readonly counts: { readonly unmanaged: number }
}

export interface ReconcilerLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface ReconcilerParts {
  readonly source: Source
  readonly loader: SnapshotLoader
  readonly targets: readonly Target[]
  readonly store: Store
  readonly trigger: Trigger
  readonly now: () => Date
  /** Milliseconds, never going back. */
  readonly monotonic: () => number
  readonly log: ReconcilerLog
  /** Share of what is applied that one revision may prune, 0 to 1. */
  readonly maxPrune: number
  /** Warnings hold a revision as errors do. */
  readonly strict: boolean
  /** Told of every outcome, after it is in effect. */
  readonly onOutcome?: (outcome: Outcome) => void
}

export interface ReconcilerStatus {
  readonly source: string
  readonly suspended: boolean
  readonly generation: number
  readonly lastAttemptedRevision: string | null
  readonly lastAppliedRevision: string | null
  readonly lastAttemptTime: string | null
  readonly lastAppliedTime: string | null
  readonly problems: readonly Problem[]
  readonly unmanaged: number
  readonly deletionBudget: { readonly revision: string; readonly excesses: readonly BudgetExcess[] } | null
}

const empty: ResourceSet = new Map()
const none: Hint = new Set()
/** A source or store that failed may be back; triggers may not say so. */
const retryMs = 5_000
/** How often contents of earlier revisions are dropped. */
const generationsBetweenSweeps = 64

/**
 * Brings the targets in line with the source, one pass at a time, and records the outcome of each.
 *
 * A pass never throws: whatever fails becomes a condition, and the revision applied before stays in effect.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #history: History
  readonly conditions: Conditions
  #applied: ResourceSet = empty
  #files: ReadonlyMap<string, string> = new Map()
  #references: ReadonlySet<string> = new Set()
  #generation = 0
  #appliedRevision: string | null = null
  #appliedTime: string | null = null
  #attempted: string | null = null
  #attemptTime: string | null = null
  #problems: readonly Problem[] = []
  #unmanaged = 0
  #excess: ReconcilerStatus['deletionBudget'] = null
  #suspended: boolean
  #allowPrune: string | undefined
  readonly #waiting: ((outcome: Outcome) => void)[] = []
  #passing: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#history = new History(parts.store)
    this.#suspended = this.#history.suspended()
    this.conditions = new Conditions(parts.now)
  }

  get history(): History {
    return this.#history
  }

  get applied(): ResourceSet {
    return this.#applied
  }

  status(): ReconcilerStatus {
    return {
      source: this.#parts.source.location,
      suspended: this.#suspended,
      generation: this.#generation,
      lastAttemptedRevision: this.#attempted,
      lastAppliedRevision: this.#appliedRevision,
      lastAttemptTime: this.#attemptTime,
      lastAppliedTime: this.#appliedTime,
      problems: this.#problems,
      unmanaged: this.#unmanaged,
      deletionBudget: this.#excess,
    }
  }

  /** Serves what was applied last, then looks at the source for the first time. */
  async start(): Promise<Outcome> {
    const restored = this.#history.applied()
    if (restored !== undefined) {
      this.#generation = restored.generation
      this.#appliedRevision = restored.revision
      this.#appliedTime = restored.time
      this.#files = this.#history.files()
      // Whatever was applied may name further files; asking for all of them makes the first snapshot the whole.
      this.#references = new Set(this.#files.keys())
      if (this.#suspended || !(await this.#resumeApplied())) await this.#serveLastGood()
    }
    return this.pass('anywhere')
  }

  /** The usual restart: the source still is what was applied, so that one load serves as both. */
  async #resumeApplied(): Promise<boolean> {
    const { source, loader } = this.#parts
    try {
      const snapshot = await source.fetch(this.#references)
      if (!sameContents(this.#files, snapshot)) return false
      const loaded = await loader.load(snapshot, empty)
      if (loaded.problems.some(({ severity }) => severity === 'error')) return false
      for (const swap of await this.#prepare(loaded.resources, plan(loaded.resources, empty), this.#generation)) swap()
      this.#applied = loaded.resources
      return true
    } catch (error) {
      // The pass that follows meets the same trouble and reports it.
      if (error instanceof SourceError) return false
      throw error
    }
  }

  /** Passes whenever the trigger fires, until `close`. */
  async run(): Promise<void> {
    const { trigger } = this.#parts
    while (!this.#closed) {
      await trigger.next()
      const hint = trigger.take()
      if (hint !== undefined && !this.#closed) await this.pass(hint)
    }
  }

  /** Looks again and resolves with the outcome of a pass that began after the call. */
  async reconcile(options: { allowPrune?: string } = {}): Promise<Outcome> {
    if (options.allowPrune !== undefined) this.#allowPrune = options.allowPrune
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.push(resolve))
    this.#parts.trigger.look('anywhere')
    return outcome
  }

  async suspend(): Promise<boolean> {
    return this.#setSuspended(true)
  }

  async resume(): Promise<boolean> {
    const changed = await this.#setSuspended(false)
    if (changed) await this.reconcile()
    return changed
  }

  /** Lets the pass in progress end and takes no further trigger. */
  async close(): Promise<void> {
    this.#closed = true
    this.#parts.trigger.look('anywhere')
    await this.#passing
  }

  /** One pass: fetch, load, judge, plan, record, swap. Passes do not overlap. */
  async pass(hint: Hint): Promise<Outcome> {
    const passing = this.#passing.then(() => this.#pass(hint))
    this.#passing = passing
    const outcome = await passing
    // Whoever asked while something is pending again is answered by the pass that takes it.
    if (!this.#parts.trigger.pending) for (const resolve of this.#waiting.splice(0)) resolve(outcome)
    return outcome
  }

  async #pass(hint: Hint): Promise<Outcome> {
    const started = this.#parts.monotonic()
    if (this.#suspended) return this.#finish('suspended', started, suspendedFacts)
    this.conditions.set('Reconciling', 'True', 'Progressing', 'looking at the source', this.#generation)
    let snapshot: Snapshot | undefined
    try {
      const read = await this.#read(hint)
      snapshot = read.snapshot
      const { loaded } = read
      this.#unmanaged = loaded.counts.unmanaged
      if (snapshot.files.size === 0) return await this.#finish('failed', started, emptyFacts, snapshot, loaded.problems)
      const problems = this.#parts.strict ? [...loaded.problems, ...this.#parts.loader.warnings()] : loaded.problems
      if (this.#holds(problems)) {
        return await this.#finish('rejected', started, invalidFacts(problems, this.#parts.strict), snapshot, problems)
      }
      const changes = plan(loaded.resources, this.#applied)
      const excesses = this.#excesses(snapshot.revision, changes)
      if (excesses.length > 0) {
        const outcome = await this.#finish(
          'rejected',
          started,
          budgetFacts(snapshot.revision, excesses),
          snapshot,
          problems,
        )
        this.#excess = { revision: snapshot.revision, excesses }
        return outcome
      }
      return await this.#apply(snapshot, loaded, changes, started)
    } catch (error) {
      const facts = failureFacts(error)
      if (facts.unexpected) this.#parts.log.error({ err: error }, 'reconciling failed unexpectedly')
      return this.#finish('failed', started, facts, snapshot)
    }
  }

  #excesses(revision: string, changes: Plan): BudgetExcess[] {
    if (this.#allowPrune !== undefined && matchesRevision(revision, this.#allowPrune)) return []
    return budgetExcesses(changes, this.#applied, this.#parts.maxPrune)
  }

  /** A snapshot and its meaning, together with everything that changed while they were read. */
  async #read(hint: Hint): Promise<{ snapshot: Snapshot; loaded: LoadedSnapshot }> {
    const { source, loader, trigger } = this.#parts
    const deadline = trigger.deadline()
    let seen = hint
    if (hint !== 'anywhere' && hint.size > 1) {
      await trigger.quiet(deadline)
      seen = joinHints(seen, trigger.take() ?? none)
    }
    let snapshot = await source.fetch(this.#references, seen)
    for (;;) {
      const loaded = await loader.load(snapshot, this.#applied)
      const unread = loaded.complete
        ? none
        : new Set([...loaded.references].filter((path) => !this.#references.has(path)))
      this.#references = loaded.references
      let more: Hint = unread
      if (trigger.pending && trigger.remaining(deadline) > 0) {
        more = joinHints(more, trigger.take() ?? none)
        // The same file again is the other half of one save. Others are one change with this: they go live together.
        if (widens(seen, more)) await trigger.quiet(deadline)
        more = joinHints(more, trigger.take() ?? none)
      }
      if (more !== 'anywhere' && more.size === 0) return { snapshot, loaded }
      seen = joinHints(seen, more)
      const again = await source.fetch(this.#references, more)
      if (again.revision === snapshot.revision && loaded.complete) return { snapshot, loaded }
      snapshot = again
    }
  }

  /** Makes the plan durable, then swaps. Up to the swap nothing has changed for anybody. */
  async #apply(snapshot: Snapshot, loaded: LoadedSnapshot, changes: Plan, started: number): Promise<Outcome> {
    if (snapshot.revision === this.#appliedRevision && isEmpty(changes)) {
      this.#applied = loaded.resources
      return this.#finish('unchanged', started, sameFacts, snapshot, loaded.problems)
    }
    const { store } = this.#parts
    const generation = this.#generation + 1
    const files = fileChanges(this.#files, snapshot.files)
    const [swaps] = await Promise.all([
      this.#prepare(loaded.resources, changes, generation),
      store.contents.putAll(contentsOf(snapshot, files)),
    ])
    const facts = appliedFacts(changes)
    const outcome = {
      ...this.#outcome('applied', started, facts, snapshot.revision, loaded.problems),
      generation,
      revision: snapshot.revision,
      changes: this.#history.changes(changes),
    }
    await this.#history.recordApplied(outcome, changes, files)
    for (const swap of swaps) swap()
    this.#generation = generation
    this.#applied = loaded.resources
    this.#appliedRevision = snapshot.revision
    this.#appliedTime = outcome.time
    this.#files = new Map([...snapshot.files].map(([path, { hash }]) => [path, hash]))
    this.#settle(outcome, facts)
    if (generation % generationsBetweenSweeps === 0) await store.contents.retain(new Set(this.#files.values()))
    return outcome
  }

  async #prepare(desired: ResourceSet, changes: Plan, generation: number): Promise<(() => void)[]> {
    return Promise.all(this.#parts.targets.map(async (target) => target.prepare(desired, changes, generation)))
  }

  /** The revision applied before the restart, from the bytes kept of it, as far as this version accepts them. */
  async #serveLastGood(): Promise<void> {
    const { store, loader, log } = this.#parts
    const contents = await store.contents.getAll(this.#files.values())
    const files = new Map<string, SourceFile>()
    for (const [path, hash] of this.#files) {
      const bytes = contents.get(hash)
      if (bytes === undefined)
        log.error({ file: path }, 'content of the applied revision is missing from the state directory')
      else files.set(path, { path, hash, bytes })
    }
    const snapshot: Snapshot = { revision: this.#appliedRevision ?? '', files, refusals: [] }
    const loaded = await loader.load(snapshot, empty)
    for (const problem of loaded.problems) {
      if (problem.severity === 'error')
        log.error({ problem }, 'this version rejects a document of the applied revision')
    }
    for (const swap of await this.#prepare(loaded.resources, plan(loaded.resources, empty), this.#generation)) swap()
    this.#applied = loaded.resources
    this.conditions.set(
      'Ready',
      'True',
      'LastGood',
      `serving ${this.#appliedRevision}, applied before the restart`,
      this.#generation,
    )
  }

  /** Ends a pass that swapped nothing. */
  async #finish(
    kind: OutcomeKind,
    started: number,
    facts: ConditionFacts,
    snapshot?: Snapshot,
    problems: readonly Problem[] = [],
  ): Promise<Outcome> {
    const outcome = this.#outcome(kind, started, facts, snapshot?.revision ?? null, problems)
    this.#settle(outcome, facts)
    const worthRemembering = kind === 'rejected' || kind === 'failed'
    if (worthRemembering && !this.#isRepetition(outcome)) {
      await this.#history
        .record(outcome)
        .catch((error: unknown) => this.#parts.log.error({ err: error }, 'the outcome could not be recorded'))
    }
    if (kind === 'failed') this.#parts.trigger.lookAfter(retryMs)
    return outcome
  }

  #outcome(
    outcome: OutcomeKind,
    started: number,
    { reason, message }: ConditionFacts,
    revision: string | null,
    problems: readonly Problem[],
  ): Outcome {
    return {
      outcome,
      generation: null,
      revision,
      time: this.#parts.now().toISOString(),
      reason,
      message,
      durationMs: Math.round((this.#parts.monotonic() - started) * 1000) / 1000,
      changes: [],
      problems: [...problems]
        .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
        .slice(0, problemsKept),
    }
  }

  /** Makes an outcome visible: status, conditions, log, listeners. */
  #settle(outcome: Outcome, { reason, message }: ConditionFacts): void {
    const kind = outcome.outcome
    const generation = this.#generation
    if (kind !== 'suspended') {
      this.#attempted = outcome.revision ?? this.#attempted
      this.#attemptTime = outcome.time
      this.#problems = outcome.problems
    }
    if (reason !== 'DeletionBudgetExceeded') this.#excess = null
    const good = kind === 'applied' || kind === 'unchanged'
    if (kind !== 'suspended') {
      const serving = this.#appliedRevision === null ? 'nothing is served' : `${this.#appliedRevision} goes on serving`
      this.conditions.set(
        'Ready',
        good ? 'True' : 'False',
        reason,
        good ? message : `${message}. ${serving}`,
        generation,
      )
      // What only a person can end; a source that is away may come back by itself.
      this.conditions.set('Stalled', kind === 'rejected' ? 'True' : 'False', reason, message, generation)
    }
    this.conditions.set('Reconciling', 'False', reason, message, generation)
    const { log } = this.#parts
    const details = {
      revision: outcome.revision,
      generation: outcome.generation,
      reason,
      durationMs: outcome.durationMs,
    }
    if (kind === 'applied') log.info(details, `applied: ${message}`)
    else if (kind === 'rejected' || kind === 'failed') log.error(details, message)
    this.#parts.onOutcome?.(outcome)
  }

  /** Warnings that were too dear to wait for, added once the revision is served. */
  addWarnings(): void {
    const warnings = this.#parts.loader.warnings()
    if (warnings.length > 0) this.#problems = [...this.#problems, ...warnings].slice(0, problemsKept)
  }

  #holds(problems: readonly Problem[]): boolean {
    return this.#parts.strict ? problems.length > 0 : problems.some(({ severity }) => severity === 'error')
  }

  #isRepetition(outcome: Outcome): boolean {
    const [last] = this.#history.outcomes({ limit: 1 }).items
    return (
      last !== undefined &&
      last.outcome === outcome.outcome &&
      last.revision === outcome.revision &&
      last.message === outcome.message
    )
  }

  async #setSuspended(suspended: boolean): Promise<boolean> {
    if (this.#suspended === suspended) return false
    await this.#history.suspend(suspended)
    this.#suspended = suspended
    const facts = suspended ? suspendedFacts : { reason: 'Resumed', message: 'resumed' }
    this.conditions.set('Reconciling', 'False', facts.reason, facts.message, this.#generation)
    return true
  }
}

function* contentsOf(snapshot: Snapshot, files: FileChanges): Iterable<readonly [string, Uint8Array]> {
  for (const [path, hash] of files.put) {
    const file = snapshot.files.get(path)
    if (file !== undefined) yield [hash, file.bytes]
  }
}

function sameContents(files: ReadonlyMap<string, string>, snapshot: Snapshot): boolean {
  if (files.size !== snapshot.files.size) return false
  for (const [path, { hash }] of snapshot.files) if (files.get(path) !== hash) return false
  return true
}

/** `sha256:abc…` or any beginning of the hash that is long enough to be meant. */
function matchesRevision(revision: string, given: string): boolean {
  const hash = revision.slice(revision.lastIndexOf(':') + 1)
  return given === revision || (given.length >= 7 && (hash.startsWith(given) || revision.startsWith(given)))
}
