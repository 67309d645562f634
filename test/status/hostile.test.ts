import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort, tokens } from './control-port.js'
import { request, resource } from './fake-views.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
})
afterEach(() => port.api.close())

const operator = { authorization: `Bearer ${tokens.operate}`, 'content-type': 'application/json' }

describe('methods', () => {
  it('HEAD answers as GET does, without the body', async () => {
    const get = await port.ask('/api/v1/status')
    const head = await port.ask('/api/v1/status', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', get.headers['content-length']])
    expect((await port.ask('/nowhere', { method: 'HEAD' })).status).toBe(404)
  })

  it('OPTIONS lists what a path answers', async () => {
    const allow = async (path: string) => (await port.ask(path, { method: 'OPTIONS' })).headers.allow
    expect(await allow('/api/v1/status')).toBe('GET')
    expect(await allow('/api/v1/reset')).toBe('POST')
    expect(await allow('/api/v1/explain/request')).toBe('GET, POST')
    expect((await port.ask('/nowhere', { method: 'OPTIONS' })).status).toBe(404)
  })

  const writes = ['POST', 'PUT', 'PATCH', 'DELETE']
  for (const method of [...writes, 'TRACE', 'PROPFIND']) {
    it(`${method} on a declared thing is 405 and names file and line`, async () => {
      const { status, headers, json } = await port.ask('/api/v1/resources/Mock/payments/get-payment', { method })
      expect([status, headers.allow, headers['content-type']]).toEqual([405, 'GET', 'application/problem+json'])
      expect(json).toEqual({
        type: 'urn:callboard:problem:declared',
        title: 'Method Not Allowed',
        status: 405,
        detail:
          'this is declared at payments/mocks.yaml:20 of /srv/declarations and cannot be changed here; change it there',
        source: '/srv/declarations',
        file: 'payments/mocks.yaml',
        line: 20,
      })
    })
  }

  for (const method of writes) {
    it(`${method} on a collection, or on what is not declared yet, is 405 and names the source`, async () => {
      for (const path of ['/api/v1/resources', '/api/v1/mocks', '/api/v1/resources/Mock/payments/new']) {
        const { status, headers, json } = await port.ask(path, { method })
        expect([path, status, headers.allow, json.source, json.file]).toEqual([
          path,
          405,
          'GET',
          '/srv/declarations',
          undefined,
        ])
      }
    })
  }

  it('what is not declared is 405 too, and operations cannot be read', async () => {
    const status = await port.ask('/api/v1/status', { method: 'PUT' })
    expect([status.status, status.headers.allow, status.json.source]).toEqual([405, 'GET', undefined])
    const reset = await port.ask('/api/v1/reset')
    expect([reset.status, reset.headers.allow]).toEqual([405, 'POST'])
  })
})

describe('bodies', () => {
  const refused = [
    { name: 'no Content-Type', headers: { 'content-type': '' }, status: 415 },
    { name: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
    { name: 'text, which a page may send anywhere', headers: { 'content-type': 'text/plain' }, status: 415 },
    { name: 'another charset', headers: { 'content-type': 'application/json; charset=utf-16' }, status: 415 },
    { name: 'a compressed body', headers: { 'content-encoding': 'gzip' }, status: 415 },
    { name: 'no JSON', body: '{"namespace":', status: 400 },
    { name: 'an array', body: '[]', status: 400 },
    { name: 'null', body: 'null', status: 400 },
    { name: 'bytes that are no UTF-8', body: Buffer.from([0x7b, 0xff, 0x7d]), status: 400 },
    { name: 'a wrong type', body: '{"namespace":7}', status: 400 },
    { name: 'an empty name', body: '{"namespace":""}', status: 400 },
    { name: 'an unknown field', body: '{"namspace":"payments"}', status: 400 },
    { name: '__proto__', body: '{"__proto__":{"namespace":"payments"}}', status: 400 },
    { name: 'constructor', body: '{"constructor":{"prototype":{"polluted":true}}}', status: 400 },
    { name: 'nesting without end', body: `{"namespace":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, status: 400 },
    { name: 'too much', body: `{"namespace":"${'x'.repeat(64 * 1024)}"}`, status: 413 },
    { name: 'far too much', body: Buffer.alloc(3 * 1024 * 1024, 0x20), status: 413 },
  ]
  for (const { name, headers = {}, body = '{}', status } of refused) {
    it(`${name} is answered ${status}, and nothing is done`, async () => {
      const answer = await port.ask('/api/v1/reset', { method: 'POST', headers: { ...operator, ...headers }, body })
      expect([answer.status, answer.json.status]).toEqual([status, status])
      expect(port.controller.asked).toEqual([])
      expect(port.logged).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    })
  }

  it('an unknown field is answered with what was probably meant', async () => {
    const { json } = await port.operate('/api/v1/reset', { namspace: 'payments' })
    expect(json).toMatchObject({ parameter: 'namspace', suggestion: 'namespace', known: ['namespace', 'chain'] })
  })

  it('a body sent in pieces without a length is bounded all the same', async () => {
    const headers = { ...operator, 'transfer-encoding': 'chunked', 'content-length': '' }
    const { 'content-length': _, ...chunked } = headers
    const sent = await fetch(`http://127.0.0.1:${port.port}/api/v1/reset`, {
      method: 'POST',
      headers: { authorization: chunked.authorization, 'content-type': chunked['content-type'] },
      body: new ReadableStream({
        start(controller) {
          for (let piece = 0; piece < 200; piece++) controller.enqueue(new Uint8Array(1024).fill(0x20))
          controller.close()
        },
      }),
      duplex: 'half',
    } as RequestInit)
    expect(sent.status).toBe(413)
  })

  const head = (length: number) =>
    `POST /api/v1/reset HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${operator.authorization}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{`

  it('a body that is announced as huge is refused before it is sent', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port.port, '127.0.0.1', () => socket.write(head(1_000_000_000)))
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('error', reject)
      socket.on('end', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
  })

  it('a client that leaves in the middle of its body does no harm and is no error', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(port.port, '127.0.0.1', () => socket.write(head(100), () => socket.destroy()))
      socket.on('close', () => resolve())
    })
    await port.api.close()
    expect([port.logged, port.controller.asked]).toEqual([[], []])
  })

  it('prototype keys in the body to explain are only text', async () => {
    const body = '{"path":"/","body":{"__proto__":{"polluted":true}},"headers":{"__proto__":"x"}}'
    const { status } = await port.ask('/api/v1/explain/request', { method: 'POST', headers: operator, body })
    expect(status).toBe(200)
    expect(port.controller.explained).toMatchObject([
      { body: '{"__proto__":{"polluted":true}}', headers: [['__proto__', 'x']] },
    ])
  })

  it('a body to explain that is nested without end is refused, and as text accepted', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const ask = (body: string) => port.ask('/api/v1/explain/request', { method: 'POST', headers: operator, body })
    expect((await ask(`{"path":"/","body":${deep}}`)).json.detail).toBe('body: is nested too deeply; give it as text')
    expect((await ask(`{"path":"/","body":"${deep}"}`)).status).toBe(200)
  })

  it('headers to explain cannot smuggle a line', async () => {
    const ask = (headers: unknown) =>
      port.ask('/api/v1/explain/request', {
        method: 'POST',
        headers: operator,
        body: JSON.stringify({ path: '/', headers }),
      })
    expect((await ask({ 'X-A': 'a\r\nX-B: b' })).status).toBe(400)
    expect((await ask({ 'X A': 'a' })).status).toBe(400)
    expect(await ask(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, ''])))).toMatchObject({
      status: 400,
    })
  })
})

