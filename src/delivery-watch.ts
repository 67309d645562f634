// What happens to deliveries, counted for metrics and told to whoever watches.

import type { DeliveryObserver } from './delivery/engine.js'
import type { Attempt, Delivery, DeliveryState } from './store/delivery.js'
import { isWaiting } from './store/delivery.js'

export interface DeliveryCount {
  readonly kind: string
  readonly transport: string
  /** A status, or `accepted`. */
  readonly state: string
  readonly count: number
}

export interface AttemptCount {
  readonly kind: string
  readonly transport: string
  /** `ok`, or what went wrong. */
  readonly class: string
  readonly count: number
}

/** Plain numbers by kind, transport and one word more; all three come from this program and are few. */
class Tally {
  readonly #counts = new Map<string, { kind: string; transport: string; word: string; count: number }>()

  add({ kind, transport }: Delivery, word: string): void {
    const key = `${kind} ${transport} ${word}`
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { kind, transport, word, count: 1 })
    else known.count += 1
  }

  all(): Iterable<{ kind: string; transport: string; word: string; count: number }> {
    return this.#counts.values()
  }
}

/** An observer of the engine; it costs a count while nobody listens. */
export class DeliveryWatch implements DeliveryObserver {
  readonly #states = new Tally()
  readonly #attempts = new Tally()
  readonly #listeners = new Set<(id: string) => void>()

  accepted(delivery: Delivery): void {
    this.#states.add(delivery, 'accepted')
    if (delivery.suppressed !== undefined) this.#states.add(delivery, 'suppressed')
    this.#tell(delivery)
  }

  attempted(delivery: Delivery, attempt: Attempt): void {
    this.#attempts.add(delivery, attempt.class ?? 'ok')
  }

  changed(delivery: Delivery, { status }: DeliveryState): void {
    if (!isWaiting(status)) this.#states.add(delivery, status)
    this.#tell(delivery)
  }

  /** Tells `listener` of every delivery that is accepted or changed, until what it returns is called. */
  listen(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  *states(): Iterable<DeliveryCount> {
    for (const { kind, transport, word, count } of this.#states.all()) yield { kind, transport, state: word, count }
  }

  *attempts(): Iterable<AttemptCount> {
    for (const { kind, transport, word, count } of this.#attempts.all()) yield { kind, transport, class: word, count }
  }

  #tell({ id }: Delivery): void {
    if (this.#listeners.size === 0) return
    // The engine is in the middle of it: what a listener looks up should be as it is afterwards.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(id)
    })
  }
}
