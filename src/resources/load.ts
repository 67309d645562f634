// Files in, resources and problems out. Keeps what it has worked out, so that what has not changed costs nothing.

import type { Snapshot, SourceFile } from '../source/source.js'
import { assemble, type Counts, overlapProblems } from './assemble.js'
import { Claims } from './claims.js'
import { defaultLimits, type Limits } from './limits.js'
import { type Entry, idOf, type LinkSettings, type LoadedFile, linkDocument } from './link.js'
import { Locator } from './locator.js'
import { isDocumentPath, parseFile } from './parse.js'
import { fromCache, type ParseCache, ParseKeys } from './parse-cache.js'
import { type ParseMany, parseInWorkers } from './parse-pool.js'
import { decodeParsedFile, encodeParsedFile, type ParsedFile } from './parsed-file.js'
import type { Problem } from './problem.js'
import type { Resource, ResourceId, ResourceSet } from './resource.js'

/** From this many files on, parsing is left to worker threads. */
const manyFiles = 200
/** From this many files on, the cache is asked: for fewer, asking takes as long as parsing. */
const someFiles = 8
const sliceMs = 15

export interface LoaderOptions {
  /** Namespace of mocks that name none. */
  readonly defaultNamespace: string
  /** Warnings are errors, and so are documents that are not ours. */
  readonly strict?: boolean
  readonly limits?: Partial<Limits>
  /** Values that `$.env.NAME` may show. */
  readonly env?: Readonly<Record<string, string>>
  readonly cache?: ParseCache
  readonly parseMany?: ParseMany
  /** Hears how far a long load has come. */
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly step: 'parse' | 'link'
  readonly done: number
  readonly total: number
}

export interface Loaded {
  /** What is declared and has no error. Not to be applied while `problems` holds errors. */
  readonly resources: ResourceSet
  /** By file and line. */
  readonly problems: readonly Problem[]
  /** Every payload file that the documents name. */
  readonly references: ReadonlySet<string>
  /**
   * False when documents name files for the first time that the snapshot does not hold: fetch again with `references` and
   * load that. What is still missing then is a problem.
   */
  readonly complete: boolean
  readonly counts: Counts
}

