// Which limits of namespaces a merge would change. What is beyond those on channels and mocks already is an error.

import type { NamespaceProgram } from '../../resources/kinds/namespace.js'
import type { QuotaProgram } from '../../resources/kinds/quota.js'
import type { Resource, ResourceSet } from '../../resources/resource.js'
import type { NamespaceChange } from './routes.js'
import { runnable } from './sides.js'

const limited: ReadonlySet<string> = new Set(['Namespace'])

/** By namespace. Silent about those that cannot be read: that is said of their requests. */
export function quotaChanges(base: ResourceSet, head: ResourceSet): readonly NamespaceChange[] {
  const { resources } = runnable(base, head, limited)
  const ids = [...resources.keys(), ...head.keys()].filter(
    (id) => (head.get(id) ?? resources.get(id))?.kind === 'Namespace',
  )
  return [...new Set(ids)].sort().flatMap((id) => {
    const [before, after] = [resources.get(id), head.get(id)]
    if (before?.digest === after?.digest) return []
    const namespace = (after ?? before)?.name ?? ''
    const [was, is] = [limitsOf(before), limitsOf(after)]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((what) => {
      const texts = [was.get(what) ?? 'no limit', is.get(what) ?? 'no limit']
      return texts[0] === texts[1] ? [] : [{ namespace, text: `quota for ${what}: ${texts[1]} instead of ${texts[0]}` }]
    })
  })
}

/** By what is limited, in words. */
function limitsOf(resource: Resource | undefined): ReadonlyMap<string, string> {
  const quota: QuotaProgram | undefined = (resource?.program as NamespaceProgram | undefined)?.quota
  if (quota === undefined) return new Map()
  const { channels, mocks, deliveriesPerHour, events } = quota
  const some = (what: string, limit: number | undefined, text = `${limit}`) =>
    limit === undefined ? [] : [[what, text] as const]
  return new Map([
    ...channels.flatMap(({ types, limit }) => some(`channels of type ${[...types].sort().join(', ')}`, limit)),
    ...some('mocks', mocks?.limit),
    ...some('notifications', deliveriesPerHour, `${deliveriesPerHour} an hour`),
    ...[...events].flatMap(([type, { limit, per }]) =>
      some(`events of ${type}, of which it only warns`, limit, `${limit} ${article(per)} ${per}`),
    ),
  ])
}

function article(word: string): string {
  return word === 'hour' ? 'an' : 'a'
}
