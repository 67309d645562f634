// The store of a single node: a journal in segments, the state in memory, contents in packs. See journal.ts for what is
// promised when, and table.ts for what readers see meanwhile.

import { randomUUID } from 'node:crypto'
import type { Json } from '../expression/json.js'
import { logFileName } from './append-log.js'
import { type ArchiveEntry, unlessGone, writeArchive } from './archive.js'
import { Compactor } from './compactor.js'
import { type Disk, nodeDisk } from './disk.js'
import { documentName, format, StateDocument } from './document.js'
import { type Append, Journal, nothing } from './journal.js'
import { type Lock, lock, type Processes } from './lock.js'
import { decodeValue, encodeDelete, encodePut, type RawNumberClass } from './operation.js'
import { openPackContents, type PackContents } from './pack-contents.js'
import { frameOperations } from './record.js'
import { replay } from './replay.js'
import { Segments } from './segments.js'
import { type Store, StoreUnavailable, type Transaction } from './store.js'
import { type Changes, type Page, type Place, Table } from './table.js'
import { systemTimer, type Timer } from './timer.js'
import { runWork } from './work.js'

export interface StoreOptions {
  /** The class of numbers that keep their text. */
  readonly rawNumber: RawNumberClass
  /** Scopes whose values stay in the journal, and are read from it when asked for: waiting payloads. */
  readonly onDisk?: readonly string[]
  /** Hears, while the store opens, every put and delete (`undefined`) in those scopes: what is derived is made from it. */
  readonly onReplay?: (key: string, value: Json | undefined) => void
  /** A segment that has grown to this is followed by the next. Default 16 MiB. */
  readonly segmentBytes?: number
  /** With more waiting to be written, transactions are refused. Default 64 MiB. */
  readonly maxWaitingBytes?: number
  /** Hears of damage that was found, and of a journal that cannot be written or can be again. */
  readonly onWarning?: (message: string) => void
  readonly disk?: Disk
  readonly timer?: Timer
  /** Milliseconds that only rise. */
  readonly now?: () => number
  readonly newEpoch?: () => string
  readonly processes?: Processes
}

export interface EmbeddedStore extends Store {
  /** What was told to `onWarning`, the latest last; old ones are dropped. */
  readonly warnings: readonly string[]
  /** Size of the journal, of the part of it that is needed, and the number of its segments. */
  readonly journalSize: { readonly bytes: number; readonly live: number; readonly segments: number }
  /** Copies what is needed of all sealed segments and deletes them. Happens by itself when there is enough to gain. */
  compact(): Promise<void>
  /** Writes the state as of now to one new file, while the store goes on. `restore` reads it. */
  backup(file: string): Promise<void>
}

/** In a directory that `restore` has not finished with. */
export const restoringName = 'restoring'
export const journalFolder = 'journal'
export const contentsFolder = 'contents'
/** Kept beside the journal for records that name them, each in a file called by its SHA-256. */
export const secretsFolder = 'secrets'
const secretName = /^[0-9a-f]{64}$/
export const cacheFolder = 'cache'
/** Of an append-only log beside the journal. */
export const auditFolder = 'audit'

const maxWarnings = 100

/** Opens the state directory `dir`, which is made if it is missing. Throws `StoreLocked` while another process has it. */
export async function openStore(dir: string, options: StoreOptions): Promise<EmbeddedStore> {
  const { disk = nodeDisk, timer = systemTimer, processes } = options
  await disk.makeFolder(dir)
  let lost = (_error: Error): void => {}
  const held = await lock(dir, {
    disk,
    timer,
    ...(processes !== undefined && { processes }),
    lost: (error) => lost(error),
  })
  try {
    const store = await openLocked(dir, held, options)
    lost = (error) => store.abort(error)
    return store
  } catch (error) {
    await held.release()
    throw error
  }
}

