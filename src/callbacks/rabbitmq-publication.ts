import type { Options } from 'amqplib'
import type { AttemptSignal, Outcome } from '../delivery/transport.js'
import { ofReturn, unroutable } from './rabbitmq-failure.js'

/** What is published, as it goes out. */
export interface RabbitMessage {
  /** Of the delivery, and the message id: the same at every attempt. */
  readonly id: string
  readonly exchange: string
  readonly routingKey: string
  readonly content: Buffer
  readonly properties: Options.Publish
  /** That it reached no queue is a failure. */
  readonly mandatory: boolean
}

/** A message on its way to a broker that has not said yet what became of it. */
export class Publication {
  readonly message: RabbitMessage
  /** From then on it may be with the broker, whatever happens to the connection. */
  isWritten = false
  #returned: { readonly code: number; readonly text: string } | undefined
  #tell: ((outcome: Outcome | undefined) => void) | undefined
  #left: (() => void) | undefined

  constructor(message: RabbitMessage) {
    this.message = message
  }

  /** An attempt waits for the outcome. */
  get isAwaited(): boolean {
    return this.#tell !== undefined
  }

  /** Resolves with what becomes of it, and with undefined when it was not sent at all. Rejects when `signal` aborts. */
  outcome(signal: AttemptSignal): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#tell = undefined
        this.#leave()
        reject(signal.reason)
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort)
      this.#tell = (outcome) => {
        this.#tell = undefined
        signal.removeEventListener('abort', abort)
        resolve(outcome)
        this.#leave()
      }
    })
  }

  /** No queue got it: the broker says so before it confirms. */
  returned(code: number, text: string): void {
    this.#returned = { code, text }
  }

  /** What the broker's confirmation means. */
  get confirmed(): Outcome {
    if (this.#returned === undefined) return { ok: true }
    const { code, text } = this.#returned
    const { exchange, routingKey, mandatory } = this.message
    if (mandatory) return ofReturn(code, text, exchange, routingKey)
    return {
      ok: true,
      status: code,
      response: `confirmed and dropped: ${unroutable(code, text, exchange, routingKey)}`,
    }
  }

  /** Tells whoever waits for it; false when nobody does. */
  end(outcome: Outcome | undefined): boolean {
    if (this.#tell === undefined) return false
    this.#tell(outcome)
    return true
  }

  /** Called once nobody waits for it any more. */
  onLeft(left: () => void): void {
    this.#left = left
    if (!this.isAwaited) this.#leave()
  }

  #leave(): void {
    const left = this.#left
    this.#left = undefined
    left?.()
  }
}
