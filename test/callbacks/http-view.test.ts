import { expect, it } from 'vitest'
import type { HttpPayload } from '../../src/callbacks/http.js'
import { showHttp } from '../../src/callbacks/http-view.js'

const payload = (changes: Partial<HttpPayload> = {}): HttpPayload => ({
  method: 'POST',
  url: 'https://shop.example.com/hooks',
  headers: [],
  ...changes,
})

it('shows what is sent', () => {
  const headers = [
    ['Content-Type', 'application/json'],
    ['X-Tag', 'a'],
    ['X-Tag', 'b'],
  ] as const
  expect(showHttp(payload({ headers, body: '{"a":1}' }), [])).toEqual({
    method: 'POST',
    url: 'https://shop.example.com/hooks',
    address: {},
    headers: { 'Content-Type': ['application/json'], 'X-Tag': ['a', 'b'] },
    body: '{"a":1}',
    encoding: 'utf8',
    truncated: false,
  })
})

it('names secrets and does not show them', () => {
  const headers = [
    ['Authorization', { env: 'SHOP_TOKEN', prefix: 'Bearer ' }],
    ['X-Other', { file: '/run/secrets/other' }],
    ['X-Pasted', { file: `literal:${'0'.repeat(64)}` }],
  ] as const
  const shown = showHttp(payload({ url: { env: 'SHOP_URL' }, headers }), [])
  expect(shown.url).toBe('<secret: env SHOP_URL>')
  expect(shown.headers).toEqual({
    Authorization: ['Bearer <secret: env SHOP_TOKEN>'],
    'X-Other': ['<secret: file /run/secrets/other>'],
    'X-Pasted': ['<secret: as declared>'],
  })
})

it.each([
  'Authorization',
  'cookie',
  'Proxy-Authorization',
  'X-Api-Key',
  'X-Auth-Token',
  'Stripe-Signature',
  'X-INTERNAL',
])('hides what a header %s was rendered to', (name) => {
  const shown = showHttp(payload({ headers: [[name, 'never-shown']] }), ['x-internal'])
  expect(shown.headers[name]).toEqual(['***'])
})

it.each(['Content-Type', 'X-Keyboard', 'X-Tokenizer-Version', 'Authority'])('shows a header %s', (name) => {
  expect(showHttp(payload({ headers: [[name, 'shown']] }), []).headers[name]).toEqual(['shown'])
})

it.each([
  { url: 'https://user:pass@shop.example.com/', shown: 'https://***@shop.example.com/' },
  { url: 'https://shop.example.com/?token=abc&page=2', shown: 'https://shop.example.com/?token=***&page=2' },
  { url: 'https://shop.example.com/?api_key=a&api_key=b', shown: 'https://shop.example.com/?api_key=***' },
  { url: 'https://shop.example.com/?page=2#x', shown: 'https://shop.example.com/?page=2#x' },
  { url: 'no url at all', shown: 'no url at all' },
])('shows $url as $shown', ({ url, shown }) => {
  expect(showHttp(payload({ url }), []).url).toBe(shown)
})

it('cuts long bodies and says so', () => {
  const { body, truncated } = showHttp(payload({ body: 'x'.repeat(10_000) }), [])
  expect([body?.length, truncated]).toEqual([4096, true])
})

it('takes names of headers for nothing but names', () => {
  const { headers } = showHttp(
    payload({
      headers: [
        ['constructor', 'a'],
        ['__proto__', 'b'],
      ],
    }),
    [],
  )
  expect(Object.entries(headers)).toEqual([
    ['constructor', ['a']],
    ['__proto__', ['b']],
  ])
})

it('says of a signature which keys make it', () => {
  const form = { scheme: 'slack' } as const
  const secrets = [{ env: 'SIGNING_KEY' }, { file: `literal:${'0'.repeat(64)}` }]
  const made = '<made at each attempt with <secret: env SIGNING_KEY> and <secret: as declared>>'
  expect(showHttp(payload({ sign: { form, secrets } }), []).headers).toEqual({
    'X-Slack-Request-Timestamp': [made],
    'X-Slack-Signature': [made],
  })
})