async function openLocked(dir: string, held: Lock, options: StoreOptions): Promise<OpenStore> {
  const { disk = nodeDisk, onDisk = [], rawNumber } = options
  const warnings: string[] = []
  const warn = (message: string): void => {
    warnings.push(message)
    if (warnings.length > maxWarnings) warnings.shift()
    options.onWarning?.(message)
  }
  if ((await disk.readFile(`${dir}/${restoringName}`)) !== undefined) {
    throw new Error(`${dir} holds a restore that did not finish; empty it and restore again`)
  }
  const document = new StateDocument(disk, dir)
  const state = await document.read(warn)
  if (state !== undefined && state.format > format) {
    throw new Error(`${dir} was written by a newer version (format ${state.format}; this one reads ${format})`)
  }
  const folder = `${dir}/${journalFolder}`
  await disk.makeFolder(folder)
  const segments = new Segments(disk)
  const load = (key: string, place: Place): Json => decodeValue(segments.read(key, place).operation, rawNumber) as Json
  const table = new Table(load)
  const staysOnDisk = (key: string): boolean => onDisk.some((scope) => key.startsWith(scope))
  const { onReplay } = options
  const replayed = await replay({ disk, folder, state, table, segments, rawNumber, staysOnDisk, onReplay, warn })
  if (state === undefined && replayed.epoch !== undefined && warnings.length === 0) {
    warn(`${documentName} is missing; it is made again from the journal's segments`)
  }
  const epoch = state?.epoch ?? replayed.epoch ?? (options.newEpoch ?? randomUUID)()
  const parts: Parts = {
    dir,
    held,
    disk,
    document,
    segments,
    table,
    staysOnDisk,
    epoch,
    warn,
    warnings,
    contents: await openPackContents({ folder: `${dir}/${contentsFolder}`, disk, durable: true, warn }),
    cache: await openPackContents({ folder: `${dir}/${cacheFolder}`, disk, durable: false, warn }),
  }
  const store = new OpenStore(parts, replayed.lastNumber, options)
  const { continuable } = replayed
  // A restored backup has a new epoch, and each segment is of one epoch.
  await store.start(continuable !== undefined && replayed.epoch === epoch ? continuable : undefined)
  return store
}

interface Parts {
  readonly dir: string
  readonly held: Lock
  readonly disk: Disk
  readonly document: StateDocument
  readonly segments: Segments
  readonly table: Table
  readonly staysOnDisk: (key: string) => boolean
  readonly epoch: string
  readonly warn: (message: string) => void
  readonly warnings: readonly string[]
  readonly contents: PackContents
  readonly cache: PackContents
}

class OpenStore implements EmbeddedStore {
  readonly #parts: Parts
  readonly #table: Table
  readonly #journal: Journal
  readonly #compactor: Compactor
  readonly #segmentBytes: number
  readonly #keepsOnDisk: boolean
  #working = false
  #closing: Promise<void> | undefined
  #lastBackup: Promise<unknown> = Promise.resolve()
  readonly #replaced: (segment: number, length: number) => void

