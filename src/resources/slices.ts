const sliceMs = 10

/** Cuts long work on the main thread into slices, between which other work gets its turn. */
export class Slices {
  #began = performance.now()

  /** True when it is time to call `next`. */
  get over(): boolean {
    return performance.now() - this.#began >= sliceMs
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#began = performance.now()
  }
}
