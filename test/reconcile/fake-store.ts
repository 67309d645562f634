import type { Json } from '../../src/expression/json.js'
import { memoryStore } from '../../src/store/memory.js'
import { type ContentStore, type Store, StoreUnavailable, type Transaction } from '../../src/store/store.js'

/** The store of a state directory: fails when told to, and can be looked at between a record and what follows it. */
export class FakeStore implements Store {
  readonly #store = memoryStore()
  /** Nothing can be journalled. */
  unavailable = false
  /** Called when a record is durable, before anybody is told. */
  onRecord: (() => Promise<void> | void) | undefined
  records = 0
  readonly cache: ContentStore
  readonly contents: ContentStore
  /** Contents that the disk has lost. */
  readonly lost = new Set<string>()
  retained: ReadonlySet<string> | undefined

  constructor() {
    const { contents, cache } = this.#store
    this.cache = cache
    this.contents = {
      has: (key) => contents.has(key),
      get: (key) => contents.get(key),
      getAll: async (keys) => contents.getAll([...keys].filter((key) => !this.lost.has(key))),
      putAll: async (entries) => {
        if (this.unavailable) throw new StoreUnavailable('no space left on device')
        const all = [...entries]
        for (const [key] of all) this.lost.delete(key)
        await contents.putAll(all)
      },
      retain: async (keys) => {
        this.retained = keys
        await contents.retain(keys)
      },
    }
  }

  /** Another one: the state was restored from a backup. */
  epoch = 'first'

  async transact<Result>(
    scopes: readonly string[],
    work: (tx: Transaction) => Result,
    durability?: 'write' | 'sync',
  ): Promise<Result> {
    if (this.unavailable) throw new StoreUnavailable('no space left on device')
    const result = await this.#store.transact(scopes, work, durability)
    this.records++
    await this.onRecord?.()
    return result
  }

  get(key: string): Json | undefined {
    return this.#store.get(key)
  }
  list(prefix: string, options?: { after?: string; limit?: number; reverse?: boolean }): [string, Json][] {
    return this.#store.list(prefix, options)
  }
  get failing(): boolean {
    return this.unavailable
  }
  close(): Promise<void> {
    return this.#store.close()
  }
}
