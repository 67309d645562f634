import type { Resource } from '../../src/resources/resource.js'

/** Counts how often the programs of `resources` are looked at; gives the number since it was last asked for. */
export function countLooks(resources: readonly Resource[]): () => number {
  let looks = 0
  for (const resource of resources) {
    const { program } = resource
    Object.defineProperty(resource, 'program', {
      enumerable: true,
      get: () => {
        looks += 1
        return program
      },
    })
  }
  return () => {
    const counted = looks
    looks = 0
    return counted
  }
}
