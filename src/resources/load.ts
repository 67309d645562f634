// Files in, resources and problems out. Keeps what it has worked out, so that what has not changed costs nothing.

import type { Snapshot, SourceFile } from '../source/source.js'
import { assemble, type Counts, relationProblems } from './assemble.js'
import { type CatalogueName, catalogues } from './catalogues/index.js'
import { Claims } from './claims.js'
import { defaultLimits, type Limits } from './limits.js'
import { type Entry, idOf, type LinkSettings, type LoadedFile, linkDocument } from './link.js'
import { Locator } from './locator.js'
import { OverlapFinder } from './overlap.js'
import { isDocumentPath, parseEncrypted, parseFile } from './parse.js'
import { type ParseCache, ParseKeys, takeCached, toCached } from './parse-cache.js'
import { createParseMany, type ParseMany, parseHere } from './parse-pool.js'
import { decodeParsedFile, type ParsedFile, recoded } from './parsed-file.js'
import type { Finding, Problem } from './problem.js'
import { Relations } from './relations.js'
import type { Resource, ResourceId, ResourceSet } from './resource.js'
import { Slices } from './slices.js'
import { compareSnapshots } from './snapshot-changes.js'
import { AgeKeys } from './sops/age-keys.js'
import { EncryptedFiles, unsealingOf } from './sops/encrypted-files.js'
import { openPayload } from './sops/payload.js'

/** From this many files on, parsing is left to other processes. */
const manyFiles = 200
/** From this many files on, the cache is asked and progress told: for fewer, asking takes as long as parsing. */
const someFiles = 8

