import type { Subjects } from '../expression/condition.js'
import { pathParams, splitPath } from '../resources/kinds/mock-route.js'
import { type Decision, offer, type Search } from './decision.js'
import type { Entry } from './entry.js'
import { nearestEntries } from './near-miss.js'
import { anyMethod, type Leaf, RouteNode } from './route-node.js'
import { sharingEntries } from './shared-paths.js'

export { pathParams, splitPath }

export interface IndexChanges<E extends Entry> {
  /** As they were added; the index finds them by their old program. */
  readonly remove?: Iterable<E>
  readonly add?: Iterable<E>
}

/** Which methods have a mock at a path, whatever the mocks ask besides. */
export interface Methods {
  /** Declared methods, sorted. */
  readonly named: readonly string[]
  /** True when a mock answers every method. */
  readonly any: boolean
}

/**
 * All mocks by namespace, route, method and condition. Immutable: `with` gives a new index that shares what did not
 * change, so that a request keeps the one it began with. Paths come as `splitPath` splits them.
 */
export class RouteIndex<E extends Entry = Entry> {
  readonly #namespaces: ReadonlyMap<string, RouteNode<E>>
  /** How many mocks are in it. */
  readonly size: number

  private constructor(namespaces: ReadonlyMap<string, RouteNode<E>>, size: number) {
    this.#namespaces = namespaces
    this.size = size
  }

  static empty<E extends Entry = Entry>(): RouteIndex<E> {
    return new RouteIndex<E>(new Map(), 0)
  }

  /** Namespaces that have a mock. */
  get namespaces(): Iterable<string> {
    return this.#namespaces.keys()
  }

