// The bare repository below the state directory: what was fetched last, and nothing that ever looks half done. Two Git
// folders share its objects. In `remote.git` they are fetched; blobs that were left out for their size are there known to
// be the remote's, and git would fetch them one by one as soon as it meets one. In `local.git` they are simply missing.

import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleGit } from 'simple-git'
import { errorCode, explain } from '../disk.js'
import { SourceError } from '../source.js'
import type { GitEntry } from './commit-disk.js'
import { localEnvironment } from './environment.js'
import { failureOf, StoreDamaged } from './failure.js'
import { GitObjects } from './objects.js'
import { runGit } from './process.js'
import { usableGit } from './version.js'

export type ObjectFormat = 'sha1' | 'sha256'

export interface StoreOptions {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Larger blobs are not fetched, from servers that can leave some out. */
  readonly maxBlobBytes: number
  /** What a fetch may bring in all. */
  readonly maxBytes: number
}

export interface RemoteRun {
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly redact: (text: string) => string
}

/** Part of the layout: a store of another layout is filled anew. */
const layout = 1
const headRef = 'refs/callboard/head'
const maxListing = 64 * 1024 * 1024
/** Each fetch leaves a pack, and every look at an object asks all of them. */
const maxPacks = 40

export class GitStore {
  readonly #options: StoreOptions
  readonly #remote: string
  readonly #local: string
  readonly #env: Readonly<Record<string, string>>
  /** An empty folder. */
  readonly home: string
  #opened: ObjectFormat | undefined

  constructor(options: StoreOptions) {
    const { folder, env } = options
    this.#options = options
    this.#remote = join(folder, 'remote.git')
    this.#local = join(folder, 'local.git')
    this.home = join(folder, 'home')
    this.#env = localEnvironment(env, this.home)
  }

