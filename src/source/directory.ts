import { resolve } from 'node:path'
import { type Clock, systemClock } from './clock.js'
import { Contents } from './contents.js'
import { type Disk, errorCode, explain, isGone, sameStat } from './disk.js'
import { type OpenFolderWatch, watchFolders } from './folder-watch.js'
import { GitLock } from './git-lock.js'
import { lookAgain } from './look.js'
import { realOf } from './paths.js'
import { isEmptyFile } from './read-index.js'
import { Snapshots } from './snapshot.js'
import { type Hint, type Snapshot, type Source, SourceError, type SourceFile } from './source.js'
import { StartDisk } from './start-disk.js'
import { differences, type Tree } from './tree.js'
import { type Bounds, Walker, walk } from './walk.js'
import { RootWatch } from './watch.js'

export interface DirectoryOptions extends Partial<Bounds> {
  /** Hears what does not stop the source but should be known, such as a limit on watches. */
  readonly onWarning?: (message: string) => void
  /** How often to look where changes cannot be watched. */
  readonly pollMs?: number
  /** Where to keep how files looked when they were read, for the next process. */
  readonly indexFile?: string
  /** Hears how many files are about to be read for the first time. */
  readonly onFound?: (files: number) => void
  readonly clock?: Clock
  readonly disk?: Disk
  readonly watchFolders?: OpenFolderWatch
}

/** How long after a look what was read is noted for the next process. */
const indexDelayMs = 5_000
const quietMs = 20
/** Of a file that is there and has nothing in it any more: whoever writes it may take a while to begin. */
const emptiedMs = 100
const maxQuietMs = 250
const stepMs = 5
// What is still moving after this long will go on moving.
const maxSettleMs = 5_000

interface Patience {
  /** How long to wait for files to come back, in all. */
  ms: number
  /** Paths that were looked for once more and are still left out. */
  readonly again: Set<string>
}

/** The declarations in a folder of the file system, at `root` or where a symbolic link there leads. */
export function openDirectory(root: string, options: DirectoryOptions = {}): Source {
  return new DirectorySource(resolve(root), options)
}

