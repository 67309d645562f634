// What one look at the source comes to, as it is told and kept.

import type { ConditionFacts } from './conditions.js'
import { type Outcome, type OutcomeKind, problemsKept } from './history.js'
import type { Attempt } from './standing.js'

/** By the clocks: what it is called, and how long it took. */
export interface Moment {
  readonly now: () => Date
  /** Milliseconds, never going back. */
  readonly monotonic: () => number
}

/** Nothing is known yet. `started`: by the monotonic clock. */
export function attemptFrom(started: number): Attempt {
  return { started, revision: null, commit: undefined, problems: [], unmanaged: undefined, hold: null }
}

export function outcomeOf(
  outcome: OutcomeKind,
  { reason, message }: ConditionFacts,
  attempt: Attempt,
  { now, monotonic }: Moment,
): Outcome {
  const errors = attempt.problems.filter(({ severity }) => severity === 'error')
  const warnings = attempt.problems.filter(({ severity }) => severity === 'warning')
  return {
    outcome,
    generation: null,
    revision: attempt.revision,
    ...(attempt.commit !== undefined && { commit: attempt.commit }),
    time: now().toISOString(),
    reason,
    message,
    durationMs: Math.round((monotonic() - attempt.started) * 1000) / 1000,
    changes: [],
    problems: [...errors, ...warnings].slice(0, problemsKept),
  }
}

export function isTrouble(kind: OutcomeKind | undefined): boolean {
  return kind === 'rejected' || kind === 'failed'
}

/** What fails in the same way again and again is told once. */
export function isSame(before: Outcome | undefined, { outcome, revision, message }: Outcome): boolean {
  return before?.outcome === outcome && before.revision === revision && before.message === message
}
