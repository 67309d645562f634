import type { Clock } from './clock.js'
import { type Disk, type Stat, sameStat } from './disk.js'
import { trace } from './links.js'
import { inFolder } from './paths.js'
import { readFile } from './read.js'

const maxWaitMs = 10_000
const lookEveryMs = 5

/** Tells when git is at work in the work tree that holds the root: then files are changing, and belong together. */
export class GitLock {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #warn: (message: string) => void
  #index: Stat | undefined
  #abandoned: Stat | undefined
  #found: { readonly root: string; readonly folder: string | undefined } | undefined

  constructor(disk: Disk, clock: Clock, warn: (message: string) => void) {
    this.#disk = disk
    this.#clock = clock
    this.#warn = warn
  }

  /**
   * Waits while git holds its lock. Whether git did something since the last call, so that a hint says too little.
   * `afresh`: looks for the repository again; otherwise the one found last is taken, which spares a look at every folder
   * above the root for each edit.
   */
  async settled(root: string, afresh: boolean): Promise<boolean> {
    if (afresh || this.#found?.root !== root) this.#found = { root, folder: await this.#gitFolder(root) }
    const { folder } = this.#found
    if (folder === undefined) {
      this.#index = undefined
      return false
    }
    const waited = await this.#unlocked(inFolder(folder, 'index.lock'))
    const index = await this.#lstat(inFolder(folder, 'index'))
    const moved = index === undefined || this.#index === undefined || !sameStat(index, this.#index)
    this.#index = index
    return waited || (moved && index !== undefined)
  }

  async #unlocked(lock: string): Promise<boolean> {
    let stat = await this.#lstat(lock)
    if (stat === undefined || this.#isAbandoned(stat)) return false
    const until = this.#clock.now() + maxWaitMs
    while (stat !== undefined) {
      if (this.#clock.now() >= until) {
        this.#abandoned = stat
        this.#warn(`${lock} has been there for ${maxWaitMs / 1000} s; going on as if git had ended without removing it`)
        return true
      }
      await this.#clock.sleep(lookEveryMs)
      stat = await this.#lstat(lock)
    }
    return true
  }

  #isAbandoned(stat: Stat): boolean {
    return this.#abandoned !== undefined && sameStat(stat, this.#abandoned)
  }

  /** The folder with the index: `.git`, or where a `.git` file of a linked work tree or submodule points. */
  async #gitFolder(root: string): Promise<string | undefined> {
    const folders = [root]
    for (let at = root; at !== '/' && at !== ''; ) {
      at = at.slice(0, at.lastIndexOf('/')) || '/'
      folders.push(at)
    }
    const stats = await Promise.all(folders.map((folder) => this.#lstat(inFolder(folder, '.git'))))
    const nearest = stats.findIndex((stat) => stat !== undefined)
    const holder = folders[nearest]
    if (holder === undefined) return undefined
    const git = inFolder(holder, '.git')
    const stat = stats[nearest]
    if (stat?.kind !== 'file') return git
    const reading = await readFile(this.#disk, git, stat, 4096)
    if (reading.outcome !== 'read') return undefined
    const [, target] = /^gitdir: (.+)/.exec(Buffer.from(reading.bytes).toString('utf8')) ?? []
    if (target === undefined) return undefined
    const traced = await trace(this.#disk, holder, target)
    return traced.stat?.kind === 'folder' ? traced.real : undefined
  }

  async #lstat(path: string): Promise<Stat | undefined> {
    try {
      return await this.#disk.lstat(path)
    } catch {
      // A lock that may not be looked at cannot be waited for.
      return undefined
    }
  }
}
