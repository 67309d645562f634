import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/log.js'
import { start } from '../../src/main.js'
import { loadSettings } from '../../src/settings.js'
import type { VerifyResult } from '../../src/status/verify.js'
import type { MockView, RequestSummary, RequestView, ResourceView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { documents, Folder, mock, namespace, plain } from './folder.js'
import { raw } from './raw.js'
import { operateToken, Running } from './running.js'

const orders = mock(
  'orders',
  {
    http: { route: '/orders/:id', httpMethod: 'POST', header: [{ path: 'X-Env', value: 'test' }] },
    chainId: '$.reqHeader.X-Session[0]',
    useLimiter: 100,
    extract: { gStore: { n: '$.increment($.gS.n, 1)' }, cStore: { last: '$.pathParam.id' } },
    response: { statusCode: 201, payload: { id: '$.pathParam.id', n: '$.gS.n' } },
    webhooks: [{ url: 'https://hooks.example/x', headers: { Authorization: 'Bearer s3cr3t-literal' } }],
  },
  { namespace: 'shop' },
)

const files = {
  'shop/orders.yaml': documents(namespace('shop', { description: 'A shop' }), orders),
  'plain.yaml': plain('plain', 'ok'),
}

const placed = { headers: { 'x-env': 'test', 'x-session': 'ann' }, body: {} }

interface RequestPage {
  readonly items: readonly RequestSummary[]
}

describe('what the control port shows', () => {
  it('is the status: revision, conditions, counts, problems with their place', async () => {
    const running = await Running.start(files)
    const status = await running.status()
    expect(status).toMatchObject({
      source: running.folder.root,
      suspended: false,
      generation: 1,
      counts: { resources: { Mock: 2, Namespace: 1 }, errors: 0, unmanaged: 0 },
    })
    expect(status.lastAppliedRevision).toMatch(/^sha256:[0-9a-f]{64}$/)
    running.folder.write('plain.yaml', 'apiVersion: callboard/v1\nkind: Mok\nmetadata: {name: plain}\n')
    const broken = await running.statusOnce('the mistake is told', ({ counts }) => counts.errors === 1)
    expect(broken.problems[0]).toMatchObject({
      file: 'plain.yaml',
      line: 2,
      column: 7,
      hint: expect.stringContaining('Mock'),
    })
    expect(broken.lastAppliedRevision).toBe(status.lastAppliedRevision)
    expect(broken.lastAttemptedRevision).not.toBe(status.lastAppliedRevision)
    const [latest, first] = await running.revisions()
    expect(latest).toMatchObject({ outcome: 'rejected', reason: 'ValidationFailed', generation: null })
    expect(first).toMatchObject({ outcome: 'applied', generation: 1 })
    expect(first?.changes.map(({ operation }) => operation)).toEqual(['create', 'create', 'create'])
    expect(await running.see(`/api/v1/revisions/${status.lastAppliedRevision}`)).toMatchObject({ generation: 1 })
  })

  it('is each resource with its place, and never a secret', async () => {
    const running = await Running.start(files)
    const { items } = await running.see<{ items: ResourceView[] }>('/api/v1/resources')
    expect(items.map(({ id, file, line }) => [id, file, line])).toEqual([
      ['sandbox~plain', 'plain.yaml', 1],
      ['shop~orders', 'shop/orders.yaml', 3],
      ['shop', 'shop/orders.yaml', 1],
    ])
    const paths = [
      '/api/v1/resources/Mock/shop/orders',
      '/api/v1/resources',
      '/api/v1/revisions',
      '/api/v1/status',
      '/api/v1/mocks',
      '/metrics',
      '/',
    ]
    for (const path of paths) {
      const { status, text } = await ask(running.control + path)
      expect(status).toBe(200)
      expect(text, path).not.toContain('s3cr3t')
    }
  })

  it('is every request, with near misses, filters, and what was sent and answered', async () => {
    const running = await Running.start(files)
    const { headers } = await running.ask('/stubs/shop/orders/7', placed)
    await running.ask('/stubs/shop/orders/8', { body: {}, headers: { authorization: 'Bearer t0ken' } })
    await running.ask('/plain?q=1')
    const { items } = await running.see<RequestPage>('/api/v1/requests')
    expect(items.map(({ path, status, matched }) => [path, status, matched])).toEqual([
      ['/plain', 200, true],
      ['/stubs/shop/orders/8', 404, false],
      ['/stubs/shop/orders/7', 201, true],
    ])
    expect(items[1]?.nearMisses[0]).toMatchObject({
      mock: { namespace: 'shop', name: 'orders', file: 'shop/orders.yaml', line: 3 },
      differs: [expect.stringMatching(/X-Env/i)],
    })
    const filters: Record<string, number> = {
      'namespace=shop': 2,
      'namespace=shop&path=/orders/*': 2,
      'matched=false': 1,
      'status=4xx': 1,
      'mock=shop/orders': 1,
      'method=GET': 1,
      'since=10m': 3,
      'method=DELETE': 0,
    }
    for (const [query, count] of Object.entries(filters)) {
      expect((await running.see<RequestPage>(`/api/v1/requests?${query}`)).items.length, query).toBe(count)
    }
    const one = await running.see<RequestView>(`/api/v1/requests/${headers['callboard-request-id']}`)
    expect(one).toMatchObject({
      request: { body: '{}' },
      response: { body: '{"id":"7","n":1}' },
      mock: { name: 'orders' },
    })
    const missed = await running.see<RequestView>(`/api/v1/requests/${items[1]?.id}`)
    expect(JSON.stringify(missed)).not.toContain('t0ken')
  })

  it('waits for a request that is still to come', async () => {
    const running = await Running.start(files)
    const began = performance.now()
    const waiting = running.see<RequestPage>('/api/v1/requests?namespace=shop&status=201&wait=20s')
    await running.ask('/plain')
    await running.ask('/stubs/shop/orders/9', placed)
    expect((await waiting).items).toMatchObject([{ path: '/stubs/shop/orders/9' }])
    expect(performance.now() - began).toBeLessThan(10_000)
    expect((await running.see<RequestPage>('/api/v1/requests?status=500&wait=50ms')).items).toEqual([])
    await Promise.all([running.see('/api/v1/requests?status=599&wait=60s').catch(() => {}), running.stop()])
  })

  it('is what the stores hold', async () => {
    const running = await Running.start(files)
    await running.ask('/stubs/shop/orders/7', placed)
    expect(await running.see('/api/v1/stores/global/shop')).toEqual({ namespace: 'shop', entries: { n: 1 } })
    const chain = '/api/v1/stores/chain/shop/ann'
    expect(await running.see(chain)).toEqual({ namespace: 'shop', chainId: 'ann', entries: { last: '7' } })
    expect((await ask(`${running.control}/api/v1/stores/chain/shop/nobody`)).status).toBe(404)
    expect((await ask(`${running.control}/api/v1/stores/global/nowhere`)).status).toBe(404)
  })

  it('is metrics, by namespace and never by what a client chose', async () => {
    const running = await Running.start(files)
    await running.ask('/stubs/shop/orders/7', placed)
    await running.ask('/stubs/shop/nothing')
    await running.ask('/plain')
    await running.ask('/stubs/made-up-by-client/x')
    const { text, headers } = await ask(`${running.control}/metrics`)
    expect(headers['content-type']).toMatch(/^text\/plain/)
    const counts = Object.fromEntries(
      [...text.matchAll(/^callboard_requests_total\{(.*)\} (\d+)$/gm)].map(([, labels = '', count]) => [
        labels,
        Number(count),
      ]),
    )
    const of = (space: string, outcome: string) =>
      Object.entries(counts).find(([labels]) => labels.includes(`"${space}"`) && labels.includes(`"${outcome}"`))?.[1]
    expect([
      of('shop', 'matched'),
      of('shop', 'unmatched'),
      of('sandbox', 'matched'),
      of('other', 'unmatched'),
    ]).toEqual([1, 1, 1, 1])
    expect(text).not.toContain('made-up-by-client')
    expect(text).toMatch(/^callboard_resources\{.*Mock.*\} 2$/m)
    expect(text).toMatch(/^callboard_reconcile_duration_seconds_count/m)
  })
})

describe('operations', () => {
  it('need the token, and say what to do without one', async () => {
    const running = await Running.start(files)
    const off = await Running.start(files, { tokens: {} })
    const paths = ['reconcile', 'suspend', 'resume', 'reset', 'requests/verify']
    for (const path of paths) {
      const url = `${running.control}/api/v1/${path}`
      expect((await ask(url, { body: {} })).status, path).toBe(401)
      expect((await running.operate(`/api/v1/${path}`, {}, 'wrong')).status, path).toBe(401)
      expect(await ask(`${off.control}/api/v1/${path}`, { body: {} })).toMatchObject({
        status: 403,
        json: { detail: expect.stringContaining('tokens.operate') },
      })
      expect((await running.operate(`/api/v1/${path}`)).status, path).toBe(200)
      expect((await ask(url, { body: 'x=1', headers: { authorization: `Bearer ${operateToken}` } })).status, path).toBe(
        415,
      )
    }
  })

  it('reconcile answers with the outcome, and what it applied is served by then', async () => {
    const running = await Running.start(files)
    running.folder.write('plain.yaml', plain('plain', 'edited'))
    const { json } = await running.operate('/api/v1/reconcile')
    expect(json).toMatchObject({ reason: 'Succeeded' })
    expect((await running.ask('/plain')).text).toBe('edited')
    running.folder.write('plain.yaml', 'apiVersion: callboard/v1\nkind: Mok\n')
    expect((await running.operate('/api/v1/reconcile')).json).toMatchObject({
      outcome: 'rejected',
      problems: expect.arrayContaining([expect.objectContaining({ file: 'plain.yaml', line: 2 })]),
    })
  })

  it('verify counts, and shows what came instead', async () => {
    const running = await Running.start(files)
    for (let turn = 0; turn < 3; turn += 1) await running.ask('/stubs/shop/orders/7', placed)
    const verify = async (body: unknown) =>
      (await running.operate('/api/v1/requests/verify', body)).json as VerifyResult
    const wanted = { method: 'POST', namespace: 'shop', path: '/orders/7' }
    expect(await verify({ ...wanted, times: 3 })).toMatchObject({ verified: true, count: 3 })
    expect(await verify({ ...wanted, times: 2 })).toMatchObject({ verified: false, count: 3 })
    expect(await verify({ ...wanted, atLeast: 4 })).toMatchObject({ verified: false })
    expect(await verify({ mock: 'shop/orders', status: 201, atMost: 3 })).toMatchObject({ verified: true })
    await running.ask('/stubs/shop/order/7', placed)
    const missing = await verify({ namespace: 'shop', path: '/orders/8' })
    expect(missing).toMatchObject({ verified: false, count: 0, unmatched: [{ path: '/stubs/shop/order/7' }] })
  })

  it('reset clears stores, counters and requests, also for what is on disk', async () => {
    const running = await Running.start(files)
    await running.ask('/stubs/shop/orders/7', placed)
    await running.ask('/plain')
    expect((await running.operate('/api/v1/reset', { namespace: 'shop' })).json).toEqual({
      requests: 1,
      chains: 1,
      globals: 1,
      counters: 1,
    })
    const seen = async () => {
      const { items } = await running.see<{ items: MockView[] }>('/api/v1/mocks')
      return items.map(({ name, hits, usesLeft }) => [name, hits, usesLeft])
    }
    expect(await seen()).toEqual([
      ['plain', 1, null],
      ['orders', 0, 100],
    ])
    await running.restart()
    expect(await seen()).toEqual([
      ['plain', 1, null],
      ['orders', 0, 100],
    ])
    expect((await running.ask('/stubs/shop/orders/7', placed)).json).toEqual({ id: '7', n: 1 })
  })
})

describe('access', () => {
  it('writes on what is declared are refused with the place to edit', async () => {
    const running = await Running.start(files)
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
      const one = await ask(`${running.control}/api/v1/resources/Mock/shop/orders`, { method, body: {} })
      expect(one).toMatchObject({
        status: 405,
        headers: { allow: 'GET', 'content-type': expect.stringMatching(/^application\/problem\+json/) },
        json: { file: 'shop/orders.yaml', line: 3, detail: expect.stringContaining('shop/orders.yaml:3') },
      })
      const all = await ask(`${running.control}/api/v1/mocks`, { method, body: {} })
      expect(all).toMatchObject({ status: 405, json: { source: running.folder.root } })
    }
    expect((await running.ask('/stubs/shop/orders/1', placed)).status).toBe(201)
  })

  it.each(['evil.example', 'evil.example:5790', '127.0.0.1.evil.example'])('a Host of %s is refused', async (host) => {
    const running = await Running.start(files)
    for (const path of ['/api/v1/status', '/healthz', '/']) {
      expect((await ask(running.control + path, { headers: { host } })).status).toBe(421)
    }
    const { port } = new URL(running.control)
    expect((await ask(`${running.control}/healthz`, { headers: { host: `localhost:${port}` } })).status).toBe(200)
    const nameless = await raw(running.control, 'GET /api/v1/status HTTP/1.0\r\n\r\n')
    expect(nameless.statuses).toEqual([421])
  })

  it('no answer lets another origin read it', async () => {
    const running = await Running.start(files)
    const { headers } = await ask(`${running.control}/api/v1/status`, { headers: { origin: 'https://page.example' } })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('an address that others can reach needs a read token', async () => {
    const folder = new Folder(files)
    const flags = { source: { url: folder.root }, stateDir: folder.state, ports: { resolver: 0, control: 0 } }
    const settings = loadSettings({ env: {}, flags: { ...flags, bind: { control: '0.0.0.0' } } })
    await expect(start(settings, { env: {}, log: createLog('silent', false) })).rejects.toThrow(/tokens\.read/)

    const running = await Running.start(folder, {
      bind: { control: '0.0.0.0' },
      tokens: { read: 'r', operate: operateToken },
    })
    const asked = (path: string, token?: string) =>
      ask(running.control + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    expect((await asked('/api/v1/status')).status).toBe(401)
    expect((await asked('/api/v1/status', 'wrong')).status).toBe(401)
    expect((await asked('/api/v1/status', 'r')).status).toBe(200)
    expect((await asked('/api/v1/status', operateToken)).status).toBe(200)
    expect((await asked('/metrics')).status).toBe(401)
    expect((await asked('/healthz')).status).toBe(200)
    expect((await asked('/readyz')).status).toBe(200)
    expect((await running.operate('/api/v1/reconcile', {}, 'r')).status).toBe(403)
    // What is declared where is told to readers alone.
    const put = await ask(`${running.control}/api/v1/resources/Mock/shop/orders`, { method: 'PUT', body: {} })
    expect(put.status).toBe(401)
    const own = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)
    if (own !== undefined) {
      const url = running.control.replace('localhost', own.address)
      expect((await ask(`${url}/healthz`)).status).toBe(200)
    }
  })

  it('ports that are taken, and settings that cannot be, end the start with a sentence', async () => {
    const running = await Running.start(files)
    const folder = new Folder(files)
    const taken = Number(new URL(running.control).port)
    for (const ports of [
      { resolver: taken, control: 0 },
      { resolver: 0, control: taken },
    ]) {
      const settings = loadSettings({ env: {}, flags: { source: { url: folder.root }, stateDir: folder.state, ports } })
      await expect(start(settings, { env: {}, log: createLog('silent', false) })).rejects.toThrow(
        /port is in use|listens/,
      )
    }
    // Nothing is left behind: the same state directory can be used at once.
    await Running.start(folder)
  })
})
