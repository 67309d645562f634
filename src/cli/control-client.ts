import type { Dispatcher } from 'undici'
import { exitCodes } from './command.js'
import { parseLossless } from './lossless.js'

export const defaultControlUrl = 'http://127.0.0.1:5790'

const defaultTimeoutMs = 30_000
/** Lists come in pages, so nothing sensible is larger. */
const mostBytes = 64 * 1024 * 1024

export interface ControlTarget {
  readonly url: URL
  readonly token?: string
  /** Through whose hands calls come, for the controller's audit log. */
  readonly via?: 'mcp'
}

/** What the control port says is wrong (RFC 9457). */
export interface ControlProblem {
  readonly type: string
  readonly status: number
  readonly detail: string
  readonly known?: readonly string[]
}

/** A call that did not come to an answer; the message is for the person, `exitCode` for the shell. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly exitCode: number
  readonly problem: ControlProblem | undefined

  constructor(message: string, exitCode: number, options: { problem?: ControlProblem; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.exitCode = exitCode
    this.problem = options.problem
  }
}

export interface CallOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** Asks a running controller. Every failure is a `ControlError` that says what to do. */
export class ControlClient {
  readonly #target: ControlTarget

  constructor(target: ControlTarget) {
    this.#target = target
  }

  /** The control port's address, for messages. */
  get url(): string {
    return this.#target.url.href
  }

  get<View>(path: string, query: Readonly<Record<string, string>> = {}, options: CallOptions = {}): Promise<View> {
    return this.#call('GET', path, query, undefined, options) as Promise<View>
  }

  /** All items of a list, page after page. */
  async list<Item>(
    path: string,
    query: Readonly<Record<string, string>> = {},
    options: CallOptions = {},
  ): Promise<Item[]> {
    const items: Item[] = []
    let cursor: string | null = null
    do {
      const from: Record<string, string> = cursor === null ? {} : { cursor }
      const page: Page<Item> = await this.get(path, { limit: '500', ...query, ...from }, options)
      items.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== null)
    return items
  }

  post<View>(path: string, body: Readonly<Record<string, unknown>>, options: CallOptions = {}): Promise<View> {
    return this.#call('POST', path, {}, JSON.stringify(body), options) as Promise<View>
  }

  /** The same with a body that is JSON text already, such as one with numbers that a double cannot hold. */
  postJson<View>(path: string, body: string, options: CallOptions = {}): Promise<View> {
    return this.#call('POST', path, {}, body, options) as Promise<View>
  }

  /** The answer of a POST as it comes, piece by piece. */
  async download(path: string, take: (piece: Buffer) => Promise<void>, options: CallOptions = {}): Promise<void> {
    const response = await this.#ask('POST', path, {}, '{}', options)
    if (response.statusCode !== 200) throw await this.#refusal(response, options)
    try {
      for await (const piece of response.body) await take(piece)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error
      throw unreachable(this.#target.url, error, options.timeoutMs ?? defaultTimeoutMs)
    }
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    query: Readonly<Record<string, string>>,
    body: string | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    const response = await this.#ask(method, path, query, body, options)
    if (response.statusCode !== 200 && response.statusCode !== 202) throw await this.#refusal(response, options)
    const value = parsed(await this.#textOf(response, options))
    if (value !== undefined) return value
    throw refused(this.#target, response.statusCode, undefined)
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    query: Readonly<Record<string, string>>,
    body: string | undefined,
    { timeoutMs = defaultTimeoutMs, signal }: CallOptions,
  ): Promise<Dispatcher.ResponseData> {
    const { url, token, via } = this.#target
    const target = new URL(url.pathname.replace(/\/$/, '') + path, url)
    for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
    try {
      // Most commands ask nobody, and `run` least of all.
      const { request } = await import('undici')
      return await request(target, {
        method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(via === undefined ? {} : { 'callboard-client': via }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: signal ?? null,
      })
    } catch (error) {
      throw unreachable(url, error, timeoutMs)
    }
  }

  async #textOf(response: Dispatcher.ResponseData, { timeoutMs = defaultTimeoutMs }: CallOptions): Promise<string> {
    try {
      return await readBounded(response.body)
    } catch (error) {
      throw unreachable(this.#target.url, error, timeoutMs)
    }
  }

  async #refusal(response: Dispatcher.ResponseData, options: CallOptions): Promise<ControlError> {
    const value = parsed(await this.#textOf(response, options))
    return refused(this.#target, response.statusCode, isProblem(value) ? value : undefined)
  }
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return parseLossless(text)
  } catch {
    return undefined
  }
}

function isProblem(value: unknown): value is ControlProblem {
  const { type, detail } = (value ?? {}) as { type?: unknown; detail?: unknown }
  return typeof type === 'string' && type.startsWith('urn:callboard:problem:') && typeof detail === 'string'
}

function unreachable(url: URL, error: unknown, timeoutMs: number): ControlError {
  const { code, message } = innermost(error)
  const name = url.hostname
  const found: Readonly<Record<string, string>> = {
    ECONNREFUSED: `nothing listens at ${url.origin}; start a controller with "callboard run", or name another with --control`,
    ENOTFOUND: `${name} is not a name that can be looked up; check --control`,
    EAI_AGAIN: `${name} cannot be looked up just now`,
    ECONNRESET: `${url.origin} closed the connection; is it the control port, and is it http or https?`,
    EPROTO: `${url.origin} does not speak TLS; is it http?`,
    UND_ERR_SOCKET: `${url.origin} closed the connection; is it the control port, and is it http or https?`,
    UND_ERR_CONNECT_TIMEOUT: `${url.origin} does not accept a connection`,
    UND_ERR_HEADERS_TIMEOUT: `${url.origin} has not answered within ${timeoutMs / 1000}s`,
    UND_ERR_BODY_TIMEOUT: `${url.origin} has not finished its answer within ${timeoutMs / 1000}s`,
  }
  const parser = (error instanceof Error && error.name === 'HTTPParserError') || code.startsWith('HPE_')
  const detail = parser ? `${url.origin} does not speak HTTP; is it the control port?` : found[code]
  return new ControlError(detail ?? `${url.origin} cannot be asked: ${message}`, exitCodes.notComputed, {
    cause: error,
  })
}

/** Names with several addresses fail with an error for each; the first says enough. */
function innermost(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  return { code: String((error as NodeJS.ErrnoException).code ?? ''), message: error.message }
}

function refused({ url, token }: ControlTarget, status: number, problem: ControlProblem | undefined): ControlError {
  if (problem === undefined) {
    const message = `${url.origin} answered ${status}, and not as a control port does; is it the resolver's port? The control port is 5790 unless set`
    return new ControlError(message, exitCodes.notComputed)
  }
  const why = { problem }
  if (status === 401) {
    const message =
      token === undefined
        ? `${url.origin} asks for a token; give one with --token or CALLBOARD_TOKEN`
        : `${url.origin} does not accept this token; check --token and CALLBOARD_TOKEN`
    return new ControlError(message, exitCodes.notComputed, why)
  }
  if (status === 421) {
    const message = `the controller does not answer to ${url.hostname}; add it to bind.hosts in its settings, or ask by address`
    return new ControlError(message, exitCodes.notComputed, why)
  }
  const codes: Readonly<Record<number, number>> = {
    400: exitCodes.usage,
    404: exitCodes.problems,
    422: exitCodes.problems,
  }
  return new ControlError(problem.detail, codes[status] ?? exitCodes.notComputed, why)
}
