// The last requests, as many as fit into the bound: told as they are recorded, listed, shown and counted.

import type { KeptBody } from './kept-body.js'
import { locate } from './location.js'
import type { Answered, MockName, NearMissRecord, Outcome } from './recorded.js'
import { headerLists } from './request.js'
import { RequestRing } from './request-ring.js'

/** One request as it is read. To be used at once: what is recorded later may take its place. */
export class JournalRecord {
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly durationMs: number
  readonly namespace: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly outcome: Outcome
  readonly status: number | undefined
  readonly mock: MockName | undefined
  readonly chain: string | undefined
  readonly nearMisses: readonly NearMissRecord[] | undefined
  readonly #ring: RequestRing
  readonly #place: number

  constructor(ring: RequestRing, place: number, defaultNamespace: string) {
    const entry = ring.entry(place)
    const { namespace, path, query } = locate(entry.url, defaultNamespace)
    this.sequence = entry.sequence
    this.at = entry.at
    this.durationMs = Math.round(entry.durationMs * 1_000) / 1_000
    this.namespace = namespace
    this.method = entry.method
    this.path = path
    this.query = query
    this.outcome = entry.outcome
    this.status = entry.status
    this.mock = entry.mock
    this.chain = entry.chain
    this.nearMisses = entry.nearMisses
    this.#ring = ring
    this.#place = place
  }

  get rawHeaders(): readonly string[] {
    return this.#ring.rawHeaders(this.#place)
  }

  get body(): KeptBody | undefined {
    return this.#ring.body(this.#place)
  }

  /** Undefined when nothing was sent. */
  get sentHeaders(): readonly string[] | undefined {
    return this.#ring.sentHeaders(this.#place)
  }

  get sent(): KeptBody | undefined {
    return this.#ring.sent(this.#place)
  }
}

export interface RequestSummary {
  readonly id: string
  readonly time: string
  readonly namespace: string
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Null when nothing was sent. */
  readonly status: number | null
  readonly outcome: Outcome
  readonly matched: boolean
  readonly mock: MockName | null
  readonly durationMs: number
  readonly chain: string | null
  readonly traceparent: string | null
  /** Of an unmatched request, nearest first. */
  readonly nearMisses: readonly NearMissRecord[]
}

/** A request or an answer: credentials masked, its body cut. */
export interface RecordedMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

export interface RequestView extends RequestSummary {
  readonly request: RecordedMessage
  /** Null when nothing was sent. */
  readonly response: RecordedMessage | null
}

export interface JournalBounds {
  readonly bytes: number
  /** Where recorded bodies are cut. */
  readonly bodyBytes: number
  readonly maskHeaders: readonly string[]
}

export interface JournalParts {
  readonly bounds: JournalBounds
  readonly defaultNamespace: string
  readonly idOf: (sequence: number) => string
  /** The header that tells clients their request's id, when there is one: it need not be kept with every entry. */
  readonly idHeader: string | undefined
}

const alwaysMasked = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']

export class RequestJournal {
  readonly #ring: RequestRing
  readonly #masked: ReadonlySet<string>
  readonly #defaultNamespace: string
  readonly #idOf: (sequence: number) => string
  readonly #idHeader: string | undefined
  readonly #listeners = new Set<(record: JournalRecord) => void>()

  constructor({ bounds, defaultNamespace, idOf, idHeader }: JournalParts) {
    this.#ring = new RequestRing(bounds)
    this.#masked = new Set([...alwaysMasked, ...bounds.maskHeaders.map((name) => name.toLowerCase())])
    this.#defaultNamespace = defaultNamespace
    this.#idOf = idOf
    this.#idHeader = idHeader
  }

  get size(): number {
    return this.#ring.size
  }

  get bytes(): number {
    return this.#ring.bytes
  }

  /** Requests that had to make room since the start, or since everything was cleared. */
  get evicted(): number {
    return this.#ring.evicted
  }

  /** When the youngest of them came, in milliseconds since 1970; 0 when there are none. */
  get evictedAt(): number {
    return this.#ring.evictedAt
  }

