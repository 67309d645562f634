// The deliveries of events that reach very many, beyond those in the event's own record: derived from decisions that are
// on disk, so that the next process goes on where this one ends.

import type { Engine } from '../delivery/engine.js'
import type { Json } from '../expression/json.js'
import { type Store, StoreUnavailable, type Transaction } from '../store/store.js'
import type { Timer } from '../store/timer.js'
import type { ChannelType } from './channel-type.js'
import { type Decided, renderSent, toDelivery } from './fan-out.js'
import type { RatedEvent, Rules } from './rules.js'

export const restScope = 'fan-out/'

export interface Rest {
  readonly event: RatedEvent
  readonly decided: readonly Decided[]
}

export interface RestOptions {
  readonly engine: Pick<Engine, 'prepare'>
  readonly store: Pick<Store, 'list' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  readonly rules: () => Rules
  readonly now: () => number
  readonly timer: Timer
  readonly maxAgeMs: number
  readonly onWarning: (message: string) => void
  readonly chunk: number
}

/** The store takes nothing more for now. */
const againMs = 1000

export class RestOfFanOut {
  readonly #options: RestOptions
  readonly #running = new Set<Promise<void>>()
  #isClosing = false
  #stopWaiting = (): void => {}
  readonly #closing: Promise<void>

  constructor(options: RestOptions) {
    this.#options = options
    this.#closing = new Promise((resolve) => {
      this.#stopWaiting = resolve
    })
  }

  start(): void {
    const { store, rules } = this.#options
    for (const [key, value] of store.list(restScope)) {
      this.begin(key.slice(restScope.length), value as unknown as Rest, rules())
    }
  }

  /** In the transaction of the event, over `restScope`. */
  write(tx: Transaction, occurrence: string, rest: Rest): void {
    tx.put(restScope + occurrence, rest as unknown as Json)
  }

  begin(occurrence: string, rest: Rest, rules: Rules): void {
    const running = this.#run(occurrence, rest, rules).catch((error: unknown) => {
      this.#options.onWarning(
        `the rest of the deliveries of event ${JSON.stringify(rest.event.id)} is left for the next start: ${(error as Error).message}`,
      )
    })
    this.#running.add(running)
    void running.then(() => this.#running.delete(running))
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#stopWaiting()
    await Promise.all(this.#running)
  }

  async #run(occurrence: string, { event, decided }: Rest, rules: Rules): Promise<void> {
    const { chunk } = this.#options
    for (let at = 0; at < decided.length; at += chunk) {
      if (this.#isClosing) return
      const part = decided.slice(at, at + chunk)
      const isLast = at + chunk >= decided.length
      while (!(await this.#write(occurrence, event, part, isLast, rules))) {
        await this.#wait()
        if (this.#isClosing) return
      }
    }
  }

  /** False when the store takes nothing now. What was derived before a sudden end is there already, and is left alone. */
  async #write(
    occurrence: string,
    event: RatedEvent,
    part: readonly Decided[],
    isLast: boolean,
    rules: Rules,
  ): Promise<boolean> {
    const { engine, store, types, now, maxAgeMs } = this.#options
    const rendered = await renderSent(rules, event, part)
    const context = { rules, types, now: now(), maxAgeMs }
    const prepared = engine.prepare(part.map((one, index) => toDelivery(event, one, rendered[index], context)))
    try {
      await store.transact([restScope, ...prepared.scopes], (tx) => {
        prepared.write(tx)
        if (isLast) tx.delete(restScope + occurrence)
      })
      prepared.commit()
      return true
    } catch (error) {
      prepared.abandon()
      if (error instanceof StoreUnavailable) return false
      throw error
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.timer(againMs, resolve)
      void this.#closing.then(() => {
        cancel()
        resolve()
      })
    })
  }
}
