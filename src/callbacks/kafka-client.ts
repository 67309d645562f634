// One client of the library, with connections of its own: to write to partitions, and to be thrown away when they are
// broken. What the library keeps to itself, its sockets and the partitions that a topic has, is taken from what it is given.

import { createRequire } from 'node:module'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Kafka, LogEntry, PartitionMetadata, Producer } from 'kafkajs'
import type { Guard } from '../network/guard.js'
import type { KafkaLogin } from '../resources/kinds/callback-program.js'
import type { CallbackLog } from './callback-log.js'
import { PartitionGone } from './kafka-errors.js'

type Library = typeof import('kafkajs')

/** With the first message that goes out. */
function loadLibrary(): Library {
  return createRequire(import.meta.url)('kafkajs') as Library
}

/** Which partition a message with this key belongs to: as Java's clients have it. */
export type Partitioner = (topic: string, key: string, partitions: readonly PartitionMetadata[]) => number

export function createPartitioner(): Partitioner {
  const choose = loadLibrary().Partitioners.DefaultPartitioner()
  return (topic, key, partitions) =>
    choose({ topic, partitionMetadata: [...partitions], message: { key, value: null } })
}

export interface KafkaMessage {
  readonly key: string | null
  readonly value: string | null
  readonly headers: Record<string, string>
}

export interface ClientOptions {
  /** As `host:port`; an IPv6 address in brackets. */
  readonly brokers: readonly string[]
  readonly login:
    | { readonly mechanism: KafkaLogin['mechanism']; readonly username: string; readonly password: string }
    | undefined
  /** `ca`: PEM. */
  readonly tls: { readonly ca?: string } | undefined
  readonly guard: Pick<Guard, 'lookup'>
  readonly log: CallbackLog
  /** Whether the log shows what the library says, which is much, and costs something. */
  readonly isVerbose: boolean
}

export const connectTimeoutMs = 10_000
const keepAliveMs = 60_000
/** The signal of a delivery is the only clock; the library's is for what it forgets. */
const requestTimeoutMs = 600_000

/** What ends the question for a topic's partitions: nothing is to be sent with it. */
class Learnt extends Error {
  readonly retriable = false
}

export class KafkaClient {
  /** Addresses that the guard has refused, and why. */
  readonly refusals = new Map<string, string>()
  readonly #options: ClientOptions
  readonly #producer: Producer
  readonly #sockets = new Set<Socket>()
  readonly #partitions = new Map<string, readonly PartitionMetadata[]>()
  readonly #probe = { value: null }
  readonly #learnt = new Learnt('partitions')
  #connecting: Promise<void> | undefined
  #users = 0
  #isRetired = false
  #isClosed = false

