import type { ConditionType, StatusCondition } from './condition.js'

export interface ConditionFacts {
  readonly reason: string
  readonly message: string
}

/** The conditions of the whole. A transition time moves only when the status does. */
export class Conditions {
  readonly #now: () => Date
  readonly #conditions = new Map<ConditionType, StatusCondition>()

  constructor(now: () => Date) {
    this.#now = now
    this.set('Ready', 'Unknown', 'Starting', 'no revision has been applied yet', 0)
    this.set('Reconciling', 'False', 'Starting', 'not yet started', 0)
    this.set('Stalled', 'False', 'Starting', 'not yet started', 0)
  }

  set(
    type: ConditionType,
    status: StatusCondition['status'],
    reason: string,
    message: string,
    generation: number,
  ): void {
    const before = this.#conditions.get(type)
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : this.#now().toISOString()
    this.#conditions.set(type, { type, status, reason, message, observedGeneration: generation, lastTransitionTime })
  }

  get(type: ConditionType): StatusCondition | undefined {
    return this.#conditions.get(type)
  }

  list(): StatusCondition[] {
    return [...this.#conditions.values()]
  }
}
