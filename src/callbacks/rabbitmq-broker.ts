// A broker, as one user of one virtual host: at most one connection, opened when there is something to send.

import type { ChannelModel } from 'amqplib'
import type { AttemptSignal, Failure, Outcome } from '../delivery/transport.js'
import type { RabbitEndpoint } from '../resources/kinds/rabbitmq-url.js'
import type { Timer } from '../store/timer.js'
import { RabbitConnection } from './rabbitmq-connection.js'
import { ofLoss, ofOpening } from './rabbitmq-failure.js'
import type { RabbitMessage } from './rabbitmq-publication.js'

export interface BrokerParts {
  readonly endpoint: RabbitEndpoint
  /** Opens a connection, or throws. `signal` ends its socket, also later. */
  readonly dial: (signal: AbortSignal) => Promise<ChannelModel>
  readonly now: () => number
  readonly timer: Timer
}

/** From the look-up to the end of the handshake. */
const connectMs = 10_000
/** Between two connections, or tries for one; doubles each time. */
const leastPauseMs = 100
const maxPauseMs = 2000
/** Confirms that came too late for their attempt, kept for the next. */
const maxLate = 1000
/** A message that could not even be written is worth another connection. */
const maxConnections = 3

export class RabbitBroker {
  readonly #parts: BrokerParts
  #connection: RabbitConnection | undefined
  #opening: Promise<RabbitConnection | Failure> | undefined
  /** Since the last confirm. */
  #failures = 0
  #notBefore = 0
  #lastFailure: Failure | undefined
  readonly #late = new Map<string, Outcome>()
  #lastUsed: number
  #abortOpening = () => {}

  constructor(parts: BrokerParts) {
    this.#parts = parts
    this.#lastUsed = parts.now()
  }

  /** Nothing is under way, and nothing has begun after `since`. */
  isIdle(since: number): boolean {
    return this.#lastUsed <= since && this.#opening === undefined && this.#connection?.isIdle !== false
  }

  /** Rejects when `signal` aborts. */
  async send(message: RabbitMessage, signal: AttemptSignal, timeoutMs: number): Promise<Outcome> {
    this.#lastUsed = this.#parts.now()
    const late = this.#late.get(message.id)
    if (late !== undefined) {
      this.#late.delete(message.id)
      if (late.ok) return late
    }
    for (let opened = 0; ; opened += 1) {
      const connection = this.#connection ?? (await this.#open(signal, timeoutMs))
      if (!(connection instanceof RabbitConnection)) return connection
      const outcome = await connection.send(message, signal)
      if (outcome?.ok === true) this.#failures = 0
      if (outcome !== undefined) return outcome
      if (opened === maxConnections) return ofLoss(new Error('again and again'), this.#parts.endpoint)
    }
  }

  async close(): Promise<void> {
    this.#abortOpening()
    await this.#opening
    await this.#connection?.close()
  }

  async #open(signal: AttemptSignal, timeoutMs: number): Promise<RabbitConnection | Failure> {
    const pause = this.#notBefore - this.#parts.now()
    if (pause > 0) {
      if (this.#lastFailure !== undefined && pause >= timeoutMs) return this.#lastFailure
      await unlessAborted(new Promise<void>((resolve) => this.#parts.timer(pause, resolve)), signal)
    }
    if (this.#connection !== undefined) return this.#connection
    this.#opening ??= this.#connect()
    return await unlessAborted(this.#opening, signal)
  }

  /** Never rejects. */
  async #connect(): Promise<RabbitConnection | Failure> {
    const { endpoint, dial, timer, now } = this.#parts
    const socket = new AbortController()
    this.#abortOpening = () => socket.abort()
    let isLate = false
    const cancel = timer(connectMs, () => {
      isLate = true
      socket.abort()
    })
    try {
      const connection = new RabbitConnection(await dial(socket.signal), {
        endpoint,
        timer,
        abort: () => socket.abort(),
        late: (id, outcome) => this.#keep(id, outcome),
        lost: (lost) => {
          if (this.#connection === lost) this.#connection = undefined
          this.#pause()
        },
      })
      this.#connection = connection
      this.#lastUsed = now()
      return connection
    } catch (error) {
      const late = Object.assign(new Error(`no connection within ${connectMs / 1000} s`), { code: 'ETIMEDOUT' })
      const failure = ofOpening(isLate ? late : error, endpoint)
      // Nothing was dialled, so there is nothing to spare.
      if (failure.class !== 'guard') this.#pause(failure)
      return failure
    } finally {
      cancel()
      this.#abortOpening = () => {}
      this.#opening = undefined
    }
  }

  #pause(failure?: Failure): void {
    this.#failures += 1
    this.#lastFailure = failure
    const pause = Math.min(maxPauseMs, leastPauseMs * 2 ** Math.min(this.#failures - 1, 10))
    this.#notBefore = this.#parts.now() + pause
  }

  #keep(id: string, outcome: Outcome): void {
    this.#late.set(id, outcome)
    const [oldest] = this.#late.keys()
    if (this.#late.size > maxLate && oldest !== undefined) this.#late.delete(oldest)
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AttemptSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
