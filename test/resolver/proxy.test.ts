import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGuard } from '../../src/network/guard.js'
import { targetPath } from '../../src/resolver/proxy.js'
import { raw } from './raw-connection.js'
import { mock, serve } from './running-resolver.js'

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

async function upstream(answer?: RequestListener): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += String(chunk)
    })
    req.on('end', () => {
      received.push({ method: req.method, url: req.url, rawHeaders: req.rawHeaders, headers: req.headers, body })
      if (answer !== undefined) return answer(req, res)
      res.writeHead(202, ['X-Up', 'yes', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'X-Hop', 'X-Hop', '1'])
      res.end('from upstream')
    })
    req.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

const through = (target: string, more: object = {}) =>
  mock('through', { http: { route: '/api/*' }, proxy: { target }, ...more })

describe('a proxied mock', () => {
  it('keeps method, path, query, headers and body, but nothing that concerns one connection', async () => {
    const real = await upstream()
    const { url, resolver } = await serve([through(`${real.url}/base/`)])
    const answer = await fetch(`${url}/stubs/sandbox/api/a%2Fb/c?x=1&x=2`, {
      method: 'PATCH',
      headers: { 'X-One': '1', 'Content-Type': 'text/plain', 'Proxy-Authorization': 'secret', TE: 'trailers' },
      body: 'hello',
    })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('x-up')).toBe('yes')
    expect(answer.headers.get('x-hop')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(answer.headers.get('callboard-mock')).toBe('sandbox/through')
    expect(await answer.text()).toBe('from upstream')
    const [got] = real.received
    expect(got).toMatchObject({ method: 'PATCH', url: '/base/api/a%2Fb/c?x=1&x=2', body: 'hello' })
    expect(got?.headers).toMatchObject({ 'x-one': '1', host: new URL(real.url).host })
    expect(got?.headers).not.toHaveProperty('proxy-authorization')
    expect(got?.headers).not.toHaveProperty('te')
    const [recorded] = resolver.requests.list(() => true, { limit: 1 }).items
    expect(recorded).toMatchObject({ outcome: 'proxy', status: 202, mock: { name: 'through' } })
  })

  it('streams a body larger than what may be read', async () => {
    const real = await upstream()
    const { url } = await serve([through(real.url)])
    const answer = await fetch(`${url}/api/x`, { method: 'PUT', body: 'x'.repeat(3_000_000) })
    expect(answer.status).toBe(202)
    expect(real.received[0]?.body).toHaveLength(3_000_000)
  })

  it('passes on as it arrived a body that had to be read first', async () => {
    const real = await upstream()
    const more = { http: { route: '/api/*', conditions: [{ path: '$.a', value: 1 }] } }
    const { url } = await serve([through(real.url, more)])
    const body = '{ "a": 1 }'
    await fetch(`${url}/api/x`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    expect(real.received[0]?.body).toBe(body)
  })

  it('answers HEAD without a body', async () => {
    const real = await upstream()
    const { url } = await serve([through(real.url)])
    const answer = await fetch(`${url}/api/x`, { method: 'HEAD' })
    expect(answer.status).toBe(202)
    expect(real.received[0]?.method).toBe('HEAD')
  })

  it('a target that is not there is a 502 of class network', async () => {
    const { url } = await serve([through('http://127.0.0.1:9')])
    const answer = await fetch(`${url}/api/x`)
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ class: 'network', title: 'Bad Gateway' })
  })

  it('a target the guard refuses is a 502 with the line to add', async () => {
    const real = await upstream()
    const guard = createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1_000 })
    onTestFinished(() => guard.close())
    const { url } = await serve([through(real.url)], { guard })
    const answer = await fetch(`${url}/api/x`)
    expect(answer.status).toBe(502)
    const problem = (await answer.json()) as { class: string; detail: string }
    expect(problem.class).toBe('guard')
    expect(problem.detail).toContain('network')
    expect(problem.detail).toContain('allow')
    expect(real.received).toEqual([])
  })

  it('an answer that breaks off is cut, not completed', async () => {
    const real = await upstream((_req, res) => {
      res.writeHead(200, { 'Content-Length': '1000' })
      res.write('half')
      setImmediate(() => res.destroy())
    })
    const { port, resolver } = await serve([through(real.url)])
    const connection = await raw(port)
    connection.send('GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await connection.ended).toContain('Content-Length: 1000')
    await expect.poll(() => resolver.requests.list(() => true, { limit: 1 }).items[0]?.outcome).toBe('failed')
  })

  it('a client that leaves ends the request upstream', async () => {
    let closed = false
    const real = await upstream((_req, res) => {
      res.on('close', () => {
        closed = true
      })
    })
    const { port, resolver } = await serve([through(real.url)])
    const connection = await raw(port)
    connection.send('GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => real.received.length).toBe(1)
    connection.socket.destroy()
    await expect.poll(() => closed).toBe(true)
    await expect.poll(() => resolver.requests.list(() => true, { limit: 1 }).items[0]?.outcome).toBe('aborted')
  })

  it('a proxy that leads to itself ends', async () => {
    const running = await serve([])
    running.apply(through(running.url))
    const answer = await fetch(`${running.url}/api/x`)
    expect(answer.status).toBe(508)
  })
})

describe('targetPath', () => {
  it('joins the paths and the queries', () => {
    const join = (target: string, route: string, query: string) => targetPath(new URL(target), route, query)
    expect(join('http://x', '/a', '')).toBe('/a')
    expect(join('http://x/', '/a', 'q=1')).toBe('/a?q=1')
    expect(join('http://x/base/', '/a/', '')).toBe('/base/a/')
    expect(join('http://x/base?k=v', '/a', 'q=1')).toBe('/base/a?k=v&q=1')
    expect(join('http://x', '/ü b', 'ä=1')).toBe('/%C3%BC%20b?%C3%A4=1')
  })

  it('never holds what a request line cannot', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (route, query) => {
        expect(targetPath(new URL('http://x/base'), `/${route}`, query)).toMatch(/^[\x21-\x7e]+$/)
      }),
    )
  })
})
