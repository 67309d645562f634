// The delivery part of the store: what was accepted is not lost, is handed to one worker at a time, and can be looked up.
// Decides nothing about when and whether; that is the engine's. On top of any `Store`.

import type { Json } from '../expression/json.js'
import { type Delivery, type DeliveryState, initialState, isWaiting } from './delivery.js'
import { type DeliveryEntry, type DeliveryFilter, type DeliveryPage, listDeliveries } from './delivery-list.js'
import { DeliveryQueue, Slot } from './delivery-queue.js'
import { attemptScope, DeliveryRecovery, deliveryScope, orderOf } from './delivery-recovery.js'
import { DeliveryWrites } from './delivery-writes.js'
import { type Store, StoreUnavailable, type Transaction } from './store.js'
import { systemTimer, type Timer } from './timer.js'

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

export interface Deliveries {
  prepare(deliveries: readonly Delivery[], options?: { readonly keepBack?: boolean }): PreparedDeliveries
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

const scopes = [deliveryScope, attemptScope]
/** What holds a target; see `keepHold`. */
const holdScope = 'hold/'
const maxHotBytes = 16 * 1024 * 1024
/** Taken out of memory and journal together. */
const sweepSize = 64

/** For `openStore`: what stays on disk, and who hears of it. Give the same to `openDeliveries`. */
export class DeliveryReplay {
  readonly queue = new DeliveryQueue()
  readonly recovery = new DeliveryRecovery(this.queue)
  readonly onDisk = scopes
  readonly onReplay = (key: string, value: Json | undefined): void => this.recovery.replay(key, value)
}

/** Without `replay`, for a store that keeps its values in memory, they are read one by one. */
export function openDeliveries(store: Store, options: DeliveriesOptions, replay?: DeliveryReplay): Deliveries {
  const opened = replay ?? new DeliveryReplay()
  if (replay === undefined) {
    for (const scope of scopes) for (const [key, value] of store.list(scope)) opened.onReplay(key, value)
  }
  return new StoreDeliveries(store, options, opened)
}

class StoreDeliveries implements Deliveries {
  readonly orphans: readonly string[]
  readonly #store: Store
  readonly #queue: DeliveryQueue
  readonly #writes: DeliveryWrites
  readonly #limits: DeliveryLimits
  readonly #now: () => number
  readonly #warn: (message: string) => void
  #lastPlace: number
  #lastToken = 0
  #hotBytes = 0
  /** Written by transactions that have not ended. */
  readonly #reserved = new Map<string, number>()
  #reservedTotal = 0

  constructor(store: Store, { limits, now, timer, onWarning }: DeliveriesOptions, { queue, recovery }: DeliveryReplay) {
    this.#store = store
    this.#queue = queue
    this.#limits = { ...defaultLimits, ...limits }
    this.#now = now
    this.#warn = onWarning ?? (() => {})
    this.#writes = new DeliveryWrites(store, [...scopes, holdScope], timer ?? systemTimer)
    const { orphans, lastPlace } = recovery.finish()
    this.orphans = orphans
    this.#lastPlace = lastPlace
  }

  get lanes(): Iterable<DeliveryLane> {
    return this.#queue.lanes
  }
  get counts(): Readonly<Record<DeliveryState['status'], number>> {
    return this.#queue.byStatus
  }
  get failing(): boolean {
    return this.#writes.failing
  }

  onEarlier(listener: (lane: DeliveryLane) => void): void {
    this.#queue.onEarlier = listener
  }

