import type { IncomingMessage, ServerResponse } from 'node:http'
import { corsHeaders } from './cors.js'
import type { NearMissRecord, Outcome, RequestJournal } from './journal.js'
import type { KeptBody } from './kept-body.js'
import { locate } from './location.js'
import type { ResolverLog, ResolverOptions } from './parts.js'
import { type Answer, mayHaveBody } from './prepared-response.js'
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
    const { status } = answer
    const more = this.#more(answer.ownsCors)
    // Rendered text is a tree of pieces: made bytes once, it has its length and leaves nothing behind in the journal.
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
    if (!answer.isFramed && mayHaveBody(status)) more.push('Content-Length', String(body?.length ?? 0))
    this.res.writeHead(status, this.#headers(answer.headers, more))
    if (body === undefined || this.request.method === 'HEAD' || !mayHaveBody(status)) this.res.end()
    else this.res.end(body)
    this.record(outcome, { status, headers: answer.headers, more, body: answer.kept ?? body })
  }

  problem(status: number, title: string, detail: string, outcome: Outcome, options: ProblemOptions = {}): void {
    const { method, location } = this.request
    const { namespace, path } = location
    const problem = { type: 'about:blank', title, status, detail, method, path, namespace, ...options.members }
    const headers = ['Content-Type', 'application/problem+json', ...(options.headers ?? [])]
    if (this.mock !== undefined && this.#around.options.correlationHeaders)
      headers.push('Callboard-Mock', mockLabel(this.mock))
    this.send({ status, headers, ownsCors: false, isFramed: false, body: `${JSON.stringify(problem)}\n` }, outcome)
  }

  /** Sends status and headers, with what belongs to this request, and leaves the body to the caller. */
  begin(status: number, headers: readonly string[], ownsCors: boolean): Sent {
    const more = this.#more(ownsCors)
    this.res.writeHead(status, this.#headers(headers, more))
    return { status, headers, more, body: undefined }
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
    const { namespace, path, query } = location
    const durationMs = monotonic() - this.#started
    counts.count(namespace, outcome)
    journal.add({
      sequence: this.#sequence,
      at: this.at,
      durationMs,
      namespace,
      method,
      path,
      query,
      rawHeaders,
      body: received?.bytes,
      outcome,
      status: sent?.status,
      mock: this.mock?.usage,
      chain: this.chain,
      nearMisses: this.nearMisses,
      sentHeaders: sent?.headers,
      moreHeaders: sent?.more.length === 0 ? undefined : sent?.more,
      sent: sent?.body,
    })
    if (log.isLevelEnabled?.('debug') === true) {
      const mock = this.mock === undefined ? undefined : mockLabel(this.mock)
      const status = sent?.status
      log.debug({ id: this.id, method, path, namespace, status, outcome, mock, durationMs }, 'Request answered')
    }
  }

  #headers(headers: readonly string[], more: readonly string[]): string[] {
    const all = headers.slice()
    for (const text of more) all.push(text)
    if (this.#around.options.correlationHeaders) all.push(idHeader, this.id)
    return all
  }

  /** What this answer has besides its own headers and the id: CORS, the end of the connection. */
  #more(ownsCors: boolean): string[] {
    const more: string[] = []
    const { origin } = this.req.headers
    if (origin !== undefined && !ownsCors) {
      const { cors } = this.settings
      if (cors !== undefined) more.push(...corsHeaders(cors, origin))
    }
    if (this.#around.isClosing()) more.push('Connection', 'close')
    return more
  }
}

/** What went out. */
export interface Sent {
  readonly status: number
  /** What the answer shares with others, and what it had besides. */
  readonly headers: readonly string[]
  readonly more: readonly string[]
  readonly body: Buffer | KeptBody | undefined
}

export const idHeader = 'Callboard-Request-Id'

export interface ProblemOptions {
  readonly headers?: readonly string[]
  readonly members?: Readonly<Record<string, unknown>>
}

export function mockLabel({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
