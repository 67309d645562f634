import type { Json } from '../expression/json.js'
import type { Transaction } from './store.js'
import { type Changes, Entry, type Table } from './table.js'

/** Runs `work` on the newest state of `table`. Changes nothing: what it wrote is returned beside its result. */
export function runWork<Result>(
  table: Table,
  scopes: readonly string[],
  work: (tx: Transaction) => Result,
): { result: Result; changes: Changes } {
  for (const scope of scopes) {
    if (!scope.endsWith('/') || scope.length < 2)
      throw new TypeError(`a scope is a path that ends in "/", not "${scope}"`)
  }
  const tx = new ScopedTransaction(table, scopes)
  try {
    const result = work(tx)
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      // Nobody else will listen to it, and its failure must not end the process.
      void Promise.resolve(result).catch(() => {})
      throw new TypeError('the work of a transaction must be synchronous; it returned a promise')
    }
    return { result, changes: tx.changes }
  } finally {
    tx.end()
  }
}

class ScopedTransaction implements Transaction {
  readonly #table: Table
  readonly #scopes: readonly string[]
  readonly #changes = new Map<string, Entry | undefined>()
  #ended = false

  constructor(table: Table, scopes: readonly string[]) {
    this.#table = table
    this.#scopes = scopes
  }

  get changes(): Changes {
    return this.#changes
  }

  get(key: string): Json | undefined {
    this.#check(key)
    return this.#changes.has(key) ? this.#changes.get(key)?.value : this.#table.getNewest(key)
  }

  list(prefix: string): [key: string, value: Json][] {
    this.#check(prefix)
    const found = this.#table.listNewest(prefix)
    if (this.#changes.size === 0) return found
    const merged = found.filter(([key]) => !this.#changes.has(key))
    for (const [key, entry] of this.#changes) {
      if (entry?.value !== undefined && key.startsWith(prefix)) merged.push([key, entry.value])
    }
    return merged.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  put(key: string, value: Json): void {
    this.#check(key)
    if (value === undefined) throw new TypeError(`the value of "${key}" is no JSON: undefined; to remove it, delete it`)
    this.#changes.set(key, new Entry(value))
  }

  delete(key: string): void {
    this.#check(key)
    if (this.#table.hasNewest(key)) this.#changes.set(key, undefined)
    else this.#changes.delete(key)
  }

  end(): void {
    this.#ended = true
  }

  #check(key: string): void {
    if (this.#ended) throw new Error('the transaction has ended; its work must not keep it')
    for (const scope of this.#scopes) if (key.startsWith(scope)) return
    throw new RangeError(`"${key}" is outside the scopes of the transaction: ${this.#scopes.join(', ') || 'none'}`)
  }
}
