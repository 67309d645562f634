import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../src/store/store.js'
import { type ControlPort, openControlPort } from './control-port.js'
import { problem, request, secret, status } from './fake-views.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(() => port.api.close())

describe('health', () => {
  it('is alive before anything is applied, and ready only after', async () => {
    port.controller.status = status({ lastAppliedRevision: null, generation: 0 })
    expect((await port.ask('/healthz')).status).toBe(200)
    const ready = await port.ask('/readyz')
    expect([ready.status, ready.headers['retry-after'], ready.json.type]).toEqual([
      503,
      '1',
      'urn:callboard:problem:not-ready',
    ])
  })

  it('stays ready while a later revision is broken', async () => {
    port.controller.status = status({ lastAttemptedRevision: 'main@sha1:cccc', problems: [problem] })
    expect((await port.ask('/readyz')).json).toEqual({ status: 'ok' })
  })
})

describe('what is shown', () => {
  it('the status has revisions, conditions, counts and problems, and the version', async () => {
    port.controller.status = status({ problems: [problem] })
    const { json } = await port.ask('/api/v1/status')
    expect(json).toEqual({ version: '1.2.3', ...status({ problems: [problem] }) })
  })

  it('a resource is found by kind, namespace and name, a global one under -', async () => {
    const { json } = await port.ask('/api/v1/resources/Mock/payments/create-payment')
    expect([json.id, json.file, json.line]).toEqual(['payments~create-payment', 'payments/mocks.yaml', 1])
    expect((await port.ask('/api/v1/resources/Namespace/-/payments')).json.namespace).toBe('')
  })

  it('numbers that a double cannot hold are shown as they were written', async () => {
    expect((await port.ask('/api/v1/resources/Mock/payments/create-payment')).text).toContain(
      '"amount":12345678901234567890.10',
    )
    expect((await port.ask('/api/v1/stores/global/payments')).text).toContain('"last":9007199254740993,')
  })

  it('nothing leaves that the description does not name', async () => {
    const answers = await Promise.all(
      ['/api/v1/resources', '/api/v1/resources/Mock/payments/create-payment'].map((path) => port.ask(path)),
    )
    for (const { text, status } of answers) {
      expect(status).toBe(200)
      expect(text).not.toContain(secret)
      expect(text).not.toContain('program')
    }
  })

  it('a missing resource is answered with what was probably meant', async () => {
    const name = await port.ask('/api/v1/resources/Mock/payments/create-paymnt')
    expect([name.status, name.json.suggestion]).toEqual([404, 'create-payment'])
    const kind = await port.ask('/api/v1/resources/Mok/payments/create-payment')
    expect([kind.status, kind.json.suggestion, kind.json.known]).toEqual([404, 'Mock', ['Mock', 'Namespace']])
    const filter = await port.ask('/api/v1/resources?kind=mocks')
    expect([filter.status, filter.json.suggestion]).toEqual([400, 'Mock'])
  })

  it('resources are filtered by kind, namespace and labels', async () => {
    const names = async (query: string) =>
      (await port.ask(`/api/v1/resources?${query}`)).json.items.map((item: { name: string }) => item.name)
    expect(await names('kind=Namespace')).toEqual(['payments'])
    expect((await names('namespace=-')).slice(0, 2)).toEqual(['payments', 'audit'])
    expect(await names('label=team%3Dcheckout&label=team%3Dother')).toEqual([])
    expect(await names('kind=Mock&label=team%3Dcheckout')).toEqual(['create-payment', 'get-payment'])
  })

  const references = [
    { reference: '3', want: [200, 3] },
    { reference: '2', want: [200, 2] },
    { reference: 'aaaa', want: [200, 3] },
    { reference: 'main%40sha1%3Abbbb3', want: [200, 2] },
    { reference: 'bbbb2222', want: [200, null] },
  ]
  for (const { reference, want } of references) {
    it(`revision ${reference} is generation ${want[1]}`, async () => {
      const { status, json } = await port.ask(`/api/v1/revisions/${reference}`)
      expect([status, json.generation]).toEqual(want)
    })
  }

  it('the beginning of two revisions is not guessed at, and one of none is not found', async () => {
    const both = await port.ask('/api/v1/revisions/bbbb')
    expect([both.status, both.json.known]).toEqual([400, ['main@sha1:bbbb2222', 'main@sha1:bbbb3333']])
    for (const reference of ['99', 'aaa', 'main@', 'main@sha1:', 'ffff']) {
      expect((await port.ask(`/api/v1/revisions/${encodeURIComponent(reference)}`)).status).toBe(404)
    }
  })

  it('stores are shown, and a chain id may hold a slash', async () => {
    expect((await port.ask('/api/v1/stores/chain/payments/a%2Fb')).json.entries).toEqual({ cart: { items: [] } })
    expect((await port.ask('/api/v1/stores/chain/payments/none')).status).toBe(404)
    expect((await port.ask('/api/v1/stores/global/none')).status).toBe(404)
  })

  it('the metrics are passed on in the type they are in', async () => {
    const { headers, text } = await port.ask('/metrics')
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toBe('callboard_build_info 1\n')
  })
})

