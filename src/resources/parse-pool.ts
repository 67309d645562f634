import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import Tinypool from 'tinypool'
import type { SourceFile } from '../source/source.js'
import type { Limits } from './limits.js'
import { parseFile } from './parse.js'
import type { ParseBatch, ParsedBatch } from './parse-worker.js'
import { encodeParsedFile } from './parsed-file.js'
import { Slices } from './slices.js'

/** Parses many files and hands each on, encoded as by `encodeParsedFile`, as soon as it is done. */
export interface ParseMany {
  (files: readonly SourceFile[], limits: Limits, take: (file: SourceFile, parsed: Uint8Array) => void): Promise<void>
  /** Begins what takes a while, for files that are still being read. Follow it by a call or by `release`. */
  prepare?(): void
  /** Ends what was prepared. */
  release?(): Promise<void>
}

const worker = fileURLToPath(new URL('./parse-worker.js', import.meta.url))
const filesPerBatch = 100
const bytesPerBatch = 1024 * 1024
const maxProcesses = 4
/** Parsing leaves nothing but garbage: with half the room it takes 5 % longer, with twice as much (the default) no less. */
const maxSemiSpaceMb = 8

/**
 * In processes of their own, which end when all is done; on this thread where the compiled worker does not exist. Threads
 * would leave 30 MB behind: what they have allocated goes back to their part of the C library's heap, not to the system.
 * What a process leaves undone that the system has ended (it needs memory, somebody pressed Ctrl-C) is done here.
 */
export function createParseMany(): ParseMany {
  let prepared: Pool | undefined
  const isCompiled = existsSync(worker)
  const release = async () => {
    const pool = prepared
    prepared = undefined
    await pool?.tasks.destroy()
  }
  const parseMany: ParseMany = async (files, limits, take) => {
    if (!isCompiled) return parseHere(files, limits, take)
    const pool = prepared ?? openPool()
    prepared = pool
    const left = new Set(files)
    const taken = (file: SourceFile, parsed: Uint8Array) => {
      // What comes when it has been done here is late.
      if (left.delete(file)) take(file, parsed)
    }
    try {
      const parsing = Promise.all(batches(files).map((batch) => parseBatch(pool.tasks, batch, limits, taken)))
      await Promise.race([parsing, pool.ended])
    } finally {
      await release()
    }
    await parseHere([...left], limits, taken)
  }
  return Object.assign(parseMany, {
    prepare: () => {
      if (isCompiled) prepared ??= openPool()
    },
    release,
  })
}

interface Pool {
  readonly tasks: Tinypool
  /** Resolves when a process has ended without being asked to. */
  readonly ended: Promise<void>
}

function openPool(): Pool {
  const processes = Math.min(maxProcesses, availableParallelism())
  const tasks = new Tinypool({
    filename: worker,
    minThreads: processes,
    maxThreads: processes,
    isolateWorkers: false,
    runtime: 'child_process',
    serialization: 'advanced',
    execArgv: [...process.execArgv, `--max-semi-space-size=${maxSemiSpaceMb}`],
  })
  const ended = new Promise<void>((resolve) => {
    // A message to a process that has ended is an error; the tasks of one that ends quietly would never settle.
    tasks.on('error', () => resolve())
    for (const one of tasks.threads as unknown as readonly { readonly process: ChildProcess }[]) {
      one.process.once('exit', () => resolve())
    }
  })
  return { tasks, ended }
}

/** Takes nothing when the process that was at it has ended. */
async function parseBatch(
  pool: Tinypool,
  files: readonly SourceFile[],
  limits: Limits,
  take: (file: SourceFile, parsed: Uint8Array) => void,
): Promise<void> {
  const parsed = (await pool.run(messageOf(files, limits)).catch(() => undefined)) as ParsedBatch | undefined
  if (parsed === undefined) return
  const { lengths, bytes } = parsed
  let start = 0
  for (const [index, file] of files.entries()) {
    const end = start + (lengths[index] ?? 0)
    take(file, bytes.subarray(start, end))
    start = end
  }
}

/** On this thread, letting other work in between. */
export const parseHere: ParseMany = async (files, limits, take) => {
  const slices = new Slices()
  for (const file of files) {
    take(file, encodeParsedFile(parseFile(file.path, file.bytes, limits)))
    if (slices.over) await slices.next()
  }
}

function batches(files: readonly SourceFile[]): SourceFile[][] {
  const all: SourceFile[][] = []
  let batch: SourceFile[] = []
  let size = 0
  for (const file of files) {
    if (batch.length >= filesPerBatch || (size + file.bytes.length > bytesPerBatch && batch.length > 0)) {
      all.push(batch)
      batch = []
      size = 0
    }
    batch.push(file)
    size += file.bytes.length
  }
  if (batch.length > 0) all.push(batch)
  return all
}

function messageOf(files: readonly SourceFile[], limits: Limits): ParseBatch {
  const lengths = files.map(({ bytes }) => bytes.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let start = 0
  for (const file of files) {
    bytes.set(file.bytes, start)
    start += file.bytes.length
  }
  return { paths: files.map(({ path }) => path), lengths, bytes, limits }
}