/** Loads snapshots, one after the other. Calls that overlap wait for one another. */
export class Loader {
  readonly #limits: Limits
  readonly #strict: boolean
  readonly #link: LinkSettings
  readonly #cache: ParseCache | undefined
  readonly #keys: ParseKeys
  readonly #parseMany: ParseMany
  readonly #onProgress: (progress: Progress) => void
  readonly #files = new Map<string, LoadedFile>()
  /** Files with something to say: problems, documents that are not ours. */
  readonly #noisy = new Set<string>()
  readonly #withFindings = new Set<Entry>()
  readonly #placed = new WeakMap<Entry, readonly Problem[]>()
  readonly #claims = new Claims()
  /** Files named as payloads, and who names them. */
  readonly #readers = new Map<string, Set<Entry>>()
  /** Files of documents that are left out because they are payloads. */
  readonly #payloads = new Set<string>()
  readonly #counts = { files: 0, documents: 0, managed: 0, unmanaged: 0 }
  #resources: ReadonlyMap<ResourceId, Resource> = new Map()
  #references: ReadonlySet<string> = new Set()
  #overlaps: { resources: ResourceSet; problems: readonly Problem[] } | undefined
  #cachedFiles = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LoaderOptions) {
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#strict = options.strict ?? false
    this.#link = { defaultNamespace: options.defaultNamespace, env: options.env ?? {} }
    this.#cache = options.cache
    this.#keys = new ParseKeys(this.#limits)
    this.#parseMany = options.parseMany ?? parseInWorkers
    this.#onProgress = options.onProgress ?? (() => {})
  }

  /** `applied`: the resources in effect, against which documents are missed that are not ours any more. */
  load(snapshot: Snapshot, applied?: ResourceSet): Promise<Loaded> {
    const loading = this.#last.then(() => this.#load(snapshot, applied))
    this.#last = loading.catch(() => {})
    return loading
  }

  async #load(snapshot: Snapshot, applied: ResourceSet | undefined): Promise<Loaded> {
    const { changed, removed } = this.#compare(snapshot)
    const parsed = await this.#parse(changed)
    const touched = new Set<ResourceId>()
    const toLink: { file: LoadedFile; earlier: Map<ResourceId, Entry> }[] = []
    for (const path of removed) this.#drop(path, touched)
    for (const source of changed) {
      const earlier = this.#drop(source.path, touched)
      const value = parsed.get(source.path)
      if (value !== undefined) toLink.push({ file: this.#add(source, value), earlier })
    }
    await this.#linkAll(toLink, snapshot, touched)
    this.#linkReaders(snapshot, touched)
    this.#separatePayloads(touched)
    this.#settle(touched)
    await this.#placeFindings()
    return this.#result(snapshot, applied)
  }

  /**
   * Warnings about mocks that stand in one another's way, in what was loaded last. Worked out when asked for: it takes
   * longer than everything else, and never delays going live.
   */
  warnings(): readonly Problem[] {
    if (this.#overlaps?.resources !== this.#resources) {
      const problems = overlapProblems(this.#resources, this.#claims, this.#limits, this.#strict)
      this.#overlaps = { resources: this.#resources, problems }
    }
    return this.#overlaps.problems
  }

  #compare({ files }: Snapshot): { changed: SourceFile[]; removed: string[] } {
    const changed: SourceFile[] = []
    let kept = 0
    for (const source of files.values()) {
      const known = this.#files.get(source.path)
      if (known !== undefined) kept += 1
      if (known?.source === source) continue
      if (known !== undefined && known.source.hash === source.hash) continue
      if (isDocumentPath(source.path)) changed.push(source)
    }
    const removed = kept === this.#files.size ? [] : [...this.#files.keys()].filter((path) => !files.has(path))
    return { changed, removed }
  }

  async #parse(files: readonly SourceFile[]): Promise<Map<string, ParsedFile>> {
    const cache = files.length >= someFiles ? this.#cache : undefined
    const parsed = cache === undefined ? new Map<string, ParsedFile>() : await fromCache(cache, this.#keys, files)
    const rest = files.filter(({ path }) => !parsed.has(path))
    const fresh = new Map<string, string>()
    if (rest.length < manyFiles) {
      let slice = performance.now()
      for (const file of rest) {
        const value = parseFile(file.path, file.bytes, this.#limits)
        parsed.set(file.path, value)
        if (this.#cache !== undefined) fresh.set(this.#keys.of(file), encodeParsedFile(value))
        slice = await pause(slice)
      }
    } else {
      let done = files.length - rest.length
      const texts = await this.#parseMany(rest, this.#limits, (count) => {
        done += count
        this.#onProgress({ step: 'parse', done, total: files.length })
      })
      let slice = performance.now()
      for (const [index, file] of rest.entries()) {
        const text = texts[index] ?? ''
        const value = decodeParsedFile(text) ?? parseFile(file.path, file.bytes, this.#limits)
        parsed.set(file.path, value)
        if (this.#cache !== undefined) fresh.set(this.#keys.of(file), text)
        slice = await pause(slice)
      }
    }
    await this.#keep(fresh)
    return parsed
  }

  async #keep(fresh: ReadonlyMap<string, string>): Promise<void> {
    if (this.#cache === undefined || fresh.size === 0) return
    try {
      await this.#cache.putAll([...fresh].map(([key, text]) => [key, Buffer.from(text)] as const))
      this.#cachedFiles += fresh.size
      // What is cached of files that are gone is dropped once it may be half of all.
      if (this.#cachedFiles <= this.#files.size * 2 + 1_000) return
      this.#cachedFiles = 0
      const keys = [...this.#files.values()].map(({ source }) => this.#keys.of(source))
      await this.#cache.retain?.(new Set([...keys, ...fresh.keys()]))
    } catch {
      // Without the cache the next start takes longer, and that is all.
    }
  }

  #add(source: SourceFile, parsed: ParsedFile): LoadedFile {
    const file: LoadedFile = { source, parsed, entries: [] }
    this.#files.set(source.path, file)
    if (parsed.problems.length + parsed.broken.length + parsed.unmanaged.length > 0) this.#noisy.add(source.path)
    this.#count(parsed, 1)
    return file
  }

  /** Forgets a file; gives back what it held, by id. */
  #drop(path: string, touched: Set<ResourceId>): Map<ResourceId, Entry> {
    const file = this.#files.get(path)
    if (file === undefined) return new Map()
    for (const entry of file.entries) this.#forget(entry, touched)
    if (!this.#payloads.delete(path)) this.#count(file.parsed, -1)
    this.#noisy.delete(path)
    this.#files.delete(path)
    return new Map(file.entries.map((entry) => [entry.id, entry]))
  }

  #count({ count, unmanaged, broken }: ParsedFile, sign: 1 | -1): void {
    this.#counts.files += sign
    this.#counts.documents += sign * count
    this.#counts.unmanaged += sign * unmanaged.length
    this.#counts.managed += sign * Math.max(0, count - unmanaged.length - broken.length)
  }

  async #linkAll(
    files: readonly { file: LoadedFile; earlier: Map<ResourceId, Entry> }[],
    snapshot: Snapshot,
    touched: Set<ResourceId>,
  ): Promise<void> {
    let slice = performance.now()
    let done = 0
    for (const { file, earlier } of files) {
      for (const document of file.parsed.documents) {
        const known = earlier.get(idOf(document, this.#link.defaultNamespace))
        const entry = linkDocument(file.source, document, snapshot, this.#link, known)
        this.#remember(file, entry, touched)
      }
      done += 1
      slice = await pause(slice, () => this.#onProgress({ step: 'link', done, total: files.length }))
    }
  }

  /** Links again what names a file that has changed, come or gone. */
  #linkReaders(snapshot: Snapshot, touched: Set<ResourceId>): void {
    const stale = new Set<Entry>()
    for (const [path, readers] of this.#readers) {
      const hash = snapshot.files.get(path)?.hash
      for (const entry of readers) if (entry.references.get(path)?.hash !== hash) stale.add(entry)
    }
    for (const entry of stale) {
      const file = this.#files.get(entry.file.path)
      if (file === undefined) continue
      this.#forget(entry, touched)
      const at = file.entries.indexOf(entry)
      const next = linkDocument(entry.file, entry.document, snapshot, this.#link, entry)
      this.#remember(file, next, touched)
      file.entries.splice(at, 1)
    }
  }

  #remember(file: LoadedFile, entry: Entry, touched: Set<ResourceId>): void {
    file.entries.push(entry)
    if (entry.findings.length > 0) this.#withFindings.add(entry)
    for (const path of entry.references.keys()) {
      const readers = this.#readers.get(path)
      if (readers === undefined) this.#readers.set(path, new Set([entry]))
      else readers.add(entry)
    }
    if (!this.#payloads.has(file.source.path)) this.#claims.add(entry)
    touched.add(entry.id)
  }

  #forget(entry: Entry, touched: Set<ResourceId>): void {
    this.#withFindings.delete(entry)
    for (const path of entry.references.keys()) {
      const readers = this.#readers.get(path)
      readers?.delete(entry)
      if (readers?.size === 0) this.#readers.delete(path)
    }
    this.#claims.remove(entry)
    touched.add(entry.id)
  }

  /** A file that another document names as its payload holds no documents. */
  #separatePayloads(touched: Set<ResourceId>): void {
    for (const path of this.#payloads) {
      if (!this.#isPayload(path)) this.#turn(path, false, touched)
    }
    for (const path of this.#readers.keys()) {
      if (this.#files.has(path) && !this.#payloads.has(path) && this.#isPayload(path)) this.#turn(path, true, touched)
    }
  }

  #isPayload(path: string): boolean {
    for (const entry of this.#readers.get(path) ?? []) if (entry.file.path !== path) return true
    return false
  }

  #turn(path: string, payload: boolean, touched: Set<ResourceId>): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    if (payload) this.#payloads.add(path)
    else this.#payloads.delete(path)
    this.#count(file.parsed, payload ? -1 : 1)
    for (const entry of file.entries) {
      if (payload) this.#claims.remove(entry)
      else this.#claims.add(entry)
      touched.add(entry.id)
    }
  }

  /** Brings the set of resources in line with the claims that have changed. */
  #settle(touched: ReadonlySet<ResourceId>): void {
    if (touched.size === 0) return
    const resources = new Map(this.#resources)
    for (const id of touched) {
      const resource = this.#claims.of(id)[0]?.resource
      if (resource === undefined) resources.delete(id)
      else resources.set(id, resource)
    }
    this.#resources = resources
  }

  /** Gives what linking found its place: a file with findings is read once more, but only once. */
  async #placeFindings(): Promise<void> {
    const locator = new Locator(this.#limits)
    let slice = performance.now()
    for (const entry of this.#withFindings) {
      if (this.#placed.has(entry)) continue
      const { file, document, findings } = entry
      this.#placed.set(
        entry,
        findings.map((finding) => locator.problem(file, document.index, finding)),
      )
      slice = await pause(slice)
    }
  }

  #result(snapshot: Snapshot, applied: ResourceSet | undefined): Loaded {
    const asked = this.#references
    const known = this.#readers.size === asked.size && [...this.#readers.keys()].every((path) => asked.has(path))
    if (!known) this.#references = new Set(this.#readers.keys())
    const unasked = new Set<string>()
    if (!known) {
      for (const path of this.#readers.keys()) if (!asked.has(path) && !snapshot.files.has(path)) unasked.add(path)
    }
    const problems = assemble({
      files: this.#files,
      noisy: this.#noisy,
      payloads: this.#payloads,
      readers: this.#readers,
      withFindings: this.#withFindings,
      placed: this.#placed,
      claims: this.#claims,
      resources: this.#resources,
      refusals: snapshot.refusals,
      unasked,
      applied,
      strict: this.#strict,
      limits: this.#limits,
      defaultNamespace: this.#link.defaultNamespace,
    })
    return {
      resources: this.#resources,
      problems,
      references: this.#references,
      complete: unasked.size === 0,
      counts: { ...this.#counts },
    }
  }
}

/** Lets other work in after a slice of time; gives back when the current slice began. */
async function pause(slice: number, onPause?: () => void): Promise<number> {
  if (performance.now() - slice < sliceMs) return slice
  onPause?.()
  await new Promise((resolve) => setImmediate(resolve))
  return performance.now()
}
