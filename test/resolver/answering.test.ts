import { describe, expect, it } from 'vitest'
import { mock, namespace, serve } from './running-resolver.js'

const hello = mock('hello', { http: { route: '/hello', httpMethod: 'GET' }, response: { payload: { hello: 'world' } } })

describe('where mocks answer', () => {
  it('a mock of the default namespace answers under its bare route and under /stubs', async () => {
    const { url } = await serve([hello])
    for (const path of ['/hello', '/stubs/sandbox/hello']) {
      const answer = await fetch(url + path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(await answer.json()).toEqual({ hello: 'world' })
    }
  })

  it('a mock of another namespace answers under /stubs only', async () => {
    const other = mock('other', { http: { route: '/other' }, response: { payload: 'there' } }, { namespace: 'shop' })
    const { url } = await serve([other])
    expect((await fetch(`${url}/stubs/shop/other`)).status).toBe(200)
    expect((await fetch(`${url}/other`)).status).toBe(404)
  })

  it('/stubs/<namespace> never falls through to a bare route', async () => {
    const wide = mock('wide', { http: { route: '/stubs/shop/x' }, response: { payload: 'bare' } })
    const { url } = await serve([wide])
    expect((await fetch(`${url}/stubs/shop/x`)).status).toBe(404)
    expect((await fetch(`${url}/stubs/sandbox/stubs/shop/x`)).status).toBe(200)
  })
})

describe('no match', () => {
  it('a 404 says which mocks were near and what differed', async () => {
    const paid = mock('paid', {
      http: {
        route: '/orders/:id',
        httpMethod: 'POST',
        header: [{ path: 'X-Env', assertAction: 'equals', value: 'test' }],
      },
      response: { payload: {} },
    })
    const { url } = await serve([paid, hello])
    const answer = await fetch(`${url}/orders/7`, { method: 'POST', headers: { 'X-Env': 'prod' }, body: '{}' })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await answer.json()) as { nearMisses: { mock: string; file: string; differs: string[] }[] }
    expect(problem).toMatchObject({ status: 404, method: 'POST', path: '/orders/7', namespace: 'sandbox' })
    expect(problem.nearMisses[0]).toMatchObject({ mock: 'sandbox/paid', file: 'paid.yaml' })
    expect(problem.nearMisses[0]?.differs.join()).toContain('"test"')
    expect(problem.nearMisses[0]?.differs.join()).toContain('prod')
  })

  it('a namespace with a fallback has no 404', async () => {
    const upstream = await serve([mock('real', { http: { route: '/api/*' }, response: { payload: 'real' } })])
    const fallback = { proxy: { target: `${upstream.url}/api` } }
    const { url, resolver } = await serve([hello, namespace('sandbox', { fallback })])
    expect(await (await fetch(`${url}/any?x=1`)).text()).toBe('real')
    expect(upstream.resolver.requests.list(() => true, { limit: 1 }).items[0]).toMatchObject({
      path: '/api/any',
      query: 'x=1',
    })
    expect(resolver.requests.list(() => true, { limit: 1 }).items[0]).toMatchObject({
      outcome: 'fallback',
      matched: false,
    })
  })
})

