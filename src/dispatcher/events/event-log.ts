// Which events were accepted, and what was answered: for seven days, so that one that is posted again is not told again.

import { createHash } from 'node:crypto'
import type { Json } from '../../expression/json.js'
import type { Store, Transaction } from '../../store/store.js'
import type { Receipt } from '../receipt.js'

export interface LoggedEvent {
  readonly digest: string
  readonly receipt: Receipt
}

/** By the day of their acceptance, so that what is old is found without looking at the rest. */
export const eventScope = 'event/'

const dayMs = 24 * 3600 * 1000
const keptDays = 7
const sweepSize = 200

/** Tells occurrences apart: id and source. */
export function occurrenceOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')
    .slice(0, 32)
}

export class EventLog {
  readonly #store: Pick<Store, 'get' | 'list' | 'transact'>
  readonly #now: () => number
  #sweptDay = -1

  /** `now`: milliseconds since 1970. */
  constructor(store: Pick<Store, 'get' | 'list' | 'transact'>, now: () => number) {
    this.#store = store
    this.#now = now
  }

  find(occurrence: string): LoggedEvent | undefined {
    const today = dayOf(this.#now())
    for (let day = today; day >= today - keptDays; day -= 1) {
      const value = this.#store.get(keyOf(day, occurrence))
      if (value !== undefined) return value as unknown as LoggedEvent
    }
    return undefined
  }

  /** In a transaction over `eventScope`. */
  write(tx: Transaction, occurrence: string, logged: LoggedEvent): void {
    tx.put(keyOf(dayOf(this.#now()), occurrence), logged as unknown as Json)
  }

  /** Forgets the days that are over, once a day. Rejects with `StoreUnavailable`, to be called again. */
  async sweep(): Promise<void> {
    const today = dayOf(this.#now())
    if (this.#sweptDay === today) return
    for (let after: string | undefined; ; ) {
      const page = this.#store.list(eventScope, { limit: sweepSize, ...(after !== undefined && { after }) })
      const old = page.map(([key]) => key).filter((key) => dayIn(key) < today - keptDays)
      after = page.at(-1)?.[0]
      if (old.length > 0) {
        await this.#store.transact([eventScope], (tx) => {
          for (const key of old) tx.delete(key)
        })
      }
      // Days are in order, so that the first that is kept is followed by others that are.
      if (page.length < sweepSize || old.length < page.length) break
    }
    this.#sweptDay = today
  }
}

function dayOf(time: number): number {
  return Math.floor(time / dayMs)
}

/** Days have as many digits for centuries. */
function keyOf(day: number, occurrence: string): string {
  return `${eventScope}${String(day).padStart(6, '0')}/${occurrence}`
}

function dayIn(key: string): number {
  return Number(key.slice(eventScope.length, eventScope.length + 6))
}
