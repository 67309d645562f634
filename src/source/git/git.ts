import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { type Commit, type Hint, type Snapshot, type Source, SourceError } from '../source.js'
import type { Bounds } from '../walk.js'
import { parseCommit, parseTag } from './commit.js'
import { GitDisk } from './commit-disk.js'
import type { GitAuth, SecretKeeper } from './credentials.js'
import { type Connection, openConnection } from './environment.js'
import { StoreDamaged } from './failure.js'
import { CommitFiles } from './files.js'
import type { GitObject, GitObjects } from './objects.js'
import { chooseRef, type GitRef, patternsOf, type RemoteRef } from './ref.js'
import { GitStore, type ObjectFormat } from './store.js'
import { type GitUrl, parseGitUrl } from './url.js'

/** What a signature was made over, as Git keeps it. */
export interface SignedObjects {
  /** As people know it: `main@sha1:…`. */
  readonly revision: string
  readonly commit: { readonly id: string; readonly bytes: Uint8Array }
  /** The annotated tag that was asked for. */
  readonly tag?: { readonly id: string; readonly bytes: Uint8Array }
}

export interface GitOptions extends Bounds {
  /** Below it the repository is kept, by URL. */
  readonly stateDir: string
  readonly ref?: GitRef
  /** A folder of the repository, without slashes at its ends; the top of it by default. */
  readonly path?: string
  /** Between two looks, give or take a tenth. */
  readonly intervalMs: number
  /** For each word with the server. */
  readonly timeoutMs: number
  /** What one fetch may bring. */
  readonly maxFetchBytes: number
  readonly auth?: GitAuth
  readonly env: Readonly<Record<string, string | undefined>>
  readonly openSecrets: () => SecretKeeper
  /** The addresses of a host that may be dialled, in the order to try. Rejects, with what to do, when one may not. */
  readonly resolve: (host: string, port: number) => Promise<readonly string[]>
  /**
   * Judges who signed what was fetched, before a file of it is read, and again at each look: keys come and go. Rejects
   * with `SourceError`; resolves with who.
   */
  readonly verify?: (signed: SignedObjects) => Promise<string | undefined>
  readonly onWarning?: (message: string) => void
  readonly random?: () => number
}

interface Head {
  readonly label: string
  /** A commit or an annotated tag. */
  readonly object: string
}

interface Found {
  readonly head: Head
  readonly signed: SignedObjects
  readonly commit: Commit
  /** Of `path`. */
  readonly tree: string
}

/** A start waits for the first look: longer than this, what was applied before is served without it. */
const firstLookMs = 10_000
const maxObjectBytes = 32 * 1024 * 1024
/** Tags of tags. */
const maxPeels = 5

/** The declarations in a repository of Git. Throws `GitUrlError` for a URL that is not used. */
export function openGit(url: string, options: GitOptions): Source {
  return new GitSource(parseGitUrl(url), options)
}

