import type { ResourceSet } from '../resources/resource.js'
import type { Plan } from './plan.js'

/** Something that runs resources: the resolver, later the dispatcher. */
export interface Target {
  readonly name: string
  /**
   * Builds the tables for `desired` beside those in use, and returns the function that swaps them in. That function
   * does nothing but assign: all targets swap in the same turn of the event loop.
   */
  prepare(desired: ResourceSet, plan: Plan, generation: number): Promise<() => void> | (() => void)
}
