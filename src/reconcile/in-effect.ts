import type { ResourceSet } from '../resources/resource.js'
import type { Commit } from '../source/source.js'
import type { FileList } from './file-list.js'
import type { Plan } from './plan.js'
import { PrepareError, type Target } from './target.js'

/** What the targets run, and which revision that is. */
export class InEffect {
  readonly #targets: readonly Target[]
  resources: ResourceSet = new Map()
  files: FileList = []
  generation = 0
  revision: string | null = null
  commit: Commit | null = null
  time: string | null = null
  /** What the targets lack of the revision after a restart, as words that begin with "without". */
  lacking: string | undefined

  constructor(targets: readonly Target[]) {
    this.#targets = targets
  }

  /** Builds the tables of all targets, and gives back what swaps all of them in. Rejects with `PrepareError`. */
  async prepare(desired: ResourceSet, changes: Plan, generation: number): Promise<() => void> {
    const swaps = await Promise.all(
      this.#targets.map(async (target) => {
        try {
          return await target.prepare(desired, changes, generation)
        } catch (error) {
          throw new PrepareError(target.name, error)
        }
      }),
    )
    return () => {
      for (const swap of swaps) swap()
    }
  }
}
