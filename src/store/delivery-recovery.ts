// From the journal back to the queue, without reading any delivery twice: hears what is replayed while the store opens.

import type { Json } from '../expression/json.js'
import { type Delivery, type DeliveryState, initialState, isWaiting } from './delivery.js'
import type { DeliveryQueue } from './delivery-queue.js'
import type { Slot } from './slots.js'

/** What was accepted; its value in the store is [place, delivery]. */
export const deliveryScope = 'delivery/'
/** How far it has come; absent before the first attempt. */
export const attemptScope = 'attempt/'

type Progress = Pick<DeliveryState, 'status' | 'due' | 'place' | 'started'>

export class DeliveryRecovery {
  readonly #queue: DeliveryQueue
  /** By id: of finished deliveries and of those that were tried. */
  readonly #progress = new Map<string, Progress>()
  readonly #sync = new Set<string>()

  constructor(queue: DeliveryQueue) {
    this.#queue = queue
  }

  /** One put or delete, in the order of the journal. */
  replay(key: string, value: Json | undefined): void {
    if (key.startsWith(attemptScope)) {
      const id = key.slice(attemptScope.length)
      if (value === undefined) this.#progress.delete(id)
      else {
        const { status, due, place, started } = value as unknown as DeliveryState
        this.#progress.set(id, {
          status,
          due,
          ...(place !== undefined && { place }),
          ...(started !== undefined && { started }),
        })
      }
      return
    }
    if (!key.startsWith(deliveryScope)) return
    if (value === undefined) {
      const slot = this.#queue.slots.find(key)
      if (slot !== undefined) this.#queue.slots.delete(slot)
      this.#sync.delete(key)
      return
    }
    // A copy that compaction made.
    if (this.#queue.slots.find(key) !== undefined) return
    const [place, delivery] = value as unknown as [number, Delivery]
    if (delivery.sync === true) this.#sync.add(key)
    const lane = this.#queue.lane(delivery)
    const due = delivery.created + delivery.delayMs
    const slot = this.#queue.slots.add(key, lane, orderOf(delivery), due, place)
    this.#queue.slots.setStatus(slot, initialState(delivery).status)
  }

  /** Fills the queue. Returns what somebody was at work on, and nobody is any more; it is not in the queue's lanes. */
  finish(): { orphans: string[]; lastPlace: number } {
    const { slots } = this.#queue
    const orphans: string[] = []
    let lastPlace = 0
    for (const [id, { status, due, place = 0 }] of this.#progress) {
      const slot = slots.find(deliveryScope + id)
      if (slot === undefined) continue
      slots.setStatus(slot, status)
      slots.setDue(slot, due)
      slots.setPlace(slot, Math.max(slots.place(slot), place))
    }
    slots.sort()
    const ready: Slot[] = []
    for (const slot of slots.values()) {
      lastPlace = Math.max(lastPlace, slots.place(slot))
      this.#queue.join(slot)
      if (!isWaiting(slots.status(slot))) continue
      const started = this.#progress.size > 0 ? this.#progress.get(slots.id(slot))?.started : undefined
      if (started !== undefined || this.#sync.has(slots.key(slot))) orphans.push(slots.id(slot))
      else if (slots.order(slot) === undefined) this.#queue.enqueue(slot)
      else ready.push(slot)
    }
    // Once everybody stands in their lines.
    for (const slot of ready) this.#queue.enqueue(slot)
    this.#queue.forgetEmptyLanes()
    this.#sync.clear()
    this.#progress.clear()
    return { orphans, lastPlace }
  }
}

/** What somebody waits for does not wait for others, and neither does what is never sent. */
export function orderOf({ order, sync, suppressed }: Delivery): string | undefined {
  return sync === true || suppressed !== undefined ? undefined : order
}
