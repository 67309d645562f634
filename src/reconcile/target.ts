import type { ResourceSet } from '../resources/resource.js'
import type { Plan } from './plan.js'

/** Something that runs resources: the resolver, later the dispatcher. */
export interface Target {
  readonly name: string
  /**
   * Builds the tables for `desired` beside those in use, and returns the function that swaps them in. That function
   * does nothing but assign: all targets swap in the same turn of the event loop, and none if one cannot prepare.
   *
   * `plan` leads from what this target swapped in last to `desired`. After a restart that is nothing: then everything is
   * a create, though `generation` is one that was applied before and what the store keeps about a resource still counts.
   */
  prepare(desired: ResourceSet, plan: Plan, generation: number): Promise<() => void> | (() => void)
}

/** A target could not build its tables. */
export class PrepareError extends Error {
  override readonly name = 'PrepareError'

  constructor(target: string, cause: unknown) {
    super(`the ${target} cannot take it: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
