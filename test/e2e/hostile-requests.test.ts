import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { serve, mock as served } from '../resolver/running-resolver.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, mock } from './folder.js'
import { raw } from './raw.js'
import { type Running, shared } from './running.js'

const declared = documents(
  mock('echo', {
    http: { route: '/echo', conditions: [{ path: '$', assertAction: 'any' }] },
    response: { payload: { body: '$.req', query: '$.queryParams' } },
  }),
  mock('find', {
    http: { route: '/find', conditions: [{ path: '$..needle', assertAction: 'notEmpty' }] },
    response: { payload: 'found' },
  }),
  mock('keep', {
    http: { route: '/keep/:key' },
    extract: { gStore: { kept: '$.req' } },
    response: { payload: '$.gS.kept' },
  }),
  mock('get', { http: { route: '/get/*', httpMethod: 'GET' }, response: { payload: 'got' } }),
)

const limits = { bodyBytes: 200_000, headerBytes: 8_192, headers: 100 }

const started = shared({ 'mocks.yaml': declared }, { limits })

/** A request that has nothing wrong with it, on a connection of its own. */
async function expectSound(running: Running): Promise<void> {
  expect(await running.ask('/get/well')).toMatchObject({ status: 200, text: 'got' })
  expect((await running.ask('/echo', { body: { a: [1] } })).json).toEqual({ body: { a: [1] }, query: {} })
  expect(await running.status()).toMatchObject({ problems: [] })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}

const host = 'Host: x\r\n'
const end = 'Connection: close\r\n\r\n'
/** What a smuggled request would be answered with, had it been read as one. */
const smuggled = `GET /get/smuggled HTTP/1.1\r\n${host}\r\n`

