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
