import type { Hint } from '../source/source.js'

export interface QuietPolicy {
  /** Several changes are taken together once nothing more came for this long. */
  readonly quietMs: number
  /** However busy it is, they are taken after this long. */
  readonly longestMs: number
}

export interface Timers {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Joins "look again" from watchers, signals, intervals and operations into one hint for the next pass. */
export class Trigger {
  readonly #policy: QuietPolicy
  readonly #timers: Timers
  #hint: Hint | undefined
  #last = 0
  #waiting: (() => void) | undefined
  /** When a look is due that was asked for ahead. */
  #later: number | undefined
  #ended = false

  constructor(policy: QuietPolicy, timers: Timers) {
    this.#policy = policy
    this.#timers = timers
  }

  /** Something may have changed. Never blocks, never throws. */
  look(hint: Hint): void {
    this.#hint = this.#hint === undefined ? hint : joinHints(this.#hint, hint)
    this.#last = this.#timers.now()
    this.#waiting?.()
    this.#waiting = undefined
  }

  get pending(): boolean {
    return this.#hint !== undefined
  }

  /** What has gathered since the last `take`, or undefined. */
  take(): Hint | undefined {
    const hint = this.#hint
    this.#hint = undefined
    return hint
  }

  /** Resolves once something is pending, or at the end. */
  async next(): Promise<void> {
    while (this.#hint === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  /** Nobody waits for anything any more. */
  end(): void {
    this.#ended = true
    this.#waiting?.()
  }

  /** Resolves once nothing came for the quiet time, and at the latest at `deadline`. */
  async quiet(deadline: number): Promise<void> {
    while (!this.#ended) {
      const now = this.#timers.now()
      const wait = Math.min(this.#last + this.#policy.quietMs, deadline) - now
      if (wait <= 0) return
      await this.#timers.sleep(wait)
    }
  }

  /** Looks anywhere after a while. One such look at a time, the nearest: what fails again and again does not add up. */
  lookAfter(ms: number): void {
    const due = this.#timers.now() + ms
    if (this.#later !== undefined && this.#later <= due) return
    this.#later = due
    void this.#timers.sleep(ms).then(() => {
      if (this.#later !== due) return
      this.#later = undefined
      this.look('anywhere')
    })
  }

  /** Milliseconds until `deadline`. */
  remaining(deadline: number): number {
    return deadline - this.#timers.now()
  }

  /** The moment after which changes that keep coming are not waited for any longer. */
  deadline(): number {
    return this.#timers.now() + this.#policy.longestMs
  }
}

export function joinHints(one: Hint, other: Hint): Hint {
  if (other !== 'anywhere' && other.size === 0) return one
  return one === 'anywhere' || other === 'anywhere' ? 'anywhere' : new Set([...one, ...other])
}

/** True when `later` names something that `earlier` does not. */
export function widens(earlier: Hint, later: Hint): boolean {
  if (earlier === 'anywhere') return false
  return later === 'anywhere' || [...later].some((path) => !earlier.has(path))
}
