// The delivery part of the store: what was accepted is not lost, is handed to one worker at a time, and can be looked up.
// Decides nothing about when and whether; that is the engine's. On top of any `Store`.

import type { Json } from '../expression/json.js'
import { type Delivery, type DeliveryState, initialState, isWaiting } from './delivery.js'
import { type DeliveryEntry, type DeliveryFilter, type DeliveryPage, listDeliveries } from './delivery-list.js'
import {
  type ChangeRefusal,
  type Claim,
  type Deliveries,
  type DeliveriesOptions,
  type DeliveryLane,
  type DeliveryLimits,
  defaultLimits,
  type PreparedDeliveries,
  type ToPrepare,
} from './delivery-port.js'
import { DeliveryQueue } from './delivery-queue.js'
import { attemptScope, DeliveryRecovery, deliveryScope, orderOf } from './delivery-recovery.js'
import { DeliveryWrites } from './delivery-writes.js'
import { KeyMap } from './key-map.js'
import { changing, kept, type Slot } from './slots.js'
import { type Store, StoreUnavailable } from './store.js'
import { systemTimer } from './timer.js'

export * from './delivery-port.js'

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

/** Found again without looking for it. */
interface SlotClaim extends Claim {
  readonly slot: Slot
  readonly attemptKey: string
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
  readonly #reserved = new KeyMap<number>()
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

  get #slots(): DeliveryQueue['slots'] {
    return this.#queue.slots
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

