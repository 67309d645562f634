// Who would newly hear of which events after a merge, and who no longer.

import type { Decision } from '../../dispatcher/decision.js'
import { floodText } from '../../dispatcher/grouping/flood-text.js'
import type { Severity } from '../../dispatcher/message.js'
import { type RoutedEvent, route } from '../../dispatcher/routing.js'
import { buildTables, type TableOptions, type Tables } from '../../dispatcher/tables.js'
import type { Plan } from '../../reconcile/plan.js'
import { writeReference } from '../../resources/kinds/reference.js'
import type { ResourceSet } from '../../resources/resource.js'
import { Slices } from '../../resources/slices.js'
import { runnable } from './sides.js'

/** Somebody on a channel, or the channel itself. */
export interface RecipientChange {
  /** `name`, or `namespace/name`. */
  readonly channel: string
  readonly channelType: string
  /** Undefined where the channel is one recipient itself. */
  readonly user: string | undefined
  readonly newly: readonly ToldEvent[]
  readonly noLonger: readonly ToldEvent[]
  /** What the channel does against floods, where that changes: in words, before and after. */
  readonly paced?: readonly [before: string, after: string]
}

export interface ToldEvent {
  readonly event: string
  /** Empty: events of no namespace. */
  readonly namespace: string
}

export interface RecipientChanges {
  readonly recipients: readonly RecipientChange[]
  /** Why there may be others. */
  readonly notComputed: readonly string[]
}

/** What says who hears what. Silences pass. */
export const deciding: ReadonlySet<string> = new Set([
  'Channel',
  'User',
  'UserBinding',
  'Preference',
  'EventType',
  'Digest',
])
/** Decisions that are made for one side. */
const mostDecisions = 1_000_000
/** These pass with the time of day, or with what has been sent already: who hears in principle is what matters. */
const passing: ReadonlySet<Decision['reason']> = new Set(['quiet_hours', 'silence', 'duplicate', 'quota'])

/** `base` may hold resources as a controller tells them: specs of what differs from `head`, and nothing that runs. */
export async function recipientChanges(
  difference: Plan,
  base: ResourceSet,
  head: ResourceSet,
  options: TableOptions,
): Promise<RecipientChanges> {
  if (!touches(difference)) return { recipients: [], notComputed: [] }
  const { resources, unreadable } = runnable(base, head, deciding)
  if (unreadable.length > 0) {
    const names = unreadable.map(({ kind, namespace, name }) => `${kind} ${writeReference({ namespace, name })}`)
    return { recipients: [], notComputed: [`who would hear of what: ${names.join(', ')} cannot be read here`] }
  }
  const sides = { base: buildTables(resources, options), head: buildTables(head, options) }
  const notComputed: string[] = []
  const before = await toldBy(sides.base, sides, notComputed)
  const after = await toldBy(sides.head, sides, notComputed)
  const recipients = new Map<string, { -readonly [Field in keyof RecipientChange]: RecipientChange[Field] }>()
  const note = (told: Told, field: 'newly' | 'noLonger') => {
    const key = `${told.channel} ${told.user ?? ''}`
    const { channel, channelType, user, event, namespace } = told
    const known = recipients.get(key) ?? { channel, channelType, user, newly: [], noLonger: [] }
    recipients.set(key, { ...known, [field]: [...known[field], { event, namespace }] })
  }
  for (const [key, told] of after) if (!before.has(key)) note(told, 'newly')
  for (const [key, told] of before) if (!after.has(key)) note(told, 'noLonger')
  for (const [key, change] of pacedChanges(sides)) {
    recipients.set(key, { ...change, ...recipients.get(key), paced: change.paced })
  }
  const sorted = [...recipients].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change)
  return { recipients: sorted, notComputed: [...new Set(notComputed)] }
}

/** By channel: those whose grouping, threshold, storm or reminders differ. */
function pacedChanges({ base, head }: Readonly<Record<'base' | 'head', Tables>>) {
  const before = new Map(base.channels.map(({ channel }) => [channel.id, channel.program]))
  return head.channels.flatMap(({ channel: { id, namespace, name, program } }) => {
    const known = before.get(id)
    const was = known === undefined ? '' : floodText(known.flood)
    const is = floodText(program.flood)
    if (was === is) return []
    const channel = writeReference({ namespace, name })
    const paced: readonly [string, string] = [was, is]
    const change = { channel, channelType: program.type, user: undefined, newly: [], noLonger: [], paced }
    return [[`${channel} `, change] as const]
  })
}

