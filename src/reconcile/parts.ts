import type { Problem } from '../resources/problem.js'
import type { Commit, Snapshot, Source } from '../source/source.js'
import type { Store } from '../store/store.js'
import type { ChangePort } from './change-port.js'
import type { Outcome, Suspension } from './history.js'
import type { SnapshotLoader } from './snapshot-loader.js'
import type { BudgetHold } from './standing.js'
import type { Target } from './target.js'
import type { Trigger } from './trigger.js'

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
  /** What has failed is tried again after 5 s, then less and less often, down to once in so many milliseconds. */
  readonly longestRetryMs?: number
  /** Warnings hold a revision as errors do. */
  readonly strict: boolean
  /** Sends word of what has changed. */
  readonly changes?: ChangePort
  /** Told of a revision that is not the applied one, when it is read for the first time. */
  readonly onSeen?: (snapshot: Pick<Snapshot, 'revision' | 'commit'>, isSuspended: boolean) => void
  /** Told of every outcome, after it is in effect. */
  readonly onOutcome?: (outcome: Outcome) => void
}

export interface ReconcilerStatus {
  readonly source: string
  readonly suspended: boolean
  /** With what is served meanwhile. */
  readonly suspension: (Suspension & { readonly revision: string | null }) | null
  readonly generation: number
  readonly lastAttemptedRevision: string | null
  readonly lastAttemptedCommit: Commit | null
  readonly lastAppliedRevision: string | null
  readonly lastAppliedCommit: Commit | null
  /** The newest that was read, whether or not it was looked at further; null before the first. */
  readonly lastSeenRevision: string | null
  readonly lastSeenCommit: Commit | null
  readonly lastAttemptTime: string | null
  readonly lastAppliedTime: string | null
  readonly problems: readonly Problem[]
  readonly unmanaged: number
  readonly deletionBudget: BudgetHold | null
}
