import type { Condition } from '../../expression/condition.js'
import type { Template } from '../../expression/template.js'
import type { CallbackProgram } from './callback-program.js'

/** One segment of a route, decoded. */
export type RouteSegment =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'param'; readonly name: string }
  /** Stands for one or more segments that a `routePattern` decides. */
  | { readonly type: 'pattern' }
  /** `*` at the end: any rest, also an empty one after the slash. */
  | { readonly type: 'wildcard' }

export interface Route {
  /** As declared: the route, or `~ <routePattern>`. */
  readonly text: string
  readonly segments: readonly RouteSegment[]
  /** Decides the whole path (percent-decoded) when set. RE2 syntax, linear time. `source` is the text as declared. */
  readonly pattern?: { readonly source: string; test(path: string): boolean }
  /** One letter a segment, smaller is more specific: a literal, b param, c pattern, d wildcard. */
  readonly specificity: string
}

export interface ResponseBody {
  /** Undefined when the headers declare one. */
  readonly contentType: string | undefined
  /**
   * Set when the payload is one expression: `contentType` holds for texts and other scalars, and what `template.render`
   * gives as an object or a list is sent as `application/json`.
   */
  readonly byValue?: true
  /** Set when the body is the same for every request. */
  readonly bytes?: Buffer
  /** Set otherwise; `json` says whether to render it as JSON or as text. `base64`: decode what was rendered. */
  readonly template?: Template
  readonly json: boolean
  readonly base64: boolean
}

export interface ResponseProgram {
  readonly statusCode: number
  /** Declared headers in order, a list repeats the name. Content-Type is in `body.contentType` unless declared here. */
  readonly headers: readonly { readonly name: string; readonly value: Template }[]
  readonly body: ResponseBody | undefined
  /** Milliseconds, or a range drawn from per request. */
  readonly delay?: { readonly min: number; readonly max: number }
  /** True when headers and body are constant: the whole answer can be prepared. */
  readonly constant: boolean
}

export type FaultKind = 'status' | 'reset' | 'empty' | 'malformed' | 'slow'

export interface FaultProgram {
  readonly kind: FaultKind
  /** Share of requests, 0 to 1. */
  readonly rate: number
  readonly statusCode: number
  /** `slow`: milliseconds over which the body is sent in pieces. */
  readonly duration: number
  readonly seed?: number
}

export interface Extraction {
  readonly store: 'mS' | 'cS' | 'gS'
  readonly key: string
  readonly value: Template
}

/** A Mock's spec, compiled: nothing of this is worked out per request. */
export interface MockProgram {
  readonly route: Route
  /** Upper case; undefined answers every method. */
  readonly method: string | undefined
  readonly priority: number
  readonly conditions: readonly Condition[]
  /**
   * The place in the total order of choice (semantics: priority, route, method, number of conditions, name), as a string:
   * of two mocks that match, the one whose `order` is smaller (by code unit) answers. Unique within a namespace.
   */
  readonly order: string
  readonly responses: readonly ResponseProgram[]
  readonly choice: 'single' | 'order' | 'random'
  readonly weights: readonly number[] | undefined
  readonly proxy?: { readonly target: URL } | undefined
  readonly faults: readonly FaultProgram[]
  readonly extract: readonly Extraction[]
  readonly webhooks: readonly CallbackProgram[]
  readonly mStore: Template | undefined
  readonly chainId: Template | undefined
  readonly useLimiter: number | undefined
  /** Seconds from the first apply. */
  readonly ttl: number | undefined
  readonly tags: readonly string[]
  /** Seed of `$.fake` and random choices, from the annotation `callboard/faker-seed`. */
  readonly seed: string | undefined
  /** Anything that must be counted, read from or written to a store while answering. */
  readonly stateful: boolean
}
