// Errors of the control port: RFC 9457 problem details. Whoever throws one decides everything the client sees.
import { STATUS_CODES } from 'node:http'

export interface ProblemOptions {
  /** Response headers that belong to the status: `Allow`, `WWW-Authenticate`, `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further members: `file`, `line`, `source`, `parameter`, `known`. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** An answer that says what was wrong. `slug` names the sort of problem and is stable; `detail` is for a person. */
export class HttpProblem extends Error {
  override readonly name: string = 'HttpProblem'
  readonly status: number
  readonly slug: string
  readonly headers: Readonly<Record<string, string>>
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(status: number, slug: string, detail: string, { headers = {}, extensions = {} }: ProblemOptions = {}) {
    super(detail)
    this.status = status
    this.slug = slug
    this.headers = headers
    this.extensions = extensions
  }

  body(): Record<string, unknown> {
    return {
      type: `urn:callboard:problem:${this.slug}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      ...this.extensions,
    }
  }
}

/** 400 that names the parameter or field at fault. */
export class BadRequest extends HttpProblem {
  override readonly name = 'BadRequest'
  constructor(parameter: string, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(400, 'bad-request', `${parameter}: ${message}`, { extensions: { parameter, ...extensions } })
  }
}

export class NotFound extends HttpProblem {
  override readonly name = 'NotFound'
  constructor(detail: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(404, 'not-found', detail, { extensions })
  }
}
