// How messages would read otherwise after a merge, made by what makes the real ones.

import { MessageTemplates } from '../../dispatcher/message-templates.js'
import { buildTables, type TableOptions } from '../../dispatcher/tables.js'
import type { Json } from '../../expression/json.js'
import type { Plan } from '../../reconcile/plan.js'
import { digestEvent } from '../../resources/catalogues/digest-sample.js'
import type { DigestProgram } from '../../resources/kinds/digest-program.js'
import type { ChannelProgram, EventTypeProgram, TemplateProgram } from '../../resources/kinds/notification-program.js'
import { writeReference } from '../../resources/kinds/reference.js'
import type { Resource, ResourceSet } from '../../resources/resource.js'
import { Slices } from '../../resources/slices.js'
import { type OfflinePreview, type OfflinePreviewRequest, offlinePreviewer } from '../offline-preview.js'
import { runnable } from './sides.js'

/** What a reader sees, and where it comes from. */
export type ShownMessage = Pick<
  OfflinePreview,
  'severity' | 'title' | 'body' | 'link' | 'format' | 'failure' | 'missing' | 'template'
>

export interface MessageChange {
  readonly event: string
  /** `name`, or `namespace/name`, of the one that has a template of its own. */
  readonly digest: string | undefined
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

const worded: ReadonlySet<string> = new Set(['Template', 'EventType', 'Channel', 'User', 'Digest'])
const mostRendered = 5_000

/** `base` may hold resources as a controller tells them: specs of what differs from `head`, and nothing that runs. */
export async function messageChanges(
  difference: Plan,
  base: ResourceSet,
  head: ResourceSet,
  options: TableOptions,
): Promise<MessageChanges> {
  const events = affectedEvents(difference, head)
  const isOfDigests =
    events.has(digestEvent) ||
    [...difference.create, ...difference.update.map(({ after }) => after)].some(({ kind }) => kind === 'Digest')
  if (events.size === 0 && !isOfDigests) return { messages: [], notComputed: [] }
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
  const digests = isOfDigests ? digestsOf(resources, head) : []
  const subjects = [...[...events].sort().map((event): Subject => ({ event, digest: undefined })), ...digests]
  for (const { event, digest } of subjects) {
    const found = new Map<string, MessageChange>()
    const among = digest === undefined ? places(event) : within(digest.namespace, places(event))
    for (const place of among) {
      rendered += 1
      if (rendered > mostRendered) {
        return { messages, notComputed: [`how messages read, from ${event} on: there is too much of it`] }
      }
      const sample = sides[1].sample(event, place.namespace) ?? sides[0].sample(event, place.namespace)
      if (sample === undefined) continue
      const [before, after] = [
        await sides[0].read(event, place, sample, digest),
        await sides[1].read(event, place, sample, digest),
      ]
      if (slices.over) await slices.next()
      if (before !== undefined && after !== undefined && readsTheSame(before, after)) continue
      // An event that nobody could hear of before reads in no other way than it did.
      if (before === undefined && after === undefined) continue
      const key = JSON.stringify([before && wordsOf(before), after && wordsOf(after)])
      const known = found.get(key)
      if (known === undefined)
        found.set(key, { event, digest: digest && writeReference(digest), ...place, before, after, also: [], among })
      else found.set(key, { ...known, also: [...known.also, place] })
    }
    messages.push(...found.values())
  }
  return { messages, notComputed }
}

interface Subject {
  readonly event: string
  /** One that has a template of its own, on one side at least. */
  readonly digest: Resource | undefined
}

/** That there still are: of one that is gone it is said elsewhere. */
function digestsOf(base: ResourceSet, head: ResourceSet): readonly Subject[] {
  const templateOf = (one: Resource | undefined) => (one?.program as DigestProgram | undefined)?.template
  return [...head.values()]
    .filter((one) => one.kind === 'Digest' && (templateOf(one) ?? templateOf(base.get(one.id))) !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((digest) => ({ event: digestEvent, digest }))
}

function within(namespace: string, places: readonly MessagePlace[]): readonly MessagePlace[] {
  const found = new Map(places.map((place) => [`${place.channelType} ${place.lang}`, { ...place, namespace }]))
  return [...found.values()]
}

/** Ids of events whose words may differ. */
function affectedEvents({ create, update, move, prune }: Plan, head: ResourceSet): Set<string> {
  const changed = [
    ...create,
    ...prune,
    ...update.flatMap(({ before, after }) => [before, after]),
    ...move.flatMap(({ from, to }) => [from, to]),
  ]
  const events = new Set<string>()
  for (const resource of changed) {
    const { kind } = resource
    if (kind !== 'Template' && kind !== 'EventType') continue
    const spec = (resource.spec ?? head.get(resource.id)?.spec ?? {}) as { event?: string; id?: string }
    const id = kind === 'Template' ? spec.event : (spec.id ?? resource.name)
    if (id !== undefined) events.add(id)
  }
  return events
}

interface Side {
  sample(event: string, namespace: string): Json | undefined
  /** Undefined when there is no such event, or no such digest. */
  read(event: string, place: MessagePlace, payload: Json, digest?: Resource): Promise<ShownMessage | undefined>
}

function sideOf(resources: ResourceSet, options: TableOptions): Side {
  const tables = buildTables(resources, options)
  const preview = offlinePreviewer(resources, tables)
  const templates = new MessageTemplates(resources)
  return {
    sample: (event, namespace) => tables.eventTypes.get(event, namespace)?.program.sample,
    read: async (event, { namespace, channelType, lang }, payload, digest) => {
      const type = tables.eventTypes.get(event, namespace)
      const declared = digest && resources.get(digest.id)
      if (type === undefined || (digest !== undefined && declared === undefined)) return undefined
      const reference = (declared?.program as DigestProgram | undefined)?.template
      const own = reference && templates.named(reference, namespace, { namespace, event, channelType, lang })
      const request = { namespace, channelType, lang: lang === '' ? undefined : lang, payload }
      const made = await preview(type, own === undefined ? request : { ...request, texts: textsOf(own.program) })
      const { severity, title, body, link, format, failure, missing } = made
      const template = own === undefined ? made.template : `${own.id} (${own.file}:${own.line})`
      return { severity, title, body, link, format, failure, missing, template }
    },
  }
}

/** And not for whom: that has been looked at. */
function textsOf({ title, body, link, format }: TemplateProgram): NonNullable<OfflinePreviewRequest['texts']> {
  return { title, body, link, format }
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
