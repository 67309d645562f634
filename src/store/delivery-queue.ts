// The deliveries as they are kept in memory, in lanes by target. What was accepted, and the attempts, stay in the journal.
// Knows nothing of the store; see deliveries.ts.

import type { Delivery, DeliveryStatus } from './delivery.js'
import { isWaiting } from './delivery.js'
import { Lane, laneKey, type TargetCount } from './lane.js'
import { SlotHeap } from './slot-heap.js'
import { ready, type Slot, Slots } from './slots.js'

export class DeliveryQueue {
  readonly slots = new Slots<Lane>()
  readonly #lanes = new Map<string, Lane>()
  readonly #counts = new Map<string, TargetCount>()
  /** Waiting deliveries by order key, in their order: only the first may be in its lane. */
  readonly #lines = new Map<string, Set<Slot>>()
  /** By the time they finished, the oldest first. */
  readonly finished = new SlotHeap(this.slots)
  readonly deadLetters = new SlotHeap(this.slots)
  readonly byStatus: Record<DeliveryStatus, number> = {
    pending: 0,
    retrying: 0,
    delivered: 0,
    dead_letter: 0,
    cancelled: 0,
    suppressed: 0,
  }
  /** Hears of a lane whose next delivery is due earlier than it was. */
  onEarlier: (lane: Lane) => void = () => {}

  get lanes(): IterableIterator<Lane> {
    return this.#lanes.values()
  }

  get waiting(): number {
    return this.byStatus.pending + this.byStatus.retrying
  }

  waitingFor(target: string): number {
    return this.#counts.get(target)?.waiting ?? 0
  }

  findLane(key: string): Lane | undefined {
    return this.#lanes.get(key)
  }

  /** The lane of a delivery, which is made if it is missing. */
  lane({ target, breaker }: Pick<Delivery, 'target' | 'breaker'>): Lane {
    const known = this.#lanes.get(laneKey(target, breaker))
    if (known !== undefined) return known
    const count = this.#counts.get(target) ?? { waiting: 0 }
    this.#counts.set(target, count)
    const lane = new Lane(this.slots, target, breaker, count)
    this.#lanes.set(lane.key, lane)
    return lane
  }

  /** Takes a slot that was just made, kept back, into the counts and its line. In the order of their places. */
  join(slot: Slot): void {
    const status = this.slots.status(slot)
    this.byStatus[status] += 1
    this.slots.lane(slot).size += 1
    if (isWaiting(status)) this.#join(slot)
    else this.#finish(slot, status)
  }

  /** Takes a finished slot out for good. */
  delete(slot: Slot): void {
    const status = this.slots.status(slot)
    const lane = this.slots.lane(slot)
    this.#heapOf(status).remove(slot)
    this.byStatus[status] -= 1
    this.slots.delete(slot)
    lane.size -= 1
    if (lane.size === 0) this.#forget(lane)
  }

  /** Of deliveries that were deleted before they joined. */
  forgetEmptyLanes(): void {
    for (const lane of this.#lanes.values()) if (lane.size === 0) this.#forget(lane)
  }

  /** Lets a waiting slot be taken from its lane, once it is due and the first of its line. */
  enqueue(slot: Slot): void {
    this.slots.setToken(slot, ready)
    if (this.isFirst(slot)) this.#toLane(slot)
  }

  /** True unless another of its order key has to go before it. */
  isFirst(slot: Slot): boolean {
    const order = this.slots.order(slot)
    return order === undefined || this.#firstOf(order) === slot
  }

  /** Takes a slot from its lane, not from its line. */
  take(slot: Slot, token: number): void {
    this.slots.lane(slot).due.remove(slot)
    this.slots.setToken(slot, token)
  }

  /** Gives a slot that is taken its new status. When it is finished, the next of its line may go. */
  turn(slot: Slot, status: DeliveryStatus, due: number): void {
    const before = this.slots.status(slot)
    const wasWaiting = isWaiting(before)
    const waits = isWaiting(status)
    if (!wasWaiting) this.#heapOf(before).remove(slot)
    this.byStatus[before] -= 1
    this.byStatus[status] += 1
    this.slots.setStatus(slot, status)
    this.slots.setDue(slot, due)
    if (waits && !wasWaiting) this.#join(slot)
    if (waits) return
    if (wasWaiting) this.#leave(slot)
    this.#finish(slot, status)
  }

  #forget(lane: Lane): void {
    this.#lanes.delete(lane.key)
    if (!this.#lanes.has(laneKey(lane.target, !lane.breaker))) this.#counts.delete(lane.target)
  }

  #finish(slot: Slot, status: DeliveryStatus): void {
    this.#heapOf(status).push(slot)
  }

  #heapOf(status: DeliveryStatus): SlotHeap {
    return status === 'dead_letter' ? this.deadLetters : this.finished
  }

  #join(slot: Slot): void {
    this.slots.lane(slot).count.waiting += 1
    const order = this.slots.order(slot)
    if (order === undefined) return
    const line = this.#lines.get(order)
    if (line === undefined) this.#lines.set(order, new Set([slot]))
    else line.add(slot)
  }

  #leave(slot: Slot): void {
    this.slots.lane(slot).count.waiting -= 1
    const order = this.slots.order(slot)
    const line = order === undefined ? undefined : this.#lines.get(order)
    if (order === undefined || line === undefined) return
    const wasFirst = this.#firstOf(order) === slot
    line.delete(slot)
    const next = this.#firstOf(order)
    if (next === undefined) this.#lines.delete(order)
    else if (wasFirst && this.slots.token(next) === ready) this.#toLane(next)
  }

  #firstOf(order: string): Slot | undefined {
    return this.#lines.get(order)?.values().next().value
  }

  #toLane(slot: Slot): void {
    const lane = this.slots.lane(slot)
    const isEarlier = this.slots.due(slot) < lane.nextDue
    lane.due.push(slot)
    if (isEarlier) this.onEarlier(lane)
  }
}
