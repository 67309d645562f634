// The last requests, as many as fit into the bound. Recording happens with every answer and must cost next to nothing: an
// entry is one object that shares what it can, and becomes something to read only when someone looks.

import { type KeptBody, keepBody } from './kept-body.js'
import { headerLists } from './request.js'

export interface MockName {
  readonly namespace: string
  readonly name: string
}

/** What became of a request. */
export type Outcome =
  | 'mock'
  | 'proxy'
  | 'fault'
  | 'not_found'
  | 'fallback'
  | 'options'
  | 'suspended'
  | 'unavailable'
  | 'refused'
  | 'aborted'
  | 'failed'

export interface NearMissRecord {
  readonly mock: MockName
  readonly differs: readonly string[]
}

/** What there is to record of a request. */
export interface Answered {
  /** Rises with every request; ids are made from it. */
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly durationMs: number
  readonly namespace: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer | undefined
  readonly outcome: Outcome
  /** Undefined when nothing was sent. */
  readonly status: number | undefined
  readonly mock: MockName | undefined
  readonly chain: string | undefined
  readonly nearMisses: readonly NearMissRecord[] | undefined
  /** What many answers share, and what this one had besides; undefined when nothing was sent. */
  readonly sentHeaders: readonly string[] | undefined
  readonly moreHeaders: readonly string[] | undefined
  readonly sent: Buffer | KeptBody | undefined
}

/** One request as the journal keeps it. */
export class JournalRecord {
  readonly sequence: number
  readonly namespace: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly outcome: Outcome
  readonly status: number | undefined
  readonly mock: MockName | undefined
  readonly chain: string | undefined
  readonly nearMisses: readonly NearMissRecord[] | undefined
  readonly body: KeptBody | undefined
  readonly sent: KeptBody | undefined
  readonly sentHeaders: readonly string[] | undefined
  readonly moreHeaders: readonly string[] | undefined
  readonly bytes: number
  // Small whole numbers are stored in the entry itself, others as an object each.
  readonly #sinceBegun: number
  readonly #durationUs: number
  /** Names and values in turn, a line each. */
  readonly #headers: string

  constructor(answered: Answered, headers: string, begun: number, bodyLimit: number) {
    this.sequence = answered.sequence
    this.namespace = answered.namespace
    this.method = answered.method
    this.path = answered.path
    this.query = answered.query
    this.outcome = answered.outcome
    this.status = answered.status
    this.mock = answered.mock
    this.chain = answered.chain
    this.nearMisses = answered.nearMisses
    this.body = keepBody(answered.body, bodyLimit)
    this.sent = keepBody(answered.sent, bodyLimit)
    this.sentHeaders = answered.sentHeaders
    this.moreHeaders = answered.moreHeaders
    this.#headers = headers
    this.#sinceBegun = answered.at - begun
    this.#durationUs = Math.round(answered.durationMs * 1_000)
    this.bytes =
      entryBytes +
      headers.length +
      this.path.length +
      this.query.length +
      (this.body?.size ?? 0) +
      (this.sent?.size ?? 0) +
      (this.nearMisses === undefined ? 0 : nearMissBytes(this.nearMisses))
  }

  get rawHeaders(): string[] {
    return this.#headers === '' ? [] : this.#headers.split('\n')
  }

  get durationMs(): number {
    return this.#durationUs / 1_000
  }

  at(begun: number): number {
    return begun + this.#sinceBegun
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
  /** When this run began, in milliseconds since 1970. */
  readonly begun: number
  readonly idOf: (sequence: number) => string
  /** The header that tells clients their request's id, when there is one: it need not be kept with every entry. */
  readonly idHeader: string | undefined
}

const alwaysMasked = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']
/** What an entry takes besides its texts. */
const entryBytes = 240
const compactFrom = 1_024
/** Clients send the same headers again and again: equal ones are kept once. */
const knownHeaderSets = 256
const longestShared = 2_048

export class RequestJournal {
  readonly #bounds: JournalBounds
  readonly #masked: ReadonlySet<string>
  readonly #begun: number
  readonly #idOf: (sequence: number) => string
  readonly #idHeader: string | undefined
  readonly #headerSets = new Map<string, string>()
  readonly #listeners = new Set<(record: JournalRecord) => void>()
  #records: (JournalRecord | undefined)[] = []
  #head = 0
  #bytes = 0
  #evicted = 0
  #evictedAt = 0

