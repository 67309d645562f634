import type { Delivery } from '../store/delivery.js'
import type { Timer } from '../store/timer.js'
import type { Outcome, Transport } from './transport.js'

/** Why an attempt is cut off. */
export type Abort = 'timeout' | 'cancelled' | 'closing' | 'deadline'

/** What a transport has to let go once it is aborted; its place in the pool is given away after it. */
const letGoMs = 1000

/** One attempt under way. */
export class RunningAttempt {
  readonly startedAt: number
  /** Why it was cut off; of the outcome, only a success counts then. */
  aborted: Abort | undefined
  readonly #controller = new AbortController()
  readonly #timer: Timer
  readonly #cancels: (() => void)[] = []
  #giveUp: (() => void) | undefined

  constructor(startedAt: number, timer: Timer) {
    this.startedAt = startedAt
    this.#timer = timer
  }

  /** Resolves with the outcome, however the transport behaves. Rejects with what it threw. */
  run(transport: Transport, delivery: Delivery, attempt: number): Promise<Outcome> {
    return new Promise<Outcome>((resolve, reject) => {
      this.#giveUp = () => resolve(this.#cutOff(delivery))
      this.#cancels.push(this.#timer(delivery.timeoutMs, () => this.abort('timeout')))
      transport.send(delivery, this.#controller.signal, attempt).then(
        (outcome) => resolve(this.aborted === undefined || outcome.ok ? outcome : this.#cutOff(delivery)),
        (error: unknown) => (this.aborted === undefined ? reject(error) : resolve(this.#cutOff(delivery))),
      )
    }).finally(() => {
      for (const cancel of this.#cancels) cancel()
    })
  }

  abort(why: Abort): void {
    if (this.aborted !== undefined) return
    this.aborted = why
    this.#controller.abort(new Error(why))
    this.#cancels.push(this.#timer(letGoMs, () => this.#giveUp?.()))
  }

  #cutOff({ timeoutMs }: Delivery): Outcome {
    if (this.aborted === 'timeout') {
      return { ok: false, class: 'timeout', message: `no answer within ${timeoutMs / 1000} s` }
    }
    return { ok: false, class: 'interrupted', message: `the attempt was cut off: ${this.aborted}` }
  }
}
