// Checks what was asked, against the request journal.

import { isObject, type Json, jsonEquals, parseJson } from '../expression/json.js'
import type { RequestJournal } from './journal.js'
import { locate } from './location.js'
import { headerLists } from './request.js'

export interface Verification {
  readonly method: string
  /** As a client would send it; a query must then be the same. `*` stands for any text. */
  readonly path: string
  readonly namespace?: string
  readonly times?: number
  readonly atLeast?: number
  readonly atMost?: number
  /** Headers the request must have, with these values. */
  readonly header?: Readonly<Record<string, string>>
  /** JSON the body must contain, or text that must be in it. */
  readonly body?: Json
}

export interface VerificationResult {
  readonly ok: boolean
  /** What was found and what was wanted, one sentence. */
  readonly message: string
  readonly count: number
  /** Ids of the requests counted, oldest first, at most 100. */
  readonly matched: readonly string[]
  /** Requests that may have been meant: their bodies are longer than what is recorded of them. */
  readonly undecided: readonly string[]
  /** False when requests had to make room in the journal, so that there may have been more. */
  readonly complete: boolean
}

const mostIds = 100

export function verifyRequests(
  journal: RequestJournal,
  wanted: Verification,
  defaultNamespace: string,
): VerificationResult {
  const { namespace, location } = meant(wanted, defaultNamespace)
  const routeMatches = wildcard(location.route)
  const headers = Object.entries(wanted.header ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const matched: string[] = []
  const undecided: string[] = []
  for (const record of journal.records()) {
    if (record.method !== wanted.method.toUpperCase() || record.namespace !== namespace) continue
    const { route } = locate(record.path, defaultNamespace)
    if (!routeMatches(route) || (location.query !== '' && location.query !== record.query)) continue
    const found = headerLists(record.rawHeaders)
    if (!headers.every(([name, value]) => found[name]?.includes(value) === true)) continue
    if (wanted.body === undefined || holds(record.body?.text ?? '', wanted.body)) matched.push(journal.id(record))
    else if (record.body?.isCut === true) undecided.push(journal.id(record))
  }
  const { length: count } = matched
  const expected = bounds(wanted)
  const isEnough = count >= expected.least && count <= expected.most
  const ask = `${wanted.method.toUpperCase()} ${wanted.path}`
  const complete = journal.evicted === 0
  return {
    ok: isEnough,
    message: `${ask} was asked ${times(count)}, ${isEnough ? 'as wanted' : `wanted ${expected.text}`}${complete ? '' : '; older requests are no longer recorded'}`,
    count,
    matched: matched.slice(0, mostIds),
    undecided: undecided.slice(0, mostIds),
    complete,
  }
}

/** The namespace may stand in the path as well; named besides, it wins over the default one. */
function meant({ path, namespace }: Verification, defaultNamespace: string) {
  const location = locate(path.startsWith('/') ? path : `/${path}`, namespace ?? defaultNamespace)
  return { namespace: location.namespace, location }
}

function bounds({ times: exact, atLeast, atMost }: Verification) {
  if (exact !== undefined) return { least: exact, most: exact, text: times(exact) }
  const least = atLeast ?? (atMost === undefined ? 1 : 0)
  const most = atMost ?? Number.POSITIVE_INFINITY
  const texts = [least > 0 ? `at least ${times(least)}` : '', atMost === undefined ? '' : `at most ${times(atMost)}`]
  return { least, most, text: texts.filter((text) => text !== '').join(' and ') }
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 0 ? 'never' : `${count} times`
}

/** `*` stands for any text; pieces are looked for from left to right, so that the time is linear. */
function wildcard(wanted: string): (route: string) => boolean {
  const [first = '', ...rest] = wanted.split('*')
  const last = rest.pop()
  if (last === undefined) return (route) => route === wanted
  return (route) => {
    if (!route.startsWith(first)) return false
    let from = first.length
    for (const piece of rest) {
      const at = route.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return route.length - last.length >= from && route.endsWith(last)
  }
}

function holds(text: string, wanted: Json): boolean {
  if (typeof wanted === 'string') return text.includes(wanted)
  try {
    return contains(parseJson(text), wanted)
  } catch {
    return false
  }
}

/** Objects need the wanted members and may have more; everything else must be equal. */
function contains(found: Json | undefined, wanted: Json): boolean {
  if (!isObject(wanted) || !isObject(found)) return jsonEquals(found, wanted)
  return Object.keys(wanted).every((key) => Object.hasOwn(found, key) && contains(found[key], wanted[key] ?? null))
}
