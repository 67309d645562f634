// The stores `$.gS` (a namespace's) and `$.cS` (a chain's): what is in them, how much may be, and when a chain is over.

import { type Json, stringifyJson } from '../expression/json.js'
import type { Store, Transaction } from '../store/store.js'

export interface StateBounds {
  readonly entriesPerStore: number
  readonly bytesPerStore: number
  readonly chainIdleSeconds: number
  readonly chains?: number
}

/** Where one store keeps its entries: `scope` ends in `/`, entries are below `entries`. */
export interface StoreKeys {
  readonly scope: string
  readonly entries: string
}

interface Sizes {
  bytes: number
  /** Bytes by key, the entry written longest ago first. */
  readonly entries: Map<string, number>
}

export const globalScope = 'gS/'
export const chainScope = 'cS/'
const sweepEveryMs = 60_000
/** A chain's last use is written down at most this often, and only along with something else. */
const touchEveryMs = 60_000
const defaultChains = 10_000
const unsafe = new Set(['__proto__', 'constructor', 'prototype'])

export function globalKeys(namespace: string): StoreKeys {
  const scope = `${globalScope}${namespace}/`
  return { scope, entries: scope }
}

/** Chain ids are free text, so that only encoded they cannot reach into another chain's keys. */
export function chainKeys(namespace: string, chainId: string): StoreKeys {
  const scope = `${chainScope}${namespace}/${encodeChain(chainId)}/`
  return { scope, entries: `${scope}k/` }
}

/** A lone surrogate, which no URL could hold, becomes the replacement character. */
function encodeChain(chainId: string): string {
  return encodeURIComponent(Buffer.from(chainId).toString())
}

export class StateStores {
  /** Entries that had to make room for others, and chains that had to. */
  evictions = 0
  /** Chains that were idle for too long. */
  expiries = 0
  readonly #store: Store
  readonly #now: () => number
  readonly #bounds: StateBounds
  readonly #sizes = new Map<string, Sizes>()
  /** When each chain was last used, by scope, the one idle longest first. */
  readonly #chains = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #loaded = false

