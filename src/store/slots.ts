// One row for each delivery that is known, in columns: a million of them wait in memory, as objects they would need twice
// as much.

import type { Delivery, DeliveryStatus } from './delivery.js'
import { statuses } from './delivery.js'
import { KeyIndex } from './key-index.js'

/** A delivery in memory, by the number of its row. That is given away again once the delivery is forgotten. */
export type Slot = number

/** Tokens of slots that nobody has claimed; above 0 it is that of whoever has. */
export const ready = 0
/** May not be taken before it is put back. */
export const kept = -1
export const changing = -2

/** No slot: before the first, behind the last. */
const none = -1

export class Slots<Lane> {
  /** Keys of what was accepted, which the table of the store has as well; '' for a row that is free. */
  readonly #keys: string[] = []
  readonly #byKey = new KeyIndex((slot) => this.#keys[slot] as string)
  /** The order of their acceptance. */
  #first: Slot = none
  #last: Slot = none
  #next = new Int32Array(64)
  #before = new Int32Array(64)
  readonly #lanes: Lane[] = []
  #due = new Float64Array(64)
  #place = new Float64Array(64)
  #heapAt = new Int32Array(64)
  #token = new Int32Array(64)
  #status = new Uint8Array(64)
  /** Few have one. */
  readonly #orders = new Map<Slot, string>()
  /** Where in the list of those in memory a delivery is; -1 for nowhere. */
  #hotAt = new Int32Array(64)
  readonly #hot: (Delivery | undefined)[] = []
  readonly #hotBytes: number[] = []
  readonly #freeHot: number[] = []
  readonly #free: Slot[] = []

  get size(): number {
    return this.#byKey.size
  }

  /** In the order of their acceptance; not to be gone on with after a change. */
  *values(): IterableIterator<Slot> {
    for (let slot = this.#first; slot !== none; slot = this.#next[slot] as Slot) yield slot
  }

  /** In no order; may be left and gone on with while there are changes. */
  *anyhow(): IterableIterator<Slot> {
    for (let slot = 0; slot < this.#keys.length; slot += 1) if (this.#keys[slot] !== '') yield slot
  }

  find(key: string): Slot | undefined {
    return this.#byKey.find(key)
  }

  /** Pending, and kept. */
  add(key: string, lane: Lane, order: string | undefined, due: number, place: number): Slot {
    const slot = this.#free.pop() ?? this.#keys.length
    if (slot === this.#due.length) this.#grow()
    this.#keys[slot] = key
    this.#byKey.add(key, slot)
    this.#append(slot)
    this.#lanes[slot] = lane
    this.#due[slot] = due
    this.#place[slot] = place
    this.#heapAt[slot] = -1
    this.#hotAt[slot] = none
    this.#token[slot] = kept
    this.#status[slot] = 0
    if (order !== undefined) this.#orders.set(slot, order)
    return slot
  }

  delete(slot: Slot): void {
    this.#byKey.delete(this.key(slot))
    this.#keys[slot] = ''
    const before = this.#before[slot] as Slot
    const next = this.#next[slot] as Slot
    if (before === none) this.#first = next
    else this.#next[before] = next
    if (next === none) this.#last = before
    else this.#before[next] = before
    this.#token[slot] = kept
    this.#orders.delete(slot)
    this.cool(slot)
    this.#free.push(slot)
  }

  /** Puts all in the order of their places, when they are not. */
  sort(): void {
    let last = 0
    let isSorted = true
    for (const slot of this.values()) {
      if (this.place(slot) < last) isSorted = false
      last = this.place(slot)
    }
    if (isSorted) return
    const sorted = Int32Array.from(this.values()).sort((a, b) => this.place(a) - this.place(b))
    this.#first = none
    this.#last = none
    for (const slot of sorted) this.#append(slot)
  }

  key(slot: Slot): string {
    return this.#keys[slot] as string
  }
  id(slot: Slot): string {
    const key = this.key(slot)
    return key.slice(key.indexOf('/') + 1)
  }
  lane(slot: Slot): Lane {
    return this.#lanes[slot] as Lane
  }
  order(slot: Slot): string | undefined {
    return this.#orders.size === 0 ? undefined : this.#orders.get(slot)
  }

  /** When the next attempt may begin; of a finished one, when that was. */
  due(slot: Slot): number {
    return this.#due[slot] as number
  }
  setDue(slot: Slot, due: number): void {
    this.#due[slot] = due
  }

  /** Rises with acceptance; a requeue goes to the end. */
  place(slot: Slot): number {
    return this.#place[slot] as number
  }
  setPlace(slot: Slot, place: number): void {
    this.#place[slot] = place
  }

  token(slot: Slot): number {
    return this.#token[slot] as number
  }
  setToken(slot: Slot, token: number): void {
    this.#token[slot] = token
  }

  status(slot: Slot): DeliveryStatus {
    return statuses[this.#status[slot] as number] as DeliveryStatus
  }
  setStatus(slot: Slot, status: DeliveryStatus): void {
    this.#status[slot] = statuses.indexOf(status)
  }

  /** What was accepted, as long as few enough wait. */
  hot(slot: Slot): Delivery | undefined {
    const at = this.#hotAt[slot] as number
    return at === none ? undefined : this.#hot[at]
  }
  /** `bytes` is about how many it takes. */
  heat(slot: Slot, delivery: Delivery, bytes: number): void {
    const at = this.#freeHot.pop() ?? this.#hot.length
    this.#hot[at] = delivery
    this.#hotBytes[at] = bytes
    this.#hotAt[slot] = at
  }
  /** Returns the bytes it took; 0 when it was not hot. */
  cool(slot: Slot): number {
    const at = this.#hotAt[slot] as number
    if (at === none) return 0
    this.#hot[at] = undefined
    this.#freeHot.push(at)
    this.#hotAt[slot] = none
    return this.#hotBytes[at] as number
  }

  /** Where it is in its heap; -1 in none. */
  heapAt(slot: Slot): number {
    return this.#heapAt[slot] as number
  }
  setHeapAt(slot: Slot, at: number): void {
    this.#heapAt[slot] = at
  }

  isEarlier(a: Slot, b: Slot): boolean {
    const dueA = this.#due[a] as number
    const dueB = this.#due[b] as number
    return dueA === dueB ? (this.#place[a] as number) < (this.#place[b] as number) : dueA < dueB
  }

  #append(slot: Slot): void {
    this.#before[slot] = this.#last
    this.#next[slot] = none
    if (this.#last === none) this.#first = slot
    else this.#next[this.#last] = slot
    this.#last = slot
  }

  #grow(): void {
    const size = Math.ceil(this.#due.length * 1.5)
    this.#next = into(new Int32Array(size), this.#next)
    this.#before = into(new Int32Array(size), this.#before)
    this.#due = into(new Float64Array(size), this.#due)
    this.#place = into(new Float64Array(size), this.#place)
    this.#heapAt = into(new Int32Array(size), this.#heapAt)
    this.#hotAt = into(new Int32Array(size), this.#hotAt)
    this.#token = into(new Int32Array(size), this.#token)
    this.#status = into(new Uint8Array(size), this.#status)
  }
}

function into<Column extends Float64Array | Int32Array | Uint8Array>(column: Column, before: Column): Column {
  column.set(before)
  return column
}