  prepare(deliveries: ToPrepare, { keepBack = false } = {}): PreparedDeliveries {
    const written: [key: string, place: number, delivery: Delivery][] = []
    let slots: [slot: Slot, delivery: Delivery][] = []
    const unreserve = () => {
      for (const [, , delivery] of written.splice(0)) this.#reserve(delivery, -1)
    }
    return {
      scopes,
      write: (tx) =>
        (typeof deliveries === 'function' ? deliveries(tx) : deliveries).map((delivery) => {
          const key = deliveryScope + delivery.id
          if (tx.get(key) !== undefined) return 'duplicate'
          if (delivery.suppressed === undefined) this.#checkBounds(delivery.target)
          this.#lastPlace += 1
          this.#reserve(delivery, 1)
          written.push([key, this.#lastPlace, delivery])
          tx.put(key, [this.#lastPlace, delivery as unknown as Json])
          return 'accepted'
        }),
      commit: () => {
        slots = written.map(([key, place, delivery]) => [this.#add(key, place, delivery), delivery])
        unreserve()
        if (!keepBack) for (const [slot] of slots) if (isWaiting(this.#slots.status(slot))) this.#queue.enqueue(slot)
        if (slots.some(([, { suppressed }]) => suppressed !== undefined)) this.#sweep()
      },
      abandon: unreserve,
      release: (now) => {
        for (const [slot, { id, delayMs }] of slots.splice(0)) {
          // It may have been cancelled or fired meanwhile, and forgotten.
          if (this.#slots.key(slot) !== deliveryScope + id) continue
          if (this.#slots.token(slot) !== kept || !isWaiting(this.#slots.status(slot))) continue
          this.#slots.setDue(slot, now + delayMs)
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
      if (slot === undefined || this.#slots.due(slot) > now) break
      const claim = this.#claim(slot)
      if (claim !== undefined) claims.push(claim)
    }
    return claims
  }

  async claimOne(id: string): Promise<Claim | undefined> {
    const slot = this.#slots.find(deliveryScope + id)
    if (slot === undefined || this.#isBusy(slot)) return undefined
    if (!isWaiting(this.#slots.status(slot)) || !this.#queue.isFirst(slot)) return undefined
    return this.#claim(slot)
  }

  recorded(id: string): Promise<boolean> {
    return this.#writes.written(attemptScope + id)
  }

  begin(claim: Claim, now: number): void {
    if (this.#slotOf(claim) === undefined) return
    this.#writes.begin((claim as SlotClaim).attemptKey, claim.state, now)
  }

  settle(claim: Claim, state: DeliveryState): boolean {
    const slot = this.#slotOf(claim)
    if (slot === undefined) return false
    this.#writes.put((claim as SlotClaim).attemptKey, toJson(state))
    this.#turn(slot, state)
    return true
  }

  putBack(claim: Claim, due: number | undefined): void {
    const slot = this.#slotOf(claim)
    if (slot === undefined) return
    this.#slots.setToken(slot, kept)
    if (due === undefined) return
    this.#slots.setDue(slot, due)
    this.#queue.enqueue(slot)
  }

  resume(id: string, due: number): void {
    const slot = this.#slots.find(deliveryScope + id)
    if (slot === undefined || this.#slots.token(slot) !== kept || !isWaiting(this.#slots.status(slot))) return
    this.#slots.setDue(slot, due)
    this.#queue.enqueue(slot)
  }

  async change(
    id: string,
    work: (entry: DeliveryEntry) => DeliveryState | undefined,
  ): Promise<DeliveryState | ChangeRefusal> {
    const slot = this.#slots.find(deliveryScope + id)
    if (slot === undefined) return 'unknown'
    if (this.#isBusy(slot)) return 'busy'
    const entry = this.#load(slot)
    const changed = entry === undefined ? undefined : work(entry)
    if (changed === undefined) return 'refused'
    const before = this.#slots.token(slot)
    this.#queue.take(slot, changing)
    const isRequeue = !isWaiting(this.#slots.status(slot)) && isWaiting(changed.status)
    if (isRequeue) this.#lastPlace += 1
    const state = isRequeue ? { ...changed, place: this.#lastPlace } : changed
    try {
      // What is on its way goes first, so that it is not written over.
      this.#writes.flush()
      await this.#store.transact(scopes, (tx) => tx.put(attemptScope + id, toJson(state)))
    } catch (error) {
      this.#slots.setToken(slot, before)
      if (before === 0) this.#queue.enqueue(slot)
      throw error
    }
    if (state.place !== undefined) this.#slots.setPlace(slot, state.place)
    this.#turn(slot, state)
    return state
  }

  get(id: string): DeliveryEntry | undefined {
    const slot = this.#slots.find(deliveryScope + id)
    return slot === undefined ? undefined : this.#load(slot)
  }

  list(filter: DeliveryFilter, page: { limit: number; after?: string }): Promise<DeliveryPage> {
    return listDeliveries(this.#slots, (slot) => this.#load(slot), filter, page)
  }

  oldestWaiting(): DeliveryEntry | undefined {
    // They are in the order of their acceptance; of those that are finished, few are kept.
    for (const slot of this.#slots.values()) if (isWaiting(this.#slots.status(slot))) return this.#load(slot)
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
    const slot = this.#slots.add(key, this.#queue.lane(delivery), orderOf(delivery), created + delayMs, place)
    this.#slots.setStatus(slot, initialState(delivery).status)
    this.#queue.join(slot)
    if (delivery.suppressed !== undefined) return slot
    const bytes = sizeOf(delivery.payload)
    if (this.#hotBytes + bytes <= maxHotBytes) {
      this.#hotBytes += bytes
      this.#slots.heat(slot, delivery, bytes)
    }
    return slot
  }

  #isBusy(slot: Slot): boolean {
    const token = this.#slots.token(slot)
    return token > 0 || token === changing
  }

  #claim(slot: Slot): SlotClaim | undefined {
    this.#lastToken = this.#lastToken === maxToken ? 1 : this.#lastToken + 1
    const token = this.#lastToken
    this.#queue.take(slot, token)
    const entry = this.#load(slot)
    this.#cool(slot)
    if (entry === undefined) return undefined
    const { delivery, state } = entry
    return { delivery, state, token, slot, attemptKey: attemptScope + delivery.id }
  }

  #slotOf(claim: Claim): Slot | undefined {
    const { slot, token } = claim as SlotClaim
    return this.#slots.token(slot) === token ? slot : undefined
  }

  #turn(slot: Slot, { status, due }: DeliveryState): void {
    this.#cool(slot)
    this.#slots.setToken(slot, kept)
    this.#queue.turn(slot, status, due)
    if (isWaiting(status)) this.#queue.enqueue(slot)
    else this.#sweep()
  }

  #cool(slot: Slot): void {
    this.#hotBytes -= this.#slots.cool(slot)
  }

  /** `undefined`, and a dead letter, when it can no longer be read. */
  #load(slot: Slot): DeliveryEntry | undefined {
    // It is only until the first attempt, or whatever else is done to it.
    const hot = this.#slots.hot(slot)
    if (hot !== undefined) return { delivery: hot, state: initialState(hot) }
    const id = this.#slots.id(slot)
    const key = this.#slots.key(slot)
    try {
      const delivery = (this.#store.get(key) as [number, unknown] | undefined)?.[1]
      if (delivery === undefined) throw new Error(`"${key}" is missing`)
      const state = this.#writes.get(attemptScope + id) as unknown as DeliveryState | undefined
      return { delivery: delivery as Delivery, state: state ?? initialState(delivery as Delivery) }
    } catch (error) {
      if (isWaiting(this.#slots.status(slot))) {
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

  #reserve({ target, suppressed }: Delivery, count: 1 | -1): void {
    if (suppressed !== undefined) return
    this.#reservedTotal += count
    const sum = (this.#reserved.get(target) ?? 0) + count
    if (sum === 0) this.#reserved.delete(target)
    else this.#reserved.set(target, sum)
  }

  /** Forgets finished deliveries beyond what is kept; those that are being changed have their turn later. */
  #sweep(): void {
    const { finished, deadLetters } = this.#queue
    const limits = this.#limits
    const oldest = this.#now() - limits.finishedMs
    const isOld = (slot: Slot) => this.#slots.due(slot) < oldest
    const isFull = finished.size >= limits.finished + sweepSize
    for (let slot = finished.first; slot !== undefined && (isFull || isOld(slot)); slot = finished.first) {
      if ((finished.size <= limits.finished && !isOld(slot)) || this.#isBusy(slot)) break
      this.#forget(slot)
    }
    for (let slot = deadLetters.first; slot !== undefined; slot = deadLetters.first) {
      if (deadLetters.size <= limits.deadLetters || this.#isBusy(slot)) break
      this.#warn(`dead letter ${this.#slots.id(slot)} is dropped: more than ${limits.deadLetters} are kept`)
      this.#forget(slot)
    }
  }

  #forget(slot: Slot): void {
    this.#writes.put(this.#slots.key(slot), undefined)
    this.#writes.put(attemptScope + this.#slots.id(slot), undefined)
    this.#queue.delete(slot)
  }
}

/** Tokens of those at work at a time are told apart, and fit into 32 bits. */
const maxToken = 2 ** 31 - 1

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
