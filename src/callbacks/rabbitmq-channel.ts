import type { ConfirmChannel, Message } from 'amqplib'
import type { Outcome } from '../delivery/transport.js'
import { ofNack } from './rabbitmq-failure.js'
import type { Publication } from './rabbitmq-publication.js'

export interface ChannelEnd {
  /** Why the broker closed the channel; undefined when it ended with its connection, or was not wanted any more. */
  readonly error: unknown
  /** With the broker, perhaps. */
  readonly unconfirmed: readonly Publication[]
  readonly unsent: readonly Publication[]
}

export interface ChannelListener {
  confirmed(publication: Publication, outcome: Outcome): void
  ended(channel: RabbitChannel, end: ChannelEnd): void
}

/** Confirms arrive for each message on its own, or for several at once; that is for amqplib to know. */
export class RabbitChannel {
  readonly #listener: ChannelListener
  #channel: ConfirmChannel | undefined
  #unsent: Publication[] = []
  readonly #unconfirmed = new Map<string, Publication>()
  #isFull = false
  #isClosing = false
  #hasEnded = false
  #error: unknown

  constructor(opening: Promise<ConfirmChannel>, listener: ChannelListener) {
    this.#listener = listener
    opening.then(
      (channel) => this.#open(channel),
      (error: unknown) => {
        this.#error = error
        this.#end()
      },
    )
  }

  get isIdle(): boolean {
    return this.#unconfirmed.size + this.#unsent.length === 0
  }

  get unconfirmed(): Iterable<Publication> {
    return this.#unconfirmed.values()
  }

  find(id: string): Publication | undefined {
    return this.#unconfirmed.get(id)
  }

  publish(publication: Publication): void {
    this.#unsent.push(publication)
    this.#write()
  }

  /** Takes back what is not written yet. */
  withdraw(): readonly Publication[] {
    const unsent = this.#unsent
    this.#unsent = []
    return unsent
  }

  /** Of one that is idle. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    // It ends with its connection otherwise.
    this.#channel?.close().catch(() => {})
  }

  #open(channel: ConfirmChannel): void {
    this.#channel = channel
    channel.on('error', (error) => {
      this.#error = error
    })
    channel.on('close', () => this.#end())
    channel.on('drain', () => {
      this.#isFull = false
      this.#write()
    })
    channel.on('return', ({ properties, fields }: Message) => {
      const { replyCode, replyText } = fields as unknown as { replyCode: number; replyText: string }
      this.#unconfirmed.get(properties.messageId)?.returned(replyCode, replyText)
    })
    if (this.#isClosing) channel.close().catch(() => {})
    else this.#write()
  }

  /** As much as the connection takes. */
  #write(): void {
    while (this.#channel !== undefined && !this.#isFull && !this.#hasEnded) {
      const publication = this.#unsent.shift()
      if (publication === undefined) return
      if (publication.isAwaited) this.#send(this.#channel, publication)
    }
  }

  #send(channel: ConfirmChannel, publication: Publication): void {
    const { id, exchange, routingKey, content, properties } = publication.message
    publication.isWritten = true
    this.#unconfirmed.set(id, publication)
    try {
      const took = channel.publish(exchange, routingKey, content, properties, (error) =>
        this.#confirmed(publication, error),
      )
      this.#isFull = !took
    } catch (error) {
      // It is encoded before any of it is written.
      this.#unconfirmed.delete(id)
      publication.end({
        ok: false,
        class: 'template',
        message: `this cannot be sent as an AMQP message: ${(error as Error).message}`,
      })
    }
  }

  #confirmed(publication: Publication, error: Error | null): void {
    // The end of the channel comes here as well, for every message, and in full by its own way.
    if (error !== null && error.message !== 'message nacked') return
    this.#unconfirmed.delete(publication.message.id)
    this.#listener.confirmed(publication, error === null ? publication.confirmed : ofNack())
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const unconfirmed = [...this.#unconfirmed.values()]
    this.#unconfirmed.clear()
    this.#listener.ended(this, { error: this.#error, unconfirmed, unsent: this.withdraw() })
  }
}
