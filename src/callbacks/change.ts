// A change as webhooks see it: what `$.change` leads to.

import type { Json } from '../expression/json.js'
import { changeFields, type Scope, type StoreView } from '../expression/scope.js'
import type { ChangedRevision, DeclaredChange } from '../reconcile/change-port.js'
import type { UserProgram } from '../resources/kinds/user.js'
import type { ChangeOperation } from '../resources/kinds/webhook.js'
import type { Resource } from '../resources/resource.js'

/** Something that was done to Callboard, or by another system, and not by a revision. */
export interface Operation {
  /** Of this occurrence: told again under the same id, it is told once. */
  readonly id: string
  readonly operation: ChangeOperation
  /** Milliseconds since 1970. */
  readonly time: number
  readonly namespace?: string
  readonly kind?: string
  readonly name?: string
  /** What else there is to say of it. */
  readonly details?: Json
}

/** All there is to know of a change; null where there is nothing to say. The fields are described in the schemas. */
export type ChangeView = { readonly [field: string]: Json }

const empty: ChangeView = Object.fromEntries(changeFields.map((field) => [field, null]))

export function viewOfChange(
  { operation, namespace, before, after }: DeclaredChange,
  revision: Pick<ChangedRevision, 'generation' | 'revision' | 'time' | 'commit'>,
): ChangeView {
  const resource = (after ?? before) as Resource
  const { kind, name, file, line } = resource
  return {
    ...empty,
    operation,
    kind,
    namespace: namespace === '' ? null : namespace,
    name,
    from: before !== undefined && before.id !== resource.id ? pathOf(before) : null,
    before: before?.digest ?? null,
    after: after?.digest ?? null,
    file,
    line,
    revision: revision.revision,
    generation: revision.generation,
    commit: revision.commit?.id ?? null,
    author: revision.commit === undefined ? null : authorOf(revision.commit),
    time: revision.time,
    user: kind === 'User' ? viewOfUser(resource) : null,
  }
}

export function viewOfOperation({ operation, time, namespace, kind, name, details }: Operation): ChangeView {
  return {
    ...empty,
    operation,
    kind: kind ?? null,
    namespace: namespace ?? null,
    name: name ?? null,
    time: new Date(time).toISOString(),
    details: details ?? null,
  }
}

function authorOf({ author: { name, email } }: NonNullable<ChangedRevision['commit']>): string {
  return `${name} <${email}>`
}

function viewOfUser({ name, program }: Resource): Json {
  const { email, displayName, role } = program as UserProgram
  return { name, email, displayName, role }
}

function pathOf({ namespace, name }: Resource): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

const nothing: StoreView = { get: () => undefined, entries: () => ({}) }
const none = Object.freeze(Object.create(null)) as Record<string, never>

/** There is no request: expressions that ask for one do not compile. */
export class ChangeScope implements Scope {
  readonly req = undefined
  readonly reqHeader = none
  readonly queryParams = none
  readonly pathParam = none
  readonly mS = nothing
  readonly cS = nothing
  readonly gS = nothing
  readonly namespace: string
  readonly change: Json
  readonly now: () => Date
  readonly random: () => number

  constructor(change: ChangeView, now: () => Date, random: () => number) {
    this.change = change
    this.namespace = typeof change.namespace === 'string' ? change.namespace : ''
    this.now = now
    this.random = random
  }
}
