// What the last look at the source came to, as status and conditions tell it.

import type { Problem } from '../resources/problem.js'
import type { Commit } from '../source/source.js'
import { type ConditionFacts, Conditions } from './conditions.js'
import type { BudgetExcess } from './deletion-budget.js'
import { suspendedFacts } from './facts.js'
import { type Outcome, problemsKept } from './history.js'

export interface BudgetHold {
  readonly revision: string
  readonly excesses: readonly BudgetExcess[]
}

/** One look at the source, as far as it has come. */
export interface Attempt {
  /** By the monotonic clock. */
  readonly started: number
  revision: string | null
  commit: Commit | undefined
  problems: readonly Problem[]
  unmanaged: number | undefined
  hold: BudgetHold | null
}

/** What is in effect meanwhile. */
export interface Serving {
  readonly generation: number
  readonly revision: string | null
  /** What is missing of it, as words that begin with "without". */
  readonly lacking: string | undefined
}

export class Standing {
  readonly conditions: Conditions
  #revision: string | null = null
  #commit: Commit | null = null
  #seenRevision: string | null = null
  #seenCommit: Commit | null = null
  #time: string | null = null
  #problems: readonly Problem[] = []
  #warnings: readonly Problem[] = []
  #unmanaged = 0
  #hold: BudgetHold | null = null

  constructor(now: () => Date) {
    this.conditions = new Conditions(now)
  }

  status() {
    return {
      lastAttemptedRevision: this.#revision,
      lastAttemptedCommit: this.#commit,
      lastSeenRevision: this.#seenRevision,
      lastSeenCommit: this.#seenCommit,
      lastAttemptTime: this.#time,
      problems: [...this.#problems, ...this.#warnings].slice(0, problemsKept),
      unmanaged: this.#unmanaged,
      deletionBudget: this.#hold,
    }
  }

  begin(generation: number): void {
    this.conditions.set('Reconciling', 'True', 'Progressing', 'looking at the source', generation)
  }

  /** The source was read. False when it has what it had before. */
  see(revision: string, commit: Commit | undefined): boolean {
    if (revision === this.#seenRevision) return false
    this.#seenRevision = revision
    this.#seenCommit = commit ?? null
    return true
  }

  /** A restart serves what was applied before, and has not looked at the source yet. */
  servingLastGood({ generation, revision, lacking }: Serving): void {
    const message = `serving ${revision}, applied before the restart`
    if (lacking === undefined) this.conditions.set('Ready', 'True', 'LastGood', message, generation)
    else this.conditions.set('Ready', 'False', 'LastGoodIncomplete', `${message}, ${lacking}`, generation)
  }

  settle(outcome: Outcome, attempt: Attempt, serving: Serving): void {
    const { outcome: kind, reason, message } = outcome
    const { generation } = serving
    this.conditions.set('Reconciling', 'False', reason, message, generation)
    // Nothing was looked at: what is known still holds.
    if (kind === 'suspended') return
    if (outcome.revision !== null) {
      this.#revision = outcome.revision
      this.#commit = outcome.commit ?? null
    }
    this.#time = outcome.time
    this.#problems = outcome.problems
    this.#warnings = []
    this.#unmanaged = attempt.unmanaged ?? this.#unmanaged
    this.#hold = attempt.hold
    const good = kind === 'applied' || kind === 'unchanged'
    const said = good ? message : `${message}. ${servingText(serving)}`
    this.conditions.set('Ready', good ? 'True' : 'False', reason, said, generation)
    // What only a person can end; a source that is away may come back by itself.
    this.conditions.set('Stalled', kind === 'rejected' ? 'True' : 'False', reason, message, generation)
  }

  suspended(suspended: boolean, generation: number): void {
    const facts: ConditionFacts = suspended ? suspendedFacts : { reason: 'Resumed', message: 'resumed' }
    this.conditions.set('Reconciling', 'False', facts.reason, facts.message, generation)
  }

  /** What is known of the last look beyond its outcome. */
  addWarnings(warnings: readonly Problem[]): void {
    this.#warnings = warnings
  }
}

function servingText({ revision, lacking }: Serving): string {
  if (revision === null) return 'Nothing is served'
  return `${revision} goes on serving${lacking === undefined ? '' : `, ${lacking}`}`
}
