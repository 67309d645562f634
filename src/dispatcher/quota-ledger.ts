// How much of their quotas namespaces have used. Counted in the transaction of what is counted: what is on disk was
// counted once, what is not was not, and of two that are accepted at the same time one is the second.

import type { Json } from '../expression/json.js'
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

/** What takes a share of a quota. */
export interface QuotaGate {
  /** Of the transactions that `admit` and `count` are called in. */
  readonly scopes: readonly string[]
  /** The decisions about an event, with those suppressed that there is no place for. */
  admit(tx: Transaction, event: QuotaEvent, decisions: readonly Decision[]): readonly Decision[]
  /** The event happened. It is never refused: there is no limit to what happens. */
  count(tx: Transaction, event: QuotaEvent): void
  /** What was admitted is on disk: tells of what is used up. */
  settled(): void
}

type QuotaEvent = Pick<PostedEvent, 'namespace' | 'type'>
type Reader = Pick<Transaction, 'get'>

const keyOf = ({ namespace, quota }: Limited): string => `${quotaScope}${namespace}/${quota}`

export class QuotaLedger implements QuotaGate {
  readonly scopes = [quotaScope]
  readonly #options: QuotaLedgerOptions
  /** By their keys: those that something was counted of since it was looked whether there is something to tell. */
  readonly #touched = new Map<string, Limited>()
  /** Keys of those that are being told of. */
  readonly #telling = new Set<string>()

  constructor(options: QuotaLedgerOptions) {
    this.#options = options
  }

  /** Tells what an earlier process had no time to. Once something is applied. */
  start(): void {
    for (const use of this.uses()) this.#check(use)
  }

  /** Of every quota that is declared, by namespace. */
  uses(): readonly QuotaUse[] {
    return [...this.#options.quotas()].flatMap(([namespace, declared]) =>
      limitsOf(namespace, declared).map((limited) => useOf(limited, this.#countOf(limited))),
    )
  }

  /** How many places are left; for explaining, which takes none. */
  room(limited: Limited): number {
    return limited.limit - this.#countOf(limited).used
  }

  admit(tx: Transaction, event: QuotaEvent, decisions: readonly Decision[]): readonly Decision[] {
    const { quotas, now } = this.#options
    return withinQuota(event, decisions, quotas(), now(), (limited) => {
      const count = this.#countOf(limited, tx)
      const isThere = count.used < limited.limit
      this.#put(tx, limited, isThere ? { ...count, used: count.used + 1 } : { ...count, refused: count.refused + 1 })
      return isThere
    })
  }

  count(tx: Transaction, { namespace = '', type }: QuotaEvent): void {
    const declared = this.#options.quotas().get(namespace)
    const limited = declared && limitsOf(namespace, declared).find(({ quota }) => quota === eventsQuota(type))
    if (limited === undefined) return
    const count = this.#countOf(limited, tx)
    this.#put(tx, limited, { ...count, used: count.used + 1 })
  }

  settled(): void {
    const touched = [...this.#touched.values()]
    this.#touched.clear()
    for (const limited of touched) this.#check(limited)
  }

  #put(tx: Transaction, limited: Limited, count: Count): void {
    const key = keyOf(limited)
    tx.put(key, count as unknown as Json)
    this.#touched.set(key, limited)
  }

  /** In the period that it is now. */
  #countOf(limited: Limited, from: Reader = this.#options.store): Count {
    const period = periodOf(limited.per, this.#options.now())
    const kept = from.get(keyOf(limited)) as unknown as Count | undefined
    // A clock that was set back a little does not give out again what was given out.
    const isPast = kept === undefined || kept.period < period || kept.period > period + 1
    return isPast ? { period, used: 0, refused: 0, told: 0 } : kept
  }

  #check(limited: Limited): void {
    const key = keyOf(limited)
    const count = this.#countOf(limited)
    const level = levelOf(limited, count)
    if (this.#telling.has(key) || level <= count.told || level === 0) return
    this.#telling.add(key)
    this.#tell(limited, count, level)
      .catch((error: unknown) => {
        // The next that is counted asks again, and so does the next start.
        this.#options.onWarning(`what quota ${limited.quota} has left cannot be told: ${(error as Error).message}`)
        return false
      })
      .then((isTold) => {
        this.#telling.delete(key)
        if (isTold) this.#check(limited)
      })
  }

  async #tell(limited: Limited, count: Count, level: QuotaLevel): Promise<boolean> {
    const { store, tell } = this.#options
    const { period } = count
    const id = `quota:${store.epoch}:${limited.namespace}:${limited.quota}:${limited.per}${period}:${level}`
    await tell({ ...useOf(limited, count), level, id })
    const key = keyOf(limited)
    await store.transact([quotaScope], (tx) => {
      const kept = tx.get(key) as unknown as Count | undefined
      if (kept?.period === period) tx.put(key, { ...kept, told: level } as unknown as Json)
    })
    return true
  }
}

function useOf(limited: Limited, { period, used, refused }: Count): QuotaUse {
  return { ...limited, used, refused, ...boundsOf(limited.per, period) }
}

/** A limit of nothing is used up by the first that is refused. */
function levelOf({ limit }: Limited, { used, refused }: Count): 0 | QuotaLevel {
  if (used >= limit) return limit > 0 || refused > 0 ? 100 : 0
  return used * 10 >= limit * 8 ? 80 : 0
}
