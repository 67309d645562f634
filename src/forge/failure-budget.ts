interface Failures {
  count: number
  readonly since: number
}

/** Failures that each sender may have in a minute. Of many senders, those that failed last are remembered. */
export class FailureBudget {
  readonly #now: () => number
  readonly #allowed: number
  readonly #mostSenders: number
  readonly #failures = new Map<string, Failures>()

  constructor(now: () => number, { allowed = 20, mostSenders = 1000 } = {}) {
    this.#now = now
    this.#allowed = allowed
    this.#mostSenders = mostSenders
  }

  isExceeded(sender: string): boolean {
    const failures = this.#current(sender)
    return failures !== undefined && failures.count >= this.#allowed
  }

  /** Notes a failure. True when it is one too many. */
  add(sender: string): boolean {
    const failures = this.#current(sender) ?? { count: 0, since: this.#now() }
    failures.count += 1
    this.#failures.delete(sender)
    this.#failures.set(sender, failures)
    if (this.#failures.size > this.#mostSenders) {
      const [oldest] = this.#failures.keys()
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
    return failures.count > this.#allowed
  }

  #current(sender: string): Failures | undefined {
    const failures = this.#failures.get(sender)
    if (failures === undefined || this.#now() - failures.since < windowMs) return failures
    this.#failures.delete(sender)
    return undefined
  }
}

const windowMs = 60_000
