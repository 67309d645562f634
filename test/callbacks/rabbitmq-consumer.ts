// An independent reader: amqplib, with a connection of its own.

import { type Channel, type ChannelModel, type ConsumeMessage, connect, type Options } from 'amqplib'
import { onTestFinished } from 'vitest'
import { eventually } from '../e2e/eventually.js'
import type { Cleanup } from '../e2e/folder.js'
import { uniqueName } from '../services/services.js'

export class Consumer {
  readonly channel: Channel
  readonly received: ConsumeMessage[] = []
  readonly #connection: ChannelModel

  private constructor(connection: ChannelModel, channel: Channel) {
    this.#connection = connection
    this.channel = channel
  }

  static async open(url: string | Options.Connect, cleanup: Cleanup = onTestFinished): Promise<Consumer> {
    const connection = await connect(url)
    // The broker may be stopped under it.
    connection.on('error', () => {})
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    const consumer = new Consumer(connection, channel)
    cleanup(() => consumer.close())
    return consumer
  }

  /** A queue of its own that lasts, and is read from now on. */
  async queue(name: string = uniqueName('queue')): Promise<string> {
    await this.channel.assertQueue(name, { durable: true, arguments: { 'x-expires': 600_000 } })
    await this.channel.consume(name, (message) => message !== null && this.received.push(message), { noAck: true })
    return name
  }

  /** An exchange of its own, with a queue that hears all of it. */
  async exchange(type: 'topic' | 'direct' | 'fanout' = 'topic', pattern = '#'): Promise<string> {
    const name = uniqueName('exchange')
    await this.channel.assertExchange(name, type, { durable: true })
    await this.channel.bindQueue(await this.queue(), name, pattern)
    return name
  }

  /** What has come, once there are `count`. */
  messages(count: number): Promise<ConsumeMessage[]> {
    return eventually(`${count} messages`, () => this.received.length >= count && this.received, {
      found: () => this.received.length,
    })
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => {})
  }
}
