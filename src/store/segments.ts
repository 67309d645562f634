// The journal's files: what each holds, how much of it is still needed, and reading one value back.

import type { Disk, DiskFile } from './disk.js'
import type { Place } from './table.js'

export interface Segment {
  readonly number: number
  readonly path: string
  /** End of what is acknowledged. */
  length: number
  /** End of what is known to be on the disk. */
  synced: number
  /** Bytes of operations that are the latest of their key. */
  live: number
  /** Something in it could not be read; it is kept beside the journal when its turn to be compacted comes. */
  damaged: boolean
  /** Nothing of it is needed, and it is about to be deleted. */
  leaving?: boolean
  reader?: DiskFile
}

export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.ndjson`
}

/** `undefined` for a name that is no segment's. */
export function segmentNumber(name: string): number | undefined {
  const number = /^(\d{8,12})\.ndjson$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

export class Segments {
  /** By number, the oldest first. */
  readonly #segments = new Map<number, Segment>()
  readonly #disk: Disk

  constructor(disk: Disk) {
    this.#disk = disk
  }

  get all(): readonly Segment[] {
    return [...this.#segments.values()]
  }
  /** Those that the document lists. */
  get numbers(): number[] {
    return this.all.filter(({ leaving }) => leaving !== true).map(({ number }) => number)
  }
  get bytes(): number {
    let bytes = 0
    for (const { length } of this.#segments.values()) bytes += length
    return bytes
  }
  get live(): number {
    let live = 0
    for (const segment of this.#segments.values()) live += segment.live
    return live
  }
  get oldest(): Segment | undefined {
    return this.#segments.values().next().value
  }
  get newest(): Segment | undefined {
    return this.all.at(-1)
  }

  add(segment: Segment): void {
    this.#segments.set(segment.number, segment)
  }

  has(segment: Segment): boolean {
    return this.#segments.get(segment.number) === segment
  }

  /** Counts an operation that has become the latest of its key. */
  hold(number: number, length: number): void {
    const segment = this.#segments.get(number)
    if (segment !== undefined) segment.live += length
  }

  /** Counts an operation that is no longer the latest of its key. */
  release(number: number, length: number): void {
    const segment = this.#segments.get(number)
    if (segment !== undefined) segment.live -= length
  }

  /** Makes a segment readable by `read`. */
  async openReader(segment: Segment): Promise<void> {
    segment.reader ??= await this.#disk.open(segment.path, 'read')
  }

  /** The operation at a place, and its text, read now: only for values that are not kept in memory. */
  read(key: string, place: Place): { text: string; operation: unknown[] } {
    const segment = this.#segments.get(place.segment)
    if (segment?.reader === undefined) throw new Error(`"${key}" cannot be read: its journal segment is closed`)
    const bytes = Buffer.allocUnsafe(place.length)
    let done = 0
    while (done < bytes.length) {
      const read = segment.reader.readNow(done === 0 ? bytes : bytes.subarray(done), place.offset + done)
      if (read === 0) break
      done += read
    }
    try {
      const text = bytes.toString('utf8', 0, done)
      const operation = JSON.parse(text) as unknown[]
      if (operation[0] === key) return { text, operation }
    } catch {
      // Not JSON: damaged since the journal was opened, as is an operation of another key.
    }
    throw new Error(`"${key}" is damaged in ${segment.path} at byte ${place.offset}`)
  }

  /** Deletes the file of a segment that nothing refers to any more; keeps a damaged one under another name. */
  async drop(segment: Segment): Promise<void> {
    if (segment.damaged) await this.#disk.rename(segment.path, `${segment.path}.damaged`)
    else await this.#disk.remove(segment.path)
    this.#segments.delete(segment.number)
    await segment.reader?.close()
  }

  async close(): Promise<void> {
    for (const segment of this.#segments.values()) {
      await segment.reader?.close()
      delete segment.reader
    }
  }
}
