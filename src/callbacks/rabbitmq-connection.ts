// One connection to a broker, and its channels: one for each exchange, because the broker closes a channel over a message
// it refuses, with all that is under way on it. Where that was not to one address alone, and it is not clear which message
// it meant, those under way are sent again one by one: as duplicates for some, and lost for none.

import type { ChannelModel } from 'amqplib'
import type { AttemptSignal, Outcome } from '../delivery/transport.js'
import type { RabbitEndpoint } from '../resources/kinds/rabbitmq-url.js'
import type { Timer } from '../store/timer.js'
import { type ChannelEnd, type ChannelListener, RabbitChannel } from './rabbitmq-channel.js'
import { ofBlock, ofChannel, ofLoss } from './rabbitmq-failure.js'
import { Publication, type RabbitMessage } from './rabbitmq-publication.js'

export interface ConnectionParts {
  readonly endpoint: RabbitEndpoint
  readonly timer: Timer
  /** Ends the socket at once, whatever state it is in. */
  readonly abort: () => void
  /** A message was confirmed after nobody waited for it any more. */
  readonly late: (id: string, outcome: Outcome) => void
  readonly lost: (connection: RabbitConnection) => void
}

/** More exchanges than these take turns. Brokers allow about 2000 channels. */
const maxChannels = 64
/** Frames that wait for the socket; of big messages each has 128 KB. */
const maxFrames = 256
/** What a broker that has blocked us is given to confirm what it has already. */
const blockedGraceMs = 1000
/** A broker that leaves so many without a confirm is not going to. */
const maxForgotten = 1000
/** What the broker is given to say goodbye. */
const closeMs = 1000

export class RabbitConnection implements ChannelListener {
  readonly #model: ChannelModel
  readonly #parts: ConnectionParts
  readonly #channels = new Map<string, RabbitChannel>()
  /** Of those on channels of their own, too. */
  readonly #awaited = new Set<Publication>()
  /** Written by attempts that are over, and not confirmed. */
  readonly #forgotten = new Set<Publication>()
  #blocked: string | undefined
  #cancelGrace = () => {}
  #reason: unknown
  #hasEnded = false

