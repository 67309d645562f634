import { describe, expect, it } from 'vitest'
import { mock, serve } from './running-resolver.js'

const hello = mock('hello', { http: { route: '/hello' }, response: { payload: 'world' } })
const order = mock('order', {
  http: { route: '/orders/:id' },
  response: { statusCode: 201, headers: { 'Set-Cookie': 'a=1' }, payload: { id: '$.pathParam.id', got: '$.req' } },
})
const all = () => true

describe('the request journal', () => {
  it('has everything of a request and its answer, credentials masked', async () => {
    const { url, resolver, clock } = await serve([order])
    const answer = await fetch(`${url}/orders/7?x=1`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: 'Bearer secret',
        Cookie: 'sid=secret',
        'x-api-key': 'secret',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
      body: '{"a":1}',
    })
    const id = answer.headers.get('callboard-request-id') ?? ''
    const view = resolver.requests.get(id)
    expect(view).toMatchObject({
      id,
      time: new Date(clock.now).toISOString(),
      namespace: 'sandbox',
      method: 'POST',
      path: '/orders/7',
      query: 'x=1',
      status: 201,
      outcome: 'mock',
      matched: true,
      mock: { namespace: 'sandbox', name: 'order' },
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      request: { body: '{"a":1}', encoding: 'utf8', truncated: false },
      response: { body: '{"id":"7","got":{"a":1}}', encoding: 'utf8', truncated: false },
    })
    expect(view?.request.headers).toMatchObject({ authorization: ['***'], cookie: ['***'], 'x-api-key': ['***'] })
    expect(view?.response?.headers).toMatchObject({ 'set-cookie': ['***'], 'callboard-request-id': [id] })
    expect(JSON.stringify(view)).not.toContain('secret')
  })

  it('has the near misses of a request that nothing matched', async () => {
    const { url, resolver } = await serve([order])
    await fetch(`${url}/order/7`)
    const [only] = resolver.requests.list(all, { limit: 1 }).items
    expect(only).toMatchObject({ outcome: 'not_found', status: 404, matched: false, mock: null })
    expect(only?.nearMisses[0]?.mock).toEqual({ namespace: 'sandbox', name: 'order' })
    expect(only?.nearMisses[0]?.differs.join()).toContain('order')
  })

  it('shows bytes that are no text as base64, and cuts long bodies between characters', async () => {
    const { url, resolver } = await serve([hello], { options: { requests: { bodyBytes: 10 } } })
    const last = async (body: string | Uint8Array<ArrayBuffer>) => {
      const answer = await fetch(`${url}/hello`, { method: 'POST', body })
      return resolver.requests.get(answer.headers.get('callboard-request-id') ?? '')?.request
    }
    expect(await last(new Uint8Array([0xff, 0xfe, 0]))).toMatchObject({
      body: '//4A',
      encoding: 'base64',
      truncated: false,
    })
    expect(await last('aaaaaaaaaüb')).toMatchObject({ body: 'aaaaaaaaa', encoding: 'utf8', truncated: true })
    expect(await last('äöüäöüä')).toMatchObject({ body: 'äöüäö', encoding: 'utf8', truncated: true })
  })

  it('is bounded by bytes: the oldest requests go first', async () => {
    const { url, resolver } = await serve([hello], { options: { requests: { bytes: 20_000 } } })
    for (let count = 0; count < 100; count += 1) await fetch(`${url}/hello?n=${count}`)
    const { size, bytes, evicted } = resolver.requests
    expect(bytes).toBeLessThanOrEqual(20_000)
    expect(size).toBeGreaterThan(5)
    expect(size + evicted).toBe(100)
    expect(resolver.requests.list(all, { limit: 1 }).items[0]?.query).toBe('n=99')
  })

  it('stays within its bound when its entries are many', async () => {
    const { url, resolver } = await serve([hello], { options: { requests: { bytes: 800_000 } } })
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(Array.from({ length: 100 }, () => fetch(`${url}/hello`).then((answer) => answer.text())))
    }
    const listed = resolver.requests.list(all, { limit: 10_000 }).items
    expect(listed).toHaveLength(resolver.requests.size)
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
  })

  it('is paged through without gaps, newest first', async () => {
    const { url, resolver } = await serve([hello])
    for (let count = 0; count < 7; count += 1) await fetch(`${url}/hello?n=${count}`)
    const queries: string[] = []
    let after: string | undefined
    do {
      const page = resolver.requests.list(all, { limit: 3, ...(after === undefined ? {} : { after }) })
      queries.push(...page.items.map(({ query }) => query))
      after = page.next
    } while (after !== undefined)
    expect(queries).toEqual(['n=6', 'n=5', 'n=4', 'n=3', 'n=2', 'n=1', 'n=0'])
  })

  it('tells who waits for a request', async () => {
    const { url, resolver } = await serve([hello])
    const seen = resolver.requests.next(({ path }) => path === '/hello', new AbortController().signal)
    await fetch(`${url}/other`)
    await fetch(`${url}/hello`)
    await seen
    const aborter = new AbortController()
    const never = resolver.requests.next(all, aborter.signal)
    aborter.abort()
    await never
  })
})

