// How much of their quotas namespaces have used. Counted in the transaction of what is counted: what is on disk was
// counted once, and what is not was not. A place is taken in memory before that, so that events that are accepted at the
// same time do not take the same one.

import type { Json } from '../expression/json.js'
import type { QuotaPeriod } from '../resources/kinds/quota.js'
import type { Store, Transaction } from '../store/store.js'
import type { Decision } from './decision.js'
import type { PostedEvent } from './events/event.js'
import { eventsQuota, type Limited, limitsOf, type QuotasByNamespace, withinQuota } from './quota.js'
import { boundsOf, periodOf } from './quota-period.js'

/** How much of one quota is used in its period. */
export interface QuotaUse extends Limited {
  readonly used: number
  /** Beyond the limit, and not sent. */
  readonly refused: number
  /** ISO 8601: the period. */
  readonly from: string
  readonly until: string
}

/** A part of a quota is used up: told once in a period. */
export interface QuotaNotice extends QuotaUse {
  readonly level: QuotaLevel
  /** Equal for the same quota, period and level. */
  readonly id: string
}

export type QuotaLevel = 80 | 100

export interface QuotaLedgerOptions {
  readonly store: Pick<Store, 'epoch' | 'get' | 'list' | 'transact'>
  /** Of what is applied. */
  readonly quotas: () => QuotasByNamespace
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves once it is durable that it was told, or is to be told to nobody. */
  readonly tell: (notice: QuotaNotice) => Promise<void>
  readonly onWarning: (message: string) => void
}

export const quotaScope = 'quota/'

/** As it is kept. */
interface Count {
  readonly period: number
  readonly used: number
  readonly refused: number
  /** The highest level that was told of. */
  readonly told: 0 | QuotaLevel
}

interface Entry {
  readonly limited: Limited
  count: Count
  /** Places taken by what is not on disk yet. */
  reserved: number
  telling: boolean
}

const keyOf = ({ namespace, quota }: Limited): string => `${quotaScope}${namespace}/${quota}`

export class QuotaLedger {
  readonly #options: QuotaLedgerOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: QuotaLedgerOptions) {
    this.#options = options
  }

  /** Tells what an earlier process had no time to. Once something is applied. */
  start(): void {
    for (const use of this.uses()) this.#check(this.#entryOf(use))
  }

  /** Takes places for events that are about to be accepted, all with one record. */
  begin(): QuotaTaking {
    return new QuotaTaking(this, this.#options)
  }

  /** Of every quota that is declared, by namespace. */
  uses(): readonly QuotaUse[] {
    return [...this.#options.quotas()].flatMap(([namespace, declared]) =>
      limitsOf(namespace, declared).map((limited) => this.#useOf(this.#entryOf(limited))),
    )
  }

  /** Whether there is a place; for explaining, which takes none. */
  room(limited: Limited): number {
    const { count, reserved } = this.#entryOf(limited)
    return limited.limit - count.used - reserved
  }

  /** @internal */
  reserve(limited: Limited): boolean {
    const entry = this.#entryOf(limited)
    if (entry.count.used + entry.reserved >= limited.limit) return false
    entry.reserved += 1
    return true
  }

  /** @internal Gives places back, or makes them used. */
  settle(limited: Limited, { taken, refused }: Taken, isUsed: boolean, period: number): void {
    const entry = this.#entryOf(limited)
    entry.reserved = Math.max(0, entry.reserved - taken)
    if (!isUsed) return
    const base = entry.count.period === period ? entry.count : undefined
    // A period that is over by now has nothing to be told of.
    if (base === undefined) return
    entry.count = { ...base, used: base.used + taken, refused: base.refused + refused }
    this.#check(entry)
  }

  /** @internal Of the period that it is now. */
  periodOf(limited: Limited): number {
    return this.#entryOf(limited).count.period
  }

  /** What is known of it, in the period that it is now. */
  #entryOf(limited: Limited): Entry {
    const key = keyOf(limited)
    const period = this.#now(limited.per)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const kept = this.#options.store.get(key) as unknown as Count | undefined
      entry = { limited, count: kept ?? fresh(period), reserved: 0, telling: false }
      this.#entries.set(key, entry)
    }
    // A clock that was set back a little does not give out again what was given out.
    const isPast = entry.count.period < period || entry.count.period > period + 1
    const next = isPast ? fresh(period) : entry.count
    if (next !== entry.count || limited.limit !== entry.limited.limit || limited.per !== entry.limited.per) {
      const isOther = limited.per !== entry.limited.per
      const count = isOther ? fresh(period) : next
      Object.assign(entry, { limited, count })
    }
    return entry
  }

  #now(per: QuotaPeriod): number {
    return periodOf(per, this.#options.now())
  }

  #useOf({ limited, count: { period, used, refused } }: Entry): QuotaUse {
    return { ...limited, used, refused, ...boundsOf(limited.per, period) }
  }

  #check(entry: Entry): void {
    const { limited, count } = entry
    const level = levelOf(limited, count)
    if (entry.telling || level <= count.told || level === 0) return
    entry.telling = true
    const { epoch } = this.#options.store
    const id = `quota:${epoch}:${limited.namespace}:${limited.quota}:${limited.per}${count.period}:${level}`
    this.#tell(entry, { ...this.#useOf(entry), level, id }, count.period)
      .catch((error: unknown) => {
        // The next that is counted asks again, and so does the next start.
        this.#options.onWarning(`what quota ${limited.quota} has left cannot be told: ${(error as Error).message}`)
        return false
      })
      .then((isTold) => {
        entry.telling = false
        if (isTold) this.#check(entry)
      })
  }

  async #tell(entry: Entry, notice: QuotaNotice, period: number): Promise<boolean> {
    const { store, tell } = this.#options
    await tell(notice)
    const key = keyOf(entry.limited)
    await store.transact([quotaScope], (tx) => {
      const kept = tx.get(key) as unknown as Count | undefined
      if (kept?.period === period) tx.put(key, { ...kept, told: notice.level } as unknown as Json)
    })
    if (entry.count.period === period) entry.count = { ...entry.count, told: notice.level }
    return true
  }
}