class DirectorySource implements Source {
  readonly location: string
  readonly #startDisk = new StartDisk()
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #bounds: Bounds
  readonly #git: GitLock
  readonly #contents: Contents
  readonly #snapshots = new Snapshots()
  readonly #options: DirectoryOptions
  /** In line with the last snapshot; undefined when only a walk can tell. */
  #tree: Tree | undefined
  /** What was found last, for the watch; undefined when there is no root. */
  #known: Tree | undefined
  #references: ReadonlySet<string> = new Set()
  #watch: RootWatch | undefined
  #saving: NodeJS.Timeout | undefined
  /** Fetches run one after another. */
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(location: string, options: DirectoryOptions) {
    const clock = options.clock ?? systemClock
    this.location = location
    this.#options = options
    this.#disk = options.disk ?? this.#startDisk
    this.#bounds = {
      maxFileBytes: options.maxFileBytes ?? 1024 * 1024,
      maxReferenceBytes: options.maxReferenceBytes ?? 10 * 1024 * 1024,
      maxFiles: options.maxFiles ?? 100_000,
      maxDepth: options.maxDepth ?? 64,
    }
    this.#clock = {
      now: clock.now,
      sleep: async (ms) => {
        await clock.sleep(ms)
        this.#assertOpen()
      },
    }
    this.#git = new GitLock(this.#disk, this.#clock, (message) => this.#warn(message))
    this.#contents = new Contents(this.#disk, this.#clock, this.#bounds)
  }

  fetch(references: ReadonlySet<string>, hint: Hint = 'anywhere'): Promise<Snapshot> {
    return this.#enqueue(async () => {
      try {
        const snapshot = await this.#fetch(references, hint)
        this.#saving ??= setTimeout(() => void this.#saveIndex(), indexDelayMs).unref()
        return snapshot
      } catch (error) {
        this.#tree = undefined
        // Other errors end by themselves, and then what was known is to be watched.
        const missing = await this.#realRoot().then(
          () => false,
          () => true,
        )
        if (missing) this.#known = undefined
        void this.#watch?.sync()
        throw error
      } finally {
        this.#startDisk.end()
      }
    })
  }

  async watch(look: (hint: Hint) => void): Promise<void> {
    this.#assertOpen()
    if (this.#watch !== undefined) throw new SourceError(`${this.location} is watched already`)
    const watch = new RootWatch({
      location: this.location,
      disk: this.#disk,
      open: this.#options.watchFolders ?? watchFolders,
      look: (hint) => {
        if (!this.#closed) look(hint)
      },
      warn: (message) => this.#warn(message),
      pollMs: this.#options.pollMs ?? 5_000,
      tree: () => this.#known,
      references: () => this.#references,
    })
    this.#watch = watch
    await this.#enqueue(async () => {
      // Without a fetch before, the folders are not known yet; without a root, the folders above are watched.
      this.#known ??= await this.#realRoot()
        .then((root) => walk(this.#disk, root, this.#references, this.#bounds))
        .catch(() => undefined)
      await watch.start()
    })
    // Between the last fetch and now, nobody was looking. Not before the caller knows that watching has begun.
    setImmediate(() => {
      if (!this.#closed) look('anywhere')
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#saving)
    await this.#queue
    await this.#watch?.close()
    await this.#saveIndex()
  }

  /** A later process that finds none reads everything. */
  async #saveIndex(): Promise<void> {
    const { indexFile } = this.#options
    const tree = this.#tree
    if (indexFile === undefined || tree === undefined || !this.#contents.isNewer) return
    try {
      await this.#contents.saveIndex(indexFile, tree.root)
    } catch (error) {
      this.#warn(`how files looked cannot be kept, so that the next start takes longer: ${explain(error)}`)
    }
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(() => {
      this.#assertOpen()
      return work()
    })
    this.#queue = result.catch(() => {})
    return result
  }

  async #fetch(references: ReadonlySet<string>, hint: Hint): Promise<Snapshot> {
    const before = this.#tree?.root
    const [root, gitMoved] = await Promise.all([
      this.#realRoot(),
      before !== undefined && this.#git.settled(before, hint === 'anywhere'),
    ])
    // Files that git wrote belong together, whichever of them the hint names.
    const partly = root === before && !gitMoved && hint !== 'anywhere'
    if (root !== before) await this.#git.settled(root, true)
    const named = this.#references
    this.#references = references
    if (partly) {
      const changed = await this.#update(named, hint)
      // Git may have begun since: it takes its lock before it writes, so what was read of its work shows by now.
      const whole = changed !== undefined && !(await this.#git.settled(root, false))
      if (whole) return this.#snapshot(changed)
      // It may have been brought up to date in part.
      this.#tree = undefined
    }
    const changed = await this.#readWhole(root, named)
    return this.#snapshot(changed)
  }

  /** Reads everything, until two walks in a row agree: then no part of it is older than another. */
  async #readWhole(root: string, named: ReadonlySet<string>): Promise<Iterable<string>> {
    const until = this.#clock.now() + maxSettleMs
    const patience: Patience = { ms: maxQuietMs, again: new Set() }
    let tree = await walk(this.#disk, root, this.#references, this.#bounds)
    const { indexFile, onFound } = this.#options
    if (this.#tree === undefined && this.#snapshots.files.size === 0) {
      const isKnown = indexFile !== undefined && this.#contents.remember(indexFile, root)
      if (!isKnown) onFound?.(tree.files.size)
    }
    // Two walks that agree, with all that was read between them: as it is after most looks at everything.
    if (named === this.#references && this.#tree?.root === root && this.#isCurrent(this.#tree, tree)) return []
    for (;;) {
      this.#known = tree
      const torn = await this.#contents.read(tree, tree.files.keys(), this.#references, false)
      const busy = await this.#git.settled(root, true)
      if (!busy && this.#contents.isAsEarlier(tree)) break
      const again = await walk(this.#disk, root, this.#references, this.#bounds)
      const moved = [...torn, ...differences(tree, again)]
      tree = again
      if (moved.length > 0) await this.#pause(until, moved)
      else if (!busy) {
        this.#contents.keep(tree.files)
        if (await this.#isQuiet(tree, this.#snapshots.files.keys(), patience)) break
        tree = await walk(this.#disk, root, this.#references, this.#bounds)
      }
    }
    this.#contents.forgetEarlier()
    this.#tree = tree
    this.#known = tree
    void this.#watch?.sync()
    return new Set([...tree.files.keys(), ...this.#snapshots.files.keys()])
  }

  #isCurrent(former: Tree, tree: Tree): boolean {
    return differences(former, tree).length === 0 && this.#contents.isCurrent(tree, this.#references)
  }

  /** Reads what the hint and new references name. Undefined when everything has to be looked at. */
  async #update(named: ReadonlySet<string>, hint: ReadonlySet<string>): Promise<Iterable<string> | undefined> {
    const tree = this.#tree
    if (tree === undefined) return undefined
    const paths = new Set<string>()
    const until = this.#clock.now() + maxSettleMs
    const patience: Patience = { ms: maxQuietMs, again: new Set() }
    for (let first = true; ; first = false) {
      const look = await lookAgain(this.#disk, tree, hint, this.#references, this.#bounds)
      if (look === undefined) return undefined
      // After the look: what it found to be a document is not found once more as a reference.
      if (first && named !== this.#references && !(await this.#rename(tree, named, paths))) return undefined
      if (look.folders) void this.#watch?.sync()
      for (const path of look.paths) paths.add(path)
      const torn = await this.#contents.read(tree, paths, this.#references, first)
      // One file is of one moment by itself; several have to be found unchanged once more.
      if (torn.length > 0) await this.#pause(until, torn)
      else if (look.changed && paths.size > 1) await this.#pause(until, [...paths])
      else if (await this.#isQuiet(tree, paths, patience)) return paths
    }
  }

  /** Brings the tree in line with other references, and adds what is to be read or dropped to `paths`. */
  async #rename(tree: Tree, named: ReadonlySet<string>, paths: Set<string>): Promise<boolean> {
    for (const path of named) {
      if (this.#references.has(path)) continue
      // The refusal may have been the reference's, or the document's.
      if (tree.refusals.has(path)) return false
      if (tree.files.get(path)?.document === false) tree.files.delete(path)
      paths.add(path)
    }
    const added = [...this.#references].filter((path) => !named.has(path))
    for (const path of added) paths.add(path)
    if (added.length > 0) {
      const walker = new Walker(this.#disk, tree, this.#bounds)
      await walker.references(added)
      await walker.watch()
      void this.#watch?.sync()
    }
    return true
  }

  /**
   * Whether files that are empty or gone stay so: editors empty a file before they write it, or move it away before
   * they put the new one in its place. False as soon as one of them is different.
   */
  async #isQuiet(tree: Tree, paths: Iterable<string>, patience: Patience): Promise<boolean> {
    const emptied = [...paths].filter((path) => !patience.again.has(path) && this.#isEmptied(path))
    const wantedMs = emptied.some((path) => tree.files.has(path)) ? emptiedMs : quietMs
    for (let quiet = 0; emptied.length > 0 && quiet < wantedMs && patience.ms > 0; quiet += stepMs) {
      await this.#clock.sleep(stepMs)
      patience.ms -= stepMs
      for (const path of emptied) {
        const found = tree.files.get(path)
        const stat = await this.#disk.lstat(found?.real ?? realOf(tree.root, path)).catch(() => undefined)
        if (found !== undefined && stat !== undefined && sameStat(found.stat, stat)) continue
        if (found === undefined && stat === undefined) continue
        // There, and not found: it came back just now, or it is left out by a rule. One more look tells.
        if (found === undefined) patience.again.add(path)
        return false
      }
    }
    return true
  }

  #isEmptied(path: string): boolean {
    const before = this.#snapshots.files.get(path)
    if (before === undefined || isEmptyFile(before) || this.#contents.refusals.has(path)) return false
    const file = this.#contents.get(path)
    return file === undefined || isEmptyFile(file)
  }

  async #pause(until: number, moving: readonly string[]): Promise<void> {
    if (this.#clock.now() >= until) {
      const some = moving.slice(0, 3).join(', ')
      throw new SourceError(`the files in ${this.location} keep changing while they are read: ${some}`)
    }
    // Longer than one write, shorter than anybody notices.
    await this.#clock.sleep(1)
  }

  #snapshot(paths: Iterable<string>): Snapshot {
    const changes = new Map<string, SourceFile | undefined>()
    const { files } = this.#snapshots
    for (const path of paths) {
      const file = this.#contents.get(path)
      if (file !== files.get(path)) changes.set(path, file)
    }
    return this.#snapshots.next(changes, new Map([...(this.#tree?.refusals ?? []), ...this.#contents.refusals]))
  }

  async #realRoot(): Promise<string> {
    try {
      const real = await this.#disk.realpath(this.location)
      const stat = await this.#disk.lstat(real)
      if (stat?.kind === 'folder') return real
    } catch (error) {
      if (errorCode(error) !== 'ENOTDIR' && !isGone(error)) {
        throw new SourceError(`cannot read the folder ${this.location}: ${explain(error)}`)
      }
      throw new SourceError(`there is no folder ${this.location}`)
    }
    throw new SourceError(`${this.location} is not a folder`)
  }

  #assertOpen(): void {
    if (this.#closed) throw new SourceError(`${this.location} is closed`)
  }

  #warn(message: string): void {
    this.#options.onWarning?.(message)
  }
}