  add(answered: Answered): void {
    this.#ring.add(answered)
    if (this.#listeners.size > 0) {
      const record = this.#record(this.size - 1)
      for (const listener of this.#listeners) listener(record)
    }
    while (this.#ring.isFull) this.#ring.evict()
  }

  id({ sequence }: JournalRecord): string {
    return this.#idOf(sequence)
  }

  /** Oldest first, as they were recorded. */
  *records(): Generator<JournalRecord> {
    for (let place = 0; place < this.size; place += 1) yield this.#record(place)
  }

  /** Newest first. `next` is what to give as `after` for the slice that follows. */
  list(
    matches: (request: RequestSummary) => boolean,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): { readonly items: readonly RequestSummary[]; readonly next?: string } {
    const items: RequestSummary[] = []
    const from = after === undefined ? this.size : this.#find(after)
    for (let place = from - 1; place >= 0; place -= 1) {
      const summary = this.#summary(this.#record(place))
      if (!matches(summary)) continue
      const last = items.at(-1)
      if (items.length === limit && last !== undefined) return { items, next: last.id }
      items.push(summary)
    }
    return { items }
  }

  get(id: string): RequestView | undefined {
    const place = this.#find(id)
    if (place < 0) return undefined
    const record = this.#record(place)
    const { sentHeaders } = record
    const idHeader = this.#idHeader === undefined ? [] : [this.#idHeader, id]
    return {
      ...this.#summary(record),
      request: this.#message(record.rawHeaders, record.body),
      response: sentHeaders === undefined ? null : this.#message([...sentHeaders, ...idHeader], record.sent),
    }
  }

  /** Resolves when a request that matches is recorded after the call, or when `signal` aborts. */
  next(matches: (request: RequestSummary) => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(listener)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const listener = (record: JournalRecord): void => {
        if (matches(this.#summary(record))) done()
      }
      if (signal.aborted) {
        resolve()
        return
      }
      this.#listeners.add(listener)
      signal.addEventListener('abort', done)
    })
  }

  /** Tells `listener` of every request that is recorded, until what it returns is called. */
  watch(listener: (request: RequestSummary) => void): () => void {
    const hear = (record: JournalRecord): void => listener(this.#summary(record))
    this.#listeners.add(hear)
    return () => {
      this.#listeners.delete(hear)
    }
  }

  /** Forgets the requests that match, and says how many there were. */
  clear(matches: (record: JournalRecord) => boolean): number {
    return this.#ring.remove((place) => matches(this.#record(place)))
  }

  #record(place: number): JournalRecord {
    return new JournalRecord(this.#ring, place, this.#defaultNamespace)
  }

  /** Its place; -1 when there is none. */
  #find(id: string): number {
    for (let place = this.size - 1; place >= 0; place -= 1) {
      if (this.#idOf(this.#ring.sequence(place)) === id) return place
    }
    return -1
  }

  #summary(record: JournalRecord): RequestSummary {
    const { namespace, method, path, query, status, outcome, mock, durationMs, chain, nearMisses } = record
    return {
      id: this.#idOf(record.sequence),
      time: new Date(record.at).toISOString(),
      namespace,
      method,
      path,
      query,
      status: status ?? null,
      outcome,
      matched: mock !== undefined,
      mock: mock === undefined ? null : { namespace: mock.namespace, name: mock.name },
      durationMs,
      chain: chain ?? null,
      traceparent: headerLists(record.rawHeaders)['traceparent']?.[0] ?? null,
      nearMisses: (nearMisses ?? []).map(({ mock: near, differs }) => ({
        mock: { namespace: near.namespace, name: near.name },
        differs,
      })),
    }
  }

  #message(rawHeaders: readonly string[], body: KeptBody | undefined): RecordedMessage {
    const headers = headerLists(rawHeaders)
    for (const [name, values] of Object.entries(headers)) {
      if (this.#masked.has(name)) headers[name] = values.map(() => '***')
    }
    if (body === undefined) return { headers, body: null, encoding: 'utf8', truncated: false }
    return { headers, ...body.readable(), truncated: body.isCut }
  }
}
