// Which mocks stand in one another's way. Reports only what can be proved from routes, methods and conditions as they are
// declared: that two different conditions accept the same requests is not looked for.

import type { MockProgram, Route } from './kinds/mock-program.js'
import type { Finding } from './problem.js'
import type { Resource, ResourceId } from './resource.js'

/** A Mock with its program. */
export interface LinkedMock extends Pick<Resource, 'id' | 'namespace' | 'name' | 'file' | 'line'> {
  readonly program: MockProgram
}

/** Steps a mock may cost; what is not found by then is not reported. Keeps hostile sets of conditions near linear. */
const stepsPerMock = 512

/**
 * Warnings by mock: `equal-claim` when only the name decides between it and an earlier mock, `shadowed-mock` when another
 * mock takes every request it could answer. Pointers lead from the document. The time grows with the number of mocks.
 */
export function findOverlaps(mocks: Iterable<LinkedMock>): ReadonlyMap<ResourceId, readonly Finding[]> {
  const ordered = [...mocks].sort((a, b) => compare(a.program.order, b.program.order))
  const claims = new Map<string, LinkedMock>()
  const covers = new Map<string, CoverNode>()
  const found = new Map<ResourceId, readonly Finding[]>()
  for (const mock of ordered) {
    const keys = conditionKeys(mock.program)
    const claim = claimOf(mock, keys)
    const rival = claims.get(claim)
    if (rival === undefined) claims.set(claim, mock)
    const root = getOrMake(covers, mock.namespace, () => new CoverNode())
    // In the order of choice, so that whatever is in the tree already comes before this mock.
    const winner = covering(root, mock, keys)
    // A rival that lasts is in the tree too; then the first of all that cover this mock is the one to name.
    if (winner !== undefined && winner !== rival) found.set(mock.id, [shadowed(mock, winner)])
    else if (rival !== undefined) found.set(mock.id, [equalClaim(mock, rival)])
    if (lasts(mock)) insert(root, mock, keys)
  }
  return found
}

function equalClaim({ program }: LinkedMock, rival: LinkedMock): Finding {
  const outcome = lasts(rival) ? 'so this one never answers' : 'so this one answers only when that one no longer does'
  return {
    rule: 'equal-claim',
    severity: 'warning',
    pointer: program.route.segments.at(-1)?.type === 'pattern' ? '/spec/http/routePattern' : '/spec/http/route',
    message: `${named(rival)} has the same priority, route, method and conditions; its name comes first, ${outcome}`,
    hint: 'give one of them a higher priority or another condition, or remove it',
  }
}

function shadowed({ program }: LinkedMock, winner: LinkedMock): Finding {
  const higher = winner.program.priority > program.priority
  const why = higher ? `has priority ${winner.program.priority} over ${program.priority}` : 'comes first'
  return {
    rule: 'shadowed-mock',
    severity: 'warning',
    pointer: '/spec/http',
    message: `never answers: ${named(winner)} accepts every request this one does and ${why}`,
    hint: higher ? `raise the priority above ${winner.program.priority}, or remove one of them` : 'remove one of them',
  }
}

/** False for a mock that stops matching some day. */
function lasts({ program }: LinkedMock): boolean {
  return program.useLimiter === undefined && program.ttl === undefined
}

function named({ namespace, name, file, line }: LinkedMock): string {
  return `Mock "${namespace}/${name}" (${file}:${line})`
}

/** The keys of the conditions, sorted and each once: they say which requests are accepted. `any` accepts them all. */
function conditionKeys({ conditions }: MockProgram): string[] {
  if (conditions.length === 0) return []
  return [...new Set(conditions.filter(({ action }) => action !== 'any').map(({ key }) => key))].sort()
}

/** Equal for two mocks between which only the name decides. */
function claimOf({ namespace, program }: LinkedMock, keys: readonly string[]): string {
  const { route, priority, method } = program
  const shape = route.segments.map((segment) => (segment.type === 'literal' ? ['a', segment.text] : [segment.type]))
  return JSON.stringify([namespace, priority, shape, route.pattern?.source, method, program.conditions.length, keys])
}