  constructor({ bounds, begun, idOf, idHeader }: JournalParts) {
    this.#bounds = bounds
    this.#masked = new Set([...alwaysMasked, ...bounds.maskHeaders.map((name) => name.toLowerCase())])
    this.#begun = begun
    this.#idOf = idOf
    this.#idHeader = idHeader
  }

  get size(): number {
    return this.#records.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Requests that had to make room since the start, or since everything was cleared. */
  get evicted(): number {
    return this.#evicted
  }

  /** When the youngest of them came, in milliseconds since 1970; 0 when there are none. */
  get evictedAt(): number {
    return this.#evictedAt
  }

  add(answered: Answered): void {
    const headers = this.#sharedHeaders(answered.rawHeaders)
    const record = new JournalRecord(answered, headers, this.#begun, this.#bounds.bodyBytes)
    this.#records.push(record)
    this.#bytes += record.bytes
    while (this.#bytes > this.#bounds.bytes && this.size > 0) this.#evict()
    if (this.#listeners.size > 0) for (const listener of this.#listeners) listener(record)
  }

  id({ sequence }: JournalRecord): string {
    return this.#idOf(sequence)
  }

  /** Oldest first, as they were recorded. */
  *records(): Generator<JournalRecord> {
    for (let at = this.#head; at < this.#records.length; at += 1) {
      const record = this.#records[at]
      if (record !== undefined) yield record
    }
  }

  /** Newest first. `next` is what to give as `after` for the slice that follows. */
  list(
    matches: (request: RequestSummary) => boolean,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): { readonly items: readonly RequestSummary[]; readonly next?: string } {
    const items: RequestSummary[] = []
    const from = after === undefined ? this.#records.length : this.#find(after)
    for (let at = from - 1; at >= this.#head; at -= 1) {
      const record = this.#records[at]
      if (record === undefined) continue
      const summary = this.#summary(record)
      if (!matches(summary)) continue
      const last = items.at(-1)
      if (items.length === limit && last !== undefined) return { items, next: last.id }
      items.push(summary)
    }
    return { items }
  }

  get(id: string): RequestView | undefined {
    const record = this.#records[this.#find(id)]
    if (record === undefined) return undefined
    const { sentHeaders, moreHeaders = [] } = record
    const idHeader = this.#idHeader === undefined ? [] : [this.#idHeader, id]
    return {
      ...this.#summary(record),
      request: this.#message(record.rawHeaders, record.body),
      response:
        sentHeaders === undefined ? null : this.#message([...sentHeaders, ...moreHeaders, ...idHeader], record.sent),
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
    const before = this.size
    const kept = [...this.records()].filter((record) => !matches(record))
    this.#records = kept
    this.#head = 0
    this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
    if (kept.length === 0) {
      this.#evicted = 0
      this.#evictedAt = 0
    }
    return before - kept.length
  }

  #evict(): void {
    const record = this.#records[this.#head]
    this.#records[this.#head] = undefined
    this.#head += 1
    this.#evicted += 1
    if (record !== undefined) {
      this.#bytes -= record.bytes
      this.#evictedAt = Math.max(this.#evictedAt, record.at(this.#begun))
    }
    if (this.#head >= compactFrom && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
  }

  #sharedHeaders(rawHeaders: readonly string[]): string {
    const headers = rawHeaders.join('\n')
    const known = this.#headerSets.get(headers)
    if (known !== undefined || headers.length > longestShared) return known ?? headers
    if (this.#headerSets.size >= knownHeaderSets) this.#headerSets.clear()
    this.#headerSets.set(headers, headers)
    return headers
  }

  /** Its place; one before the first when there is none. */
  #find(id: string): number {
    for (let at = this.#records.length - 1; at >= this.#head; at -= 1) {
      const record = this.#records[at]
      if (record !== undefined && this.#idOf(record.sequence) === id) return at
    }
    return -1
  }

  #summary(record: JournalRecord): RequestSummary {
    const { namespace, method, path, query, status, outcome, mock, durationMs, chain, nearMisses } = record
    return {
      id: this.#idOf(record.sequence),
      time: new Date(record.at(this.#begun)).toISOString(),
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

function nearMissBytes(nearMisses: readonly NearMissRecord[]): number {
  let bytes = 0
  for (const { differs } of nearMisses) for (const text of differs) bytes += text.length + 32
  return bytes
}
