import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import { type Hint, type Snapshot, SourceError } from '../source/source.js'
import { StoreUnavailable } from '../store/store.js'
import { Askers } from './askers.js'
import { changesToTell, returningTo } from './changes-to-tell.js'
import type { ConditionFacts, Conditions } from './conditions.js'
import { budgetExcesses, permitsPrune } from './deletion-budget.js'
import {
  appliedFacts,
  budgetFacts,
  closedFacts,
  emptyFacts,
  failureFacts,
  invalidFacts,
  lackingText,
  nothingDeclaredFacts,
  sameFacts,
  suspendedFacts,
} from './facts.js'
import { contentsOf, fileChanges, fileList } from './file-list.js'
import { History, type Outcome, type OutcomeKind, problemsKept, type Suspension } from './history.js'
import { InEffect } from './in-effect.js'
import { hasContents, lastGoodSnapshot, withoutContents } from './last-good.js'
import { attemptFrom, isSame, isTrouble, outcomeOf } from './outcome.js'
import type { ReconcilerLog, ReconcilerParts, ReconcilerStatus } from './parts.js'
import { isEmpty, type Plan, plan } from './plan.js'
import { recordedCommit } from './recorded-commit.js'
import { matchesRevision } from './revision-reference.js'
import type { LoadedSnapshot, SnapshotLoader } from './snapshot-loader.js'
import { type Reading, SnapshotReader } from './snapshot-reader.js'
import { type Attempt, Standing } from './standing.js'
import { joinHints } from './trigger.js'

export type { LoadedSnapshot, ReconcilerLog, ReconcilerParts, ReconcilerStatus, SnapshotLoader }

const empty: ResourceSet = new Map()
const none: Hint = new Set()
/** Hardly ever a payload. */
const yamlFile = /\.ya?ml$/
/** A source or store that failed may be back; triggers may not say so. */
const retryMs = 5_000
/** How often contents of earlier revisions are dropped. */
const generationsBetweenSweeps = 64

