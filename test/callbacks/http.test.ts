import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createHttpTransport,
  type HttpPayload,
  type HttpTransportOptions,
  targetOf,
  toPayload,
} from '../../src/callbacks/http.js'
import { parseRetryAfter } from '../../src/delivery/http-answer.js'
import type { Outcome } from '../../src/delivery/transport.js'
import { delivery } from '../delivery/world.js'
import { receivers } from './receiver.js'

const { guard, open } = receivers()
const now = Date.UTC(2026, 0, 1, 12)

function send(
  payload: Partial<HttpPayload> & { url: HttpPayload['url'] },
  {
    attempt = 1,
    signal = new AbortController().signal,
    ...options
  }: Partial<HttpTransportOptions> & { attempt?: number; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const transport = createHttpTransport({
    guard: guard(),
    now: () => now,
    env: {},
    userAgent: 'callboard/test',
    ...options,
  })
  const record = delivery({ id: 'delivery-1', payload: toPayload({ method: 'POST', headers: [], ...payload }) })
  return transport.send(record, signal, attempt)
}

describe('a callback over HTTP', () => {
  it('sends method, path, query, headers and the very bytes of the body', async () => {
    const { url, received } = await open()
    const body = '{"b" :1,  "a":"ü\\u0000"}\n'
    const outcome = await send(
      {
        url: `${url}/hooks/a%20b?x=1&x=2`,
        method: 'PUT',
        headers: [
          ['Content-Type', 'application/json'],
          ['X-Twice', 'one'],
          ['X-Twice', 'two'],
        ],
        body,
      },
      { attempt: 3 },
    )
    expect(outcome).toEqual({ ok: true, status: 200, response: 'ok' })
    const [request] = received
    expect(request?.method).toBe('PUT')
    expect(request?.url).toBe('/hooks/a%20b?x=1&x=2')
    expect(request?.body.equals(Buffer.from(body))).toBe(true)
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-twice': 'one, two',
      'user-agent': 'callboard/test',
      'callboard-delivery-id': 'delivery-1',
      'callboard-attempt': '3',
      'callboard-hop': '1',
      'content-length': String(Buffer.byteLength(body)),
    })
  })

  it('sends bytes that are no text', async () => {
    const { url, received } = await open()
    const bytes = Buffer.from([0, 255, 128, 10])
    await send({ url, body: bytes.toString('base64'), encoding: 'base64' })
    expect(received[0]?.body.equals(bytes)).toBe(true)
  })

  for (const method of ['GET', 'DELETE', 'PATCH']) {
    it(`${method} goes with and without a body`, async () => {
      const { url, received } = await open()
      expect((await send({ url, method })).ok).toBe(true)
      expect((await send({ url, method, body: '{}' })).ok).toBe(true)
      expect(received.map((request) => [request.method, request.body.toString()])).toEqual([
        [method, ''],
        [method, '{}'],
      ])
    })
  }

  it('what a callback says itself is not replaced by what is added', async () => {
    const { url, received } = await open()
    await send({
      url,
      headers: [
        ['User-Agent', 'mine'],
        ['Callboard-Delivery-Id', 'own'],
      ],
    })
    expect(received[0]?.headers).toMatchObject({ 'user-agent': 'mine', 'callboard-delivery-id': 'own' })
  })

  it('the length is that of the bytes sent, whatever the callback says', async () => {
    const { url, received } = await open()
    const outcome = await send({ url, headers: [['Content-Length', '99']], body: 'x' })
    expect(outcome.ok).toBe(true)
    expect(received[0]?.headers['content-length']).toBe('1')
  })

  it('user and password of a URL become the header they mean', async () => {
    const { port, received } = await open()
    await send({ url: `http://ann:p%40ss@127.0.0.1:${port}/` })
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`)
  })

  const classes: [number, string][] = [
    [200, 'ok'],
    [201, 'ok'],
    [204, 'ok'],
    [301, 'rejected'],
    [304, 'rejected'],
    [400, 'rejected'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'gone'],
    [408, 'timeout'],
    [410, 'gone'],
    [422, 'rejected'],
    [429, 'rate_limited'],
    [500, 'server'],
    [503, 'server'],
    [599, 'server'],
  ]
  for (const [status, kind] of classes) {
    it(`an answer ${status} is ${kind}`, async () => {
      const { url } = await open((_, res) => res.writeHead(status).end())
      const outcome = await send({ url })
      expect(outcome.ok ? 'ok' : outcome.class).toBe(kind)
      expect(outcome.status).toBe(status)
    })
  }

  it('a redirect is a failure, and nobody is led anywhere', async () => {
    const there = await open()
    const { url } = await open((_, res) => res.writeHead(302, { location: `${there.url}/x` }).end())
    const outcome = await send({ url })
    expect(outcome).toMatchObject({
      ok: false,
      class: 'rejected',
      message: `answered 302; redirects are not followed (to ${there.url}/x)`,
    })
    expect(there.received).toEqual([])
  })

  it('a Retry-After of a failure is handed on', async () => {
    const { url } = await open((_, res) => res.writeHead(503, { 'retry-after': '7' }).end())
    expect(await send({ url })).toMatchObject({ ok: false, class: 'server', retryAfterMs: 7000 })
  })

  const retryAfters: [string, number | undefined][] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['1.5', 1500],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu Jan  1 12:00:30 2026', 30_000],
    ['Wed, 31 Dec 2025 12:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['5 apples', undefined],
    ['', undefined],
  ]
  for (const [text, want] of retryAfters) {
    it(`Retry-After "${text}" is ${want}`, () => expect(parseRetryAfter(text, now)).toBe(want))
  }

  it('of a long answer only the beginning is read and recorded', async () => {
    let sent = 0
    const { url } = await open((_, res) => {
      const more = () => {
        while (!res.destroyed && res.write('x'.repeat(65_536))) sent += 65_536
      }
      res.on('drain', more)
      more()
    })
    const outcome = await send({ url })
    expect(outcome).toMatchObject({ ok: true, status: 200 })
    expect(outcome.response).toHaveLength(4096)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('an answer that never comes is given up when it is aborted, and the connection with it', async () => {
    let arrived = () => {}
    let gone = () => {}
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const isGone = new Promise<void>((resolve) => {
      gone = resolve
    })
    const { url } = await open((_, res) => {
      res.on('close', gone)
      arrived()
    })
    const controller = new AbortController()
    const sending = send({ url }, { signal: controller.signal })
    const rejected = expect(sending).rejects.toThrow('timeout')
    await hasArrived
    controller.abort(new Error('timeout'))
    await rejected
    await isGone
  })

  it('nothing is sent that was aborted before', async () => {
    const { url, received } = await open()
    await expect(send({ url }, { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow('cancelled')
    expect(received).toEqual([])
  })

  it('a refused connection is network', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const outcome = await send({ url: `http://127.0.0.1:${port}/` })
    expect(outcome).toMatchObject({ ok: false, class: 'network' })
    expect(outcome.ok ? '' : outcome.message).toContain('ECONNREFUSED')
  })

  it('a connection that is cut in the middle of an answer is network', async () => {
    const { url } = await open((_, res, req) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('half', () => req.socket.destroy())
    })
    expect(await send({ url })).toMatchObject({ ok: false, class: 'network' })
  })

  it('an answer that is no HTTP is network', async () => {
    const server = createServer((socket) => socket.end('hello\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      expect(await send({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ ok: false, class: 'network' })
    } finally {
      server.close()
    }
  })

  it('an address that the guard refuses is guard, and says what to allow', async () => {
    const { port, received } = await open()
    const outcome = await send({ url: `http://127.0.0.1:${port}/` }, { guard: guard([]) })
    expect(outcome).toMatchObject({ ok: false, class: 'guard' })
    expect(outcome.ok ? '' : outcome.message).toContain(`network.allow: ["127.0.0.1:${port}"]`)
    expect(received).toEqual([])
  })

  const unsendable: [string, Partial<HttpPayload> & { url: string }][] = [
    ['no URL', { url: 'not a url' }],
    ['another scheme', { url: 'ftp://example.com/' }],
    ['a header name with a space', { url: 'http://127.0.0.1:1/', headers: [['a b', 'c']] }],
    ['a header value with a line break', { url: 'http://127.0.0.1:1/', headers: [['a', 'b\r\nc: d']] }],
    ['a method that is none', { url: 'http://127.0.0.1:1/', method: 'PO ST' }],
  ]
  for (const [name, payload] of unsendable) {
    it(`${name} is template`, async () => {
      expect(await send(payload)).toMatchObject({ ok: false, class: 'template' })
    })
  }
})

