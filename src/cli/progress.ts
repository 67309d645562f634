import type { Io } from './command.js'

/** Work that takes less is over before a person has read about it. */
const patienceMs = 300
const intervalMs = 100

/** How far long work has come: one line on a terminal that is drawn over and wiped at the end, nothing elsewhere. */
export class Progress {
  readonly #io: Io
  readonly #started = performance.now()
  #last = 0
  #shown = false

  constructor(io: Io) {
    this.#io = io
  }

  show(what: string, done: number, total: number): void {
    const now = performance.now()
    if (
      !(this.#io.isErrorTerminal ?? this.#io.isTerminal) ||
      now - this.#started < patienceMs ||
      now - this.#last < intervalMs
    )
      return
    this.#last = now
    this.#shown = true
    this.#io.stderr(`\r\u001b[K${what} ${done} of ${total}`)
  }

  end(): void {
    if (this.#shown) this.#io.stderr('\r\u001b[K')
    this.#shown = false
  }
}
