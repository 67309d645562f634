import type { Json } from '../../expression/json.js'
import { listBody } from '../paging.js'
import { quote } from '../parameter.js'
import { NotFound } from '../problem-details.js'
import { pageParameters, pageRequest, type Route } from '../route.js'
import { closest } from '../suggest.js'
import type { Page, PageRequest, ResourceView, Views } from '../views.js'
import type { WebhookView } from '../webhook-view.js'

interface Place {
  readonly kind: 'NamespaceWebhook' | 'AdminWebhook'
  /** Where lists are; the name follows. */
  readonly path: string
  readonly id: string
  readonly what: string
  readonly pathParameters?: Readonly<Record<string, string>>
  /** From the parts of the path. */
  namespace(params: Readonly<Record<string, string>>): string
}

const places: readonly Place[] = [
  {
    kind: 'NamespaceWebhook',
    path: '/api/v1/namespaces/{namespace}/webhooks',
    id: 'namespaceWebhook',
    what: 'webhooks on changes in a namespace',
    pathParameters: { namespace: 'Namespace' },
    namespace: ({ namespace = '' }) => namespace,
  },
  {
    kind: 'AdminWebhook',
    path: '/api/v1/admin/webhooks',
    id: 'adminWebhook',
    what: 'webhooks on changes of namespaces, users and the system',
    namespace: () => '',
  },
]

/** How many names are compared when a webhook is not found. */
const namesCompared = 500

/** Webhooks on changes, at the paths where people look for them. */
export function webhookRoutes(views: Views): Route[] {
  return places.flatMap((place) => [listRoute(views, place), oneRoute(views, place)])
}

function listRoute(views: Views, { kind, path, id, what, pathParameters, namespace }: Place): Route {
  return {
    method: 'GET',
    path,
    id: `${id}s`,
    summary: `Applied ${what}, by name`,
    access: 'read',
    parameters: pageParameters,
    ...(pathParameters === undefined ? {} : { pathParameters }),
    schema: 'WebhookPage',
    declaredAt: () => undefined,
    handle: async ({ params, query }) => {
      const page = pageRequest(path, query)
      if (kind === 'NamespaceWebhook') await assertNamespace(views, namespace(params))
      return { json: listBody(path, await pageOfWebhooks(views, kind, namespace(params), page)) }
    },
  }
}

function oneRoute(views: Views, { kind, path, id, what, pathParameters = {}, namespace }: Place): Route {
  return {
    method: 'GET',
    path: `${path}/{name}`,
    id,
    summary: `One of the ${what}`,
    access: 'read',
    parameters: [],
    pathParameters: { ...pathParameters, name: 'Name' },
    schema: 'Webhook',
    declaredAt: async (params) => views.resources.get(kind, namespace(params), params.name ?? ''),
    handle: async ({ params }) => {
      const found = await views.resources.get(kind, namespace(params), params.name ?? '')
      if (found === undefined) throw await noWebhook(views, kind, namespace(params), params.name ?? '')
      return { json: webhookView(found) }
    },
  }
}

/** A namespace is there while it is declared, or something is in it. */
async function assertNamespace(views: Views, namespace: string): Promise<void> {
  const { items } = await views.resources.list({ namespace }, { limit: 1 })
  if (items.length > 0 || (await views.resources.get('Namespace', '', namespace)) !== undefined) return
  throw new NotFound(`there is no namespace ${quote(namespace)}: nothing that is applied is in it`)
}

async function pageOfWebhooks(
  views: Views,
  kind: Place['kind'],
  namespace: string,
  page: PageRequest,
): Promise<Page<WebhookView>> {
  const { items, next } = await views.resources.list({ kind, namespace }, page)
  const found = await Promise.all(items.map(({ name }) => views.resources.get(kind, namespace, name)))
  // What was pruned between the two is left out.
  const webhooks = found.flatMap((resource) => (resource === undefined ? [] : [webhookView(resource)]))
  return { items: webhooks, ...(next === undefined ? {} : { next }) }
}

function webhookView({ spec: declared, annotations: _, ...resource }: ResourceView): WebhookView {
  const spec = declared as { readonly [field: string]: Json }
  const { operation = [], enabled = true, type = 'http', timeout = 30, retryCount = 0, retryDelay = 1 } = spec
  const isHttp = type === 'http'
  return {
    id: resource.id,
    namespace: resource.namespace === '' ? null : resource.namespace,
    name: resource.name,
    operations: (Array.isArray(operation) ? operation : [operation]) as string[],
    enabled: enabled as boolean,
    type: type as string,
    url: isHttp ? (spec.url ?? null) : null,
    method: isHttp ? ((spec.method as string | undefined) ?? 'POST') : null,
    body: spec.body ?? null,
    timeout: timeout as number,
    retryCount: retryCount as number,
    retryDelay: retryDelay as number,
    spec,
    labels: resource.labels,
    file: resource.file,
    line: resource.line,
    conditions: resource.conditions,
  }
}

async function noWebhook(views: Views, kind: string, namespace: string, name: string): Promise<NotFound> {
  const { items } = await views.resources.list({ kind, namespace }, { limit: namesCompared })
  const known = items.map((item) => item.name)
  const suggestion = closest(name, known)
  const where = namespace === '' ? '' : ` in namespace ${quote(namespace)}`
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  return new NotFound(
    `no ${kind} ${quote(name)}${where} is applied${meant}`,
    suggestion === undefined ? {} : { suggestion },
  )
}
