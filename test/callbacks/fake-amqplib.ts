// A broker's side of amqplib that does what a test tells it to.

import { EventEmitter } from 'node:events'
import type { ChannelModel, Options } from 'amqplib'

export interface Published {
  readonly exchange: string
  readonly routingKey: string
  readonly body: string
  readonly id: string
  confirm(): void
  nack(): void
  giveBack(code?: number, text?: string): void
}

export class FakeChannel extends EventEmitter {
  readonly published: Published[] = []
  /** What `publish` says of room for more. */
  hasRoom = true
  isClosed = false
  readonly #callbacks = new Set<(error: Error | null) => void>()

  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    { messageId: id = '' }: Options.Publish,
    tell: (error: Error | null) => void,
  ): boolean {
    this.#callbacks.add(tell)
    const end = (error: Error | null) => {
      if (this.#callbacks.delete(tell)) tell(error)
    }
    this.published.push({
      exchange,
      routingKey,
      body: content.toString(),
      id,
      confirm: () => end(null),
      nack: () => end(new Error('message nacked')),
      giveBack: (replyCode = 312, replyText = 'NO_ROUTE') =>
        this.emit('return', { properties: { messageId: id }, fields: { replyCode, replyText } }),
    })
    return this.hasRoom
  }

  /** As amqplib does it: the error, then every callback, then the end. */
  end(code?: number, message?: string): void {
    if (this.isClosed) return
    this.isClosed = true
    if (code !== undefined) {
      const text = `Channel closed by server: ${code} (X) with message "${message}"`
      this.emit('error', Object.assign(new Error(text), { code }))
    }
    for (const tell of this.#callbacks) tell(new Error('channel closed'))
    this.#callbacks.clear()
    this.emit('close')
  }

  async close(): Promise<void> {
    this.end()
  }
}

export class FakeModel extends EventEmitter {
  readonly channels: FakeChannel[] = []
  isClosed = false
  /** Never answers to a goodbye. */
  isDeaf = false

  get model(): ChannelModel {
    return this as unknown as ChannelModel
  }

  async createConfirmChannel(): Promise<FakeChannel> {
    const channel = new FakeChannel()
    this.channels.push(channel)
    return channel
  }

  /** What is with the broker on all channels that are open. */
  get published(): Published[] {
    return this.channels.filter(({ isClosed }) => !isClosed).flatMap(({ published }) => published)
  }

  /** As amqplib does it: channels first. */
  end(reason?: Error): void {
    if (this.isClosed) return
    this.isClosed = true
    if (reason !== undefined) this.emit('error', reason)
    for (const channel of this.channels) channel.end()
    this.emit('close', reason)
  }

  async close(): Promise<void> {
    if (!this.isDeaf) this.end()
  }
}
