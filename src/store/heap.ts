/** What knows its place in a heap. */
export interface HeapItem {
  /** -1 when it is in none. */
  heapAt: number
}

/** A binary heap from which any item can be taken. */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = []
  readonly #isBefore: (a: Item, b: Item) => boolean

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }
  get first(): Item | undefined {
    return this.#items[0]
  }

  push(item: Item): void {
    item.heapAt = this.#items.length
    this.#items.push(item)
    this.#up(item)
  }

  remove(item: Item): void {
    const at = item.heapAt
    if (this.#items[at] !== item) return
    item.heapAt = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#items[at] = last
    last.heapAt = at
    this.#up(last)
    this.#down(last)
  }

  #up(item: Item): void {
    let at = item.heapAt
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = this.#items[above] as Item
      if (!this.#isBefore(item, other)) break
      this.#items[at] = other
      other.heapAt = at
      at = above
    }
    this.#items[at] = item
    item.heapAt = at
  }

  #down(item: Item): void {
    let at = item.heapAt
    for (;;) {
      let below = 2 * at + 1
      if (below >= this.#items.length) break
      const right = this.#items[below + 1]
      if (right !== undefined && this.#isBefore(right, this.#items[below] as Item)) below += 1
      const other = this.#items[below] as Item
      if (!this.#isBefore(other, item)) break
      this.#items[at] = other
      other.heapAt = at
      at = below
    }
    this.#items[at] = item
    item.heapAt = at
  }
}
