import { validateHeaderName } from 'node:http'
import { isObject, stringifyJson } from '../expression/json.js'
import type { Scope } from '../expression/scope.js'
import { headerValue } from '../network/header-value.js'
import type { ResponseBody, ResponseProgram } from '../resources/kinds/mock-program.js'

/** Everything that goes over the wire, apart from what is particular to one request. */
export interface Answer {
  readonly status: number
  /** Names and values in turn. Shared: never changed. */
  readonly headers: readonly string[]
  /** True when `headers` has the Content-Length. */
  readonly isFramed: boolean
  /** True when `headers` has an Access-Control-Allow-Origin of its own. */
  readonly ownsCors: boolean
  readonly body: Buffer | string | undefined
  /** A short body that is the same for all, one byte a character. */
  readonly wire?: string | undefined
}

/** The server frames answers by itself; a declared length or coding could only contradict it. */
const framing = new Set(['content-length', 'transfer-encoding', 'trailer'])

export interface PreparedOptions {
  /** Value of Callboard-Mock, when answers carry it. */
  readonly mockHeader: string | undefined
}

/** A declared response, as far as it can be made ready when its revision is applied. */
export class PreparedResponse {
  readonly program: ResponseProgram
  /** The whole answer when the response is constant. */
  readonly fixed: Answer | undefined
  readonly #headers: readonly string[]
  readonly #templated: ResponseProgram['headers']
  readonly #ownsCors: boolean
  readonly #isTyped: boolean

  constructor(program: ResponseProgram, { mockHeader }: PreparedOptions) {
    this.program = program
    const declared = program.headers.filter(({ name }) => !framing.has(name.toLowerCase()) && isHeaderName(name))
    const names = new Set(declared.map(({ name }) => name.toLowerCase()))
    const headers: string[] = []
    const { contentType, byValue } = program.body ?? {}
    this.#isTyped = names.has('content-type')
    if (contentType !== undefined && byValue !== true && !this.#isTyped) headers.push('Content-Type', contentType)
    for (const { name, value } of declared) {
      if (value.constant) headers.push(name, headerValue(value.renderText(emptyScope)))
    }
    if (mockHeader !== undefined) headers.push('Callboard-Mock', mockHeader)
    this.#headers = headers
    this.#templated = declared.filter(({ value }) => !value.constant)
    this.#ownsCors = names.has('access-control-allow-origin')
    if (program.constant) {
      const body = program.body?.bytes
      const length = mayHaveBody(program.statusCode) ? ['Content-Length', String(body?.length ?? 0)] : []
      const { statusCode: status } = program
      const wire = body !== undefined && body.length <= longestWire ? body.toString('latin1') : undefined
      this.fixed = { status, headers: [...headers, ...length], isFramed: true, ownsCors: this.#ownsCors, body, wire }
    }
  }

  render(scope: Scope): Answer {
    if (this.fixed !== undefined) return this.fixed
    let headers = this.#headers
    if (this.#templated.length > 0) {
      const rendered = [...headers]
      for (const { name, value } of this.#templated) rendered.push(name, headerValue(value.renderText(scope)))
      headers = rendered
    }
    if (this.program.body?.byValue === true) return this.#renderByValue(this.program.body, headers, scope)
    const body = renderBody(this.program, scope)
    return { status: this.program.statusCode, headers, isFramed: false, ownsCors: this.#ownsCors, body }
  }

  /** A payload that is one expression: what it finds decides how it is sent. */
  #renderByValue({ template, contentType }: ResponseBody, headers: readonly string[], scope: Scope): Answer {
    const value = template?.render(scope) ?? null
    const isJson = isObject(value) || Array.isArray(value)
    const type = isJson ? 'application/json' : contentType
    const typed = type === undefined || this.#isTyped ? headers : ['Content-Type', type, ...headers]
    const body = isJson ? stringifyJson(value) : String(value)
    return { status: this.program.statusCode, headers: typed, isFramed: false, ownsCors: this.#ownsCors, body }
  }
}

/** Longer bodies go out in a buffer of their own. */
const longestWire = 4_096

/** A body as it is best sent: node:http sends a short text in one piece with the headers. A text has one byte a character. */
export function wireOf(body: Buffer | string | undefined): Buffer | string | undefined {
  if (typeof body !== 'string') return body
  return body.length <= longestWire && Buffer.byteLength(body) === body.length ? body : Buffer.from(body)
}

export function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304
}

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name)
    return true
  } catch {
    return false
  }
}

function renderBody({ body }: ResponseProgram, scope: Scope): Buffer | string | undefined {
  if (body === undefined) return undefined
  if (body.template === undefined) return body.bytes
  const text = body.json ? body.template.renderJson(scope) : body.template.renderText(scope)
  return body.base64 ? Buffer.from(text, 'base64') : text
}

const emptyView = { get: () => undefined, entries: () => ({}) }

/** For templates without an expression, which look at nothing. */
const emptyScope: Scope = {
  req: undefined,
  reqHeader: {},
  queryParams: {},
  pathParam: {},
  mS: emptyView,
  cS: emptyView,
  gS: emptyView,
  namespace: '',
  now: () => new Date(0),
  random: () => 0,
}
