// The keyed state in memory, as two views of one map. Transactions build on the newest values, so that two increments in
// the same turn add up. Readers see what is acknowledged: as long as a record is on its way to the journal, and could
// still fail, they get the value before it. A failure takes the newest view back to the acknowledged one.
//
// What is acknowledged is in rows of columns: a million deliveries, as objects, would need three times as much.

import type { Json } from '../expression/json.js'
import { KeyIndex } from './key-index.js'
import { KeyMap } from './key-map.js'
import { SortedKeys } from './sorted-keys.js'

/** Where an operation stands in the journal. */
export interface Place {
  /** 0 until the record is written. */
  segment: number
  offset: number
  length: number
}

/** A value on its way to the journal, and where its operation comes to stand there. */
export class Entry implements Place {
  /** `undefined`: only in the journal. */
  value: Json | undefined
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

/** The number of an acknowledged key's place in the columns. Given away again once the key is deleted. */
type Row = number

/** The latest of the changes to a key that are on their way, and how many there are. */
interface Pending {
  entry: Entry | undefined
  waiting: number
}

export class Table {
  /** '' for a row that is free. */
  readonly #keyAt: string[] = []
  readonly #rows = new KeyIndex((row) => this.#keyAt[row] as string)
  readonly #values: (Json | undefined)[] = []
  #segment = new Uint32Array(64)
  #offset = new Uint32Array(64)
  #length = new Uint32Array(64)
  readonly #free: Row[] = []
  readonly #pending = new KeyMap<Pending>()
  /**
   * Keys of both views by the first step of their path, made when the first list of them is asked for: there may be a
   * million under one that nobody lists.
   */
  readonly #keys = new Map<string, SortedKeys>()
  readonly #load: (key: string, place: Place) => Json

  /** `load` reads a value that is only in the journal. */
  constructor(load: (key: string, place: Place) => Json) {
    this.#load = load
  }

  /** True while something is not acknowledged. */
  get waiting(): boolean {
    return this.#pending.size > 0
  }

  get(key: string): Json | undefined {
    const row = this.#rows.find(key)
    return row === undefined ? undefined : this.#valueAt(key, row)
  }
  list(prefix: string, page: Page = {}): [key: string, value: Json][] {
    return this.#list(prefix, page, (key) => this.get(key))
  }
  getNewest(key: string): Json | undefined {
    const pending = this.#pendingOf(key)
    if (pending === undefined) return this.get(key)
    const { entry } = pending
    if (entry === undefined) return undefined
    return entry.value === undefined ? this.#load(key, entry) : entry.value
  }
  listNewest(prefix: string): [key: string, value: Json][] {
    return this.#list(prefix, {}, (key) => this.getNewest(key))
  }
  hasNewest(key: string): boolean {
    const pending = this.#pendingOf(key)
    return pending === undefined ? this.#rows.find(key) !== undefined : pending.entry !== undefined
  }
  /** True while a change to the key is not acknowledged. */
  isChanging(key: string): boolean {
    return this.#pendingOf(key) !== undefined
  }

