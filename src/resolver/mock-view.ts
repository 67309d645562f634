import type { ResourceSet } from '../resources/resource.js'
import { apiId } from '../resources/resource.js'
import type { Store } from '../store/store.js'
import type { ServedMock } from './served-mock.js'
import { usesOf } from './turns.js'

/** A mock as people look at it: what it answers to, and what has become of it. */
export interface MockView {
  readonly namespace: string
  readonly name: string
  readonly id: string
  /** Null when it answers every method. */
  readonly method: string | null
  readonly route: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly hits: number
  readonly lastUse: string | null
  readonly usesLeft: number | null
  readonly expires: string | null
  readonly file: string
  readonly line: number
}

/** By namespace and name. */
export function mockViews(mocks: Iterable<ServedMock>, resources: ResourceSet, store: Pick<Store, 'get'>): MockView[] {
  return [...mocks].sort(byName).map((mock) => mockView(mock, resources, store))
}

function mockView(mock: ServedMock, resources: ResourceSet, store: Pick<Store, 'get'>): MockView {
  const { namespace, name, program, usage, expires } = mock
  const { file, line } = resources.get(mock.id) ?? mock
  const { useLimiter: limit } = program
  return {
    namespace,
    name,
    id: apiId(namespace, name),
    method: program.method ?? null,
    route: program.route.text,
    priority: program.priority,
    tags: program.tags,
    hits: usage.hits,
    lastUse: usage.last === 0 ? null : new Date(usage.last).toISOString(),
    usesLeft: limit === undefined ? null : Math.max(0, limit - usesOf(store, namespace, name, limit)),
    expires: expires === Number.POSITIVE_INFINITY ? null : new Date(expires).toISOString(),
    file,
    line,
  }
}

function byName(a: ServedMock, b: ServedMock): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return a.name < b.name ? -1 : 1
}
