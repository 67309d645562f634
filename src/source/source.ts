// Where declarations come from. Knows revisions and bytes, nothing of kinds.

export interface SourceFile {
  /** Path below the source's root, with `/` between segments. */
  readonly path: string
  /** SHA-256 of `bytes`, in hex. The same object is returned while the content stays the same. */
  readonly hash: string
  readonly bytes: Uint8Array
}

/** A file or link that the source will not read; the reason is a sentence for a person. */
export interface Refusal {
  readonly path: string
  readonly reason: string
}

export interface Person {
  readonly name: string
  readonly email: string
}

/** What Git says of the commit that a snapshot was read from. All of it is text by whoever wrote the commit. */
export interface Commit {
  /** The whole object name, in hex. */
  readonly id: string
  readonly author: Person
  /** When it was committed, ISO 8601 in UTC. */
  readonly date: string
  /** First line of the message. */
  readonly subject: string
  /** `Key: value` lines at the end of the message, in their order. */
  readonly trailers?: readonly { readonly key: string; readonly value: string }[]
  /** Whose key signed it, when signatures are verified. */
  readonly signer?: string
}

/** The files of one revision. */
export interface Snapshot {
  /** `main@sha1:<commit>` for Git, `sha256:<hash over all paths and contents>` for a directory. */
  readonly revision: string
  /** All documents (`*.yaml`, `*.yml`, `*.json`) and those of the asked references that exist, sorted by path. */
  readonly files: ReadonlyMap<string, SourceFile>
  readonly refusals: readonly Refusal[]
  /** Where the files come from a commit. */
  readonly commit?: Commit
}

/** Where something may have changed: paths below the root, or anywhere. Only a hint: `fetch` compares contents. */
export type Hint = ReadonlySet<string> | 'anywhere'

export interface Source {
  /** The root as people know it: a folder's absolute path, or a Git URL without credentials. */
  readonly location: string
  /**
   * Reads one consistent snapshot. `references` are paths of further files (payloads) that documents name.
   * With a hint only what it names is looked at again; without, everything is.
   * Rejects with `SourceError` when there is no root to read.
   */
  fetch(references: ReadonlySet<string>, hint?: Hint): Promise<Snapshot>
  /** Calls `look` whenever something may have changed, until `close`. Resolves once nothing can be missed any more. */
  watch(look: (hint: Hint) => void): Promise<void>
  close(): Promise<void>
}

/** A revision that the source will not hand out: its signature is missing or unknown. */
export interface RefusedRevision {
  readonly revision: string
  readonly commit: Commit
}

interface SourceErrorOptions {
  readonly reason?: string
  readonly cause?: unknown
  readonly refused?: RefusedRevision
}

/** The source itself cannot be read (as against one file of it): missing root, no permission, unreachable host. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  /** Of the condition that tells of it, in PascalCase. */
  readonly reason: string
  /** What was found and is not taken, where it came as far as that. */
  readonly refused: RefusedRevision | undefined

  constructor(message: string, { reason = 'FetchFailed', cause, refused }: SourceErrorOptions = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.reason = reason
    this.refused = refused
  }
}