describe('HEAD and OPTIONS', () => {
  it('HEAD has the headers of GET and no body', async () => {
    const { url, resolver } = await serve([hello])
    const head = await fetch(`${url}/hello`, { method: 'HEAD' })
    const get = await fetch(`${url}/hello`)
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    expect(await head.text()).toBe('')
    expect(resolver.mocks()[0]?.hits).toBe(1)
  })

  it('OPTIONS names the methods there are', async () => {
    const post = mock('post', { http: { route: '/hello', httpMethod: 'POST' }, response: { payload: 1 } })
    const { url } = await serve([hello, post])
    const answer = await fetch(`${url}/hello`, { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    expect((await fetch(`${url}/nowhere`, { method: 'OPTIONS' })).status).toBe(404)
  })

  it('a mock may claim OPTIONS', async () => {
    const claimed = mock('claimed', { http: { route: '/hello', httpMethod: 'OPTIONS' }, response: { statusCode: 299 } })
    const { url } = await serve([hello, claimed])
    const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' }
    expect((await fetch(`${url}/hello`, { method: 'OPTIONS', headers })).status).toBe(299)
  })
})

describe('answers', () => {
  it('a templated answer knows body, header, query and path', async () => {
    const echo = mock('echo', {
      http: { route: '/echo/:id' },
      response: {
        statusCode: 201,
        headers: { 'X-Id': '$.pathParam.id', 'X-Many': ['a', 'b'] },
        payload: {
          amount: '$.req.amount',
          agent: '$.reqHeader.x-agent[0]',
          q: '$.queryParams.q',
          id: '$.pathParam.id',
        },
      },
    })
    const { url } = await serve([echo])
    const answer = await fetch(`${url}/echo/a%2Fb?q=1&q=2`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Agent': 'me' },
      body: '{"amount": 12.5}',
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('x-id')).toBe('a/b')
    expect(answer.headers.get('x-many')).toBe('a, b')
    expect(await answer.json()).toEqual({ amount: 12.5, agent: 'me', q: ['1', '2'], id: 'a/b' })
  })

  it('a rendered header value cannot break out of its line', async () => {
    const echo = mock('echo', {
      http: { route: '/echo' },
      response: { headers: { 'X-Said': '$.req.said' }, payload: 'ok' },
    })
    const { url } = await serve([echo])
    const body = JSON.stringify({ said: 'a\r\nSet-Cookie: x=1\u0000 ü €' })
    const answer = await fetch(`${url}/echo`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(answer.headers.get('x-said')).toContain('a Set-Cookie: x=1')
  })

  it('a payload that is one expression is sent as what it finds', async () => {
    const echo = mock('echo', { http: { route: '/echo' }, response: { payload: '$.req.it' } })
    const { url } = await serve([echo])
    const ask = async (it: unknown) => {
      const answer = await fetch(`${url}/echo`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ it }),
      })
      return [answer.headers.get('content-type'), await answer.text()]
    }
    expect(await ask({ a: 1 })).toEqual(['application/json', '{"a":1}'])
    expect(await ask([1])).toEqual(['application/json', '[1]'])
    expect(await ask('text')).toEqual(['text/plain; charset=utf-8', 'text'])
  })

  it('a mock of a suspended namespace answers 503', async () => {
    const { url, apply } = await serve([hello, namespace('sandbox', { suspend: true })])
    const answer = await fetch(`${url}/hello`)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).not.toBeNull()
    apply(hello)
    expect((await fetch(`${url}/hello`)).status).toBe(200)
  })

  it('a fault of ours is a 500 with its stack in the log, and the server lives', async () => {
    const broken = mock('broken', { http: { route: '/broken' }, response: { payload: '$.req.x' } })
    const program = broken.program as { responses: { body: { template: { render: () => never } } }[] }
    const [response] = program.responses
    if (response !== undefined) {
      response.body.template.render = () => {
        throw new Error('boom')
      }
    }
    const { url, logged } = await serve([broken, hello])
    const answer = await fetch(`${url}/broken`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('boom')
    expect(logged.find(({ level }) => level === 'error')?.fields['err']).toMatchObject({ message: 'boom' })
    expect((await fetch(`${url}/hello`)).status).toBe(200)
  })

  it('answers say which mock and which request, unless switched off', async () => {
    const on = await serve([hello])
    const answer = await fetch(`${on.url}/hello`)
    expect(answer.headers.get('callboard-mock')).toBe('sandbox/hello')
    const id = answer.headers.get('callboard-request-id') ?? ''
    expect(on.resolver.requests.get(id)).toMatchObject({ id, path: '/hello', mock: { name: 'hello' } })
    const off = await serve([hello], { options: { correlationHeaders: false } })
    const bare = await fetch(`${off.url}/hello`)
    expect(bare.headers.get('callboard-mock')).toBeNull()
    expect(bare.headers.get('callboard-request-id')).toBeNull()
  })
})
