// One record is one line, and the line is JSON: ["<bytes of body>","<CRC-32 of body>",<body>]. The body is all that one
// transaction did: a list with the length of each operation, then the operations, [key, value] or [key]. The lengths
// say where in the line a value stands, so that one value can be read without the others.

import { crc32 } from 'node:zlib'

/** Bytes of a line before its body, and after it. */
const before = 23
const after = 2
/** A line may not be longer, so that neither a string nor a buffer meets the limits of the runtime. */
export const maxRecordBytes = 64 * 1024 * 1024

/** Operations stand one after the other, with a byte between two. */
export interface OperationsLine {
  readonly bytes: Buffer
  /** Bytes of each. */
  readonly lengths: readonly number[]
  /** Where the first of them stands, from the start of the line. */
  readonly first: number
}

export function frame(body: string): Buffer {
  const length = Buffer.byteLength(body)
  const line = lineFor(length)
  line.write(body, before)
  return seal(line, length)
}

/** The line for operations that are JSON texts already. */
export function frameOperations(operations: readonly string[]): OperationsLine {
  const lengths: number[] = []
  let length = 0
  for (const operation of operations) {
    const bytes = Buffer.byteLength(operation)
    lengths.push(bytes)
    length += bytes + 1
  }
  const head = `[${lengths.join()}]`
  length += head.length
  const line = lineFor(length)
  line.write(head, before, 'latin1')
  let at = before + head.length
  for (let index = 0; index < operations.length; index += 1) {
    const operation = operations[index] as string
    const bytes = lengths[index] as number
    line[at] = commaByte
    // Of one byte for each character: there is a faster way for these.
    if (bytes === operation.length) line.write(operation, at + 1, 'latin1')
    else line.write(operation, at + 1)
    at += bytes + 1
  }
  return { bytes: seal(line, length), lengths, first: before + head.length + 1 }
}

function lineFor(length: number): Buffer {
  if (length > maxRecordBytes) {
    throw new RangeError(`a transaction of ${length} bytes is too large for the journal (limit ${maxRecordBytes})`)
  }
  return Buffer.allocUnsafe(before + length + after)
}

/** Puts what stands around it to a body of `length` bytes. */
function seal(line: Buffer, length: number): Buffer {
  const end = before + length
  line[0] = openByte
  line[1] = quoteByte
  writeHex(line, length, 2)
  line[10] = quoteByte
  line[11] = commaByte
  line[12] = quoteByte
  writeHex(line, crc32(line.subarray(before, end)), 13)
  line[21] = quoteByte
  line[22] = commaByte
  line[end] = closeByte
  line[end + 1] = newlineByte
  return line
}

/** Where the first operation stands in a line that was read. */
export function firstOf(lengths: readonly number[]): number {
  return before + `[${lengths.join()}]`.length + 1
}

export interface Scan {
  /** End of the last record that is whole: what follows is torn. */
  readonly end: number
  /** Parts between whole records that are none: [from, to). */
  readonly damage: readonly (readonly [from: number, to: number])[]
}

/** Visits the body of every whole record in order, and steps over what is damaged. */
export function scanRecords(bytes: Buffer, visit: (offset: number, body: readonly unknown[]) => void): Scan {
  const damage: [number, number][] = []
  let end = 0
  for (let at = 0; at < bytes.length; ) {
    const next = endOfRecord(bytes, at)
    if (next !== undefined) {
      if (at > end) damage.push([end, at])
      visit(at, (JSON.parse(bytes.toString('utf8', at, next - 1)) as unknown[]).slice(2))
      at = next
      end = next
    } else {
      // A line break cannot stand inside JSON, so the next record begins after one.
      const newline = bytes.indexOf(newlineByte, at)
      if (newline === -1) break
      at = newline + 1
    }
  }
  return { end, damage }
}

const newlineByte = 0x0a
const commaByte = 0x2c
const quoteByte = 0x22
const openByte = 0x5b
const closeByte = 0x5d

function endOfRecord(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== 0x5b || bytes[at + 1] !== 0x22 || bytes[at + 10] !== 0x22 || bytes[at + 11] !== 0x2c)
    return undefined
  if (bytes[at + 12] !== 0x22 || bytes[at + 21] !== 0x22 || bytes[at + 22] !== 0x2c) return undefined
  const length = unhex(bytes, at + 2)
  const end = at + before + length + after
  if (length < 0 || end > bytes.length || bytes[end - 1] !== newlineByte || bytes[end - 2] !== 0x5d) return undefined
  const crc = unhex(bytes, at + 13)
  return crc32(bytes.subarray(at + before, end - after)) === crc ? end : undefined
}

function writeHex(bytes: Buffer, value: number, at: number): void {
  for (let index = 0, rest = value; index < 8; index += 1, rest >>>= 4) {
    const digit = rest & 15
    bytes[at + 7 - index] = digit < 10 ? 0x30 + digit : 0x57 + digit
  }
}

export function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/** -1 for what are not eight lower-case hexadecimal digits. */
function unhex(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; index < at + 8; index += 1) {
    const code = bytes[index] ?? 0
    if (code >= 0x30 && code <= 0x39) value = value * 16 + code - 0x30
    else if (code >= 0x61 && code <= 0x66) value = value * 16 + code - 0x57
    else return -1
  }
  return value
}
