import type { Parameter } from './parameter.js'
import { durationParameter } from './parameter.js'
import { HttpProblem } from './problem-details.js'

const longestWaitMs = 60_000
/** Each keeps a connection and is asked about everything that happens. */
const mostWaiting = 100

export const waitParameter: Parameter<number> = durationParameter(
  'wait',
  'When nothing matches yet, wait this long for it',
  longestWaitMs,
)

interface Found {
  readonly items: readonly unknown[]
}

/** Calls that wait for something to match; how many there may be at a time is bounded. */
export class WaitingCalls {
  #waiting = 0

  /**
   * What `list` finds, once it finds something: at the latest after `waitMs`, or when `signal` aborts. `next` resolves when
   * something that may match has happened after the call, or when its signal aborts.
   */
  async first<Page extends Found>(
    waitMs: number,
    signal: AbortSignal,
    next: (signal: AbortSignal) => Promise<void>,
    list: () => Page | Promise<Page>,
  ): Promise<Page> {
    if (this.#waiting >= mostWaiting) {
      throw new HttpProblem(503, 'too-many-waiting', `${mostWaiting} calls are waiting already; try again later`, {
        headers: { 'Retry-After': '1' },
      })
    }
    this.#waiting += 1
    const enough = new AbortController()
    const stop = () => enough.abort()
    const timer = setTimeout(stop, waitMs)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      for (;;) {
        // Begins to wait before it looks, so that nothing that happens in between is missed.
        const happened = next(enough.signal)
        // Whoever looks hears of a failure; nobody else does.
        happened.catch(() => {})
        const found = await list()
        if (found.items.length > 0 || enough.signal.aborted) return found
        await happened
      }
    } finally {
      this.#waiting -= 1
      stop()
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }
}
