// What there is to record of a request.

export interface MockName {
  readonly namespace: string
  readonly name: string
}

/** What became of a request. */
export type Outcome =
  | 'mock'
  | 'proxy'
  | 'fault'
  | 'not_found'
  | 'fallback'
  | 'options'
  | 'suspended'
  | 'unavailable'
  | 'refused'
  | 'aborted'
  | 'failed'

export interface NearMissRecord {
  readonly mock: MockName
  readonly differs: readonly string[]
}

/** What few requests have. */
export interface RecordedDetails {
  readonly chain: string | undefined
  readonly nearMisses: readonly NearMissRecord[] | undefined
  /** Headers this answer had besides those it shares with others. */
  readonly moreHeaders: readonly string[] | undefined
}

/** Texts of requests have one byte a character, as node:http reads them. */
export interface Answered {
  /** Rises with every request; ids are made from it. */
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly durationMs: number
  readonly method: string
  readonly url: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer | undefined
  readonly outcome: Outcome
  /** Undefined when nothing was sent. */
  readonly status: number | undefined
  readonly mock: MockName | undefined
  /** What many answers share; undefined when nothing was sent. */
  readonly sentHeaders: readonly string[] | undefined
  /** What the header of that name said, unless it is among those. */
  readonly contentLength: number | undefined
  /** A text has one byte a character. */
  readonly sent: Buffer | string | undefined
  /** True when `sent` outlives the request: it is referred to where a copy would be made. */
  readonly isShared: boolean
  readonly details: RecordedDetails | undefined
}
