import type { AuditFilter, AuditView } from '../audit-views.js'
import { listBody } from '../paging.js'
import { momentParameter, type Query, textParameter } from '../parameter.js'
import { namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import { namespaceParameter } from './request-parameters.js'

const path = '/api/v1/audit'

const action = textParameter('action', 'Only this action', 'create_notification_channel')
const kind = textParameter('kind', 'Only what was done to this kind', 'Channel')
const name = textParameter('name', 'Only what was done to things of this name')
const actor = textParameter('actor', 'Only what this one did: a name, or an address')
const revision = textParameter('revision', 'Only under this generation, or revision in full')
const since = momentParameter('since', 'Only from this time on: ISO 8601, or a duration before now')
const until = momentParameter('until', 'Only before this time')

/** Who changed what. */
export function auditRoutes(audit: AuditView): Route[] {
  return [
    {
      method: 'GET',
      path,
      id: 'audit',
      summary:
        'Who created, updated and deleted what, and which operations were run, newest first; a page may be short and still have a next',
      access: 'read',
      parameters: [action, kind, namespaceParameter, name, actor, revision, since, until, ...pageParameters],
      schema: 'AuditPage',
      handle: async ({ query }) => ({
        json: listBody(path, await audit.list(filterOf(query), pageRequest(path, query))),
      }),
    },
  ]
}

/** Only keys that were asked for. */
function filterOf(query: Query): AuditFilter {
  const namespace = query.get(namespaceParameter)
  const given = {
    action: query.get(action),
    kind: query.get(kind),
    namespace: namespace === undefined ? undefined : namespaceOf(namespace),
    name: query.get(name),
    actor: query.get(actor),
    revision: query.get(revision),
    since: query.get(since),
    until: query.get(until),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
