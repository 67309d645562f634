// What there is to do with the deliveries of a store.

import type { Json } from '../expression/json.js'
import type { Delivery, DeliveryState } from './delivery.js'
import type { DeliveryEntry, DeliveryFilter, DeliveryPage } from './delivery-list.js'
import type { Transaction } from './store.js'
import type { Timer } from './timer.js'

/** One delivery in the hands of one worker. `settle` or `putBack` gives it up. */
export interface Claim {
  readonly delivery: Delivery
  readonly state: DeliveryState
  /** Whoever has another one has lost it to somebody else. */
  readonly token: number
}

/** Deliveries that become part of somebody's transaction. */
export interface PreparedDeliveries {
  /** For the scopes of the transaction. */
  readonly scopes: readonly string[]
  /** In the work of the transaction, once. Throws `StoreUnavailable` when too many wait already. */
  write(tx: Transaction): ('accepted' | 'duplicate')[]
  /** After the transaction has resolved. */
  commit(): void
  /** After it has rejected. */
  abandon(): void
  /** After `commit`, of those that were to be kept back: their delay counts from `now`. */
  release(now: number): void
}

export interface DeliveryLane {
  readonly key: string
  readonly target: string
  readonly breaker: boolean
  /** When its next delivery may begin; infinite when none waits. */
  readonly nextDue: number
}

export interface DeliveryLimits {
  /** That wait at a time; a fifth of them to one target. */
  readonly waiting: number
  /** Finished ones that are kept to be looked up, and for how long. */
  readonly finished: number
  readonly finishedMs: number
  /** Beyond it, the oldest are dropped. */
  readonly deadLetters: number
}

export const defaultLimits: DeliveryLimits = {
  waiting: 1_000_000,
  finished: 10_000,
  finishedMs: 7 * 24 * 3600 * 1000,
  deadLetters: 100_000,
}

export interface DeliveriesOptions {
  readonly limits?: Partial<DeliveryLimits>
  readonly now: () => number
  readonly timer?: Timer
  readonly onWarning?: (message: string) => void
}

/** Why a change was not made. */
export type ChangeRefusal = 'unknown' | 'busy' | 'refused'

/** What is to be accepted; a function where that depends on what the transaction finds, to be called in its work. */
export type ToPrepare = readonly Delivery[] | ((tx: Transaction) => readonly Delivery[])

export interface Deliveries {
  prepare(deliveries: ToPrepare, options?: { readonly keepBack?: boolean }): PreparedDeliveries
  /** In a transaction of its own. Resolves once they are as durable as asked, rejects with `StoreUnavailable`. */
  accept(deliveries: readonly Delivery[], durability?: 'write' | 'sync'): Promise<('accepted' | 'duplicate')[]>
  /** Up to `limit` deliveries of a lane that are due, in their order. */
  claim(lane: string, limit: number, now: number): Promise<Claim[]>
  /** A delivery that waits, due or not, and is the first of its order key. */
  claimOne(id: string): Promise<Claim | undefined>
  /** Resolves with true once the last outcome is on record, with false when it cannot be now. */
  recorded(id: string): Promise<boolean>
  /**
   * Notes that an attempt begins. One that goes on for ten milliseconds is then known after the end of the process cut
   * it off; of a shorter one only the end is on record.
   */
  begin(claim: Claim, now: number): void
  /** Ends the claim with what became of it. False when it was lost. What cannot be written now is kept, and written later. */
  settle(claim: Claim, state: DeliveryState): boolean
  /** Ends the claim without an attempt. Without `due` it waits for a change or for `resume`. */
  putBack(claim: Claim, due: number | undefined): void
  /** Lets a delivery that was put back without a time be claimed again. */
  resume(id: string, due: number): void
  /** Changes a delivery that nobody is at work on, durably. */
  change(id: string, work: (entry: DeliveryEntry) => DeliveryState | undefined): Promise<DeliveryState | ChangeRefusal>
  get(id: string): DeliveryEntry | undefined
  list(filter: DeliveryFilter, page: { readonly limit: number; readonly after?: string }): Promise<DeliveryPage>
  /** Takes a named lease, or prolongs one's own. */
  lease(name: string, holder: string, ttlMs: number, now: number): Promise<boolean>
  /** Keeps what holds a target over a restart; `undefined` when nothing does any more. */
  keepHold(target: string, hold: Json | undefined): void
  /** What was kept. */
  holds(): [target: string, hold: Json][]
  /** Lanes in which something waits. */
  readonly lanes: Iterable<DeliveryLane>
  /** Hears of lanes whose next delivery is due earlier than it was. */
  onEarlier(listener: (lane: DeliveryLane) => void): void
  /** What a process that has ended was at work on. Claim them to settle them. */
  readonly orphans: readonly string[]
  /** The one that was accepted first of all that wait. */
  oldestWaiting(): DeliveryEntry | undefined
  /** How many there are of each status. */
  readonly counts: Readonly<Record<DeliveryState['status'], number>>
  /** Outcomes cannot be written: nothing more is to be begun. */
  readonly failing: boolean
  /** Resolves with true once all outcomes are written, with false when they cannot be now. */
  drain(): Promise<boolean>
  close(): void
}
