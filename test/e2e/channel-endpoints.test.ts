// Every endpoint that Mockarty's documentation of notification channels lists, asked of a running controller.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { ask, type Reply } from './ask.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'
import { operateToken } from './running.js'

const canary = 'xoxb-canary-0123456789'
/** Nobody listens there, and nobody may: refused at once, so that it is a dead letter. */
const forbidden = 'http://169.254.1.1/hook'

const files = (url: string) => ({
  'channels.yaml': [
    doc('Channel', 'bot', { type: 'slack', config: { botToken: canary, baseUrl: url }, displayName: 'The bot' }),
    doc('Channel', 'dead', { type: 'webhook', config: { url: forbidden }, events: { 'test.run.failed': true } }),
    doc('Channel', 'slow', {
      type: 'webhook',
      config: { url: 'http://127.0.0.1:9/hook' },
      events: { 'test.run.failed': true },
      retry: { maxRetries: 100, baseDelay: 600, maxDelay: 86_400 },
    }),
  ].join('\n---\n'),
  'people.yaml': [
    doc('User', 'ann', { email: 'ann@example.com' }),
    doc('User', 'ben', { email: 'ben@example.com' }),
    doc('UserBinding', 'ann-bot', { user: 'ann', channel: 'bot' }),
    doc('Preference', 'ann', { user: 'ann', events: { 'agent.*': false } }),
    doc('Preference', 'everybody', { events: { 'test.run.completed': false } }),
    doc('Template', 'failed', { event: 'test.run.failed', title: 'Failed: {{ payload.collection.name }}' }),
  ].join('\n---\n'),
})

function start(): Promise<NotifyingWorld> {
  return NotifyingWorld.start(files, undefined, { network: { allow: ['127.0.0.1:9'] } })
}

interface Endpoint {
  readonly method: string
  /** As documented. */
  readonly path: string
  /** What is asked for, where the path has parameters. */
  readonly at?: string
  readonly body?: unknown
  readonly status: number
  /** Of a refusal: where the answer leads. */
  readonly declared?: RegExp
  /** Where another of the sort is declared. */
  readonly beside?: RegExp
}

interface Refusal {
  readonly source: string
  readonly file?: string
  readonly line?: number
  readonly beside?: { readonly file: string; readonly line: number }
  readonly detail: string
}

const source = /config$/

const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/api/v1/admin/channels', status: 200 },
  { method: 'GET', path: '/api/v1/admin/channels/types', status: 200 },
  { method: 'POST', path: '/api/v1/admin/channels', status: 405, declared: source, beside: /^channels\.yaml:\d+$/ },
  { method: 'PUT', path: '/api/v1/admin/channels/:id', at: 'dead', status: 405, declared: /^channels\.yaml:3$/ },
  { method: 'DELETE', path: '/api/v1/admin/channels/:id', at: 'dead', status: 405, declared: /^channels\.yaml:3$/ },
  { method: 'POST', path: '/api/v1/admin/channels/:id/test', at: 'dead', body: {}, status: 200 },
  { method: 'GET', path: '/api/v1/admin/channel-delivery/dlq', status: 200 },
  { method: 'GET', path: '/api/v1/admin/channel-delivery/retry-queue', status: 200 },
  { method: 'POST', path: '/api/v1/admin/channel-delivery/dlq/:id/requeue', body: {}, status: 200 },
  { method: 'GET', path: '/api/v1/admin/channel-templates', status: 200 },
  {
    method: 'POST',
    path: '/api/v1/admin/channel-templates',
    status: 405,
    declared: source,
    beside: /^people\.yaml:11$/,
  },
  {
    method: 'DELETE',
    path: '/api/v1/admin/channel-templates/:id',
    at: 'failed',
    status: 405,
    declared: /^people\.yaml:11$/,
  },
  {
    method: 'POST',
    path: '/api/v1/admin/channel-templates/preview',
    body: { event: 'test.run.failed', title: 'Preview of {{ event.type }}' },
    status: 200,
  },
  { method: 'GET', path: '/api/v1/admin/channel-templates/snippets', status: 200 },
  { method: 'GET', path: '/api/v1/notifications/catalog', status: 200 },
  { method: 'GET', path: '/api/v1/channels', status: 200 },
  { method: 'GET', path: '/api/v1/channels/bindings', status: 200 },
  { method: 'POST', path: '/api/v1/channels/bindings', status: 405, declared: source, beside: /^people\.yaml:5$/ },
  { method: 'PUT', path: '/api/v1/channels/bindings/:id', at: 'ann-bot', status: 405, declared: /^people\.yaml:5$/ },
  { method: 'DELETE', path: '/api/v1/channels/bindings/:id', at: 'ann-bot', status: 405, declared: /^people\.yaml:5$/ },
  {
    method: 'POST',
    path: '/api/v1/channels/telegram/connect',
    body: { user: 'ann', channel: 'bot' },
    // The channel is none of Telegram's.
    status: 409,
  },
  { method: 'GET', path: '/api/v1/channels/preferences', status: 200 },
  { method: 'PUT', path: '/api/v1/channels/preferences', status: 405, declared: source, beside: /^people\.yaml:7$/ },
]

