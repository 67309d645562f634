// From a request to its answer. `handle` is the way every request takes; what follows are its steps in order.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { seededRandom } from '../expression/random.js'
import type { Guard } from '../network/guard.js'
import type { FaultProgram, ResponseProgram } from '../resources/kinds/mock-program.js'
import { type Store, StoreUnavailable, type Transaction } from '../store/store.js'
import { announcesBody, BodyRefused, drain, RequestAborted, readBody } from './body.js'
import { type CallbackPort, type Fired, noCallbacks } from './callback-port.js'
import { isPreflight, preflightHeaders } from './cors.js'
import { Exchange, mockLabel, type Surroundings } from './exchange.js'
import { explainRequest, type Obstacle } from './explain.js'
import { injectFault } from './faults.js'
import { attend, fire, statusOf } from './firing.js'
import type { Answer } from './prepared-response.js'
import { forward } from './proxy.js'
import { RequestScope } from './request-scope.js'
import type { ServedMock } from './served-mock.js'
import { OutlivingSource, Session } from './session.js'
import type { StateStores } from './state-stores.js'
import { drawTurn, takeTurn, takeUse, turnOf } from './turns.js'
import { mockScope, type UsageBook } from './usage.js'

export interface AnsweringParts {
  readonly around: Surroundings
  readonly store: Store
  readonly stores: StateStores
  readonly book: UsageBook
  readonly guard: Guard
  readonly random: () => number
  readonly callbacks?: CallbackPort | undefined
}

/** What a mock came to for one request. A proxied one has no answer of its own. */
interface Play {
  readonly answer: Answer | undefined
  readonly response: ResponseProgram | undefined
  readonly fault: FaultProgram | undefined
  readonly scope: RequestScope
}

const longestChainId = 512
const nearMissesTold = 5

export class Answering {
  readonly #parts: AnsweringParts
  readonly #around: Surroundings
  readonly #callbacks: CallbackPort

  constructor(parts: AnsweringParts) {
    this.#parts = parts
    this.#callbacks = parts.callbacks ?? noCallbacks
    this.#around = parts.around
  }

  /**
   * Answers at once what needs nothing but its prepared bytes, and returns undefined. What is returned otherwise has to be
   * given to `finish`.
   */
  begin(req: IncomingMessage, res: ServerResponse): Exchange | undefined {
    const exchange = new Exchange(this.#around, req, res)
    try {
      if (this.#refuse(exchange)) return undefined
      if (exchange.request.method === 'OPTIONS' || announcesBody(req)) return exchange
      const mock = this.#find(exchange)
      exchange.mock = mock
      if (mock?.fixed === undefined || exchange.settings.suspend) return exchange
      void this.#respond(exchange, mock)
    } catch (error) {
      this.#broken(exchange, error)
    }
    return undefined
  }

  /** Answers in any case. Returns a promise only when something has to be waited for. */
  finish(exchange: Exchange): void | Promise<void> {
    try {
      const answered = announcesBody(exchange.req) ? this.#withBody(exchange) : this.#resolve(exchange)
      return answered?.catch((error: unknown) => this.#broken(exchange, error))
    } catch (error) {
      this.#broken(exchange, error)
    }
  }

  /** True when headers or URL cannot be accepted, and the client was told so. */
  #refuse(exchange: Exchange): boolean {
    const { headerCount, urlBytes } = this.#around.options.limits
    const { req } = exchange
    if ((req.url?.length ?? 0) > urlBytes) {
      exchange.problem(414, 'URI Too Long', `the URL is longer than ${urlBytes} bytes`, 'refused')
      return true
    }
    if (req.headers.host === undefined && req.httpVersionMinor === 1) {
      exchange.problem(400, 'Bad Request', 'the request has no Host header, which HTTP/1.1 asks for', 'refused')
      return true
    }
    if (req.rawHeaders.length > 2 * headerCount) {
      exchange.problem(431, 'Request Header Fields Too Large', `more than ${headerCount} headers`, 'refused')
      return true
    }
    return false
  }

  /** Reads the body first, unless what answers passes it on as a stream. */
  async #withBody(exchange: Exchange): Promise<void> {
    const { req, request, tables, settings } = exchange
    const { namespace, segments } = request.location
    if (!tables.index.needsBody(namespace, request.method, segments)) {
      const mock = this.#find(exchange)
      const streams = mock === undefined ? settings.fallback !== undefined : mock.streamsBody
      if (streams && request.method !== 'OPTIONS') return this.#resolve(exchange)
    }
    try {
      const body = await readBody(req, this.#around.options.limits.bodyBytes)
      if (body.raw.length > 0) request.received = body
    } catch (error) {
      if (error instanceof RequestAborted) return exchange.abandon()
      if (!(error instanceof BodyRefused)) throw error
      const title = error.status === 413 ? 'Content Too Large' : 'Bad Request'
      exchange.problem(error.status, title, error.message, 'refused')
      return drain(req)
    }
    return this.#resolve(exchange)
  }

  #resolve(exchange: Exchange): void | Promise<void> {
    if (exchange.request.method === 'OPTIONS') return this.#options(exchange)
    const mock = exchange.mock ?? this.#find(exchange)
    return mock === undefined ? this.#unmatched(exchange) : this.#respond(exchange, mock)
  }

  #find({ tables, request }: Exchange, accepts?: (mock: ServedMock) => boolean): ServedMock | undefined {
    const { namespace, segments } = request.location
    const usable = accepts === undefined ? this.isUsable : (mock: ServedMock) => this.isUsable(mock) && accepts(mock)
    return tables.index.find(namespace, request.method, segments, request, usable)
  }

