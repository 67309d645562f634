// What would be held back otherwise: quiet hours and silences. They pass with time, so that they are told apart from who
// hears of what.

import type { Plan } from '../../reconcile/plan.js'
import type { PreferenceProgram, QuietHours, SilenceProgram } from '../../resources/kinds/notification-program.js'
import { writeReference } from '../../resources/kinds/reference.js'
import type { Resource, ResourceSet } from '../../resources/resource.js'
import { runnable } from './sides.js'

export interface HoldChange {
  readonly kind: 'Preference' | 'Silence'
  readonly namespace: string
  readonly name: string
  /** Who or what it is about. */
  readonly about: string
  /** Undefined where nothing was held. */
  readonly before: string | undefined
  readonly after: string | undefined
}

const holding: ReadonlySet<string> = new Set(['Preference', 'Silence'])

/** By kind and name. */
export function holdChanges(difference: Plan, base: ResourceSet, head: ResourceSet): readonly HoldChange[] {
  const { create, update, move, prune } = difference
  const pairs: (readonly [before: Resource | undefined, after: Resource | undefined])[] = [
    ...create.map((after) => [undefined, after] as const),
    ...update.map(({ before, after }) => [before, after] as const),
    ...move.map(({ from, to }) => [from, to] as const),
    ...prune.map((before) => [before, undefined] as const),
  ]
  const changed = pairs.filter(([before, after]) => holding.has((after ?? before)?.kind ?? ''))
  if (changed.length === 0) return []
  const { resources } = runnable(base, head, holding)
  return changed
    .flatMap(([before, after]) => changeOf(before && resources.get(before.id), after))
    .sort((a, b) => (`${a.kind} ${a.namespace} ${a.name}` < `${b.kind} ${b.namespace} ${b.name}` ? -1 : 1))
}

function changeOf(before: Resource | undefined, after: Resource | undefined): HoldChange[] {
  const one = after ?? before
  if (one === undefined) return []
  const kind = one.kind as HoldChange['kind']
  const [was, is] = [before && heldBy(before), after && heldBy(after)]
  if (was?.text === is?.text && was?.about === is?.about) return []
  const { namespace, name } = one
  return [{ kind, namespace, name, about: (is ?? was)?.about ?? '', before: was?.text, after: is?.text }]
}

function heldBy({ kind, namespace, program }: Resource): { readonly about: string; readonly text: string } | undefined {
  if (program === undefined) return undefined
  return kind === 'Silence'
    ? silenced(namespace, program as SilenceProgram)
    : quiet(namespace, program as PreferenceProgram)
}

function silenced(namespace: string, { events, severities, labels, from, until }: SilenceProgram) {
  const which = [
    events.length === 0 ? 'every event' : events.join(', '),
    ...(severities.length === 0 ? [] : [`of severity ${severities.join(', ')}`]),
    ...Object.entries(labels).map(([name, value]) => `with ${name}=${value}`),
    ...(namespace === '' ? [] : [`in ${namespace}`]),
  ].join(' ')
  const begins = from === 0 ? '' : `from ${new Date(from).toISOString()} `
  return { about: which, text: `silent ${begins}until ${new Date(until).toISOString()}` }
}

function quiet(namespace: string, { user, channel, quietHours }: PreferenceProgram) {
  if (quietHours === undefined) return undefined
  const who = user?.name ?? (namespace === '' ? 'everybody' : `everybody in ${namespace}`)
  const where =
    channel === undefined ? '' : ` on ${writeReference({ namespace: channel.namespace ?? '', name: channel.name })}`
  return { about: `${who}${where}`, text: quietText(quietHours) }
}

/** A week begins with Monday. */
const byWeek = (a: number, b: number): number => ((a + 6) % 7) - ((b + 6) % 7)
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function quietText({ fromMinute, toMinute, timezone, days, mode }: QuietHours): string {
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  const on =
    days.length === 0
      ? ''
      : ` on ${[...days]
          .sort(byWeek)
          .map((day) => dayNames[day])
          .join(', ')}`
  const zone = timezone === undefined ? '' : ` ${timezone}`
  return `quiet ${clock(fromMinute)}–${clock(toMinute)}${zone}${on}, ${mode === 'defer' ? 'sent afterwards' : 'dropped'}`
}

/** `quiet hours of ann: 22:00–07:00 → none` */
export function holdLine({ about, before, after }: HoldChange): string {
  if (before === undefined) return `+ ${about}: ${after}`
  return after === undefined ? `- ${about}: no longer ${before}` : `~ ${about}: ${before} → ${after}`
}
