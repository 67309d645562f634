// Runs in a process of its own: parses a batch of files, so that the main thread's heap and event loop stay as they are.

import type { Limits } from './limits.js'
import { parseFile } from './parse.js'
import { encodeParsedFile } from './parsed-file.js'

// A terminal's Ctrl-C and its end reach all processes: the one that began this ends it.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})

export interface ParseBatch {
  readonly paths: readonly string[]
  readonly lengths: readonly number[]
  /** The contents one after the other. */
  readonly bytes: Uint8Array
  readonly limits: Limits
}

export interface ParsedBatch {
  readonly lengths: readonly number[]
  /** What `encodeParsedFile` gave, one after the other. */
  readonly bytes: Uint8Array
}

export default function parseBatch({ paths, lengths, bytes, limits }: ParseBatch): ParsedBatch {
  let start = 0
  const parsed = paths.map((path, index) => {
    const content = bytes.subarray(start, start + (lengths[index] ?? 0))
    start += content.length
    return encodeParsedFile(parseFile(path, content, limits))
  })
  return { lengths: parsed.map(({ length }) => length), bytes: Buffer.concat(parsed) }
}