export interface LoaderOptions {
  /** Namespace of mocks that name none. */
  readonly defaultNamespace: string
  /** Warnings are errors, and so are documents that are not ours. */
  readonly strict?: boolean
  readonly limits?: Partial<Limits>
  /** Values that `$.env.NAME` may show. */
  readonly env?: Readonly<Record<string, string>>
  /** Built-in event types that are there. Default: all. */
  readonly catalogues?: readonly CatalogueName[]
  readonly cache?: ParseCache
  /** Keys for files that SOPS has encrypted. Without any, such a file is a problem. */
  readonly ageKeys?: AgeKeys
  /** A file that cannot be decrypted is a warning, and its values stand for anything: for looking without secrets. */
  readonly guessEncrypted?: boolean
  readonly parseMany?: ParseMany
  /** Hears how far a long load has come. */
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  /** `link`: what was parsed in an earlier run only has to be linked. */
  readonly step: 'parse' | 'link'
  /** Files. */
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
  readonly #encrypted: EncryptedFiles
  readonly #guess: boolean
  readonly #cache: ParseCache | undefined
  readonly #keys: ParseKeys
  readonly #parseMany: ParseMany
  readonly #onProgress: (progress: Progress) => void
  readonly #files = new Map<string, LoadedFile>()
  /** Files with something to say: problems, documents that are not ours. */
  readonly #noisy = new Set<string>()
  readonly #withFindings = new Set<Entry>()
  /** Documents with errors of their own, by what they claim to be. */
  readonly #faulty = new Map<ResourceId, number>()
  #faultyEventTypes = 0
  readonly #relations: Relations
  readonly #placedRelations = new WeakMap<readonly Finding[], readonly Problem[]>()
  readonly #placed = new WeakMap<Entry, readonly Problem[]>()
  readonly #claims = new Claims()
  /** Of what two resources of a kind may not have in common. */
  readonly #values = new Claims(({ document, unique }) => `${document.kind} ${unique?.value ?? ''}`)
  /** Files named as payloads, and who names them. */
  readonly #readers = new Map<string, Set<Entry>>()
  /** Files of documents that are left out because they are payloads. */
  readonly #payloads = new Set<string>()
  readonly #counts = { files: 0, documents: 0, managed: 0, unmanaged: 0 }
  #resources: ReadonlyMap<ResourceId, Resource> = new Map()
  #references: ReadonlySet<string> = new Set()
  /** Kept from revision to revision, so that it looks only at what changed. */
  readonly #finder = new OverlapFinder()
  #warnings: { resources: ResourceSet; problems: readonly Problem[] } | undefined
  #snapshot: Snapshot | undefined
  #referencesChanged = false
  #keeping: Promise<void> = Promise.resolve()
  #cachedFiles = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LoaderOptions) {
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#strict = options.strict ?? false
    this.#encrypted = new EncryptedFiles(options.ageKeys ?? new AgeKeys({}, { env: {} }), this.#limits)
    this.#guess = options.guessEncrypted ?? false
    this.#link = {
      defaultNamespace: options.defaultNamespace,
      env: options.env ?? {},
      open: (file) => openPayload(file, this.#encrypted.of(file), this.#limits, this.#guess),
    }
    this.#cache = options.cache
    this.#keys = new ParseKeys(this.#limits)
    this.#parseMany = options.parseMany ?? createParseMany()
    this.#onProgress = options.onProgress ?? (() => {})
    this.#relations = new Relations({
      catalogues: options.catalogues ?? (Object.keys(catalogues) as CatalogueName[]),
      isClaimed: (id) => this.#faulty.has(id),
      hasFaultyEventTypes: () => this.#faultyEventTypes > 0,
    })
  }

  /** `applied`: the resources in effect, against which documents are missed that are not ours any more. */
  load(snapshot: Snapshot, applied?: ResourceSet): Promise<Loaded> {
    const loading = this.#last.then(() => this.#load(snapshot, applied))
    this.#last = loading.catch(() => {})
    return loading
  }

  async #load(snapshot: Snapshot, applied: ResourceSet | undefined): Promise<Loaded> {
    const { changed: others, removed } = compareSnapshots(this.#snapshot, snapshot)
    const changed = [...others, ...(await this.#encrypted.open(others, snapshot.files))]
    const files = await this.#prepare(
      changed.filter(({ path }) => isDocumentPath(path)),
      snapshot,
    )
    const touched = new Set<ResourceId>()
    for (const path of removed) this.#drop(path, touched)
    for (const file of files) {
      this.#drop(file.source.path, touched)
      this.#add(file, touched)
    }
    this.#linkReaders([...changed.map(({ path }) => path), ...removed], snapshot, touched)
    this.#separatePayloads(touched)
    this.#settle(touched)
    this.#relations.update(touched, this.#resources)
    this.#snapshot = snapshot
    await this.#placeFindings()
    return this.#result(snapshot, applied)
  }

  /** So many files are being read that nothing is known of: what it takes to parse them is begun meanwhile. */
  expect(files: number): void {
    if (files >= manyFiles) this.#parseMany.prepare?.()
  }

  /** Resolves once what was parsed is in the cache. */
  async settled(): Promise<void> {
    await this.#parseMany.release?.()
    await this.#keeping
  }

  /**
   * Warnings about mocks that stand in one another's way, and selectors that select nothing, in what was loaded last.
   * Worked out when asked for: it takes longer than everything else, and never delays going live.
   */
  warnings(): readonly Problem[] {
    if (this.#warnings?.resources !== this.#resources) {
      const problems = relationProblems(this.#finder, this.#resources, this.#claims, this.#limits, this.#strict)
      this.#warnings = { resources: this.#resources, problems }
    }
    return this.#warnings.problems
  }

  /** Parses and links files, beside what is loaded: an exception changes nothing. */
  async #prepare(files: readonly SourceFile[], snapshot: Snapshot): Promise<LoadedFile[]> {
    const prepared: LoadedFile[] = []
    const take = (step: Progress['step'], source: SourceFile, parsed: ParsedFile, settled: boolean): LoadedFile => {
      const earlier = this.#files.get(source.path)?.entries ?? []
      const entries = parsed.documents.map((document) => {
        const id = idOf(document, this.#link.defaultNamespace)
        const known = earlier.find((entry) => entry.id === id)
        return linkDocument(source, document, snapshot, this.#link, { earlier: known, settled })
      })
      const file = { source, parsed, entries }
      prepared.push(file)
      if (files.length >= someFiles) this.#onProgress({ step, done: prepared.length, total: files.length })
      return file
    }
    const plain: SourceFile[] = []
    for (const file of files) {
      const encrypted = this.#encrypted.of(file)
      if (encrypted === undefined) plain.push(file)
      // On this thread and past the cache: what was encrypted stays in memory.
      else take('parse', file, recoded(parseEncrypted(file, this.#limits, encrypted, this.#guess)), false)
    }
    const rest =
      this.#cache !== undefined && plain.length >= someFiles
        ? await takeCached(this.#cache, this.#keys, plain, (...cached) => take('link', ...cached))
        : plain
    const fresh: [key: string, cached: Uint8Array][] = []
    const parseMany = rest.length < manyFiles ? parseHere : this.#parseMany
    await parseMany(rest, this.#limits, (source, encoded) => {
      // Also what was parsed on this thread is decoded: strings cut out of a file hold all of it in memory.
      const parsed = decodeParsedFile(encoded) ?? parseFile(source.path, source.bytes, this.#limits)
      const { entries } = take('parse', source, parsed, false)
      if (this.#cache === undefined) return
      const settled = entries.every((entry) => entry.settled)
      fresh.push([this.#keys.of(source), toCached(encoded, settled)])
    })
    // Not waited for: going live does not depend on it. Handed over whole: the parsers' callback outlives them.
    if (this.#cache !== undefined && fresh.length > 0) this.#keeping = this.#keep(this.#cache, fresh.splice(0))
    return prepared
  }

  async #keep(cache: ParseCache, fresh: readonly [key: string, cached: Uint8Array][]): Promise<void> {
    await this.#keeping
    try {
      await cache.putAll(fresh)
      this.#cachedFiles += fresh.length
      // What is cached of files that are gone is dropped once it may be half of all.
      if (this.#cachedFiles <= this.#files.size * 2 + 1_000) return
      this.#cachedFiles = this.#files.size
      await cache.retain?.(new Set([...this.#files.values()].map(({ source }) => this.#keys.of(source))))
    } catch {
      // Without the cache the next start takes longer, and that is all.
    }
  }

  #add(file: LoadedFile, touched: Set<ResourceId>): void {
    const { source, parsed } = file
    this.#files.set(source.path, file)
    if (parsed.problems.length + parsed.broken.length + parsed.unmanaged.length > 0) this.#noisy.add(source.path)
    this.#count(parsed, 1)
    for (const entry of file.entries) this.#remember(entry, touched)
    for (const document of parsed.faulty) this.#fault(idOf(document, this.#link.defaultNamespace), 1, touched)
  }

  #drop(path: string, touched: Set<ResourceId>): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    for (const entry of file.entries) this.#forget(entry, touched)
    for (const document of file.parsed.faulty) this.#fault(idOf(document, this.#link.defaultNamespace), -1, touched)
    if (!this.#payloads.delete(path)) this.#count(file.parsed, -1)
    this.#noisy.delete(path)
    this.#files.delete(path)
  }

  #fault(id: ResourceId, sign: 1 | -1, touched: Set<ResourceId>): void {
    const documents = (this.#faulty.get(id) ?? 0) + sign
    if (documents === 0) this.#faulty.delete(id)
    else this.#faulty.set(id, documents)
    if (id.startsWith('EventType/')) this.#faultyEventTypes += sign
    touched.add(id)
  }

  #count({ count, unmanaged, broken }: ParsedFile, sign: 1 | -1): void {
    this.#counts.files += sign
    this.#counts.documents += sign * count
    this.#counts.unmanaged += sign * unmanaged.length
    this.#counts.managed += sign * Math.max(0, count - unmanaged.length - broken.length)
  }

  /** Links again what names a file that has changed, come or gone. */
  #linkReaders(paths: readonly string[], snapshot: Snapshot, touched: Set<ResourceId>): void {
    const stale = new Set<Entry>()
    for (const path of paths) {
      const hash = snapshot.files.get(path)?.hash
      for (const entry of this.#readers.get(path) ?? []) {
        // What was refused before may be opened by another key now.
        const wasRefused = entry.findings.some(({ rule }) => rule === 'refused-file')
        if (wasRefused || entry.references.get(path)?.hash !== hash) stale.add(entry)
      }
    }
    for (const entry of stale) {
      const file = this.#files.get(entry.file.path)
      if (file === undefined) continue
      const next = linkDocument(entry.file, entry.document, snapshot, this.#link, { earlier: entry })
      this.#forget(entry, touched)
      file.entries[file.entries.indexOf(entry)] = next
      this.#remember(next, touched)
    }
  }

  #remember(entry: Entry, touched: Set<ResourceId>): void {
    if (entry.findings.length > 0) this.#withFindings.add(entry)
    if (entry.resource === undefined) this.#fault(entry.id, 1, touched)
    for (const path of entry.references.keys()) {
      const readers = this.#readers.get(path)
      if (readers === undefined) this.#readers.set(path, new Set([entry]))
      else readers.add(entry)
    }
    this.#referencesChanged ||= entry.references.size > 0
    if (!this.#payloads.has(entry.file.path)) this.#claim(entry)
    touched.add(entry.id)
  }

  #forget(entry: Entry, touched: Set<ResourceId>): void {
    this.#withFindings.delete(entry)
    if (entry.resource === undefined) this.#fault(entry.id, -1, touched)
    for (const path of entry.references.keys()) {
      const readers = this.#readers.get(path)
      readers?.delete(entry)
      if (readers?.size === 0) this.#readers.delete(path)
    }
    this.#referencesChanged ||= entry.references.size > 0
    this.#unclaim(entry)
    touched.add(entry.id)
  }

  #claim(entry: Entry): void {
    this.#claims.add(entry)
    if (entry.unique !== undefined) this.#values.add(entry)
  }

  #unclaim(entry: Entry): void {
    this.#claims.remove(entry)
    if (entry.unique !== undefined) this.#values.remove(entry)
  }

  /** A file that another document names as its payload holds no documents. */
  #separatePayloads(touched: Set<ResourceId>): void {
    if (!this.#referencesChanged && touched.size === 0) return
    for (const path of this.#payloads) {
      if (!this.#isPayload(path)) this.#turn(path, false, touched)
    }
    for (const path of this.#readers.keys()) {
      if (isDocumentPath(path) && this.#files.has(path) && !this.#payloads.has(path) && this.#isPayload(path)) {
        this.#turn(path, true, touched)
      }
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
      if (payload) this.#unclaim(entry)
      else this.#claim(entry)
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
    const locator = new Locator(this.#limits, (file) => unsealingOf(this.#encrypted.of(file)))
    const slices = new Slices()
    for (const entry of this.#withFindings) {
      if (this.#placed.has(entry)) continue
      const { file, document, findings } = entry
      this.#placed.set(
        entry,
        findings.map((finding) => locator.problem(file, document.index, finding)),
      )
      if (slices.over) await slices.next()
    }
    for (const [id, findings] of this.#relations.findings) {
      if (this.#placedRelations.has(findings)) continue
      const [entry] = this.#claims.of(id)
      if (entry === undefined) continue
      const { file, document } = entry
      this.#placedRelations.set(
        findings,
        findings.map((finding) => locator.problem(file, document.index, finding)),
      )
      if (slices.over) await slices.next()
    }
  }

  #result(snapshot: Snapshot, applied: ResourceSet | undefined): Loaded {
    const unasked = new Set<string>()
    if (this.#referencesChanged) {
      const asked = this.#references
      for (const path of this.#readers.keys()) if (!asked.has(path) && !snapshot.files.has(path)) unasked.add(path)
      this.#references = new Set(this.#readers.keys())
      this.#referencesChanged = false
    }
    const problems = assemble({
      files: this.#files,
      noisy: this.#noisy,
      payloads: this.#payloads,
      readers: this.#readers,
      withFindings: this.#withFindings,
      placed: this.#placed,
      claims: this.#claims,
      values: this.#values,
      related: [...this.#relations.findings.values()].flatMap((one) => this.#placedRelations.get(one) ?? []),
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
