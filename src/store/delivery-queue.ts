// The deliveries as they are kept in memory: one slim object each, in lanes by target. What was accepted, and the
// attempts, stay in the journal. Knows nothing of the store; see deliveries.ts.

import type { Delivery, DeliveryStatus } from './delivery.js'
import { isWaiting, statuses } from './delivery.js'
import { Heap, type HeapItem } from './heap.js'

/** One delivery in memory. */
export class Slot implements HeapItem {
  /** Of what was accepted; shared with the table of the store. */
  readonly key: string
  readonly lane: Lane
  readonly order: string | undefined
  /** When the next attempt may begin; of a finished one, when that was. */
  due: number
  /** In the order of acceptance; a requeue goes to the end. */
  place: number
  heapAt = -1
  /** Above 0 while an attempt is under way, below while it may not be taken, 0 when it may. */
  token = -1
  /** What was accepted, as long as few enough wait. */
  hot: Delivery | undefined
  #status: number

  constructor(key: string, lane: Lane, order: string | undefined, due: number, place: number, status: DeliveryStatus) {
    this.key = key
    this.lane = lane
    this.order = order
    this.due = due
    this.place = place
    this.#status = statuses.indexOf(status)
  }

  get status(): DeliveryStatus {
    return statuses[this.#status] as DeliveryStatus
  }
  set status(status: DeliveryStatus) {
    this.#status = statuses.indexOf(status)
  }
  get id(): string {
    return this.key.slice(this.key.indexOf('/') + 1)
  }
}

/** What all lanes of one target share. */
export interface TargetCount {
  waiting: number
}

/** Deliveries to one target that are held or not held together. */
export class Lane {
  readonly key: string
  readonly target: string
  readonly breaker: boolean
  readonly count: TargetCount
  /** All its slots, the finished ones too. */
  slots = 0
  readonly due = new Heap<Slot>(isEarlier)

  constructor(key: string, target: string, breaker: boolean, count: TargetCount) {
    this.key = key
    this.target = target
    this.breaker = breaker
    this.count = count
  }

  /** When its next delivery may begin; infinite when none waits. */
  get nextDue(): number {
    return this.due.first?.due ?? Number.POSITIVE_INFINITY
  }
}

function isEarlier(a: Slot, b: Slot): boolean {
  return a.due === b.due ? a.place < b.place : a.due < b.due
}

export class DeliveryQueue {
  readonly slots = new Map<string, Slot>()
  readonly #lanes = new Map<string, Lane>()
  readonly #counts = new Map<string, TargetCount>()
  /** Waiting deliveries by order key, in their order: only the first may be in its lane. */
  readonly #lines = new Map<string, Set<Slot>>()
  /** By the time they finished, the oldest first. */
  readonly finished = new Heap<Slot>(isEarlier)
  readonly deadLetters = new Heap<Slot>(isEarlier)
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
    const key = laneKey(target, breaker)
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    const count = this.#counts.get(target) ?? { waiting: 0 }
    this.#counts.set(target, count)
    const lane = new Lane(key, target, breaker, count)
    this.#lanes.set(key, lane)
    return lane
  }

  /** In the order of their places. */
  add(slot: Slot): void {
    this.slots.set(slot.key, slot)
    this.byStatus[slot.status] += 1
    slot.lane.slots += 1
    if (isWaiting(slot.status)) this.#join(slot)
    else this.#finish(slot)
  }

  /** Takes a finished slot out for good. */
  delete(slot: Slot): void {
    const heap = slot.status === 'dead_letter' ? this.deadLetters : this.finished
    heap.remove(slot)
    this.byStatus[slot.status] -= 1
    this.slots.delete(slot.key)
    slot.lane.slots -= 1
    if (slot.lane.slots === 0) this.#forget(slot.lane)
  }

  /** Of deliveries that were deleted before they were added. */
  forgetEmptyLanes(): void {
    for (const lane of this.#lanes.values()) if (lane.slots === 0) this.#forget(lane)
  }

  /** Lets a waiting slot be taken from its lane, once it is due and the first of its line. */
  enqueue(slot: Slot): void {
    slot.token = 0
    if (this.isFirst(slot)) this.#toLane(slot)
  }

  /** True unless another of its order key has to go before it. */
  isFirst(slot: Slot): boolean {
    return slot.order === undefined || this.#firstOf(slot.order) === slot
  }

  /** Takes a slot from its lane, not from its line. */
  take(slot: Slot, token: number): void {
    slot.lane.due.remove(slot)
    slot.token = token
  }

  /** Changes when a slot that is not taken is due. */
  reschedule(slot: Slot, due: number): void {
    const isEarlier = due < slot.lane.nextDue
    slot.due = due
    slot.lane.due.moved(slot)
    if (isEarlier && slot.heapAt !== -1) this.onEarlier(slot.lane)
  }

  /** Gives a slot that is taken its new status. When it is finished, the next of its line may go. */
  turn(slot: Slot, status: DeliveryStatus, due: number): void {
    const wasWaiting = isWaiting(slot.status)
    const waits = isWaiting(status)
    if (!wasWaiting) (slot.status === 'dead_letter' ? this.deadLetters : this.finished).remove(slot)
    this.byStatus[slot.status] -= 1
    this.byStatus[status] += 1
    slot.status = status
    slot.due = due
    if (waits && !wasWaiting) this.#join(slot)
    if (waits) return
    slot.hot = undefined
    if (wasWaiting) this.#leave(slot)
    this.#finish(slot)
  }

  #forget(lane: Lane): void {
    this.#lanes.delete(lane.key)
    if (!this.#lanes.has(laneKey(lane.target, !lane.breaker))) this.#counts.delete(lane.target)
  }

  #finish(slot: Slot): void {
    if (slot.status === 'dead_letter') this.deadLetters.push(slot)
    else this.finished.push(slot)
  }

  #join(slot: Slot): void {
    slot.lane.count.waiting += 1
    if (slot.order === undefined) return
    const line = this.#lines.get(slot.order)
    if (line === undefined) this.#lines.set(slot.order, new Set([slot]))
    else line.add(slot)
  }

  #leave(slot: Slot): void {
    slot.lane.count.waiting -= 1
    const line = slot.order === undefined ? undefined : this.#lines.get(slot.order)
    if (slot.order === undefined || line === undefined) return
    const wasFirst = this.#firstOf(slot.order) === slot
    line.delete(slot)
    const next = this.#firstOf(slot.order)
    if (next === undefined) this.#lines.delete(slot.order)
    else if (wasFirst && next.token === 0) this.#toLane(next)
  }

  #firstOf(order: string): Slot | undefined {
    return this.#lines.get(order)?.values().next().value
  }

  #toLane(slot: Slot): void {
    const isEarlier = slot.due < slot.lane.nextDue
    slot.lane.due.push(slot)
    if (isEarlier) this.onEarlier(slot.lane)
  }
}

function laneKey(target: string, breaker: boolean): string {
  return breaker ? target : `${target}\n`
}