describe('chains of callbacks', () => {
  it('the tenth callback in a row is sent, the eleventh is not', async () => {
    const { url, received } = await open()
    expect((await send({ url, hop: 10 })).ok).toBe(true)
    expect(received[0]?.headers['callboard-hop']).toBe('10')
    expect(await send({ url, hop: 11 })).toMatchObject({ ok: false, class: 'guard' })
    expect(received).toHaveLength(1)
  })

  it('the eleventh may go to somebody else', async () => {
    const { url } = await open()
    expect((await send({ url, hop: 11 }, { isOwn: () => false })).ok).toBe(true)
  })
})

describe('secrets of a callback', () => {
  const env = { TOKEN: 's3cr3t/+token "quoted"' }

  it('are resolved when sending, with what stands before them', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'secret-')), 'key')
    writeFileSync(file, 'from-a-file\n')
    const { url, received } = await open()
    await send(
      {
        url,
        headers: [
          ['Authorization', { env: 'KEY', prefix: 'Bearer ' }],
          ['X-Key', { file }],
        ],
      },
      { env: { KEY: 'abc' } },
    )
    expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-key': 'from-a-file' })
  })

  it('a URL may be one', async () => {
    const { url, received } = await open()
    expect((await send({ url: { env: 'URL' } }, { env: { URL: `${url}/T000/B000/xyz` } })).ok).toBe(true)
    expect(received[0]?.url).toBe('/T000/B000/xyz')
  })

  for (const [name, reference, message] of [
    ['an environment variable that is not set', { env: 'NONE' }, 'NONE is not set'],
    ['a file that is not there', { file: '/nonexistent/secret' }, '/nonexistent/secret cannot be read: ENOENT'],
  ] as const) {
    it(`${name} is auth`, async () => {
      const { url, received } = await open()
      const outcome = await send({ url, headers: [['x', reference]] })
      expect(outcome).toMatchObject({ ok: false, class: 'auth' })
      expect(outcome.ok ? '' : outcome.message).toContain(message)
      expect(received).toEqual([])
    })
  }

  const echoes: [string, (secret: string) => string][] = [
    ['as it is', (secret) => `got ${secret}.`],
    ['in JSON', (secret) => JSON.stringify({ token: secret })],
    ['in a URL', (secret) => `?t=${encodeURIComponent(secret)}`],
    ['in a form', (secret) => new URLSearchParams({ t: secret }).toString()],
    ['in base64', (secret) => Buffer.from(secret).toString('base64')],
    ['in base64url', (secret) => Buffer.from(secret).toString('base64url')],
    ['within more in base64', (secret) => Buffer.from(`ann:${secret}:x`).toString('base64')],
    ['within other more in base64', (secret) => Buffer.from(`user1:${secret}`).toString('base64')],
  ]
  for (const [name, echo] of echoes) {
    it(`nothing of one is left in what is recorded, ${name}`, async () => {
      const { url } = await open((_, res) => res.writeHead(400).end(echo(env.TOKEN)))
      const outcome = await send({ url, headers: [['x', { env: 'TOKEN' }]] }, { env })
      expect(outcome.response).toContain('******')
      for (const [, other] of echoes.slice(0, 6)) expect(outcome.response).not.toContain(other(env.TOKEN))
    })
  }

  it('a location that shows one is recorded without it', async () => {
    const { url } = await open((_, res) => res.writeHead(302, { location: '/login?token=abcdef' }).end())
    const outcome = await send({ url, headers: [['x', { env: 'T' }]] }, { env: { T: 'abcdef' } })
    expect(outcome.ok ? '' : outcome.message).toContain('/login?token=******')
  })

  it('a secret URL shows in no message', async () => {
    const outcome = await send({ url: { env: 'URL' } }, { env: { URL: 'no url at all' } })
    expect(outcome).toMatchObject({ ok: false, class: 'template' })
    expect(JSON.stringify(outcome)).not.toContain('no url at all')
  })
})

describe('the target of a URL', () => {
  for (const [url, want] of [
    ['https://a.example/x?y', 'https://a.example'],
    ['https://ann:secret@a.example:8443/x', 'https://a.example:8443'],
    ['nonsense', 'invalid:nonsense'],
    [{ env: 'HOOK' }, 'secret:HOOK'],
  ] as const) {
    it(`${JSON.stringify(url)} is behind the gate of ${want}`, () => expect(targetOf(url)).toBe(want))
  }
})
