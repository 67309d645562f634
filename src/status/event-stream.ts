import { Readable } from 'node:stream'
import type { Feed, Subscription, Wanted } from './feed.js'

/** How long browsers wait before they come back. */
const retryMs = 2_000

/** Server-sent events: read from the feed only as fast as the client takes them. */
export class EventStream extends Readable {
  readonly #subscription: Subscription
  readonly #heartbeat: NodeJS.Timeout
  #isWanted = false

  constructor(feed: Feed, wanted: Wanted, heartbeatMs: number) {
    super()
    this.#subscription = feed.subscribe(wanted, () => this.#pump())
    this.#heartbeat = setInterval(() => {
      // Without it, proxies close what is silent, and nobody notices a client that has gone.
      if (this.#isWanted) this.#isWanted = this.push(': still here\n\n')
    }, heartbeatMs)
    this.#heartbeat.unref()
    this.push(`retry: ${retryMs}\n\n`)
  }

  /** Ends what the client reads. */
  finish(): void {
    this.#letGo()
    this.push(null)
  }

  override _read(): void {
    this.#isWanted = true
    this.#pump()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#letGo()
    callback(error)
  }

  #pump(): void {
    while (this.#isWanted) {
      const frame = this.#subscription.next()
      if (frame === undefined) return
      this.#isWanted = this.push(frame)
    }
  }

  #letGo(): void {
    this.#isWanted = false
    clearInterval(this.#heartbeat)
    this.#subscription.end()
  }
}
