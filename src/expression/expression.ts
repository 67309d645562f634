import type { Json } from './json.js'
import type { Scope } from './scope.js'

export interface CompileOptions {
  /** Values that `$.env.NAME` may show; names that are not keys here are errors. */
  readonly env: Readonly<Record<string, string>>
  /** True where `$.response`, `$.resp` and `$.statusCode` exist (callbacks). */
  readonly callback?: boolean
  /** True where there is a change and no request (webhooks on changes). */
  readonly change?: boolean
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
  | 'change'
  | 'namespace'
  | 'now'
  | 'env'

/** A compiled expression: its value, or undefined when it cannot be resolved. Never throws. */
export type Evaluate = (scope: Scope) => Json | undefined

/** An expression inside a text. */
export interface Expression {
  readonly evaluate: Evaluate
  /** Set when the value is known now. */
  readonly literal?: { readonly value: Json }
  /** Offset after it. */
  readonly end: number
}

/** Gathers what reading one text finds out. */
export interface Notes {
  readonly findings: Omit<ExpressionFinding, 'pointer'>[]
  readonly uses: Set<Root>
}

export const unresolved: Evaluate = () => undefined
