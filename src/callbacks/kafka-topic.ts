// What waits for one topic, by partition.

import type { Outcome } from '../delivery/transport.js'
import type { KafkaMessage } from './kafka-client.js'

/** A message on its way, and who waits for what becomes of it. */
export interface Entry {
  readonly message: KafkaMessage
  /** About as many as it takes in a request. */
  readonly bytes: number
  readonly timeoutMs: number
  /** Nobody waits any more. */
  isGone: boolean
  /** How often it found its partition elsewhere. */
  reroutes: number
  /** Among those written together with it. */
  batch: Batch | undefined
  settle(outcome: Outcome): void
}

/** Written in one request. */
export interface Batch {
  /** How many of its entries somebody waits for. */
  live: number
  /** Called when that is none. */
  abandon(): void
}

/** A partition: one request at a time, and what waits for the next. */
export interface Line {
  readonly partition: number
  queue: Entry[]
  isBusy: boolean
}

/** Brokers take batches of 1 MiB by default, with what is around the messages. */
const maxBatchBytes = 900_000
const maxBatchSize = 2000

export class Topic {
  readonly name: string
  /** Without a partition yet. */
  waiting: Entry[] = []
  /** Its partitions are asked for. */
  isLearning = false
  /** It is looked at once everything that is sent in this turn of the event loop is there. */
  isDue = false
  readonly lines = new Map<number, Line>()

  constructor(name: string) {
    this.name = name
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.lines.size === 0 && !this.isLearning && !this.isDue
  }

  /** Takes all that wait. */
  take(): Entry[] {
    const taken = this.waiting.filter(({ isGone }) => !isGone)
    this.waiting = []
    return taken
  }

  /** Gives what waits to its partitions: `partitionOf` knows that of a key, what has none goes to `keyless`. */
  distribute(partitionOf: (key: string) => number, keyless: number): void {
    for (const entry of this.take()) {
      const { key } = entry.message
      this.#line(key === null ? keyless : partitionOf(key)).queue.push(entry)
    }
  }

  /** The next to write to a partition in one request; none when nothing waits. */
  static nextBatch(line: Line): Entry[] {
    const batch: Entry[] = []
    let bytes = 0
    let taken = 0
    for (const entry of line.queue) {
      if (!entry.isGone) {
        if (batch.length > 0 && (bytes + entry.bytes > maxBatchBytes || batch.length >= maxBatchSize)) break
        batch.push(entry)
        bytes += entry.bytes
      }
      taken += 1
    }
    line.queue.splice(0, taken)
    return batch
  }

  #line(partition: number): Line {
    let line = this.lines.get(partition)
    if (line === undefined) {
      line = { partition, queue: [], isBusy: false }
      this.lines.set(partition, line)
    }
    return line
  }
}