  constructor(model: ChannelModel, parts: ConnectionParts) {
    this.#model = model
    this.#parts = parts
    model.on('error', (error) => {
      this.#reason ??= error
    })
    model.on('close', (reason) => this.#end(reason))
    model.on('blocked', (reason) => this.#block(reason))
    model.on('unblocked', () => {
      this.#blocked = undefined
      this.#cancelGrace()
    })
  }

  /** Nobody waits for anything on it. */
  get isIdle(): boolean {
    return this.#awaited.size === 0 && this.#blocked === undefined
  }

  /** Resolves with undefined when it was not sent because the connection has ended. */
  async send(message: RabbitMessage, signal: AttemptSignal): Promise<Outcome | undefined> {
    if (this.#hasEnded) return undefined
    if (this.#blocked !== undefined) return ofBlock(this.#blocked, this.#parts.endpoint)
    const channel = this.#channelOf(message.exchange)
    // An earlier attempt gave up on it, and the broker still has to say what became of it.
    const earlier = channel.find(message.id)
    const publication = earlier ?? new Publication(message)
    if (earlier !== undefined) this.#forgotten.delete(earlier)
    const outcome = publication.outcome(signal)
    this.#awaited.add(publication)
    if (earlier === undefined) channel.publish(publication)
    try {
      return await outcome
    } finally {
      this.#awaited.delete(publication)
      if (publication.isWritten && channel.find(message.id) === publication) this.#forget(publication)
    }
  }

  confirmed(publication: Publication, outcome: Outcome): void {
    if (publication.end(outcome)) return
    this.#forgotten.delete(publication)
    this.#parts.late(publication.message.id, outcome)
  }

  ended(channel: RabbitChannel, end: ChannelEnd): void {
    for (const [exchange, other] of this.#channels) if (other === channel) this.#channels.delete(exchange)
    for (const publication of end.unconfirmed) this.#forgotten.delete(publication)
    // The connection's own end is told after that of its channels.
    queueMicrotask(() => (this.#hasEnded || end.error === undefined ? this.#lose(end) : this.#refused(end)))
  }

  /** Says goodbye, and does not wait long for an answer. */
  async close(): Promise<void> {
    if (this.#hasEnded) return
    this.#reason ??= new Error('closed')
    const ended = new Promise<void>((resolve) => this.#model.once('close', () => resolve()))
    const cancel = this.#parts.timer(closeMs, this.#parts.abort)
    this.#model.close().catch(() => {})
    await ended
    cancel()
  }

  #channelOf(exchange: string): RabbitChannel {
    const known = this.#channels.get(exchange)
    if (known !== undefined) return known
    if (this.#channels.size >= maxChannels) this.#closeIdleChannel()
    const channel = this.#openChannel()
    this.#channels.set(exchange, channel)
    return channel
  }

  #openChannel(listener: ChannelListener = this): RabbitChannel {
    return new RabbitChannel(this.#model.createConfirmChannel({ highWaterMark: maxFrames }), listener)
  }

  #closeIdleChannel(): void {
    for (const [exchange, channel] of this.#channels) {
      if (!channel.isIdle) continue
      this.#channels.delete(exchange)
      channel.close()
      return
    }
  }

  #forget(publication: Publication): void {
    this.#forgotten.add(publication)
    if (this.#forgotten.size <= maxForgotten || this.#blocked !== undefined) return
    this.#reason ??= new Error(`the broker has not confirmed ${this.#forgotten.size} messages`)
    this.#parts.abort()
  }

  #lose({ error, unconfirmed, unsent }: ChannelEnd): void {
    const failure = ofLoss(this.#reason ?? error, this.#parts.endpoint)
    for (const publication of unconfirmed) publication.end(failure)
    for (const publication of unsent) publication.end(undefined)
  }

  /** The broker closed a channel over one of the messages on it. */
  #refused({ error, unconfirmed, unsent }: ChannelEnd): void {
    const awaited = unconfirmed.filter(({ isAwaited }) => isAwaited)
    if (awaited.length <= 1 || concernsExchange(error)) {
      for (const publication of awaited) publication.end(ofChannel(error))
    } else {
      void this.#sendOneByOne(awaited)
    }
    if (unconfirmed.length === 0) {
      // Not opened, for which none of them is to blame.
      for (const publication of unsent) publication.end(ofLoss(error, this.#parts.endpoint))
      return
    }
    for (const publication of unsent) {
      if (publication.isAwaited) this.#channelOf(publication.message.exchange).publish(publication)
    }
  }

  /** Whatever closes a channel that has one message on it means that message. */
  async #sendOneByOne(publications: readonly Publication[]): Promise<void> {
    for (const publication of publications) {
      if (!publication.isAwaited) continue
      const channel = this.#openChannel()
      channel.publish(publication)
      await new Promise<void>((resolve) => publication.onLeft(resolve))
      channel.close()
    }
  }

  #block(reason: string): void {
    this.#blocked = reason
    const failure = ofBlock(reason, this.#parts.endpoint)
    for (const channel of this.#channels.values()) {
      for (const publication of channel.withdraw()) publication.end(failure)
    }
    this.#cancelGrace()
    this.#cancelGrace = this.#parts.timer(blockedGraceMs, () => {
      for (const publication of [...this.#awaited]) publication.end(failure)
    })
  }

  #end(reason: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#reason ??= reason
    this.#cancelGrace()
    // A broker that has gone without a word does not end the socket.
    this.#parts.timer(closeMs, this.#parts.abort)
    this.#parts.lost(this)
  }
}

/** Then everything on the channel, which was for that one exchange, would be refused alike. */
function concernsExchange(error: unknown): boolean {
  const { code, message = '' } = error as { readonly code?: number; readonly message?: string }
  // With topic permissions it is the routing key that decides.
  return code === 404 || (code === 403 && !/to topic /.test(message))
}
