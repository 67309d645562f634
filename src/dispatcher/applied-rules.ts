// The rules of what is applied now. Whoever took them before goes on with those of before.

import type { Resource, ResourceId, ResourceSet } from '../resources/resource.js'
import { type MessageWriter, RevisionRules } from './revision-rules.js'
import type { Known } from './routing.js'
import { buildTables, type TableOptions, type Tables } from './tables.js'

export interface AppliedRulesOptions {
  readonly tables: TableOptions
  readonly known: Known
  readonly revisionOf: (generation: number) => string | undefined
  /** Of one revision; its tables are the same object while nothing has changed that matters to them. */
  readonly writer: (resources: ResourceSet, tables: Tables) => MessageWriter
  /** Called after a revision was swapped in, in a turn of its own. */
  readonly onApplied: (resources: ResourceSet) => void
}

/** A target of the reconciler. */
export class AppliedRules {
  readonly name = 'dispatcher'
  readonly #options: AppliedRulesOptions
  #resources: ResourceSet = new Map()
  #rules: RevisionRules

  constructor(options: AppliedRulesOptions) {
    this.#options = options
    this.#rules = this.#rulesOf(this.#resources, 0)
  }

  get rules(): RevisionRules {
    return this.#rules
  }

  get resources(): ResourceSet {
    return this.#resources
  }

  /** A resource that is applied. */
  find(id: ResourceId): Resource | undefined {
    return this.#resources.get(id)
  }

  prepare(desired: ResourceSet, _plan: unknown, generation: number): () => void {
    const rules = this.#rulesOf(desired, generation)
    return () => {
      this.#resources = desired
      this.#rules = rules
      queueMicrotask(() => this.#options.onApplied(desired))
    }
  }

  #rulesOf(resources: ResourceSet, generation: number): RevisionRules {
    const { tables: options, known, revisionOf, writer } = this.#options
    const tables = buildTables(resources, options, this.#rules?.tables)
    return new RevisionRules({ generation, revisionOf, tables, known, writer: writer(resources, tables) })
  }
}
