import type { Json } from './json.js'

/** The part of a request a condition looks at. */
export type ConditionSubject = 'body' | 'header' | 'query' | 'cookie' | 'form'

/** What conditions can ask of a request. Built once per request; every getter is cheap or memoised. */
export interface Subjects {
  /** Parsed JSON; else the text of the body; undefined when there is no body. */
  body(): Json | undefined
  /** All values of a header, name in lower case; empty when absent. */
  header(name: string): readonly string[]
  query(name: string): readonly string[]
  cookie(name: string): readonly string[]
  form(name: string): readonly string[]
}

/** A declared condition, compiled. */
export interface Condition {
  readonly subject: ConditionSubject
  /** As declared, for messages: `$.amount`, `X-Env`. */
  readonly path: string
  readonly action: string
  /** Two conditions with the same key accept the same requests. */
  readonly key: string
  /**
   * Set when the condition is a plain equality on one scalar: the request matches exactly when one of
   * `lookup(subjects)` equals `value`. The mock index tells mocks apart by it. Strings of header, query, cookie and form
   * are compared as text, scalars of a body as `typeof:value`.
   */
  readonly equality?: { readonly on: string; readonly value: string; lookup(subjects: Subjects): readonly string[] }
  matches(subjects: Subjects): boolean
  /** What was wanted, in words: `header X-Env equals "test"`. */
  describe(): string
  /** What the request has at the path, in words and bounded: `"prod"`, `nothing`. */
  found(subjects: Subjects): string
}