function touches({ create, update, move, prune }: Plan): boolean {
  const all = [...create, ...prune, ...update.map(({ after }) => after), ...move.map(({ to }) => to)]
  return all.some(({ kind }) => deciding.has(kind))
}

interface Told extends ToldEvent {
  readonly channel: string
  readonly channelType: string
  readonly user: string | undefined
}

/** By channel, user, event and namespace: everybody who hears of an event that has nothing special about it. */
async function toldBy(
  tables: Tables,
  sides: Readonly<Record<'base' | 'head', Tables>>,
  notComputed: string[],
): Promise<Map<string, Told>> {
  const told = new Map<string, Told>()
  const slices = new Slices()
  let decided = 0
  for (const namespace of namespacesOf(sides)) {
    for (const type of idsOf(sides, namespace)) {
      const event = eventOf(type, namespace, tables)
      if (event === undefined) continue
      if (decided > mostDecisions) {
        notComputed.push(
          `who would hear of what, from ${type} in namespace ${namespace || '-'} on: there is too much of it`,
        )
        return told
      }
      // Whoever has to connect is taken to have.
      const decisions = route(event, tables, 0, { recipientOf: () => ({}) })
      decided += decisions.length + 1
      for (const { outcome, reason, channel, user } of decisions) {
        if (outcome === 'suppress' && !passing.has(reason)) continue
        const name = writeReference(channel)
        const one = { channel: name, channelType: channel.type, user: user?.name, event: type, namespace }
        told.set(`${name} ${user?.name ?? ''} ${type} ${namespace}`, one)
      }
      if (slices.over) await slices.next()
    }
  }
  return told
}

/** Undefined for what is no event on this side. Where an expression gives the severity, none is too low. */
function eventOf(type: string, namespace: string, { eventTypes }: Tables): RoutedEvent | undefined {
  const program = eventTypes.get(type, namespace)?.program
  if (program === undefined) return undefined
  const severity: Severity = 'fixed' in program.severity ? program.severity.fixed : 'critical'
  return {
    id: 'plan',
    type,
    time: new Date(0).toISOString(),
    source: 'plan',
    ...(namespace !== '' && { namespace }),
    severity,
    payload: program.sample,
  }
}

/** Those in which something may be decided otherwise than in none. */
function namespacesOf({ base, head }: Readonly<Record<'base' | 'head', Tables>>): readonly string[] {
  const named = [...base.sources, ...head.sources].filter(({ kind }) => deciding.has(kind) && kind !== 'User')
  return [...new Set(['', ...named.map(({ namespace }) => namespace)])].sort()
}

function idsOf({ base, head }: Readonly<Record<'base' | 'head', Tables>>, namespace: string): readonly string[] {
  return [...new Set([...base.eventTypes.ids(namespace), ...head.eventTypes.ids(namespace)])].sort()
}

/** Events that are named; the rest are counted. */
const mostNamed = 5

/** `deploy.failure, run_failed in shop and 3 more` */
export function eventsText(events: readonly ToldEvent[]): string {
  const byEvent = new Map<string, string[]>()
  for (const { event, namespace } of events) byEvent.set(event, [...(byEvent.get(event) ?? []), namespace])
  const named = [...byEvent].map(([event, namespaces]) => {
    const inside = namespaces.filter((one) => one !== '')
    // What holds for events of no namespace holds for those that are not spoken of as well.
    return namespaces.includes('') || inside.length === 0 ? event : `${event} in ${inside.join(', ')}`
  })
  const more = named.length - mostNamed
  return more > 0 ? `${named.slice(0, mostNamed).join(', ')} and ${more} more` : named.join(', ')
}

function pacedText([before, after]: readonly [string, string]): string {
  if (after === '') return `would send each event by itself; before: it ${before}`
  return before === ''
    ? `would do this against floods: it ${after}`
    : `would pace otherwise: it ${after}; before: it ${before}`
}

/** A line for each side of a change: `ann on direct (slack) would newly hear of …`. */
export function recipientLines({ channel, channelType, user, newly, noLonger }: RecipientChange): string[] {
  const who = user === undefined ? `${channel} (${channelType})` : `${user} on ${channel} (${channelType})`
  return [
    ...(newly.length > 0 ? [`+ ${who} would newly hear of ${eventsText(newly)}`] : []),
    ...(noLonger.length > 0 ? [`- ${who} would no longer hear of ${eventsText(noLonger)}`] : []),
  ]
}

/** `ops (slack) would do this against floods: …`; none where that stays as it is. */
export function pacedLines({ channel, channelType, paced }: RecipientChange): string[] {
  return paced === undefined ? [] : [`~ ${channel} (${channelType}) ${pacedText(paced)}`]
}
