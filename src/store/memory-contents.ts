import { type ContentStore, StoreUnavailable } from './store.js'

/** Contents that end with the process. */
export class MemoryContents implements ContentStore {
  readonly #contents = new Map<string, Uint8Array>()
  #closed = false

  has(key: string): boolean {
    return this.#contents.has(key)
  }
  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#contents.get(key)
  }
  async getAll(keys: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>()
    for (const key of keys) {
      const bytes = this.#contents.get(key)
      if (bytes !== undefined) found.set(key, bytes)
    }
    return found
  }
  async putAll(entries: Iterable<readonly [key: string, bytes: Uint8Array]>): Promise<void> {
    this.#checkOpen()
    for (const [key, bytes] of entries) if (!this.#contents.has(key)) this.#contents.set(key, bytes.slice())
  }
  async retain(keys: ReadonlySet<string>): Promise<void> {
    this.#checkOpen()
    for (const key of this.#contents.keys()) if (!keys.has(key)) this.#contents.delete(key)
  }
  close(): void {
    this.#closed = true
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
  }
}
