// How often each mock answered, and when last. Counted in memory, handed to the store about once a second, so that a
// request that changes nothing else never waits for it.

import type { Json } from '../expression/json.js'
import { isObject } from '../expression/json.js'
import type { ResourceId } from '../resources/resource.js'
import type { Store, Transaction } from '../store/store.js'
import type { ResolverLog } from './parts.js'

/** What is counted about one mock; lives as long as the mock is declared, through all its edits. */
export class Usage {
  hits = 0
  dirty = false
  // Small whole numbers lie in the object itself, where a greater one would be an object beside it.
  #lastMinute = 0
  #lastRest = 0
  /** Random sequences begun in this process: with a seed, the n-th request gets the n-th one. */
  draws = 0
  readonly id: ResourceId
  readonly namespace: string
  readonly name: string

  constructor(id: ResourceId, namespace: string, name: string) {
    this.id = id
    this.namespace = namespace
    this.name = name
  }

  /** Milliseconds since 1970; 0 for never. */
  get last(): number {
    return this.#lastMinute * minuteMs + this.#lastRest
  }

  set last(ms: number) {
    this.#lastMinute = Math.floor(ms / minuteMs)
    this.#lastRest = ms - this.#lastMinute * minuteMs
  }
}

const minuteMs = 60_000
const flushAfterMs = 1_000
/** Where thousands of mocks are called each second, writing down each of them each second would cost more than answering. */
const mocksPerFlush = 500

/** Writes to the store that a swap leaves behind; they are tried until they succeed. */
export type Owed = (tx: Transaction) => void

export class UsageBook {
  readonly #store: Store
  readonly #log: ResolverLog
  readonly #usages = new Map<ResourceId, Usage>()
  #dirty: Usage[] = []
  #owed: Owed[] = []
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #failed = false

  constructor(store: Store, log: ResolverLog) {
    this.#store = store
    this.#log = log
  }

  /** The mock's counts: those in use, else those the store remembers. Not part of the book until `keep`. */
  read(id: ResourceId, namespace: string, name: string): Usage {
    const known = this.#usages.get(id)
    if (known !== undefined) return known
    const usage = new Usage(id, namespace, name)
    restore(usage, this.#store.get(hitsKey(namespace, name)))
    return usage
  }

  keep(usage: Usage): void {
    const isNew = this.#usages.get(usage.id) !== usage
    this.#usages.set(usage.id, usage)
    // Brought along from a former name, and not written under this one yet.
    if (!isNew || !usage.dirty) return
    this.#dirty.push(usage)
    this.#timer ??= this.#schedule()
  }

  drop(id: ResourceId): void {
    this.#usages.delete(id)
  }

  count(usage: Usage, now: number): void {
    usage.hits += 1
    usage.last = now
    if (usage.dirty) return
    usage.dirty = true
    this.#dirty.push(usage)
    this.#timer ??= this.#schedule()
  }

  owe(work: Owed): void {
    this.#owed.push(work)
    this.#timer ??= this.#schedule()
  }

  /** Hands what is owed and counted to the store. Does not reject: what could not be written is tried again later. */
  async flush(most = mocksPerFlush): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
    this.#flushing = this.#write(most)
    await this.#flushing
    this.#flushing = undefined
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush(Number.POSITIVE_INFINITY)
    clearTimeout(this.#timer)
  }

  reset(usage: Usage): void {
    usage.hits = 0
    usage.last = 0
    usage.draws = 0
  }

  #schedule(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, flushAfterMs)
    timer.unref()
    return timer
  }

  async #write(most: number): Promise<void> {
    const dirty = this.#dirty.slice(0, most)
    const owed = this.#owed
    if (dirty.length === 0 && owed.length === 0) return
    this.#dirty = this.#dirty.slice(dirty.length)
    this.#owed = []
    if (this.#dirty.length > 0) this.#timer ??= this.#schedule()
    for (const usage of dirty) usage.dirty = false
    try {
      await this.#store.transact([hitsScope, stateScope], (tx) => {
        for (const work of owed) work(tx)
        for (const usage of dirty) {
          // A mock pruned in the meantime has been forgotten, and stays so.
          if (this.#usages.get(usage.id) !== usage) continue
          tx.put(hitsKey(usage.namespace, usage.name), { count: usage.hits, last: usage.last })
        }
      })
      this.#failed = false
    } catch (error) {
      if (!this.#failed)
        this.#log.warn({ err: error }, 'Hit counts could not be written; they are kept in memory and tried again')
      this.#failed = true
      this.#owed = [...owed, ...this.#owed]
      for (const usage of dirty) {
        if (!usage.dirty) this.#dirty.push(usage)
        usage.dirty = true
      }
      this.#timer ??= this.#schedule()
    }
  }
}

export const hitsScope = 'hits/'
export const stateScope = 'mock/'

export function hitsKey(namespace: string, name: string): string {
  return `${hitsScope}${namespace}/${name}`
}

/** Scope of what one mock has to remember: its uses, its place in `oneOf`, when it was first applied. */
export function mockScope(namespace: string, name: string): string {
  return `${stateScope}${namespace}/${name}/`
}

function restore(usage: Usage, stored: Json | undefined): void {
  if (!isObject(stored)) return
  const { count, last } = stored
  if (typeof count === 'number') usage.hits = count
  if (typeof last === 'number') usage.last = last
}

export function copyCounts(from: Usage, to: Usage): void {
  to.hits = from.hits
  to.last = from.last
  to.draws = from.draws
  to.dirty = from.hits > 0
}
