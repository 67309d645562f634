import fs from 'node:fs'
import { type Disk, isGone, kindOf, type Listed, nodeDisk, readOnly, type Stat, toStat } from './disk.js'

const sliceMs = 10
/** A local disk answers in hundredths of this. */
const slowMs = 0.1
const stuckMs = 20
const callsToJudge = 100

/**
 * The file system while a process starts: calls that block, which over 10,000 files take a third of the CPU that the
 * detour over the thread pool does. Nobody is being served yet who would have to wait. A disk that turns out to be slow, as
 * over a network, is left to the thread pool, which asks for several files at a time; and so are all after `end`.
 */
export class StartDisk implements Disk {
  readonly readlink = nodeDisk.readlink
  readonly realpath = nodeDisk.realpath
  #ended = false
  #calls = 0
  #spent = 0
  #sliceBegan = performance.now()

  end(): void {
    this.#ended = true
  }

  lstat(path: string): Promise<Stat | undefined> {
    return this.#ended ? nodeDisk.lstat(path) : this.#block(() => lstat(path))
  }

  list(path: string): Promise<Listed[]> {
    return this.#ended ? nodeDisk.list(path) : this.#block(() => list(path))
  }

  open(path: string): Promise<number> {
    return this.#ended ? nodeDisk.open(path) : this.#block(() => fs.openSync(path, readOnly))
  }

  fstat(descriptor: number): Promise<Stat> {
    return this.#ended
      ? nodeDisk.fstat(descriptor)
      : this.#block(() => toStat(fs.fstatSync(descriptor, { bigint: true })))
  }

  read(descriptor: number, into: Uint8Array, offset: number): Promise<number> {
    return this.#ended
      ? nodeDisk.read(descriptor, into, offset)
      : this.#block(() => fs.readSync(descriptor, into, offset, into.length - offset, null))
  }

  close(descriptor: number): void {
    if (this.#ended) nodeDisk.close(descriptor)
    else {
      try {
        fs.closeSync(descriptor)
      } catch {
        // It was only read from: nothing is lost.
      }
    }
  }

  async #block<Result>(call: () => Result): Promise<Result> {
    const began = performance.now()
    const result = call()
    const ended = performance.now()
    const took = ended - began
    this.#calls += 1
    this.#spent += took
    if (took > stuckMs || (this.#calls > callsToJudge && this.#spent / this.#calls > slowMs)) this.#ended = true
    if (ended - this.#sliceBegan < sliceMs) return result
    // Signals are heard, and progress is shown.
    await new Promise((resolve) => setImmediate(resolve))
    this.#sliceBegan = performance.now()
    return result
  }
}

function lstat(path: string): Stat | undefined {
  try {
    const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })
    return stats && toStat(stats)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function list(path: string): Listed[] {
  return fs.readdirSync(path, { withFileTypes: true, encoding: 'utf8' }).map((entry) => {
    return { name: entry.name, kind: kindOf(entry) }
  })
}