  /** Major and minor. Rejects with `SourceError` when there is none, or one that lacks what is needed here. */
  async version(): Promise<readonly [number, number]> {
    // A process that was killed may have left keys.
    await rm(this.home, { recursive: true, force: true }).catch((error: unknown) => {
      throw this.#unusable(error)
    })
    await this.#prepare(this.home)
    return usableGit(this.#options.env)
  }

  /** The branches and tags of the remote that fit. */
  async list(patterns: readonly string[], run: RemoteRun): Promise<string> {
    await this.#prepare(this.home)
    const args = ['ls-remote', '--quiet', '--symref', 'origin', ...patterns]
    return this.#run(this.home, args, run)
  }

  /** What was fetched last: the name of a commit or an annotated tag. */
  async head(): Promise<string | undefined> {
    try {
      const text = await readFile(join(this.#remote, headRef), 'utf8')
      if (!/^[0-9a-f]{40,64}\n?$/.test(text)) throw new StoreDamaged(`${headRef} is no name of an object`)
      const known = JSON.parse(await readFile(this.#marker, 'utf8')) as { layout?: unknown; maxBlobBytes?: unknown }
      // With another bound, other blobs would be there.
      if (known.layout !== layout || known.maxBlobBytes !== this.#options.maxBlobBytes) return undefined
      return text.trim()
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
      if (error instanceof SyntaxError) throw new StoreDamaged('its description cannot be read')
      throw error instanceof StoreDamaged ? error : this.#unusable(error)
    }
  }

  /** Fetches one ref, or one object by its name, of the remote: the whole of one commit, without its history. */
  async fetch(name: string, format: ObjectFormat, run: RemoteRun): Promise<string> {
    await this.#open(format)
    const args = [
      'fetch',
      '--quiet',
      '--force',
      '--depth=1',
      `--filter=blob:limit=${this.#options.maxBlobBytes + 1}`,
      '--no-tags',
      '--no-write-fetch-head',
      'origin',
      `+${name}:${headRef}`,
    ]
    await this.#run(this.#remote, args, { ...run, objection: await this.#watchSize() })
    const head = await this.head()
    if (head === undefined) throw new StoreDamaged(`git fetched nothing under ${name}`)
    return head
  }

  /** A reader for everything that was fetched. Close it. */
  objects(): GitObjects {
    return new GitObjects(this.#local, { ...this.#env, ...this.#places })
  }

  /** All files of a tree, however deep. Rejects with `SourceError` when these are too many to be read. */
  async files(tree: string, signal: AbortSignal): Promise<GitEntry[]> {
    const ends = new AbortController()
    const end = (): void => ends.abort()
    signal.addEventListener('abort', end)
    let length = 0
    const git = this.#git(this.#local, this.#places, ends.signal)
    git.outputHandler((_, stdout) => {
      stdout.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maxListing) end()
      })
    })
    try {
      return parseListing(await git.raw('ls-tree', '-r', '-l', '-z', '--full-tree', tree))
    } catch (error) {
      if (length > maxListing) {
        throw new SourceError('the commit holds more files than can be listed; name a folder in source.path', {
          reason: 'TooLarge',
        })
      }
      if (signal.aborted) throw new SourceError('reading was given up: Callboard is stopping')
      throw new StoreDamaged(error instanceof Error ? firstLine(error.message) : String(error))
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  /** Makes one pack of many. */
  async tidy(): Promise<void> {
    const packs = await readdir(join(this.#remote, 'objects/pack')).catch(() => [])
    if (packs.filter((name) => name.endsWith('.pack')).length <= maxPacks) return
    await this.#git(this.#remote, {}).raw('repack', '-a', '-d', '-q')
  }

  /** Takes everything away that was fetched: what is needed is fetched again. */
  async discard(): Promise<void> {
    this.#opened = undefined
    try {
      // Not the home: a connection may be open that has something there.
      for (const part of [this.#marker, this.#remote, this.#local]) await rm(part, { recursive: true, force: true })
    } catch (error) {
      throw this.#unusable(error)
    }
  }

  get #marker(): string {
    return join(this.#options.folder, 'store.json')
  }

  get #places(): Readonly<Record<string, string>> {
    return { GIT_DIR: this.#local, GIT_OBJECT_DIRECTORY: join(this.#remote, 'objects') }
  }

  async #open(format: ObjectFormat): Promise<void> {
    const marker = { layout, format, maxBlobBytes: this.#options.maxBlobBytes }
    const found = await readFile(this.#marker, 'utf8').catch(() => '')
    if (found !== JSON.stringify(marker)) {
      await this.discard()
      for (const folder of [this.#remote, this.#local]) {
        await this.#prepare(folder)
        const git = this.#git(folder, {})
        await git.raw('init', '--quiet', '--bare', '--template=', `--object-format=${format}`).catch((error: Error) => {
          throw this.#unusable(error)
        })
      }
      await this.#prepare(this.home)
      await writeFile(this.#marker, JSON.stringify(marker)).catch((error: unknown) => {
        throw this.#unusable(error)
      })
    }
    if (this.#opened === format) return
    // Of a process that was killed: nobody else is at work here.
    for (const lock of ['shallow.lock', 'config.lock', `${headRef}.lock`]) {
      await rm(join(this.#remote, lock), { force: true })
    }
    this.#opened = format
  }

  async #run(cwd: string, args: readonly string[], run: RemoteRun & { objection?: () => string | undefined }) {
    const result = await runGit({ ...run, args, cwd })
    if (result.code !== 0) throw failureOf(result, run.redact, run.timeoutMs)
    return result.stdout
  }

  /** Packs grow in place until they are whole; the filter of blobs is a wish that servers may not know. */
  async #watchSize(): Promise<() => string | undefined> {
    const { maxBytes } = this.#options
    const folder = join(this.#remote, 'objects/pack')
    const before = await sizeOf(folder)
    let now = before
    let measuring = false
    return () => {
      if (!measuring) {
        measuring = true
        void sizeOf(folder).then((size) => {
          now = size
          measuring = false
        })
      }
      if (now - before <= maxBytes) return undefined
      return `one commit brought more than ${maxBytes} bytes (limits.gitBytes), and was given up`
    }
  }

  #git(folder: string, more: Readonly<Record<string, string>>, abort?: AbortSignal) {
    const env = { ...this.#env, ...more }
    const names = Object.keys(env)
    return simpleGit({
      baseDir: folder,
      allowEnvironment: names,
      // All of these are ours: settings of nobody, askers of nothing, no template.
      unsafe: { allowUnsafeConfigPaths: true, allowUnsafeAskPass: true, allowUnsafeTemplateDir: true },
      ...(abort === undefined ? {} : { abort }),
    }).env(env)
  }

  async #prepare(folder: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw this.#unusable(error)
    }
  }

  #unusable(error: unknown): SourceError {
    const full = errorCode(error) === 'ENOSPC' || (error instanceof Error && /No space left/i.test(error.message))
    const why = full ? 'the disk is full' : explain(error)
    return new SourceError(`the folder ${this.#options.folder} cannot be used: ${why}`, {
      reason: full ? 'DiskFull' : 'FetchFailed',
      cause: error,
    })
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** `<mode> <type> <object> <size>\t<path>`; the size of a blob that is missing is BAD, that of a submodule `-`. */
function parseListing(listed: string): GitEntry[] {
  return listed.split('\0').flatMap((line) => {
    const [, mode = '', object = '', size = '', path = ''] =
      /^(\d+) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t([\s\S]+)$/.exec(line) ?? []
    if (path === '') return []
    return [{ mode, object, path, size: size === 'BAD' ? -1n : size === '-' ? 0n : BigInt(size) }]
  })
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
