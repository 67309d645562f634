import crypto from 'node:crypto'
import { type Disk, errorCode, explain, isGone, type Stat, sameStat } from './disk.js'

export type Reading =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array; readonly hash: string; readonly stat: Stat }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It is no longer there, or was written while it was read: look again. */
  | { readonly outcome: 'changed' }

const attempts = 5
const changed: Reading = { outcome: 'changed' }

/**
 * Reads a regular file of at most `limit` bytes as it was at one moment. `stat` is what it was when it was looked at:
 * if it still is when the bytes are there, nobody has touched it in between.
 */
export async function readFile(disk: Disk, real: string, stat: Stat, limit: number): Promise<Reading> {
  let expected = stat
  for (let attempt = 0; attempt < attempts; attempt++) {
    const reading = await readOnce(disk, real, expected, limit)
    if ('outcome' in reading) return reading
    expected = reading
  }
  return changed
}

/** The outcome, or the stat it has by now. */
async function readOnce(disk: Disk, real: string, expected: Stat, limit: number): Promise<Reading | Stat> {
  if (expected.kind !== 'file') return changed
  if (expected.size > limit) return { outcome: 'refused', reason: tooLarge(expected.size, limit) }
  let descriptor: number
  try {
    descriptor = await disk.open(real)
  } catch (error) {
    // ELOOP: a symbolic link has taken the file's place since it was looked at.
    if (isGone(error) || errorCode(error) === 'ELOOP') return changed
    return { outcome: 'refused', reason: `cannot be read: ${explain(error)}` }
  }
  try {
    const bytes = await readBytes(disk, descriptor, Number(expected.size))
    const stat = await disk.fstat(descriptor)
    if (!sameStat(stat, expected) || bytes === undefined) return stat
    return { outcome: 'read', bytes, hash: crypto.hash('sha256', bytes, 'hex'), stat }
  } catch (error) {
    // EAGAIN: a named pipe without a writer's bytes has taken its place.
    if (errorCode(error) === 'EAGAIN') return changed
    return { outcome: 'refused', reason: `cannot be read: ${explain(error)}` }
  } finally {
    disk.close(descriptor)
  }
}

/** Undefined when there are more or less than `size` bytes. */
async function readBytes(disk: Disk, descriptor: number, size: number): Promise<Uint8Array | undefined> {
  // One byte more than there should be, so that growth shows. Not from the pool: what is kept for long must not hold
  // its neighbours, and a copy to a worker would take the whole pool along.
  const buffer = Buffer.allocUnsafeSlow(size + 1)
  let length = 0
  do {
    const count = await disk.read(descriptor, buffer, length)
    if (count === 0) break
    length += count
  } while (length < size)
  return length === size ? buffer.subarray(0, size) : undefined
}

export function tooLarge(size: bigint, limit: number): string {
  return `has ${size} bytes; more than ${limit} are not read`
}
