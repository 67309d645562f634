import { createHash } from 'node:crypto'
import type { SourceFile } from '../source/source.js'
import { schemaVersion } from './generated/version.js'
import type { Limits } from './limits.js'
import { parseVersion } from './parse.js'
import { decodeParsedFile, type ParsedFile } from './parsed-file.js'

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

/** What of `files` the cache holds. A cache that fails is as good as an empty one. */
export async function fromCache(
  cache: ParseCache,
  keys: ParseKeys,
  files: readonly SourceFile[],
): Promise<Map<string, ParsedFile>> {
  const found = await cache.getAll(files.map((file) => keys.of(file))).catch(() => new Map<string, Uint8Array>())
  const parsed = new Map<string, ParsedFile>()
  for (const file of files) {
    const bytes = found.get(keys.of(file))
    if (bytes === undefined) continue
    const value = decodeParsedFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
    if (value !== undefined) parsed.set(file.path, value)
  }
  return parsed
}