describe('paths', () => {
  const paths = [
    '/../etc/passwd',
    '/api/v1/../../etc/passwd',
    '/api/v1/resources/../status',
    '/api/v1/resources/Mock/payments/..%2f..%2f..%2fetc%2fpasswd',
    '/api/v1/resources/Mock/..%5c..%5c/get-payment',
    '/api/v1/resources/Mock/payments/get-payment%00',
    '/api/v1/resources/__proto__/constructor/prototype',
    '/api/v1/stores/global/__proto__',
    '/api/v1/stores/global/constructor',
    '/api/v1/requests/__proto__',
    '//api/v1/status',
    '/api//v1/status',
    '/API/v1/status',
    '/api/v1/status/x',
    '/api/v1/deliveriez',
    '/api/v1/streams',
    `/${'a'.repeat(4000)}`,
  ]
  for (const path of paths) {
    it(`${path.slice(0, 70)} is not found`, async () => {
      const { status, json } = await port.ask(path)
      expect([status, json.status]).toEqual([404, 404])
      expect(json.detail.length).toBeLessThan(400)
    })
  }

  it('a percent sign that encodes nothing is refused', async () => {
    for (const path of ['/api/v1/resources/Mock/payments/%zz', '/%', '/api/v1/stores/global/%ff']) {
      expect((await port.ask(path)).status).toBe(400)
    }
  })

  const meant = [
    ['/api/v1/statsu', '/api/v1/status'],
    ['/api/v1/resource', '/api/v1/resources'],
    ['/api/v1/resources/Mock/payment', '/api/v1/resources/Mock/payment/{name}'],
    ['/api/v1/store/global/payments', '/api/v1/stores/global/payments'],
    ['/v1/mocks', '/api/v1/mocks'],
    ['/mocks', '/api/v1/mocks'],
    ['/health', '/healthz'],
    ['/openapi.json', '/api/v1/openapi.json'],
    ['/completely/different', undefined],
  ]
  for (const [path = '', suggestion] of meant) {
    it(`${path} was probably meant to be ${suggestion ?? 'something unknown'}`, async () => {
      expect((await port.ask(path)).json.suggestion).toBe(suggestion)
    })
  }
})

