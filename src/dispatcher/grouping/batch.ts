// Events that wait to be said in one message: how many of what, not the events themselves.

import type { Severity } from '../message.js'
import { severities } from '../message.js'
import type { RatedEvent } from '../rules.js'

/** Times are milliseconds since 1970. */
export interface Batch {
  /** Id of the delivery that it becomes. */
  readonly message: string
  readonly due: number
  /** When the first of them was accepted. */
  readonly begun: number
  /** ISO 8601, of the first and the last event. */
  readonly first: string
  readonly last: string
  readonly count: number
  /** By event type. */
  readonly types: Readonly<Record<string, number>>
  readonly severities: Partial<Readonly<Record<Severity, number>>>
  /** Names, up to `maxNames`. */
  readonly services: readonly string[]
  /** Of its events, up to `maxNames`; empty for those of none. */
  readonly namespaces?: readonly string[]
  /** No quota holds for it: it tells of one. */
  readonly unlimited?: true
  /** Of `count`, those that end something. */
  readonly ended: number
  /** Of `count`, those that neither end something nor can be ended. */
  readonly single: number
  /** Matters that were begun in it, and not ended yet. */
  readonly open: number
  /** Held back by the threshold before it, and not in `count`. */
  readonly withheld: number
  /** Events of which a sample was kept, dropped ones included: where the next one goes. */
  readonly sampled: number
}

export const maxNames = 100
const maxTypes = 20
/** Stands for the types that are too many to be counted by themselves. */
export const otherTypes = 'others'

export interface Joining {
  readonly severity: Severity
  readonly isEnd: boolean
  readonly isSingle: boolean
  /** It begins a matter that was not open. */
  readonly opens: boolean
  /** No quota holds for the event. */
  readonly isUnlimited: boolean
  readonly now: number
}

export function emptyBatch(message: string, due: number, now: number, withheld: number): Batch {
  const nothing = { count: 0, types: {}, severities: {}, services: [], ended: 0, single: 0, open: 0, sampled: 0 }
  return { message, due, begun: now, first: '', last: '', ...nothing, withheld }
}

export function joined(batch: Batch, event: RatedEvent, how: Joining): Batch {
  const { severity, isEnd, isSingle, opens, isUnlimited } = how
  return {
    ...batch,
    first: batch.count === 0 ? event.time : earlier(batch.first, event.time),
    last: batch.count === 0 ? event.time : later(batch.last, event.time),
    count: batch.count + 1,
    types: added(batch.types, event.type, 1),
    severities: { ...batch.severities, [severity]: (batch.severities[severity] ?? 0) + 1 },
    services: named(batch.services, event.service),
    namespaces: named(batch.namespaces ?? [], event.namespace ?? ''),
    ...(isUnlimited && { unlimited: true }),
    ended: batch.ended + (isEnd ? 1 : 0),
    single: batch.single + (isSingle ? 1 : 0),
    open: batch.open + (opens ? 1 : 0),
  }
}

/** What was to be said by itself is said with others; id and times are those of `into`. */
export function merged(into: Batch, from: Batch): Batch {
  const types = Object.entries(from.types).reduce((all, [type, count]) => added(all, type, count), into.types)
  const counts: Partial<Record<Severity, number>> = {}
  for (const one of severities) {
    const sum = (into.severities[one] ?? 0) + (from.severities[one] ?? 0)
    if (sum > 0) counts[one] = sum
  }
  return {
    ...into,
    first: into.count === 0 ? from.first : earlier(into.first, from.first),
    last: into.count === 0 ? from.last : later(into.last, from.last),
    count: into.count + from.count,
    types,
    severities: counts,
    services: from.services.reduce(named, into.services),
    namespaces: (from.namespaces ?? []).reduce(named, into.namespaces ?? []),
    ...(from.unlimited === true && { unlimited: true }),
    ended: into.ended + from.ended,
    single: into.single + from.single,
    open: into.open + from.open,
    withheld: into.withheld + from.withheld,
  }
}

/** The most severe of them. */
export function worstOf({ severities: counts }: Pick<Batch, 'severities'>): Severity {
  return severities.findLast((one) => (counts[one] ?? 0) > 0) ?? 'info'
}

function added(types: Batch['types'], type: string, count: number): Batch['types'] {
  const isKnown = Object.hasOwn(types, type) || Object.keys(types).length < maxTypes
  const name = isKnown ? type : otherTypes
  return { ...types, [name]: (Object.hasOwn(types, name) ? (types[name] as number) : 0) + count }
}

function named(names: readonly string[], name: string | undefined): readonly string[] {
  return name === undefined || names.length >= maxNames || names.includes(name) ? names : [...names, name]
}

const earlier = (a: string, b: string): string => (Date.parse(b) < Date.parse(a) ? b : a)
const later = (a: string, b: string): string => (Date.parse(b) > Date.parse(a) ? b : a)
