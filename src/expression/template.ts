import type { Json } from './json.js'
import type { Scope } from './scope.js'

export interface CompileOptions {
  /** Values that `$.env.NAME` may show; names that are not keys here are errors. */
  readonly env: Readonly<Record<string, string>>
  /** True where `$.response`, `$.resp` and `$.statusCode` exist (callbacks). */
  readonly callback?: boolean
}

/** What compiling found; `pointer` leads from the compiled value to the text, `offset` into that text. */
export interface ExpressionFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly pointer: string
  readonly message: string
  readonly hint?: string
  readonly offset?: number
}

export type Root =
  | 'req'
  | 'reqHeader'
  | 'queryParams'
  | 'pathParam'
  | 'mS'
  | 'cS'
  | 'gS'
  | 'fake'
  | 'response'
  | 'statusCode'
  | 'namespace'
  | 'now'
  | 'env'

/** A JSON value with expressions in its strings, compiled once. */
export interface Template {
  /** True when no expression is in it: `render` always gives the same value. */
  readonly constant: boolean
  readonly uses: ReadonlySet<Root>
  /** The value with every expression replaced. Never throws; what cannot be resolved stays as written. */
  render(scope: Scope): Json
  /** `render` as JSON text, made from prepared chunks. Numbers too large for a double keep their text. */
  renderJson(scope: Scope): string
  /** `render` as text: strings as they are, objects as JSON, null as `null`. For headers, URLs and text bodies. */
  renderText(scope: Scope): string
}

export interface Compiled {
  readonly template: Template
  readonly findings: readonly ExpressionFinding[]
}
