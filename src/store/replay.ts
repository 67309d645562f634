// Start-up: from segments to the keyed state. What is torn at the end is cut off, what is damaged in the middle is stepped
// over, and both are told.

import type { Json } from '../expression/json.js'
import { type Disk, readInto } from './disk.js'
import { format, type State } from './document.js'
import type { SegmentHeader } from './journal.js'
import { decodeValue, type RawNumberClass } from './operation.js'
import { firstOf, scanRecords } from './record.js'
import { type Segment, type Segments, segmentName, segmentNumber } from './segments.js'
import { Entry, type Table } from './table.js'

export interface ReplayOptions {
  readonly disk: Disk
  readonly folder: string
  /** What the document said, if it could be read. */
  readonly state: State | undefined
  readonly table: Table
  readonly segments: Segments
  readonly rawNumber: RawNumberClass
  /** The value of this key stays in the journal. */
  readonly staysOnDisk: (key: string) => boolean
  /** Hears every put and delete (`undefined`) of a key that stays in the journal, in order. */
  readonly onReplay?: ((key: string, value: Json | undefined) => void) | undefined
  readonly warn: (message: string) => void
}

export interface Replayed {
  /** Of the newest segment; `undefined` when there is none. */
  readonly epoch: string | undefined
  readonly lastNumber: number
  /** Whole to its end, so that it can be gone on with. */
  readonly continuable: Segment | undefined
}

export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { disk, folder, state, warn } = options
  const numbers = await present(options)
  for (const listed of state?.segments ?? []) {
    if (!numbers.includes(listed)) warn(`journal segment ${segmentName(listed)} is missing; what only it held is lost`)
  }

  const headers = new Map<number, SegmentHeader>()
  for (const number of numbers) {
    const header = await readHeader(disk, `${folder}/${segmentName(number)}`)
    if (header !== undefined) headers.set(number, header)
  }
  // A segment says how much of the one before it counts: the rest was rejected, and could not be cut off at once.
  const ends = new Map<number, number>()
  for (const { follows } of headers.values()) if (follows !== null) ends.set(follows.segment, follows.length)

  const room = new ReadingRoom()
  let continuable: Segment | undefined
  for (const number of numbers) {
    const header = headers.get(number)
    const segment = await replaySegment(options, room, number, ends.get(number), header === undefined)
    continuable = header !== undefined && segment !== undefined && !segment.damaged ? segment : undefined
  }
  const newest = [...headers.values()].at(-1)
  const lastNumber = Math.max(0, numbers.at(-1) ?? 0, state?.segments.at(-1) ?? 0)
  return { epoch: newest?.epoch, lastNumber, continuable: continuable?.number === lastNumber ? continuable : undefined }
}

/** Numbers of the segments there are. Those before the first listed one are remains of a compaction, and deleted. */
async function present({ disk, folder, state }: ReplayOptions): Promise<number[]> {
  const first = state?.segments[0] ?? 0
  const numbers: number[] = []
  for (const name of await disk.list(folder)) {
    const number = segmentNumber(name)
    if (number === undefined) continue
    if (number < first) await disk.remove(`${folder}/${name}`)
    else numbers.push(number)
  }
  return numbers.sort((a, b) => a - b)
}

/** A header is well below this. */
const headerBytes = 1024

async function readHeader(disk: Disk, path: string): Promise<SegmentHeader | undefined> {
  const file = await disk.open(path, 'read')
  const bytes = Buffer.alloc(Math.min(headerBytes, file.length))
  try {
    await file.read(bytes, 0)
  } finally {
    await file.close()
  }
  let header: SegmentHeader | undefined
  scanRecords(bytes, (offset, [body]) => {
    if (offset === 0 && isHeader(body)) header = body
  })
  if (header !== undefined && header.format > format) {
    throw new Error(`${path} was written by a newer version (format ${header.format}; this one reads ${format})`)
  }
  return header
}

function isHeader(body: unknown): body is SegmentHeader {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && 'epoch' in body
}

/** One buffer for all segments in turn: memory that is given back in large pieces is not had back by the system. */
class ReadingRoom {
  #bytes = Buffer.alloc(0)

  /** Valid until the next is read. */
  async read(disk: Disk, path: string): Promise<Buffer> {
    const file = await disk.open(path, 'read')
    try {
      if (file.length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(file.length)
      const bytes = this.#bytes.subarray(0, file.length)
      return bytes.subarray(0, await readInto(file, bytes, 0))
    } finally {
      await file.close()
    }
  }
}

async function replaySegment(
  { disk, folder, table, segments, rawNumber, staysOnDisk, onReplay, warn }: ReplayOptions,
  room: ReadingRoom,
  number: number,
  countedEnd: number | undefined,
  headerless: boolean,
): Promise<Segment | undefined> {
  const path = `${folder}/${segmentName(number)}`
  const file = await room.read(disk, path)
  const bytes = countedEnd === undefined ? file : file.subarray(0, countedEnd)
  const segment: Segment = { number, path, length: 0, synced: 0, live: 0, damaged: false }
  const replaced = (other: number, length: number) => segments.release(other, length)
  // Each in its turn: what is gathered for long stays in memory for longer.
  const { end, damage } = scanRecords(bytes, (offset, [lengths, ...operations]) => {
    if (!segments.has(segment)) segments.add(segment)
    if (!Array.isArray(lengths)) return
    let at = offset + firstOf(lengths as number[])
    operations.forEach((operation, index) => {
      const [key] = operation as [string]
      const length = (lengths as number[])[index]
      if ((operation as unknown[]).length === 1 || length === undefined) {
        at += (length ?? 0) + 1
        table.replay(key, undefined, replaced)
        if (onReplay !== undefined && staysOnDisk(key)) onReplay(key, undefined)
        return
      }
      const value = decodeValue(operation as unknown[], rawNumber)
      const onDisk = staysOnDisk(key)
      if (onDisk) onReplay?.(key, value)
      const entry = new Entry(onDisk ? undefined : value)
      entry.segment = number
      entry.offset = at
      entry.length = length
      at += length + 1
      table.replay(key, entry, replaced)
      segments.hold(number, length)
    })
  })
  for (const [from, to] of damage) warn(`${path} is damaged from byte ${from} to ${to}; the records there are lost`)

  const torn = bytes.length - end
  const short = countedEnd === undefined ? 0 : countedEnd - file.length
  if (countedEnd !== undefined && torn + short > 0) {
    warn(`${path} is damaged from byte ${end} to its end at ${countedEnd}; the records there are lost`)
  } else if (torn > 0) {
    warn(`${path} ends in ${torn} bytes that are no whole record; they are cut off`)
    await disk.truncate(path, end)
  }
  if (end === 0) {
    if (countedEnd === undefined) await disk.remove(path)
    else if (file.length > 0) await disk.rename(path, `${path}.damaged`)
    else await disk.remove(path)
    return undefined
  }

  segment.length = end
  segment.synced = end
  segment.damaged = damage.length > 0 || headerless || (countedEnd !== undefined && torn > 0)
  return segment
}
