import { type IndexView, pagePolicy, renderIndexPage } from '../index-page.js'
import { describeApi } from '../openapi.js'
import { HttpProblem } from '../problem-details.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'

/** How many mocks the page shows. */
const mocksOnPage = 50

/** What tells whether it lives, and what there is to ask. `all` gives the finished table, which holds these too. */
export function serviceRoutes(views: Views, version: string, all: () => readonly Route[]): Route[] {
  let description: unknown
  return [
    {
      method: 'GET',
      path: '/healthz',
      id: 'health',
      summary: 'Alive',
      access: 'open',
      parameters: [],
      schema: 'Health',
      handle: () => ({ json: { status: 'ok' } }),
    },
    {
      method: 'GET',
      path: '/readyz',
      id: 'ready',
      summary: 'Ready once a revision is applied, also while a later one is broken',
      access: 'open',
      parameters: [],
      schema: 'Health',
      errors: [503],
      handle: async () => {
        const { lastAppliedRevision } = await views.status()
        if (lastAppliedRevision === null) {
          throw new HttpProblem(503, 'not-ready', 'no revision is applied yet; /api/v1/status says why', {
            headers: { 'Retry-After': '1' },
          })
        }
        return { json: { status: 'ok' } }
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      id: 'metrics',
      summary: 'Metrics for Prometheus',
      access: 'read',
      parameters: [],
      otherTypes: ['text/plain'],
      handle: async () => {
        const { text, contentType } = await views.metrics()
        return { text, type: contentType }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/openapi.json',
      id: 'openapi',
      summary: 'This description',
      access: 'read',
      parameters: [],
      schema: 'OpenApi',
      handle: () => {
        description ??= describeApi(all(), version)
        return { json: description }
      },
    },
    {
      method: 'GET',
      path: '/',
      id: 'index',
      summary: 'What is served; HTML for browsers',
      access: 'read',
      parameters: [],
      schema: 'Index',
      otherTypes: ['text/html'],
      handle: async ({ wantsHtml }) => {
        const status = await views.status()
        const mocks = await views.mocks.list({}, { limit: mocksOnPage })
        const ready = status.conditions.find(({ type }) => type === 'Ready')
        const view: IndexView = {
          name: 'callboard',
          version,
          source: status.source,
          revision: status.lastAppliedRevision,
          ready:
            ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : `${ready.reason}: ${ready.message}`,
          resources: status.counts.resources,
          mocks: mocks.items,
          links: all().map(({ method, path, summary }) => ({ method, path, summary })),
        }
        if (!wantsHtml) return { json: view }
        const headers = { 'Content-Security-Policy': pagePolicy }
        return { text: renderIndexPage(view), type: 'text/html; charset=utf-8', headers }
      },
    },
  ]
}