  /** Makes `changes` the newest. Follow it by `acknowledge` of the same changes, in the same order, or by `rollBack`. */
  apply(changes: Changes): void {
    for (const [key, entry] of changes) {
      const pending = this.#pending.get(key)
      if (pending === undefined) this.#pending.set(key, { entry, waiting: 1 })
      else {
        pending.entry = entry
        pending.waiting += 1
      }
      if (entry !== undefined && this.#keys.size > 0) this.#addKey(key)
    }
  }

  /** Makes applied changes visible to readers; `replaced` hears of the place of each value that is no longer needed. */
  acknowledge(changes: Changes, replaced: (segment: number, length: number) => void): void {
    for (const [key, entry] of changes) {
      const pending = this.#pending.get(key)
      if (pending === undefined) continue
      pending.waiting -= 1
      if (pending.waiting === 0) this.#pending.delete(key)
      this.#set(key, entry, replaced)
      if (pending.waiting === 0 && entry === undefined && this.#keys.size > 0) this.#deleteKey(key)
    }
  }

  rollBack(): void {
    for (const [key] of this.#pending.entries()) if (this.#rows.find(key) === undefined) this.#deleteKey(key)
    this.#pending.clear()
  }

  /** For replay, before anything else: the last of all changes to a key counts. */
  replay(key: string, entry: Entry | undefined, replaced: (segment: number, length: number) => void): void {
    this.#set(key, entry, replaced)
  }

  /** What is acknowledged, in no order; may be left and gone on with while the table changes. */
  *rows(): IterableIterator<Row> {
    for (let row = 0; row < this.#keyAt.length; row += 1) if (this.#keyAt[row] !== '') yield row
  }
  keyAt(row: Row): string {
    return this.#keyAt[row] as string
  }
  segmentAt(row: Row): number {
    return this.#segment[row] as number
  }
  lengthAt(row: Row): number {
    return this.#length[row] as number
  }
  /** `undefined`: only in the journal. */
  valueAt(row: Row): Json | undefined {
    return this.#values[row]
  }
  placeAt(row: Row): Place {
    return { segment: this.segmentAt(row), offset: this.#offset[row] as number, length: this.lengthAt(row) }
  }
  /** The operation of an acknowledged key has been copied. */
  move(row: Row, segment: number, offset: number, length: number): void {
    this.#segment[row] = segment
    this.#offset[row] = offset
    this.#length[row] = length
  }

  #pendingOf(key: string): Pending | undefined {
    return this.#pending.size === 0 ? undefined : this.#pending.get(key)
  }

  #set(key: string, entry: Entry | undefined, replaced: (segment: number, length: number) => void): void {
    const next = this.#free.at(-1) ?? this.#values.length
    const before = entry === undefined ? this.#rows.delete(key) : this.#rows.add(key, next)
    if (before !== undefined) replaced(this.segmentAt(before), this.lengthAt(before))
    if (entry === undefined) {
      if (before === undefined) return
      this.#keyAt[before] = ''
      this.#values[before] = undefined
      this.#free.push(before)
      return
    }
    const row = before ?? next
    if (row === this.#segment.length) this.#grow()
    if (before === undefined) {
      this.#free.pop()
      this.#keyAt[row] = key
    }
    this.#values[row] = entry.value
    this.move(row, entry.segment, entry.offset, entry.length)
  }

  #grow(): void {
    const size = Math.ceil(this.#segment.length * 1.5)
    this.#segment = grown(this.#segment, size)
    this.#offset = grown(this.#offset, size)
    this.#length = grown(this.#length, size)
  }

  #valueAt(key: string, row: Row): Json {
    const value = this.#values[row]
    return value === undefined ? this.#load(key, this.placeAt(row)) : value
  }

  #keysOf(prefix: string): SortedKeys {
    const section = prefix.slice(0, prefix.indexOf('/') + 1)
    let keys = this.#keys.get(section)
    if (keys === undefined) {
      const found = new Set<string>()
      for (const key of this.#keyAt) if (key !== '' && key.startsWith(section)) found.add(key)
      for (const [key] of this.#pending.entries()) if (key.startsWith(section)) found.add(key)
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

  #list(prefix: string, page: Page, valueUnder: (key: string) => Json | undefined): [key: string, value: Json][] {
    const { after, limit = Number.POSITIVE_INFINITY, reverse = false } = page
    const found: [string, Json][] = []
    if (limit <= 0) return found
    for (const key of this.#keysOf(prefix).range(prefix, after, reverse)) {
      const value = valueUnder(key)
      if (value === undefined) continue
      found.push([key, value])
      if (found.length >= limit) break
    }
    return found
  }
}

function grown(column: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size)
  larger.set(column)
  return larger
}
