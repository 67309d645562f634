/** Pauses that are remembered. */
const maxPauses = 10_000

/** What is to be left alone, narrower than a target: until when, by `Delivery.pause`. */
export class Pauses {
  /** The one set last at the end. */
  readonly #until = new Map<string, number>()

  /** 0 for what may be tried. */
  until(key: string): number {
    return this.#until.get(key) ?? 0
  }

  set(key: string, until: number, now: number): void {
    this.#until.delete(key)
    for (const [other, end] of this.#until) {
      if (end > now && this.#until.size < maxPauses) break
      this.#until.delete(other)
    }
    this.#until.set(key, until)
  }
}
