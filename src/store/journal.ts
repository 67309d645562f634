// Writing the journal. Group commit without a timer: while one write (and its sync, when somebody waits for the disk)
// is under way, what arrives gathers and becomes the next one. Order is kept all through: what is acknowledged is always
// everything up to some transaction, never one without those before it.
//
// When a write or a sync fails, the segment is closed, and what was not acknowledged is written to a new one. When that
// fails as well, all that waits is rejected, and nothing is accepted until a new segment can be begun; that is tried
// again and again.

import { type Disk, type DiskFile, readInto, writeAll } from './disk.js'
import { format } from './document.js'
import { frame, scanRecords } from './record.js'
import { type Segment, type Segments, segmentName } from './segments.js'
import { StoreUnavailable } from './store.js'
import type { Timer } from './timer.js'

export interface Append {
  /** One line, or nothing: that is acknowledged after all before it. */
  readonly bytes: Uint8Array
  /** Waits for the disk, not only for the system. */
  readonly sync: boolean
  /** The record stands at `offset` of `segment`. */
  acknowledged(segment: number, offset: number): void
  rejected(error: Error): void
}

/** What a segment begins with. */
export interface SegmentHeader {
  readonly format: number
  readonly segment: number
  readonly epoch: string
  /** The segment before, and the end of what counts in it. */
  readonly follows: { readonly segment: number; readonly length: number } | null
}

export interface JournalOptions {
  readonly folder: string
  readonly disk: Disk
  readonly segments: Segments
  readonly epoch: string
  /** No later segment has a lower number. */
  readonly lastNumber: number
  readonly segmentBytes: number
  /** More may not wait for the disk. */
  readonly maxWaitingBytes: number
  readonly timer: Timer
  /** Opens readers for segments, so that values can stay in them. */
  readonly readable: boolean
  readonly warn: (message: string) => void
  /** Everything that waits is about to be rejected. */
  readonly rollBack: () => void
  /** A segment was begun. */
  readonly begun: () => Promise<void>
  /** Something was written, so that there may be something to compact. */
  readonly written: () => void
}

/** Of an append that only waits for those before it. */
export const nothing = new Uint8Array()

const maxBatchBytes = 4 * 1024 * 1024
const probeMs = { first: 100, most: 5000 }

