// Passes a request on to a real server and its answer back, as streams.

import { pipeline } from 'node:stream/promises'
import type { Dispatcher } from 'undici'
import { type Guard, GuardError } from '../network/guard.js'
import { headerValue } from '../network/header-value.js'
import { announcesBody } from './body.js'
import { type Exchange, mockLabel } from './exchange.js'
import type { Outcome } from './recorded.js'

export type ProxyFailure = 'network' | 'timeout' | 'guard'

/** Concern one connection only (RFC 9110 7.6.1), or are set afresh by whoever sends. */
const hopByHop = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const hopsHeader = 'callboard-hops'
/** Of another Callboard behind this one: whoever asked here is told where to look here. */
const correlation: ReadonlySet<string> = new Set(['callboard-mock', 'callboard-request-id'])
const none: ReadonlySet<string> = new Set()
const mostHops = 10
const timeoutMs = 30_000

export interface Forwarding {
  readonly guard: Guard
  readonly outcome: Extract<Outcome, 'proxy' | 'fallback'>
  readonly correlationHeaders: boolean
  /** Called with the status before any of the answer goes out. False: the client was answered otherwise. */
  readonly beforeAnswer?: ((status: number) => Promise<boolean>) | undefined
}

/** Streams the request's body unless it was read before. Answers in any case; resolves when the answer has left. */
export async function forward(exchange: Exchange, target: URL, options: Forwarding): Promise<void> {
  const { guard, outcome, correlationHeaders, beforeAnswer = async () => true } = options
  const { req, res, request } = exchange
  const hops = Number(request.single[hopsHeader] ?? 0) + 1
  if (!(hops <= mostHops)) {
    if (!(await beforeAnswer(508))) return
    exchange.problem(
      508,
      'Loop Detected',
      `the request was passed on ${mostHops} times; a proxy seems to lead to itself`,
      'failed',
    )
    return
  }
  const aborter = new AbortController()
  const onClose = (): void => aborter.abort()
  res.on('close', onClose)
  let upstream: Dispatcher.ResponseData
  try {
    guard.check(target)
    upstream = await guard.dispatcher.request({
      origin: target.origin,
      path: targetPath(target, request.location.route, request.location.query),
      method: request.method as Dispatcher.HttpMethod,
      headers: [...endToEnd(request.rawHeaders, req.headers.connection), hopsHeader, String(hops)],
      body: request.raw ?? (announcesBody(req) && request.received === undefined ? req : null),
      signal: aborter.signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      responseHeaders: 'raw',
    })
  } catch (error) {
    res.off('close', onClose)
    if (exchange.isGone) return exchange.abandon()
    return failed(exchange, target, error, beforeAnswer)
  }
  if (!(await answerMayGo(upstream, beforeAnswer))) {
    res.off('close', onClose)
    discard(upstream)
    return
  }
  // With `responseHeaders: 'raw'` they come as names and values in turn; the types know only the other form.
  const raw = upstream.headers as unknown as readonly string[]
  const answered = endToEnd(raw, connectionOf(raw), correlationHeaders ? correlation : none)
  const headers = answered.map((text, at) => (at % 2 === 1 ? headerValue(text) : text))
  if (correlationHeaders && exchange.mock !== undefined) headers.push('Callboard-Mock', mockLabel(exchange.mock))
  const ownsCors = headers.some((text, at) => at % 2 === 0 && text.toLowerCase() === 'access-control-allow-origin')
  const sent = exchange.begin(upstream.statusCode, headers, ownsCors)
  try {
    await pipeline(upstream.body, res)
    exchange.record(outcome, sent)
  } catch {
    // The status has gone out already: only a cut connection tells the client that the answer is not whole.
    res.destroy()
    exchange.record(aborter.signal.aborted ? 'aborted' : 'failed', sent)
  } finally {
    res.off('close', onClose)
  }
}

/** The request's path below the target's, with both queries. */
export function targetPath(target: URL, route: string, query: string): string {
  const base = target.pathname.endsWith('/') ? target.pathname.slice(0, -1) : target.pathname
  const queries = [target.search.slice(1), encodeUnsafe(query)].filter((text) => text !== '').join('&')
  return `${base}${encodeUnsafe(route)}${queries === '' ? '' : `?${queries}`}`
}

/** Characters that arrived unencoded and cannot be sent so. */
function encodeUnsafe(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (found) => encodeURIComponent(Buffer.from(found).toString()))
}

function endToEnd(raw: readonly string[], connection: string | undefined, without = none): string[] {
  const named = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const kept: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    if (hopByHop.has(name) || named.has(name) || name === hopsHeader || without.has(name)) continue
    kept.push(raw[at] ?? '', raw[at + 1] ?? '')
  }
  return kept
}

function connectionOf(raw: readonly string[]): string | undefined {
  const at = raw.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'connection')
  return at < 0 ? undefined : raw[at + 1]
}

async function answerMayGo(
  upstream: Dispatcher.ResponseData,
  beforeAnswer: (status: number) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await beforeAnswer(upstream.statusCode)
  } catch (error) {
    discard(upstream)
    throw error
  }
}

/** Its connection is cut; that is an error for nobody. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => {}).destroy()
}

async function failed(
  exchange: Exchange,
  target: URL,
  error: unknown,
  beforeAnswer: (status: number) => Promise<boolean>,
): Promise<void> {
  const { failure, message } = classify(error)
  const where = target.origin
  const detail = failure === 'guard' ? message : `${where} could not be asked: ${message}`
  if (!(await beforeAnswer(failure === 'timeout' ? 504 : 502))) return
  if (failure === 'timeout') exchange.problem(504, 'Gateway Timeout', detail, 'failed', { members: { class: failure } })
  else exchange.problem(502, 'Bad Gateway', detail, 'failed', { members: { class: failure } })
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

function classify(error: unknown): { readonly failure: ProxyFailure; readonly message: string } {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof GuardError) return { failure: 'guard', message: cause.message }
  }
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) }
  const text = message === '' && code !== undefined ? code : message
  return { failure: code !== undefined && timeouts.has(code) ? 'timeout' : 'network', message: text }
}
