// When something was last heard of, for event types that happen when nothing is: kept in the transaction of each event that
// shows that a subject is there.

import { createHash } from 'node:crypto'
import { isObject, type Json, stringifyJson } from '../../expression/json.js'
import { fieldIn } from '../../resources/kinds/event-field.js'
import { fits } from '../../resources/kinds/event-pattern.js'
import type { InactivityProgram } from '../../resources/kinds/inactivity-program.js'
import type { Transaction } from '../../store/store.js'
import type { Collector } from '../collector.js'
import { linkOf } from '../digests/event-facts.js'
import type { EventTypeEntry, EventTypes } from '../event-types.js'
import type { Decided } from '../fan-out.js'
import type { RatedEvent } from '../rules.js'

export const activityScope = 'activity/'
/** Of one event type. When there are more, those that are silent longest are forgotten. */
export const mostSubjects = 10_000

/** Of events that are told by themselves. */
export const activitySource = 'callboard'

/** The last that was heard of a subject, in the store. */
export interface Activity {
  /** Id of the event type that is told when nothing more is heard. */
  readonly type: string
  readonly subject: string
  /** When it was accepted, milliseconds since 1970. */
  readonly at: number
  /** The longest silence that was told of since, in milliseconds; 0: none. */
  readonly told: number
  readonly last: LastEvent
}

export interface LastEvent {
  readonly type: string
  readonly id: string
  /** ISO 8601. */
  readonly time: string
  readonly title: string | null
  readonly link: string | null
  readonly namespace: string | null
  readonly service: string | null
  readonly customer: string | null
  /** Without what is too long to be kept. */
  readonly payload: Json
}

/** What is told when a subject is silent. */
export interface Nudge {
  readonly subject: string
  /** ISO 8601: when it was last heard of. */
  readonly since: string
  /** Whole days. */
  readonly days: number
  /** The silence that was waited for: `7d`. */
  readonly after: string
  readonly last: LastEvent
}

/** An event type that waits for silence. */
export type Waiting = EventTypeEntry & { readonly program: { readonly inactivity: InactivityProgram } }

const waiting = new WeakMap<EventTypes, Map<string, readonly Waiting[]>>()

/** Those that events of a namespace matter to. */
export function waitingIn(types: EventTypes, namespace: string): readonly Waiting[] {
  let known = waiting.get(types)
  if (known === undefined) {
    known = new Map()
    waiting.set(types, known)
  }
  let found = known.get(namespace)
  if (found === undefined) {
    found = [...types.ids(namespace)].flatMap((id) => waitingFor(types, id, namespace) ?? [])
    // Namespaces come from events, and are without end.
    if (known.size >= 1000) known.clear()
    known.set(namespace, found)
  }
  return found
}

/** Undefined for a type that is not told by itself. */
export function waitingFor(types: EventTypes, id: string, namespace: string): Waiting | undefined {
  const entry = types.get(id, namespace)
  return entry?.program.inactivity === undefined ? undefined : (entry as Waiting)
}

/** Where the subjects of an event type are: those of a declared one in a namespace are its own. */
export function typeScope({ program, by }: EventTypeEntry): string {
  const namespace = typeof by === 'string' ? '' : by.namespace
  return `${activityScope}${namespace || '-'}/${encodeURIComponent(program.id)}/`
}

export function subjectKey(entry: EventTypeEntry, subject: string): string {
  return `${typeScope(entry)}of/${createHash('sha256').update(subject).digest('base64url')}`
}

/** How many subjects a type has. */
export function countKey(entry: EventTypeEntry): string {
  return `${typeScope(entry)}count`
}

/** Undefined for an event that shows nothing of it. */
export function subjectOf(event: RatedEvent, { program }: Waiting, types: EventTypes): string | undefined {
  const { subject, events } = program.inactivity
  if (event.source === activitySource) return undefined
  if (events.length > 0) {
    if (!events.some((pattern) => fits(pattern, event.type))) return undefined
  } else if (
    event.type.startsWith('callboard.') ||
    waitingFor(types, event.type, event.namespace ?? '') !== undefined
  ) {
    return undefined
  }
  // Events without a namespace are about the one that has no name.
  return subject === 'namespace' ? (event.namespace ?? '') : fieldIn(event, subject)
}

export class ActivityCollector implements Collector {
  readonly scopes = [activityScope]
  readonly #eventTypes: () => EventTypes

  constructor(eventTypes: () => EventTypes) {
    this.#eventTypes = eventTypes
  }

  collect(tx: Transaction, event: RatedEvent, decided: readonly Decided[], now: number): readonly Decided[] {
    const types = this.#eventTypes()
    for (const entry of waitingIn(types, event.namespace ?? '')) {
      if (event.source === activitySource && event.type === entry.program.id) told(tx, event, entry)
      const subject = subjectOf(event, entry, types)
      if (subject !== undefined) note(tx, event, entry, subject, now)
    }
    return decided
  }
}

function note(tx: Transaction, event: RatedEvent, entry: Waiting, subject: string, now: number): void {
  const key = subjectKey(entry, subject)
  if (tx.get(key) === undefined) {
    const count = Number(tx.get(countKey(entry)) ?? 0)
    // Room is made by whoever looks for silence.
    if (count >= mostSubjects) return
    tx.put(countKey(entry), count + 1)
  }
  const activity: Activity = { type: entry.program.id, subject, at: now, told: 0, last: lastOf(event) }
  tx.put(key, activity as unknown as Json)
}

/** In the transaction of the event that tells of a silence, so that it is told once. */
function told(tx: Transaction, { payload }: RatedEvent, entry: Waiting): void {
  const { subject, since, after } = payload as unknown as Nudge
  const key = subjectKey(entry, String(subject))
  const activity = tx.get(key) as unknown as Activity | undefined
  // Something was heard of it meanwhile.
  if (activity === undefined || new Date(activity.at).toISOString() !== since) return
  const length = entry.program.inactivity.afterMs.find((one) => lengthText(one) === after) ?? 0
  tx.put(key, { ...activity, told: Math.max(activity.told, length) } as unknown as Json)
}

const dayMs = 24 * 3600 * 1000

/** `7d`, `12h`, `90m`. */
export function lengthText(ms: number): string {
  if (ms % dayMs === 0) return `${ms / dayMs}d`
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : `${ms / 60_000}m`
}

function lastOf(event: RatedEvent): LastEvent {
  const { type, id, time, title, namespace, service, customer, payload } = event
  return {
    type,
    id,
    time,
    title: title ?? null,
    link: linkOf(event) || null,
    namespace: namespace ?? null,
    service: service ?? null,
    customer: customer ?? null,
    payload: short(payload),
  }
}

const longestPayload = 2000
const longestField = 500

function short(payload: Json): Json {
  if (!isObject(payload)) return stringifyJson(payload).length <= longestField ? payload : null
  const kept: Record<string, Json> = {}
  let left = longestPayload
  for (const [name, value] of Object.entries(payload)) {
    const length = name.length + stringifyJson(value).length
    if (length > longestField || length > left) continue
    left -= length
    kept[name] = value
  }
  return kept
}
