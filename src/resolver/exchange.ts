import type { IncomingMessage, ServerResponse } from 'node:http'
import { corsHeaders } from './cors.js'
import type { RequestJournal } from './journal.js'
import { locate } from './location.js'
import type { ResolverLog, ResolverOptions } from './parts.js'
import { type Answer, mayHaveBody, wireOf } from './prepared-response.js'
import type { NearMissRecord, Outcome, RecordedDetails } from './recorded.js'
import { Request } from './request.js'
import type { RequestCounts } from './request-counts.js'
import type { ServedMock } from './served-mock.js'
import { defaultSettings, type NamespaceSettings, type Tables } from './tables.js'

/** What all exchanges of a resolver share. */
export interface Surroundings {
  readonly options: ResolverOptions
  readonly journal: RequestJournal
  readonly counts: RequestCounts
  readonly log: ResolverLog
  readonly now: () => Date
  readonly monotonic: () => number
  /** The tables in use now. */
  tables(): Tables
  nextSequence(): number
  idOf(sequence: number): string
  /** True once the server is to end: connections are closed after their answer. */
  isClosing(): boolean
}

/** One request and its answer. Keeps the tables it began with. */
export class Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly tables: Tables
  readonly request: Request
  readonly at: number
  mock: ServedMock | undefined
  chain: string | undefined
  nearMisses: readonly NearMissRecord[] | undefined
  readonly #around: Surroundings
  readonly #started: number
  readonly #sequence: number
  #id: string | undefined
  #recorded = false

  constructor(around: Surroundings, req: IncomingMessage, res: ServerResponse) {
    this.#around = around
    this.#started = around.monotonic()
    this.at = around.now().getTime()
    this.#sequence = around.nextSequence()
    this.req = req
    this.res = res
    this.tables = around.tables()
    const location = locate(req.url ?? '/', around.options.defaultNamespace)
    this.request = new Request(req.method ?? 'GET', location, req.rawHeaders, req.headers)
  }

  get id(): string {
    this.#id ??= this.#around.idOf(this.#sequence)
    return this.#id
  }

  get settings(): NamespaceSettings {
    return this.tables.namespaces.get(this.request.location.namespace) ?? defaultSettings
  }

  /** HEAD and OPTIONS leave every count and store as it is. */
  get isCounted(): boolean {
    const { method } = this.request
    return method !== 'HEAD' && method !== 'OPTIONS'
  }

  get isGone(): boolean {
    return this.res.destroyed || this.req.socket.destroyed
  }

  /** Sends a whole answer and records it; a client that has left meanwhile is recorded as such. */
  send(answer: Answer, outcome: Outcome): void {
    if (this.isGone) {
      this.abandon()
      return
    }
    const { status, headers } = answer
    const more = this.#more(answer.ownsCors)
    const body = answer.wire ?? wireOf(answer.body)
    const contentLength = answer.isFramed || !mayHaveBody(status) ? undefined : (body?.length ?? 0)
    this.res.writeHead(status, this.#headers(headers, contentLength, more))
    if (body === undefined || this.request.method === 'HEAD' || !mayHaveBody(status)) this.res.end()
    else if (typeof body === 'string') this.res.end(body, 'latin1')
    else this.res.end(body)
    this.record(outcome, { status, headers, contentLength, more, body, isShared: answer.wire !== undefined })
  }

  problem(status: number, title: string, detail: string, outcome: Outcome, options: ProblemOptions = {}): void {
    const { method, location } = this.request
    const { namespace, path } = location
    const problem = { type: 'about:blank', title, status, detail, method, path, namespace, ...options.members }
    const named = this.mock !== undefined && this.#around.options.correlationHeaders
    const mockHeader = named && this.mock !== undefined ? ['Callboard-Mock', mockLabel(this.mock)] : []
    const isPlain = options.headers === undefined && !named
    const headers = isPlain ? problemHeaders : [...problemHeaders, ...(options.headers ?? []), ...mockHeader]
    this.send({ status, headers, ownsCors: false, isFramed: false, body: `${JSON.stringify(problem)}\n` }, outcome)
  }

  /** Sends status and headers, with what belongs to this request, and leaves the body to the caller. */
  begin(status: number, headers: readonly string[], ownsCors: boolean): Sent {
    const more = this.#more(ownsCors)
    this.res.writeHead(status, this.#headers(headers, undefined, more))
    return { status, headers, contentLength: undefined, more, body: undefined, isShared: false }
  }

  /** The client has left before its answer. */
  abandon(): void {
    this.record('aborted')
  }

  /** Resolves after `ms` with true, or with false as soon as the client leaves. */
  wait(ms: number): Promise<boolean> {
    if (this.isGone) return Promise.resolve(false)
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.res.off('close', done)
        resolve(!this.isGone)
      }
      const timer = setTimeout(done, ms)
      this.res.on('close', done)
    })
  }

  /** One line in the request journal; only the first call counts. Without `sent` nothing went out. */
  record(outcome: Outcome, sent?: Sent): void {
    if (this.#recorded) return
    this.#recorded = true
    const { journal, counts, log, monotonic } = this.#around
    const { method, rawHeaders, received, location } = this.request
    const { namespace } = location
    const durationMs = monotonic() - this.#started
    counts.count(namespace, outcome)
    journal.add({
      sequence: this.#sequence,
      at: this.at,
      durationMs,
      method,
      url: this.req.url ?? '/',
      rawHeaders,
      body: received?.bytes,
      outcome,
      status: sent?.status,
      mock: this.mock?.usage,
      sentHeaders: sent?.headers,
      contentLength: sent?.contentLength,
      sent: sent?.body,
      isShared: sent?.isShared === true,
      details: this.#details(sent?.more),
    })
    if (log.isLevelEnabled?.('debug') === true) {
      const mock = this.mock === undefined ? undefined : mockLabel(this.mock)
      const status = sent?.status
      const { path } = location
      log.debug({ id: this.id, method, path, namespace, status, outcome, mock, durationMs }, 'Request answered')
    }
  }

  #details(moreHeaders: readonly string[] | undefined): RecordedDetails | undefined {
    const { chain, nearMisses } = this
    if (chain === undefined && nearMisses === undefined && moreHeaders === undefined) return undefined
    return { chain, nearMisses, moreHeaders }
  }

  #headers(
    headers: readonly string[],
    contentLength: number | undefined,
    more: readonly string[] | undefined,
  ): string[] {
    const all = headers.slice()
    if (contentLength !== undefined) all.push('Content-Length', String(contentLength))
    if (more !== undefined) for (const text of more) all.push(text)
    if (this.#around.options.correlationHeaders) all.push(idHeader, this.id)
    return all
  }

  /** What this answer has besides its own headers, its length and the id: CORS, the end of the connection. */
  #more(ownsCors: boolean): string[] | undefined {
    const { origin } = this.req.headers
    const cors = origin === undefined || ownsCors ? undefined : this.settings.cors
    const isLast = this.#around.isClosing()
    if ((cors === undefined || origin === undefined) && !isLast) return undefined
    const more = cors === undefined || origin === undefined ? [] : corsHeaders(cors, origin)
    return isLast ? [...more, 'Connection', 'close'] : more
  }
}

/** What went out. */
export interface Sent {
  readonly status: number
  /** What the answer shares with others, and what it had besides. */
  readonly headers: readonly string[]
  readonly contentLength: number | undefined
  readonly more: readonly string[] | undefined
  /** A text has one byte a character; a shared one is that of every such answer. */
  readonly body: Buffer | string | undefined
  readonly isShared: boolean
}

const problemHeaders: readonly string[] = ['Content-Type', 'application/problem+json']

export const idHeader = 'Callboard-Request-Id'

export interface ProblemOptions {
  readonly headers?: readonly string[]
  readonly members?: Readonly<Record<string, unknown>>
}

export function mockLabel({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
