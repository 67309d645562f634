// Both sides of a plan as the parts that run them take them.

import { kinds } from '../../resources/kinds/index.js'
import type { Json, Resource, ResourceSet } from '../../resources/resource.js'

export interface Runnable {
  readonly resources: ReadonlyMap<string, Resource>
  /** What a controller told too little of to run it here. */
  readonly unreadable: readonly Resource[]
}

/** What a controller tells is linked here again; what is the same in the head need not be. */
export function runnable(base: ResourceSet, head: ResourceSet, wanted: ReadonlySet<string>): Runnable {
  const resources = new Map<string, Resource>()
  const unreadable: Resource[] = []
  const context = { readFile: () => undefined, env: {}, defaultNamespace: '' }
  for (const [id, resource] of base) {
    if (!wanted.has(resource.kind)) continue
    const same = head.get(id)
    const isSame = same?.digest === resource.digest
    const spec = resource.spec ?? (isSame ? same?.spec : undefined)
    const { namespace, name, labels, annotations } = resource
    let program = resource.program ?? (isSame ? same?.program : undefined)
    let isRead = program !== undefined || spec !== undefined
    if (program === undefined && spec !== undefined) {
      const linked = kinds
        .get(resource.kind)
        ?.link?.({ namespace, name, labels, annotations, spec: spec as Json }, context)
      program = linked?.program
      isRead = !linked?.findings.some(({ severity }) => severity === 'error')
    }
    if (!isRead) unreadable.push(resource)
    resources.set(id, { ...resource, spec, program })
  }
  return { resources, unreadable }
}
