import type { Timers } from '../../src/reconcile/trigger.js'

/** A clock that stands still until it is moved; `sleep` ends when it is moved far enough. */
export class Clock implements Timers {
  #ms = 0
  readonly #sleepers = new Set<{ until: number; wake: () => void }>()

  readonly now = (): number => this.#ms

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#sleepers.add({ until: this.#ms + ms, wake })
    })

  /** Goes on by `ms`, from one sleeper's end to the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms
    for (;;) {
      await turn()
      const [next] = [...this.#sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)
      if (next === undefined) break
      this.#ms = Math.max(this.#ms, next.until)
      this.#sleepers.delete(next)
      next.wake()
    }
    this.#ms = end
    await turn()
  }

  get sleeping(): number {
    return this.#sleepers.size
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