const raws: readonly { name: string; bytes: string | Buffer; statuses: readonly number[] }[] = [
  { name: 'no HTTP at all', bytes: 'hello\r\n\r\n', statuses: [400] },
  { name: 'a TLS hello', bytes: Buffer.from('160301020001000001fc0303', 'hex'), statuses: [400] },
  {
    name: 'random bytes',
    bytes: Buffer.from(Array.from({ length: 999 }, (_, at) => (at * 73) % 256)),
    statuses: [400],
  },
  { name: 'an unknown method', bytes: `BREW /get/x HTTP/1.1\r\n${host}${end}`, statuses: [400] },
  { name: 'a version that does not exist', bytes: `GET /get/x HTTP/9.9\r\n${host}${end}`, statuses: [400] },
  { name: 'a space in the path', bytes: `GET /get/x y HTTP/1.1\r\n${host}${end}`, statuses: [400] },
  { name: 'NUL in the path', bytes: `GET /get/\0 HTTP/1.1\r\n${host}${end}`, statuses: [400] },
  { name: 'NUL in a header', bytes: `GET /get/x HTTP/1.1\r\n${host}X-A: a\0b\r\n${end}`, statuses: [400] },
  { name: 'no host', bytes: `GET /get/x HTTP/1.1\r\n${end}`, statuses: [400] },
  { name: 'a header without a name', bytes: `GET /get/x HTTP/1.1\r\n${host}: x\r\n${end}`, statuses: [400] },
  { name: 'a folded header', bytes: `GET /get/x HTTP/1.1\r\n${host}X-A: b\r\n c\r\n${end}`, statuses: [400] },
  {
    name: 'headers beyond the bound',
    bytes: `GET /get/x HTTP/1.1\r\n${host}X-A: ${'a'.repeat(40_000)}\r\n${end}`,
    statuses: [431],
  },
  {
    name: 'more headers than allowed',
    bytes: `GET /get/x HTTP/1.1\r\n${host}${'X-A: b\r\n'.repeat(400)}${end}`,
    statuses: [431],
  },
  {
    name: 'a URL beyond the bound',
    bytes: `GET /get/${'x'.repeat(40_000)} HTTP/1.1\r\n${host}${end}`,
    statuses: [414],
  },
  {
    name: 'a length and chunks',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'chunks and a length',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'two lengths',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a length with a sign',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: +0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a length below zero',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a length no number can hold',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: ${'9'.repeat(40)}\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'an unknown transfer encoding',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'chunked, but not last',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a space before the colon',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a line feed alone as line end',
    bytes: `POST /echo HTTP/1.1\r\n${host}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    statuses: [400],
  },
  {
    name: 'a chunk size that is none',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
    statuses: [400],
  },
  {
    name: 'a chunk size no number can hold',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\nhello`,
    statuses: [400],
  },
  {
    name: 'chunks beyond the bound on bodies',
    bytes: `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n${end}${`1000\r\n${'x'.repeat(4_096)}\r\n`.repeat(60)}0\r\n\r\n`,
    statuses: [413],
  },
  {
    name: 'a length beyond the bound on bodies',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: 200001\r\n${end}${'x'.repeat(200_001)}`,
    statuses: [413],
  },
  {
    name: 'a body that waits for leave and is too long',
    bytes: `POST /echo HTTP/1.1\r\n${host}Content-Length: 900000\r\nExpect: 100-continue\r\n${end}`,
    statuses: [413],
  },
]

describe('bytes that are no proper request', () => {
  it.each(raws)('get a status and harm nobody: $name', async ({ bytes, statuses }) => {
    const running = started()
    const reply = await raw(running.resolver, bytes)
    expect(reply.statuses, reply.text.slice(0, 500)).toEqual(statuses)
    expect(reply.text).not.toContain('got')
    expect(reply.text).toMatch(/application\/problem\+json/)
    await expectSound(running)
  })
})

const bomb = Buffer.alloc(50 * 2 ** 20)

const requests: readonly {
  name: string
  path?: string
  body?: string | Buffer
  headers?: Record<string, string>
  status: number
  text?: RegExp
}[] = [
  { name: 'a gzip bomb', body: gzipSync(bomb), headers: { 'content-encoding': 'gzip' }, status: 413 },
  { name: 'a brotli bomb', body: brotliCompressSync(bomb), headers: { 'content-encoding': 'br' }, status: 413 },
  { name: 'a deflate bomb', body: deflateSync(bomb), headers: { 'content-encoding': 'deflate' }, status: 413 },
  {
    name: 'a bomb in a bomb',
    body: gzipSync(gzipSync(bomb)),
    headers: { 'content-encoding': 'gzip, gzip' },
    status: 413,
  },
  { name: 'ten layers', body: 'x', headers: { 'content-encoding': Array(10).fill('gzip').join() }, status: 400 },
  { name: 'gzip that is none', body: 'plain', headers: { 'content-encoding': 'gzip' }, status: 400 },
  { name: 'deep JSON', body: `${'['.repeat(90_000)}${']'.repeat(90_000)}`, status: 200 },
  {
    name: 'deep JSON, looked through',
    path: '/find',
    body: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    status: 404,
  },
  { name: 'JSON without an end', body: '{"a": [', status: 200 },
  {
    name: '__proto__ in JSON',
    body: '{"__proto__": {"polluted": true}, "a": 1}',
    status: 200,
    text: /^\{"body":\{"a":1\}/,
  },
  {
    name: '__proto__ by an escape',
    body: '{"\\u005f_proto__": {"polluted": true}}',
    status: 200,
    text: /^\{"body":\{\}/,
  },
  {
    name: 'constructor.prototype',
    path: '/keep/x',
    body: '{"constructor": {"prototype": {"polluted": true}}}',
    status: 200,
  },
  { name: '__proto__ in the query', path: '/echo?__proto__[polluted]=1&__proto__=2&a=3', body: '1', status: 200 },
  { name: '__proto__ as a path', path: '/keep/__proto__', body: '{"polluted": true}', status: 200 },
  { name: 'a percent sign that encodes nothing', path: '/get/%zz%', status: 200 },
  { name: 'encoded bytes that are no UTF-8', path: '/get/%ff%fe%c0%af', status: 200 },
  { name: 'an encoded NUL', path: '/get/%00', status: 200 },
  { name: 'steps out of the namespace', path: '/stubs/sandbox/../../../etc/passwd', status: 404 },
  { name: 'encoded steps out of the namespace', path: '/stubs/sandbox/%2e%2e%2f%2e%2e%2fetc', status: 404 },
  { name: 'a namespace of 5,000 letters', path: `/stubs/${'n'.repeat(5_000)}/x`, status: 404 },
  { name: 'a namespace called __proto__', path: '/stubs/__proto__/x', status: 404 },
  { name: '3,000 segments', path: '/x'.repeat(3_000), status: 404 },
  { name: '2,000 query parameters', path: `/echo?${'a=1&'.repeat(1_900)}`, body: '1', status: 200 },
  {
    name: 'a form with 50,000 fields',
    body: 'a=1&'.repeat(49_000),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 200,
  },
  {
    name: 'multipart without an end',
    body: '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    status: 200,
  },
  { name: 'multipart without a boundary', body: 'x', headers: { 'content-type': 'multipart/form-data' }, status: 200 },
  {
    name: 'multipart with 5,000 parts',
    body: `${'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'.repeat(3_500)}--b--`,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    status: 200,
  },
  {
    name: 'a charset that does not exist',
    body: 'x',
    headers: { 'content-type': 'text/plain; charset=klingon' },
    status: 200,
  },
  { name: 'a number of 150,000 digits', body: `{"a": ${'9'.repeat(150_000)}}`, status: 200 },
  { name: 'a cookie of 7,000 pairs', path: '/get/x', headers: { cookie: 'a=b;'.repeat(1_800) }, status: 200 },
]

describe('requests that mean harm', () => {
  it.each(requests)(
    'get a status and harm nobody: $name',
    async ({ path = '/echo', body, headers = {}, status, text }) => {
      const running = started()
      const type =
        headers['content-type'] === undefined && body !== undefined ? { 'content-type': 'application/json' } : {}
      const before = process.memoryUsage().rss
      const reply = await running.ask(path, {
        ...(body === undefined ? {} : { body }),
        headers: { ...type, ...headers },
      })
      expect(reply.status, reply.text.slice(0, 300)).toBe(status)
      if (text !== undefined) expect(reply.text).toMatch(text)
      if (status >= 400) expect(reply.text.length).toBeLessThan(20_000)
      expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150)
      await expectSound(running)
      // What was recorded of it can be looked at.
      await running.see('/api/v1/requests')
    },
  )

  it('come by the thousand without a trace in memory', async () => {
    const running = started()
    const round = async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        await Promise.all(raws.map(({ bytes }) => raw(running.resolver, bytes)))
        await Promise.all(
          requests.map(({ path = '/echo', body, headers = {} }) =>
            ask(running.resolver + path, { ...(body === undefined ? {} : { body }), headers }),
          ),
        )
      }
      return process.memoryUsage().rss
    }
    await round()
    const settled = await round()
    const after = await round()
    expect((after - settled) / 2 ** 20).toBeLessThan(80)
    await expectSound(running)
  })
})

it('a client that does not finish its headers is told and cut off, and holds up nobody', async () => {
  const running = await serve([served('get', { http: { route: '/get' }, response: { payload: 'got' } })], {
    options: { limits: { headersTimeoutMs: 300 } },
  })
  const slow = Array.from({ length: 50 }, () => {
    const socket = connect({ host: '127.0.0.1', port: running.port })
    let text = ''
    let ended = false
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      ended = true
    })
    socket.write('GET /get HTTP/1.1\r\nHost: x\r\nX-')
    return { socket, text: () => text, ended: () => ended }
  })
  const trickle = setInterval(() => {
    for (const { socket } of slow) if (socket.writable) socket.write('a')
  }, 20)
  try {
    const began = performance.now()
    expect((await ask(`${running.url}/get`)).text).toBe('got')
    expect(performance.now() - began).toBeLessThan(1_000)
    await eventually('all are cut off', () => slow.every(({ ended }) => ended()))
    for (const { text } of slow) expect(text()).toMatch(/^HTTP\/1\.1 408/)
  } finally {
    clearInterval(trickle)
    for (const { socket } of slow) socket.destroy()
  }
  expect((await ask(`${running.url}/get`)).text).toBe('got')
})

it('a client that leaves in the middle of a body is forgotten', async () => {
  const running = started()
  const { hostname, port } = new URL(running.resolver)
  for (let turn = 0; turn < 20; turn += 1) {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => {})
    socket.write(`POST /echo HTTP/1.1\r\n${host}Content-Length: 1000\r\n\r\nhalf`, () => socket.resetAndDestroy())
  }
  await expectSound(running)
})