  readonly isUsable = (mock: ServedMock): boolean =>
    !mock.exhausted && (!mock.hasTtl || mock.expires > this.#around.now().getTime())

  /** The same question as `isUsable`, with the reason. */
  readonly obstacle = (mock: ServedMock): Obstacle | undefined => {
    if (mock.exhausted) return { kind: 'use-limit', message: `its useLimiter of ${mock.program.useLimiter} is used up` }
    if (this.isUsable(mock)) return undefined
    return { kind: 'ttl', message: `its ttl ended at ${new Date(mock.expires).toISOString()}` }
  }

  /** A mock that claims OPTIONS; else a preflight's answer; else what methods there are. */
  #options(exchange: Exchange): void | Promise<void> {
    const { request, tables, settings, req } = exchange
    const { namespace, segments, path } = request.location
    const preflight = settings.cors !== undefined && isPreflight(request.method, req.headers)
    const mock = this.#find(exchange, preflight ? ({ program }) => program.method === 'OPTIONS' : undefined)
    if (mock !== undefined) return this.#respond(exchange, mock)
    if (preflight && settings.cors !== undefined) {
      const headers = preflightHeaders(settings.cors, req.headers)
      return exchange.send({ ...noContent, headers }, 'options')
    }
    const { named, any } = tables.index.methodsAt(namespace, segments)
    if (named.length === 0 && !any && path !== '*') return this.#unmatched(exchange)
    const methods = any || path === '*' ? allMethods : named
    const allow = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
    return exchange.send({ ...noContent, headers: ['Allow', [...allow].sort().join(', ')] }, 'options')
  }

