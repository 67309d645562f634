// Mocks by route shape, method, pattern and set of conditions, to find which of them accept all that another accepts.

import type { MockProgram, Route } from './kinds/mock-program.js'
import type { Resource } from './resource.js'

/** A Mock with its program. */
export interface LinkedMock extends Pick<Resource, 'id' | 'namespace' | 'name' | 'file' | 'line'> {
  readonly program: MockProgram
}

/** Steps one search may take; what is not found by then is not reported. Keeps hostile sets of conditions bounded. */
const stepsPerSearch = 512

/** What lies behind each of some keys. Mostly one: it needs no map, and there are tens of thousands of these. */
class Branches<Value> {
  #key = ''
  #value: Value | undefined
  #others: Map<string, Value> | undefined

  get(key: string): Value | undefined {
    return this.#key === key && this.#value !== undefined ? this.#value : this.#others?.get(key)
  }

  /** What is there, or what was just made. */
  ensure(key: string, make: () => Value): Value {
    const known = this.get(key)
    if (known !== undefined) return known
    const made = make()
    if (this.#value === undefined) {
      this.#key = key
      this.#value = made
    } else {
      this.#others ??= new Map()
      this.#others.set(key, made)
    }
    return made
  }

  *[Symbol.iterator](): Generator<readonly [key: string, value: Value]> {
    if (this.#value !== undefined) yield [this.#key, this.#value]
    if (this.#others !== undefined) yield* this.#others
  }
}

/** Routes by segment, literals as branches; at each end the sets of conditions, by method and pattern. */
class RouteNode extends Branches<RouteNode> {
  param: RouteNode | undefined
  exact: Ends | undefined
  pattern: Ends | undefined
  wildcard: Ends | undefined
}

type Ends = Branches<ConditionNode>

const none: readonly never[] = []

/** Sets of condition keys, as paths through the sorted keys. */
class ConditionNode extends Branches<ConditionNode> {
  /** Mocks with exactly the keys on the way here, by order: those that only the name tells apart stand together. */
  mocks: readonly LinkedMock[] = none
  /** Those of them that stay for good. */
  lasting: readonly LinkedMock[] = none
}

/** Where a mock is kept, and the keys that led there. */
interface Place {
  readonly node: ConditionNode
  readonly keys: readonly string[]
}

interface Search {
  readonly order: string
  readonly ends: readonly string[]
  readonly route: Route
  readonly keys: readonly string[]
  steps: number
}

/** The mocks of one namespace. Nodes that become empty stay; whoever removes much makes a new tree. */
export class OverlapTree {
  readonly #root = new RouteNode()
  readonly #places = new Map<LinkedMock, Place>()

  add(mock: LinkedMock): void {
    const keys = conditionKeys(mock)
    const node = this.#nodeFor(mock, keys)
    this.#places.set(mock, { node, keys })
    node.mocks = withMock(node.mocks, mock)
    if (lasts(mock)) node.lasting = withMock(node.lasting, mock)
  }

  remove(mock: LinkedMock): void {
    const place = this.#places.get(mock)
    if (place === undefined) return
    this.#places.delete(mock)
    place.node.mocks = place.node.mocks.filter((each) => each !== mock)
    place.node.lasting = place.node.lasting.filter((each) => each !== mock)
  }

  /** The first mock that comes before this one, stays for good, and accepts every request that this one accepts. */
  winnerOver(mock: LinkedMock): LinkedMock | undefined {
    const { route, method, order } = mock.program
    const source = route.pattern?.source
    const ends = [endKey(undefined, undefined)]
    if (method !== undefined) ends.push(endKey(method, undefined))
    if (source !== undefined) ends.push(endKey(undefined, source))
    if (method !== undefined && source !== undefined) ends.push(endKey(method, source))
    const keys = this.#places.get(mock)?.keys ?? conditionKeys(mock)
    return coveringRoute(this.#root, 0, { order, ends, route, keys, steps: stepsPerSearch })
  }

  /** The first mock before this one that nothing but the name tells apart from it; one that stays for good if there is. */
  rivalOf(mock: LinkedMock): LinkedMock | undefined {
    const node = this.#places.get(mock)?.node
    if (node === undefined || node.mocks.length < 2) return undefined
    const { order } = mock.program
    const claim = order.slice(0, order.length - mock.name.length)
    const rival = node.lasting[placeOf(node.lasting, claim)]
    if (rival !== undefined && rival.program.order < order) return rival
    const first = node.mocks[placeOf(node.mocks, claim)]
    return first === mock ? undefined : first
  }

  /** Mocks whose `winnerOver` or `rivalOf` may be this one. */
  *maybeBehind(mock: LinkedMock): Generator<LinkedMock> {
    const { route, method, order } = mock.program
    const keys = conditionKeys(mock)
    const [ownMethod, ownSource] = [method ?? '', route.pattern?.source ?? '']
    for (const ends of coveredEnds(this.#root, route, 0)) {
      for (const [end, set] of ends ?? []) {
        const [otherMethod = '', ...source] = end.split(' ')
        if (ownMethod !== '' && ownMethod !== otherMethod) continue
        if (ownSource !== '' && ownSource !== source.join(' ')) continue
        for (const other of supersets(set, keys, 0)) if (other.program.order > order) yield other
      }
    }
  }

  #nodeFor(mock: LinkedMock, keys: readonly string[]): ConditionNode {
    const { route, method } = mock.program
    let node = this.#root
    let ends: Ends | undefined
    for (const segment of route.segments) {
      if (segment.type === 'wildcard' || segment.type === 'pattern') {
        node[segment.type] ??= new Branches()
        ends = node[segment.type]
        break
      }
      if (segment.type === 'param') {
        node.param ??= new RouteNode()
        node = node.param
      } else {
        node = node.ensure(segment.text, newRoute)
      }
    }
    if (ends === undefined) {
      node.exact ??= new Branches()
      ends = node.exact
    }
    let set = ends.ensure(endKey(method, route.pattern?.source), newSet)
    for (const key of keys) set = set.ensure(key, newSet)
    return set
  }
}

const newRoute = (): RouteNode => new RouteNode()
const newSet = (): ConditionNode => new ConditionNode()

/** False for a mock that stops matching some day. */
export function lasts({ program }: LinkedMock): boolean {
  return program.useLimiter === undefined && program.ttl === undefined
}

/** The keys of the conditions, sorted and each once: they say which requests are accepted. `any` accepts them all. */
function conditionKeys({ program: { conditions } }: LinkedMock): string[] {
  if (conditions.length === 0) return []
  return [...new Set(conditions.filter(({ action }) => action !== 'any').map(({ key }) => key))].sort()
}

function coveringRoute(node: RouteNode, depth: number, search: Search): LinkedMock | undefined {
  const segment = search.route.segments[depth]
  if (segment === undefined) return coveringEnd(node.exact, search)
  // Two patterns are comparable only when they are the same text, which `ends` looks at.
  let first = earlier(coveringEnd(node.wildcard, search), coveringEnd(node.pattern, search))
  if (segment.type === 'pattern' || segment.type === 'wildcard' || search.steps <= 0) return first
  search.steps -= 1
  const literal = segment.type === 'literal' ? node.get(segment.text) : undefined
  if (literal !== undefined) first = earlier(first, coveringRoute(literal, depth + 1, search))
  if (node.param !== undefined && fitsParam(segment)) {
    first = earlier(first, coveringRoute(node.param, depth + 1, search))
  }
  return first
}

function coveringEnd(ends: Ends | undefined, search: Search): LinkedMock | undefined {
  if (ends === undefined) return undefined
  let first: LinkedMock | undefined
  for (const end of search.ends) {
    const set = ends.get(end)
    if (set !== undefined) first = earlier(first, coveringSet(set, 0, search))
  }
  return first
}

function coveringSet(set: ConditionNode, from: number, search: Search): LinkedMock | undefined {
  let [first] = set.lasting
  if (first !== undefined && first.program.order >= search.order) first = undefined
  for (let at = from; at < search.keys.length && search.steps > 0; at += 1) {
    search.steps -= 1
    const next = set.get(search.keys[at] ?? '')
    if (next !== undefined) first = earlier(first, coveringSet(next, at + 1, search))
  }
  return first
}

/** Where routes end whose every path the route accepts, its pattern aside. */
function* coveredEnds(node: RouteNode, route: Route, depth: number): Generator<Ends | undefined> {
  const segment = route.segments[depth]
  if (segment === undefined) yield node.exact
  else if (segment.type === 'wildcard' || segment.type === 'pattern') {
    yield* [node.wildcard, node.pattern]
    // One more segment has to follow, so the exact end of this node is not covered.
    for (const child of children(node)) yield* allEnds(child)
  } else if (segment.type === 'literal') {
    const child = node.get(segment.text)
    if (child !== undefined) yield* coveredEnds(child, route, depth + 1)
  } else {
    for (const [text, child] of node) if (text !== '') yield* coveredEnds(child, route, depth + 1)
    if (node.param !== undefined) yield* coveredEnds(node.param, route, depth + 1)
  }
}

function* allEnds(node: RouteNode): Generator<Ends | undefined> {
  yield* [node.exact, node.wildcard, node.pattern]
  for (const child of children(node)) yield* allEnds(child)
}

function* children(node: RouteNode): Generator<RouteNode> {
  for (const [, child] of node) yield child
  if (node.param !== undefined) yield node.param
}

/** Mocks whose keys contain all of `keys` from `at` on. */
function* supersets(set: ConditionNode, keys: readonly string[], at: number): Generator<LinkedMock> {
  const wanted = keys[at]
  if (wanted === undefined) yield* set.mocks
  for (const [key, next] of set) {
    // Keys are sorted along the way: one that is passed does not come any more.
    if (wanted === undefined || key < wanted) yield* supersets(next, keys, at)
    else if (key === wanted) yield* supersets(next, keys, at + 1)
  }
}

function withMock(mocks: readonly LinkedMock[], mock: LinkedMock): readonly LinkedMock[] {
  return mocks.length === 0 ? [mock] : mocks.toSpliced(placeOf(mocks, mock.program.order), 0, mock)
}

function placeOf(mocks: readonly LinkedMock[], order: string): number {
  let low = 0
  let high = mocks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((mocks[middle]?.program.order ?? '') < order) low = middle + 1
    else high = middle
  }
  return low
}

function fitsParam(segment: Route['segments'][number]): boolean {
  return segment.type === 'param' || (segment.type === 'literal' && segment.text !== '')
}

function earlier(a: LinkedMock | undefined, b: LinkedMock | undefined): LinkedMock | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.program.order <= b.program.order ? a : b
}

function endKey(method: string | undefined, source: string | undefined): string {
  return `${method ?? ''} ${source ?? ''}`
}
