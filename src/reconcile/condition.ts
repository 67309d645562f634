export type ConditionType = 'Ready' | 'Reconciling' | 'Stalled'

/** One observed fact about the whole, or about one resource. */
export interface StatusCondition {
  readonly type: ConditionType
  readonly status: 'True' | 'False' | 'Unknown'
  /** PascalCase: Succeeded, ValidationFailed, FetchFailed, DeletionBudgetExceeded, Suspended, … */
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  /** ISO 8601. Changes only when `status` does. */
  readonly lastTransitionTime: string
}