  constructor(options: ClientOptions) {
    this.#options = options
    const { brokers, login, tls, log, isVerbose } = options
    const library = loadLibrary()
    const kafka: Kafka = new library.Kafka({
      clientId: 'callboard',
      // The library takes what stands before the first colon for the host.
      brokers: brokers.map((broker, index) => (broker.startsWith('[') ? `${aliasOf(index)}:1` : broker)),
      ...(login !== undefined && { sasl: { ...login } as never }),
      ...(tls !== undefined && { ssl: { minVersion: 'TLSv1.2', ...tls } }),
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      enforceRequestTimeout: false,
      // One try for each broker that is named; what repeats a delivery is its own policy.
      retry: { retries: brokers.length - 1, initialRetryTime: 1, maxRetryTime: 1, factor: 0, multiplier: 1 },
      socketFactory: (target) => this.#dial(target),
      logLevel: isVerbose ? library.logLevel.DEBUG : library.logLevel.NOTHING,
      logCreator: () => (entry) => tell(log, entry),
    })
    this.#producer = kafka.producer({
      retry: { retries: 0 },
      createPartitioner: () => (asked) => {
        this.#partitions.set(asked.topic, asked.partitionMetadata)
        if ((asked.message as object) === this.#probe) throw this.#learnt
        return asked.message.partition ?? 0
      },
    })
  }

  /** The partitions of a topic that was asked about before. */
  partitionsOf(topic: string): readonly PartitionMetadata[] | undefined {
    return this.#partitions.get(topic)
  }

  /** How many topics it asks the brokers about; when one of them fails, so do all. */
  get topics(): number {
    return this.#partitions.size
  }

  /** False once every connection is gone. */
  get isConnected(): boolean {
    return this.#sockets.size > 0 && !this.#isClosed
  }

  /** It is not closed by `retire` before the function returned is called. */
  use(): () => void {
    this.#users += 1
    return () => {
      this.#users -= 1
      if (this.#isRetired && this.#users === 0) this.close()
    }
  }

  /** Nothing new is sent with it: it is closed as soon as nobody uses it. */
  retire(): void {
    this.#isRetired = true
    if (this.#users === 0) this.close()
  }

  connect(): Promise<void> {
    this.#connecting ??= this.#producer.connect()
    return this.#connecting
  }

  /** Asks for the partitions of a topic. */
  async learn(topic: string): Promise<void> {
    try {
      await this.#producer.send({ topic, messages: [this.#probe] })
    } catch (error) {
      for (let inner = error; inner instanceof Error; inner = inner.cause) if (inner === this.#learnt) return
      throw error
    }
  }

  /** Resolves once all replicas in sync have all of them. */
  async write(topic: string, partition: number, messages: readonly KafkaMessage[], timeoutMs: number): Promise<void> {
    const written = await this.#producer.send({
      topic,
      acks: -1,
      timeout: Math.min(timeoutMs, requestTimeoutMs),
      messages: messages.map(({ key, value, headers }) => ({ key, value, headers, partition })),
    })
    // Without a word the library leaves out what is for a partition that the topic does not have any more.
    if (!written.some((one) => one.partition === partition)) throw new PartitionGone(topic)
  }

  /** The address that was dialled under a name which the library knows. */
  readonly addressOf = (broker: string): string => {
    const alias = /^(seed-\d+\.invalid):1$/.exec(broker)?.[1]
    const at = alias === undefined ? -1 : this.#options.brokers.findIndex((_, index) => aliasOf(index) === alias)
    return this.#options.brokers[at] ?? broker
  }

  /** Ends all connections at once; what waits for an answer on them fails. */
  close(reason = 'the connection is not used any more'): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const socket of this.#sockets) socket.destroy(new Error(reason))
    this.#producer.disconnect().catch(() => {})
  }

  #dial(target: { host: string; port: number; ssl?: object; onConnect: () => void }): Socket {
    if (this.#isClosed) throw new Error('the connection is not used any more')
    const known = `${target.host}:${target.port}`
    const address = this.addressOf(known)
    const colon = address.lastIndexOf(':')
    const host = address === known ? target.host : address.slice(1, colon - 1)
    const port = address === known ? target.port : Number(address.slice(colon + 1))
    try {
      const lookup = this.#options.guard.lookup(host, port)
      const { ssl, onConnect } = target
      const socket = ssl
        ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl, lookup }, onConnect)
        : connectTcp({ host, port, lookup }, onConnect)
      this.#watch(socket, address)
      return socket
    } catch (error) {
      this.#refused(address, error)
      throw error
    }
  }

  #watch(socket: Socket, address: string): void {
    this.#sockets.add(socket)
    // Several requests may be under way on it.
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    let isOver = false
    socket.on('end', () => {
      isOver = true
    })
    socket.on('error', (error) => {
      isOver = true
      this.#refused(address, error)
    })
    socket.on('close', () => {
      this.#sockets.delete(socket)
      // The library hears of no other end.
      if (!isOver) socket.emit('end')
    })
  }

  #refused(address: string, error: unknown): void {
    if (error instanceof Error && error.name === 'GuardError') this.refusals.set(address, error.message)
  }
}

/** Never looked up: what is dialled instead is the address that it stands for. */
function aliasOf(index: number): string {
  return `seed-${index}.invalid`
}

function tell(log: CallbackLog, { namespace, log: { message, timestamp: _timestamp, ...fields } }: LogEntry): void {
  log.debug({ kafka: namespace, ...fields }, message)
}
