import type { Json } from './json.js'

/** One of the three state stores as an expression sees it: read-only, keys at the first level. */
export interface StoreView {
  get(key: string): Json | undefined
  entries(): Record<string, Json>
}

/** Everything an expression can look at while one request is answered. */
export interface Scope {
  /** The body: parsed JSON, form fields as an object, else text; undefined when there is none. */
  readonly req: Json | undefined
  /** Lower-case names; values in the order received. Null prototype. */
  readonly reqHeader: Readonly<Record<string, string[]>>
  readonly queryParams: Readonly<Record<string, string | string[]>>
  readonly pathParam: Readonly<Record<string, string>>
  readonly mS: StoreView
  readonly cS: StoreView
  readonly gS: StoreView
  readonly namespace: string
  readonly now: () => Date
  /**
   * Uniform in [0, 1). Drives `$.fake` too: `Math.random` itself when no seed is declared, else `seededRandom(seed)`, whose
   * values then repeat whatever the clock says.
   */
  readonly random: () => number
  /** Callbacks only: the answer's payload and status. */
  readonly response?: Json | undefined
  readonly statusCode?: number | undefined
  /** Webhooks on changes only: what has changed. */
  readonly change?: Json | undefined
}
