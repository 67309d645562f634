import type { Json } from '../expression/json.js'

/**
 * Keyed state with a memory of what happened. Keys are paths (`gS/payments/lastOrder`, `revision/0000000012`); a scope is
 * a prefix that ends in `/`. All methods could be kept by a store of several nodes as well.
 */
export interface Store {
  /**
   * Runs `work` alone on its scopes: a pure synchronous function that reads and writes through `tx`. All its writes are
   * one journal record: after a crash either all are there or none. Without writes nothing is journalled.
   * Resolves with what `work` returned, once the record is as durable as asked: `write` (handed to the system, survives a
   * killed process) or `sync` (on disk). Rejects with `StoreUnavailable` while nothing can be journalled; then nothing of
   * it has happened. An error thrown by `work` rejects and changes nothing.
   * Transactions take effect in the order of the calls, and each sees what those before it wrote; `get` and `list` see it
   * once it is acknowledged.
   */
  transact<Result>(
    scopes: readonly string[],
    work: (tx: Transaction) => Result,
    durability?: 'write' | 'sync',
  ): Promise<Result>
  /**
   * The value as of the last transaction that resolved. Values are shared, not copied: neither what was put nor what was
   * read may be changed.
   */
  get(key: string): Json | undefined
  /** Entries whose key starts with `prefix`, by key (UTF-16 order); `after` continues a page, backwards with `reverse`. */
  list(prefix: string, options?: { after?: string; limit?: number; reverse?: boolean }): [key: string, value: Json][]
  /** Names this history of the state. A restored backup begins a new one, so that what it repeats is told apart. */
  readonly epoch: string
  /** True while the last write to the journal failed. */
  readonly failing: boolean
  /** Contents by their SHA-256: the bytes of the applied revision. Durable. */
  readonly contents: ContentStore
  /** Derived values by key, rebuilt when lost: parsed documents. Not durable. */
  readonly cache: ContentStore
  close(): Promise<void>
}

export interface Transaction {
  get(key: string): Json | undefined
  list(prefix: string): [key: string, value: Json][]
  put(key: string, value: Json): void
  delete(key: string): void
}

export interface ContentStore {
  has(key: string): boolean
  get(key: string): Promise<Uint8Array | undefined>
  /** All that are there of `keys`, read in as few passes as possible. */
  getAll(keys: Iterable<string>): Promise<Map<string, Uint8Array>>
  /** Keeps `bytes`; for the durable store they are on disk when this resolves. Known keys are skipped. */
  putAll(entries: Iterable<readonly [key: string, bytes: Uint8Array]>): Promise<void>
  /** Drops what is not in `keys` when enough of it has gathered. */
  retain(keys: ReadonlySet<string>): Promise<void>
}

/** The journal cannot be written (disk full, I/O error). Answer 503 with Retry-After. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** Another process holds the state directory. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked'
}
