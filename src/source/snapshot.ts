import { FileMap } from './file-map.js'
import { RevisionHash } from './revision.js'
import type { Refusal, Snapshot, SourceFile } from './source.js'

/** Makes each snapshot from the one before. */
export class Snapshots {
  readonly #revision = new RevisionHash()
  #current: (Snapshot & { readonly files: FileMap }) | undefined

  /** The files of the snapshot made last. */
  get files(): FileMap {
    return this.#current?.files ?? FileMap.empty
  }

  /** The next snapshot; the same object when nothing is different. */
  next(changes: ReadonlyMap<string, SourceFile | undefined>, refused: ReadonlyMap<string, string>): Snapshot {
    const current = this.#current
    const refusals = sorted(refused)
    if (current !== undefined && changes.size === 0 && same(refusals, current.refusals)) return current
    for (const [path, file] of changes) {
      if (file === undefined) this.#revision.delete(path)
      else this.#revision.set(path, file.hash)
    }
    const files = changes.size === 0 ? this.files : this.files.with(changes)
    this.#current = { revision: this.#revision.value(refusals), files, refusals }
    return this.#current
  }
}

function sorted(refused: ReadonlyMap<string, string>): Refusal[] {
  const refusals = [...refused].map(([path, reason]) => ({ path, reason }))
  return refusals.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function same(a: readonly Refusal[], b: readonly Refusal[]): boolean {
  return a.length === b.length && a.every(({ path, reason }, i) => b[i]?.path === path && b[i]?.reason === reason)
}
