import type { Delivery } from '../store/delivery.js'
import type { Timer } from '../store/timer.js'
import type { AttemptSignal, Outcome, Transport } from './transport.js'

/** Why an attempt is cut off. */
export type Abort = 'timeout' | 'cancelled' | 'closing' | 'deadline'

/** What a transport has to let go once it is aborted; its place in the pool is given away after it. */
const letGoMs = 1000

/** One attempt under way, and the signal that its transport is given. */
export class RunningAttempt implements AttemptSignal {
  readonly startedAt: number
  /** Why it was cut off; of the outcome, only a success counts then. */
  cutOffBy: Abort | undefined
  /** An Error once it is aborted. */
  reason: unknown
  readonly #timer: Timer
  #cancelTimer = () => {}
  #listeners: (() => void)[] = []
  #isOver = false
  /** Those who wait for its end, which few do. */
  #waiting: (() => void)[] | undefined
  #giveUp: (() => void) | undefined

  constructor(startedAt: number, timer: Timer) {
    this.startedAt = startedAt
    this.#timer = timer
  }

  /** Resolves when it is over, and what came of it is noted. */
  get done(): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting ??= []
      this.#waiting.push(resolve)
    })
  }

  finish(): void {
    this.#isOver = true
    for (const resolve of this.#waiting ?? []) resolve()
  }

  get aborted(): boolean {
    return this.cutOffBy !== undefined
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener)
    if (at !== -1) this.#listeners.splice(at, 1)
  }

  /** Resolves with the outcome, however the transport behaves. Rejects with what it threw. */
  run(transport: Transport, delivery: Delivery, attempt: number): Promise<Outcome> {
    return new Promise<Outcome>((resolve, reject) => {
      this.#giveUp = () => resolve(this.#cutOff(delivery))
      this.#cancelTimer = this.#timer(delivery.timeoutMs, () => this.abort('timeout'))
      transport.send(delivery, this, attempt).then(
        (outcome) => {
          this.#cancelTimer()
          resolve(this.cutOffBy === undefined || outcome.ok ? outcome : this.#cutOff(delivery))
        },
        (error: unknown) => {
          this.#cancelTimer()
          if (this.cutOffBy === undefined) reject(error)
          else resolve(this.#cutOff(delivery))
        },
      )
    })
  }

  abort(why: Abort): void {
    if (this.cutOffBy !== undefined) return
    this.cutOffBy = why
    this.reason = new Error(why)
    this.#cancelTimer()
    this.#cancelTimer = this.#timer(letGoMs, () => this.#giveUp?.())
    for (const listener of this.#listeners.splice(0)) listener()
  }

  #cutOff({ timeoutMs }: Delivery): Outcome {
    if (this.cutOffBy === 'timeout') {
      return { ok: false, class: 'timeout', message: `no answer within ${timeoutMs / 1000} s` }
    }
    return { ok: false, class: 'interrupted', message: `the attempt was cut off: ${this.cutOffBy}` }
  }
}