describe('lists', () => {
  it('are cut into pages that meet without gaps', async () => {
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { json } = await port.ask(`/api/v1/mocks?limit=2${cursor && `&cursor=${cursor}`}`)
      expect(json.items.length).toBeLessThanOrEqual(2)
      names.push(...json.items.map((item: { name: string }) => item.name))
      cursor = json.nextCursor
    }
    expect(names).toEqual(['create-payment', 'get-payment', 'list-payments'])
  })

  it('refuse a cursor of another list, and one that was made up', async () => {
    const { json } = await port.ask('/api/v1/mocks?limit=1')
    for (const cursor of [json.nextCursor, 'x', 'L2FwaS92MS9yZXNvdXJjZXMK!', `${json.nextCursor}=`]) {
      const refused = await port.ask(`/api/v1/resources?cursor=${encodeURIComponent(cursor)}`)
      expect([refused.status, refused.json.parameter]).toEqual([400, 'cursor'])
    }
  })

  for (const limit of ['0', '501', '-1', '1.5', 'x', '', '99999999999']) {
    it(`refuse limit=${limit}`, async () => {
      const { status, json } = await port.ask(`/api/v1/mocks?limit=${limit}`)
      expect([status, json.parameter]).toEqual([400, 'limit'])
    })
  }
})

describe('query parameters', () => {
  it('an unknown one is refused with those that are known', async () => {
    const { status, json } = await port.ask('/api/v1/mocks?namspace=payments')
    expect([status, json.parameter, json.known]).toEqual([400, 'namspace', ['namespace', 'tag', 'limit', 'cursor']])
    expect((await port.ask('/api/v1/status?verbose=1')).json.detail).toBe(
      'verbose: unknown query parameter; it takes none',
    )
    expect((await port.ask('/api/v1/status?__proto__=1')).status).toBe(400)
  })

  it('one that is given twice is refused', async () => {
    expect((await port.ask('/api/v1/mocks?tag=a&tag=b')).json.detail).toBe('tag: is given more than once')
  })
})

describe('the request journal', () => {
  beforeEach(() => {
    port.controller.record(request(1))
    port.controller.record(request(2, { matched: false, method: 'POST', time: '2026-01-31T11:00:00.000Z' }))
    port.controller.record(request(3, { namespace: 'shop', path: '/orders/17', status: 503 }))
  })

  const filters = [
    { query: '', want: ['r0003', 'r0002', 'r0001'] },
    { query: 'namespace=payments', want: ['r0002', 'r0001'] },
    { query: 'matched=false', want: ['r0002'] },
    { query: 'matched=true', want: ['r0003', 'r0001'] },
    { query: 'method=post', want: ['r0002'] },
    { query: 'status=503', want: ['r0003'] },
    { query: 'status=4xx', want: ['r0002'] },
    { query: 'mock=get-payment', want: ['r0003', 'r0001'] },
    { query: 'mock=payments/get-payment', want: ['r0003', 'r0001'] },
    { query: 'mock=shop~get-payment', want: [] },
    { query: 'path=/orders/*', want: ['r0003'] },
    { query: 'path=/orders', want: [] },
    { query: 'namespace=payments&path=/orders', want: ['r0002', 'r0001'] },
    { query: 'path=/stubs/payments/orders', want: ['r0002', 'r0001'] },
    { query: 'since=2026-01-31T11:30:00Z', want: ['r0003', 'r0001'] },
    { query: 'since=30m', want: ['r0003', 'r0001'] },
    { query: 'since=2h', want: ['r0003', 'r0002', 'r0001'] },
  ]
  for (const { query, want } of filters) {
    it(`?${query} shows ${want.join(', ') || 'nothing'}`, async () => {
      const { json } = await port.ask(`/api/v1/requests?${query}`)
      expect(json.items.map((item: { id: string }) => item.id)).toEqual(want)
    })
  }

  for (const query of [
    'matched=yes',
    'status=600',
    'status=abc',
    'path=orders',
    'path=/a%3Fb',
    'since=yesterday',
    'wait=10',
    'wait=61s',
  ]) {
    it(`?${query} is refused`, async () => {
      const { status, json } = await port.ask(`/api/v1/requests?${query}`)
      expect([status, json.parameter]).toEqual([400, query.slice(0, query.indexOf('='))])
    })
  }

  it('one request is shown with its messages; an unmatched one with near misses', async () => {
    const { json } = await port.ask('/api/v1/requests/r0002')
    expect(json.nearMisses[0].differs).toEqual(['header X-Env equals "test", found nothing'])
    expect(json.request.headers).toEqual({ host: ['localhost'] })
    expect((await port.ask('/api/v1/requests/r9999')).status).toBe(404)
  })

  it('wait answers at once when something matches already', async () => {
    expect((await port.ask('/api/v1/requests?status=503&wait=60s')).json.items.length).toBe(1)
    expect(port.controller.waiting).toBe(0)
  })

  it('wait answers as soon as a match is recorded, and not for another', async () => {
    const began = new Promise<void>((resolve) => {
      port.controller.onWait = resolve
    })
    const answer = port.ask('/api/v1/requests?path=/late&wait=60s')
    await began
    port.controller.record(request(4))
    expect(port.controller.waiting).toBe(1)
    port.controller.record(request(5, { path: '/late' }))
    expect((await answer).json.items.map((item: { id: string }) => item.id)).toEqual(['r0005'])
    expect(port.controller.waiting).toBe(0)
  })

  it('wait ends with an empty list when its time is over', async () => {
    expect((await port.ask('/api/v1/requests?path=/never&wait=20ms')).json).toEqual({ items: [], nextCursor: null })
    expect(port.controller.waiting).toBe(0)
  })

  it('wait ends when the client goes', async () => {
    const began = new Promise<void>((resolve) => {
      port.controller.onWait = resolve
    })
    const gone = new AbortController()
    const answer = port.ask('/api/v1/requests?path=/never&wait=60s', { signal: gone.signal })
    await began
    gone.abort()
    await expect(answer).rejects.toThrow('aborted')
    await expect.poll(() => port.controller.waiting).toBe(0)
  })

  it('wait ends when the port closes', async () => {
    const began = new Promise<void>((resolve) => {
      port.controller.onWait = resolve
    })
    const answer = port.ask('/api/v1/requests?path=/never&wait=60s')
    await began
    await port.api.close()
    expect((await answer).json.items).toEqual([])
  })
})

