import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import type { Snapshot } from '../source/source.js'

/** What a snapshot means: the part of the resources folder that the reconciler needs. */
export interface SnapshotLoader {
  /** `applied`: what a document that is no longer managed, or no longer parses, used to be. */
  load(snapshot: Snapshot, applied: ResourceSet): Promise<LoadedSnapshot>
  /** Warnings about what was loaded last that are too dear for the way to live. */
  warnings(): readonly Problem[]
}

export interface LoadedSnapshot {
  /** Everything without an error. */
  readonly resources: ResourceSet
  readonly problems: readonly Problem[]
  /** Further files that documents name, as paths below the root. */
  readonly references: ReadonlySet<string>
  /** False when the source has to be asked for `references` first. */
  readonly complete: boolean
  readonly counts: { readonly unmanaged: number }
}
