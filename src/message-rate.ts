/** At most so many in any 60 seconds. Kept in memory: a restart begins anew. */
export class MessageRate {
  readonly #perMinute: number
  readonly #now: () => number
  /** When the last ones were, oldest first. */
  readonly #times: number[] = []

  /** `now`: milliseconds of a clock that is never set back. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute
    this.#now = now
  }

  /** Takes a place; else says how long there is none, in milliseconds. */
  take(): number | undefined {
    const now = this.#now()
    while ((this.#times[0] ?? now) <= now - minuteMs) this.#times.shift()
    if (this.#times.length >= this.#perMinute) return (this.#times[0] ?? now) + minuteMs - now
    this.#times.push(now)
    return undefined
  }
}

const minuteMs = 60_000
