import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpTools } from '../../src/mcp/http.js'
import type { Operations } from '../../src/status/operations.js'
import type { Route } from '../../src/status/route.js'
import type { AnswerTools } from '../../src/status/routes/mcp.js'
import type { Views } from '../../src/status/views.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { type Answer, type Ask, type ControlPort, openControlPort } from './control-port.js'
import { delivery } from './fake-deliveries.js'
import { told } from './fake-notifications.js'
import { FakeController, noon, problem, request, status } from './fake-views.js'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { name: string; in: string; schema: object }[]
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>
}

/** Views and operations of which every use fails. */
function failing<Target extends object>(error: Error): Target {
  const fail = () => {
    throw error
  }
  return new Proxy(fail, { get: () => failing(error), apply: fail }) as unknown as Target
}

const read = 'read-token'
const operate = 'operate-token'
const ports: ControlPort[] = []
let full: ControlPort
let paths: Record<string, Record<string, Operation>>
let schemaNames: string[]
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)

beforeAll(async () => {
  full = await open({ tokens: { read, operate } })
  full.controller.status = status({
    problems: [problem],
    deletionBudget: {
      revision: 'main@sha1:bbbb',
      excesses: [{ namespace: null, pruned: 9, applied: 12, allowed: 6 }],
      hint: 'callboard reconcile --allow-prune main@sha1:bbbb',
    },
  })
  for (const number of [1, 2]) full.controller.record(request(number, { matched: number === 1 }))
  full.controller.record(request(3, { status: null, response: null }))
  const { deliveries } = full.controller
  for (const [index, status] of (['delivered', 'dead_letter', 'pending', 'retrying', 'pending'] as const).entries()) {
    deliveries.put(delivery(index + 1, { status }))
  }
  deliveries.put(delivery(6, { status: 'pending', held: { reason: 'breaker', until: noon }, mock: null, sent: null }))
  for (const [number, status] of [
    [7, 'dead_letter'],
    [8, 'dead_letter'],
    [9, 'retrying'],
  ] as const) {
    deliveries.put(delivery(number, { status, kind: 'notification', notification: told, mock: null, callback: null }))
  }
  deliveries.busy.add('d0006')
  deliveries.busy.add('d0008')
  const { json } = await full.ask('/api/v1/openapi.json', { headers: { authorization: `Bearer ${read}` } })
  paths = json.paths
  schemaNames = Object.keys(json.components.schemas)
  ajv.addSchema(json, 'openapi')
})
afterAll(() => Promise.all(ports.map(({ api }) => api.close())))

async function open(...[options, controller]: Parameters<typeof openControlPort>): Promise<ControlPort> {
  const answerTools = createHttpTools({ version: '1.2.3', onError: () => {} })
  const port = await openControlPort({ answerTools, ...options }, controller)
  ports.push(port)
  return port
}

