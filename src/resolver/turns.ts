// What a mock has to remember between requests: how often it was used, and whose turn it is among its responses.

import { isObject, type Json } from '../expression/json.js'
import type { Transaction } from '../store/store.js'
import type { ServedMock } from './served-mock.js'
import { mockScope } from './usage.js'

type Reader = Pick<Transaction, 'get'> | { get(key: string): Json | undefined }

/** Uses so far. Another limit than the one they were counted against starts again. */
export function usesOf(store: Reader, namespace: string, name: string, limit: number): number {
  const stored = store.get(usesKey(namespace, name))
  return isObject(stored) && stored.limit === limit && typeof stored.used === 'number' ? stored.used : 0
}

/** Takes one use within a transaction: the number left, Infinity without a limit; undefined when there was none. */
export function takeUse(tx: Transaction, { namespace, name, program }: ServedMock): number | undefined {
  const limit = program.useLimiter
  if (limit === undefined) return Number.POSITIVE_INFINITY
  const used = usesOf(tx, namespace, name, limit)
  if (used >= limit) return undefined
  tx.put(usesKey(namespace, name), { limit, used: used + 1 })
  return limit - used - 1
}

/** The response whose turn it is, for `order`. Another list of responses starts again. */
export function turnOf(store: Reader, { namespace, name, program, turnOf: of }: ServedMock): number {
  const stored = store.get(turnKey(namespace, name))
  const next = isObject(stored) && stored.of === of ? stored.next : 0
  return typeof next === 'number' ? next % Math.max(1, program.responses.length) : 0
}

export function takeTurn(tx: Transaction, mock: ServedMock): number {
  const { namespace, name, program, turnOf: of } = mock
  const turn = turnOf(tx, mock)
  tx.put(turnKey(namespace, name), { of, next: (turn + 1) % Math.max(1, program.responses.length) })
  return turn
}

/** One of the responses by chance, more often the greater its weight. */
export function drawTurn({ program }: ServedMock, random: () => number): number {
  const count = program.responses.length
  const { weights } = program
  if (weights === undefined) return Math.min(count - 1, Math.floor(random() * count))
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) {
    left -= weight
    if (left < 0 && weight > 0) return Math.min(index, count - 1)
  }
  return count - 1
}

/** When a ttl began to run, in milliseconds since 1970; undefined for another ttl than this. */
export function bornAt(store: Reader, namespace: string, name: string, ttl: number): number | undefined {
  const stored = store.get(bornKey(namespace, name))
  return isObject(stored) && stored.ttl === ttl && typeof stored.since === 'number' ? stored.since : undefined
}

export function bornKey(namespace: string, name: string): string {
  return `${mockScope(namespace, name)}born`
}

function usesKey(namespace: string, name: string): string {
  return `${mockScope(namespace, name)}uses`
}

function turnKey(namespace: string, name: string): string {
  return `${mockScope(namespace, name)}turn`
}
