import type { Clock } from './clock.js'
import { type Disk, parallel, type Stat, sameStat } from './disk.js'
import { readFile, tooLarge } from './read.js'
import { FileReadEarlier, type ReadFile, ReadIndex } from './read-index.js'
import type { SourceFile } from './source.js'
import type { Found, Tree } from './tree.js'
import type { Bounds } from './walk.js'

interface Content {
  readonly file: SourceFile
  stat: Stat
  /** It was read so soon after a change that another one could have left the same stat. */
  readonly racy: boolean
}

// Kernels stamp files by a clock that ticks every 1 to 10 ms; some file systems by one that ticks every second or two.
const racyNs = 50_000_000n
const coarseRacyNs = 2_000_000_000n
const secondNs = 1_000_000_000n

/** The bytes read so far. A file is read again when its stat says so; equal bytes stay the same object. */
export class Contents {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #bounds: Bounds
  readonly #contents = new Map<string, Content>()
  readonly #refusals = new Map<string, string>()
  #earlier: ReadIndex | undefined
  #recalled = 0
  #isNewer = false

  constructor(disk: Disk, clock: Clock, bounds: Bounds) {
    this.#disk = disk
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Reasons why files that were found could not be read, by path. */
  get refusals(): ReadonlyMap<string, string> {
    return this.#refusals
  }

  get(path: string): SourceFile | undefined {
    return this.#contents.get(path)?.file
  }

  /** Takes up what an earlier process has read, until `forgetEarlier`. False when that is not known. */
  remember(indexFile: string, root: string): boolean {
    this.#earlier = ReadIndex.load(indexFile, root)
    return this.#earlier !== undefined
  }

  /** Whether the tree is, file by file, what the earlier process has read: of one moment, then. */
  isAsEarlier(tree: Tree): boolean {
    const count = tree.files.size
    const isWhole = this.#earlier?.size === count && this.#recalled === count
    return isWhole && tree.refusals.size === 0 && this.#refusals.size === 0
  }

  forgetEarlier(): void {
    this.#earlier = undefined
  }

  /** Whether something was read that no index has. */
  get isNewer(): boolean {
    return this.#isNewer
  }

  /** Notes what need not be read again as long as it looks the same. */
  async saveIndex(indexFile: string, root: string): Promise<void> {
    this.#isNewer = false
    const files: ReadFile[] = []
    for (const [path, { file, stat, racy }] of this.#contents) if (!racy) files.push({ path, hash: file.hash, stat })
    await ReadIndex.save(indexFile, root, files)
  }

  /** Forgets all but what was found, and holds the stats that are held there anyway. */
  keep(paths: ReadonlyMap<string, Found>): void {
    for (const [path, content] of this.#contents) {
      const found = paths.get(path)
      if (found === undefined) this.#contents.delete(path)
      else if (sameStat(found.stat, content.stat)) content.stat = found.stat
    }
    for (const path of this.#refusals.keys()) if (!paths.has(path)) this.#refusals.delete(path)
  }

  /**
   * Reads those of `paths` that are in the tree and may have changed (all of them with `force`), and forgets those that
   * are not. Returns the paths of files that were changing meanwhile.
   */
  async read(tree: Tree, paths: Iterable<string>, references: ReadonlySet<string>, force: boolean): Promise<string[]> {
    const { maxReferenceBytes, maxFileBytes } = this.#bounds
    const limitOf = (path: string): number => (references.has(path) ? maxReferenceBytes : maxFileBytes)
    const due: Found[] = []
    for (const path of paths) {
      const found = tree.files.get(path)
      if (found === undefined || (found.duplicate && !references.has(path))) {
        this.#contents.delete(path)
        this.#refusals.delete(path)
      } else if (found.stat.size > limitOf(path)) {
        this.#refuse(path, tooLarge(found.stat.size, limitOf(path)))
      } else if (force || (this.#isDue(found) && !this.#recall(found))) due.push(found)
    }
    const torn: string[] = []
    await parallel(due, async (found) => {
      const limit = limitOf(found.path)
      if (!(await this.#readOne(tree, found, limit))) torn.push(found.path)
    })
    return torn
  }

  /** Whether everything in the tree was read and is to be read no more. */
  isCurrent(tree: Tree, references: ReadonlySet<string>): boolean {
    for (const found of tree.files.values()) {
      if (found.duplicate && !references.has(found.path)) continue
      if (this.#refusals.has(found.path) || this.#isDue(found)) return false
    }
    return true
  }

  #isDue({ path, stat }: Found): boolean {
    const content = this.#contents.get(path)
    return content === undefined || content.racy || !sameStat(content.stat, stat)
  }

  #recall({ path, real, stat }: Found): boolean {
    if (this.#earlier === undefined || this.#contents.has(path)) return false
    const hash = this.#earlier.hashOf(path, stat)
    if (hash === undefined) return false
    this.#contents.set(path, { file: new FileReadEarlier(path, hash, { real, size: stat.size }), stat, racy: false })
    this.#refusals.delete(path)
    this.#recalled += 1
    return true
  }

  async #readOne(tree: Tree, found: Found, limit: number): Promise<boolean> {
    const { path, real, stat } = found
    const startedNs = BigInt(this.#clock.now()) * 1_000_000n
    const reading = await readFile(this.#disk, real, stat, limit)
    if (reading.outcome === 'changed') return false
    if (reading.outcome === 'refused') {
      this.#refuse(path, reading.reason)
      return true
    }
    const { bytes, hash } = reading
    const known = this.#contents.get(path)?.file
    const file = known?.hash === hash ? known : { path, hash, bytes }
    this.#isNewer = true
    this.#contents.set(path, { file, stat: reading.stat, racy: isRacy(reading.stat, startedNs) })
    this.#refusals.delete(path)
    // The tree is to say what was read, so that a later walk that agrees with it agrees with the bytes.
    if (!sameStat(reading.stat, stat)) tree.files.set(path, { ...found, stat: reading.stat })
    return true
  }

  #refuse(path: string, reason: string): void {
    this.#contents.delete(path)
    this.#refusals.set(path, reason)
  }
}

function isRacy({ modified, changed }: Stat, readNs: bigint): boolean {
  const last = modified > changed ? modified : changed
  return last > readNs - (changed % secondNs === 0n ? coarseRacyNs : racyNs)
}
