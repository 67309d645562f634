// What the resolver looks at while it answers: immutable, one for each revision. A new one shares what did not change.

import type { CallbackProgram } from '../resources/kinds/callback-program.js'
import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource, ResourceId, ResourceSet } from '../resources/resource.js'
import { Attachments } from './attachments.js'
import { type CorsPolicy, corsPolicy } from './cors.js'
import { type IndexChanges, RouteIndex } from './route-index.js'
import type { ServedMock } from './served-mock.js'

/** The difference between two revisions as the reconciler works it out. */
export interface TableChanges {
  readonly create: readonly Resource[]
  readonly update: readonly { readonly before: Resource; readonly after: Resource }[]
  readonly prune: readonly Resource[]
  /** State follows a move that is `declared`; any other is a prune and a create that look alike. */
  readonly move: readonly { readonly from: Resource; readonly to: Resource; readonly declared: boolean }[]
}

export interface NamespaceSettings {
  readonly suspend: boolean
  readonly cors: CorsPolicy | undefined
  readonly fallback: URL | undefined
}

export interface Tables {
  readonly generation: number
  /** Everything declared: for files and lines, which may change while a resource does not. */
  readonly resources: ResourceSet
  readonly index: RouteIndex<ServedMock>
  readonly attachments: Attachments
  /** Declared namespaces; all others have the defaults. */
  readonly namespaces: ReadonlyMap<string, NamespaceSettings>
}

export const defaultSettings: NamespaceSettings = { suspend: false, cors: corsPolicy(undefined), fallback: undefined }

export const emptyTables: Tables = {
  generation: 0,
  resources: new Map(),
  index: RouteIndex.empty<ServedMock>(),
  attachments: Attachments.empty,
  namespaces: new Map(),
}

interface NamespaceSpec {
  readonly suspend?: boolean
  readonly cors?: Parameters<typeof corsPolicy>[0]
  readonly fallback?: { readonly proxy: { readonly target: string } }
}

/** The settings of all declared namespaces: few, so that they are read afresh whenever one changed. */
export function namespaceSettings(resources: Iterable<Resource>): Map<string, NamespaceSettings> {
  const settings = new Map<string, NamespaceSettings>()
  for (const { kind, name, spec } of resources) {
    if (kind !== 'Namespace') continue
    const { suspend, cors, fallback } = (spec ?? {}) as NamespaceSpec
    settings.set(name, {
      suspend: suspend === true,
      cors: corsPolicy(cors),
      fallback: fallback === undefined ? undefined : new URL(fallback.proxy.target),
    })
  }
  return settings
}

/** How a mock of the new revision comes about. `from` is what it was before, when it was there. */
export type Serve = (
  resource: Resource,
  program: MockProgram,
  attached: readonly CallbackProgram[],
  from: Resource | undefined,
) => ServedMock

/** The tables of `desired`, sharing with `before` what `changes` do not name. */
export function nextTables(
  before: Tables,
  served: ReadonlyMap<ResourceId, ServedMock>,
  desired: ResourceSet,
  changes: TableChanges,
  generation: number,
  serve: Serve,
): { readonly tables: Tables; readonly added: readonly ServedMock[]; readonly removed: readonly ServedMock[] } {
  const added: ServedMock[] = []
  const removed: ServedMock[] = []
  const callbacks = { removed: [] as Resource[], added: [] as Resource[] }
  const mocks: [resource: Resource, from: Resource | undefined][] = []
  let namespacesChanged = false
  const remove = (resource: Resource): void => {
    if (resource.kind === 'Namespace') namespacesChanged = true
    if (resource.kind === 'Callback') callbacks.removed.push(resource)
    const mock = served.get(resource.id)
    if (mock !== undefined) removed.push(mock)
  }
  const add = (resource: Resource, from?: Resource): void => {
    if (resource.kind === 'Namespace') namespacesChanged = true
    if (resource.program === undefined) return
    if (resource.kind === 'Callback') callbacks.added.push(resource)
    if (resource.kind === 'Mock') mocks.push([resource, from])
  }
  for (const resource of changes.prune) remove(resource)
  for (const { from } of changes.move) remove(from)
  for (const { before: old } of changes.update) remove(old)
  for (const resource of changes.create) add(resource)
  for (const { from, to, declared } of changes.move) add(to, declared ? from : undefined)
  for (const { before: old, after } of changes.update) add(after, old)
  const attachments = before.attachments.with(callbacks.removed, callbacks.added)
  for (const [resource, from] of mocks) {
    added.push(serve(resource, resource.program as MockProgram, attachments.of(resource), from))
  }
  const namespaces = new Set([...callbacks.removed, ...callbacks.added].map(({ namespace }) => namespace))
  if (namespaces.size > 0) {
    const gone = new Set(removed)
    // What is attached to them has changed, though they have not.
    for (const mock of served.values()) {
      if (!namespaces.has(mock.namespace) || gone.has(mock)) continue
      const resource = desired.get(mock.id)
      const attached = resource && attachments.of(resource)
      if (resource === undefined || attached === undefined || sameItems(attached, mock.attached)) continue
      removed.push(mock)
      added.push(serve(resource, mock.program, attached, resource))
    }
  }
  const edit: IndexChanges<ServedMock> = { remove: removed, add: added }
  return {
    tables: {
      generation,
      resources: desired,
      index: removed.length + added.length === 0 ? before.index : before.index.with(edit),
      attachments,
      namespaces: namespacesChanged ? namespaceSettings(desired.values()) : before.namespaces,
    },
    added,
    removed,
  }
}

function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at])
}