describe('explain', () => {
  it('takes a request in the query', async () => {
    const query = 'method=post&path=%2Forders%3Fa%3D1&header=X-Env%3A%20test&header=Accept%3A*%2F*&body=%7B%7D'
    const { status, json } = await port.ask(`/api/v1/explain/request?${query}`)
    expect([status, json.mock.name]).toEqual([200, 'get-payment'])
    expect(port.controller.explained).toEqual([
      {
        method: 'POST',
        path: '/orders?a=1',
        headers: [
          ['X-Env', 'test'],
          ['Accept', '*/*'],
        ],
        body: '{}',
      },
    ])
  })

  it('takes the same in a POST, without a token', async () => {
    const body = JSON.stringify({ path: '/orders', headers: { 'X-Env': ['a', 'b'] }, body: { amount: 1 } })
    const { status } = await port.ask('/api/v1/explain/request', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(status).toBe(200)
    expect(port.controller.explained).toEqual([
      {
        method: 'GET',
        path: '/orders',
        headers: [
          ['X-Env', 'a'],
          ['X-Env', 'b'],
        ],
        body: '{"amount":1}',
      },
    ])
  })

  it('names what is missing or cannot be', async () => {
    const detail = async (query: string) => (await port.ask(`/api/v1/explain/request?${query}`)).json.parameter
    expect(await detail('method=GET')).toBe('path')
    expect(await detail('path=orders')).toBe('path')
    expect(await detail('path=/&header=nothing')).toBe('header')
    expect(await detail('path=/&method=G%20T')).toBe('method')
  })
})

describe('failures', () => {
  it('a call that fails says so without details, and logs them', async () => {
    port.controller.fail = new Error(`cannot reach postgres://user:${secret}@db`)
    const { status, text } = await port.ask('/api/v1/status')
    expect(status).toBe(500)
    expect(text).not.toContain(secret)
    expect(port.logged).toMatchObject([
      { fields: { err: port.controller.fail }, message: 'control port: a call failed' },
    ])
  })

  it('a store that cannot be written answers 503 with Retry-After', async () => {
    port.controller.fail = new StoreUnavailable('ENOSPC')
    const { status, headers } = await port.operate('/api/v1/reconcile')
    expect([status, headers['retry-after']]).toEqual([503, '5'])
  })

  it('closing lets a call that is under way finish', async () => {
    let finish = () => {}
    const begun = new Promise<void>((started) => {
      const { operations } = port.controller
      const { reconcile } = operations
      Object.assign(operations, {
        reconcile: async (options: object) => {
          const held = new Promise<void>((resolve) => {
            finish = resolve
          })
          started()
          await held
          return reconcile(options)
        },
      })
    })
    const answer = port.operate('/api/v1/reconcile')
    await begun
    const closed = port.api.close()
    finish()
    expect((await answer).status).toBe(200)
    await closed
    await expect(port.ask('/healthz')).rejects.toThrow('ECONNREFUSED')
  })

  it('listens on IPv6 loopback, with or without brackets', async () => {
    for (const bind of ['::1', '[::1]']) {
      const six = await openControlPort({ bind })
      expect((await six.ask('/healthz', { headers: { host: `[::1]:${six.port}` } })).status).toBe(200)
      await six.api.close()
    }
  })

  it('a port that is taken is named', async () => {
    const second = await openControlPort()
    await second.api.close()
    await expect(second.api.listen({ port: port.port })).rejects.toThrow(
      `control port 127.0.0.1:${port.port}: something else listens there already; choose another ports.control`,
    )
  })
})
