import { createHash } from 'node:crypto'
import type { SourceFile } from '../source/source.js'
import { schemaVersion } from './generated/version.js'
import type { Limits } from './limits.js'
import { parseVersion } from './parse.js'
import { decodeParsedFile, type ParsedFile } from './parsed-file.js'
import { Slices } from './slices.js'

/** Where parsed files may be kept between runs. What is lost is parsed again. */
export interface ParseCache {
  getAll(keys: Iterable<string>): Promise<Map<string, Uint8Array>>
  putAll(entries: Iterable<readonly [key: string, bytes: Uint8Array]>): Promise<void>
  /** Drops what is not in `keys`, when the cache finds it worth the work. */
  retain?(keys: ReadonlySet<string>): Promise<void>
}

/** Keys that change with the bytes, the syntax, the limits, the schemas and the parser. */
export class ParseKeys {
  readonly #prefix: string

  constructor(limits: Limits) {
    const version = createHash('sha256').update(JSON.stringify([parseVersion, schemaVersion, limits]))
    this.#prefix = `parsed-${version.digest('hex').slice(0, 16)}`
  }

  of({ path, hash }: SourceFile): string {
    return `${this.#prefix}-${/\.json$/i.test(path) ? 'json' : 'yaml'}-${hash}`
  }
}

/** What the cache keeps of an encoded file: notes in it whether all its documents are settled as `Linked` says. */
export function toCached(encoded: Uint8Array, settled: boolean): Uint8Array {
  if (settled) encoded[0] = settledMark
  return encoded
}

/** Hands on what of `files` the cache holds; gives back the rest. A cache that fails is as good as an empty one. */
export async function takeCached(
  cache: ParseCache,
  keys: ParseKeys,
  files: readonly SourceFile[],
  take: (file: SourceFile, parsed: ParsedFile, settled: boolean) => void,
): Promise<SourceFile[]> {
  const rest: SourceFile[] = []
  const slices = new Slices()
  // A few at a time: the texts of all together are many times what is kept of them.
  for (let from = 0; from < files.length; from += filesAtOnce) {
    const some = new Map(files.slice(from, from + filesAtOnce).map((file) => [file, keys.of(file)]))
    const found = await cache.getAll(some.values()).catch(() => new Map<string, Uint8Array>())
    for (const [file, key] of some) {
      if (slices.over) await slices.next()
      const bytes = found.get(key)
      const parsed = bytes && decodeParsedFile(bytes)
      if (bytes === undefined || parsed === undefined) rest.push(file)
      else take(file, parsed, bytes[0] === settledMark)
    }
  }
  return rest
}

const settledMark = 's'.charCodeAt(0)
const filesAtOnce = 500
