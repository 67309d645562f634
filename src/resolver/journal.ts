// The last requests, as many as fit into the bound. An entry holds what was there anyway; it becomes something to read only
// when someone looks.

import { isUtf8 } from 'node:buffer'
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

export interface JournalRecord {
  readonly id: string
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
  readonly sentHeaders: readonly string[] | undefined
  readonly sent: Buffer | string | undefined
  readonly sentBytes: number
}

export interface NearMissRecord {
  readonly mock: MockName
  readonly differs: readonly string[]
}

export interface RequestSummary {
  readonly id: string
  readonly time: string
  readonly namespace: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly status: number | null
  readonly outcome: Outcome
  readonly matched: boolean
  readonly mock: MockName | null
  readonly durationMs: number
  readonly chain: string | null
  readonly traceparent: string | null
  readonly nearMisses: readonly NearMissRecord[]
}

/** Headers with credentials masked; a body cut at the bound. */
export interface RecordedMessage {
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

export interface RequestView extends RequestSummary {
  readonly request: RecordedMessage
  readonly response: RecordedMessage | null
}

export interface JournalBounds {
  readonly bytes: number
  readonly bodyBytes: number
  readonly maskHeaders: readonly string[]
}

interface Slot {
  readonly record: JournalRecord
  readonly request: Buffer | undefined
  readonly requestBytes: number
  readonly sent: Buffer | string | undefined
  readonly bytes: number
}

const alwaysMasked = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']
/** What an entry and its small parts take besides their text. */
const entryBytes = 400
const headerOverhead = 24
const compactFrom = 1_024

export class RequestJournal {
  readonly #bounds: JournalBounds
  readonly #masked: ReadonlySet<string>
  #slots: (Slot | undefined)[] = []
  #head = 0
  #bytes = 0
  #evicted = 0
  #evictedAt = 0
  readonly #listeners = new Set<(record: JournalRecord) => void>()

  constructor(bounds: JournalBounds) {
    this.#bounds = bounds
    this.#masked = new Set([...alwaysMasked, ...bounds.maskHeaders.map((name) => name.toLowerCase())])
  }