describe('the page', () => {
  it('shows what is served, to programs as JSON', async () => {
    const { json, headers } = await port.ask('/')
    expect([json.name, json.version, json.revision, json.ready]).toEqual([
      'callboard',
      '1.2.3',
      'main@sha1:aaaa1111',
      'Ready',
    ])
    expect(json.mocks.map((mock: { route: string }) => mock.route)).toContain('/create-payment')
    expect(json.links.map((link: { path: string }) => link.path)).toContain('/api/v1/revisions/{rev}')
    expect(headers.vary).toBe('Accept')
  })

  it('is HTML for browsers, with a policy that allows its style and nothing else', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const { text, headers } = await port.ask('/', { headers: { accept } })
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(text).toContain('<a href="/api/v1/status">')
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`)
    expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src/)
  })

  it('writes nothing declared as markup', async () => {
    const script = '<script>alert(1)</script>'
    port.controller.status = { ...port.controller.status, source: `/srv/${script}"'&` }
    const { text } = await port.ask('/', { headers: { accept: 'text/html' } })
    expect(text).not.toContain(script)
    expect(text).toContain('/srv/&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
  })
})

it('calls that wait are bounded in number, and free their place', async () => {
  let begun = 0
  const all = new Promise<void>((resolve) => {
    port.controller.onWait = () => {
      begun++
      if (begun === 100) resolve()
    }
  })
  const waiting = Array.from({ length: 100 }, () => port.ask('/api/v1/requests?path=/x&wait=60s'))
  await all
  const refused = await port.ask('/api/v1/requests?wait=1s')
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
  port.controller.record(request(1, { path: '/x' }))
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]))
  expect((await port.ask('/api/v1/requests?wait=1s')).status).toBe(200)
})

it('a resource whose parts look like paths is found by its own name alone', async () => {
  port.controller.resources.push(resource('Mock', 'payments', 'a%2Fb', 7))
  expect((await port.ask('/api/v1/resources/Mock/payments/a%252Fb')).json.line).toBe(7)
  expect((await port.ask('/api/v1/resources/Mock/payments/a%2Fb')).status).toBe(404)
})