  constructor(store: Store, now: () => number, bounds: StateBounds) {
    this.#store = store
    this.#now = now
    this.#bounds = bounds
    this.#timer = setInterval(() => void this.sweep(), sweepEveryMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  entries({ entries }: StoreKeys): Record<string, Json> {
    const found: Record<string, Json> = Object.create(null)
    for (const [key, value] of this.#store.list(entries)) found[key.slice(entries.length)] = value
    return found
  }

  get(key: string): Json | undefined {
    return this.#store.get(key)
  }

  hasChain({ scope }: StoreKeys): boolean {
    this.#load()
    return this.#chains.has(scope) && !this.#isIdle(scope)
  }

  /** Chains with something in them, the one used last at the end. */
  chains(namespace: string): string[] {
    this.#load()
    const prefix = `${chainScope}${namespace}/`
    return [...this.#chains.keys()]
      .filter((scope) => scope.startsWith(prefix))
      .map((scope) => decodeURIComponent(scope.slice(prefix.length, -1)))
  }

  get chainCount(): number {
    return this.#chains.size
  }

  /**
   * Marks a chain as used now. False when it had been idle for too long: what is still in it counts as gone, and is
   * deleted by `begin`, or by the next sweep.
   */
  touch({ scope }: StoreKeys): boolean {
    this.#load()
    const last = this.#chains.get(scope)
    if (last === undefined) return true
    if (this.#isIdle(scope)) return false
    this.#chains.delete(scope)
    this.#chains.set(scope, this.#now())
    return true
  }

  /** Within a transaction on the chain: leaves nothing of it when it had been idle for too long. */
  begin(tx: Transaction, { scope }: StoreKeys): void {
    this.#load()
    if (!this.#chains.has(scope) || !this.#isIdle(scope)) return
    for (const [key] of tx.list(scope)) tx.delete(key)
    this.#chains.delete(scope)
    this.#sizes.delete(scope)
    this.expiries += 1
  }

  /** Within a transaction: puts the values, and takes out the oldest entries when there are too many. */
  write(tx: Transaction, keys: StoreKeys, values: ReadonlyMap<string, Json>): void {
    if (values.size === 0) return
    const sizes = this.#sizesOf(tx, keys)
    for (const [key, value] of values) {
      if (unsafe.has(key)) continue
      const bytes = Buffer.byteLength(key) + Buffer.byteLength(stringifyJson(value))
      sizes.bytes -= sizes.entries.get(key) ?? 0
      sizes.entries.delete(key)
      if (bytes > this.#bounds.bytesPerStore) {
        tx.delete(keys.entries + key)
        this.evictions += 1
        continue
      }
      sizes.entries.set(key, bytes)
      sizes.bytes += bytes
      tx.put(keys.entries + key, value)
    }
    for (const [key, bytes] of sizes.entries) {
      if (sizes.entries.size <= this.#bounds.entriesPerStore && sizes.bytes <= this.#bounds.bytesPerStore) break
      sizes.entries.delete(key)
      sizes.bytes -= bytes
      tx.delete(keys.entries + key)
      this.evictions += 1
    }
    if (keys.scope.startsWith(chainScope)) this.#markUsed(tx, keys.scope)
  }

  /** After a transaction that failed: sizes are counted afresh when next needed. */
  forget({ scope }: StoreKeys): void {
    this.#sizes.delete(scope)
  }

  /** Deletes chains that have been idle for too long, and those beyond the number allowed. Does not reject. */
  async sweep(): Promise<void> {
    this.#load()
    const over: string[] = []
    let excess = this.#chains.size - (this.#bounds.chains ?? defaultChains)
    for (const scope of this.#chains.keys()) {
      const idle = this.#isIdle(scope)
      if (!idle && excess <= 0) break
      excess -= 1
      over.push(scope)
      if (idle) this.expiries += 1
      else this.evictions += 1
    }
    if (over.length === 0) return
    for (const scope of over) this.#chains.delete(scope)
    try {
      await this.#store.transact(over, (tx) => {
        for (const scope of over) {
          // Written to again since: it lives.
          if (this.#chains.has(scope)) continue
          for (const [key] of tx.list(scope)) tx.delete(key)
          this.#sizes.delete(scope)
        }
      })
    } catch {
      // Nothing was deleted; after a restart, or at the next sweep, they are found by their time again.
      for (const scope of over) if (!this.#chains.has(scope)) this.#chains.set(scope, 0)
    }
  }

  /** Empties stores within a transaction and says how many there were. */
  clear(tx: Transaction, prefix: string): number {
    const scopes = new Set<string>()
    const depth = prefix.startsWith(chainScope) ? 3 : 2
    for (const [key] of tx.list(prefix)) {
      tx.delete(key)
      scopes.add(`${key.split('/', depth).join('/')}/`)
    }
    for (const scope of scopes) {
      this.#sizes.delete(scope)
      this.#chains.delete(scope)
    }
    return scopes.size
  }

  /** Every chain with this id, whatever its namespace. */
  chainScopes(chainId: string): string[] {
    this.#load()
    const end = `/${encodeChain(chainId)}/`
    return [...this.#chains.keys()].filter((scope) => scope.endsWith(end))
  }

  #markUsed(tx: Transaction, scope: string): void {
    const now = this.#now()
    this.#chains.delete(scope)
    this.#chains.set(scope, now)
    const written = tx.get(`${scope}at`)
    if (typeof written !== 'number' || now - written >= touchEveryMs) tx.put(`${scope}at`, now)
    if (this.#chains.size > (this.#bounds.chains ?? defaultChains)) queueMicrotask(() => void this.sweep())
  }

  #isIdle(scope: string): boolean {
    return (this.#chains.get(scope) ?? 0) + this.#bounds.chainIdleSeconds * 1_000 < this.#now()
  }

  #sizesOf(tx: Transaction, { scope, entries }: StoreKeys): Sizes {
    const known = this.#sizes.get(scope)
    if (known !== undefined) return known
    const sizes: Sizes = { bytes: 0, entries: new Map() }
    for (const [key, value] of tx.list(entries)) {
      const name = key.slice(entries.length)
      const bytes = Buffer.byteLength(name) + Buffer.byteLength(stringifyJson(value))
      sizes.entries.set(name, bytes)
      sizes.bytes += bytes
    }
    this.#sizes.set(scope, sizes)
    return sizes
  }

  /** Reads back, once, when each chain was last used. */
  #load(): void {
    if (this.#loaded) return
    this.#loaded = true
    const times = new Map<string, number>()
    for (const [key, value] of this.#store.list(chainScope)) {
      const scope = `${key.split('/', 3).join('/')}/`
      if (key === `${scope}at` && typeof value === 'number') times.set(scope, value)
      else if (!times.has(scope)) times.set(scope, 0)
    }
    for (const [scope, at] of [...times].sort(([, a], [, b]) => a - b)) this.#chains.set(scope, at)
  }
}