  constructor(parts: Parts, lastNumber: number, options: StoreOptions) {
    const { dir, disk, document, segments, table, epoch, warn } = parts
    const { segmentBytes = 16 * 1024 * 1024, maxWaitingBytes = 64 * 1024 * 1024 } = options
    const folder = `${dir}/${journalFolder}`
    this.#parts = parts
    this.#table = table
    this.#segmentBytes = segmentBytes
    this.#keepsOnDisk = (options.onDisk ?? []).length > 0
    this.#replaced = (segment, length) => segments.release(segment, length)
    const journal = new Journal({
      folder,
      disk,
      segments,
      epoch,
      lastNumber,
      segmentBytes,
      maxWaitingBytes,
      timer: options.timer ?? systemTimer,
      readable: this.#keepsOnDisk,
      warn,
      rollBack: () => table.rollBack(),
      begun: () => this.#writeDocument(),
      written: () => this.#compactor.wake(),
    })
    this.#journal = journal
    this.#compactor = new Compactor({
      folder,
      disk,
      table,
      segments,
      journal,
      segmentBytes,
      now: options.now ?? (() => performance.now()),
      listSegments: () => document.write({ format, epoch, segments: segments.numbers }),
      warn,
    })
  }

  get epoch(): string {
    return this.#parts.epoch
  }
  get contents(): PackContents {
    return this.#parts.contents
  }
  get cache(): PackContents {
    return this.#parts.cache
  }
  get failing(): boolean {
    return this.#journal.failing
  }
  get warnings(): readonly string[] {
    return this.#parts.warnings
  }
  get journalSize(): { bytes: number; live: number; segments: number } {
    const { bytes, live, numbers } = this.#parts.segments
    return { bytes, live, segments: numbers.length }
  }

  /** Before anything else is called. */
  async start(continuable: { number: number; length: number } | undefined): Promise<void> {
    const { segments } = this.#parts
    if (this.#keepsOnDisk) for (const segment of segments.all) await segments.openReader(segment)
    const newest = segments.newest
    if (newest !== undefined && newest === continuable && newest.length < this.#segmentBytes) {
      await this.#journal.continue(newest)
    }
    await this.#writeDocument()
    this.#compactor.wake()
  }

  transact<Result>(
    scopes: readonly string[],
    work: (tx: Transaction) => Result,
    durability: 'write' | 'sync' = 'write',
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { result, changes } = this.#run(scopes, work)
      if (changes.size === 0 && !this.#table.waiting) return resolve(result)
      const refused = this.#journal.refusal()
      if (refused !== undefined) return reject(refused)
      this.#journal.append(this.#appendOf(changes, durability === 'sync', () => resolve(result), reject))
    })
  }

  get(key: string): Json | undefined {
    return this.#table.get(key)
  }

  list(prefix: string, page?: Page): [key: string, value: Json][] {
    return this.#table.list(prefix, page)
  }

  compact(): Promise<void> {
    return this.#compactor.compactAll()
  }

  backup(file: string): Promise<void> {
    const backup = this.#lastBackup.then(() => this.#backup(file))
    this.#lastBackup = backup.catch(() => {})
    return backup
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Somebody else has the state directory: nothing of it is touched any more. */
  abort(error: Error): void {
    const { warn, contents, cache } = this.#parts
    warn(error.message)
    this.#journal.abort(error)
    for (const packs of [contents, cache]) packs.close().catch((failure: Error) => warn(failure.message))
  }

  /** Nothing is deleted meanwhile. The journal refers to contents, so those are taken after it. */
  #backup(file: string): Promise<void> {
    const { dir, disk, segments, contents, epoch } = this.#parts
    return this.#compactor.paused(() =>
      contents.keepFiles(async () => {
        let entries: ArchiveEntry[] = []
        let numbers: number[] = []
        await this.#journal.barrier(() => {
          entries = segments.all.map(({ path, length }) => ({ path, length }))
          numbers = segments.numbers
        })
        const beside = [
          ...(await filesIn(disk, `${dir}/${auditFolder}`, logFileName, true)),
          ...(await filesIn(disk, `${dir}/${secretsFolder}`, secretName)),
        ]
        entries.push(...(await contents.files()), ...beside)
        await writeArchive({ disk, dir, epoch, segments: numbers, entries }, file)
      }),
    )
  }

  async #close(): Promise<void> {
    const { segments, contents, cache, held } = this.#parts
    await this.#lastBackup
    await this.#compactor.stop()
    await this.#journal.shut(new StoreUnavailable('the store is closed'))
    await contents.close()
    await cache.close()
    await segments.close()
    await held.release()
  }

  #run<Result>(scopes: readonly string[], work: (tx: Transaction) => Result): { result: Result; changes: Changes } {
    if (this.#working) throw new Error('transact was called inside the work of another transaction')
    this.#working = true
    try {
      return runWork(this.#table, scopes, work)
    } finally {
      this.#working = false
    }
  }

  /** Applies `changes`, so that the next transaction builds on them, and makes the record of them. */
  #appendOf(changes: Changes, sync: boolean, resolve: () => void, rejected: (error: Error) => void): Append {
    // Also a transaction that only read waits for those whose writes it may have seen.
    if (changes.size === 0) return { bytes: nothing, sync, acknowledged: resolve, rejected }
    const operations: string[] = []
    for (const [key, entry] of changes) {
      operations.push(entry?.value === undefined ? encodeDelete(key) : encodePut(key, entry.value))
    }
    const { bytes, lengths, first } = frameOperations(operations)
    this.#table.apply(changes)
    return {
      bytes,
      sync,
      acknowledged: (segment, offset) => {
        this.#place(changes, segment, offset + first, lengths)
        this.#table.acknowledge(changes, this.#replaced)
        resolve()
      },
      rejected,
    }
  }

  #place(changes: Changes, segment: number, firstOffset: number, lengths: readonly number[]) {
    const { segments, staysOnDisk } = this.#parts
    let offset = firstOffset
    let index = 0
    for (const [key, entry] of changes) {
      const length = lengths[index] as number
      const at = offset
      index += 1
      offset += length + 1
      if (entry === undefined) continue
      entry.segment = segment
      entry.offset = at
      entry.length = length
      segments.hold(segment, length)
      if (this.#keepsOnDisk && staysOnDisk(key)) entry.value = undefined
    }
  }

  /** What it says is also in the segments, so that the journal goes on when it cannot be written. */
  async #writeDocument(): Promise<void> {
    const { document, epoch, segments, warn } = this.#parts
    try {
      await document.write({ format, epoch, segments: segments.numbers })
    } catch (error) {
      warn(`${documentName} cannot be written: ${(error as Error).message}`)
    }
  }
}

/** Those with such names, with what they hold just now. Unfinished ones are left out: nothing names them yet. */
async function filesIn(disk: Disk, folder: string, names: RegExp, mayGo = false): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = []
  for (const name of await disk.list(folder)) {
    if (!names.test(name)) continue
    const path = `${folder}/${name}`
    const file = await disk.open(path, 'read').catch(unlessGone(mayGo))
    if (file === undefined) continue
    entries.push({ path, length: file.length, mayGo })
    await file.close()
  }
  return entries
}
