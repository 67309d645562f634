import type { SourceFile } from './source.js'

type Files = ReadonlyMap<string, SourceFile>

// Beyond this, walking the patch costs more than a copy saves.
const maxPatch = 256

/**
 * The files of one snapshot, sorted by path. The next snapshot usually differs in one file out of thousands: it shares
 * the map it came from and holds the difference, where a copy of 10,000 entries would take 1.5 ms.
 */
export class FileMap implements ReadonlyMap<string, SourceFile> {
  static readonly empty: FileMap = new FileMap(new Map(), new Map())

  readonly #base: Files
  /** Replacements only: paths that `#base` has. */
  readonly #patch: Files

  private constructor(base: Files, patch: Files) {
    this.#base = base
    this.#patch = patch
  }

  /** This map with some files replaced, added, or taken away (undefined). */
  with(changes: ReadonlyMap<string, SourceFile | undefined>): FileMap {
    const added: SourceFile[] = []
    const gone = new Set<string>()
    const patch = new Map(this.#patch)
    for (const [path, file] of changes) {
      if (file === undefined) gone.add(path)
      else if (this.#base.has(path)) patch.set(path, file)
      else added.push(file)
    }
    if (added.length === 0 && gone.size === 0 && patch.size <= maxPatch) return new FileMap(this.#base, patch)

    const files = [...this.#base.keys()]
      .filter((path) => !gone.has(path))
      .map((path) => patch.get(path) ?? this.#base.get(path))
    const all = [...files, ...added].filter((file) => file !== undefined)
    if (added.length > 0) all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    return new FileMap(new Map(all.map((file) => [file.path, file])), new Map())
  }

  get size(): number {
    return this.#base.size
  }

  has(path: string): boolean {
    return this.#base.has(path)
  }

  get(path: string): SourceFile | undefined {
    return this.#patch.get(path) ?? this.#base.get(path)
  }

  keys(): MapIterator<string> {
    return this.#base.keys()
  }

  *values(): MapIterator<SourceFile> {
    for (const [path, file] of this.#base) yield this.#patch.get(path) ?? file
  }

  *entries(): MapIterator<[string, SourceFile]> {
    for (const [path, file] of this.#base) yield [path, this.#patch.get(path) ?? file]
  }

  [Symbol.iterator](): MapIterator<[string, SourceFile]> {
    return this.entries()
  }

  forEach(visit: (file: SourceFile, path: string, map: Files) => void): void {
    for (const [path, file] of this.#base) visit(this.#patch.get(path) ?? file, path, this)
  }
}
