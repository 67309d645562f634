// What stands before one target: open, or held until a time because of its breaker, a Retry-After, its rate, or by hand.

import type { Json } from '../expression/json.js'
import type { Rate } from './transport.js'

export type HoldReason = 'breaker' | 'retry_after' | 'rate'

export interface Hold {
  readonly reason: HoldReason
  readonly until: number
}

export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it is open at first; doubles with each probe that fails. */
  readonly openMs: number
  readonly maxOpenMs: number
}

/** `unproven` until the first attempt has ended; then as the last one went. */
export type Standing = 'unproven' | 'proven' | 'failing'

export type BreakerState = 'closed' | 'open' | 'half_open'

interface KeptHold {
  readonly retryAfter?: number
  readonly open?: number
  readonly openMs?: number
}

export class Gate {
  readonly target: string
  standing: Standing = 'unproven'
  inFlight = 0
  /** How many attempts at a time its transport is good for; undefined when they take places in the pool. */
  width: number | undefined
  readonly #policy: BreakerPolicy
  #failures = 0
  /** 0 while the breaker is closed. */
  #openUntil = 0
  #openMs = 0
  #retryAfter = 0
  #rateUntil = 0
  /** When the latest attempts began, as many as the rate allows. */
  #begun: number[] = []

  constructor(target: string, policy: BreakerPolicy) {
    this.target = target
    this.#policy = policy
  }

  breaker(now: number): BreakerState {
    if (this.#openUntil === 0) return 'closed'
    return now < this.#openUntil ? 'open' : 'half_open'
  }

  /** When its rate lets the next one go; undefined when it does so now. */
  rateUntil(now: number): number | undefined {
    return this.#rateUntil > now ? this.#rateUntil : undefined
  }

  /** What holds a delivery now; the one that lasts longest. */
  hold(heedsBreaker: boolean, now: number): Hold | undefined {
    let hold: Hold | undefined
    const consider = (reason: HoldReason, until: number) => {
      if (until > now && until > (hold?.until ?? 0)) hold = { reason, until }
    }
    if (heedsBreaker) consider('breaker', this.#openUntil)
    consider('retry_after', this.#retryAfter)
    consider('rate', this.#rateUntil)
    return hold
  }

  /** True when nothing has to be remembered of it. */
  isIdle(now: number): boolean {
    return this.inFlight === 0 && this.#failures === 0 && this.#openUntil === 0 && this.hold(true, now) === undefined
  }

  /** The target asked to be left alone. True when that is news. */
  pauseUntil(until: number): boolean {
    if (until <= this.#retryAfter) return false
    this.#retryAfter = until
    return true
  }

  /** Counts an attempt that is about to begin, or says until when it has to wait. */
  admit({ count, perMs }: Rate, now: number): number | undefined {
    while ((this.#begun[0] ?? now) <= now - perMs || this.#begun.length > count) this.#begun.shift()
    const oldest = this.#begun[0]
    if (this.#begun.length < count || oldest === undefined) {
      this.#begun.push(now)
      return undefined
    }
    this.#rateUntil = oldest + perMs
    return this.#rateUntil
  }

  /** What an attempt says of the target: `reached` or not. True when the breaker has opened or closed. */
  report(reached: boolean, now: number): boolean {
    if (reached) {
      const wasOpen = this.#openUntil !== 0
      this.#failures = 0
      this.#openUntil = 0
      this.#openMs = 0
      return wasOpen
    }
    const state = this.breaker(now)
    // It began before the breaker opened, and tells nothing new.
    if (state === 'open') return false
    this.#failures += 1
    if (state === 'closed' && this.#failures < this.#policy.failures) return false
    this.#openMs = state === 'closed' ? this.#policy.openMs : Math.min(this.#openMs * 2, this.#policy.maxOpenMs)
    this.#openUntil = now + this.#openMs
    return true
  }

  /** What has to survive a restart; `undefined` for nothing. */
  toJson(now: number): Json | undefined {
    const kept: { [name: string]: Json } = {}
    if (this.#retryAfter > now) kept.retryAfter = this.#retryAfter
    if (this.#openUntil !== 0) Object.assign(kept, { open: this.#openUntil, openMs: this.#openMs })
    return Object.keys(kept).length === 0 ? undefined : kept
  }

  restore(kept: Json): void {
    const { retryAfter = 0, open = 0, openMs = 0 } = kept as KeptHold
    this.#retryAfter = retryAfter
    this.#openUntil = open
    this.#openMs = openMs
    if (open !== 0) this.standing = 'failing'
  }
}
