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
export type ParseMany = (
  files: readonly SourceFile[],
  limits: Limits,
  take: (file: SourceFile, parsed: Uint8Array) => void,
) => Promise<void>

const worker = fileURLToPath(new URL('./parse-worker.js', import.meta.url))
const filesPerBatch = 100
const bytesPerBatch = 1024 * 1024
const maxThreads = 4
/** Parsing leaves nothing but garbage: with half the room it takes 5 % longer, with twice as much (the default) no less. */
const maxYoungGenerationSizeMb = 24

/** In worker threads, which end when all is done; on this thread where the compiled worker does not exist. */
export const parseInWorkers: ParseMany = async (files, limits, take) => {
  if (!existsSync(worker)) return parseHere(files, limits, take)
  const threads = Math.min(maxThreads, availableParallelism())
  const pool = new Tinypool({
    filename: worker,
    minThreads: threads,
    maxThreads: threads,
    isolateWorkers: false,
    resourceLimits: { maxYoungGenerationSizeMb },
  })
  try {
    await Promise.all(
      batches(files).map(async (batch) => {
        const message = messageOf(batch, limits)
        const { lengths, bytes } = (await pool.run(message, { transferList: [message.bytes.buffer] })) as ParsedBatch
        let start = 0
        for (const [index, file] of batch.entries()) {
          const end = start + (lengths[index] ?? 0)
          take(file, bytes.subarray(start, end))
          start = end
        }
      }),
    )
  } finally {
    await pool.destroy()
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

/** One copy of the contents, which is handed over: a view of a larger buffer would be sent whole. */
function messageOf(files: readonly SourceFile[], limits: Limits): ParseBatch & { bytes: Uint8Array<ArrayBuffer> } {
  const lengths = files.map(({ bytes }) => bytes.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let start = 0
  for (const file of files) {
    bytes.set(file.bytes, start)
    start += file.bytes.length
  }
  return { paths: files.map(({ path }) => path), lengths, bytes, limits }
}
