import { SlotHeap } from './slot-heap.js'
import type { Slots } from './slots.js'

/** What all lanes of one target share. */
export interface TargetCount {
  waiting: number
}

/** Deliveries to one target that are held or not held together. */
export class Lane {
  readonly key: string
  readonly target: string
  readonly breaker: boolean
  readonly count: TargetCount
  /** All its slots, the finished ones too. */
  size = 0
  readonly due: SlotHeap
  readonly #slots: Slots<Lane>

  constructor(slots: Slots<Lane>, target: string, breaker: boolean, count: TargetCount) {
    this.#slots = slots
    this.key = laneKey(target, breaker)
    this.target = target
    this.breaker = breaker
    this.count = count
    this.due = new SlotHeap(slots)
  }

  /** When its next delivery may begin; infinite when none waits. */
  get nextDue(): number {
    const { first } = this.due
    return first === undefined ? Number.POSITIVE_INFINITY : this.#slots.due(first)
  }
}

export function laneKey(target: string, breaker: boolean): string {
  return breaker ? target : `${target}\n`
}