function call(world: NotifyingWorld, method: string, path: string, body?: unknown): Promise<Reply> {
  const headers = { authorization: `Bearer ${operateToken}`, 'content-type': 'application/json' }
  return ask(world.running.control + path, { method, headers, ...(body === undefined ? {} : { body }) })
}

interface Row {
  readonly id: string
  readonly status: string
  readonly [field: string]: unknown
}

async function rows(world: NotifyingWorld, path: string): Promise<readonly Row[]> {
  return (await world.running.see<{ items: Row[] }>(path)).items
}

/** One message that is dead, and one that waits for its next attempt. */
async function undelivered(world: NotifyingWorld): Promise<{ readonly dead: Row; readonly waiting: Row }> {
  await world.accepted({ id: 'e-1', source: 'ci', type: 'test.run.failed', payload: { collection: { name: 'Shop' } } })
  return eventually('one is dead and one waits', async () => {
    const [dead] = await rows(world, '/api/v1/admin/channel-delivery/dlq?event=test.run.failed')
    const [waiting] = await rows(world, '/api/v1/admin/channel-delivery/retry-queue?event=test.run.failed')
    return dead !== undefined && waiting !== undefined && { dead, waiting }
  })
}

describe('the endpoints of notification channels', () => {
  it('are all answered: reading shows what is declared, writing leads to the file, and nothing shows a secret', async () => {
    const world = await start()
    const { dead } = await undelivered(world)
    const api = (await call(world, 'GET', '/api/v1/openapi.json')).json as {
      paths: Record<string, Record<string, unknown>>
    }
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    ajv.addSchema(api as object, 'api')
    for (const { method, path, at = dead.id, body, status, declared, beside } of endpoints) {
      const where = `${method} ${path}`
      const reply = await call(world, method, path.replace(':id', at), body)
      expect(`${where} ${reply.status}`, reply.text).toBe(`${where} ${status}`)
      expect(reply.text, where).not.toContain('canary')
      const template = path.replace(':id', '{id}')
      if (status === 405) {
        const problem = reply.json as Refusal
        expect(reply.headers['content-type'], where).toContain('application/problem+json')
        expect(reply.headers.allow, where).toContain('GET')
        const place = problem.file === undefined ? problem.source : `${problem.file}:${problem.line}`
        expect(place, where).toMatch(declared as RegExp)
        expect(problem.detail, where).toContain(place)
        const other = problem.beside && `${problem.beside.file}:${problem.beside.line}`
        expect(other ?? '', where).toMatch(beside ?? /^$/)
        expect(problem.detail, where).toContain(other ?? '')
      } else if (status === 200) {
        const pointer = `api#/paths/${template.replaceAll('/', '~1').replace(/[{}]/g, encodeURIComponent)}/${method.toLowerCase()}/responses/200/content/application~1json/schema`
        const validate = ajv.getSchema(pointer)
        expect([where, validate?.(reply.json), validate?.errors]).toEqual([where, true, null])
        if (method === 'GET') expect((reply.json as { items: unknown[] }).items, where).not.toEqual([])
      }
    }
    expect(endpoints).toHaveLength(23)
  })

  it('lead to the preferences of the person that is meant', async () => {
    const world = await start()
    const { json } = await call(world, 'PUT', '/api/v1/channels/preferences?user=ben', {})
    expect((json as Refusal).detail).toMatch(/, as at people\.yaml:9$/)
  })

  it('show the rows of the delivery log', async () => {
    const world = await start()
    const { dead, waiting } = await undelivered(world)
    expect(dead).toMatchObject({
      status: 'dead_letter',
      retry_count: 0,
      max_retries: 5,
      next_retry_at: null,
      channel: 'dead',
      channel_type: 'webhook',
      user: null,
      event_type: 'test.run.failed',
      event_id: 'e-1',
      error_class: 'guard',
    })
    expect(waiting).toMatchObject({ status: 'retrying', retry_count: 0, max_retries: 100, error_class: 'network' })
    expect(waiting.next_retry_at).toEqual(expect.any(String))
    const requeued = await world.running.operate(`/api/v1/admin/channel-delivery/dlq/${dead.id}/requeue`)
    expect(requeued.json).toMatchObject({ id: dead.id })
    expect((await world.running.operate(`/api/v1/admin/channel-delivery/dlq/${waiting.id}/requeue`)).status).toBe(409)
    expect((await world.running.operate('/api/v1/admin/channel-delivery/dlq/nothing/requeue')).status).toBe(404)
    const [entry] = await rows(world, '/api/v1/audit?action=requeue_delivery&limit=1')
    expect(entry).toMatchObject({ kind: 'Delivery', actor: { name: 'operator' } })
  })

  it('of a person show what concerns them', async () => {
    const world = await start()
    const shown = async (path: string) => (await rows(world, path)).map(({ id, connected }) => [id, connected])
    expect(await shown('/api/v1/channels?user=ann')).toEqual([
      ['bot', true],
      ['dead', null],
      ['slow', null],
    ])
    expect((await shown('/api/v1/channels?user=ben'))[0]).toEqual(['bot', false])
    const ids = async (path: string) => (await rows(world, path)).map(({ id }) => id)
    expect(await ids('/api/v1/channels/bindings?user=ann')).toEqual(['ann-bot'])
    expect(await ids('/api/v1/channels/bindings?user=ben')).toEqual([])
    expect(await ids('/api/v1/channels/preferences?user=ann')).toEqual(['ann', 'everybody'])
    expect(await ids('/api/v1/channels/preferences?user=ben')).toEqual(['everybody'])
    const { status, text } = await call(world, 'GET', '/api/v1/channels?user=anne')
    expect([status, text]).toEqual([400, expect.stringContaining('did you mean \\"ann\\"?')])
  })

  it('render a template that nobody has declared, or the one that is', async () => {
    const world = await start()
    const preview = async (wish: object) =>
      (await world.running.operate('/api/v1/admin/channel-templates/preview', wish)).json
    const payload = { collection: { name: 'Shop' } }
    expect(await preview({ event: 'test.run.failed', payload })).toMatchObject({
      title: 'Failed: Shop',
      template: 'Template/-/failed',
      failure: null,
      problems: [],
    })
    expect(await preview({ event: 'test.run.failed', title: '{{ user.locale }}', lang: 'de' })).toMatchObject({
      title: 'de',
      template: null,
    })
    const broken = await preview({ event: 'test.run.failed', title: '{{ .Payload.name }}' })
    expect(broken).toMatchObject({ problems: [{ severity: 'error', pointer: '/title' }], failure: expect.any(String) })
    expect(await preview({ event: 'test.run.faled' })).toMatchObject({ status: 400, parameter: 'event' })
  })
})
