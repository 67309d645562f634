import type { Slot } from './slots.js'

/** Where slots say what is before what, and keep where they are. */
interface SlotOrder {
  isEarlier(a: Slot, b: Slot): boolean
  heapAt(slot: Slot): number
  setHeapAt(slot: Slot, at: number): void
}

/** A binary heap of slots, the earliest first, from which any can be taken. */
export class SlotHeap {
  readonly #items: Slot[] = []
  readonly #slots: SlotOrder

  constructor(slots: SlotOrder) {
    this.#slots = slots
  }

  get size(): number {
    return this.#items.length
  }
  get first(): Slot | undefined {
    return this.#items[0]
  }

  push(slot: Slot): void {
    this.#items.push(slot)
    this.#up(slot, this.#items.length - 1)
  }

  remove(slot: Slot): void {
    const at = this.#slots.heapAt(slot)
    if (at === -1 || this.#items[at] !== slot) return
    this.#slots.setHeapAt(slot, -1)
    const last = this.#items.pop()
    if (last === undefined || last === slot) return
    this.#down(last, this.#up(last, at))
  }

  /** Returns where it is now. */
  #up(slot: Slot, from: number): number {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = this.#items[above] as Slot
      if (!this.#slots.isEarlier(slot, other)) break
      this.#set(at, other)
      at = above
    }
    this.#set(at, slot)
    return at
  }

  #down(slot: Slot, from: number): void {
    let at = from
    for (;;) {
      let below = 2 * at + 1
      if (below >= this.#items.length) break
      const right = this.#items[below + 1]
      if (right !== undefined && this.#slots.isEarlier(right, this.#items[below] as Slot)) below += 1
      const other = this.#items[below] as Slot
      if (!this.#slots.isEarlier(other, slot)) break
      this.#set(at, other)
      at = below
    }
    this.#set(at, slot)
  }

  #set(at: number, slot: Slot): void {
    this.#items[at] = slot
    this.#slots.setHeapAt(slot, at)
  }
}
