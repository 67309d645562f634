// What a digest says to somebody: of all that it has gathered, what they may hear of.

import type { EventTypes } from '../event-types.js'
import { severities } from '../message.js'
import type { Bucket, KeptEvent } from './collected.js'

/** `digest` in templates. Times are ISO 8601. */
export interface DigestContent {
  readonly name: string
  readonly displayName: string
  readonly namespace: string | null
  readonly from: string
  readonly to: string
  readonly timezone: string
  readonly counts: {
    readonly events: number
    /** Of severity error or critical. */
    readonly failures: number
    readonly bySeverity: Readonly<Record<string, number>>
    readonly byStatus: Readonly<Record<string, number>>
    readonly byType: readonly TypeCount[]
  }
  /** What failed most, the most first. */
  readonly top: readonly Failure[]
  /** When the first and the last happened; null without any. */
  readonly first: string | null
  readonly last: string | null
  readonly link: string | null
  /** The first of them, in order of their acceptance. */
  readonly events: readonly ListedEvent[]
  /** How many are counted and not listed. */
  readonly moreEvents: number
  /** True when it was sent before its time and goes on. */
  readonly soFar: boolean
}

export interface TypeCount {
  readonly type: string
  /** For people: `Runs`. */
  readonly name: string
  readonly description: string
  readonly count: number
  readonly failures: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly bySeverity: Readonly<Record<string, number>>
}

export interface Failure {
  readonly what: string
  readonly type: string
  readonly count: number
  readonly first: string
  readonly last: string
  readonly link: string | null
}

export type ListedEvent = { readonly [Field in keyof KeptEvent]: KeptEvent[Field] | null }

export interface Collected {
  readonly buckets: readonly Bucket[]
  readonly kept: readonly KeptEvent[]
}

export interface Frame extends Pick<DigestContent, 'name' | 'displayName' | 'namespace' | 'timezone' | 'soFar'> {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Declared; undefined: found in the events. */
  readonly link: string | undefined
}

/** Whether somebody may hear of what belongs there; of what belongs to nobody knows whom, whether they hear everything. */
export type MayHear = (event: Pick<Bucket, 'namespace' | 'service' | 'customer'> | 'anyones') => boolean

const topShown = 10

export function summarize(
  { buckets, kept }: Collected,
  mayHear: MayHear,
  frame: Frame,
  eventTypes: Pick<EventTypes, 'get'>,
): DigestContent {
  const heard = buckets.filter((bucket) => mayHear(bucket.isAnyones === true ? 'anyones' : bucket))
  const events = kept.filter(mayHear)
  const failed = heard.filter(isFailure)
  const all = total(heard)
  const newest = (of: readonly Bucket[]) =>
    of.filter(({ link }) => link !== '').sort((a, b) => Date.parse(b.last) - Date.parse(a.last))[0]?.link
  const { name, displayName, namespace, timezone, soFar } = frame
  return {
    name,
    displayName,
    namespace,
    from: new Date(Math.min(frame.from, frame.to)).toISOString(),
    to: new Date(frame.to).toISOString(),
    timezone,
    counts: {
      events: all,
      failures: total(failed),
      bySeverity: countsBy(heard, ({ severity }) => severity),
      byStatus: countsBy(heard, ({ status }) => status),
      byType: typeCounts(heard, namespace ?? '', eventTypes),
    },
    top: topFailures(failed).slice(0, topShown),
    first: extreme(heard.map((one) => one.first)),
    last: extreme(
      heard.map((one) => one.last),
      -1,
    ),
    link: frame.link ?? newest(failed) ?? newest(heard) ?? null,
    events: events.map(listed),
    moreEvents: all - events.length,
    soFar,
  }
}

function isFailure({ severity }: Bucket): boolean {
  return severities.indexOf(severity) >= severities.indexOf('error')
}

function typeCounts(buckets: readonly Bucket[], namespace: string, eventTypes: Pick<EventTypes, 'get'>): TypeCount[] {
  const types = new Map<string, Bucket[]>()
  for (const bucket of buckets) types.set(bucket.type, [...(types.get(bucket.type) ?? []), bucket])
  return [...types]
    .map(([type, of]): TypeCount => {
      const own = of.find((one) => eventTypes.get(type, one.namespace) !== undefined)?.namespace ?? namespace
      return {
        type,
        name: nameOf(type),
        description: eventTypes.get(type, own)?.program.description ?? '',
        count: total(of),
        failures: total(of.filter(isFailure)),
        byStatus: countsBy(of, ({ status }) => status),
        bySeverity: countsBy(of, ({ severity }) => severity),
      }
    })
    .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1))
}

/** Event types whose plural is known. */
const names: Readonly<Record<string, string>> = {
  run_completed: 'Runs',
  run_failed: 'Failed runs',
  crawl_completed: 'Scans',
  ai_generated: 'Test generations',
  scheduled_runs: 'Scheduled runs',
}

/** `test.run.failed` as `Test run failed`. */
function nameOf(type: string): string {
  const known = Object.hasOwn(names, type) ? names[type] : undefined
  if (known !== undefined) return known
  const words = type.replace(/[._:/-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function topFailures(failed: readonly Bucket[]): Failure[] {
  const groups = new Map<string, Bucket[]>()
  for (const bucket of failed) {
    const key = JSON.stringify([bucket.what, bucket.type])
    groups.set(key, [...(groups.get(key) ?? []), bucket])
  }
  const failures = [...groups.values()].map((of): Failure => {
    const { what, type } = of[0] as Bucket
    const latest = of.filter(({ link }) => link !== '').sort((a, b) => Date.parse(b.last) - Date.parse(a.last))[0]
    return {
      what: what || nameOf(type),
      type,
      count: total(of),
      first: extreme(of.map((one) => one.first)) ?? '',
      last:
        extreme(
          of.map((one) => one.last),
          -1,
        ) ?? '',
      link: latest?.link ?? null,
    }
  })
  return failures.sort(
    (a, b) => b.count - a.count || Date.parse(b.last) - Date.parse(a.last) || (a.what < b.what ? -1 : 1),
  )
}

function total(buckets: readonly Bucket[]): number {
  return buckets.reduce((sum, { count }) => sum + count, 0)
}

/** Without those that say nothing. */
function countsBy(buckets: readonly Bucket[], of: (bucket: Bucket) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const bucket of buckets) {
    const name = of(bucket)
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + bucket.count)
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}

/** The earliest, or with -1 the latest. */
function extreme(times: readonly string[], sign: 1 | -1 = 1): string | null {
  return [...times].sort((a, b) => sign * (Date.parse(a) - Date.parse(b)))[0] ?? null
}

function listed(event: KeptEvent): ListedEvent {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, value === '' ? null : value]),
  ) as ListedEvent
}
