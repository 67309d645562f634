// What dry runs have shown: the real run does it to these deliveries and to no others, whatever has come since.
import { randomBytes } from 'node:crypto'
import type { DeliveryOperation } from './delivery-views.js'

export interface DeliveryPlan {
  readonly operation: DeliveryOperation
  readonly ids: readonly string[]
  readonly until: number
}

export const planMs = 10 * 60_000
/** Ids are kept in memory, so few plans are. */
const mostPlans = 8

export class DeliveryPlans {
  readonly #now: () => Date
  readonly #plans = new Map<string, DeliveryPlan>()

  constructor(now: () => Date) {
    this.#now = now
  }

  keep(operation: DeliveryOperation, ids: readonly string[]): { confirm: string; until: Date } {
    this.#sweep()
    for (const oldest of [...this.#plans.keys()].slice(0, Math.max(0, this.#plans.size - mostPlans + 1))) {
      this.#plans.delete(oldest)
    }
    const confirm = randomBytes(12).toString('base64url')
    const until = this.#now().getTime() + planMs
    this.#plans.set(confirm, { operation, ids, until })
    return { confirm, until: new Date(until) }
  }

  find(confirm: string): DeliveryPlan | undefined {
    this.#sweep()
    return this.#plans.get(confirm)
  }

  /** It was carried out, and is not a second time. */
  drop(confirm: string): void {
    this.#plans.delete(confirm)
  }

  #sweep(): void {
    const now = this.#now().getTime()
    for (const [confirm, { until }] of this.#plans) if (until <= now) this.#plans.delete(confirm)
  }
}
