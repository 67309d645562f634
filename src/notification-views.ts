// What there is to know of notifications besides what is declared: types of channels, event types, how a message reads.

import { channelTypes } from './dispatcher/channels/index.js'
import { unknownType } from './dispatcher/events/event-check.js'
import { readershipOf } from './dispatcher/message-writer.js'
import type { RevisionRules } from './dispatcher/revision-rules.js'
import type { Json } from './expression/json.js'
import { nearest } from './expression/suggest.js'
import { previewMessage, readerIn } from './message-preview.js'
import { channelTypeFacts, channelTypeNames } from './resources/channel-types.js'
import { canonicalLocale } from './resources/kinds/locale.js'
import { inText } from './resources/kinds/message-texts.js'
import type { EventTypeProgram } from './resources/kinds/notification-program.js'
import type { Resource, ResourceSet } from './resources/resource.js'
import { bundleSchema } from './resources/schema-bundle.js'
import type {
  CatalogEntry,
  ChannelTypeView,
  NotificationsView,
  PreviewOutcome,
  PreviewProblem,
  PreviewWish,
} from './status/notification-views.js'
import type { Renderer } from './template/renderer.js'
import { snippets } from './template/snippets.js'
import { compileTemplate } from './template/template.js'

export interface NotificationViewParts {
  /** Of what is applied. */
  readonly applied: { readonly rules: RevisionRules; readonly resources: ResourceSet }
  readonly renderer: Pick<Renderer, 'render'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createNotificationsView(parts: NotificationViewParts): NotificationsView {
  let types: readonly ChannelTypeView[] | undefined
  let listed: { readonly of: unknown; readonly entries: readonly CatalogEntry[] } | undefined
  return {
    types: () => {
      types ??= channelTypeViews()
      return types
    },
    catalog: () => {
      const { tables } = parts.applied.rules
      if (listed?.of !== tables) listed = { of: tables, entries: catalogOf(parts.applied) }
      return listed.entries
    },
    snippets: () => snippets,
    preview: (wish) => preview(wish, parts),
  }
}

function channelTypeViews(): ChannelTypeView[] {
  return [...channelTypes.values()]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map(({ type, title, setup, limits, rate, check }) => {
      const { recipients, overrides } = channelTypeFacts(type) ?? {
        recipients: { shared: [], fields: [] },
        overrides: [],
      }
      return {
        type,
        title,
        setup,
        recipients,
        overrides,
        limits,
        rate: rate ?? null,
        check: check !== undefined,
        schema: bundleSchema(`channel/${type}`) as Json,
      }
    })
}

function catalogOf({ rules, resources }: NotificationViewParts['applied']): CatalogEntry[] {
  const declared = [...resources.values()].filter(({ kind, program }) => kind === 'EventType' && program !== undefined)
  const builtIn = [...rules.eventTypes.ids('')].flatMap((id): CatalogEntry[] => {
    const entry = rules.eventTypes.get(id, '')
    return entry === undefined || typeof entry.by !== 'string' ? [] : [entryOf(entry.program, entry.by, undefined)]
  })
  const all = [...builtIn, ...declared.map((one) => entryOf(one.program as EventTypeProgram, null, one))]
  const key = ({ id, namespace }: CatalogEntry) => `${id} ${namespace ?? ''}`
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function entryOf(type: EventTypeProgram, catalogue: string | null, by: Resource | undefined): CatalogEntry {
  const { id, description, severity, critical, includes, resolves, sample } = type
  return {
    id,
    description,
    default: type.default,
    severity: 'fixed' in severity ? severity.fixed : severity.expression,
    critical,
    includes,
    resolves,
    sample,
    catalogue,
    namespace: by === undefined || by.namespace === '' ? null : by.namespace,
    file: by?.file ?? null,
    line: by?.line ?? null,
  }
}

const refused = (field: string, message: string): PreviewOutcome => ({ outcome: 'refused', field, message })

async function preview(wish: PreviewWish, { applied, renderer, now }: NotificationViewParts): Promise<PreviewOutcome> {
  const { rules, resources } = applied
  const { event: id, namespace = '', channelType = '', title, body, link, format = 'rich' } = wish
  const type = rules.eventTypes.get(id, namespace)
  if (type === undefined) return refused('event', unknownType(id, namespace, rules))
  if (channelType !== '' && channelTypeFacts(channelType) === undefined) {
    const meant = nearest(channelType, channelTypeNames())
    const hint = meant === undefined ? `types: ${channelTypeNames().join(', ')}` : `did you mean "${meant}"?`
    return refused('channelType', `there is no channel type ${JSON.stringify(channelType)}; ${hint}`)
  }
  const lang = wish.lang === undefined ? undefined : canonicalLocale(wish.lang)
  if (wish.lang !== undefined && lang === undefined) {
    return refused('lang', `${JSON.stringify(wish.lang)} is no language tag; write en, de or de-AT`)
  }
  const declared = wish.user === undefined ? undefined : readershipOf(rules.tables).person(wish.user)
  if (wish.user !== undefined && declared === undefined) {
    const meant = nearest(wish.user, [...rules.tables.users.keys()])
    const hint = meant === undefined ? '' : `, did you mean ${JSON.stringify(meant)}?`
    return refused('user', `no User ${JSON.stringify(wish.user)} is applied${hint}`)
  }
  const texts = { title, body, link }
  const isOwn = Object.values(texts).some((text) => text !== undefined)
  const { template = null, ...read } = await previewMessage(
    { tables: rules.tables, resources, renderer, now: now() },
    {
      type,
      namespace,
      channelType,
      reader: readerIn(lang, declared),
      payload: wish.payload,
      ...(isOwn && { texts: { ...texts, format } }),
    },
  )
  return { outcome: 'rendered', preview: { event: id, template, ...read, problems: problemsIn(texts) } }
}

function problemsIn(texts: Readonly<Record<string, string | undefined>>): PreviewProblem[] {
  return Object.entries(texts).flatMap(([field, text]) =>
    text === undefined
      ? []
      : compileTemplate(text)
          .findings.map(inText(text))
          .map(({ rule, severity, message, hint }) => {
            return { rule, severity, pointer: `/${field}`, message, hint: hint ?? null }
          }),
  )
}
