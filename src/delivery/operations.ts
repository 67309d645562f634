// What people do to deliveries: look, send again, call off, send at once.

import type { ChangeRefusal, Deliveries } from '../store/deliveries.js'
import type { Delivery, DeliveryState, DeliveryStatus } from '../store/delivery.js'
import { isWaiting } from '../store/delivery.js'
import type { DeliveryEntry, DeliveryFilter } from '../store/delivery-list.js'
import type { RunningAttempt } from './attempt.js'
import { cancelled, fired, requeued } from './transition.js'
import type { DeliveryView, Held } from './view.js'

export type Operation = 'requeue' | 'cancel' | 'fire'

/** `held` means those that wait and may not go now. */
export interface ViewFilter extends Omit<DeliveryFilter, 'status'> {
  readonly status?: readonly (DeliveryStatus | 'held')[]
}

export interface OperationResult {
  /** How many the filter means; with a dry run, all that is done. */
  readonly matched: number
  readonly changed: number
  /** The first of them. */
  readonly ids: readonly string[]
}

export interface OperationOptions {
  readonly deliveries: Deliveries
  readonly now: () => number
  readonly running: (id: string) => RunningAttempt | undefined
  /** Resolves once it is over. */
  readonly cancelRunning: (id: string) => Promise<void>
  readonly heldBy: (entry: DeliveryEntry) => Held | undefined
  readonly fire: (id: string) => void
  readonly changed: (delivery: Delivery, state: DeliveryState) => void
}

const pageSize = 500
const atATime = 100
const idsShown = 100

export class Operations {
  readonly #options: OperationOptions

  constructor(options: OperationOptions) {
    this.#options = options
  }

  get(id: string): DeliveryView | undefined {
    const entry = this.#options.deliveries.get(id)
    return entry === undefined ? undefined : this.#view(entry)
  }

  /** The latest first. A page may be short, or empty, and still have a next. */
  async list(
    filter: ViewFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<{ readonly items: readonly DeliveryView[]; readonly next?: string }> {
    const { status, ...rest } = filter
    const stored = status?.flatMap((one): DeliveryStatus[] => (one === 'held' ? ['pending', 'retrying'] : [one]))
    const { items, next } = await this.#options.deliveries.list(
      { ...rest, ...(stored !== undefined && { status: stored }) },
      page,
    )
    const views = items.map((entry) => this.#view(entry))
    return {
      items: status === undefined ? views : views.filter((view) => hasStatus(view, status)),
      ...(next !== undefined && { next }),
    }
  }

  /** A dead letter is sent again, under its id, with all its attempts before it. */
  requeue(id: string): Promise<DeliveryState | ChangeRefusal> {
    return this.#change(id, requeued)
  }

  /** A waiting delivery is called off. One under way is cut off; if it arrived all the same, it counts as delivered. */
  async cancel(id: string): Promise<DeliveryState | ChangeRefusal> {
    const { deliveries } = this.#options
    for (;;) {
      const result = await this.#change(id, cancelled)
      if (result !== 'busy' || this.#options.running(id) === undefined) return result
      await this.#options.cancelRunning(id)
      const state = deliveries.get(id)?.state
      if (state?.status === 'cancelled') return state
    }
  }

  /** A waiting delivery is due now, and does not wait until its target is no longer held. */
  async fire(id: string): Promise<DeliveryState | ChangeRefusal> {
    const result = await this.#change(id, fired)
    if (typeof result !== 'string') this.#options.fire(id)
    return result
  }

  /** The same for all that a filter means and the operation is for. */
  async all(operation: Operation, filter: ViewFilter, { dryRun }: { dryRun: boolean }): Promise<OperationResult> {
    const allowed: readonly (DeliveryStatus | 'held')[] =
      operation === 'requeue' ? ['dead_letter'] : ['pending', 'retrying', 'held']
    const status = filter.status?.filter((one) => allowed.includes(one)) ?? allowed.filter((one) => one !== 'held')
    const ids: string[] = []
    if (status.length > 0) {
      for (let after: string | undefined; ; ) {
        const page = { limit: pageSize, ...(after !== undefined && { after }) }
        const { items, next } = await this.list({ ...filter, status }, page)
        for (const { delivery } of items) ids.push(delivery.id)
        if (next === undefined) break
        after = next
      }
    }
    let changed = 0
    // The oldest first, so that they keep their order.
    ids.reverse()
    for (let at = 0; at < ids.length && !dryRun; at += atATime) {
      const results = await Promise.all(ids.slice(at, at + atATime).map((id) => this[operation](id)))
      changed += results.filter((result) => typeof result !== 'string').length
    }
    return { matched: ids.length, changed, ids: ids.slice(0, idsShown) }
  }

  async #change(
    id: string,
    work: (state: DeliveryState, now: number) => DeliveryState | undefined,
  ): Promise<DeliveryState | ChangeRefusal> {
    const { deliveries, now, changed } = this.#options
    let delivery: Delivery | undefined
    const result = await deliveries.change(id, (entry) => {
      delivery = entry.delivery
      return work(entry.state, now())
    })
    if (typeof result !== 'string' && delivery !== undefined) changed(delivery, result)
    return result
  }

  #view(entry: DeliveryEntry): DeliveryView {
    const isRunning = this.#options.running(entry.delivery.id) !== undefined
    const held = isWaiting(entry.state.status) && !isRunning ? this.#options.heldBy(entry) : undefined
    return { ...entry, isRunning, ...(held !== undefined && { held }) }
  }
}

function hasStatus({ state, held }: DeliveryView, status: readonly (DeliveryStatus | 'held')[]): boolean {
  return status.includes(state.status) || (held !== undefined && status.includes('held'))
}
