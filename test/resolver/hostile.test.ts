import { describe, expect, it } from 'vitest'
import { raw } from './raw-connection.js'
import { mock, type Running, serve } from './running-resolver.js'

const hello = mock('hello', { http: { route: '/hello' }, response: { payload: 'world' } })
const echo = mock('echo', {
  http: { route: '/echo/:id' },
  response: { payload: { body: '$.req', id: '$.pathParam.id' } },
})
const deep = mock('deep', {
  http: { route: '/deep', conditions: [{ path: '$..a', assertAction: 'contains', value: 'x' }] },
  response: { payload: 'deep' },
})
const delayed = mock('delayed', { http: { route: '/delayed' }, response: { payload: 'late', delay: 600_000 } })

async function alive({ url }: Running): Promise<void> {
  expect(await (await fetch(`${url}/hello`)).text()).toBe('world')
}

const head = 'POST /echo/1 HTTP/1.1\r\nHost: x\r\n'

describe('what no client should send', () => {
  const cases: [name: string, bytes: string | Buffer, status: number][] = [
    [
      'Content-Length and Transfer-Encoding',
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['two different Content-Lengths', `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`, 400],
    ['a Content-Length that is no number', `${head}Content-Length: 4x\r\n\r\nabcd`, 400],
    ['a negative Content-Length', `${head}Content-Length: -1\r\n\r\n`, 400],
    ['an unknown Transfer-Encoding', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['a chunk size that is none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a folded header', 'GET /hello HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n', 400],
    ['a space before the colon', 'GET /hello HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['a NUL in a header', 'GET /hello HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n', 400],
    ['a bare line feed', 'GET /hello HTTP/1.1\nHost: x\n\n', 400],
    ['a NUL in the path', 'GET /hel\u0000lo HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no Host', 'GET /hello HTTP/1.1\r\n\r\n', 400],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.0\r\n\r\n', 400],
    ['TLS on a plain port', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]), 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['an unknown method', 'BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['headers beyond the limit', `GET /hello HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
    ['more headers than allowed', `GET /hello HTTP/1.1\r\nHost: x\r\n${'X: a\r\n'.repeat(101)}\r\n`, 431],
    ['a URL beyond the limit', `GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['a URL far beyond the limit', `GET /${'a'.repeat(60_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    ['a body beyond the limit', `${head}Content-Length: 100001\r\n\r\n`, 413],
    [
      'a chunked body beyond the limit',
      `${head}Transfer-Encoding: chunked\r\n\r\n30d41\r\n${'a'.repeat(200_001)}\r\n0\r\n\r\n`,
      413,
    ],
    ['a percent that decodes to nothing', 'GET /%zz/%/%C3 HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['a path that climbs', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['an encoded NUL', 'GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['thousands of segments', `GET ${'/a'.repeat(4_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 404],
    ['thousands of query parameters', `GET /hello?${'a&'.repeat(3_900)} HTTP/1.1\r\nHost: x\r\n\r\n`, 200],
    ['a namespace of a prototype', 'GET /stubs/__proto__/hello HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ]
  for (const [name, bytes, status] of cases) {
    it(`${name} is a ${status}`, async () => {
      const running = await serve([hello, echo])
      const connection = await raw(running.port)
      connection.send(bytes)
      const received = await connection.until(/\r\n\r\n/)
      expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      if (status >= 400) expect(received).toContain('application/problem+json')
      await alive(running)
      expect(running.logged.filter(({ level }) => level === 'error')).toEqual([])
    })
  }

  it('a second request after one that is malformed is never read', async () => {
    const running = await serve([hello, echo])
    const connection = await raw(running.port)
    const smuggled = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n'
    connection.send(`${head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`)
    const received = await connection.ended
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(running.resolver.mocks().map(({ hits }) => hits)).toEqual([0, 0])
    expect(running.resolver.metrics.counts.malformed).toBe(1)
  })

  const bodies: [name: string, type: string, body: string][] = [
    ['JSON nested 40,000 deep', 'application/json', '['.repeat(40_000) + ']'.repeat(40_000)],
    ['objects nested 10,000 deep', 'application/json', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      '__proto__ in JSON',
      'application/json',
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ],
    ['__proto__ in a form', 'application/x-www-form-urlencoded', '__proto__=1&__proto__[polluted]=1&constructor=2'],
    ['a number of 90,000 digits', 'application/json', `{"n":${'9'.repeat(90_000)}}`],
    ['a body of NULs', 'application/json', '\u0000'.repeat(90_000)],
    [
      'multipart without end',
      'multipart/form-data; boundary=x',
      `--x\r\n${'Content-Disposition: form-data; name="a"\r\n'.repeat(2_000)}`,
    ],
    [
      'multipart with 5,000 parts',
      'multipart/form-data; boundary=x',
      `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(1_500)}--x--`,
    ],
    ['a charset that is none', 'text/plain; charset=;;;', 'text'],
  ]
  for (const [name, type, body] of bodies) {
    it(`${name} is answered`, async () => {
      const running = await serve([hello, echo, deep])
      for (const path of ['/echo/1', '/deep']) {
        const answer = await fetch(running.url + path, { method: 'POST', headers: { 'Content-Type': type }, body })
        expect([200, 404]).toContain(answer.status)
        await answer.text()
      }
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
      expect(running.logged.filter(({ level }) => level === 'error')).toEqual([])
      await alive(running)
    })
  }
})

describe('clients that leave or dawdle', () => {
  it('headers that do not arrive in time are a 408', async () => {
    const running = await serve([hello], { options: { limits: { headersTimeoutMs: 100, requestTimeoutMs: 1_000 } } })
    const connection = await raw(running.port)
    connection.send('GET /hello HTTP/1.1\r\nHost: x\r\n')
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /)
    await alive(running)
  })

  it('a body that does not arrive in time is a 408', async () => {
    const running = await serve([hello, echo], {
      options: { limits: { headersTimeoutMs: 100, requestTimeoutMs: 150 } },
    })
    const connection = await raw(running.port)
    connection.send(`${head}Content-Length: 10\r\n\r\nabc`)
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /)
    await alive(running)
  })

  it('an upload that breaks off is recorded as aborted', async () => {
    const running = await serve([hello, echo])
    const connection = await raw(running.port)
    connection.send(`${head}Content-Length: 10\r\n\r\nabc`)
    connection.socket.end()
    connection.socket.resetAndDestroy()
    await expect.poll(() => running.resolver.requests.size).toBe(1)
    const [only] = running.resolver.requests.list(() => true, { limit: 1 }).items
    expect(only).toMatchObject({ outcome: 'aborted', status: null, path: '/echo/1' })
    await alive(running)
    expect(running.logged.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('a client that leaves while its answer is delayed ends the delay', async () => {
    const running = await serve([hello, delayed])
    const connection = await raw(running.port)
    connection.send('GET /delayed HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => running.resolver.mocks().find(({ name }) => name === 'delayed')?.hits).toBe(1)
    connection.socket.destroy()
    await expect.poll(() => running.resolver.requests.size).toBe(1)
    const [only] = running.resolver.requests.list(() => true, { limit: 1 }).items
    expect(only).toMatchObject({ outcome: 'aborted', status: null, mock: { name: 'delayed' } })
    await alive(running)
  })

  it('a client that sends far more than it may is cut off', async () => {
    const running = await serve([hello, echo])
    const connection = await raw(running.port)
    connection.send(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
    for (let count = 0; count < 4; count += 1) connection.send(chunk)
    expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413 /)
    await alive(running)
  })
})