/** Values that lead to an answer, for the parts of paths and for bodies. */
const found: Readonly<Record<string, string>> = {
  '/api/v1/revisions/{rev}': '/api/v1/revisions/2',
  '/api/v1/resources/{kind}/{namespace}/{name}': '/api/v1/resources/Mock/payments/get-payment',
  '/api/v1/namespaces/{namespace}/webhooks': '/api/v1/namespaces/payments/webhooks',
  '/api/v1/namespaces/{namespace}/webhooks/{name}': '/api/v1/namespaces/payments/webhooks/watch',
  '/api/v1/admin/webhooks/{name}': '/api/v1/admin/webhooks/audit',
  '/api/v1/admin/channels/{id}/test': '/api/v1/admin/channels/payments~alerts/test',
  '/api/v1/admin/channels/{id}/enable': '/api/v1/admin/channels/payments~alerts/enable',
  '/api/v1/digests/{id}/preview': '/api/v1/digests/payments~weekly/preview',
  '/api/v1/digests/{id}/run': '/api/v1/digests/payments~weekly/run',
  '/api/v1/admin/channels/{id}': '/api/v1/admin/channels/payments~alerts',
  '/api/v1/admin/channel-templates/{id}': '/api/v1/admin/channel-templates/deploys',
  '/api/v1/channels/bindings/{id}': '/api/v1/channels/bindings/payments~ann-alerts',
  '/api/v1/channels/preferences/{id}': '/api/v1/channels/preferences/ann-quiet',
  '/api/v1/admin/channel-delivery/dlq/{id}/requeue': '/api/v1/admin/channel-delivery/dlq/d0007/requeue',
  '/api/v1/hooks/{receiver}': '/api/v1/hooks/github',
  '/api/v1/hooks/telegram/{bot}': '/api/v1/hooks/telegram/42',
  '/api/v1/requests/{id}': '/api/v1/requests/r0002',
  '/api/v1/deliveries/{id}': '/api/v1/deliveries/d0002',
  '/api/v1/deliveries/{id}/requeue': '/api/v1/deliveries/d0002/requeue',
  '/api/v1/deliveries/{id}/cancel': '/api/v1/deliveries/d0003/cancel',
  '/api/v1/deliveries/{id}/fire': '/api/v1/deliveries/d0004/fire',
  '/api/v1/stores/global/{namespace}': '/api/v1/stores/global/payments',
  '/api/v1/stores/chain/{namespace}/{chainId}': '/api/v1/stores/chain/payments/a%2Fb',
}
/** Queries without which a route does not answer. */
const queries: Readonly<Record<string, string>> = {
  'GET /api/v1/explain/request': 'path=/orders',
  'GET /api/v1/explain/event': 'type=deploy.success',
  'POST /api/v1/deliveries/requeue': 'dryRun=true',
  'POST /api/v1/deliveries/cancel': 'dryRun=true&status=held',
  'POST /api/v1/deliveries/fire': 'dryRun=true&status=pending,retrying',
}
/** Paths and queries that a route answers with 409, or says of that it cannot. */
const conflicts: Readonly<Record<string, string>> = {
  '/api/v1/deliveries/{id}/requeue': '/api/v1/deliveries/d0001/requeue',
  '/api/v1/deliveries/{id}/cancel': '/api/v1/deliveries/d0006/cancel',
  '/api/v1/deliveries/{id}/fire': '/api/v1/deliveries/d0001/fire',
  '/api/v1/admin/channel-delivery/dlq/{id}/requeue': '/api/v1/admin/channel-delivery/dlq/d0008/requeue',
  '/api/v1/deliveries/requeue': '/api/v1/deliveries/requeue?confirm=nothing',
  '/api/v1/deliveries/cancel': '/api/v1/deliveries/cancel?confirm=nothing',
  '/api/v1/deliveries/fire': '/api/v1/deliveries/fire?confirm=nothing',
  '/api/v1/explain/event': '/api/v1/explain/event?type=deploy.sucess',
}
const bodies: Readonly<Record<string, object>> = {
  '/api/v1/explain/request': { path: '/orders' },
  '/api/v1/explain/event': { event: { type: 'deploy.success' } },
  '/api/v1/admin/channel-templates/preview': { event: 'deploy.success', body: 'Done' },
  '/api/v1/requests/verify': { method: 'GET', path: '/nothing-like-it' },
  '/api/v1/events': { type: 'deploy.success' },
  '/api/v1/channels/telegram/connect': { user: 'ann', channel: 'bot' },
  '/api/v1/messages': { channel: 'payments~alerts', title: 'Done', text: 'All of it', wait: 0 },
  '/api/v1/messages/direct': { type: 'slack', config: { botToken: 'xoxb-1' }, title: 'Done', text: '' },
  '/api/v1/validate': { files: { 'a.yaml': 'a: 1' } },
  '/api/v1/plan': { files: { 'a.yaml': 'a: 1' }, alone: true },
  '/mcp': { jsonrpc: '2.0', id: 1, method: 'ping' },
}
/** Bodies that a route answers with something else. */
const refused: Readonly<Record<string, readonly object[]>> = {
  '/api/v1/hooks/{receiver}': [{ refused: 'signature' }, { refused: 'rate' }, { refused: 'secret' }],
  '/api/v1/explain/event': [
    { event: { type: 'deploy.sucess' } },
    { event: { type: 'deploy.success' }, revision: '99' },
  ],
  '/api/v1/admin/channels/{id}/test': [{ user: 'ann' }],
  '/api/v1/channels/telegram/connect': [
    { user: 'ben', channel: 'bot' },
    { user: 'ann', channel: 'fixed' },
  ],
  '/api/v1/messages': [
    { channel: 'alerts', title: 'Done', text: '' },
    { channel: 'secret/alerts', title: 'Done', text: '' },
    { channel: 'payments/alerts', title: 'too many', text: '' },
  ],
  '/api/v1/messages/direct': [
    { type: 'slack', config: {}, title: 'too many', text: '' },
    { type: 'slak', config: {}, title: 'Done', text: '' },
  ],
  '/api/v1/events': [
    [{ type: 'deploy.success' }, { type: 'deploy.success' }],
    { type: 'deploy.sucess' },
    { type: 'deploy.success', id: 'taken' },
  ],
}

function pathOf({ path, method }: Route, { missing = false, query = '' } = {}): string {
  const filled = missing ? path.replace(/\{\w+\}/g, 'zzzz') : (found[path] ?? path)
  const required = queries[`${method} ${path}`] ?? ''
  const all = [required, query].filter((part) => part !== '').join('&')
  return all === '' ? filled : `${filled}?${all}`
}

