import crypto from 'node:crypto'
import { type Disk, errorCode, explain, isGone, type Stat, sameStat } from './disk.js'

export type Reading =
  | { readonly outcome: 'read'; readonly bytes: Uint8Array; readonly hash: string; readonly stat: Stat }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It is no longer there, or was written while it was read: look again. */
  | { readonly outcome: 'changed' }

const attempts = 5
const changed: Reading = { outcome: 'changed' }

/** Reads a regular file of at most `limit` bytes as it was at one moment: it was not touched between open and close. */
export async function readFile(disk: Disk, real: string, limit: number): Promise<Reading> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const reading = await readOnce(disk, real, limit)
    if (reading.outcome !== 'changed') return reading
  }
  return changed
}

async function readOnce(disk: Disk, real: string, limit: number): Promise<Reading> {
  let descriptor: number
  try {
    descriptor = await disk.open(real)
  } catch (error) {
    // ELOOP: a symbolic link has taken the file's place since it was looked at.
    if (isGone(error) || errorCode(error) === 'ELOOP') return changed
    return { outcome: 'refused', reason: `cannot be read: ${explain(error)}` }
  }
  try {
    const before = await disk.fstat(descriptor)
    if (before.kind !== 'file') return changed
    if (before.size > limit) return { outcome: 'refused', reason: tooLarge(before.size, limit) }
    const bytes = await readAll(disk, descriptor, Number(before.size))
    if (bytes === undefined) return changed
    const stat = await disk.fstat(descriptor)
    if (!sameStat(before, stat)) return changed
    return { outcome: 'read', bytes, hash: crypto.hash('sha256', bytes, 'hex'), stat }
  } catch (error) {
    return { outcome: 'refused', reason: `cannot be read: ${explain(error)}` }
  } finally {
    disk.close(descriptor)
  }
}

/** Undefined when the file is longer or shorter than `size`. */
async function readAll(disk: Disk, descriptor: number, size: number): Promise<Uint8Array | undefined> {
  // One byte more than there should be, so that growth shows. Not from the pool: what is kept for long must not hold
  // its neighbours, and a copy to a worker would take the whole pool along.
  const buffer = Buffer.allocUnsafeSlow(size + 1)
  let length = 0
  while (length <= size) {
    const count = await disk.read(descriptor, buffer, length)
    if (count === 0) break
    length += count
  }
  return length === size ? buffer.subarray(0, size) : undefined
}

export function tooLarge(size: bigint, limit: number): string {
  return `has ${size} bytes; more than ${limit} are not read`
}
