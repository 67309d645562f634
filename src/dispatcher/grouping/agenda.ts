// What is to be done when, by name: one timer for all of it, and few at a time.

import { StoreUnavailable } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'

export interface AgendaOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  /** Does what is due, and says when there is something to be done next. */
  readonly work: (name: string) => Promise<number | undefined>
  readonly onWarning: (message: string) => void
}

/** The clock may jump, so it is looked at now and then. */
const maxSleepMs = 30_000
/** The store takes nothing more for now. */
const againMs = 1000
const atATime = 20

export class Agenda {
  readonly #options: AgendaOptions
  readonly #dues = new Map<string, number>()
  readonly #running = new Map<string, Promise<void>>()
  #state: 'new' | 'started' | 'closing' = 'new'
  #cancel = () => {}
  #wakeAt = Number.POSITIVE_INFINITY
  #latest = 0

  constructor(options: AgendaOptions) {
    this.#options = options
  }

  start(): void {
    this.#state = 'started'
    this.#run()
  }

  /** At the latest then; asked for too early, the work says when it is due. */
  expect(name: string, due: number): void {
    const known = this.#dues.get(name)
    if (known !== undefined && known <= due) return
    this.#dues.set(name, due)
    if (this.#state === 'started') this.#sleep(due)
  }

  /** Begins nothing more; resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#state = 'closing'
    this.#cancel()
    await Promise.all(this.#running.values())
  }

  #run(): void {
    if (this.#state !== 'started') return
    const { now } = this.#options
    // A clock that was set back: whoever waits is asked anew for when.
    const isBack = now() < this.#latest
    this.#latest = now()
    let next = now() + maxSleepMs
    for (const [name, due] of this.#dues) {
      // One at work is looked at again at its end.
      if (this.#running.has(name)) continue
      if (due > now() && !isBack) next = Math.min(next, due)
      else if (this.#running.size < atATime) this.#begin(name)
    }
    this.#sleep(next)
  }

  #begin(name: string): void {
    this.#dues.delete(name)
    const { work, now, onWarning } = this.#options
    const running = work(name)
      .catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) onWarning(`messages to be joined: ${(error as Error).message}`)
        return now() + againMs
      })
      .then((next) => {
        this.#running.delete(name)
        if (next !== undefined) this.expect(name, next)
        this.#run()
      })
    this.#running.set(name, running)
  }

  #sleep(until: number): void {
    const { now, timer } = this.#options
    if (this.#wakeAt <= until && this.#wakeAt > now()) return
    this.#cancel()
    this.#wakeAt = until
    this.#cancel = timer(Math.max(1, until - now()), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#run()
    })
  }
}
