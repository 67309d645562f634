// Outcomes on their way to the journal. Nobody waits for them, so those of a few milliseconds are one record, and of a short
// attempt only its end is written: that it began, once it has gone on for a while. Whoever is killed before that makes an attempt again, under the same id. While the
// journal cannot be written they are kept, and written as soon as it can be: an attempt that was made is not forgotten.

import type { Json } from '../expression/json.js'
import type { DeliveryState } from './delivery.js'
import { KeyMap } from './key-map.js'
import type { Store } from './store.js'
import type { Timer } from './timer.js'

const gatherMs = 4
/** What is begun is written after this long, or twice as long. */
const begunMs = 5
const maxGathered = 500
const retryMs = 500

interface Begun {
  readonly state: DeliveryState
  readonly started: number
}

type Batch = Map<string, Json | undefined>

export class DeliveryWrites {
  readonly #store: Store
  readonly #scopes: readonly string[]
  readonly #timer: Timer
  /** What the store does not show yet, `undefined` for what is deleted: on its way, the oldest first, and after that. */
  readonly #underWay: Batch[] = []
  #gathered: Batch = new Map()
  /** What has begun, and the part of it that had before the timer was set. */
  #begun = new KeyMap<Begun>()
  #begunBefore = new KeyMap<Begun>()
  #scheduled = false
  #isLookedAtLater = false
  #failed = false
  #waiting: (() => void)[] = []
  #closed = false

  constructor(store: Store, scopes: readonly string[], timer: Timer) {
    this.#store = store
    this.#scopes = scopes
    this.#timer = timer
  }

  /** True while the last attempt to write failed. */
  get failing(): boolean {
    return this.#failed
  }

  /** An attempt has begun at `started`; its end is what is `put` next. */
  begin(key: string, state: DeliveryState, started: number): void {
    this.#begun.set(key, { state, started })
    if (this.#isLookedAtLater || this.#closed) return
    this.#isLookedAtLater = true
    this.#timer(begunMs, () => this.#lookAtBegun())
  }

  put(key: string, value: Json | undefined): void {
    this.#begun.delete(key)
    if (this.#begunBefore.size > 0) this.#begunBefore.delete(key)
    this.#write(key, value)
  }

  #write(key: string, value: Json | undefined): void {
    this.#gathered.set(key, value)
    if (this.#failed) return
    if (this.#gathered.size >= maxGathered) this.#flush()
    else this.#schedule()
  }

  /** The newest value, written or not. */
  get(key: string): Json | undefined {
    const begun = this.#begun.get(key) ?? this.#begunBefore.get(key)
    if (begun !== undefined) return toJson(begun)
    const batch = this.#batchOf(key)
    return batch === undefined ? this.#store.get(key) : batch.get(key)
  }

  /** Resolves with true when everything is written, with false when it cannot be now. */
  async drain(): Promise<boolean> {
    this.#writeBegun(this.#begunBefore)
    this.#writeBegun(this.#begun)
    while (this.#gathered.size > 0 || this.#underWay.length > 0) {
      if (this.#gathered.size > 0 && this.#underWay.length === 0) this.#flush()
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      if (this.#failed) return false
    }
    return true
  }

  /** Resolves with true once what was put under `key` is written, with false when it cannot be now. */
  async written(key: string): Promise<boolean> {
    while (this.#batchOf(key) !== undefined) {
      if (this.#failed || this.#closed) return false
      if (this.#gathered.has(key)) this.#flush()
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return true
  }

  /** Hands everything to the store now: what is written after this call comes after it. */
  flush(): void {
    this.#flush()
  }

  close(): void {
    this.#closed = true
  }

  /** What has begun before the last look, and has not ended, is written. */
  #lookAtBegun(): void {
    this.#isLookedAtLater = false
    if (this.#closed) return
    const written = this.#begunBefore
    if (written.size > 0) {
      this.#writeBegun(written)
      if (!this.#failed) this.#flush()
    }
    this.#begunBefore = this.#begun
    this.#begun = written
    if (this.#begunBefore.size === 0) return
    this.#isLookedAtLater = true
    this.#timer(begunMs, () => this.#lookAtBegun())
  }

  #writeBegun(begun: KeyMap<Begun>): void {
    for (const [key, one] of begun.entries()) this.#write(key, toJson(one))
    begun.clear()
  }

  /** The latest that has something under `key`. */
  #batchOf(key: string): Batch | undefined {
    if (this.#gathered.has(key)) return this.#gathered
    return this.#underWay.findLast((batch) => batch.has(key))
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    this.#timer(gatherMs, () => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#gathered.size === 0 || this.#closed) return
    const batch = this.#gathered
    this.#gathered = new Map()
    this.#underWay.push(batch)
    this.#store
      .transact(this.#scopes, (tx) => {
        for (const [key, value] of batch) {
          if (value === undefined) tx.delete(key)
          else tx.put(key, value)
        }
      })
      .then(
        () => {
          this.#failed = false
          this.#end(batch)
          if (this.#gathered.size > 0) this.#schedule()
        },
        () => {
          this.#failed = true
          this.#end(batch)
          // What came later counts.
          for (const [key, value] of batch) if (this.#batchOf(key) === undefined) this.#gathered.set(key, value)
          this.#timer(retryMs, () => this.#flush())
        },
      )
      .finally(() => {
        for (const resolve of this.#waiting.splice(0)) resolve()
      })
  }

  #end(batch: Batch): void {
    this.#underWay.splice(this.#underWay.indexOf(batch), 1)
  }
}

function toJson({ state, started }: Begun): Json {
  return { ...state, started } as unknown as Json
}
