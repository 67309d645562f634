// The files of one commit, by the same rules as those of a folder. A blob that was read for the commit before is not read
// again, and its file stays the same object.

import crypto from 'node:crypto'
import { FileMap } from '../file-map.js'
import { tooLarge } from '../read.js'
import type { Refusal, SourceFile } from '../source.js'
import { type Bounds, walk } from '../walk.js'
import { type GitDisk, gitRoot } from './commit-disk.js'
import { StoreDamaged } from './failure.js'
import type { GitObjects } from './objects.js'

interface Content {
  readonly hash: string
  readonly bytes: Uint8Array
}

interface Wanted {
  readonly path: string
  readonly object: string
}

export interface ReadFiles {
  readonly files: FileMap
  readonly refusals: readonly Refusal[]
}

export class CommitFiles {
  readonly #bounds: Bounds
  #files: FileMap = FileMap.empty
  /** Of the files read last, by path. */
  #objects = new Map<string, string>()

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Rejects with `StoreDamaged` when a blob is not what its name says. */
  async read(disk: GitDisk, objects: GitObjects, references: ReadonlySet<string>): Promise<ReadFiles> {
    const tree = await walk(disk, gitRoot, references, this.#bounds)
    const refusals = new Map([...tree.refusals].map(([path, reason]) => [path, reason.replaceAll(`${gitRoot}/`, '')]))
    const wanted: Wanted[] = []
    for (const { path, real, stat, duplicate } of tree.files.values()) {
      const object = disk.objectAt(real)
      if (object === undefined || (duplicate && !references.has(path))) continue
      const refusal = this.#refusal(path, stat.size, references)
      if (refusal === undefined) wanted.push({ path, object })
      else refusals.set(path, refusal)
    }
    const contents = await this.#contents(wanted, objects)
    const files = this.#take(wanted, contents)
    const sorted = [...refusals].map(([path, reason]) => ({ path, reason }))
    return { files, refusals: sorted.sort((a, b) => (a.path < b.path ? -1 : 1)) }
  }

  #refusal(path: string, size: bigint, references: ReadonlySet<string>): string | undefined {
    if (path.includes('\uFFFD')) return 'has a name that is not valid UTF-8'
    const limit = references.has(path) ? this.#bounds.maxReferenceBytes : this.#bounds.maxFileBytes
    if (size < 0n) return `has so many bytes that it was not fetched; more than ${limit} are not read`
    return size > limit ? tooLarge(size, limit) : undefined
  }

  /** By blob, of those that are new. */
  async #contents(wanted: readonly Wanted[], objects: GitObjects): Promise<Map<string, Content>> {
    const contents = new Map<string, Content>()
    for (const [path, object] of this.#objects) {
      const file = this.#files.get(path)
      if (file !== undefined) contents.set(object, file)
    }
    const missing = [...new Set(wanted.map(({ object }) => object))].filter((object) => !contents.has(object))
    await Promise.all(
      missing.map(async (object) => {
        contents.set(object, await read(object, objects))
      }),
    )
    return contents
  }

  #take(wanted: readonly Wanted[], contents: ReadonlyMap<string, Content>): FileMap {
    const changes = new Map<string, SourceFile | undefined>()
    const current = new Map<string, string>()
    for (const { path, object } of wanted) {
      current.set(path, object)
      const content = contents.get(object)
      if (this.#objects.get(path) === object || content === undefined) continue
      changes.set(path, { path, hash: content.hash, bytes: content.bytes })
    }
    for (const path of this.#objects.keys()) if (!current.has(path)) changes.set(path, undefined)
    this.#objects = current
    if (changes.size > 0) this.#files = this.#files.with(changes)
    return this.#files
  }
}

async function read(object: string, objects: GitObjects): Promise<Content> {
  let bytes: Buffer
  try {
    bytes = await objects.read(object)
  } catch (error) {
    throw new StoreDamaged(error instanceof Error ? error.message : String(error))
  }
  // git does not compare when it reads.
  const algorithm = object.length === 64 ? 'sha256' : 'sha1'
  const name = crypto.createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  if (name !== object) throw new StoreDamaged(`the blob ${object} is not what its name says`)
  return { hash: crypto.hash('sha256', bytes, 'hex'), bytes }
}
