// A path that one route matches, or two of them do.

import type { Route, RouteSegment } from '../../../resources/kinds/mock-program.js'
import { routeMatches } from '../../../resources/kinds/mock-route.js'
import { regexSample } from './regex-sample.js'

/** What stands where anything may. */
export const shortRest: readonly string[] = ['some-rest']
export const longRest: readonly string[] = ['some', 'longer', 'rest']

/** Decoded segments; undefined where the routes have no path in common, or none was found. */
export function samplePath(
  first: Route,
  second: Route = first,
  rest: readonly string[] = shortRest,
): readonly string[] | undefined {
  const tried: (readonly string[] | undefined)[] = [common(first.segments, second.segments, rest)]
  for (const { pattern } of [first, second]) {
    const text = pattern === undefined ? undefined : regexSample(pattern.source)
    if (text?.startsWith('/')) tried.push(text.slice(1).split('/'))
  }
  return tried.find((path) => path !== undefined && routeMatches(first, path) && routeMatches(second, path))
}

function common(
  a: readonly RouteSegment[],
  b: readonly RouteSegment[],
  rest: readonly string[],
): readonly string[] | undefined {
  const path: string[] = []
  const ending = (segments: readonly RouteSegment[]) =>
    segments.flatMap((segment) => (isOpen(segment) ? rest : [sampleOf(segment)]))
  for (let at = 0; ; at += 1) {
    const [one, other] = [a[at], b[at]]
    if (one === undefined && other === undefined) return path
    if (one === undefined || other === undefined) return undefined
    if (isOpen(one)) return [...path, ...ending(b.slice(at))]
    if (isOpen(other)) return [...path, ...ending(a.slice(at))]
    if (one.type === 'literal' && other.type === 'literal' && one.text !== other.text) return undefined
    path.push(sampleOf(one.type === 'literal' ? one : other))
  }
}

function isOpen({ type }: RouteSegment): boolean {
  return type === 'wildcard' || type === 'pattern'
}

/** For a parameter a value that no other route is likely to name. */
function sampleOf(segment: RouteSegment): string {
  return segment.type === 'literal' ? segment.text : segment.type === 'param' ? `some-${segment.name}` : ''
}
