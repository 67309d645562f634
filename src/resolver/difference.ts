// Why a mock does not answer a request, one thing at a time.

import { distance } from 'fastest-levenshtein'
import type { Subjects } from '../expression/condition.js'
import { joinPath } from '../resources/kinds/mock-route.js'
import type { Entry } from './entry.js'

export interface ExplainedRequest {
  readonly namespace: string
  readonly method: string
  /** The path below the namespace, as `splitPath` splits it. */
  readonly segments: readonly string[]
  readonly subjects: Subjects
}

export interface Difference {
  readonly kind:
    | 'method'
    | 'route'
    | 'pattern'
    | 'condition'
    | 'ttl'
    | 'use-limit'
    | 'suspended'
    | 'preflight'
    | 'outranked'
  /** A phrase for a person: what was wanted, and what was found. */
  readonly message: string
}

const longestShown = 80

/** What of the request the mock's method, route and conditions do not accept. Empty when it matches. */
export function differencesFrom({ program }: Entry, request: ExplainedRequest): Difference[] {
  const { method, segments, subjects } = request
  const accepts = program.method === undefined || program.method === method
  const asGet = method === 'HEAD' && program.method === 'GET'
  return [
    ...(accepts || asGet ? [] : [difference('method', () => `method ${program.method} wanted, found ${method}`)]),
    ...routeDifferences(program.route, segments),
    ...program.conditions
      .filter((condition) => !condition.matches(subjects))
      .map((condition) =>
        difference('condition', () => `${condition.describe()} wanted, found ${condition.found(subjects)}`),
      ),
  ]
}

/** How far the path is from the route, 0 to 1 a segment: a misspelt word is nearer than another word. */
export function routeDistance({ program }: Entry, segments: readonly string[]): number {
  const open = /[cd]$/.test(program.route.specificity)
  let sum = open ? 0 : Math.max(0, segments.length - program.route.segments.length)
  for (const [index, expected] of program.route.segments.entries()) {
    const found = segments[index]
    if (found === undefined) sum += 1
    else if (expected.type === 'literal' && found !== expected.text)
      sum +=
        distance(shown(found), shown(expected.text)) / Math.max(shown(found).length, shown(expected.text).length, 1)
  }
  return sum
}

/** Which part of the total order puts `winner` before a mock that matches as well. */
export function outranked(entry: Entry, winner: Entry): Difference {
  return difference(
    'outranked',
    () => `matches, but ${winner.namespace}/${winner.name} comes first: ${reason(entry, winner)}`,
  )
}

function reason({ program, name }: Entry, { program: winner, name: first }: Entry): string {
  if (winner.order > program.order) return 'a HEAD request goes to a HEAD mock before a GET mock'
  if (winner.priority !== program.priority) return `priority ${winner.priority} over ${program.priority}`
  if (winner.route.specificity !== program.route.specificity) {
    return `its route ${winner.route.text} is more specific than ${program.route.text}`
  }
  if ((winner.route.pattern === undefined) !== (program.route.pattern === undefined))
    return 'its route has a pattern besides'
  if ((winner.method === undefined) !== (program.method === undefined)) return `it names the method ${winner.method}`
  const [more, fewer] = [winner.conditions.length, program.conditions.length]
  return more === fewer
    ? `of two equal claims the name decides, "${first}" before "${name}"`
    : `${more} ${more === 1 ? 'condition' : 'conditions'} over ${fewer}`
}

function routeDifferences(route: Entry['program']['route'], segments: readonly string[]): Difference[] {
  const found: Difference[] = []
  for (const [index, expected] of route.segments.entries()) {
    const segment = segments[index]
    if (expected.type === 'wildcard' || expected.type === 'pattern') {
      if (segment === undefined) found.push(difference('route', () => `the path ends before ${route.text} goes on`))
      return [...found, ...patternDifference(route, segments, found.length > 0)]
    }
    if (segment === undefined) {
      const missing = route.segments
        .slice(index)
        .map((rest) => ('text' in rest ? rest.text : 'name' in rest ? `:${rest.name}` : '*'))
      const what = missing.join('/') === '' ? 'a "/" at the end' : `"/${shown(missing.join('/'))}" at the end`
      return [...found, difference('route', () => `${what} wanted, found nothing`)]
    }
    if (expected.type === 'param') {
      if (segment === '')
        found.push(
          difference('route', () => `segment ${index + 1}: a value for :${expected.name} wanted, found nothing`),
        )
    } else if (segment !== expected.text) {
      const onlyCase = segment.toLowerCase() === expected.text.toLowerCase() ? ' (case matters)' : ''
      found.push(
        difference(
          'route',
          () => `segment ${index + 1}: "${shown(expected.text)}" wanted, found "${shown(segment)}"${onlyCase}`,
        ),
      )
    }
  }
  const extra = segments.slice(route.segments.length)
  if (extra.length > 0) {
    const what = extra.join('/') === '' ? 'a "/"' : `"/${shown(extra.join('/'))}"`
    found.push(difference('route', () => `nothing more wanted after ${route.text}, found ${what}`))
  }
  return [...found, ...patternDifference(route, segments, found.length > 0)]
}

function patternDifference(
  { pattern }: Entry['program']['route'],
  segments: readonly string[],
  differs: boolean,
): Difference[] {
  if (pattern === undefined || differs || pattern.test(joinPath(segments))) return []
  return [difference('pattern', () => `path matching ${pattern.source} wanted, found ${shown(joinPath(segments))}`)]
}

/** Most differences are only counted: the phrase is made for those that are shown. */
class Told implements Difference {
  readonly kind: Difference['kind']
  readonly #phrase: () => string

  constructor(kind: Difference['kind'], phrase: () => string) {
    this.kind = kind
    this.#phrase = phrase
  }

  get message(): string {
    return this.#phrase()
  }
}

function difference(kind: Difference['kind'], phrase: () => string): Difference {
  return new Told(kind, phrase)
}

function shown(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text
}
