/** The deliveries that came last. Of more than `most`, those that came first are forgotten; a look too many does no harm. */
export class SeenDeliveries {
  readonly #most: number
  #seen = new Set<string>()
  #before = new Set<string>()

  constructor(most = 2000) {
    this.#most = most
  }

  /** False when it was here before. */
  add(delivery: string): boolean {
    if (this.#seen.has(delivery) || this.#before.has(delivery)) return false
    if (this.#seen.size >= this.#most / 2) {
      this.#before = this.#seen
      this.#seen = new Set()
    }
    this.#seen.add(delivery)
    return true
  }
}
