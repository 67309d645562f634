import type { Json } from '../expression/json.js'
import { MemoryContents } from './memory-contents.js'
import { checkJson } from './operation.js'
import { type Store, StoreUnavailable, type Transaction } from './store.js'
import { type Page, Table } from './table.js'
import { runWork } from './work.js'

/** A store that ends with the process: for tests, and for commands that keep nothing. */
export function memoryStore({ epoch = 'memory' }: { epoch?: string } = {}): Store {
  return new MemoryStore(epoch)
}

class MemoryStore implements Store {
  readonly epoch: string
  readonly contents = new MemoryContents()
  readonly cache = new MemoryContents()
  readonly #table = new Table((key) => {
    throw new Error(`"${key}" has no value`)
  })
  #closed = false
  #working = false

  constructor(epoch: string) {
    this.epoch = epoch
  }

  get failing(): boolean {
    return this.#closed
  }

  async transact<Result>(scopes: readonly string[], work: (tx: Transaction) => Result): Promise<Result> {
    if (this.#working) throw new Error('transact was called inside the work of another transaction')
    this.#working = true
    try {
      const { result, changes } = runWork(this.#table, scopes, work)
      if (changes.size === 0) return result
      if (this.#closed) throw new StoreUnavailable('the store is closed')
      for (const [key, entry] of changes) if (entry?.value !== undefined) checkJson(key, entry.value)
      this.#table.apply(changes)
      this.#table.acknowledge(changes, () => {})
      return result
    } finally {
      this.#working = false
    }
  }

  get(key: string): Json | undefined {
    return this.#table.get(key)
  }
  list(prefix: string, page?: Page): [key: string, value: Json][] {
    return this.#table.list(prefix, page)
  }
  async close(): Promise<void> {
    this.#closed = true
    this.contents.close()
    this.cache.close()
  }
}