  #unmatched(exchange: Exchange): void | Promise<void> {
    const { request, tables, settings } = exchange
    if (settings.fallback !== undefined) return this.#forward(exchange, settings.fallback, 'fallback')
    const { namespace, segments, path } = request.location
    const asked = { namespace, method: request.method, segments, subjects: request }
    const { nearest, note } = explainRequest(tables.index, asked, { obstacle: this.obstacle, limit: nearMissesTold })
    const told = nearest.map(({ entry, differences }) => ({
      entry,
      differs: differences.map(({ message }) => message),
    }))
    exchange.nearMisses = told.map(({ entry, differs }) => ({ mock: entry.usage, differs }))
    const nearMisses = told.map(({ entry, differs }) => {
      const { file, line } = tables.resources.get(entry.id) ?? entry
      const { route, method } = entry.program
      return { mock: mockLabel(entry), method: method ?? null, route: route.text, file, line, differs }
    })
    const detail = note ?? `no mock of namespace "${namespace}" matches ${request.method} ${path}`
    exchange.problem(404, 'No mock matches', detail, 'not_found', { members: { nearMisses } })
  }

  #respond(exchange: Exchange, mock: ServedMock): void | Promise<void> {
    exchange.mock = mock
    if (exchange.settings.suspend) {
      const detail = `namespace "${mock.namespace}" is suspended: its mocks answer 503 until it is resumed`
      return exchange.problem(503, 'Suspended', detail, 'suspended', { headers: ['Retry-After', '60'] })
    }
    const { isCounted } = exchange
    const { fixed } = mock
    if (fixed === undefined && mock.writes && isCounted) return this.#transact(exchange, mock)
    if (isCounted) this.#parts.book.count(mock.usage, exchange.at)
    if (fixed !== undefined) return exchange.send(fixed, 'mock')
    const random = this.#randomFor(mock)
    const { stores, store } = this.#parts
    const open = (chain: string | undefined): Session => new Session(stores, store, mock.namespace, chain)
    const scope = this.#scope(exchange, mock, random, open)
    const play = this.#play(mock, scope, this.#turn(mock, random), random)
    return this.#deliver(exchange, mock, play, random)
  }

  /** Counts, extracts and renders in one transaction; when the last use is gone meanwhile, the next mock is asked. */
  async #transact(exchange: Exchange, mock: ServedMock): Promise<void> {
    const { store, stores, book } = this.#parts
    const { namespace, name } = mock
    const random = this.#randomFor(mock)
    const chain = this.#chainOf(exchange, mock, random)
    exchange.chain = chain
    const opened = new Session(stores, store, namespace, chain)
    const fires = mock.callbacks.length > 0 && mock.program.proxy === undefined
    const scopes = [mockScope(namespace, name), ...opened.scopes, ...(fires ? this.#callbacks.scopes : [])]
    // A proxied mock's callbacks look at the stores once its answer is there.
    const source = new OutlivingSource(store)
    let fired: Fired | undefined
    let play: Play | undefined
    try {
      const work = (tx: Transaction): Play | undefined => {
        const left = takeUse(tx, mock)
        if (left === undefined || left === 0) mock.exhausted = true
        if (left === undefined) return undefined
        const session = new Session(stores, source, namespace, chain)
        const scope = new RequestScope({
          request: exchange.request,
          mock,
          random,
          now: this.#around.now,
          openSession: () => session,
        })
        const turn = mock.program.choice === 'order' ? takeTurn(tx, mock) : this.#turn(mock, random)
        const played = this.#play(mock, scope, turn, random)
        if (fires) {
          const status = statusOf(played.fault, played.answer)
          const isSent = played.fault === undefined || played.fault.kind === 'slow'
          const given = { status, answer: isSent ? played.answer : undefined, response: played.response }
          fired = fire(this.#callbacks, tx, { exchange, mock, scope }, given)
        }
        session.save(tx)
        return played
      }
      play = await store.transact(scopes, (tx) => source.during(tx, () => work(tx)), mock.durability)
    } catch (error) {
      fired?.abandon()
      opened.discard()
      if (mock.program.useLimiter !== undefined) mock.exhausted = false
      return this.#unavailable(exchange, mock, error)
    }
    if (play === undefined) {
      exchange.mock = undefined
      exchange.chain = undefined
      return this.#resolve(exchange)
    }
    book.count(mock.usage, exchange.at)
    if (fired !== undefined) await attend(exchange, fired)
    return this.#deliver(exchange, mock, play, random)
  }

  /** While nothing can be journalled, what has to be is refused. */
  #unavailable(exchange: Exchange, mock: ServedMock, error: unknown): void {
    if (!(error instanceof StoreUnavailable)) throw error
    const detail = `what mock "${mockLabel(mock)}" has to keep cannot be written now: ${error.message}`
    exchange.problem(503, 'Store unavailable', detail, 'unavailable', { headers: ['Retry-After', '5'] })
  }

  #play(mock: ServedMock, scope: RequestScope, turn: number, random: () => number): Play {
    for (const extraction of mock.program.extract) {
      scope.session.extract(extraction, extraction.value.render(scope))
    }
    const isProxied = mock.program.proxy !== undefined
    const prepared = isProxied ? undefined : mock.prepared(turn)
    if (prepared === undefined && !isProxied) throw new Error(`mock "${mockLabel(mock)}" has no response ${turn}`)
    const answer = prepared?.render(scope)
    const fault = mock.program.faults.length === 0 ? undefined : mock.faults.draw(random)
    return { answer, response: prepared?.program, fault, scope }
  }

  #deliver(exchange: Exchange, mock: ServedMock, play: Play, random: () => number): void | Promise<void> {
    const { answer, response, fault } = play
    const { proxy } = mock.program
    if (fault === undefined && response?.delay === undefined && answer !== undefined)
      return exchange.send(answer, 'mock')
    const delay = response?.delay
    const delayMs = delay === undefined ? 0 : delay.min + random() * (delay.max - delay.min)
    const fires = proxy !== undefined && mock.callbacks.length > 0 && exchange.isCounted
    const finish = async (): Promise<void> => {
      if (delayMs > 0 && !(await exchange.wait(delayMs))) return exchange.abandon()
      if (fault !== undefined && (answer !== undefined || fault.kind !== 'slow')) {
        if (fires && !(await this.#fireAlone(exchange, mock, play, statusOf(fault, undefined)))) return
        return injectFault(exchange, fault, answer)
      }
      if (fault !== undefined && !(await exchange.wait(fault.duration))) return exchange.abandon()
      if (answer !== undefined) return exchange.send(answer, 'mock')
      if (proxy === undefined) return
      const before = (status: number): Promise<boolean> => this.#fireAlone(exchange, mock, play, status)
      await this.#forward(exchange, proxy.target, 'proxy', fires ? before : undefined)
    }
    return finish()
  }

  /** For a mock whose status is known last. False when the client was told that it cannot be journalled. */
  async #fireAlone(
    exchange: Exchange,
    mock: ServedMock,
    { scope }: Play,
    status: number | undefined,
  ): Promise<boolean> {
    let fired: Fired | undefined
    const given = { status, answer: undefined, response: undefined }
    const work = (tx: Transaction): void => {
      fired = fire(this.#callbacks, tx, { exchange, mock, scope }, given)
    }
    try {
      await this.#parts.store.transact(this.#callbacks.scopes, work, mock.durability)
    } catch (error) {
      fired?.abandon()
      this.#unavailable(exchange, mock, error)
      return false
    }
    if (fired !== undefined) await attend(exchange, fired)
    return true
  }

  #forward(
    exchange: Exchange,
    target: URL,
    outcome: 'proxy' | 'fallback',
    beforeAnswer?: (status: number) => Promise<boolean>,
  ): Promise<void> {
    const { correlationHeaders } = this.#around.options
    return forward(exchange, target, { guard: this.#parts.guard, outcome, correlationHeaders, beforeAnswer })
  }

  /** Which response a request gets that moves nothing on. */
  #turn(mock: ServedMock, random: () => number): number {
    const { choice } = mock.program
    if (choice === 'single') return 0
    return choice === 'random' ? drawTurn(mock, random) : turnOf(this.#parts.store, mock)
  }

  #scope(
    exchange: Exchange,
    mock: ServedMock,
    random: () => number,
    open: (chain: string | undefined) => Session,
  ): RequestScope {
    const { now } = this.#around
    const openSession = (): Session => {
      exchange.chain = this.#chainOf(exchange, mock, random)
      return open(exchange.chain)
    }
    return new RequestScope({ request: exchange.request, mock, random, now, openSession })
  }

  /** Undefined when the mock names no chain, or its expression finds nothing: then the chain is this request's alone. */
  #chainOf({ request }: Exchange, mock: ServedMock, random: () => number): string | undefined {
    const { chainId } = mock.program
    if (chainId === undefined) return undefined
    const { stores, store } = this.#parts
    const openSession = (): Session => new Session(stores, store, mock.namespace, undefined)
    const scope = new RequestScope({ request, mock, random, now: this.#around.now, openSession })
    const text = chainId.renderText(scope)
    const isUnresolved = text === '' || text === 'null' || (!chainId.constant && text === mock.chainSource)
    return isUnresolved ? undefined : text.slice(0, longestChainId)
  }

  /** Where `$.fake` and random choices come from. With a seed, the n-th request gets the n-th sequence. */
  #randomFor({ program, usage }: ServedMock): () => number {
    const { seed } = this.#around.options
    if (program.seed === undefined && seed === undefined) return this.#parts.random
    const turn = usage.draws
    usage.draws += 1
    return seededRandom(`${program.seed ?? `${seed} ${usage.id}`} ${turn}`)
  }

  /** A fault of ours: told in the log with its stack, to the client without. */
  #broken(exchange: Exchange, error: unknown): void {
    const { id, request, res } = exchange
    const { method, location } = request
    this.#around.log.error({ err: error, id, method, path: location.path }, 'Answering a request failed')
    if (res.headersSent) {
      res.destroy()
      exchange.record('failed')
      return
    }
    try {
      exchange.problem(500, 'Internal Server Error', `answering failed; the log has more under "${id}"`, 'failed')
    } catch {
      res.destroy()
      exchange.record('failed')
    }
  }
}

const noContent = { status: 204, ownsCors: false, isFramed: true, body: undefined } as const
const allMethods: readonly string[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']
