import { type Disk, errorCode, explain, parallel } from './disk.js'
import type { FolderWatch, OpenFolderWatch } from './folder-watch.js'
import { ignoreFile } from './ignore.js'
import { trace } from './links.js'
import { below, hasHiddenSegment, isDocument, isHidden, isInside, nameOf, pathOf, realOf } from './paths.js'
import type { Hint } from './source.js'
import { leadsThrough, type Tree } from './tree.js'

export interface WatchParts {
  /** Absolute path of the root as people know it. */
  readonly location: string
  readonly disk: Disk
  readonly open: OpenFolderWatch
  readonly look: (hint: Hint) => void
  readonly warn: (message: string) => void
  readonly pollMs: number
  /** What was found last; undefined while there is no root. */
  readonly tree: () => Tree | undefined
  readonly references: () => ReadonlySet<string>
}

interface Watched {
  readonly inode: bigint
  readonly batch: Batch
}

interface Batch {
  watch: FolderWatch | undefined
  folders: number
}

// inotify queues 16,384 events and drops the rest without a word; a checkout of 10,000 files makes 40,000.
const burstEvents = 2_000
const burstQuietMs = 100

/**
 * Keeps one watch on each folder that matters: those that hold documents, ends and joints of links, and the folders
 * above the root, so that a root that is replaced is seen. Says only "look again": what changed is found by fetching.
 */
export class RootWatch {
  readonly #parts: WatchParts
  readonly #watched = new Map<string, Watched>()
  /** Folders on the way to the root, each with the names that lead there. */
  #anchors = new Map<string, Set<string>>()
  #syncing: Promise<void> = Promise.resolve()
  readonly #closing = new Set<Promise<void>>()
  #started = false
  #closed = false
  #poll: NodeJS.Timeout | undefined
  #burst: NodeJS.Timeout | undefined
  #events = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Resolves when every folder of the tree is watched. */
  async start(): Promise<void> {
    await this.sync()
    this.#started = true
  }

