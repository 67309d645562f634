import { validateHeaderName } from 'node:http'
import type { Scope } from '../expression/scope.js'
import type { ResponseProgram } from '../resources/kinds/mock-program.js'

/** Everything that goes over the wire, apart from what is particular to one request. */
export interface Answer {
  readonly status: number
  /** Names and values in turn, without Content-Length. Shared: never changed. */
  readonly headers: readonly string[]
  /** True when `headers` has an Access-Control-Allow-Origin of its own. */
  readonly ownsCors: boolean
  readonly body: Buffer | string | undefined
}

/** The server frames answers by itself; a declared length or coding could only contradict it. */
const framing = new Set(['content-length', 'transfer-encoding', 'trailer'])

/** A declared response, as far as it can be made ready when its revision is applied. */
export class PreparedResponse {
  readonly program: ResponseProgram
  /** The whole answer when the response is constant. */
  readonly fixed: Answer | undefined
  /** What `fixed` leaves to be sent, with its length; headers alone for HEAD. */
  readonly fixedHeaders: readonly string[]
  readonly #headers: readonly string[]
  readonly #templated: ResponseProgram['headers']
  readonly #ownsCors: boolean
  #sample: Buffer | undefined

  constructor(program: ResponseProgram, mockHeader: string | undefined) {
    this.program = program
    const declared = program.headers.filter(({ name }) => !framing.has(name.toLowerCase()) && isHeaderName(name))
    const names = new Set(declared.map(({ name }) => name.toLowerCase()))
    const headers: string[] = []
    const contentType = program.body?.contentType
    if (contentType !== undefined && !names.has('content-type')) headers.push('Content-Type', contentType)
    for (const { name, value } of declared) {
      if (value.constant) headers.push(name, headerValue(value.renderText(emptyScope)))
    }
    if (mockHeader !== undefined) headers.push('Callboard-Mock', mockHeader)
    this.#headers = headers
    this.#templated = declared.filter(({ value }) => !value.constant)
    this.#ownsCors = names.has('access-control-allow-origin')
    this.fixed = program.constant
      ? { status: program.statusCode, headers, ownsCors: this.#ownsCors, body: program.body?.bytes }
      : undefined
    this.fixedHeaders =
      this.fixed === undefined || !mayHaveBody(program.statusCode)
        ? headers
        : [...headers, 'Content-Length', String(program.body?.bytes?.length ?? 0)]
  }

  /** The beginning of a constant body, apart from the body itself, so that keeping it does not keep all of it. */
  sample(limit: number): Buffer | undefined {
    const bytes = this.program.body?.bytes
    if (bytes === undefined || bytes.length <= limit) return bytes
    this.#sample ??= Buffer.from(bytes.subarray(0, limit))
    return this.#sample
  }

  render(scope: Scope): Answer {
    if (this.fixed !== undefined) return this.fixed
    let headers = this.#headers
    if (this.#templated.length > 0) {
      const rendered = [...headers]
      for (const { name, value } of this.#templated) rendered.push(name, headerValue(value.renderText(scope)))
      headers = rendered
    }
    return { status: this.program.statusCode, headers, ownsCors: this.#ownsCors, body: renderBody(this.program, scope) }
  }
}

export function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304
}

/**
 * A value that cannot break out of its line. Text beyond Latin-1 goes out as UTF-8, which is what clients read.
 */
export function headerValue(value: string): string {
  let plain = true
  let wide = false
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) plain = false
    else if (code > 0xff) wide = true
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
  const clean = plain ? value : value.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, ' ').trim()
  return wide ? Buffer.from(clean, 'utf8').toString('latin1') : clean
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
