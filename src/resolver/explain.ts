// Which mock answers a request, and why those that come near do not. The body of a 404 and `explain request` both say
// what is worked out here, with the same search that answers requests.

import { nearest as nearestWord } from '../expression/suggest.js'
import { pathParams } from '../resources/kinds/mock-route.js'
import { type Difference, differencesFrom, type ExplainedRequest, outranked, routeDistance } from './difference.js'
import type { Entry } from './entry.js'
import type { RouteIndex } from './route-index.js'

export type { Difference, ExplainedRequest } from './difference.js'

/** Why a mock that matches may not be used now. */
export interface Obstacle extends Difference {
  readonly kind: 'ttl' | 'use-limit' | 'suspended' | 'preflight'
}

/** A mock that does not answer, and every reason why not. */
export interface NearMiss<E extends Entry> {
  readonly entry: E
  readonly differences: readonly Difference[]
}

export interface Explanation<E extends Entry = Entry> {
  /** The mock that answers. */
  readonly answer: E | undefined
  readonly pathParams: Readonly<Record<string, string>>
  /** Other mocks, those with the fewest differences first. */
  readonly nearest: readonly NearMiss<E>[]
  /** Set when nothing of the namespace can answer because it has no mocks. */
  readonly note: string | undefined
}

export interface ExplainOptions<E extends Entry> {
  /** What keeps a mock from being used now, if anything: the same question that `usable` answers for `find`. */
  readonly obstacle: (entry: E) => Obstacle | undefined
  /** How many near misses to tell. Default: 5. */
  readonly limit?: number
}

/** Those that differ least are chosen from this many times as many (and never more than 50 in all). */
const lookedAtForOne = 4

/** Answers as the resolver would and says why. Counts nothing and changes nothing. */
export function explainRequest<E extends Entry>(
  index: RouteIndex<E>,
  request: ExplainedRequest,
  { obstacle, limit = 5 }: ExplainOptions<E>,
): Explanation<E> {
  const { namespace, method, segments, subjects } = request
  const answer = index.find(namespace, method, segments, subjects, (entry) => obstacle(entry) === undefined)
  const nearest = index
    .candidates(namespace, method, segments, subjects, limit * lookedAtForOne)
    .filter((entry) => entry !== answer)
    .map((entry) => ({
      entry,
      differences: whyNot(entry, request, answer, obstacle(entry)),
      distance: routeDistance(entry, segments),
    }))
    .sort((a, b) => a.differences.length - b.differences.length || a.distance - b.distance || byOrder(a.entry, b.entry))
    .slice(0, limit)
    .map(({ entry, differences }) => ({ entry, differences }))
  return {
    answer,
    pathParams: answer === undefined ? {} : pathParams(answer.program.route, segments),
    nearest,
    note: answer === undefined && nearest.length === 0 ? emptyNamespace(index, namespace) : undefined,
  }
}

function whyNot<E extends Entry>(
  entry: E,
  request: ExplainedRequest,
  answer: E | undefined,
  obstacle: Obstacle | undefined,
): Difference[] {
  const differences = differencesFrom(entry, request)
  if (obstacle !== undefined) differences.push(obstacle)
  if (differences.length === 0 && answer !== undefined) differences.push(outranked(entry, answer))
  return differences
}

function emptyNamespace<E extends Entry>(index: RouteIndex<E>, namespace: string): string | undefined {
  const namespaces = [...index.namespaces]
  if (namespaces.includes(namespace)) return undefined
  // The name comes from the request: it may be of any length.
  const asked = namespace.slice(0, 64)
  const meant = nearestWord(asked, namespaces.slice(0, 1000))
  const listed = namespaces.sort().slice(0, 20).join(', ')
  const others = namespaces.length === 0 ? 'no namespace has any' : `namespaces with mocks: ${listed}`
  return `namespace "${asked}" has no mocks; ${meant === undefined ? others : `did you mean "${meant}"?`}`
}

function byOrder(a: Entry, b: Entry): number {
  return a.program.order < b.program.order ? -1 : 1
}
