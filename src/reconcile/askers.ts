import type { Outcome } from './history.js'

/** Those who asked for a look at the source and wait for what it came to. */
export class Askers {
  #waiting: ((outcome: Outcome) => void)[] = []
  #taken: ((outcome: Outcome) => void)[] = []

  ask(): Promise<Outcome> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Everybody who has asked until now is served by the look that begins now. */
  take(): void {
    if (this.#waiting.length === 0) return
    this.#taken.push(...this.#waiting)
    this.#waiting = []
  }

  /** Answers those who were taken; who asked later waits on. */
  answer(outcome: Outcome): void {
    const answered = this.#taken
    this.#taken = []
    for (const resolve of answered) resolve(outcome)
  }
}
