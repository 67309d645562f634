// Taking part in what becomes of an event: holding it back, or putting it together with others, in the record of the journal
// that says that it was accepted.

import type { Transaction } from '../store/store.js'
import type { Decided } from './fan-out.js'
import type { DigestTaking } from './receipt.js'
import type { RatedEvent } from './rules.js'

export interface Collector {
  /** Of its rows in the store. */
  readonly scopes: readonly string[]
  /**
   * True where, as things stand, `collect` will make this decision one that is not sent by itself: no words are made for it
   * then. Asked before the transaction; when it is asked of nothing, words are made for all that is sent.
   */
  takes?(event: RatedEvent, one: Decided, now: number): boolean
  /**
   * In the transaction of the event, over `scopes` and those of the other collectors: a pure synchronous function of what
   * `tx` finds, that may be called again. Answers all decisions in their order, changed or not; what has `isWordless` cannot
   * be sent by itself any more. `now`: when the event was accepted, milliseconds since 1970.
   */
  collect(tx: Transaction, event: RatedEvent, decided: readonly Decided[], now: number): readonly Decided[]
  /** In the same transaction: what `collect` let pass is not sent, for other reasons. */
  refused?(tx: Transaction, event: RatedEvent, one: Decided, now: number): void
  /** True for an event that is to be recorded even where nobody is told of it. */
  wants?(event: RatedEvent): boolean
  /** Digests that have to do with the event that `collect` was last called with; asked in the same turn. */
  taken?(): readonly DigestTaking[]
  /** What was collected is on disk. */
  collected?(): void
}

/** What all of them make of an event, each of what the one before it has made. */
export function collectAll(
  collectors: readonly Collector[],
  tx: Transaction,
  event: RatedEvent,
  decided: readonly Decided[],
  now: number,
): readonly Decided[] {
  return collectors.reduce((all, collector) => collector.collect(tx, event, all, now), decided)
}
