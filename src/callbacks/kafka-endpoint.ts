// One set of brokers with one login. Messages for the same partition are written in one request, as many as have gathered
// while the request before was under way; each has its own outcome.

import type { AttemptSignal, Outcome } from '../delivery/transport.js'
import type { Timer } from '../store/timer.js'
import { connectTimeoutMs, type KafkaClient, type KafkaMessage, type Partitioner } from './kafka-client.js'
import { type Attempted, failureOf, type KafkaFailure, NoAnswer } from './kafka-errors.js'
import { type Entry, type Line, Topic } from './kafka-topic.js'

export interface EndpointOptions {
  readonly brokers: readonly string[]
  readonly about: Pick<Attempted, 'brokers' | 'username' | 'mechanism' | 'usesTls' | 'ca'>
  /** Reads what it needs to log in; rejects with an Error that `refusal` knows. Nothing is connected yet. */
  readonly open: (brokers: readonly string[]) => Promise<KafkaClient>
  /** What an error of `open` means; undefined for others. */
  readonly refusal: (error: unknown) => KafkaFailure | undefined
  readonly partitioner: () => Partitioner
  readonly timer: Timer
  readonly idleMs: number
  /** Called when it is closed, and nothing is under way. */
  readonly onIdle: () => void
}

/** Questions to brokers that are connected are answered in milliseconds. */
const answerMs = 10_000
/** A topic may be in the making, or its partitions on their way to other brokers. */
const learnDelaysMs = [0, 100, 200, 400, 800, 1600]
const maxReroutes = 5
/** Who asks for a topic that was not there a moment ago is told so at once. */
const missingMs = 2000
/** A client asks about all its topics at once. */
const maxTopics = 500
/** What attempts under way may hold in memory. */
const maxHeldBytes = 32 * 1024 * 1024
export const maxWidth = 256

export class KafkaEndpoint {
  readonly #options: EndpointOptions
  readonly #topics = new Map<string, Topic>()
  /** Those that were not there when they were asked for last. */
  readonly #missing = new Map<string, KafkaFailure>()
  #client: KafkaClient | undefined
  #opening: Promise<KafkaClient> | undefined
  #partitioner: Partitioner | undefined
  /** How many attempts to connect have failed: each begins with another of the brokers. */
  #failed = 0
  readonly #connecting = new Set<KafkaClient>()
  #rounds = 0
  #live = 0
  #isClosed = false
  #cancelIdle = () => {}
  /** Of the messages seen last. */
  #largest = 0
  /** It is closed as soon as it has nothing to do. */
  isForsaken = false

  constructor(options: EndpointOptions) {
    this.#options = options
  }

