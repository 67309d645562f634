// The control port: Koa over the route table. Each request takes the same steps, written out in `answer`.
import { setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import { isIP } from 'node:net'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { StoreUnavailable } from '../store/store.js'
import { readJsonBody, readRawBody } from './body.js'
import { compileBody } from './body-schema.js'
import { Feed, type FeedLimits } from './feed.js'
import { createHostCheck, type HostCheck, isLoopback } from './hosts.js'
import { type JsonSchema, project, ref } from './json-schema.js'
import type { Operations } from './operations.js'
import { Query } from './parameter.js'
import { HttpProblem } from './problem-details.js'
import { renderJson } from './render-json.js'
import type { RawBody, RawBodyOptions, Reply, Route } from './route.js'
import { createRoutes } from './routes/index.js'
import type { AnswerTools } from './routes/mcp.js'
import { schemas } from './schemas.js'
import { closestPath } from './suggest.js'
import { type Authorize, createAuthorize, StatusSettingsError, type Tokens } from './tokens.js'
import type { Views } from './views.js'

/** What of a logger is used here; pino fits. */
export interface StatusLog {
  debug(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface StatusApiOptions {
  readonly views: Views
  readonly operations: Operations
  readonly tokens: Tokens
  /** Address to listen on. Any but loopback needs a read token. */
  readonly bind: string
  /** Further names under which this port may be asked. */
  readonly hosts: readonly string[]
  readonly log: StatusLog
  readonly now: () => Date
  readonly version: string
  /** How often a stream says that it is still there. */
  readonly heartbeatMs?: number
  /** A longer body of events is refused. Default 1 MiB. */
  readonly eventBytes?: number
  /** A longer hook is refused. Default 5 MiB. */
  readonly hookBytes?: number
  readonly feed?: Partial<FeedLimits>
  /** Tools for agents at /mcp; absent where they are switched off. */
  readonly answerTools?: AnswerTools
}

export interface StatusApi {
  /** Resolves with the port, once connections are accepted. `host` is `bind` unless given. */
  listen(options: { readonly host?: string; readonly port: number }): Promise<{ readonly port: number }>
  /** Ends waiting calls, lets others finish for a moment, then cuts them off. */
  close(): Promise<void>
  readonly routes: readonly Route[]
}

/** How long a request may take to arrive. Answers may take longer: reconciling does. */
const arrivalMs = 30_000
/** How long calls may go on when the server closes. */
const graceMs = 2_000

/** Throws `SettingsError` for an address or a token that cannot be used. */
export function createStatusApi(options: StatusApiOptions): StatusApi {
  const { views, tokens, bind, log } = options
  requireReadToken(bind, tokens)
  const feed = new Feed(() => views.events, options.feed)
  const { heartbeatMs = 15_000, eventBytes = 1024 * 1024, hookBytes = 5 * 1024 * 1024 } = options
  const authorize = createAuthorize(tokens)
  const mayAsk = createHostCheck(bind, options.hosts)
  const mayAskFrom = (origin: string) => URL.canParse(origin) && mayAsk(new URL(origin).host, undefined)
  const routes = createRoutes({ ...options, feed, heartbeatMs, eventBytes, hookBytes, authorize, mayAskFrom })
  const closing = new AbortController()
  // One listener per call that is under way; how many there may be is bounded where they wait.
  setMaxListeners(0, closing.signal)
  const handle = createHandler(views, routes, authorize, options.now, closing.signal)
  const app = new Koa()
  app.silent = true
  app.on('error', (error: unknown) => log.debug({ err: error }, 'control port: connection failed'))
  app.use(answer(mayAsk, handle, log))
  const server = createServer({ requestTimeout: arrivalMs, headersTimeout: arrivalMs }, app.callback())
  server.maxHeadersCount = 200
  return {
    routes,
    listen: async ({ host = bind, port }) => {
      requireReadToken(host, tokens)
      return listen(server, host, port)
    },
    close: () => {
      closing.abort()
      feed.close()
      return close(server)
    },
  }
}

function requireReadToken(address: string, { read }: Tokens): void {
  if (isLoopback(address) || read !== undefined) return
  throw new StatusSettingsError(
    `bind.control: ${address} can be reached from other machines, so the control port needs a read token; set tokens.read (CALLBOARD_TOKENS_READ) or leave it at 127.0.0.1`,
  )
}

type Handler = (context: Context) => Promise<void>

/** The outermost step: what every answer has, and what becomes of whatever is thrown. */
function answer(mayAsk: HostCheck, handle: Handler, log: StatusLog): Handler {
  return async (context) => {
    context.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    try {
      // A request line with a whole URL names a host of its own, which would go around this check.
      if (!mayAsk(context.req.headers.host, context.socket.localAddress)) throw misdirected(context.req.headers.host)
      if (!context.url.startsWith('/')) throw new HttpProblem(400, 'bad-request', 'the request target has to be a path')
      await handle(context)
    } catch (error) {
      send(context, problemOf(error, context, log))
    }
  }
}

async function rawBodyOf(
  { req }: Context,
  options: RawBodyOptions,
  unread: ((error: unknown) => void) | undefined,
): Promise<RawBody> {
  try {
    return await readRawBody(req, options)
  } catch (error) {
    unread?.(error)
    throw error
  }
}

function createHandler(
  views: Views,
  routes: readonly Route[],
  authorize: Authorize,
  now: () => Date,
  closing: AbortSignal,
): Handler {
  const router = new Router({ sensitive: true })
  for (const route of routes) {
    const check = route.body === undefined ? undefined : compileBody(route.body.schema)
    const path = route.path.replace(/\{(\w+)\}/g, ':$1')
    const steps = async (context: Context & { params: Record<string, string> }) => {
      authorize(route.access, context.get('authorization') || undefined)
      const query = new Query(route.parameters, context.querystring, now)
      const address = addressOf(context)
      const unread = route.before?.({ params: context.params, address, headers: context.req.headers })
      const body = route.body === undefined ? undefined : await readJsonBody(context.req, route.body.maxBytes)
      check?.(body)
      const raw = route.rawBody === undefined ? undefined : await rawBodyOf(context, route.rawBody, unread)
      const { signal, release } = lifetime(context, closing)
      try {
        const wantsHtml = context.accepts('application/json', 'text/html') === 'text/html'
        const lastEventId = context.get('last-event-id') || undefined
        const address = addressOf(context)
        const authorization = context.get('authorization') || undefined
        const via = context.get('callboard-client') === 'mcp' ? ('mcp' as const) : null
        const asker = { address, authorization, via, signal }
        const call = { ...asker, params: context.params, query, body, raw, wantsHtml, lastEventId }
        const reply = await route.handle(call)
        sendReply(context, route, reply)
        if ('stream' in reply) reply.stream.once('close', release)
        else release()
      } catch (error) {
        release()
        throw error
      }
    }
    if (route.method === 'GET') router.get(path, steps)
    else router.post(path, steps)
  }
  const dispatch = router.routes()
  return async (context) => {
    requireDecodable(context.path)
    // The router's own layers know the path; which methods they have is answered here, with where to turn instead.
    const matched = router.match(context.path, context.method)
    if (matched.route) {
      // The router types its context with its own additions, which it makes itself.
      await dispatch(context as Parameters<typeof dispatch>[0], async () => {})
      return
    }
    const here = routes.filter((route) =>
      matched.path.some((layer) => layer.path === route.path.replace(/\{(\w+)\}/g, ':$1')),
    )
    const [first] = here
    if (first === undefined) throw unknownPath(context.path, routes)
    const allow = [...new Set(here.map(({ method }) => method))].join(', ')
    if (context.method === 'OPTIONS') {
      context.set('Allow', allow)
      context.status = 204
      return
    }
    // Where a thing is declared is as much a secret as the thing.
    if (first.access !== 'open') authorize('read', context.get('authorization') || undefined)
    const [layer] = matched.path
    const params = layer?.params(context.path, layer.captures(context.path)) ?? {}
    throw await methodNotAllowed(views, first, params, context, allow)
  }
}

async function methodNotAllowed(
  views: Views,
  route: Route,
  params: Readonly<Record<string, string>>,
  { method, querystring }: Pick<Context, 'method' | 'querystring'>,
  allow: string,
): Promise<HttpProblem> {
  const headers = { Allow: allow }
  if (route.declaredAt === undefined) {
    const detail = `${method} has no meaning here; ${route.path} answers ${allow}`
    return new HttpProblem(405, 'method-not-allowed', detail, { headers })
  }
  const { source } = await views.status()
  const place = await route.declaredAt(params)
  if (place === undefined) {
    const beside = await route.declaredBeside?.(querystring)
    const example = beside === undefined ? '' : `, as at ${beside.file}:${beside.line}`
    const detail = `what is declared cannot be changed here; change it in the source, ${source}${example}`
    const extensions = { source, ...(beside !== undefined && { beside: { file: beside.file, line: beside.line } }) }
    return new HttpProblem(405, 'declared', detail, { headers, extensions })
  }
  const { file, line } = place
  const detail = `this is declared at ${file}:${line} of ${source} and cannot be changed here; change it there`
  return new HttpProblem(405, 'declared', detail, { headers, extensions: { source, file, line } })
}

function unknownPath(path: string, routes: readonly Route[]): HttpProblem {
  const suggestion = closestPath(path, new Set(routes.map((route) => route.path)))
  const meant = suggestion === undefined ? 'GET / lists what there is' : `did you mean ${suggestion}?`
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path
  return new HttpProblem(404, 'unknown-path', `nothing is served at ${shown}; ${meant}`, {
    extensions: suggestion === undefined ? {} : { suggestion },
  })
}

function misdirected(host: string | undefined): HttpProblem {
  const found = host === undefined ? 'no Host header' : `Host ${JSON.stringify(host.slice(0, 100))}`
  const detail = `${found} does not name this control port; ask for localhost or its address, or add the name to bind.hosts in the settings`
  return new HttpProblem(421, 'unknown-host', detail)
}

/** Names with a broken percent-encoding would otherwise be looked up as they are written. */
function requireDecodable(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw new HttpProblem(400, 'bad-request', 'the path has a percent sign that encodes nothing')
  }
}

function problemOf(error: unknown, context: Context, log: StatusLog): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (error instanceof StoreUnavailable) {
    const detail = 'the state directory cannot be written just now, so nothing was done; the log says why'
    return new HttpProblem(503, 'store-unavailable', detail, { headers: { 'Retry-After': '5' } })
  }
  if (context.req.destroyed && !context.req.complete) {
    return new HttpProblem(400, 'incomplete', 'the request ended before its body did')
  }
  log.error({ err: error, method: context.method, path: context.path }, 'control port: a call failed')
  return new HttpProblem(500, 'internal', 'this call failed; the log says why')
}

function send(context: Context, problem: HttpProblem): void {
  context.status = problem.status
  context.set(problem.headers)
  context.body = renderJson(problem.body())
  context.type = 'application/problem+json'
}

function sendReply(context: Context, route: Route, reply: Reply): void {
  context.status = route.status ?? 200
  if (route.otherTypes?.includes('text/html')) context.vary('Accept')
  if ('text' in reply || 'stream' in reply) {
    context.set(reply.headers ?? {})
    if (reply.status !== undefined) context.status = reply.status
    context.body = 'text' in reply ? reply.text : reply.stream
    context.set('Content-Type', reply.type)
    return
  }
  const name = reply.schema ?? route.schema
  const schema: JsonSchema = name === undefined ? {} : ref(name)
  context.body = renderJson(project(reply.json, schema, schemas))
  context.type = 'application/json'
}

/** An address of IPv4 that came over IPv6 is shown as what it is. */
function addressOf({ req }: Context): string | null {
  return req.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? null
}

/** A signal that aborts when the client has gone or the server closes. */
function lifetime({ res }: Context, closing: AbortSignal): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  res.once('close', abort)
  closing.addEventListener('abort', abort, { once: true })
  if (closing.aborted) abort()
  return {
    signal: controller.signal,
    release: () => {
      res.off('close', abort)
      closing.removeEventListener('abort', abort)
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<{ port: number }> {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const where = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`
      const found =
        error.code === 'EADDRINUSE'
          ? 'something else listens there already; choose another ports.control'
          : error.message
      reject(new Error(`control port ${where}: ${found}`, { cause: error }))
    }
    server.once('error', failed)
    server.listen(port, address, () => {
      server.off('error', failed)
      const bound = server.address()
      resolve({ port: typeof bound === 'object' && bound !== null ? bound.port : port })
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
