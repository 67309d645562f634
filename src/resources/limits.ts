/** Bounds on what a file of declarations may hold. Beyond them a file is a problem, never a crash. */
export interface Limits {
  readonly fileBytes: number
  readonly documentsPerFile: number
  /** Nesting of lists and mappings within one document. */
  readonly depth: number
  /** Characters of one key. */
  readonly keyLength: number
  /** Values that aliases may add to one document. */
  readonly aliasedValues: number
  /** Problems shown of one document; the rest is counted. */
  readonly problemsPerDocument: number
}

export const defaultLimits: Limits = {
  fileBytes: 2 * 1024 * 1024,
  documentsPerFile: 1_000,
  depth: 100,
  keyLength: 1_024,
  aliasedValues: 20_000,
  problemsPerDocument: 100,
}
