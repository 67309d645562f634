import { listBody } from '../paging.js'
import { patternParameter, quote, repeatedParameter, textParameter } from '../parameter.js'
import { BadRequest, NotFound } from '../problem-details.js'
import { isRevisionReference, shortestPrefix } from '../revision-reference.js'
import { namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import { closest } from '../suggest.js'
import type { ResourceFilter, RevisionView, Views } from '../views.js'
import { namespaceParameter } from './request-parameters.js'

/** How many names are compared when a resource is not found. */
const namesCompared = 500

const kindParameter = textParameter('kind', 'Only this kind', 'Mock')
const labelParameter = repeatedParameter(
  patternParameter('label', 'Only with this label; several must all hold', '^[^=]+=.*$', 'name=value', (text) => {
    const at = text.indexOf('=')
    return { name: text.slice(0, at), value: text.slice(at + 1) }
  }),
)
const tagParameter = textParameter('tag', 'Only with this tag')

/** What is declared, which revisions declared it, and where things stand. */
export function declaredRoutes(views: Views, version: string): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/status',
      id: 'status',
      summary: 'Source, revisions, conditions, counts and problems',
      access: 'read',
      parameters: [],
      schema: 'Status',
      handle: async () => ({ json: { version, ...(await views.status()) } }),
    },
    revisions(views),
    {
      method: 'GET',
      path: '/api/v1/revisions/{rev}',
      id: 'revision',
      summary: 'One revision: what changed, the outcome, its problems',
      access: 'read',
      parameters: [],
      pathParameters: {
        rev: `Generation, or the first ${shortestPrefix} or more characters of the revision or its hash`,
      },
      schema: 'Revision',
      handle: async ({ params }) => ({ json: await findRevision(views, params.rev ?? '') }),
    },
    resources(views),
    {
      method: 'GET',
      path: '/api/v1/resources/{kind}/{namespace}/{name}',
      id: 'resource',
      summary: 'One resource: its spec with secrets masked, where it is declared, its conditions',
      access: 'read',
      parameters: [],
      pathParameters: { kind: 'Kind', namespace: 'Namespace, `-` for none', name: 'Name' },
      schema: 'Resource',
      declaredAt: async ({ kind = '', namespace, name = '' }) =>
        views.resources.get(kind, namespaceOf(namespace), name),
      handle: async ({ params: { kind = '', namespace, name = '' } }) => {
        const resource = await views.resources.get(kind, namespaceOf(namespace), name)
        if (resource === undefined) throw await noResource(views, kind, namespaceOf(namespace), name)
        return { json: resource }
      },
    },
    mocks(views),
  ]
}

function revisions(views: Views): Route {
  const path = '/api/v1/revisions'
  return {
    method: 'GET',
    path,
    id: 'revisions',
    summary: 'History, newest first: who, when, what changed, outcome',
    access: 'read',
    parameters: pageParameters,
    schema: 'RevisionPage',
    handle: async ({ query }) => ({ json: listBody(path, await views.revisions.list(pageRequest(path, query))) }),
  }
}

function resources(views: Views): Route {
  const path = '/api/v1/resources'
  return {
    method: 'GET',
    path,
    id: 'resources',
    summary: 'Applied resources by kind, namespace and name',
    access: 'read',
    parameters: [kindParameter, namespaceParameter, labelParameter, ...pageParameters],
    schema: 'ResourcePage',
    declaredAt: () => undefined,
    handle: async ({ query }) => {
      const kind = query.get(kindParameter)
      const namespace = query.get(namespaceParameter)
      const labels = query.get(labelParameter)
      if (kind !== undefined && !views.resources.kinds().includes(kind)) throw unknownKind(views, kind)
      const filter: ResourceFilter = {
        ...(kind === undefined ? {} : { kind }),
        ...(namespace === undefined ? {} : { namespace: namespaceOf(namespace) }),
        ...(labels === undefined ? {} : { labels }),
      }
      return { json: listBody(path, await views.resources.list(filter, pageRequest(path, query))) }
    },
  }
}

function mocks(views: Views): Route {
  const path = '/api/v1/mocks'
  return {
    method: 'GET',
    path,
    id: 'mocks',
    summary: 'Mocks with their hits and last use',
    access: 'read',
    parameters: [namespaceParameter, tagParameter, ...pageParameters],
    schema: 'MockPage',
    declaredAt: () => undefined,
    handle: async ({ query }) => {
      const namespace = query.get(namespaceParameter)
      const tag = query.get(tagParameter)
      const filter = { ...(namespace === undefined ? {} : { namespace }), ...(tag === undefined ? {} : { tag }) }
      return { json: listBody(path, await views.mocks.list(filter, pageRequest(path, query))) }
    },
  }
}

async function findRevision(views: Views, reference: string): Promise<RevisionView> {
  const found = (await views.revisions.find(reference)).filter((revision) => isRevisionReference(reference, revision))
  const [newest] = found
  if (newest === undefined) {
    throw new NotFound(
      `no revision ${quote(reference)} in the history; give a generation, or ${shortestPrefix} or more characters of a revision`,
    )
  }
  const different = [...new Set(found.map(({ revision }) => revision))]
  if (different.length > 1) {
    throw new BadRequest('rev', `${quote(reference)} begins more than one revision; give more of it`, {
      known: different,
    })
  }
  // The same revision may have been looked at more than once: the time it was applied says most.
  return found.find(({ generation }) => generation !== null) ?? newest
}

function unknownKind(views: Views, kind: string): BadRequest {
  const known = views.resources.kinds()
  const suggestion = closest(kind, known)
  const meant = suggestion === undefined ? '' : `, did you mean ${suggestion}?`
  return new BadRequest('kind', `no kind ${quote(kind)}${meant} (known: ${known.join(', ')})`, {
    known,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}

async function noResource(views: Views, kind: string, namespace: string, name: string): Promise<NotFound> {
  const known = views.resources.kinds()
  if (!known.includes(kind)) {
    const suggestion = closest(kind, known)
    const meant = suggestion === undefined ? '' : `, did you mean ${suggestion}?`
    return new NotFound(`no kind ${quote(kind)}${meant} (known: ${known.join(', ')})`, {
      known,
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }
  const { items } = await views.resources.list({ kind, namespace }, { limit: namesCompared })
  const suggestion = closest(
    name,
    items.map((item) => item.name),
  )
  const where = namespace === '' ? 'without a namespace' : `in namespace ${quote(namespace)}`
  const meant = suggestion === undefined ? '' : `, did you mean ${quote(suggestion)}?`
  return new NotFound(
    `no ${kind} ${quote(name)} ${where} is applied${meant}`,
    suggestion === undefined ? {} : { suggestion },
  )
}
