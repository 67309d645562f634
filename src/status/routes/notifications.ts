// Channels, bindings, preferences, templates and deliveries at the paths where clients of other products look for them.
// All of it is declared: a call that would change it is told where.
import { anyJson, type JsonSchema, text } from '../json-schema.js'
import type { NotificationsView, PreviewWish } from '../notification-views.js'
import { listBody, pageOf } from '../paging.js'
import { quote, textParameter } from '../parameter.js'
import { BadRequest, NotFound } from '../problem-details.js'
import { namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import { closest } from '../suggest.js'
import type { Page, PageRequest, ResourceView, Views } from '../views.js'
import {
  availableRow,
  bindingRow,
  channelRow,
  preferenceRow,
  resolveReference,
  specOf,
  templateRow,
} from './notification-rows.js'
import { namespaceParameter } from './request-parameters.js'

const userParameter = textParameter('user', 'What concerns this User: a name', 'ann')

/** How many names are compared when something is not found. */
const namesCompared = 500

/** One kind of declared thing, as a list and one by one. */
interface Projection {
  readonly path: string
  readonly kind: string
  readonly id: string
  readonly one: string
  readonly schema: string
  readonly summary: string
  readonly row: (resource: ResourceView, views: Views) => unknown
  /** Whether a person's list has it. Absent: there are no lists of persons. */
  readonly concerns?: (resource: ResourceView, user: ResourceView) => boolean
}

const projections: readonly Projection[] = [
  {
    path: '/api/v1/admin/channels',
    kind: 'Channel',
    id: 'adminChannels',
    one: 'adminChannel',
    schema: 'Channel',
    summary: 'channels, secrets masked',
    row: (channel, { notifications }) => channelRow(channel, notifications.types()),
  },
  {
    path: '/api/v1/admin/channel-templates',
    kind: 'Template',
    id: 'channelTemplates',
    one: 'channelTemplate',
    schema: 'ChannelTemplate',
    summary: 'templates of messages',
    row: (template) => templateRow(template),
  },
  {
    path: '/api/v1/channels/bindings',
    kind: 'UserBinding',
    id: 'channelBindings',
    one: 'channelBinding',
    schema: 'ChannelBinding',
    summary: 'people and the channels they are reached on',
    row: async (binding, views) => {
      const { channel } = specOf(binding)
      return bindingRow(binding, await resolveReference(views, 'Channel', String(channel), binding.namespace))
    },
    concerns: (binding, user) => isUser(specOf(binding).user, user),
  },
  {
    path: '/api/v1/channels/preferences',
    kind: 'Preference',
    id: 'notificationPreferences',
    one: 'notificationPreference',
    schema: 'NotificationPreference',
    summary: 'what people want to hear; of a person also what holds for everybody',
    row: (preference) => preferenceRow(preference),
    concerns: (preference, user) => {
      const { user: said } = specOf(preference)
      return said === undefined ? seesNamespace(user, preference.namespace) : isUser(said, user)
    },
  },
]

const largestPreview = 1024 * 1024
const previewBody: JsonSchema = {
  type: 'object',
  properties: {
    event: text('Event type', { minLength: 1, maxLength: 253 }),
    channelType: text('As it is looked up for a channel of this type', { minLength: 1, maxLength: 63 }),
    lang: text('As it is looked up for this language', { minLength: 1, maxLength: 63 }),
    namespace: text('Of the event', { maxLength: 253 }),
    user: text('Name of a User, who would read it', { minLength: 1, maxLength: 253 }),
    title: text('Nunjucks. Without title, body and link: the Template that is applied', { maxLength: 100_000 }),
    body: text('Nunjucks', { maxLength: 100_000 }),
    link: text('Nunjucks', { maxLength: 100_000 }),
    format: { description: 'How the body is written', enum: ['rich', 'plain', 'native'] },
    payload: anyJson("Default: the event type's sample"),
  },
  required: ['event'],
  additionalProperties: false,
}

export function notificationRoutes(views: Views): Route[] {
  const { notifications } = views
  return [
    channelTypes(notifications),
    snippets(notifications),
    preview(notifications),
    catalog(notifications),
    availableChannels(views),
    ...projections.flatMap((projection) => [listRoute(views, projection), oneRoute(views, projection)]),
  ]
}

function listRoute(views: Views, projection: Projection): Route {
  const { path, kind, id, schema, summary, row, concerns } = projection
  const filter = concerns === undefined ? namespaceParameter : userParameter
  return {
    method: 'GET',
    path,
    id,
    summary: `Applied ${summary}`,
    access: 'read',
    parameters: [filter, ...pageParameters],
    schema: `${schema}Page`,
    declaredAt: () => undefined,
    declaredBeside: async (search) => {
      const name = new URLSearchParams(search).get('user')
      const user = name === null ? undefined : await views.resources.get('User', '', name)
      const isTheirs = (resource: ResourceView) => user === undefined || concerns?.(resource, user) !== false
      const { items } = await gather(views, { kind }, { limit: 1 }, isTheirs)
      return items[0]
    },
    handle: async ({ query }) => {
      const namespace = query.get(namespaceParameter)
      const name = query.get(userParameter)
      const user = name === undefined ? undefined : await findUser(views, name)
      const scope = { kind, ...(namespace === undefined ? {} : { namespace: namespaceOf(namespace) }) }
      const matches = (resource: ResourceView) => user === undefined || concerns?.(resource, user) !== false
      const { items, next } = await gather(views, scope, pageRequest(path, query), matches)
      const rows = []
      for (const item of items) rows.push(await row(item, views))
      return { json: listBody(path, { items: rows, ...(next === undefined ? {} : { next }) }) }
    },
  }
}

function oneRoute(views: Views, { path, kind, one, schema, summary, row }: Projection): Route {
  const find = ({ id = '' }: Readonly<Record<string, string>>) => {
    const { namespace, name } = parseId(id)
    return views.resources.get(kind, namespace, name)
  }
  return {
    method: 'GET',
    path: `${path}/{id}`,
    id: one,
    summary: `One of the ${summary}`,
    access: 'read',
    parameters: [],
    pathParameters: { id: '`name`, or `namespace~name`' },
    schema,
    declaredAt: find,
    handle: async ({ params }) => {
      const found = await find(params)
      if (found === undefined) throw await nothingOf(views, kind, params.id ?? '')
      return { json: await row(found, views) }
    },
  }
}

/** Channels that a person can have messages from. */
function availableChannels(views: Views): Route {
  const path = '/api/v1/channels'
  return {
    method: 'GET',
    path,
    id: 'availableChannels',
    summary:
      'Channels that people can be reached on; of a person those of their namespaces, and whether they are bound',
    access: 'read',
    parameters: [userParameter, ...pageParameters],
    schema: 'AvailableChannelPage',
    declaredAt: () => undefined,
    handle: async ({ query }) => {
      const name = query.get(userParameter)
      const user = name === undefined ? undefined : await findUser(views, name)
      const types = views.notifications.types()
      const connected = user && (await channelsOf(views, user))
      const matches = (channel: ResourceView) => user === undefined || seesNamespace(user, channel.namespace)
      const { items, next } = await gather(views, { kind: 'Channel' }, pageRequest(path, query), matches)
      const rows = items.map((channel) => availableRow(channel, types, connected))
      return { json: listBody(path, { items: rows, ...(next === undefined ? {} : { next }) }) }
    },
  }
}

function channelTypes(notifications: NotificationsView): Route {
  const path = '/api/v1/admin/channels/types'
  return {
    method: 'GET',
    path,
    id: 'channelTypes',
    summary: 'Types of channels: how to set one up, the schema of its configuration, whom it reaches',
    access: 'read',
    parameters: pageParameters,
    schema: 'ChannelTypePage',
    handle: ({ query }) => {
      return {
        json: listBody(
          path,
          pageOf(notifications.types(), ({ type }) => type, pageRequest(path, query)),
        ),
      }
    },
  }
}

function snippets(notifications: NotificationsView): Route {
  const path = '/api/v1/admin/channel-templates/snippets'
  return {
    method: 'GET',
    path,
    id: 'templateSnippets',
    summary: 'Pieces of templates to begin with',
    access: 'read',
    parameters: pageParameters,
    schema: 'TemplateSnippetPage',
    handle: ({ query }) => {
      const sorted = [...notifications.snippets()].sort((a, b) => (a.id < b.id ? -1 : 1))
      return {
        json: listBody(
          path,
          pageOf(sorted, ({ id }) => id, pageRequest(path, query)),
        ),
      }
    },
  }
}

function preview(notifications: NotificationsView): Route {
  return {
    method: 'POST',
    path: '/api/v1/admin/channel-templates/preview',
    id: 'previewTemplate',
    summary: 'A message as it would be, with the sample of its event or a payload of your own; keeps and sends nothing',
    access: 'operate',
    parameters: [],
    body: { schema: previewBody, maxBytes: largestPreview },
    schema: 'TemplatePreview',
    handle: async ({ body }) => {
      const result = await notifications.preview(body as PreviewWish)
      if (result.outcome === 'refused') throw new BadRequest(result.field, result.message)
      return { json: result.preview }
    },
  }
}

function catalog(notifications: NotificationsView): Route {
  const path = '/api/v1/notifications/catalog'
  return {
    method: 'GET',
    path,
    id: 'eventCatalog',
    summary: 'Event types, built in and declared, with their defaults',
    access: 'read',
    parameters: [namespaceParameter, ...pageParameters],
    schema: 'EventTypeEntryPage',
    declaredAt: () => undefined,
    handle: ({ query }) => {
      const namespace = query.get(namespaceParameter)
      const wanted = namespace === undefined ? undefined : namespaceOf(namespace)
      const entries = notifications
        .catalog()
        .filter((entry) => wanted === undefined || entry.namespace === null || entry.namespace === wanted)
      const key = ({ id, namespace: space }: (typeof entries)[number]) => `${id} ${space ?? ''}`
      return { json: listBody(path, pageOf(entries, key, pageRequest(path, query))) }
    },
  }
}

/** A page of whole resources that match. */
async function gather(
  views: Views,
  scope: { readonly kind: string; readonly namespace?: string },
  { limit, after }: PageRequest,
  matches: (resource: ResourceView) => boolean,
): Promise<Page<ResourceView>> {
  const items: ResourceView[] = []
  for (let at = after; ; ) {
    const wanted = { limit: limit - items.length, ...(at === undefined ? {} : { after: at }) }
    const page = await views.resources.list(scope, wanted)
    for (const { kind, namespace, name } of page.items) {
      const resource = await views.resources.get(kind, namespace, name)
      // What was pruned in between is left out.
      if (resource !== undefined && matches(resource)) items.push(resource)
    }
    if (page.next === undefined) return { items }
    if (items.length >= limit) return { items, next: page.next }
    at = page.next
  }
}

/** Ids of the channels that a person is bound to. */
async function channelsOf(views: Views, user: ResourceView): Promise<ReadonlySet<string>> {
  const everything = { limit: Number.MAX_SAFE_INTEGER }
  const isTheirs = (binding: ResourceView) => isUser(specOf(binding).user, user) && specOf(binding).enabled !== false
  const { items } = await gather(views, { kind: 'UserBinding' }, everything, isTheirs)
  const ids = new Set<string>()
  for (const binding of items) {
    const channel = await resolveReference(views, 'Channel', String(specOf(binding).channel), binding.namespace)
    if (channel !== undefined) ids.add(channel.id)
  }
  return ids
}

function isUser(written: unknown, { name }: ResourceView): boolean {
  return written === name || written === `/${name}`
}

/** Members belong to namespaces; what belongs to none is for all, and admins see everything. */
function seesNamespace(user: ResourceView, namespace: string): boolean {
  const { role, namespaces } = specOf(user)
  return (
    namespace === '' || role === 'admin' || (Array.isArray(namespaces) && namespaces.some((one) => one === namespace))
  )
}

async function findUser(views: Views, name: string): Promise<ResourceView> {
  const user = await views.resources.get('User', '', name)
  if (user !== undefined) return user
  const { items } = await views.resources.list({ kind: 'User' }, { limit: namesCompared })
  const suggestion = closest(
    name,
    items.map((item) => item.name),
  )
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  throw new BadRequest('user', `no User ${quote(name)} is applied${meant}`)
}

function parseId(id: string): { readonly namespace: string; readonly name: string } {
  const separator = id.indexOf('~')
  return { namespace: id.slice(0, Math.max(0, separator)), name: id.slice(separator + 1) }
}

async function nothingOf(views: Views, kind: string, id: string): Promise<NotFound> {
  const { items } = await views.resources.list({ kind }, { limit: namesCompared })
  const suggestion = closest(
    id,
    items.map((item) => item.id),
  )
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  return new NotFound(`no ${kind} ${quote(id)} is applied${meant}`, suggestion === undefined ? {} : { suggestion })
}
