// What a digest has gathered since it was last sent: counts, in which every event is, and the first of the events
// themselves. All of it is in the store, written in the transaction of the event.

import { createHash } from 'node:crypto'
import type { Json } from '../../expression/json.js'
import type { Transaction } from '../../store/store.js'
import type { Severity } from '../message.js'
import type { EventFacts } from './event-facts.js'

export const digestScope = 'digest/'
/** Its values stay on disk. */
export const keptEventScope = 'digest-event/'

/** Of one period: more events than these are counted only. */
export const mostKept = 100
const mostKeptBytes = 128 * 1024
/** Of one period: what is in none of these is in one that says less. */
export const mostBuckets = 1000
/** Of one period: the matters that are known not to count twice. */
const mostMatters = 10_000

/** Events that are alike in all that is counted by, and in all that says whose business they are. */
export interface Bucket {
  readonly type: string
  readonly severity: Severity
  readonly status: string
  /** What failed; empty for what is no failure. */
  readonly what: string
  readonly namespace: string
  readonly service: string
  readonly customer: string
  /** Whose business they are was not kept: only those hear of them who may hear everything. */
  readonly isAnyones?: true
  readonly count: number
  /** ISO 8601: when they happened. */
  readonly first: string
  readonly last: string
  /** Of the last that had one. */
  readonly link: string
}

/** An event as it is listed. */
export interface KeptEvent extends EventFacts {
  readonly id: string
  readonly source: string
  readonly type: string
  /** ISO 8601. */
  readonly time: string
  readonly severity: Severity
  readonly namespace: string
  readonly service: string
  readonly customer: string
}

/** How much one period holds. */
export interface Tally {
  readonly events: number
  readonly kept: number
  readonly bytes: number
  readonly buckets: number
  readonly matters: number
}

const nothing: Tally = { events: 0, kept: 0, bytes: 0, buckets: 0, matters: 0 }

/** Keys of one period of a digest. `id`: of the resource. */
export function periodKeys(id: string, period: number) {
  const rows = `${digestScope}${id}/${String(period).padStart(9, '0')}/`
  return {
    rows,
    tally: `${rows}tally`,
    buckets: `${rows}count/`,
    matters: `${rows}matter/`,
    kept: `${keptEventScope}${id}/${String(period).padStart(9, '0')}/`,
  }
}

/** False for an event whose matter is there already. `tx`: over both scopes. */
export function collectEvent(
  tx: Transaction,
  id: string,
  period: number,
  event: KeptEvent,
  matter: string | undefined,
): boolean {
  const keys = periodKeys(id, period)
  const tally = tallyOf(tx.get(keys.tally))
  let { kept, bytes, buckets, matters } = tally
  if (matter !== undefined) {
    const key = keys.matters + hash(matter)
    if (tx.get(key) !== undefined) return false
    if (matters < mostMatters) {
      tx.put(key, 1)
      matters += 1
    }
  }
  const isNew = count(tx, keys.buckets, event, buckets < mostBuckets)
  if (isNew) buckets += 1
  const size = JSON.stringify(event).length
  if (kept < mostKept && bytes + size <= mostKeptBytes) {
    tx.put(keys.kept + String(kept).padStart(6, '0'), event as unknown as Json)
    kept += 1
    bytes += size
  }
  const after: Tally = { events: tally.events + 1, kept, bytes, buckets, matters }
  tx.put(keys.tally, after as unknown as Json)
  return true
}

/** True when there was no such bucket yet. */
function count(tx: Transaction, scope: string, event: KeptEvent, mayBeNew: boolean): boolean {
  const { type, severity, status, what, namespace, service, customer } = event
  const exact = { type, severity, status, what, namespace, service, customer }
  // When there are too many, what failed is forgotten first, and then whose business it is.
  const choices = [exact, { ...exact, what: '', status: '' }]
  for (const [index, fields] of choices.entries()) {
    const key = scope + hash(JSON.stringify(fields))
    const known = tx.get(key) as unknown as Bucket | undefined
    if (known === undefined && !(mayBeNew && index === 0)) continue
    tx.put(key, counted(known ?? { ...fields, ...none(event) }, event) as unknown as Json)
    return known === undefined
  }
  const rest = {
    type,
    severity,
    status: '',
    what: '',
    namespace: '',
    service: '',
    customer: '',
    isAnyones: true as const,
  }
  const key = scope + hash(JSON.stringify(rest))
  const known = tx.get(key) as unknown as Bucket | undefined
  tx.put(key, counted(known ?? { ...rest, ...none(event) }, event) as unknown as Json)
  return known === undefined
}

function none({ time }: KeptEvent): Pick<Bucket, 'count' | 'first' | 'last' | 'link'> {
  return { count: 0, first: time, last: time, link: '' }
}

function counted(bucket: Bucket, { time, link }: KeptEvent): Bucket {
  const at = Date.parse(time)
  const isLast = at >= Date.parse(bucket.last)
  return {
    ...bucket,
    count: bucket.count + 1,
    ...(at < Date.parse(bucket.first) && { first: time }),
    ...(isLast && { last: time }),
    ...(link !== '' && (isLast || bucket.link === '') && { link }),
  }
}

export function tallyOf(value: Json | undefined): Tally {
  return value === undefined ? nothing : (value as unknown as Tally)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
