import type { ResourceSet } from '../resources/resource.js'
import type { Commit } from '../source/source.js'
import type { Transaction } from '../store/store.js'
import type { DeclaredChange } from './change-operations.js'
import type { Plan } from './plan.js'

export type { DeclaredChange } from './change-operations.js'

/** What the reconciler knows of those who send word of what has changed. */
export interface ChangePort {
  /**
   * Makes ready what a revision sets off, before it is recorded; undefined when that is nothing. Rejects with
   * `ChangesRefused` when it is too much for one revision.
   */
  prepare(revision: ChangedRevision): Promise<PreparedChanges | undefined>
}

export interface ChangedRevision {
  readonly generation: number
  readonly revision: string
  /** ISO 8601 */
  readonly time: string
  readonly commit?: Commit
  /** All that is declared in it: its webhooks decide. */
  readonly resources: ResourceSet
  /** From what was applied before. */
  readonly plan: Plan
  readonly changes: readonly DeclaredChange[]
}

/** What is set off, to become part of the record that makes the revision durable. */
export interface PreparedChanges {
  /** For the scopes of the transaction. */
  readonly scopes: readonly string[]
  /** In the work of the transaction, once. Throws `StoreUnavailable` when no more can be taken. */
  write(tx: Transaction): unknown
  /** After the revision has been swapped in. */
  commit(): void
  /** When the transaction has rejected. */
  abandon(): void
}

/** A revision would set off more than can be taken at once. */
export class ChangesRefused extends Error {
  override readonly name = 'ChangesRefused'
}