/**
 * Brings the targets in line with the source, one pass at a time, and records the outcome of each.
 *
 * A pass never rejects: whatever fails becomes a condition, and the revision applied before stays in effect.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #history: History
  readonly #reader: SnapshotReader
  readonly #askers = new Askers()
  readonly #standing: Standing
  readonly #effect: InEffect
  #last: Outcome | undefined
  #lastRecorded: Outcome | undefined
  #suspension: Suspension | undefined
  #allowPrune: string | undefined
  /** Looks in a row that failed. */
  #failures = 0
  #passing: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(parts: ReconcilerParts) {
    const { source, loader, trigger, targets, store, now } = parts
    this.#parts = parts
    this.#history = new History(store)
    this.#suspension = this.#history.suspension()
    this.#lastRecorded = this.#history.outcomes({ limit: 1 }).items[0]
    const onFetched = (snapshot: Snapshot) => this.#see(snapshot)
    this.#reader = new SnapshotReader({ source, loader, trigger, take: () => this.#take(), onFetched })
    this.#standing = new Standing(now)
    this.#effect = new InEffect(targets)
  }

  get conditions(): Conditions {
    return this.#standing.conditions
  }

  get history(): History {
    return this.#history
  }

  get applied(): ResourceSet {
    return this.#effect.resources
  }

  status(): ReconcilerStatus {
    return {
      source: this.#parts.source.location,
      suspended: this.#suspension !== undefined,
      suspension: this.#suspension === undefined ? null : { ...this.#suspension, revision: this.#effect.revision },
      generation: this.#effect.generation,
      lastAppliedRevision: this.#effect.revision,
      lastAppliedCommit: this.#effect.commit,
      lastAppliedTime: this.#effect.time,
      ...this.#standing.status(),
    }
  }

  /** Serves what was applied last, and resolves with the outcome of the first look at the source. */
  start(): Promise<Outcome> {
    return this.#enqueue(() => this.#start())
  }

  /** Passes whenever the trigger fires, until `close`. */
  async run(): Promise<void> {
    const { trigger } = this.#parts
    while (!this.#closed) {
      await trigger.next()
      // A pass that is under way may take it.
      await this.#passing
      if (!this.#closed && trigger.pending) await this.pass(none)
    }
  }

  /** Looks again and resolves with the outcome of a pass that began to read after the call. Needs `run`. */
  async reconcile(options: { allowPrune?: string } = {}): Promise<Outcome> {
    if (this.#closed) return this.#closedOutcome()
    if (options.allowPrune !== undefined) this.#allowPrune = options.allowPrune
    const outcome = this.#askers.ask()
    this.#parts.trigger.look('anywhere')
    return outcome
  }

  /**
   * Once this resolves with true, nothing is applied any more. False: it was so already, and whoever asked for it then
   * stays on record.
   */
  async suspend({ by, reason }: { readonly by?: string; readonly reason?: string } = {}): Promise<boolean> {
    if (this.#suspended) return false
    const suspension: Suspension = { since: this.#parts.now().toISOString(), by: by ?? null, reason: reason ?? null }
    await this.#history.suspend(suspension)
    this.#suspension = suspension
    this.#parts.log.info({ by, reason }, 'applying is suspended')
    await this.#passing
    if (this.#suspended) this.#standing.suspended(true, this.#effect.generation)
    return true
  }

  /** Resolves once what has gathered meanwhile was looked at. False: it was not suspended. */
  async resume(): Promise<boolean> {
    if (!this.#suspended) return false
    await this.#history.suspend(undefined)
    this.#suspension = undefined
    this.#parts.log.info({}, 'applying goes on')
    this.#standing.suspended(false, this.#effect.generation)
    await this.reconcile()
    return true
  }

  /** Lets the pass in progress end and begins no other. */
  async close(): Promise<void> {
    this.#closed = true
    this.#parts.trigger.end()
    await this.#passing
    this.#askers.take()
    this.#askers.answer(this.#closedOutcome())
  }

  /** One pass: fetch, load, judge, plan, record, swap. Passes do not overlap; each also takes what is pending. */
  pass(hint: Hint): Promise<Outcome> {
    return this.#enqueue(() => this.#pass(hint))
  }

  /** Warnings that were too dear to wait for, added to the status once the revision is served. */
  addWarnings(): void {
    // Strict mode has waited for them.
    if (!this.#parts.strict) this.#standing.addWarnings(this.#parts.loader.warnings())
  }

  async #enqueue(work: () => Promise<Outcome>): Promise<Outcome> {
    const passing = this.#passing.then(work)
    this.#passing = passing.catch(() => {})
    const outcome = await passing
    this.#askers.answer(outcome)
    return outcome
  }

  #take(): Hint | undefined {
    this.#askers.take()
    return this.#parts.trigger.take()
  }

  async #start(): Promise<Outcome> {
    const restored = this.#history.applied()
    if (restored === undefined) return this.#pass('anywhere')
    this.#effect.generation = restored.generation
    this.#effect.revision = restored.revision
    this.#effect.time = restored.time
    this.#effect.commit = restored.commit ?? null
    this.#effect.files = this.#history.files()
    // With the payload files that were applied, the first snapshot is the whole.
    const expected = new Set(this.#effect.files.flatMap(({ path }) => (yamlFile.test(path) ? [] : [path])))
    this.#reader.expect(expected)
    const found = this.#suspended ? undefined : await this.#firstSnapshot()
    // The usual restart: the source still is what was applied, so that one load serves as both.
    const same = found !== undefined && hasContents(this.#effect.files, found.files)
    const loaded = await this.#serveLastGood(restored.revision, same ? found : undefined)
    // What there is meanwhile is seen once something says "look again".
    if (this.#suspended) return this.#finish('suspended', suspendedFacts, attemptFrom(this.#parts.monotonic()))
    if (same && loaded?.complete) {
      await this.#keepContents(found)
      return this.#pass('anywhere', { snapshot: found, loaded })
    }
    const asked = [...(loaded?.references ?? [])].every((path) => expected.has(path))
    return this.#pass('anywhere', asked ? found : undefined)
  }

  /** What was lost from the state directory is kept again for the next restart; known contents are skipped. */
  async #keepContents(snapshot: Snapshot): Promise<void> {
    const { store, log } = this.#parts
    try {
      const lacking = fileList(snapshot.files).filter(({ hash }) => !store.contents.has(hash))
      await store.contents.putAll(contentsOf(snapshot, fileChanges([], lacking)))
    } catch (error) {
      log.warn({ err: error }, 'contents of the applied revision could not be kept')
    }
  }

  /** Undefined when it cannot be read; the pass that follows meets the same trouble and reports it. */
  async #firstSnapshot(): Promise<Snapshot | undefined> {
    try {
      return await this.#reader.fetch('anywhere')
    } catch (error) {
      if (!(error instanceof SourceError)) this.#parts.log.error({ err: error }, 'the first look at the source failed')
      return undefined
    }
  }

  /** The revision applied before the restart, as far as this version accepts it; from the bytes kept, if need be. */
  async #serveLastGood(revision: string, found: Snapshot | undefined): Promise<LoadedSnapshot | undefined> {
    const { store, log } = this.#parts
    try {
      const { snapshot, missing } =
        found === undefined
          ? await lastGoodSnapshot(store.contents, revision, this.#effect.files)
          : { snapshot: found, missing: [] }
      const loaded = await this.#reader.load(snapshot, empty)
      const rejected = loaded.problems.filter(({ severity }) => severity === 'error')
      const swap = await this.#effect.prepare(loaded.resources, plan(loaded.resources, empty), this.#effect.generation)
      swap()
      this.#effect.resources = loaded.resources
      // The next revision that has them brings their contents along.
      if (missing.length > 0) this.#effect.files = withoutContents(this.#effect.files, missing)
      this.#effect.lacking = lackingText(rejected, missing)
      if (this.#effect.lacking !== undefined) {
        const problems = rejected.slice(0, problemsKept)
        log.error({ revision, problems, missing }, `serving the applied revision ${this.#effect.lacking}`)
      }
      this.#standing.servingLastGood(this.#effect)
      return loaded
    } catch (error) {
      this.#effect.lacking = 'without any of its resources: it could not be restored'
      this.#standing.servingLastGood(this.#effect)
      log.error({ err: error, revision }, 'the applied revision could not be restored')
      return undefined
    }
  }

  /** `first`: what was read already, unless somebody has asked to look since. */
  async #pass(hint: Hint, first?: Snapshot | Reading): Promise<Outcome> {
    const started = this.#parts.monotonic()
    const pending = this.#take()
    const attempt = attemptFrom(started)
    if (this.#closed) return this.#closedOutcome()
    if (this.#suspended) {
      await this.#lookOnly(pending === undefined ? hint : joinHints(hint, pending))
      return this.#finish('suspended', suspendedFacts, attempt)
    }
    this.#standing.begin(this.#effect.generation)
    try {
      const reading = pending === undefined ? await this.#read(hint, first) : await this.#read(joinHints(hint, pending))
      return await this.#judge(reading, attempt)
    } catch (error) {
      // What it needs may have been closed as well.
      if (this.#closed) return this.#closedOutcome()
      const { unexpected, ...facts } = failureFacts(error)
      if (unexpected && facts.message !== this.#last?.message) {
        this.#parts.log.error({ err: error }, 'reconciling failed unexpectedly')
      }
      const refused = error instanceof SourceError ? error.refused : undefined
      if (refused !== undefined) {
        this.#see(refused)
        attempt.revision = refused.revision
        attempt.commit = recordedCommit(refused.commit)
        return this.#finish('rejected', facts, attempt)
      }
      return this.#finish('failed', facts, attempt)
    }
  }

  /** What there is while nothing is applied, for people to see. Trouble with it is told once it matters. */
  async #lookOnly(hint: Hint): Promise<void> {
    try {
      await this.#reader.fetch(hint)
    } catch (error) {
      if (!(error instanceof SourceError)) this.#parts.log.warn({ err: error }, 'the source could not be looked at')
      else if (error.refused !== undefined) this.#see(error.refused)
    }
  }

  #see({ revision, commit }: Pick<Snapshot, 'revision' | 'commit'>): void {
    if (!this.#standing.see(revision, recordedCommit(commit)) || revision === this.#effect.revision) return
    try {
      this.#parts.onSeen?.({ revision, ...(commit !== undefined && { commit }) }, this.#suspended)
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a listener to revisions failed')
    }
  }

  get #suspended(): boolean {
    return this.#suspension !== undefined
  }

  async #read(hint: Hint, first?: Snapshot | Reading): Promise<Reading> {
    return first !== undefined && 'loaded' in first ? first : this.#reader.read(hint, this.#effect.resources, first)
  }

  async #judge({ snapshot, loaded }: Reading, attempt: Attempt): Promise<Outcome> {
    const { strict, loader, maxPrune } = this.#parts
    const { revision } = snapshot
    attempt.revision = revision
    attempt.commit = recordedCommit(snapshot.commit)
    attempt.problems = strict ? [...loaded.problems, ...loader.warnings()] : loaded.problems
    attempt.unmanaged = loaded.counts.unmanaged
    if (snapshot.files.size === 0) return this.#finish('failed', emptyFacts, attempt)
    if (this.#holds(attempt.problems)) {
      return this.#finish('rejected', invalidFacts(attempt.problems, strict), attempt)
    }
    const changes = plan(loaded.resources, this.#effect.resources)
    if (!this.#mayPrune(revision) && !permitsPrune(snapshot)) {
      if (loaded.resources.size === 0 && this.#effect.resources.size > 0) {
        return this.#finish('rejected', nothingDeclaredFacts(snapshot, this.#effect.resources.size), attempt)
      }
      const excesses = budgetExcesses(changes, this.#effect.resources, maxPrune)
      if (excesses.length > 0) {
        attempt.hold = { revision, excesses }
        return this.#finish('rejected', budgetFacts(snapshot, excesses), attempt)
      }
    }
    return this.#apply(snapshot, loaded, changes, attempt)
  }

  #holds(problems: readonly Problem[]): boolean {
    return this.#parts.strict ? problems.length > 0 : problems.some(({ severity }) => severity === 'error')
  }

  #mayPrune(revision: string): boolean {
    return this.#allowPrune !== undefined && matchesRevision(revision, this.#allowPrune)
  }

  /** Makes the plan durable, then swaps. Up to the swap nothing has changed for anybody. */
  async #apply(snapshot: Snapshot, loaded: LoadedSnapshot, changes: Plan, attempt: Attempt): Promise<Outcome> {
    const { revision } = snapshot
    const files = fileList(snapshot.files)
    if (revision === this.#effect.revision && isEmpty(changes)) {
      this.#effect.resources = loaded.resources
      this.#effect.files = files
      this.#effect.lacking = undefined
      if (!this.#history.isContinued) await this.#history.continue()
      return this.#finish('unchanged', sameFacts, attempt)
    }
    const { contents } = this.#parts.store
    const generation = this.#effect.generation + 1
    const changedFiles = fileChanges(this.#effect.files, files)
    const [swap] = await Promise.all([
      this.#effect.prepare(loaded.resources, changes, generation),
      contents.putAll(contentsOf(snapshot, changedFiles)),
    ])
    if (this.#suspended) return this.#finish('suspended', suspendedFacts, attempt)
    const base = outcomeOf('applied', appliedFacts(changes), attempt, this.#parts)
    const named = this.#history.changes(changes, base.time, returningTo(this.#effect, snapshot))
    const outcome = { ...base, generation, revision, changes: named }
    const applied = { generation, revision, time: base.time, ...(base.commit !== undefined && { commit: base.commit }) }
    const apply = { snapshot, loaded, plan: changes, applied }
    const told = await changesToTell(this.#parts.changes, this.#history, { ...apply, effect: this.#effect })
    await this.#history.recordApplied(outcome, changes, { changes: changedFiles, before: this.#effect.files }, told)
    swap()
    told?.commit()
    this.#effect.generation = generation
    this.#effect.resources = loaded.resources
    this.#effect.revision = revision
    this.#effect.time = outcome.time
    this.#effect.commit = outcome.commit ?? null
    this.#effect.files = files
    this.#effect.lacking = undefined
    // A permission is for once: the same revision may come back after a revert.
    if (this.#mayPrune(revision)) this.#allowPrune = undefined
    this.#lastRecorded = outcome
    this.#failures = 0
    this.#settle(outcome, attempt)
    if (generation % generationsBetweenSweeps === 0) await this.#sweep()
    return outcome
  }

  /** Drops the contents of earlier revisions. Within a pass, so that no pass is just adding some. */
  async #sweep(): Promise<void> {
    const { store, log } = this.#parts
    const kept = new Set([...this.#effect.files.map(({ hash }) => hash), ...this.#history.earlierContents()])
    await store.contents.retain(kept).catch((error: unknown) => {
      log.warn({ err: error }, 'contents of earlier revisions could not be dropped')
    })
  }

  /** Ends a pass that swapped nothing. */
  async #finish(kind: OutcomeKind, facts: ConditionFacts, attempt: Attempt): Promise<Outcome> {
    const outcome = outcomeOf(kind, facts, attempt, this.#parts)
    this.#settle(outcome, attempt)
    if (isTrouble(kind) && !isSame(this.#lastRecorded, outcome)) await this.#record(outcome)
    this.#failures = kind === 'failed' ? this.#failures + 1 : 0
    if (kind === 'failed') this.#parts.trigger.lookAfter(this.#retryMs())
    return outcome
  }

  async #record(outcome: Outcome): Promise<void> {
    try {
      await this.#history.record(outcome)
      this.#lastRecorded = outcome
    } catch (error) {
      // A store that cannot be written is the outcome itself, or will be the next one.
      if (!(error instanceof StoreUnavailable)) this.#parts.log.error({ err: error }, 'an outcome was not recorded')
    }
  }

  #retryMs(): number {
    const { longestRetryMs = retryMs } = this.#parts
    return Math.max(retryMs, Math.min(longestRetryMs, retryMs * 2 ** (this.#failures - 1)))
  }

  #closedOutcome(): Outcome {
    return outcomeOf('failed', closedFacts, attemptFrom(this.#parts.monotonic()), this.#parts)
  }

  /** Makes an outcome visible: status, conditions, log, listeners. */
  #settle(outcome: Outcome, attempt: Attempt): void {
    const { log, onOutcome } = this.#parts
    const { outcome: kind, revision, generation, reason, message, durationMs } = outcome
    this.#standing.settle(outcome, attempt, this.#effect)
    const details = { revision, generation, reason, durationMs }
    if (kind === 'applied') log.info(details, `applied: ${message}`)
    else if (isTrouble(kind)) {
      if (!isSame(this.#last, outcome)) log.error(details, message)
    } else if (kind === 'unchanged' && isTrouble(this.#last?.outcome)) log.info(details, `in step again: ${message}`)
    this.#last = outcome
    try {
      onOutcome?.(outcome)
    } catch (error) {
      log.error({ err: error }, 'a listener to outcomes failed')
    }
  }
}
