// One gate per target, kept over a restart while something holds it, and forgotten when it has nothing to tell.

import type { Deliveries } from '../store/deliveries.js'
import { type BreakerPolicy, Gate } from './gate.js'

export const defaultBreaker: BreakerPolicy = { failures: 5, openMs: 10_000, maxOpenMs: 300_000 }

/** Gates that hold nothing and have nothing in turn are forgotten beyond this. */
const maxGates = 10_000

export class Gates {
  readonly #deliveries: Pick<Deliveries, 'keepHold' | 'holds'>
  readonly #policy: BreakerPolicy
  readonly #isUsed: (target: string) => boolean
  readonly #now: () => number
  /** The one used last at the end. */
  readonly #gates = new Map<string, Gate>()
  #last: Gate | undefined
  /** Targets whose hold is in the store. */
  readonly #kept = new Set<string>()

  constructor(
    deliveries: Pick<Deliveries, 'keepHold' | 'holds'>,
    policy: BreakerPolicy,
    isUsed: (target: string) => boolean,
    now: () => number,
  ) {
    this.#deliveries = deliveries
    this.#policy = policy
    this.#isUsed = isUsed
    this.#now = now
    for (const [target, hold] of deliveries.holds()) {
      const gate = new Gate(target, policy)
      gate.restore(hold)
      this.#gates.set(target, gate)
      this.#kept.add(target)
    }
  }

  get all(): Iterable<Gate> {
    return this.#gates.values()
  }

  find(target: string): Gate | undefined {
    return this.#gates.get(target)
  }

  get(target: string): Gate {
    if (this.#last?.target === target) return this.#last
    let gate = this.#gates.get(target)
    if (gate === undefined) gate = new Gate(target, this.#policy)
    else this.#gates.delete(target)
    this.#gates.set(target, gate)
    this.#last = gate
    if (this.#gates.size > maxGates) this.#evict()
    return gate
  }

  /** Keeps what holds a gate, or forgets that something did. */
  keep(gate: Gate): void {
    const hold = gate.toJson(this.#now())
    if (hold === undefined && !this.#kept.delete(gate.target)) return
    if (hold !== undefined) this.#kept.add(gate.target)
    this.#deliveries.keepHold(gate.target, hold)
  }

  #evict(): void {
    let looked = 0
    for (const [target, gate] of this.#gates) {
      looked += 1
      if (this.#gates.size <= maxGates || looked > 100) return
      if (this.#isUsed(target) || !gate.isIdle(this.#now())) continue
      this.#gates.delete(target)
      this.keep(gate)
    }
  }
}
