// The keyed state in memory, as two views of one map. Transactions build on the newest values, so that two increments in
// the same turn add up. Readers see what is acknowledged: as long as a record is on its way to the journal, and could
// still fail, they get the value before it. A failure takes the newest view back to the acknowledged one.

import type { Json } from '../expression/json.js'
import { SortedKeys } from './sorted-keys.js'

/** The value of a key, and where its operation stands in the journal. */
export class Entry {
  /** `undefined`: only in the journal. */
  value: Json | undefined
  /** 0 until the record is written. */
  segment = 0
  offset = 0
  length = 0

  constructor(value: Json | undefined) {
    this.value = value
  }
}

/** What one transaction leaves behind; `undefined` for a key it deleted. */
export type Changes = ReadonlyMap<string, Entry | undefined>

export interface Page {
  readonly after?: string
  readonly limit?: number
  readonly reverse?: boolean
}

export class Table {
  readonly #newest = new Map<string, Entry>()
  /** For keys with a change on its way: the acknowledged entry, and how many changes are on their way. */
  readonly #acknowledged = new Map<string, { entry: Entry | undefined; waiting: number }>()
  /**
   * Keys of both views by the first step of their path, made when the first list of them is asked for: there may be a
   * million under one that nobody lists.
   */
  readonly #keys = new Map<string, SortedKeys>()
  readonly #load: (key: string, entry: Entry) => Json

  /** `load` reads the value of an entry that is only in the journal. */
  constructor(load: (key: string, entry: Entry) => Json) {
    this.#load = load
  }

  get size(): number {
    return this.#newest.size
  }
  /** True while something is not acknowledged. */
  get waiting(): boolean {
    return this.#acknowledged.size > 0
  }

  get(key: string): Json | undefined {
    return this.#value(key, this.acknowledged(key))
  }
  list(prefix: string, page: Page = {}): [key: string, value: Json][] {
    return this.#list(prefix, page, (key) => this.acknowledged(key))
  }
  getNewest(key: string): Json | undefined {
    return this.#value(key, this.#newest.get(key))
  }
  listNewest(prefix: string): [key: string, value: Json][] {
    return this.#list(prefix, {}, (key) => this.#newest.get(key))
  }
  hasNewest(key: string): boolean {
    return this.#newest.has(key)
  }

  acknowledged(key: string): Entry | undefined {
    const before = this.#acknowledged.size === 0 ? undefined : this.#acknowledged.get(key)
    return before === undefined ? this.#newest.get(key) : before.entry
  }

  /** Makes `changes` the newest. Follow it by `acknowledge` of the same changes, in the same order, or by `rollBack`. */
  apply(changes: Changes): void {
    for (const [key, entry] of changes) {
      const before = this.#acknowledged.get(key)
      if (before === undefined) this.#acknowledged.set(key, { entry: this.#newest.get(key), waiting: 1 })
      else before.waiting += 1
      if (entry === undefined) this.#newest.delete(key)
      else {
        this.#newest.set(key, entry)
        this.#addKey(key)
      }
    }
  }

  /** Makes applied changes visible to readers; `replaced` hears of each entry that is no longer needed. */
  acknowledge(changes: Changes, replaced: (entry: Entry) => void): void {
    for (const [key, entry] of changes) {
      const before = this.#acknowledged.get(key)
      if (before === undefined) continue
      if (before.entry !== undefined) replaced(before.entry)
      before.entry = entry
      before.waiting -= 1
      if (before.waiting > 0) continue
      this.#acknowledged.delete(key)
      if (!this.#newest.has(key)) this.#deleteKey(key)
    }
  }

  rollBack(): void {
    for (const [key, { entry }] of this.#acknowledged) {
      if (entry === undefined) {
        this.#newest.delete(key)
        this.#deleteKey(key)
      } else this.#newest.set(key, entry)
    }
    this.#acknowledged.clear()
  }

  /** For replay, before anything else: the last of all changes to a key counts. Returns what it replaced. */
  replay(key: string, entry: Entry | undefined): Entry | undefined {
    const before = this.#newest.get(key)
    if (entry === undefined) this.#newest.delete(key)
    else this.#newest.set(key, entry)
    return before
  }

  /**
   * The newest entries, in no order; may be left and gone on with while the table changes. An entry that is still on its
   * way has no segment yet.
   */
  entries(): IterableIterator<[key: string, entry: Entry]> {
    return this.#newest.entries()
  }

  #value(key: string, entry: Entry | undefined): Json | undefined {
    if (entry === undefined) return undefined
    return entry.value === undefined ? this.#load(key, entry) : entry.value
  }

  #keysOf(prefix: string): SortedKeys {
    const section = prefix.slice(0, prefix.indexOf('/') + 1)
    let keys = this.#keys.get(section)
    if (keys === undefined) {
      const found = new Set<string>()
      for (const view of [this.#newest, this.#acknowledged]) {
        for (const key of view.keys()) if (key.startsWith(section)) found.add(key)
      }
      keys = new SortedKeys(found)
      this.#keys.set(section, keys)
    }
    return keys
  }

  #addKey(key: string): void {
    for (const [section, keys] of this.#keys) if (key.startsWith(section)) keys.add(key)
  }

  #deleteKey(key: string): void {
    for (const [section, keys] of this.#keys) if (key.startsWith(section)) keys.delete(key)
  }

  #list(prefix: string, page: Page, entryOf: (key: string) => Entry | undefined): [key: string, value: Json][] {
    const { after, limit = Number.POSITIVE_INFINITY, reverse = false } = page
    const found: [string, Json][] = []
    if (limit <= 0) return found
    for (const key of this.#keysOf(prefix).range(prefix, after, reverse)) {
      const value = this.#value(key, entryOf(key))
      if (value === undefined) continue
      found.push([key, value])
      if (found.length >= limit) break
    }
    return found
  }
}
