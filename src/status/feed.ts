// What happens, kept for a moment, so that streams read it at their own pace: one buffer for all of them, however many
// there are and however slow. Nothing is watched, and nothing costs anything, while nobody listens.
import { randomBytes } from 'node:crypto'
import { type JsonSchema, project, ref } from './json-schema.js'
import { renderJson } from './render-json.js'
import { schemas } from './schemas.js'
import type { EventsView, Watch } from './views.js'

export const eventTypes = ['delivery', 'request', 'revision', 'audit'] as const
export type EventType = (typeof eventTypes)[number]

export interface FeedLimits {
  /** Events, and bytes of them, that are kept for slow readers and for those who come back. */
  readonly events: number
  readonly bytes: number
  /** How long something is watched after its last reader has gone: readers come back. */
  readonly lingerMs: number
}

export const defaultFeedLimits: FeedLimits = { events: 2_000, bytes: 4 * 1024 * 1024, lingerMs: 60_000 }

interface Event {
  readonly type: EventType
  /** Empty or absent for what is in no namespace. */
  readonly namespace: string | undefined
  readonly frame: string
}

const schemaOf: Readonly<Record<EventType, JsonSchema>> = {
  delivery: ref('DeliverySummary'),
  request: ref('RequestSummary'),
  revision: ref('RevisionSummary'),
  audit: ref('AuditEntry'),
}

interface Source {
  readonly watch: Watch<object>
  readers: number
  stop: (() => void) | undefined
  timer: NodeJS.Timeout | undefined
  /** Number of the last event before it was watched. */
  from: number
}

export interface Wanted {
  readonly types: readonly EventType[]
  readonly namespace?: string
  /** The id of the last event that the reader has seen. */
  readonly after?: string
}

/** Reads the feed at its own pace. */
export interface Subscription {
  /** The next event, framed; undefined when there is none yet. */
  next(): string | undefined
  end(): void
}

export class Feed {
  /** Ids of another run of the program are not ours. */
  readonly #epoch = randomBytes(4).toString('hex')
  readonly #limits: FeedLimits
  readonly #sources: Readonly<Record<EventType, Source>>
  readonly #readers = new Set<() => void>()
  #events: (Event | undefined)[] = []
  #head = 0
  /** Number of the latest event. */
  #last = 0
  #bytes = 0

  constructor(views: () => EventsView, limits: Partial<FeedLimits> = {}) {
    this.#limits = { ...defaultFeedLimits, ...limits }
    const source = (type: EventType): Source => ({
      watch: (listener) => views()[type](listener),
      readers: 0,
      stop: undefined,
      timer: undefined,
      from: 0,
    })
    this.#sources = {
      delivery: source('delivery'),
      request: source('request'),
      revision: source('revision'),
      audit: source('audit'),
    }
  }

  /** `more` is called when there is something to read; it must not throw. */
  subscribe({ types, namespace, after }: Wanted, more: () => void): Subscription {
    const watched: Source[] = []
    try {
      for (const type of types) watched.push(this.#begin(type))
    } catch (error) {
      for (const source of watched) this.#leave(source)
      throw error
    }
    let at = this.#last
    let lost: string | undefined
    if (after !== undefined) {
      const seen = this.#numberOf(after)
      if (seen !== undefined && watched.every(({ from }) => seen >= from)) at = seen
      else lost = this.#lost(at, 'events since the last one seen are no longer known')
    }
    this.#readers.add(more)
    let ended = false
    return {
      next: () => {
        if (ended) return undefined
        if (lost !== undefined) {
          const frame = lost
          lost = undefined
          return frame
        }
        const oldest = this.#last - (this.#events.length - this.#head)
        if (at < oldest) {
          const missed = oldest - at
          at = oldest
          return this.#lost(at, `this reader was too slow, and ${missed} events were dropped`)
        }
        while (at < this.#last) {
          const event = this.#events[this.#head + (at - oldest)]
          at += 1
          if (event === undefined || !types.includes(event.type)) continue
          if (namespace !== undefined && event.namespace !== undefined && event.namespace !== namespace) continue
          return event.frame
        }
        return undefined
      },
      end: () => {
        if (ended) return
        ended = true
        this.#readers.delete(more)
        for (const source of watched) this.#leave(source)
      },
    }
  }

  /** Stops watching at once. */
  close(): void {
    for (const type of eventTypes) {
      const source = this.#sources[type]
      clearTimeout(source.timer)
      this.#stop(source)
    }
  }

  #begin(type: EventType): Source {
    const source = this.#sources[type]
    if (source.stop === undefined) {
      source.stop = source.watch((item) => this.#add(type, item))
      source.from = this.#last
    }
    clearTimeout(source.timer)
    source.readers += 1
    return source
  }

  #leave(source: Source): void {
    source.readers -= 1
    if (source.readers > 0) return
    source.timer = setTimeout(() => this.#stop(source), this.#limits.lingerMs)
    source.timer.unref()
  }

  #stop(source: Source): void {
    source.stop?.()
    source.stop = undefined
    const isQuiet = eventTypes.every((type) => this.#sources[type].stop === undefined)
    // What comes next is after a gap: whoever saw the last of these is told.
    this.#last += 1
    if (isQuiet) {
      this.#events = []
      this.#head = 0
      this.#bytes = 0
    } else this.#keep(undefined)
  }

  #add(type: EventType, item: object): void {
    this.#last += 1
    const data = renderJson(project(item, schemaOf[type], schemas)).trimEnd()
    const { namespace } = item as { namespace?: string }
    this.#keep({ type, namespace, frame: `id: ${this.#epoch}-${this.#last}\nevent: ${type}\ndata: ${data}\n\n` })
    for (const more of this.#readers) more()
  }

  #keep(event: Event | undefined): void {
    this.#events.push(event)
    this.#bytes += event?.frame.length ?? 0
    while (this.#events.length - this.#head > this.#limits.events || this.#bytes > this.#limits.bytes) {
      this.#bytes -= this.#events[this.#head]?.frame.length ?? 0
      this.#events[this.#head] = undefined
      this.#head += 1
    }
    if (this.#head > 1_000 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head)
      this.#head = 0
    }
  }

  /** The reader should look at the lists again. Carries an id, so that coming back goes on from here. */
  #lost(at: number, message: string): string {
    return `id: ${this.#epoch}-${at}\nevent: lost\ndata: ${JSON.stringify({ message })}\n\n`
  }

  /** Of an id that this feed has given out and has not forgotten. */
  #numberOf(id: string): number | undefined {
    const [, epoch, digits = ''] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? []
    const number = Number(digits)
    const oldest = this.#last - (this.#events.length - this.#head)
    return epoch === this.#epoch && number >= oldest && number <= this.#last ? number : undefined
  }
}
