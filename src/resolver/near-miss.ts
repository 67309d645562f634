// Which mocks a request came near to. Looks at a bounded number of nodes and mocks, whatever the size of the index.

import type { Subjects } from '../expression/condition.js'
import type { Entry } from './entry.js'
import { anyMethod, type Leaf, type RouteNode } from './route-node.js'

/** Neighbours tried for a segment that no mock has, on either side of it in the alphabet. */
const neighboursTried = 6
const nodesTried = 400
/** Routes that differ in more segments are not near. */
const mostDifferences = 3

/** A node reached by `depth` segments of the path, `differences` of which the route has otherwise. */
interface Step<E extends Entry> {
  readonly node: RouteNode<E>
  readonly depth: number
  readonly differences: number
}

/** At most `limit` mocks, those whose routes differ least from the path first. */
export function nearestEntries<E extends Entry>(
  root: RouteNode<E>,
  method: string,
  segments: readonly string[],
  subjects: Subjects,
  limit: number,
): E[] {
  const found = new Set<E>()
  const waiting: Step<E>[][] = [[{ node: root, depth: 0, differences: 0 }]]
  const leaves: Leaf<E>[][] = []
  let visited = 0
  for (let differences = 0; differences <= mostDifferences; differences += 1) {
    const steps = waiting[differences] ?? []
    for (let step = steps.pop(); step !== undefined && visited < nodesTried; step = steps.pop()) {
      visited += 1
      expand(step, segments, waiting, leaves)
    }
    for (const leaf of leaves[differences] ?? []) {
      for (const entry of nearestOfLeaf(leaf, method, subjects)) {
        if (found.size >= limit) return [...found]
        found.add(entry)
      }
    }
  }
  return [...found]
}

function expand<E extends Entry>(
  { node, depth, differences }: Step<E>,
  segments: readonly string[],
  waiting: Step<E>[][],
  leaves: Leaf<E>[][],
): void {
  const segment = segments[depth]
  // The route may end here although the path goes on; every segment too many is a difference.
  if (node.exact !== undefined) put(leaves, differences + Math.max(0, segments.length - depth), node.exact)
  const missing = segment === undefined ? 1 : 0
  if (node.pattern !== undefined) put(leaves, differences + missing, node.pattern)
  if (node.wildcard !== undefined) put(leaves, differences + missing, node.wildcard)
  const next = (child: RouteNode<E> | undefined, more: number) => {
    if (child === undefined) return
    put(waiting, differences + more, { node: child, depth: depth + 1, differences: differences + more })
  }
  for (const name of node.neighbours(segment ?? '', neighboursTried)) next(node.literal(name), 1)
  // Capitals are far away in the alphabet. What comes last is tried first.
  const lower = segment?.toLowerCase()
  if (lower !== undefined && lower !== segment) next(node.literal(lower), 1)
  next(node.param, segment === undefined || segment === '' ? 1 : 0)
  // Where the path ends, a route that ends with a slash is one segment longer.
  next(node.literal(segment ?? ''), segment === undefined ? 1 : 0)
}

/** Mocks of the asked method first, then those of any, then the others. */
function* nearestOfLeaf<E extends Entry>(leaf: Leaf<E>, method: string, subjects: Subjects): Generator<E> {
  const first = new Set(method === 'HEAD' ? ['HEAD', 'GET', anyMethod] : [method, anyMethod])
  for (const name of first) yield* leaf.get(name)?.nearest(subjects) ?? []
  for (const [name, decision] of leaf) if (!first.has(name)) yield* decision.nearest(subjects)
}

function put<Item>(lists: Item[][], at: number, item: Item): void {
  if (at > mostDifferences) return
  const list = lists[at]
  if (list === undefined) lists[at] = [item]
  else list.push(item)
}
