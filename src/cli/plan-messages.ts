// How messages would read otherwise after a merge, made by what makes the real ones.

import { buildTables, type TableOptions } from '../dispatcher/tables.js'
import type { Json } from '../expression/json.js'
import type { Plan } from '../reconcile/plan.js'
import type { ChannelProgram, EventTypeProgram, TemplateProgram } from '../resources/kinds/notification-program.js'
import { writeReference } from '../resources/kinds/reference.js'
import type { Resource, ResourceSet } from '../resources/resource.js'
import { Slices } from '../resources/slices.js'
import { type OfflinePreview, offlinePreviewer } from './offline-preview.js'
import { runnable } from './plan-sides.js'

/** What a reader sees, and where it comes from. */
export type ShownMessage = Pick<
  OfflinePreview,
  'severity' | 'title' | 'body' | 'link' | 'format' | 'failure' | 'missing' | 'template'
>

export interface MessageChange {
  readonly event: string
  /** Of the event; empty: none. */
  readonly namespace: string
  /** Empty: on channels of any other type. */
  readonly channelType: string
  /** Empty: for nobody in particular, and in any other language. */
  readonly lang: string
  /** Undefined where there was no such event. */
  readonly before: ShownMessage | undefined
  /** Undefined where there is no such event any more. */
  readonly after: ShownMessage | undefined
  /** Other places where it reads the same before, and the same after. */
  readonly also: readonly MessagePlace[]
  /** Wherever messages of this event may read differently. */
  readonly among: readonly MessagePlace[]
}

export interface MessagePlace {
  readonly namespace: string
  readonly channelType: string
  readonly lang: string
}

export interface MessageChanges {
  readonly messages: readonly MessageChange[]
  readonly notComputed: readonly string[]
}

const worded: ReadonlySet<string> = new Set(['Template', 'EventType', 'Channel', 'User'])
const mostRendered = 5_000

/** `base` may hold resources as a controller tells them: specs of what differs from `head`, and nothing that runs. */
export async function messageChanges(
  difference: Plan,
  base: ResourceSet,
  head: ResourceSet,
  options: TableOptions,
): Promise<MessageChanges> {
  const events = affectedEvents(difference, head)
  if (events === undefined) return { messages: [], notComputed: [] }
  const { resources, unreadable } = runnable(base, head, worded)
  if (unreadable.length > 0) {
    const names = unreadable.map(({ kind, namespace, name }) => `${kind} ${writeReference({ namespace, name })}`)
    return { messages: [], notComputed: [`how messages read: ${names.join(', ')} cannot be read here`] }
  }
  const sides = [sideOf(resources, options), sideOf(head, options)] as const
  const places = placesOf([...resources.values(), ...head.values()])
  const notComputed: string[] = []
  const messages: MessageChange[] = []
  const slices = new Slices()
  let rendered = 0
  for (const event of [...events].sort()) {
    const found = new Map<string, MessageChange>()
    const among = places(event)
    for (const place of among) {
      rendered += 1
      if (rendered > mostRendered) {
        return { messages, notComputed: [`how messages read, from ${event} on: there is too much of it`] }
      }
      const sample = sides[1].sample(event, place.namespace) ?? sides[0].sample(event, place.namespace)
      if (sample === undefined) continue
      const [before, after] = [await sides[0].read(event, place, sample), await sides[1].read(event, place, sample)]
      if (slices.over) await slices.next()
      if (before !== undefined && after !== undefined && readsTheSame(before, after)) continue
      // An event that nobody could hear of before reads in no other way than it did.
      if (before === undefined && after === undefined) continue
      const key = JSON.stringify([before && wordsOf(before), after && wordsOf(after)])
      const known = found.get(key)
      if (known === undefined) found.set(key, { event, ...place, before, after, also: [], among })
      else found.set(key, { ...known, also: [...known.also, place] })
    }
    messages.push(...found.values())
  }
  return { messages, notComputed }
}

/** Ids of events whose words may differ; undefined when there are none. */
function affectedEvents({ create, update, move, prune }: Plan, head: ResourceSet): Set<string> | undefined {
  const changed = [
    ...create,
    ...prune,
    ...update.flatMap(({ before, after }) => [before, after]),
    ...move.flatMap(({ from, to }) => [from, to]),
  ]
  const events = new Set<string>()
  let isAny = false
  for (const resource of changed) {
    const { kind } = resource
    if (kind !== 'Template' && kind !== 'EventType') continue
    isAny = true
    const spec = (resource.spec ?? head.get(resource.id)?.spec ?? {}) as { event?: string; id?: string }
    const id = kind === 'Template' ? spec.event : (spec.id ?? resource.name)
    if (id !== undefined) events.add(id)
  }
  return isAny ? events : undefined
}

interface Side {
  sample(event: string, namespace: string): Json | undefined
  /** Undefined when there is no such event. */
  read(event: string, place: MessagePlace, payload: Json): Promise<ShownMessage | undefined>
}

function sideOf(resources: ResourceSet, options: TableOptions): Side {
  const tables = buildTables(resources, options)
  const preview = offlinePreviewer(resources, tables)
  return {
    sample: (event, namespace) => tables.eventTypes.get(event, namespace)?.program.sample,
    read: async (event, { namespace, channelType, lang }, payload) => {
      const type = tables.eventTypes.get(event, namespace)
      if (type === undefined) return undefined
      const made = await preview(type, { namespace, channelType, lang: lang === '' ? undefined : lang, payload })
      const { severity, title, body, link, format, failure, missing, template } = made
      return { severity, title, body, link, format, failure, missing, template }
    },
  }
}

/** Where messages of an event may read differently: what templates tell apart, and what channels and people there are. */
function placesOf(resources: readonly Resource[]): (event: string) => readonly MessagePlace[] {
  const templates = new Map<string, Resource[]>()
  const namespaces = new Map<string, Set<string>>()
  const channelTypes = new Set<string>()
  const locales = new Set<string>()
  for (const resource of resources) {
    if (resource.program === undefined) continue
    if (resource.kind === 'Template') {
      const { event } = resource.program as TemplateProgram
      templates.set(event, [...(templates.get(event) ?? []), resource])
    } else if (resource.kind === 'EventType') {
      const { id } = resource.program as EventTypeProgram
      namespaces.set(id, (namespaces.get(id) ?? new Set()).add(resource.namespace))
    } else if (resource.kind === 'Channel') channelTypes.add((resource.program as ChannelProgram).type)
    else if (resource.kind === 'User') locales.add((resource.program as { readonly locale: string }).locale)
  }
  return (event) => {
    const own = templates.get(event) ?? []
    const programs = own.map(({ program }) => program as TemplateProgram)
    const inside = new Set(['', ...own.map(({ namespace }) => namespace), ...(namespaces.get(event) ?? [])])
    const types = new Set(['', ...programs.map(({ channelType }) => channelType), ...channelTypes])
    const langs = new Set(['', ...programs.map(({ lang }) => lang), ...locales])
    return [...inside]
      .sort()
      .flatMap((namespace) =>
        [...types].sort().flatMap((channelType) => [...langs].sort().map((lang) => ({ namespace, channelType, lang }))),
      )
  }
}

function wordsOf({ template: _, ...words }: ShownMessage): unknown {
  return words
}

function readsTheSame(a: ShownMessage, b: ShownMessage): boolean {
  return JSON.stringify(wordsOf(a)) === JSON.stringify(wordsOf(b))
}