interface Taken {
  taken: number
  refused: number
}

/** What the events of one record take. */
export class QuotaTaking {
  readonly #ledger: QuotaLedger
  readonly #options: Pick<QuotaLedgerOptions, 'quotas' | 'now'>
  readonly #quotas: QuotasByNamespace
  readonly #taken = new Map<string, Taken & { readonly limited: Limited; readonly period: number }>()

  constructor(ledger: QuotaLedger, options: Pick<QuotaLedgerOptions, 'quotas' | 'now'>) {
    this.#ledger = ledger
    this.#options = options
    this.#quotas = options.quotas()
  }

  /** The decisions about an event, with those suppressed that there is no place for. The event itself is counted. */
  admit(event: Pick<PostedEvent, 'namespace' | 'type'>, decisions: readonly Decision[]): readonly Decision[] {
    if (this.#quotas.size === 0) return decisions
    this.#count(event)
    return withinQuota(event, decisions, this.#quotas, this.#options.now(), (limited) => {
      const isThere = this.#ledger.reserve(limited)
      const taken = this.#of(limited)
      if (isThere) taken.taken += 1
      else taken.refused += 1
      return isThere
    })
  }

  /** Of the transaction that `write` is part of. */
  get scopes(): readonly string[] {
    return this.#taken.size === 0 ? [] : [quotaScope]
  }

  /** In the transaction of what was taken for. */
  write(tx: Transaction): void {
    for (const { limited, taken, refused, period } of this.#taken.values()) {
      const key = keyOf(limited)
      const kept = tx.get(key) as unknown as Count | undefined
      // The period has ended since, and others are counted in the next.
      if (kept?.period === period + 1) continue
      const base = kept?.period === period ? kept : fresh(period)
      tx.put(key, { ...base, used: base.used + taken, refused: base.refused + refused } as unknown as Json)
    }
  }

  /** It is on disk. */
  commit(): void {
    this.#settle(true)
  }

  /** Nothing of it is. */
  abandon(): void {
    this.#settle(false)
  }

  /** Events are counted and never refused: there is no limit to what happens. */
  #count({ namespace = '', type }: Pick<PostedEvent, 'namespace' | 'type'>): void {
    const declared = this.#quotas.get(namespace)
    const limited = declared && limitsOf(namespace, declared).find(({ quota }) => quota === eventsQuota(type))
    if (limited !== undefined) this.#of(limited).taken += 1
  }

  #of(limited: Limited) {
    const key = keyOf(limited)
    let taken = this.#taken.get(key)
    if (taken === undefined) {
      taken = { limited, taken: 0, refused: 0, period: this.#ledger.periodOf(limited) }
      this.#taken.set(key, taken)
    }
    return taken
  }

  #settle(isUsed: boolean): void {
    for (const { limited, period, ...taken } of this.#taken.values()) {
      this.#ledger.settle(limited, taken, isUsed, period)
    }
    this.#taken.clear()
  }
}

function fresh(period: number): Count {
  return { period, used: 0, refused: 0, told: 0 }
}

/** A limit of nothing is used up by the first that is refused. */
function levelOf({ limit }: Limited, { used, refused }: Count): 0 | QuotaLevel {
  if (used >= limit) return limit > 0 || refused > 0 ? 100 : 0
  return used * 10 >= limit * 8 ? 80 : 0
}
