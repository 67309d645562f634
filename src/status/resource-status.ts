// What is observed of a resource that sends, in the words of the control port.

/** Why the last delivery that failed did. */
export interface SendingErrorView {
  readonly time: string
  /** What went wrong; without an attempt, why there was none. */
  readonly class: string
  readonly message: string
  /** Of the protocol; null when there was no answer. */
  readonly status: number | null
  /** Its id. */
  readonly delivery: string
}

/** What stands before one target. */
export interface TargetStatus {
  /** Without credentials. */
  readonly target: string
  readonly lastAttempt: string
  readonly gate: 'open' | 'held'
  /** Null when it is open. */
  readonly reason: string | null
  /** Null when it is open, or nobody can say. */
  readonly until: string | null
  /** `off`: the callback asks for none. */
  readonly breaker: 'closed' | 'open' | 'half_open' | 'off'
  /** When its rate lets the next one go; null when it does so now. */
  readonly rateUntil: string | null
  /** Attempts under way. */
  readonly inFlight: number
}

/** How the deliveries of one callback go, or of one webhook on changes. */
export interface CallbackStatus {
  /** Of an entry of a mock: its own, or its number. */
  readonly name: string
  readonly lastSuccess: string | null
  readonly lastError: SendingErrorView | null
  /** Attempts since the last success. */
  readonly failuresInARow: number
  /** The one used last first. */
  readonly targets: readonly TargetStatus[]
  /** There are others, used longer ago. */
  readonly moreTargets: boolean
}

export interface ResourceStatus {
  /** Nothing is known of what was before. */
  readonly since: string
  readonly callbacks: readonly CallbackStatus[]
}