  /** Removes first, then adds. A mock to be removed that is not there is passed over; one to be added that is, replaced. */
  with({ remove = [], add = [] }: IndexChanges<E>): RouteIndex<E> {
    const edit = Symbol('edit')
    const namespaces = new Map(this.#namespaces)
    let size = this.size
    const drop = (entry: E) => {
      const root = namespaces.get(entry.namespace)
      const held = root?.held(entry)
      if (root === undefined || held === undefined) return
      const after = root.without(held, edit)
      if (after === undefined) namespaces.delete(entry.namespace)
      else namespaces.set(entry.namespace, after)
      size -= 1
    }
    for (const entry of remove) drop(entry)
    for (const entry of add) {
      drop(entry)
      const root = namespaces.get(entry.namespace) ?? RouteNode.empty<E>(edit)
      namespaces.set(entry.namespace, root.with(entry, edit))
      size += 1
    }
    for (const root of namespaces.values()) root.seal(edit)
    return new RouteIndex(namespaces, size)
  }

  /**
   * The mock that answers: the first in the total order among those whose route, method and conditions accept the
   * request and that are `usable`, which is asked last and only of mocks that match. A HEAD request is answered by a HEAD
   * mock that comes first, otherwise as a GET would be.
   */
  find(
    namespace: string,
    method: string,
    segments: readonly string[],
    subjects: Subjects,
    usable: (entry: E) => boolean,
  ): E | undefined {
    const root = this.#namespaces.get(namespace)
    if (root === undefined) return undefined
    const search: Search<E> = { segments, subjects, usable, path: undefined, best: undefined }
    searchNode(root, 0, method, search)
    if (method === 'HEAD' && search.best?.program.method !== 'HEAD') {
      search.best = undefined
      searchNode(root, 0, 'GET', search)
    }
    return search.best
  }

  /** True when a mock that may answer asks about the body or a form field, so that it has to be read first. */
  needsBody(namespace: string, method: string, segments: readonly string[]): boolean {
    const root = this.#namespaces.get(namespace)
    if (root === undefined) return false
    if (asksBody(root, segments, 0, method)) return true
    return method === 'HEAD' && asksBody(root, segments, 0, 'GET')
  }

  methodsAt(namespace: string, segments: readonly string[]): Methods {
    const root = this.#namespaces.get(namespace)
    const found = new Set<string>()
    for (const leaf of root === undefined ? [] : leavesAt(root, segments, 0)) {
      for (const [method, decision] of leaf) if (!found.has(method) && decision.reaches(segments)) found.add(method)
    }
    const any = found.delete(anyMethod)
    return { named: [...found].sort(), any }
  }

  /** Mocks that may answer a request that the route and method accept, whatever is asked besides. */
  sharing(namespace: string, program: Pick<E['program'], 'route' | 'method'>): Iterable<E> {
    const root = this.#namespaces.get(namespace)
    return root === undefined ? [] : sharingEntries(root, program)
  }

  /**
   * Mocks that come near the request, nearest routes first: the same route, one segment different, a longer or shorter
   * route. At most `limit` (and never more than 50); the cost does not grow with the number of mocks.
   */
  candidates(namespace: string, method: string, segments: readonly string[], subjects: Subjects, limit = 50): E[] {
    const root = this.#namespaces.get(namespace)
    return root === undefined ? [] : nearestEntries(root, method, segments, subjects, Math.min(limit, 50))
  }
}

function searchNode<E extends Entry>(node: RouteNode<E>, depth: number, method: string, search: Search<E>): void {
  const segment = search.segments[depth]
  if (segment === undefined) {
    const { lone } = node
    if (lone === undefined) searchLeaf(node.exact, method, search)
    else if (node.loneMethod === method || node.loneMethod === anyMethod) offer(lone, search)
    return
  }
  if (search.best !== undefined && node.first >= search.best.program.order) return
  const literal = node.literal(segment)
  if (literal !== undefined) searchNode(literal, depth + 1, method, search)
  if (node.param !== undefined && segment !== '') searchNode(node.param, depth + 1, method, search)
  searchLeaf(node.pattern, method, search)
  searchLeaf(node.wildcard, method, search)
}

function searchLeaf<E extends Entry>(leaf: Leaf<E> | undefined, method: string, search: Search<E>): void {
  if (leaf === undefined) return
  searchDecision(leaf.get(method), search)
  searchDecision(leaf.get(anyMethod), search)
}

function searchDecision<E extends Entry>(decision: Decision<E> | undefined, search: Search<E>): void {
  if (decision === undefined) return
  if (search.best === undefined || decision.first < search.best.program.order) decision.search(search)
}

function asksBody<E extends Entry>(
  node: RouteNode<E>,
  segments: readonly string[],
  depth: number,
  method: string,
): boolean {
  const segment = segments[depth]
  if (segment === undefined) return leafAsksBody(node.exact, method)
  if (leafAsksBody(node.pattern, method) || leafAsksBody(node.wildcard, method)) return true
  const literal = node.literal(segment)
  if (literal !== undefined && asksBody(literal, segments, depth + 1, method)) return true
  return node.param !== undefined && segment !== '' && asksBody(node.param, segments, depth + 1, method)
}

function leafAsksBody<E extends Entry>(leaf: Leaf<E> | undefined, method: string): boolean {
  return leaf !== undefined && (leaf.get(method)?.needsBody === true || leaf.get(anyMethod)?.needsBody === true)
}

/** Every leaf whose route shape fits the path; patterns are not asked. */
function* leavesAt<E extends Entry>(
  node: RouteNode<E>,
  segments: readonly string[],
  depth: number,
): Generator<Leaf<E>, undefined> {
  const segment = segments[depth]
  if (segment === undefined) {
    if (node.exact !== undefined) yield node.exact
    return
  }
  const literal = node.literal(segment)
  if (literal !== undefined) yield* leavesAt(literal, segments, depth + 1)
  if (node.param !== undefined && segment !== '') yield* leavesAt(node.param, segments, depth + 1)
  if (node.pattern !== undefined) yield node.pattern
  if (node.wildcard !== undefined) yield node.wildcard
}
