// From "look again" to a snapshot and its meaning. One changed file goes straight through; what changes together is
// read together.

import type { ResourceSet } from '../resources/resource.js'
import type { Hint, Snapshot, Source } from '../source/source.js'
import type { LoadedSnapshot, SnapshotLoader } from './snapshot-loader.js'
import { joinHints, type Trigger, widens } from './trigger.js'

export interface Reading {
  readonly snapshot: Snapshot
  readonly loaded: LoadedSnapshot
}

export interface ReaderParts {
  readonly source: Source
  readonly loader: SnapshotLoader
  readonly trigger: Trigger
  /** Empties the trigger. What is taken while reading is read before `read` resolves. */
  readonly take: () => Hint | undefined
  /** Hears of every snapshot, before its meaning is known. */
  readonly onFetched: (snapshot: Snapshot) => void
}

const none: Hint = new Set()

export class SnapshotReader {
  readonly #parts: ReaderParts
  #references: ReadonlySet<string> = new Set()

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  /** Payload files that the first snapshot is asked for although no document has named them yet. */
  expect(references: ReadonlySet<string>): void {
    this.#references = references
  }

  async fetch(hint: Hint): Promise<Snapshot> {
    const snapshot = await this.#parts.source.fetch(this.#references, hint)
    this.#parts.onFetched(snapshot)
    return snapshot
  }

  async load(snapshot: Snapshot, applied: ResourceSet): Promise<LoadedSnapshot> {
    const loaded = await this.#parts.loader.load(snapshot, applied)
    this.#references = loaded.references
    return loaded
  }

  /** A snapshot and its meaning, together with what changed while they were read. `first` was fetched already. */
  async read(hint: Hint, applied: ResourceSet, first?: Snapshot): Promise<Reading> {
    const { trigger, take } = this.#parts
    const deadline = trigger.deadline()
    let seen = hint
    if (seen !== 'anywhere' && seen.size > 1) {
      await trigger.quiet(deadline)
      seen = joinHints(seen, take() ?? none)
    }
    let snapshot = first ?? (await this.fetch(seen))
    for (;;) {
      const asked = this.#references
      const loaded = await this.load(snapshot, applied)
      let more: Hint = loaded.complete
        ? none
        : new Set([...loaded.references].filter((path) => !asked.has(path) && !snapshot.files.has(path)))
      if (trigger.pending && trigger.remaining(deadline) > 0) {
        let came = take() ?? none
        // The same file again is the other half of one save. Others are one change with this: they go live together.
        if (widens(seen, came)) {
          await trigger.quiet(deadline)
          came = joinHints(came, take() ?? none)
        }
        more = joinHints(more, came)
      }
      if (loaded.complete && more !== 'anywhere' && more.size === 0) return { snapshot, loaded }
      seen = joinHints(seen, more)
      const again = await this.fetch(more)
      if (again.revision === snapshot.revision && loaded.complete) return { snapshot, loaded }
      snapshot = again
    }
  }
}