  get size(): number {
    return this.#slots.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Requests that had to make room since the start or the last `clear`. */
  get evicted(): number {
    return this.#evicted
  }

  /** When the youngest of the evicted requests came, in milliseconds since 1970; 0 when none was evicted. */
  get evictedAt(): number {
    return this.#evictedAt
  }

  add(record: JournalRecord): void {
    const request = cutBuffer(record.body, this.#bounds.bodyBytes)
    const sent = cutBody(record.sent, this.#bounds.bodyBytes)
    let bytes = entryBytes + record.path.length + record.query.length + (request?.length ?? 0) + (sent?.length ?? 0)
    const { rawHeaders } = record
    for (let at = 0; at < rawHeaders.length; at += 1) bytes += (rawHeaders[at]?.length ?? 0) + headerOverhead
    this.#slots.push({ record, request, requestBytes: record.body?.length ?? 0, sent, bytes })
    this.#bytes += bytes
    while (this.#bytes > this.#bounds.bytes && this.size > 0) this.#evict()
    if (this.#listeners.size > 0) for (const listener of this.#listeners) listener(record)
  }

  /** Newest first. `next` is what to give as `after` for the slice that follows. */
  list(
    matches: (request: RequestSummary) => boolean,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): { readonly items: readonly RequestSummary[]; readonly next?: string } {
    const items: RequestSummary[] = []
    let at = this.#slots.length - 1
    if (after !== undefined) {
      const found = this.#find(after)
      if (found === undefined) return { items }
      at = found - 1
    }
    for (; at >= this.#head; at -= 1) {
      const slot = this.#slots[at]
      if (slot === undefined) continue
      const summary = summaryOf(slot.record)
      if (!matches(summary)) continue
      const last = items.at(-1)
      if (items.length === limit && last !== undefined) return { items, next: last.id }
      items.push(summary)
    }
    return { items }
  }

  /** Oldest first, as they were recorded. */
  *records(): Generator<{
    readonly record: JournalRecord
    readonly body: Buffer | undefined
    readonly isCut: boolean
  }> {
    for (let at = this.#head; at < this.#slots.length; at += 1) {
      const slot = this.#slots[at]
      if (slot === undefined) continue
      yield { record: slot.record, body: slot.request, isCut: slot.requestBytes > (slot.request?.length ?? 0) }
    }
  }

  get(id: string): RequestView | undefined {
    const slot = this.#slots[this.#find(id) ?? -1]
    if (slot === undefined) return undefined
    const { record, request, requestBytes, sent } = slot
    return {
      ...summaryOf(record),
      request: this.#message(record.rawHeaders, request, requestBytes),
      response: record.sentHeaders === undefined ? null : this.#message(record.sentHeaders, sent, record.sentBytes),
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
        if (matches(summaryOf(record))) done()
      }
      if (signal.aborted) return resolve()
      this.#listeners.add(listener)
      signal.addEventListener('abort', done)
    })
  }

  /** Forgets the requests that match, and says how many there were. */
  clear(matches: (record: JournalRecord) => boolean = () => true): number {
    const kept: Slot[] = []
    let bytes = 0
    const before = this.size
    for (let at = this.#head; at < this.#slots.length; at += 1) {
      const slot = this.#slots[at]
      if (slot === undefined || matches(slot.record)) continue
      kept.push(slot)
      bytes += slot.bytes
    }
    this.#slots = kept
    this.#head = 0
    this.#bytes = bytes
    if (kept.length === 0) {
      this.#evicted = 0
      this.#evictedAt = 0
    }
    return before - kept.length
  }

  #evict(): void {
    const slot = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head += 1
    this.#bytes -= slot?.bytes ?? 0
    this.#evicted += 1
    this.#evictedAt = Math.max(this.#evictedAt, slot?.record.at ?? 0)
    if (this.#head >= compactFrom && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
  }

  #find(id: string): number | undefined {
    for (let at = this.#slots.length - 1; at >= this.#head; at -= 1) {
      if (this.#slots[at]?.record.id === id) return at
    }
    return undefined
  }

  #message(rawHeaders: readonly string[], body: Buffer | string | undefined, bytes: number): RecordedMessage {
    const headers = headerLists(rawHeaders)
    for (const name of Object.keys(headers)) {
      if (this.#masked.has(name)) headers[name] = headers[name]?.map(() => '***') ?? []
    }
    const isText = body === undefined || typeof body === 'string' || isReadable(body)
    const kept = body === undefined ? 0 : Buffer.byteLength(body)
    return {
      headers,
      body:
        body === undefined || bytes === 0
          ? null
          : typeof body === 'string'
            ? body
            : body.toString(isText ? 'utf8' : 'base64'),
      encoding: isText ? 'utf8' : 'base64',
      truncated: kept < bytes,
    }
  }
}

function summaryOf(record: JournalRecord): RequestSummary {
  const { id, at, namespace, method, path, query, status, outcome, mock, durationMs, chain, nearMisses, rawHeaders } =
    record
  return {
    id,
    time: new Date(at).toISOString(),
    namespace,
    method,
    path,
    query,
    status: status ?? null,
    outcome,
    matched: mock !== undefined,
    mock: mock === undefined ? null : { namespace: mock.namespace, name: mock.name },
    durationMs: Math.round(durationMs * 1_000) / 1_000,
    chain: chain ?? null,
    traceparent: headerIn(rawHeaders, 'traceparent') ?? null,
    nearMisses: nearMisses ?? [],
  }
}

export function headerIn(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) if (raw[at]?.toLowerCase() === name) return raw[at + 1]
  return undefined
}

/** Cut bodies are copied, so that a few kilobytes do not keep megabytes alive. */
function cutBuffer(body: Buffer | undefined, limit: number): Buffer | undefined {
  return body === undefined || body.length <= limit ? body : Buffer.from(body.subarray(0, limit))
}

function cutBody(body: Buffer | string | undefined, limit: number): Buffer | string | undefined {
  if (typeof body !== 'string') return cutBuffer(body, limit)
  return body.length <= limit ? body : Buffer.from(body.slice(0, limit), 'utf8').subarray(0, limit)
}

/** A cut may have gone through a character: then the last few bytes do not count. */
function isReadable(bytes: Buffer): boolean {
  for (let cut = 0; cut < 4 && cut <= bytes.length; cut += 1) {
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return true
  }
  return false
}