class GitSource implements Source {
  readonly location: string
  readonly #url: GitUrl
  readonly #options: GitOptions
  readonly #store: GitStore
  readonly #ends = new AbortController()
  readonly #files: CommitFiles
  #version: readonly [number, number] | undefined
  #found: Found | undefined
  #snapshot: { readonly snapshot: Snapshot; readonly references: ReadonlySet<string> } | undefined
  /** Whether the server has answered once. */
  #answered = false
  #failures = 0
  #submodules = ''
  #timer: NodeJS.Timeout | undefined
  #watched = false
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(url: GitUrl, options: GitOptions) {
    this.location = url.text
    this.#url = url
    this.#options = options
    this.#files = new CommitFiles(options)
    const name = createHash('sha256').update(url.text).digest('hex').slice(0, 20)
    this.#store = new GitStore({
      folder: join(resolve(options.stateDir), 'git', name),
      env: options.env,
      maxBlobBytes: Math.max(options.maxFileBytes, options.maxReferenceBytes),
      maxBytes: options.maxFetchBytes,
    })
  }

  fetch(references: ReadonlySet<string>, hint: Hint = 'anywhere'): Promise<Snapshot> {
    return this.#enqueue(async () => {
      try {
        return await this.#fetch(references, hint)
      } catch (error) {
        if (!(error instanceof StoreDamaged)) throw error
        this.#options.onWarning?.(
          `the local copy of ${this.location} is fetched anew: it is damaged (${error.message})`,
        )
        return await this.#fetchAnew(references)
      }
    })
  }

  async watch(look: (hint: Hint) => void): Promise<void> {
    this.#assertOpen()
    if (this.#watched) throw new SourceError(`${this.location} is watched already`)
    this.#watched = true
    const { intervalMs, random = Math.random } = this.#options
    const again = (): void => {
      // Many that were started together do not ask together for ever.
      this.#timer = setTimeout(
        () => {
          again()
          look('anywhere')
        },
        intervalMs * (0.9 + 0.2 * random()),
      )
      this.#timer.unref()
    }
    again()
    // Between the last fetch and now, nobody was looking. Not before the caller knows that watching has begun.
    setImmediate(() => {
      if (!this.#closed) look('anywhere')
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#ends.abort()
    await this.#queue
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
    // A hint that names files asks for more of the commit that is known.
    const known = hint === 'anywhere' ? undefined : this.#found?.head
    const head = known ?? (await this.#look())
    if (known === undefined) await this.#verifyAgain(head)
    const former = this.#snapshot
    if (former !== undefined && this.#found?.head === head && same(former.references, references)) {
      return former.snapshot
    }
    const snapshot = await this.#read(head, references)
    this.#snapshot = { snapshot, references }
    return snapshot
  }

  async #verifyAgain(head: Head): Promise<void> {
    const found = this.#found
    if (found?.head !== head) return
    const signer = await this.#verify(found.signed, found.commit)
    if (signer === undefined || signer === found.commit.signer) return
    this.#found = { ...found, commit: { ...found.commit, signer } }
    this.#snapshot = undefined
  }

  async #verify(signed: SignedObjects, commit: Commit): Promise<string | undefined> {
    try {
      return await this.#options.verify?.(signed)
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      const refused = { revision: signed.revision, commit }
      throw new SourceError(error.message, { reason: error.reason, cause: error, refused })
    }
  }

  async #fetchAnew(references: ReadonlySet<string>): Promise<Snapshot> {
    await this.#store.discard()
    this.#found = undefined
    this.#snapshot = undefined
    try {
      return await this.#fetch(references, 'anywhere')
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      throw new SourceError(`${this.location} cannot be read, also after it was fetched anew: ${error.message}`)
    }
  }

  /** Asks the remote where the ref is, and fetches what is not here yet. */
  async #look(): Promise<Head> {
    try {
      const version = this.#version ?? (await this.#store.version())
      this.#version = version
      const head = await this.#head(version)
      this.#failures = 0
      // The same object as long as it is the same commit.
      const found = this.#found?.head
      return found?.label === head.label && found.object === head.object ? found : head
    } catch (error) {
      this.#failures += 1
      if (!(error instanceof SourceError)) throw error
      throw new SourceError(`cannot fetch ${this.location}: ${error.message}`, { reason: error.reason, cause: error })
    }
  }

  async #head(version: readonly [number, number]): Promise<Head> {
    const { ref = {}, timeoutMs } = this.#options
    const here = await this.#store.head()
    const patterns = patternsOf(ref)
    // A commit by its name never moves.
    if (patterns === undefined && here === ref.commit && here !== undefined) return { label: '', object: here }
    const secrets = this.#options.openSecrets()
    const connection = await this.#connect(version, secrets)
    const run = { env: connection.env, signal: this.#ends.signal, redact: (text: string) => secrets.redact(text) }
    try {
      const patience = this.#answered ? timeoutMs : Math.min(timeoutMs, firstLookMs)
      const wanted: RemoteRef =
        patterns === undefined
          ? { label: '', name: ref.commit ?? '', object: ref.commit ?? '' }
          : chooseRef(ref, await this.#store.list(patterns, { ...run, timeoutMs: patience }))
      this.#answered = true
      if (here === wanted.object) return { label: wanted.label, object: here }
      const format: ObjectFormat = wanted.object.length === 64 ? 'sha256' : 'sha1'
      return { label: wanted.label, object: await this.#store.fetch(wanted.name, format, { ...run, timeoutMs }) }
    } finally {
      await connection.close()
    }
  }

  async #connect(gitVersion: readonly [number, number], secrets: SecretKeeper): Promise<Connection> {
    const { auth = {}, env } = this.#options
    const addresses = await this.#addresses(auth.proxy !== undefined)
    return openConnection({ url: this.#url, auth, secrets, env, home: this.#store.home, addresses, gitVersion })
  }

  /** Checked; another one comes first after a failure, for what takes only one. */
  async #addresses(proxied: boolean): Promise<readonly string[]> {
    const { host, port, scheme } = this.#url
    if (scheme === 'file') return []
    try {
      const found = await this.#inTime(this.#options.resolve(host, port))
      const first = this.#failures % Math.max(1, found.length)
      return [...found.slice(first), ...found.slice(0, first)]
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const unknown = code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA'
      // Only the proxy may know the names behind it.
      if (unknown && proxied) return []
      if (unknown) throw new SourceError(`the host ${host} cannot be looked up (${code})`)
      throw error instanceof SourceError ? error : new SourceError(message, { reason: 'HostRefused', cause: error })
    }
  }

  /** Looking up a name has no end of its own. */
  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#options
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const message = `looking up ${this.#url.host} took longer than ${timeoutMs / 1000} s (source.timeout)`
      timer = setTimeout(() => reject(new SourceError(message, { reason: 'TimedOut' })), timeoutMs)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #read(head: Head, references: ReadonlySet<string>): Promise<Snapshot> {
    const objects = this.#store.objects()
    try {
      const found = this.#found?.head === head ? this.#found : await this.#find(head, objects)
      const entries = await this.#store.files(found.tree, this.#ends.signal)
      const disk = new GitDisk(entries, objects)
      this.#warnOfSubmodules(disk.submodules)
      const { files, refusals } = await this.#files.read(disk, objects, references)
      this.#found = found
      return { revision: found.signed.revision, files, refusals, commit: found.commit }
    } finally {
      await objects.close()
      void this.#enqueue(() => this.#store.tidy()).catch(() => {})
    }
  }

  /** The commit and the tree that `head` leads to, once whoever signed it may. */
  async #find(head: Head, objects: GitObjects): Promise<Found> {
    const first = await this.#object(head.object, objects)
    let object = first
    for (let peels = 0; object.type === 'tag' && peels < maxPeels; peels += 1) {
      object = await this.#object(parseTag(object.bytes).object, objects)
    }
    const { label } = head
    if (object.type !== 'commit') throw new SourceError(`${label} is a ${object.type} in Git, not a commit`)
    const algorithm = object.id.length === 64 ? 'sha256' : 'sha1'
    const revision = `${label === '' ? '' : `${label}@`}${algorithm}:${object.id}`
    const signed: SignedObjects = {
      revision,
      commit: { id: object.id, bytes: object.bytes },
      ...(first.type === 'tag' ? { tag: { id: first.id, bytes: first.bytes } } : {}),
    }
    const unsigned = parseCommit(object.id, object.bytes)
    const signer = await this.#verify(signed, unsigned)
    const commit = signer === undefined ? unsigned : { ...unsigned, signer }
    return { head, signed, commit, tree: await this.#tree(object.id, revision, objects) }
  }

  async #tree(commit: string, revision: string, objects: GitObjects): Promise<string> {
    const { path = '' } = this.#options
    const top = await this.#object(`${commit}^{tree}`, objects)
    if (path === '') return top.id
    const found = await objects.find(`${commit}:${path}`, maxObjectBytes).catch((error: unknown) => {
      if (error instanceof SourceError) return undefined
      throw new StoreDamaged(error instanceof Error ? error.message : String(error))
    })
    if (found?.type === 'tree') return found.id
    const what = found === undefined ? 'there is no folder' : 'it is a file, not a folder:'
    throw new SourceError(`${what} ${path} in ${revision} of ${this.location} (source.path)`, {
      reason: 'PathNotFound',
    })
  }

  async #object(name: string, objects: GitObjects): Promise<GitObject> {
    try {
      return await objects.find(name, maxObjectBytes)
    } catch (error) {
      throw new StoreDamaged(error instanceof Error ? error.message : String(error))
    }
  }

  #warnOfSubmodules(submodules: readonly string[]): void {
    const all = submodules.join(', ')
    if (all !== '' && all !== this.#submodules) {
      this.#options.onWarning?.(`submodules are not fetched, and nothing in them is read: ${all.slice(0, 500)}`)
    }
    this.#submodules = all
  }

  #assertOpen(): void {
    if (this.#closed) throw new SourceError(`${this.location} is closed`)
  }
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((path) => b.has(path)))
}
