export type Severity = 'error' | 'warning'

/** One thing wrong with a declaration. Every output format is made from this object. */
export interface Problem {
  /** Stable kebab-case id of the rule: `yaml-syntax`, `unknown-field`, `duplicate-resource`, … */
  readonly rule: string
  readonly severity: Severity
  /** Path below the source's root. */
  readonly file: string
  /** One-based. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** JSON pointer into the document, `''` for the document itself. */
  readonly pointer: string
  /** What was found and why it is wrong, one sentence, no trailing period. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

/** A problem found in a value whose place in a file is not known yet: `pointer` is relative to that value. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly pointer: string
  readonly message: string
  readonly hint?: string
}