export class Journal {
  readonly #options: JournalOptions
  #queue: Append[] = []
  #waitingBytes = 0
  #pumping = false
  #idle: (() => void)[] = []
  #active: { segment: Segment; file: DiskFile } | undefined
  #lastNumber: number
  /**
   * Acknowledged and not synced when its segment was closed after a failure. A failed sync may have dropped it, and no
   * later sync would include it: it is written again before anything else.
   */
  #suspect: { segment: Segment; from: number; to: number }[] = []
  #failure: Error | undefined
  #probeAfterMs = probeMs.first
  #cancelProbe: (() => void) | undefined
  #probing: Promise<void> | undefined
  #shut: Error | undefined
  #aborted = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.#lastNumber = options.lastNumber
  }

  get failing(): boolean {
    return this.#failure !== undefined || this.#shut !== undefined
  }
  /** The segment that is written to; the others are sealed. */
  get active(): Segment | undefined {
    return this.#active?.segment
  }

  /** Goes on with a segment of an earlier run. */
  async continue(segment: Segment): Promise<void> {
    this.#active = { segment, file: await this.#options.disk.open(segment.path, 'append') }
  }

  /** Why nothing can be appended now; `undefined` when it can. */
  refusal(): StoreUnavailable | undefined {
    if (this.#shut !== undefined) return new StoreUnavailable(this.#shut.message, { cause: this.#shut })
    if (this.#failure !== undefined) return unavailable(this.#failure)
    if (this.#waitingBytes < this.#options.maxWaitingBytes) return undefined
    return new StoreUnavailable(
      `${this.#waitingBytes} bytes are waiting to be written to the journal; no more is taken`,
    )
  }

  append(item: Append): void {
    this.#queue.push(item)
    this.#waitingBytes += item.bytes.length
    if (this.#pumping) return
    this.#pumping = true
    // Not at once: what else is appended in this turn goes into the same write.
    setImmediate(() => void this.#pump())
  }

  /** Resolves after everything appended so far, with the disk, and calls `now` before anything later is written. */
  barrier(now: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const refused = this.refusal()
      if (refused !== undefined) return reject(refused)
      const acknowledged = () => {
        now()
        resolve()
      }
      this.append({ bytes: nothing, sync: true, acknowledged, rejected: reject })
    })
  }

  /** Takes nothing more, and rejects with `error` what comes; waits for what has been appended. */
  async shut(error: Error): Promise<void> {
    this.#shut ??= error
    this.#cancelProbe?.()
    await this.#probing
    if (this.#pumping) await new Promise<void>((resolve) => this.#idle.push(resolve))
    if (this.#active === undefined) return
    const { file } = this.#active
    this.#active = undefined
    try {
      await file.sync()
    } catch (failure) {
      this.#options.warn(`the journal could not be synced when it was closed: ${(failure as Error).message}`)
    }
    await quietly(file.close())
  }

  /** Stops at once and for good: the state directory belongs to somebody else now. */
  abort(error: Error): void {
    this.#shut ??= error
    this.#aborted = true
    this.#cancelProbe?.()
    this.#reject(this.#take(Number.POSITIVE_INFINITY), this.#shut)
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#commit(this.#take(maxBatchBytes))
      // Callers that were just answered may have more to write: it belongs into the next write, not the one after.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    this.#pumping = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #take(bytes: number): Append[] {
    let count = 0
    for (let taken = 0; count < this.#queue.length && (count === 0 || taken < bytes); count += 1) {
      taken += this.#queue[count]?.bytes.length ?? 0
    }
    const batch = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count)
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count)
    return batch
  }

  async #commit(batch: readonly Append[]): Promise<void> {
    const lines: Uint8Array[] = []
    let sync = false
    for (const item of batch) {
      lines.push(item.bytes)
      sync ||= item.sync
    }
    const bytes = lines.length === 1 ? (lines[0] as Uint8Array) : Buffer.concat(lines)
    let failure: unknown = this.#shut
    for (let attempt = 1; attempt <= 2 && !this.#aborted; attempt += 1) {
      try {
        this.#active ??= await this.#begin()
        await this.#write(this.#active, bytes, sync)
        if (this.#aborted) break
        this.#acknowledge(batch, this.#active.segment, bytes.length)
        await this.#sealWhenFull()
        return
      } catch (error) {
        failure = error
        if (this.#shut !== undefined) break
      }
    }
    this.#fail(batch, this.#aborted ? (this.#shut as Error) : (failure as Error))
  }

  async #write(active: { segment: Segment; file: DiskFile }, bytes: Uint8Array, sync: boolean): Promise<void> {
    try {
      await writeAll(active.file, bytes)
      if (sync) await active.file.sync()
    } catch (error) {
      await this.#abandon(active)
      throw error
    }
    if (sync) active.segment.synced = active.segment.length + bytes.length
  }

  #acknowledge(batch: readonly Append[], segment: Segment, bytes: number): void {
    let offset = segment.length
    segment.length += bytes
    for (const item of batch) {
      this.#waitingBytes -= item.bytes.length
      item.acknowledged(segment.number, offset)
      offset += item.bytes.length
    }
    this.#options.written()
  }

  /** Syncs a full segment before the next is begun, so that no later record can survive an earlier one. */
  async #sealWhenFull(): Promise<void> {
    const active = this.#active
    if (active === undefined || active.segment.length < this.#options.segmentBytes) return
    try {
      await active.file.sync()
      active.segment.synced = active.segment.length
      this.#active = undefined
      await quietly(active.file.close())
    } catch (error) {
      this.#options.warn(`${active.segment.path} could not be synced: ${(error as Error).message}`)
      await this.#abandon(active)
    }
  }

  /** Closes a segment after a failure, and cuts off what is not acknowledged. */
  async #abandon({ segment, file }: { segment: Segment; file: DiskFile }): Promise<void> {
    this.#active = undefined
    if (segment.synced < segment.length) {
      this.#suspect.push({ segment, from: segment.synced, to: segment.length })
    }
    await quietly(file.close())
    // Where it cannot be cut, the header of the next segment says how much of this one counts.
    if (!this.#aborted) await quietly(this.#options.disk.truncate(segment.path, segment.length))
  }

  async #begin(): Promise<{ segment: Segment; file: DiskFile }> {
    const { disk, folder, segments, epoch, readable } = this.#options
    this.#lastNumber += 1
    const number = this.#lastNumber
    const path = `${folder}/${segmentName(number)}`
    const last = segments.newest
    const follows = last === undefined ? null : { segment: last.number, length: last.length }
    const header: SegmentHeader = { format, segment: number, epoch, follows }
    const file = await disk.open(path, 'create')
    const segment: Segment = { number, path, length: 0, synced: 0, live: 0, damaged: false }
    try {
      const head = frame(JSON.stringify(header))
      await writeAll(file, head)
      segment.length = head.length + (await this.#rewriteSuspect(file))
      await file.sync()
      await disk.syncFolder(folder)
      segment.synced = segment.length
      if (readable) segment.reader = await disk.open(path, 'read')
    } catch (error) {
      await quietly(file.close())
      await quietly(disk.remove(path))
      throw error
    }
    this.#suspect = []
    segments.add(segment)
    await this.#options.begun()
    return { segment, file }
  }

  /** Copies what the disk may have dropped. Nothing later is acknowledged, so it is the latest also at its new place. */
  async #rewriteSuspect(file: DiskFile): Promise<number> {
    let copied = 0
    for (const { segment, from, to } of this.#suspect) {
      if (!this.#options.segments.has(segment)) continue
      const bytes = await this.#readSuspect(segment, from, to)
      const { end, damage } = scanRecords(bytes, () => {})
      if (end < to - from || damage.length > 0) {
        this.#options.warn(`${segment.path} may have lost records after byte ${from} when the disk failed`)
      }
      await writeAll(file, bytes.subarray(0, end))
      copied += end
    }
    return copied
  }

  /** As much as can still be read: the segment may be on a disk that fails for good. */
  async #readSuspect(segment: Segment, from: number, to: number): Promise<Buffer> {
    const bytes = Buffer.alloc(to - from)
    try {
      const source = await this.#options.disk.open(segment.path, 'read')
      try {
        return bytes.subarray(0, await readInto(source, bytes, from))
      } finally {
        await source.close()
      }
    } catch {
      return bytes.subarray(0, 0)
    }
  }

  #fail(batch: readonly Append[], error: Error): void {
    const waiting = batch.concat(this.#queue)
    this.#queue = []
    if (this.#shut === undefined) {
      this.#failure = error
      this.#options.warn(`the journal cannot be written: ${error.message}`)
      this.#probeLater()
    }
    this.#reject(waiting, error)
  }

  #reject(items: readonly Append[], error: Error): void {
    this.#options.rollBack()
    for (const item of items) {
      this.#waitingBytes -= item.bytes.length
      item.rejected(unavailable(error))
    }
  }

  #probeLater(): void {
    this.#cancelProbe = this.#options.timer(this.#probeAfterMs, () => {
      this.#probing = this.#probe()
    })
    this.#probeAfterMs = Math.min(probeMs.most, this.#probeAfterMs * 2)
  }

  async #probe(): Promise<void> {
    try {
      this.#active = await this.#begin()
    } catch (error) {
      this.#failure = error as Error
      if (this.#shut === undefined) this.#probeLater()
      return
    }
    this.#failure = undefined
    this.#probeAfterMs = probeMs.first
    this.#options.warn('the journal can be written again')
    this.#options.written()
  }
}

function unavailable(error: Error): StoreUnavailable {
  return new StoreUnavailable(`the journal cannot be written: ${error.message}`, { cause: error })
}

/** For what is done after a failure, and may fail for the same reason. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {})
}