  /** Watches what is to be watched by now, and no more than that. Never rejects. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#sync()).catch((error: unknown) => this.#fail(error))
    return this.#syncing
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#poll)
    clearTimeout(this.#burst)
    await this.#syncing
    for (const folder of [...this.#watched.keys()]) this.#drop(folder)
    await Promise.all(this.#closing)
  }

  async #sync(): Promise<void> {
    // What has gone while it was about to be watched is not tried again before the next fetch.
    const tried = new Set<string>()
    while (!this.#closed) {
      const wanted = await this.#wanted()
      for (const [folder, { inode }] of this.#watched) if (wanted.get(folder) !== inode) this.#drop(folder)
      const missing = [...wanted.keys()].filter((folder) => !this.#watched.has(folder) && !tried.has(folder))
      if (missing.length === 0) return
      for (const folder of missing) tried.add(folder)
      await this.#add(missing, wanted)
      // What came between the fetch that found these folders and the watch was not seen by either.
      if (this.#started) this.#look(missing)
    }
  }

  async #wanted(): Promise<Map<string, bigint>> {
    const { disk, location, tree } = this.#parts
    const anchors = new Map<string, Set<string>>()
    const { steps } = await trace(disk, '/', location)
    for (const step of steps) {
      const folder = step.slice(0, step.lastIndexOf('/')) || '/'
      anchors.set(folder, (anchors.get(folder) ?? new Set()).add(nameOf(step)))
    }
    this.#anchors = anchors
    const wanted = new Map(tree()?.watched)
    await parallel([...anchors.keys()], async (folder) => {
      const stat = await disk.lstat(folder)
      if (stat !== undefined) wanted.set(folder, stat.inode)
    })
    return wanted
  }

  async #add(folders: readonly string[], inodes: ReadonlyMap<string, bigint>): Promise<void> {
    const batch: Batch = { watch: undefined, folders: folders.length }
    for (const folder of folders) this.#watched.set(folder, { inode: inodes.get(folder) ?? 0n, batch })
    batch.watch = this.#parts.open(folders, {
      event: (folder, name, type) => this.#event(folder, name, type),
      error: (error) => this.#fail(error),
    })
    await batch.watch.ready
    // A folder replaced in the meantime may have been watched when it was already on its way out.
    await parallel(folders, async (folder) => {
      const stat = await this.#parts.disk.lstat(folder).catch(() => undefined)
      if (stat?.inode !== inodes.get(folder)) this.#drop(folder)
    })
  }

  #drop(folder: string): void {
    const watched = this.#watched.get(folder)
    if (watched === undefined) return
    this.#watched.delete(folder)
    const { batch } = watched
    batch.watch?.drop(folder)
    batch.folders--
    if (batch.folders > 0 || batch.watch === undefined) return
    const closing = batch.watch.close().catch((error: unknown) => this.#fail(error))
    this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
  }

  /** A folder that was moved away or deleted: its watch, and those below, watch something else now, or nothing. */
  #forget(folder: string): void {
    for (const watched of [...this.#watched.keys()]) if (isInside(folder, watched)) this.#drop(watched)
  }

  #event(folder: string, name: string | undefined, type: string): void {
    if (this.#closed) return
    this.#count()
    const renamed = type === 'rename'
    // inotify reports the end of a watched folder under the folder's own name.
    const itself = renamed && name === nameOf(folder)
    const anchors = this.#anchors.get(folder)
    if (anchors !== undefined && (name === undefined || itself || anchors.has(name))) {
      if (renamed && name !== undefined) this.#forget(itself ? folder : realOf(folder, name))
      this.#parts.look('anywhere')
      void this.sync()
      return
    }
    const tree = this.#parts.tree()
    if (tree === undefined || !isInside(tree.root, folder)) return
    if (itself) this.#forget(folder)
    if (itself || name === undefined) {
      this.#look([folder])
      return
    }
    const real = realOf(folder, name)
    if (renamed && this.#watched.has(real)) this.#forget(real)
    const path = this.#relevant(tree, folder, name, renamed)
    if (path !== undefined) this.#parts.look(new Set([path]))
  }

  /** The path to look at, or undefined when what happened cannot concern the source. */
  #relevant(tree: Tree, folder: string, name: string, renamed: boolean): string | undefined {
    const real = realOf(folder, name)
    if (tree.joints.has(real) || tree.aliases.has(real)) return pathOf(tree.root, real)
    if (renamed && leadsThrough(tree, real)) return pathOf(tree.root, real)
    const path = below(this.#shown(tree, folder), name)
    if (name === ignoreFile) return path
    if (isHidden(name) || hasHiddenSegment(path)) return undefined
    // Of what is neither a document nor known, only a newcomer matters: it may be a folder, or a link.
    const known = isDocument(name) || tree.files.has(path) || tree.folders.has(path)
    return known || renamed || this.#parts.references().has(path) ? path : undefined
  }

  #shown(tree: Tree, folder: string): string {
    return tree.movedFolders.get(folder) ?? pathOf(tree.root, folder)
  }

  #look(folders: readonly string[]): void {
    const tree = this.#parts.tree()
    if (tree === undefined || folders.some((folder) => !isInside(tree.root, folder))) this.#parts.look('anywhere')
    else this.#parts.look(new Set(folders.map((folder) => this.#shown(tree, folder))))
  }

  #count(): void {
    this.#events++
    if (this.#events < burstEvents) {
      this.#burst ??= setTimeout(() => this.#quiet(), burstQuietMs)
    } else {
      clearTimeout(this.#burst)
      this.#burst = setTimeout(() => this.#quiet(), burstQuietMs)
    }
  }

  #quiet(): void {
    const many = this.#events >= burstEvents
    this.#events = 0
    this.#burst = undefined
    if (many) this.#parts.look('anywhere')
  }

  #fail(error: unknown): void {
    const code = errorCode(error)
    // What may not be read is refused by the walk, and folders above the root need not be readable.
    if (this.#closed || code === 'EACCES' || code === 'EPERM') return
    if (this.#poll !== undefined) return
    const { look, warn, pollMs } = this.#parts
    this.#poll = setInterval(() => look('anywhere'), pollMs)
    const limits: Readonly<Record<string, string>> = {
      ENOSPC: 'the limit on inotify watches is reached (raise fs.inotify.max_user_watches)',
      EMFILE: 'the limit on inotify instances or open files is reached (raise fs.inotify.max_user_instances)',
    }
    warn(`cannot watch all folders: ${limits[code] ?? explain(error)}; looking every ${pollMs / 1000} s instead`)
  }
}
