// What a revision did, in the words that webhooks on changes hear.

import type { UserSpec } from '../resources/generated/user.js'
import type { ChangeOperation } from '../resources/kinds/webhook.js'
import type { Resource, ResourceId } from '../resources/resource.js'
import type { Plan } from './plan.js'

/** One thing that has happened to one resource, to be told in one place. */
export interface DeclaredChange {
  readonly operation: ChangeOperation
  /** The namespace it is told in, and of; empty when it concerns none. */
  readonly namespace: string
  /** Of a moved resource, what it was under its former id. */
  readonly before: Resource | undefined
  readonly after: Resource | undefined
}

/** `before` and `after` of one resource; at least one of them is there. */
interface Step {
  readonly before: Resource | undefined
  readonly after: Resource | undefined
  /** It was pruned not long ago, and returns. */
  readonly returns?: boolean
}

type Tell = (step: Step) => readonly DeclaredChange[]

const tellers: Readonly<Record<string, Tell>> = { Mock: tellMock, Namespace: tellNamespace, User: tellUser }

/** All that webhooks may hear of `plan`. `isBuried`: whether a resource was pruned so recently that it returns now. */
export function operationsOf({ create, update, move, prune }: Plan, isBuried: (id: ResourceId) => boolean) {
  const changes: DeclaredChange[] = []
  const tell = (kind: string, step: Step): void => {
    for (const change of tellers[kind]?.(step) ?? []) changes.push(change)
  }
  for (const after of create) {
    if (Object.hasOwn(tellers, after.kind)) tell(after.kind, { before: undefined, after, returns: isBuried(after.id) })
  }
  for (const { before, after } of update) tell(after.kind, { before, after })
  for (const { from, to, declared } of move) {
    // A namespace is nothing but its name: two that look alike are no reason to think that one became the other.
    const isOther = to.kind === 'Namespace' && !declared
    if (!isOther) tell(to.kind, { before: from, after: to })
    else
      for (const step of [
        { before: undefined, after: to },
        { before: from, after: undefined },
      ])
        tell(to.kind, step)
  }
  for (const before of prune) tell(before.kind, { before, after: undefined })
  return changes
}

function tellMock({ before, after, returns }: Step): readonly DeclaredChange[] {
  if (after === undefined) return [{ operation: 'mock.delete', namespace: before?.namespace ?? '', before, after }]
  const { namespace } = after
  if (before === undefined) return [{ operation: returns ? 'mock.restore' : 'mock.create', namespace, before, after }]
  const update = { operation: 'mock.update', namespace, before, after } as const
  // Whoever watches the namespace that it has left would hear nothing of it otherwise.
  return before.namespace === namespace ? [update] : [update, { ...update, namespace: before.namespace }]
}

function tellNamespace(step: Step): readonly DeclaredChange[] {
  return [{ operation: `namespace.${verbOf(step)}`, namespace: (step.after ?? step.before)?.name ?? '', ...ends(step) }]
}

function tellUser(step: Step): readonly DeclaredChange[] {
  const was = new Set(namespacesOf(step.before))
  const joined = namespacesOf(step.after).filter((namespace) => !was.has(namespace))
  return [
    { operation: `user.${verbOf(step)}`, namespace: '', ...ends(step) },
    ...joined.flatMap((namespace): DeclaredChange[] => [
      { operation: 'user.add_to_namespace', namespace, ...ends(step) },
      { operation: 'namespace.user.add', namespace, ...ends(step) },
    ]),
  ]
}

function verbOf({ before, after }: Step): 'create' | 'update' | 'delete' {
  return before === undefined ? 'create' : after === undefined ? 'delete' : 'update'
}

function ends({ before, after }: Step): Pick<DeclaredChange, 'before' | 'after'> {
  return { before, after }
}

function namespacesOf(user: Resource | undefined): readonly string[] {
  return (user?.spec as UserSpec | undefined)?.namespaces ?? []
}