/** Routes by segment; at each end the sets of conditions, by method and pattern. */
class CoverNode {
  readonly literals = new Map<string, CoverNode>()
  param: CoverNode | undefined
  readonly exact: Ends = new Map()
  readonly pattern: Ends = new Map()
  readonly wildcard: Ends = new Map()
}

type Ends = Map<string, ConditionNode>

/** Sets of condition keys, as paths through the sorted keys. */
class ConditionNode {
  readonly next = new Map<string, ConditionNode>()
  /** The first mock with exactly the keys on the way here. */
  mock: LinkedMock | undefined
}

function insert(root: CoverNode, mock: LinkedMock, keys: readonly string[]): void {
  const { route, method } = mock.program
  let node = root
  let ends: Ends | undefined
  for (const segment of route.segments) {
    if (segment.type === 'wildcard' || segment.type === 'pattern') {
      ends = node[segment.type]
      break
    }
    if (segment.type === 'param') node = node.param ??= new CoverNode()
    else node = getOrMake(node.literals, segment.text, () => new CoverNode())
  }
  let set = getOrMake(ends ?? node.exact, endKey(method, route.pattern?.source), () => new ConditionNode())
  for (const key of keys) set = getOrMake(set.next, key, () => new ConditionNode())
  set.mock ??= mock
}

interface Quest {
  readonly ends: readonly string[]
  readonly route: Route
  readonly keys: readonly string[]
  steps: number
}

/** The first mock in the tree that accepts every request that `mock` accepts. */
function covering(root: CoverNode, { program }: LinkedMock, keys: readonly string[]): LinkedMock | undefined {
  const { route, method } = program
  const methods = method === undefined ? [undefined] : [method, undefined]
  const sources = route.pattern === undefined ? [undefined] : [route.pattern.source, undefined]
  const ends = methods.flatMap((name) => sources.map((source) => endKey(name, source)))
  return coveringRoute(root, 0, { ends, route, keys, steps: stepsPerMock })
}

function coveringRoute(node: CoverNode, depth: number, quest: Quest): LinkedMock | undefined {
  const segment = quest.route.segments[depth]
  if (segment === undefined) return coveringEnd(node.exact, quest)
  // Two patterns are comparable only when they are the same text, which `ends` looks at.
  let first = earlier(coveringEnd(node.wildcard, quest), coveringEnd(node.pattern, quest))
  if (segment.type === 'pattern' || segment.type === 'wildcard' || quest.steps <= 0) return first
  quest.steps -= 1
  const literal = segment.type === 'literal' ? node.literals.get(segment.text) : undefined
  if (literal !== undefined) first = earlier(first, coveringRoute(literal, depth + 1, quest))
  const fitsParam = segment.type === 'param' || segment.text !== ''
  if (fitsParam && node.param !== undefined) first = earlier(first, coveringRoute(node.param, depth + 1, quest))
  return first
}

function coveringEnd(ends: Ends, quest: Quest): LinkedMock | undefined {
  if (ends.size === 0) return undefined
  let first: LinkedMock | undefined
  for (const end of quest.ends) {
    const set = ends.get(end)
    if (set !== undefined) first = earlier(first, coveringSet(set, 0, quest))
  }
  return first
}

function coveringSet(set: ConditionNode, from: number, quest: Quest): LinkedMock | undefined {
  let first = set.mock
  if (set.next.size === 0) return first
  for (let at = from; at < quest.keys.length && quest.steps > 0; at += 1) {
    quest.steps -= 1
    const next = set.next.get(quest.keys[at] ?? '')
    if (next !== undefined) first = earlier(first, coveringSet(next, at + 1, quest))
  }
  return first
}

function earlier(a: LinkedMock | undefined, b: LinkedMock | undefined): LinkedMock | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.program.order <= b.program.order ? a : b
}

function endKey(method: string | undefined, source: string | undefined): string {
  return `${method ?? ''} ${source ?? ''}`
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
