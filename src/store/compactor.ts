// Keeps the journal from growing: copies what is still needed of the oldest segment to the end of the journal, then
// deletes it. Always the oldest, so that a delete is never forgotten before the puts that it undid.

import type { Disk } from './disk.js'
import { type Journal, nothing } from './journal.js'
import { encodePut } from './operation.js'
import { frameOperations } from './record.js'
import type { Segment, Segments } from './segments.js'
import type { Table } from './table.js'

export interface CompactorOptions {
  readonly folder: string
  readonly disk: Disk
  readonly table: Table
  readonly segments: Segments
  readonly journal: Journal
  readonly segmentBytes: number
  /** Milliseconds that only rise. */
  readonly now: () => number
  /** Records durably which segments there are. */
  readonly listSegments: () => Promise<void>
  readonly warn: (message: string) => void
}

/** An operation to be written again, of a row of the table. */
interface Copy {
  readonly row: number
  readonly operation: string
}

/** The event loop is held no longer at a time. */
const sliceMs = 2
const sliceBytes = 256 * 1024
/** Looking at the clock costs more than looking at an entry. */
const entriesPerLook = 64
const pauseAfterFailureMs = 5000

export class Compactor {
  readonly #options: CompactorOptions
  #running: Promise<void> | undefined
  #stopped = false
  #paused = 0
  /** After a failure, it is not tried again with every write. */
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  /** Starts in the background when there is enough to gain. */
  wake(): void {
    if (this.#running !== undefined || !this.#goesOn() || this.#next() === undefined) return
    if (this.#options.now() < this.#notBefore) return
    this.#running = this.#run(() => this.#next()).finally(() => {
      this.#running = undefined
    })
  }

  /** Compacts every segment that is sealed. */
  async compactAll(): Promise<void> {
    await this.#running
    const last = this.#options.segments.all.filter((segment) => segment !== this.#options.journal.active).at(-1)
    if (last === undefined || this.#stopped) return
    this.#running = this.#run(() => {
      const oldest = this.#sealedOldest()
      return oldest !== undefined && oldest.number <= last.number ? oldest : undefined
    }).finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  /** No segment is deleted while `work` runs. */
  async paused<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#paused += 1
    try {
      await this.#running
      return await work()
    } finally {
      this.#paused -= 1
      this.wake()
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  #sealedOldest(): Segment | undefined {
    const { oldest } = this.#options.segments
    return oldest === this.#options.journal.active ? undefined : oldest
  }

  /**
   * The oldest segment, when it is nearly empty or the journal holds much more than it needs. Not before: what is left of
   * it may soon not be needed either, and then it need not be copied.
   */
  #next(): Segment | undefined {
    const { segments, segmentBytes } = this.#options
    const oldest = this.#sealedOldest()
    if (oldest === undefined) return undefined
    if (oldest.live * 16 <= oldest.length) return oldest
    return segments.bytes > 2 * segments.live + 2 * segmentBytes ? oldest : undefined
  }

  async #run(next: () => Segment | undefined): Promise<void> {
    try {
      for (let segment = next(); segment !== undefined && this.#goesOn(); segment = next()) {
        while (segment.live > 0 && this.#goesOn()) await this.#copyLive(segment)
        if (!this.#goesOn()) return
        await this.#drop(segment)
      }
    } catch (error) {
      this.#notBefore = this.#options.now() + pauseAfterFailureMs
      this.#options.warn(`the journal could not be compacted: ${(error as Error).message}`)
    }
  }

  #goesOn(): boolean {
    return !this.#stopped && this.#paused === 0
  }

  /**
   * One pass over the table. A key with a change on its way is left to the next pass, if it still needs it: its old value
   * must not come behind the new one.
   */
  async #copyLive(segment: Segment): Promise<void> {
    const { table, now, segments } = this.#options
    let batch: Copy[] = []
    let bytes = 0
    let since = now()
    let seen = 0
    let copied = 0
    const mayChange = table.waiting
    for (const row of table.rows()) {
      seen += 1
      const key = table.keyAt(row)
      if (table.segmentAt(row) === segment.number && !table.isChanging(key)) {
        const value = table.valueAt(row)
        const operation = value === undefined ? segments.read(key, table.placeAt(row)).text : encodePut(key, value)
        batch.push({ row, operation })
        bytes += table.lengthAt(row)
        copied += 1
      }
      if (bytes < sliceBytes && (seen % entriesPerLook !== 0 || now() - since < sliceMs)) continue
      if (batch.length > 0) await this.#append(batch)
      else await turn()
      if (!this.#goesOn()) return
      batch = []
      bytes = 0
      since = now()
    }
    // Also with nothing to copy: then the segment's last entries are being replaced, and this waits for it.
    await this.#append(batch)
    if (copied === 0 && !mayChange && segment.live > 0) {
      throw new Error(`${segment.path} counts ${segment.live} bytes as needed that no key refers to`)
    }
  }

  #append(batch: readonly Copy[]): Promise<void> {
    const { segments, journal, table } = this.#options
    const refused = journal.refusal()
    if (refused !== undefined) return Promise.reject(refused)
    const line =
      batch.length === 0
        ? { bytes: nothing, lengths: [], first: 0 }
        : frameOperations(batch.map(({ operation }) => operation))
    return new Promise((resolve, rejected) => {
      journal.append({
        bytes: line.bytes,
        sync: false,
        acknowledged: (segment, offset) => {
          // What has changed since is acknowledged after this, so the rows are still those of the keys.
          let at = offset + line.first
          batch.forEach(({ row }, index) => {
            const length = line.lengths[index] as number
            segments.release(table.segmentAt(row), table.lengthAt(row))
            table.move(row, segment, at, length)
            segments.hold(segment, length)
            at += length + 1
          })
          resolve()
        },
        rejected,
      })
    })
  }

  /** Deletes a segment that nothing refers to any more, and those after it of which that is true as well. */
  async #drop(oldest: Segment): Promise<void> {
    const { journal, segments, listSegments, folder } = this.#options
    // What was copied is on the disk before the original goes.
    await journal.barrier(() => {})
    const { all } = segments
    const needed = all.findIndex((segment) => segment !== oldest && (segment.live > 0 || segment === journal.active))
    const gone = all.slice(0, needed === -1 ? 1 : needed)
    for (const segment of gone) segment.leaving = true
    await listSegments()
    for (const segment of gone) await segments.drop(segment)
    await this.#options.disk.syncFolder(folder)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
