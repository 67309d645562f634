// Which mocks have paths in common with a route: only the part of the index is walked that the route leads through.

import type { MockProgram, RouteSegment } from '../resources/kinds/mock-program.js'
import type { Entry } from './entry.js'
import { anyMethod, type Leaf, type RouteNode } from './route-node.js'

/** Patterns are not asked: what one decides counts as in common. */
export function* sharingEntries<E extends Entry>(
  root: RouteNode<E>,
  { route, method = anyMethod }: Pick<MockProgram, 'route' | 'method'>,
): Generator<E> {
  for (const leaf of leaves(root, route.segments, 0)) {
    for (const [other, decision] of leaf ?? []) if (isShared(method, other)) yield* decision.entries()
  }
}

function isShared(a: string, b: string): boolean {
  if (a === b || a === anyMethod || b === anyMethod) return true
  // A HEAD request is answered as a GET would be.
  return (a === 'HEAD' && b === 'GET') || (a === 'GET' && b === 'HEAD')
}

function* leaves<E extends Entry>(
  node: RouteNode<E>,
  segments: readonly RouteSegment[],
  depth: number,
): Generator<Leaf<E> | undefined> {
  const segment = segments[depth]
  if (segment === undefined) {
    yield node.exact
    return
  }
  yield node.wildcard
  yield node.pattern
  if (segment.type === 'wildcard' || segment.type === 'pattern') {
    for (const child of children(node)) yield* allLeaves(child)
  } else if (segment.type === 'literal') {
    const literal = node.literal(segment.text)
    if (literal !== undefined) yield* leaves(literal, segments, depth + 1)
    if (node.param !== undefined && segment.text !== '') yield* leaves(node.param, segments, depth + 1)
  } else {
    for (const [text, child] of node.literals()) if (text !== '') yield* leaves(child, segments, depth + 1)
    if (node.param !== undefined) yield* leaves(node.param, segments, depth + 1)
  }
}

function* allLeaves<E extends Entry>(node: RouteNode<E>): Generator<Leaf<E> | undefined> {
  yield node.exact
  yield node.wildcard
  yield node.pattern
  for (const child of children(node)) yield* allLeaves(child)
}

function* children<E extends Entry>(node: RouteNode<E>): Generator<RouteNode<E>> {
  for (const [, child] of node.literals()) yield child
  if (node.param !== undefined) yield node.param
}