  /** How many messages it is good to have under way at a time. */
  get width(): number {
    return Math.max(4, Math.min(maxWidth, Math.floor(maxHeldBytes / Math.max(1, this.#largest))))
  }

  /** Rejects when the signal aborts, whatever becomes of the message then. */
  send(name: string, message: KafkaMessage, bytes: number, timeoutMs: number, signal: AttemptSignal): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      this.#cancelIdle()
      this.#live += 1
      this.#largest = Math.max(bytes, this.#largest * 0.99)
      const leave = () => {
        entry.isGone = true
        if (entry.batch !== undefined) {
          entry.batch.live -= 1
          if (entry.batch.live === 0) entry.batch.abandon()
        }
        this.#ended()
        reject(signal.reason)
      }
      const entry: Entry = {
        message,
        bytes,
        timeoutMs,
        isGone: false,
        reroutes: 0,
        batch: undefined,
        settle: (outcome) => {
          if (entry.isGone) return
          entry.isGone = true
          signal.removeEventListener('abort', leave)
          this.#ended()
          resolve(outcome)
        },
      }
      const missing = this.#missing.get(name)
      if (missing !== undefined) return entry.settle(missing)
      signal.addEventListener('abort', leave)
      let topic = this.#topics.get(name)
      if (topic === undefined) {
        topic = new Topic(name)
        this.#topics.set(name, topic)
      }
      topic.waiting.push(entry)
      this.#lookSoon(topic)
    })
  }

  /** Ends everything at once. */
  close(): void {
    this.#isClosed = true
    this.#cancelIdle()
    this.#client?.close()
    this.#client = undefined
    for (const client of this.#connecting) client.close()
  }

  /** Closes it if it has nothing to do. */
  closeIfIdle(): void {
    if (this.#live > 0) return
    this.close()
    this.#options.onIdle()
  }

  #ended(): void {
    this.#live -= 1
    if (this.#live > 0 || this.#isClosed) return
    this.#cancelIdle()
    const { timer, idleMs } = this.#options
    this.#cancelIdle = timer(this.isForsaken ? 0 : idleMs, () => this.closeIfIdle())
  }

  #lookSoon(topic: Topic): void {
    if (topic.isDue) return
    topic.isDue = true
    setImmediate(() => {
      topic.isDue = false
      this.#look(topic)
    })
  }

  #look(topic: Topic): void {
    if (topic.isLearning) return
    if (topic.waiting.every(({ isGone }) => isGone)) topic.waiting = []
    else {
      const partitions = this.#client?.partitionsOf(topic.name)
      if (partitions === undefined) {
        topic.isLearning = true
        void this.#learn(topic)
        return
      }
      this.#partitioner ??= this.#options.partitioner()
      const choose = this.#partitioner
      const open = partitions.filter(({ leader }) => leader >= 0)
      // What has no key goes to another partition each time: together, so that it is one request.
      this.#rounds += 1
      const keyless = open[this.#rounds % Math.max(1, open.length)]?.partitionId ?? 0
      topic.distribute((key) => choose(topic.name, key, partitions), keyless)
      for (const line of topic.lines.values()) if (!line.isBusy) void this.#write(topic, line)
    }
    if (topic.isIdle) this.#topics.delete(topic.name)
  }

  /** Gets the partitions of a topic, or fails all that wait for it. */
  async #learn(topic: Topic): Promise<void> {
    let client: KafkaClient | undefined
    try {
      client = await this.#open()
      await this.#ask(client, topic)
    } catch (error) {
      const failure = this.#options.refusal(error) ?? this.#failureOf(error, topic, client)
      const isSilent = error instanceof ClientError && error.cause instanceof NoAnswer
      if (client !== undefined && (isSilent || !client.isConnected)) this.#retire(client)
      if (failure.class === 'gone') {
        this.#missing.set(topic.name, failure)
        this.#options.timer(missingMs, () => this.#missing.delete(topic.name))
      }
      for (const entry of topic.take()) entry.settle(failure)
    } finally {
      topic.isLearning = false
      this.#look(topic)
    }
  }

  /** One that is connected. */
  #open(): Promise<KafkaClient> {
    if (this.#client !== undefined && this.#client.topics < maxTopics) return Promise.resolve(this.#client)
    if (this.#client !== undefined) this.#retire(this.#client)
    this.#opening ??= this.#connect()
      .then((client) => {
        if (this.#isClosed) client.close()
        else this.#client = client
        return client
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }

  async #connect(): Promise<KafkaClient> {
    const { brokers, open } = this.#options
    const first = this.#failed % brokers.length
    const client = await open([...brokers.slice(first), ...brokers.slice(0, first)])
    this.#connecting.add(client)
    if (this.#isClosed) client.close()
    try {
      await this.#within(connectTimeoutMs * (brokers.length + 1), client.connect())
      return client
    } catch (error) {
      this.#failed += 1
      client.close()
      throw new ClientError(client, error)
    } finally {
      this.#connecting.delete(client)
    }
  }

  /**
   * A topic that is not there makes every question fail that its client asks from then on, and the error does not tell which
   * topic it is about. So a failure counts for the topic only when it is the only one of its client.
   */
  async #ask(shared: KafkaClient, topic: Topic): Promise<void> {
    let client = shared
    const release = shared.use()
    try {
      for (const [index, delayMs] of learnDelaysMs.entries()) {
        await this.#wait(delayMs)
        if (topic.waiting.every(({ isGone }) => isGone)) return
        try {
          await this.#within(answerMs, client.learn(topic.name))
          if (client !== shared) this.#adopt(client)
          return
        } catch (error) {
          const isLast = index === learnDelaysMs.length - 1
          if (isLast || this.#failureOf(error, topic, client).cause !== 'stale') throw new ClientError(client, error)
          if (client === shared && client.topics > 0) client = await this.#connect()
        }
      }
    } finally {
      if (client !== shared && client !== this.#client) client.close()
      release()
    }
  }

  #adopt(client: KafkaClient): void {
    if (this.#client !== undefined) this.#retire(this.#client)
    if (this.#isClosed) client.close()
    else this.#client = client
  }

  #retire(client: KafkaClient): void {
    if (this.#client === client) this.#client = undefined
    client.retire()
  }

  /** Writes what waits for a partition, request after request. */
  async #write(topic: Topic, line: Line): Promise<void> {
    line.isBusy = true
    for (let batch = Topic.nextBatch(line); batch.length > 0; batch = Topic.nextBatch(line)) {
      await this.#writeBatch(topic, line.partition, batch)
    }
    topic.lines.delete(line.partition)
    if (topic.isIdle) this.#topics.delete(topic.name)
  }

  async #writeBatch(topic: Topic, partition: number, taken: readonly Entry[]): Promise<void> {
    const entries = taken.filter(({ isGone }) => !isGone)
    if (entries.length === 0) return
    const client = this.#client
    if (client?.partitionsOf(topic.name) === undefined) {
      this.#again(topic, entries)
      return
    }
    const release = client.use()
    try {
      await this.#untilAbandoned(
        entries,
        client.write(
          topic.name,
          partition,
          entries.map(({ message }) => message),
          Math.max(...entries.map(({ timeoutMs }) => timeoutMs)),
        ),
      )
      for (const entry of entries) entry.settle({ ok: true })
    } catch (error) {
      const failure = this.#failureOf(error, topic, client)
      // Connections that do not answer, or are gone, are of no use to others.
      if (failure.cause === 'stale' || error instanceof NoAnswer || !client.isConnected) this.#retire(client)
      await this.#refused(topic, partition, entries, failure)
    } finally {
      release()
    }
  }

  async #refused(topic: Topic, partition: number, entries: readonly Entry[], failure: KafkaFailure): Promise<void> {
    const live = entries.filter(({ isGone }) => !isGone)
    if (failure.cause === 'record' && live.length > 1) {
      // Brokers refuse all that is in a request for the sake of one.
      const half = Math.ceil(live.length / 2)
      await this.#writeBatch(topic, partition, live.slice(0, half))
      await this.#writeBatch(topic, partition, live.slice(half))
      return
    }
    const elsewhere = failure.cause === 'stale' ? live.filter(({ reroutes }) => reroutes < maxReroutes) : []
    for (const entry of live) if (!elsewhere.includes(entry)) entry.settle(failure)
    if (elsewhere.length === 0) return
    for (const entry of elsewhere) entry.reroutes += 1
    await this.#wait(100 * 2 ** Math.min(...elsewhere.map(({ reroutes }) => reroutes - 1)))
    this.#again(topic, elsewhere)
  }

  #again(topic: Topic, entries: readonly Entry[]): void {
    topic.waiting.unshift(...entries)
    this.#topics.set(topic.name, topic)
    this.#lookSoon(topic)
  }

  /** Settles as `written` does, and rejects when nobody waits for it any more. */
  #untilAbandoned(entries: readonly Entry[], written: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const batch = { live: entries.length, abandon: () => reject(new NoAnswer('nobody waits any more')) }
      for (const entry of entries) entry.batch = batch
      const done = () => {
        for (const entry of entries) if (entry.batch === batch) entry.batch = undefined
      }
      written.then(resolve, reject).finally(done)
    })
  }

  #failureOf(error: unknown, topic: Topic, client: KafkaClient | undefined): KafkaFailure {
    const { about } = this.#options
    const [at, cause] = error instanceof ClientError ? [error.client, error.cause] : [client, error]
    return failureOf(cause, {
      ...about,
      topic: topic.name,
      refusals: at?.refusals ?? new Map(),
      addressOf: at?.addressOf ?? ((broker) => broker),
    })
  }

  #wait(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#options.timer(ms, resolve)
    })
  }

  #within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.timer(ms, () => reject(new NoAnswer(`no answer within ${ms / 1000} s`)))
      work.then(resolve, reject).finally(cancel)
    })
  }
}

/** What went wrong with a client of its own. */
class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly client: KafkaClient

  constructor(client: KafkaClient, cause: unknown) {
    super('failed', { cause })
    this.client = client
  }
}
