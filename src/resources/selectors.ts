// Callbacks whose selectors do not mean what their author thought.

import { nearest } from '../expression/suggest.js'
import { type AttachedCallback, isSelected } from './kinds/callback-program.js'
import type { Finding } from './problem.js'
import type { Resource, ResourceId, ResourceSet } from './resource.js'

/** Warnings by Callback. Pointers lead from the document. */
export function findIdleSelectors(resources: ResourceSet): ReadonlyMap<ResourceId, readonly Finding[]> {
  const found = new Map<ResourceId, readonly Finding[]>()
  const callbacks: Resource[] = []
  for (const resource of resources.values()) if (resource.kind === 'Callback') callbacks.push(resource)
  if (callbacks.length === 0) return found
  const mocks = new Map<string, Resource[]>()
  for (const resource of resources.values()) {
    if (resource.kind !== 'Mock') continue
    const known = mocks.get(resource.namespace)
    if (known === undefined) mocks.set(resource.namespace, [resource])
    else known.push(resource)
  }
  for (const callback of callbacks) {
    const findings = findingsOf(callback, mocks.get(callback.namespace) ?? [])
    if (findings.length > 0) found.set(callback.id, findings)
  }
  return found
}

function findingsOf({ namespace, program }: Resource, mocks: readonly Resource[]): readonly Finding[] {
  if (program === undefined) return []
  const { selector } = program as AttachedCallback
  const unknown = unknownNames(selector.mocks, mocks)
  if (!mocks.some((mock) => isSelected(selector, mock))) {
    const message = `no mock of namespace "${namespace}" fits the selector, so this callback is never sent`
    return [
      { rule: 'selector-idle', severity: 'warning', pointer: '/spec/selector', message, ...hintFor(unknown[0], mocks) },
    ]
  }
  return unknown.map((name) => ({
    rule: 'selector-unknown-mock',
    severity: 'warning',
    pointer: `/spec/selector/mocks/${[...(selector.mocks ?? [])].indexOf(name)}`,
    message: `there is no mock "${name}" in namespace "${namespace}"`,
    ...hintFor(name, mocks),
  }))
}

function unknownNames(names: ReadonlySet<string> | undefined, mocks: readonly Resource[]): readonly string[] {
  if (names === undefined) return []
  const known = new Set(mocks.map(({ name }) => name))
  return [...names].filter((name) => !known.has(name))
}

function hintFor(name: string | undefined, mocks: readonly Resource[]): { readonly hint?: string } {
  if (name === undefined) return { hint: 'a mock has to fit everything in the selector, and be in the same namespace' }
  const meant = nearest(
    name,
    mocks.map((mock) => mock.name),
  )
  return meant === undefined ? {} : { hint: `did you mean "${meant}"?` }
}