describe('verify', () => {
  it('counts what was asked', async () => {
    const { url, resolver } = await serve([hello, order])
    const headers = { 'Content-Type': 'application/json', 'X-Env': 'test' }
    await fetch(`${url}/hello?x=1`)
    await fetch(`${url}/stubs/sandbox/hello`)
    await fetch(`${url}/orders/1`, { method: 'POST', headers, body: '{"a":{"b":1},"c":2}' })
    await fetch(`${url}/orders/2`, { method: 'POST', headers, body: '{"a":{"b":2}}' })
    const verify = (path: string, more: object = {}) => resolver.verify({ method: 'GET', path, ...more })
    expect(verify('/hello', { times: 2 })).toMatchObject({ ok: true, count: 2, complete: true })
    expect(verify('/stubs/sandbox/hello')).toMatchObject({ ok: true, count: 2 })
    expect(verify('/hello?x=1')).toMatchObject({ ok: true, count: 1 })
    expect(verify('/hello', { times: 3 })).toMatchObject({
      ok: false,
      message: 'GET /hello was asked 2 times, wanted 3 times',
    })
    expect(verify('/hello', { atMost: 1 })).toMatchObject({ ok: false })
    expect(verify('/hello', { atLeast: 1, atMost: 2 })).toMatchObject({ ok: true })
    expect(verify('/nothing')).toMatchObject({
      ok: false,
      message: 'GET /nothing was asked never, wanted at least once',
    })
    expect(verify('/nothing', { times: 0 })).toMatchObject({ ok: true })
    expect(verify('/hello', { namespace: 'shop', times: 0 })).toMatchObject({ ok: true })
    const posted = (more: object) => resolver.verify({ method: 'post', path: '/orders/*', ...more })
    expect(posted({ times: 2 })).toMatchObject({ ok: true })
    expect(posted({ header: { 'x-env': 'test' }, body: { a: { b: 1 } } })).toMatchObject({ count: 1 })
    expect(posted({ header: { 'x-env': 'prod' } })).toMatchObject({ count: 0 })
    expect(posted({ body: '"b":2' })).toMatchObject({ count: 1 })
    const { matched } = posted({})
    expect(matched).toHaveLength(2)
    expect(resolver.requests.get(matched[0] ?? '')?.path).toBe('/orders/1')
  })

  it('says when it cannot know', async () => {
    const { url, resolver } = await serve([order], { options: { requests: { bodyBytes: 4, bytes: 3_000 } } })
    const ask = () => fetch(`${url}/orders/1`, { method: 'POST', body: '{"a":1}' })
    await ask()
    expect(resolver.verify({ method: 'POST', path: '/orders/1', body: { a: 1 } })).toMatchObject({
      ok: false,
      undecided: [expect.any(String)],
    })
    for (let count = 0; count < 20; count += 1) await ask()
    expect(resolver.verify({ method: 'POST', path: '/orders/1', times: 21 })).toMatchObject({ complete: false })
  })
})

describe('counts', () => {
  it('are by namespace and outcome, and never named by a request', async () => {
    const { url, resolver } = await serve([hello])
    await fetch(`${url}/hello`)
    await fetch(`${url}/nothing`)
    await fetch(`${url}/stubs/made-up/x`)
    expect([...resolver.metrics.counts.all()]).toEqual([
      ['sandbox', 'mock', 1],
      ['sandbox', 'not_found', 1],
      ['', 'not_found', 1],
    ])
  })
})

describe('explain', () => {
  it('says who would answer and why others would not, and counts nothing', async () => {
    const paid = mock('paid', {
      http: { route: '/orders/:id', conditions: [{ path: '$.paid', value: true }] },
      response: { payload: 'paid' },
    })
    const { resolver } = await serve([order, paid])
    const asked = {
      method: 'post',
      path: '/stubs/sandbox/orders/1?x',
      headers: [['Content-Type', 'application/json']] as const,
    }
    const view = await resolver.explain({ ...asked, body: '{"paid":true}' })
    expect(view).toMatchObject({
      namespace: 'sandbox',
      method: 'POST',
      mock: { name: 'paid', file: 'paid.yaml' },
      pathParams: { id: '1' },
    })
    expect(view.candidates.map(({ mock: { name }, matches }) => [name, matches])).toEqual([
      ['paid', true],
      ['order', false],
    ])
    expect((await resolver.explain({ ...asked, body: '{"paid":false}' })).mock).toMatchObject({ name: 'order' })
    expect(await resolver.explain({ method: 'GET', path: '/none', headers: [] })).toMatchObject({ mock: null })
    expect(resolver.mocks().map(({ hits }) => hits)).toEqual([0, 0])
    expect(resolver.requests.size).toBe(0)
  })
})

describe('a revision', () => {
  it('is seen whole or not at all while it changes under load', async () => {
    const pair = (version: number) =>
      mock('pair', {
        http: { route: '/pair' },
        response: { headers: { 'X-Version': String(version) }, payload: { version, path: '$.reqHeader.host[0]' } },
      })
    const { url, apply } = await serve([pair(0)])
    let isDone = false
    const asking = Array.from({ length: 8 }, async () => {
      let count = 0
      while (!isDone) {
        const answer = await fetch(`${url}/pair`)
        expect(answer.status).toBe(200)
        expect(answer.headers.get('x-version')).toBe(String(((await answer.json()) as { version: number }).version))
        count += 1
      }
      return count
    })
    for (let version = 1; version <= 200; version += 1) {
      apply(pair(version))
      await new Promise((resolve) => setImmediate(resolve))
    }
    isDone = true
    for (const count of await Promise.all(asking)) expect(count).toBeGreaterThan(0)
  })

  it('stays with a request that began under it', async () => {
    const late = (payload: string) => mock('late', { http: { route: '/late' }, response: { payload, delay: 100 } })
    const { url, apply, resolver } = await serve([late('old')])
    const asked = fetch(`${url}/late`)
    await expect.poll(() => resolver.mocks()[0]?.hits).toBe(1)
    apply(late('new'))
    expect(await (await asked).text()).toBe('old')
    expect(resolver.mocks()[0]?.hits).toBe(1)
  })
})
