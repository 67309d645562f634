// A path that one route matches, or two of them do.

import type { Route, RouteSegment } from '../../resources/kinds/mock-program.js'
import { routeMatches } from '../../resources/kinds/mock-route.js'
import { regexSample } from './regex-sample.js'

/** Decoded segments; undefined where the routes have no path in common, or none was found. */
export function samplePath([first, second = first]: readonly [Route, Route?]): readonly string[] | undefined {
  const tried: (readonly string[] | undefined)[] = [common(first.segments, second.segments, 0)]
  for (const { pattern } of [first, second]) {
    const text = pattern === undefined ? undefined : regexSample(pattern.source)
    if (text?.startsWith('/')) tried.push(text.slice(1).split('/'))
  }
  return tried.find((path) => path !== undefined && routeMatches(first, path) && routeMatches(second, path))
}

function common(a: readonly RouteSegment[], b: readonly RouteSegment[], depth: number): readonly string[] | undefined {
  const path: string[] = []
  for (let at = depth; ; at += 1) {
    const [one, other] = [a[at], b[at]]
    if (one === undefined && other === undefined) return path
    if (one === undefined || other === undefined) return undefined
    if (isOpen(one) && isOpen(other)) return [...path, 'some-rest']
    if (isOpen(one)) return [...path, ...b.slice(at).map(sampleOf)]
    if (isOpen(other)) return [...path, ...a.slice(at).map(sampleOf)]
    if (one.type === 'literal' && other.type === 'literal' && one.text !== other.text) return undefined
    path.push(sampleOf(one.type === 'literal' ? one : other))
  }
}

function isOpen({ type }: RouteSegment): boolean {
  return type === 'wildcard' || type === 'pattern'
}

/** For a parameter a value that no other route is likely to name. */
function sampleOf(segment: RouteSegment): string {
  if (segment.type === 'literal') return segment.text
  return segment.type === 'param' ? `some-${segment.name}` : 'some-rest'
}