  prepare(deliveries: readonly Delivery[], { keepBack = false } = {}): PreparedDeliveries {
    const written: [key: string, place: number, delivery: Delivery][] = []
    let slots: [slot: Slot, delivery: Delivery][] = []
    const unreserve = () => {
      for (const [, , { target }] of written.splice(0)) this.#reserve(target, -1)
    }
    return {
      scopes,
      write: (tx) =>
        deliveries.map((delivery) => {
          const key = deliveryScope + delivery.id
          if (tx.get(key) !== undefined) return 'duplicate'
          this.#checkBounds(delivery.target)
          this.#lastPlace += 1
          this.#reserve(delivery.target, 1)
          written.push([key, this.#lastPlace, delivery])
          tx.put(key, [this.#lastPlace, delivery as unknown as Json])
          return 'accepted'
        }),
      commit: () => {
        slots = written.map(([key, place, delivery]) => [this.#add(key, place, delivery), delivery])
        unreserve()
        if (!keepBack) for (const [slot] of slots) this.#queue.enqueue(slot)
      },
      abandon: unreserve,
      release: (now) => {
        for (const [slot, { delayMs }] of slots.splice(0)) {
          // It may have been cancelled or fired meanwhile.
          if (slot.token !== kept || !isWaiting(slot.status)) continue
          slot.due = now + delayMs
          this.#queue.enqueue(slot)
        }
      },
    }
  }

  async accept(deliveries: readonly Delivery[], durability: 'write' | 'sync' = 'write') {
    const prepared = this.prepare(deliveries)
    try {
      const results = await this.#store.transact(scopes, (tx) => prepared.write(tx), durability)
      prepared.commit()
      return results
    } catch (error) {
      prepared.abandon()
      throw error
    }
  }

  async claim(laneKey: string, limit: number, now: number): Promise<Claim[]> {
    const lane = this.#queue.findLane(laneKey)
    const claims: Claim[] = []
    while (lane !== undefined && claims.length < limit) {
      const slot = lane.due.first
      if (slot === undefined || slot.due > now) break
      const claim = this.#claim(slot)
      if (claim !== undefined) claims.push(claim)
    }
    return claims
  }

  async claimOne(id: string): Promise<Claim | undefined> {
    const slot = this.#queue.slots.get(deliveryScope + id)
    if (slot === undefined || slot.token > 0 || slot.token === changing) return undefined
    if (!isWaiting(slot.status) || !this.#queue.isFirst(slot)) return undefined
    return this.#claim(slot)
  }

  recorded(id: string): Promise<boolean> {
    return this.#writes.written(attemptScope + id)
  }

  begin(claim: Claim, now: number): void {
    if (this.#slotOf(claim) === undefined) return
    this.#writes.begin(attemptScope + claim.delivery.id, claim.state, now)
  }

  settle(claim: Claim, state: DeliveryState): boolean {
    const slot = this.#slotOf(claim)
    if (slot === undefined) return false
    this.#writes.put(attemptScope + claim.delivery.id, toJson(state))
    this.#turn(slot, state)
    return true
  }

  putBack(claim: Claim, due: number | undefined): void {
    const slot = this.#slotOf(claim)
    if (slot === undefined) return
    slot.token = kept
    if (due === undefined) return
    slot.due = due
    this.#queue.enqueue(slot)
  }

  resume(id: string, due: number): void {
    const slot = this.#queue.slots.get(deliveryScope + id)
    if (slot === undefined || slot.token !== kept || !isWaiting(slot.status)) return
    slot.due = due
    this.#queue.enqueue(slot)
  }

  async change(
    id: string,
    work: (entry: DeliveryEntry) => DeliveryState | undefined,
  ): Promise<DeliveryState | ChangeRefusal> {
    const slot = this.#queue.slots.get(deliveryScope + id)
    if (slot === undefined) return 'unknown'
    if (slot.token > 0 || slot.token === changing) return 'busy'
    const entry = this.#load(slot)
    const changed = entry === undefined ? undefined : work(entry)
    if (changed === undefined) return 'refused'
    const before = slot.token
    this.#queue.take(slot, changing)
    const isRequeue = !isWaiting(slot.status) && isWaiting(changed.status)
    if (isRequeue) this.#lastPlace += 1
    const state = isRequeue ? { ...changed, place: this.#lastPlace } : changed
    try {
      // What is on its way goes first, so that it is not written over.
      this.#writes.flush()
      await this.#store.transact(scopes, (tx) => tx.put(attemptScope + id, toJson(state)))
    } catch (error) {
      slot.token = before
      if (before === 0) this.#queue.enqueue(slot)
      throw error
    }
    slot.place = state.place ?? slot.place
    this.#turn(slot, state)
    return state
  }

  get(id: string): DeliveryEntry | undefined {
    const slot = this.#queue.slots.get(deliveryScope + id)
    return slot === undefined ? undefined : this.#load(slot)
  }

  list(filter: DeliveryFilter, page: { limit: number; after?: string }): Promise<DeliveryPage> {
    return listDeliveries(this.#queue.slots.values(), (slot) => this.#load(slot), filter, page)
  }

  oldestWaiting(): DeliveryEntry | undefined {
    // They are in the order of their acceptance; of those that are finished, few are kept.
    for (const slot of this.#queue.slots.values()) if (isWaiting(slot.status)) return this.#load(slot)
    return undefined
  }

  lease(name: string, holder: string, ttlMs: number, now: number): Promise<boolean> {
    const key = `lease/${name}`
    return this.#store.transact(['lease/'], (tx) => {
      const held = tx.get(key) as { holder: string; until: number } | undefined
      if (held !== undefined && held.holder !== holder && held.until > now) return false
      tx.put(key, { holder, until: now + ttlMs })
      return true
    })
  }

  keepHold(target: string, hold: Json | undefined): void {
    this.#writes.put(holdScope + target, hold)
  }
  holds(): [target: string, hold: Json][] {
    return this.#store.list(holdScope).map(([key, hold]) => [key.slice(holdScope.length), hold])
  }

  drain(): Promise<boolean> {
    return this.#writes.drain()
  }
  close(): void {
    this.#writes.close()
  }

  #add(key: string, place: number, delivery: Delivery): Slot {
    const { created, delayMs } = delivery
    const order = orderOf(delivery)
    const slot = new Slot(key, this.#queue.lane(delivery), order, created + delayMs, place, 'pending')
    this.#queue.add(slot)
    const bytes = sizeOf(delivery.payload)
    if (this.#hotBytes + bytes <= maxHotBytes) {
      this.#hotBytes += bytes
      slot.hot = delivery
    }
    return slot
  }

  #claim(slot: Slot): Claim | undefined {
    this.#lastToken += 1
    this.#queue.take(slot, this.#lastToken)
    const entry = this.#load(slot)
    this.#cool(slot)
    return entry === undefined ? undefined : { ...entry, token: slot.token }
  }

  #slotOf({ delivery, token }: Claim): Slot | undefined {
    const slot = this.#queue.slots.get(deliveryScope + delivery.id)
    return slot?.token === token ? slot : undefined
  }

  #turn(slot: Slot, { status, due }: DeliveryState): void {
    this.#cool(slot)
    slot.token = kept
    this.#queue.turn(slot, status, due)
    if (isWaiting(status)) this.#queue.enqueue(slot)
    else this.#sweep()
  }

  #cool(slot: Slot): void {
    if (slot.hot === undefined) return
    this.#hotBytes -= sizeOf(slot.hot.payload)
    slot.hot = undefined
  }

  /** `undefined`, and a dead letter, when it can no longer be read. */
  #load(slot: Slot): DeliveryEntry | undefined {
    const { id } = slot
    try {
      const delivery = slot.hot ?? (this.#store.get(slot.key) as [number, unknown] | undefined)?.[1]
      if (delivery === undefined) throw new Error(`"${slot.key}" is missing`)
      const state = this.#writes.get(attemptScope + id) as unknown as DeliveryState | undefined
      return { delivery: delivery as Delivery, state: state ?? initialState(delivery as Delivery) }
    } catch (error) {
      if (isWaiting(slot.status)) {
        this.#warn(`delivery ${id} is lost: ${(error as Error).message}`)
        this.#queue.take(slot, kept)
        this.#queue.turn(slot, 'dead_letter', this.#now())
      }
      return undefined
    }
  }

  #checkBounds(target: string): void {
    const { waiting } = this.#limits
    const all = this.#queue.waiting + this.#reservedTotal
    if (all >= waiting) throw new StoreUnavailable(`${all} deliveries wait already; no more are taken`)
    const those = this.#queue.waitingFor(target) + (this.#reserved.get(target) ?? 0)
    if (those >= Math.max(1, Math.floor(waiting / 5))) {
      throw new StoreUnavailable(
        `${those} deliveries wait for one target already, a fifth of all that may; no more are taken`,
      )
    }
  }

  #reserve(target: string, count: 1 | -1): void {
    this.#reservedTotal += count
    const sum = (this.#reserved.get(target) ?? 0) + count
    if (sum === 0) this.#reserved.delete(target)
    else this.#reserved.set(target, sum)
  }

  /** Forgets finished deliveries beyond what is kept. */
  #sweep(): void {
    const { finished, deadLetters } = this.#queue
    const limits = this.#limits
    const oldest = this.#now() - limits.finishedMs
    const isOld = (finished.first?.due ?? Number.POSITIVE_INFINITY) < oldest
    if (isOld || finished.size >= limits.finished + sweepSize) {
      while (finished.first !== undefined && (finished.size > limits.finished || finished.first.due < oldest)) {
        this.#forget(finished.first)
      }
    }
    while (deadLetters.first !== undefined && deadLetters.size > limits.deadLetters) {
      this.#warn(`dead letter ${deadLetters.first.id} is dropped: more than ${limits.deadLetters} are kept`)
      this.#forget(deadLetters.first)
    }
  }

  #forget(slot: Slot): void {
    this.#writes.put(slot.key, undefined)
    this.#writes.put(attemptScope + slot.id, undefined)
    this.#queue.delete(slot)
  }
}

/** Tokens of slots that nobody has claimed: kept back, and being changed. */
const kept = -1
const changing = -2

function toJson(state: DeliveryState): Json {
  return state as unknown as Json
}

/** About how many bytes a value takes. */
function sizeOf(value: Json): number {
  if (typeof value === 'string') return 2 * value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 32
  for (const name in value) bytes += 16 + sizeOf((value as Record<string, Json>)[name] as Json)
  return bytes
}
