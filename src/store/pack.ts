// Contents in one file after another: a line of JSON {key, length, crc, check}, then the bytes, then a line break. `crc`
// guards the bytes and `check` the line itself, since a wrong length would hide all that follows.

import { crc32 } from 'node:zlib'
import { type Disk, type DiskFile, readInto, writeAll } from './disk.js'
import { hex } from './record.js'

/** Where the bytes of a key stand. */
export interface Slot {
  readonly pack: Pack
  readonly offset: number
  readonly length: number
  readonly crc: number
}

const headStart = Buffer.from('{"key":"')
const checkStart = ',"check":"'
/** `,"check":"00000000"}` */
const checkBytes = checkStart.length + 10
const maxHeadBytes = 2048
const maxKeyLength = 256
const chunkBytes = 4 * 1024 * 1024
const windowBytes = 1024 * 1024
/** Smaller gaps between wanted contents are read and thrown away. */
const maxGapBytes = 4096
const newline = Buffer.from('\n')

/** One file of contents. It only grows; what is no longer wanted goes when it is copied without it. */
export class Pack {
  readonly path: string
  readonly number: number
  /** End of what is whole. */
  length: number
  #file: DiskFile
  #readers = 0
  #closing = false

  constructor(path: string, number: number, file: DiskFile, length: number) {
    this.path = path
    this.number = number
    this.#file = file
    this.length = length
  }

  /** Appends entries and says where they are; they count once this resolves. */
  async append(
    entries: Iterable<readonly [key: string, bytes: Uint8Array]>,
    durable: boolean,
  ): Promise<[key: string, slot: Slot][]> {
    const slots: [string, Slot][] = []
    let chunk: Uint8Array[] = []
    let gathered = 0
    let end = this.length
    const flush = async () => {
      if (gathered > 0) await writeAll(this.#file, Buffer.concat(chunk, gathered))
      chunk = []
      gathered = 0
    }
    for (const [key, bytes] of entries) {
      const crc = crc32(bytes)
      const head = Buffer.from(headOf(key, bytes.length, crc))
      slots.push([key, { pack: this, offset: end + head.length, length: bytes.length, crc }])
      chunk.push(head, bytes, newline)
      const added = head.length + bytes.length + 1
      gathered += added
      end += added
      if (gathered >= chunkBytes) await flush()
    }
    await flush()
    if (durable) await this.#file.sync()
    this.length = end
    return slots
  }

  /** The bytes of slots of this pack, in as few reads as possible; `found` hears `undefined` for what is damaged. */
  async read(
    wanted: readonly (readonly [key: string, slot: Slot])[],
    found: (key: string, bytes: Uint8Array | undefined) => void,
  ): Promise<void> {
    const sorted = wanted.toSorted(([, a], [, b]) => a.offset - b.offset)
    this.#readers += 1
    try {
      for (let first = 0; first < sorted.length; ) {
        const [from, to, next] = spanOf(sorted, first)
        const span = Buffer.allocUnsafe(to - from)
        const read = await readInto(this.#file, span, from)
        for (let index = first; index < next; index += 1) {
          const [key, { offset, length, crc }] = sorted[index] as readonly [string, Slot]
          const bytes = span.subarray(offset - from, offset - from + length)
          found(key, offset - from + length <= read && crc32(bytes) === crc ? bytes : undefined)
        }
        first = next
      }
    } finally {
      this.#readers -= 1
      if (this.#closing && this.#readers === 0) await this.#file.close()
    }
  }

  /** Waits for nothing: reads under way keep the file open until they are done. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    if (this.#readers === 0) await this.#file.close()
  }
}

export interface Damage {
  readonly from: number
  readonly to: number
}

/** Opens a pack and tells what is in it, by reading no more than it must of the contents themselves. */
export async function openPack(
  disk: Disk,
  path: string,
  number: number,
  found: (key: string, slot: Slot) => void,
): Promise<{ pack: Pack; damage: Damage[] }> {
  const file = await disk.open(path, 'append')
  const pack = new Pack(path, number, file, 0)
  const damage: Damage[] = []
  try {
    // One window for the whole file: of a pack of megabytes nothing stays but keys and numbers.
    const buffer = Buffer.allocUnsafe(Math.min(windowBytes, file.length))
    let window = { from: 0, bytes: buffer.subarray(0, 0) }
    const holds = (from: number): boolean => {
      const end = window.from + window.bytes.length
      return from >= window.from && (end === file.length || end >= from + maxHeadBytes)
    }
    const move = async (from: number): Promise<void> => {
      const bytes = buffer.subarray(0, Math.min(buffer.length, file.length - from))
      window = { from, bytes: bytes.subarray(0, await readInto(file, bytes, from)) }
    }
    for (let at = 0; at < file.length; ) {
      if (!holds(at)) await move(at)
      const head = parseHead(window.bytes, at - window.from)
      const end = head === undefined ? at : at + head.bytes + head.length + 1
      if (head !== undefined && end <= file.length) {
        if (at > pack.length) damage.push({ from: pack.length, to: at })
        found(head.key, { pack, offset: at + head.bytes, length: head.length, crc: head.crc })
        at = end
        pack.length = end
        continue
      }
      if (!holds(at + 1)) await move(at + 1)
      const view = window.bytes.subarray(at + 1 - window.from)
      const next = view.indexOf(headStart)
      if (next >= 0) at += 1 + next
      else if (view.length <= headStart.length) break
      else at += 1 + view.length - headStart.length
    }
    if (pack.length < file.length) damage.push({ from: pack.length, to: file.length })
    return { pack, damage }
  } catch (error) {
    await file.close()
    throw error
  }
}

export function headOf(key: string, length: number, crc: number): string {
  if (key === '' || key.length > maxKeyLength) {
    throw new RangeError(`a content's key has 1 to ${maxKeyLength} characters, not ${key.length}`)
  }
  const head = `{"key":${JSON.stringify(key)},"length":${length},"crc":"${hex(crc)}"`
  return `${head}${checkStart}${hex(crc32(head))}"}\n`
}

/** The head that stands at `start` of `bytes`. */
function parseHead(
  bytes: Buffer,
  start: number,
): { key: string; length: number; crc: number; bytes: number } | undefined {
  if (bytes[start] !== headStart[0] || bytes[start + 1] !== headStart[1]) return undefined
  const lineEnd = bytes.indexOf(0x0a, start)
  if (lineEnd < start + checkBytes || lineEnd >= start + maxHeadBytes * 2) return undefined
  const checked = bytes.subarray(start, lineEnd - checkBytes)
  if (bytes.toString('latin1', lineEnd - 10, lineEnd - 2) !== hex(crc32(checked))) return undefined
  try {
    const { key, length, crc } = JSON.parse(bytes.toString('utf8', start, lineEnd)) as {
      key: string
      length: number
      crc: string
    }
    return { key, length, crc: Number.parseInt(crc, 16), bytes: lineEnd - start + 1 }
  } catch {
    return undefined
  }
}

/** The longest run of slots from `first` on that is worth one read. */
function spanOf(
  sorted: readonly (readonly [key: string, slot: Slot])[],
  first: number,
): [from: number, to: number, next: number] {
  const from = sorted[first]?.[1].offset ?? 0
  let to = from
  let next = first
  for (; next < sorted.length; next += 1) {
    const { offset, length } = (sorted[next] as readonly [string, Slot])[1]
    if (next > first && (offset > to + maxGapBytes || offset + length - from > chunkBytes)) break
    to = Math.max(to, offset + length)
  }
  return [from, to, next]
}
