// Where in a vendor's product a message stands, as the vendor names it: what ends it is an answer to it there.

import type { Json } from '../expression/json.js'
import type { Store } from '../store/store.js'

export const threadScope = 'thread/'

const keptMs = 30 * 24 * 3600 * 1000
const mostKept = 50_000

interface Kept {
  readonly thread: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface ThreadsOptions {
  readonly store: Pick<Store, 'list' | 'transact'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onWarning: (message: string) => void
}

export class Threads {
  readonly #options: ThreadsOptions
  /** By the delivery, the oldest first. */
  readonly #known = new Map<string, Kept>()

  constructor(options: ThreadsOptions) {
    this.#options = options
    const rows = options.store.list(threadScope).map(([key, value]) => [key, value as unknown as Kept] as const)
    rows.sort(([, a], [, b]) => a.at - b.at)
    for (const [key, kept] of rows) this.#known.set(key.slice(threadScope.length), kept)
  }

  of(delivery: string): string | undefined {
    return this.#known.get(delivery)?.thread
  }

  /** A process that ends before it is written leaves the answer to stand by itself. */
  keep(delivery: string, thread: string): void {
    const { store, now, onWarning } = this.#options
    const kept = { thread, at: now() }
    this.#known.set(delivery, kept)
    const old: string[] = []
    for (const [one, { at }] of this.#known) {
      if (this.#known.size - old.length <= mostKept && now() - at <= keptMs) break
      old.push(one)
    }
    for (const one of old) this.#known.delete(one)
    store
      .transact([threadScope], (tx) => {
        tx.put(threadScope + delivery, kept as unknown as Json)
        for (const one of old) tx.delete(threadScope + one)
      })
      .catch((error: unknown) => onWarning(`where a message stands cannot be kept: ${(error as Error).message}`))
  }
}