function callOf(route: Route, headers: Record<string, string> = {}, body?: string): Ask {
  if (route.method === 'GET') {
    const enough = route.otherTypes?.includes('text/event-stream') ? { enough: (text: string) => text !== '' } : {}
    return { headers: { authorization: `Bearer ${operate}`, ...headers }, ...enough }
  }
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${operate}`, 'content-type': 'application/json', ...headers },
    body: body ?? JSON.stringify(bodies[route.path] ?? {}),
  }
}

/** Fails unless the answer is one that the description has for this route. */
function check(route: Route, answer: Answer): void {
  const where = `${route.method} ${route.path} ${answer.status}`
  const response = paths[route.path]?.[route.method.toLowerCase()]?.responses[answer.status]
  expect(response, `${where} is described`).toBeDefined()
  const type = String(answer.headers['content-type']).split(';')[0] ?? ''
  const content = response?.content?.[type]
  expect(content, `${where} is described in ${type}`).toBeDefined()
  if (!type.includes('json')) return
  const pointer = `#/paths/${route.path.replace(/~/g, '~0').replace(/\//g, '~1').replace(/[{}]/g, encodeURIComponent)}/${route.method.toLowerCase()}/responses/${answer.status}/content/${type.replace('/', '~1')}/schema`
  const validate = ajv.getSchema(`openapi${pointer}`)
  expect(validate, `${where} has a schema`).toBeDefined()
  expect([validate?.(answer.json), validate?.errors], where).toEqual([true, null])
}

describe('openapi.json', () => {
  it('has every route once, and nothing else', () => {
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual(full.api.routes.map(({ method, path }) => `${method} ${path}`).sort())
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('describes every part of a path', () => {
    for (const [path, item] of Object.entries(paths)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { parameters } of Object.values(item)) {
        expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(parts)
      }
    }
  })

  it('has schemas that compile', () => {
    for (const name of schemaNames) expect(ajv.getSchema(`openapi#/components/schemas/${name}`)).toBeDefined()
    for (const item of Object.values(paths)) {
      for (const { parameters } of Object.values(item)) for (const { schema } of parameters) ajv.compile(schema)
    }
  })

  it('a closed schema notices a field too many, so that these tests can fail', async () => {
    const validate = ajv.getSchema('openapi#/components/schemas/Condition')
    const [condition] = full.controller.status.conditions
    expect(validate?.(condition)).toBe(true)
    expect(validate?.({ ...condition, more: 1 })).toBe(false)
    expect(validate?.({ ...condition, lastTransitionTime: 'yesterday' })).toBe(false)
  })

  it('describes every answer that every route gives, good and bad', async () => {
    const closed = await open({ tokens: {} })
    const emptyController = new FakeController()
    emptyController.status = status({ lastAppliedRevision: null, conditions: [] })
    const empty = await open({ tokens: { read, operate } }, emptyController)
    const broken = (error: Error) =>
      open({
        views: failing<Views>(error),
        operations: failing<Operations>(error),
        answerTools: failing<AnswerTools>(error),
        tokens: { read, operate },
      })
    const [failed, unavailable] = [await broken(new Error('broken')), await broken(new StoreUnavailable('full'))]
    for (const route of full.api.routes) {
      const path = pathOf(route)
      const good = await full.ask(path, callOf(route))
      expect(`${route.path} ${good.status}`).toBe(`${route.path} ${route.status ?? 200}`)
      const answers = [
        good,
        await full.ask(path, callOf(route, { accept: 'text/html' })),
        await full.ask(pathOf(route, { query: 'unknown=1' }), callOf(route)),
        await full.ask(path, { ...callOf(route), method: 'DELETE' }),
        await full.ask(path, callOf(route, { host: 'elsewhere.example' })),
        await full.ask(path, callOf(route, { origin: 'https://elsewhere.example' })),
        await full.ask(path, callOf(route, { authorization: 'Bearer wrong' })),
        await full.ask(path, callOf(route, { authorization: `Bearer ${read}` })),
        await closed.ask(path, callOf(route)),
        await full.ask(pathOf(route, { missing: true }), callOf(route)),
        await full.ask(path, callOf(route, { 'content-type': 'text/plain' })),
        await empty.ask(path, callOf(route)),
        await failed.ask(path, callOf(route)),
      ]
      const maxBytes = (route.body ?? route.rawBody)?.maxBytes
      if (maxBytes !== undefined) {
        answers.push(
          await full.ask(path, callOf(route, {}, `"${' '.repeat(maxBytes)}"`)),
          await full.ask(path, callOf(route, {}, '{"unknown":1}')),
          await full.ask(path, callOf(route, {}, '{')),
        )
      }
      for (const body of refused[route.path] ?? []) {
        answers.push(await full.ask(path, callOf(route, {}, JSON.stringify(body))))
      }
      const conflict = conflicts[route.path]
      if (conflict !== undefined) answers.push(await full.ask(conflict, callOf(route)))
      if (route.errors?.includes(503)) answers.push(await unavailable.ask(path, callOf(route)))
      for (const answer of answers) check(route, answer)

      const described = Object.keys(paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {}).map(Number)
      const seen = new Set(answers.map((answer) => answer.status))
      // These two ask nobody who could fail.
      const impossible = route.path === '/healthz' || route.path === '/api/v1/openapi.json' ? [500] : []
      expect([route.path, described.filter((one) => !seen.has(one))]).toEqual([route.path, impossible])
    }
  })
})
