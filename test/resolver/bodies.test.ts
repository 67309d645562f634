import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mock, serve } from './running-resolver.js'

const echo = mock('echo', {
  http: { route: '/echo', httpMethod: 'POST' },
  response: { payload: { body: '$.req' } },
  priority: -1,
})
const paid = mock('paid', {
  http: { route: '/echo', httpMethod: 'POST', conditions: [{ path: '$.amount', assertAction: 'equals', value: 5 }] },
  response: { payload: { paid: true } },
})

async function ask(
  url: string,
  body: string | Uint8Array<ArrayBuffer> | FormData,
  type?: string,
  more: Record<string, string> = {},
): Promise<unknown> {
  const headers = { ...(type === undefined ? {} : { 'Content-Type': type }), ...more }
  const answer = await fetch(`${url}/echo`, { method: 'POST', headers, body })
  return answer.status === 200 ? answer.json() : answer.status
}

describe('bodies', () => {
  const cases: { name: string; type?: string; body: string | Uint8Array<ArrayBuffer>; want: unknown }[] = [
    { name: 'JSON', type: 'application/json', body: '{"a":[1,null]}', want: { a: [1, null] } },
    { name: 'JSON by suffix, with parameters', type: 'application/vnd.api+json; v=1', body: '{"a":1}', want: { a: 1 } },
    { name: 'JSON with a byte order mark', type: 'application/json', body: '\ufeff{"a":1}', want: { a: 1 } },
    { name: 'JSON without a type', body: new TextEncoder().encode('{"a":1}'), want: { a: 1 } },
    {
      name: 'JSON that curl -d calls a form',
      type: 'application/x-www-form-urlencoded',
      body: '{"a":1}',
      want: { a: 1 },
    },
    { name: 'what claims JSON and is not', type: 'application/json', body: '{"a":', want: '{"a":' },
    {
      name: 'a form',
      type: 'application/x-www-form-urlencoded',
      body: 'a=1&b=x+y&b=%C3%BC',
      want: { a: '1', b: ['x y', 'ü'] },
    },
    {
      name: 'a form with what does not decode',
      type: 'application/x-www-form-urlencoded',
      body: 'a=%zz',
      want: { a: '%zz' },
    },
    { name: 'text', type: 'text/plain', body: 'hällo', want: 'hällo' },
    { name: 'text in Latin-1', type: 'text/plain; charset=ISO-8859-1', body: new Uint8Array([0x68, 0xe4]), want: 'hä' },
    { name: 'text in a charset nobody knows', type: 'text/plain; charset=klingon', body: 'hä', want: 'hä' },
    { name: 'XML as text', type: 'application/xml', body: '<a>1</a>', want: '<a>1</a>' },
  ]
  for (const { name, type, body, want } of cases) {
    it(`are read: ${name}`, async () => {
      const { url } = await serve([echo])
      expect(await ask(url, body, type)).toEqual({ body: want })
    })
  }

  it('a number that a double cannot hold keeps its digits', async () => {
    const { url } = await serve([echo])
    const headers = { 'Content-Type': 'application/json' }
    const body = '{"n":12345678901234567890}'
    expect(await (await fetch(`${url}/echo`, { method: 'POST', headers, body })).text()).toBe(`{"body":${body}}`)
  })

  it('multipart fields are a form', async () => {
    const { url } = await serve([echo])
    const form = new FormData()
    form.append('name', 'Ada')
    form.append('tag', 'a')
    form.append('tag', 'b')
    form.append('file', new Blob(['bytes']), 'a.txt')
    expect(await ask(url, form)).toEqual({ body: { name: 'Ada', tag: ['a', 'b'], file: 'a.txt' } })
  })

  it('what claims multipart and is not stays text', async () => {
    const { url } = await serve([echo])
    expect(await ask(url, 'plain', 'multipart/form-data')).toEqual({ body: 'plain' })
  })

  const inflations = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const
  for (const [coding, compress] of inflations) {
    it(`a body in ${coding} (${compress.name}) is inflated before it is matched`, async () => {
      const { url } = await serve([echo, paid])
      const body = new Uint8Array(compress('{"amount":5}'))
      expect(await ask(url, body, 'application/json', { 'Content-Encoding': coding })).toEqual({ paid: true })
    })
  }

  it('a body that inflates beyond the limit is a 413, without inflating it', async () => {
    const { url } = await serve([echo])
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await ask(url, bomb, 'application/json', { 'Content-Encoding': 'gzip' })).toBe(413)
  })

  it('a body that is not what its encoding says is a 400', async () => {
    const { url } = await serve([echo])
    expect(await ask(url, 'plain', 'text/plain', { 'Content-Encoding': 'gzip' })).toBe(400)
  })

  it('a body in an encoding nobody knows stays as it is', async () => {
    const { url } = await serve([echo])
    expect(await ask(url, 'plain', 'text/plain', { 'Content-Encoding': 'x-own' })).toEqual({ body: 'plain' })
  })

  it('a body beyond the limit is a 413, and the connection goes on', async () => {
    const { url } = await serve([echo])
    expect(await ask(url, 'x'.repeat(150_000), 'text/plain')).toBe(413)
    expect(await ask(url, 'x', 'text/plain')).toEqual({ body: 'x' })
  })

  it('a request without a body has none', async () => {
    const { url } = await serve([
      mock('none', { http: { route: '/none' }, response: { payload: { body: '$.req' } } }),
      mock('full', {
        http: { route: '/none', conditions: [{ path: '$', assertAction: 'notEmpty' }] },
        response: { payload: 1 },
      }),
    ])
    expect(await (await fetch(`${url}/none`)).json()).toEqual({ body: '$.req' })
  })

  it('cookies and form fields can be matched', async () => {
    const http = { route: '/in', cookies: [{ path: 'sid', value: 'a b' }], form: [{ path: 'user', value: 'ada' }] }
    const { url } = await serve([mock('in', { http, response: { payload: 'in' } })])
    const headers = { Cookie: 'x=1; sid="a%20b"', 'Content-Type': 'application/x-www-form-urlencoded' }
    const init = { method: 'POST', headers, body: 'user=ada' }
    expect((await fetch(`${url}/in`, init)).status).toBe(200)
    expect((await fetch(`${url}/in`, { ...init, body: 'user=bob' })).status).toBe(404)
  })
})
