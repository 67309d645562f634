// What linking makes of what an EventType says of silence.

export interface InactivityProgram {
  /** For `fieldIn`. */
  readonly subject: string
  /** Lengths of silence in milliseconds, the shortest first. */
  readonly afterMs: readonly number[]
  /** Ids and patterns of what shows activity; empty: all but what Callboard itself tells. */
  readonly events: readonly string[]
}
