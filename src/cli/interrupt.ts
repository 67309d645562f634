import { closeSync, openSync } from 'node:fs'

/** The part of `process` that tells what the person at the terminal wants. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

/**
 * Ctrl-C and SIGTERM as an AbortSignal. They are only caught once somebody asks for the signal, so that work which would
 * not listen is ended by the system; and only the first, so that a second one ends what takes too long.
 */
export class Interrupt {
  readonly #signals: Signals
  readonly #controller = new AbortController()
  #caught = false

  constructor(signals: Signals) {
    this.#signals = signals
  }

  get signal(): AbortSignal {
    if (!this.#caught) {
      this.#caught = true
      for (const name of caught) this.#signals.on(name, this.#abort)
    }
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#controller.signal.aborted
  }

  /** As if Ctrl-C had been pressed. False when nobody would notice. */
  abort(): boolean {
    if (this.#caught) this.#abort()
    return this.#caught
  }

  readonly #abort = (): void => {
    for (const name of caught) this.#signals.off(name, this.#abort)
    this.#controller.abort()
  }
}

const caught = ['SIGINT', 'SIGTERM'] as const

/** SIGHUP means "look again", and that the terminal was closed: then nobody is left who could press Ctrl-C. */
export function onHangup(
  signals: Signals,
  look: () => void,
  interrupt: Interrupt,
  hasTerminal: () => boolean = hasControllingTerminal,
): () => void {
  const startedOnTerminal = hasTerminal()
  const listener = (): void => {
    if (startedOnTerminal && !hasTerminal()) interrupt.abort()
    else look()
  }
  signals.on('SIGHUP', listener)
  return () => {
    signals.off('SIGHUP', listener)
  }
}

function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
