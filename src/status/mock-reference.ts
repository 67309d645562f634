export interface MockReference {
  readonly namespace: string
  readonly name: string
  /** Absent when the mock is no longer declared. */
  readonly file?: string
  readonly line?: number
}
