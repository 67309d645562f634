// What leaves is verified by the receivers' own libraries, over the bytes that arrived.

import { verify as verifyGithub, verifyWithFallback } from '@octokit/webhooks-methods'
import { verifySlackRequest } from '@slack/bolt'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHttpTransport, type HttpPayload, toPayload } from '../../src/callbacks/http.js'
import { type SignatureDeclaration, sign } from '../../src/callbacks/signatures.js'
import { Secrets } from '../../src/delivery/secrets.js'
import type { Outcome } from '../../src/delivery/transport.js'
import type { SignatureForm } from '../../src/resources/kinds/callback-program.js'
import { signatureHeaders } from '../../src/resources/kinds/callback-signature.js'
import { delivery } from '../delivery/world.js'
import { type Received, receivers } from './receiver.js'

const { guard, open } = receivers()
const now = Date.UTC(2026, 0, 1, 12, 0, 0, 999)
const env = {
  NEW: 's3cret',
  OLD: 'the key before',
  WHSEC_NEW: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
  WHSEC_OLD: 'whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=',
}

const hmac = { scheme: 'hmac', header: 'X-Signature-256', prefix: '', algorithm: 'sha256', encoding: 'hex' } as const

function signed(
  declaration: SignatureDeclaration,
  body: string | Uint8Array = '{}',
  { id = 'd-1.1', at = now, known = env }: { id?: string; at?: number; known?: Record<string, string> } = {},
): Promise<Record<string, string>> {
  const secrets = new Secrets({ env: known })
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return sign(declaration, { id, body: bytes, now: () => at }, secrets).then((made) =>
    Object.fromEntries(made.map(([name, value]) => [name.toLowerCase(), value])),
  )
}

interface Verifying {
  readonly form: SignatureForm
  readonly keys: { readonly now: string; readonly before: string }
  /** Throws, rejects or gives false when it is not taken; `at`: the receiver's clock. */
  verify(key: string, received: Pick<Received, 'headers' | 'body'>, at: number): unknown
}

const header = (headers: Received['headers'], name: string): string => String(headers[name])

/** The libraries that those who are sent such webhooks use. */
const libraries: Record<string, Verifying> = {
  stripe: {
    form: { scheme: 'stripe' },
    keys: { now: 'NEW', before: 'OLD' },
    verify: (key, { headers, body }, at) => {
      const { webhooks } = new Stripe('sk_test_nothing')
      webhooks.constructEvent(body, header(headers, 'stripe-signature'), key, undefined, undefined, at)
      return true
    },
  },
  'standard-webhooks': {
    form: { scheme: 'standard-webhooks' },
    keys: { now: 'WHSEC_NEW', before: 'WHSEC_OLD' },
    verify: (key, { headers, body }, at) => {
      vi.useFakeTimers({ now: at, toFake: ['Date'] })
      new Webhook(key).verify(body, headers as Record<string, string>)
      return true
    },
  },
  github: {
    form: { scheme: 'github' },
    keys: { now: 'NEW', before: 'OLD' },
    verify: (key, { headers, body }) => verifyGithub(key, body.toString(), header(headers, 'x-hub-signature-256')),
  },
  slack: {
    form: { scheme: 'slack' },
    keys: { now: 'NEW', before: 'OLD' },
    verify: (key, { headers, body }, at) => {
      verifySlackRequest({
        signingSecret: key,
        body: body.toString(),
        headers: {
          'x-slack-signature': header(headers, 'x-slack-signature'),
          'x-slack-request-timestamp': Number(header(headers, 'x-slack-request-timestamp')),
        },
        nowMilliseconds: at,
      })
      return true
    },
  },
}

afterEach(() => {
  vi.useRealTimers()
})

async function takes(
  { verify }: Verifying,
  key: string,
  received: Pick<Received, 'headers' | 'body'>,
  at = now,
): Promise<boolean> {
  try {
    return (await verify(key, received, at)) === true
  } catch {
    return false
  } finally {
    vi.useRealTimers()
  }
}

function send(payload: Omit<HttpPayload, 'headers' | 'method'> & Partial<HttpPayload>, at = now): Promise<Outcome> {
  const transport = createHttpTransport({ guard: guard(), now: () => at, env, userAgent: 'callboard/test' })
  const record = delivery({ id: 'run-7.1', payload: toPayload({ method: 'POST', headers: [], ...payload }) })
  return transport.send(record, new AbortController().signal, 1)
}

const bodies: [name: string, body: string][] = [
  ['JSON', '{"id":"evt_1","amount":12345678901234567890.10}'],
  ['JSON with odd spaces', '{"b" :1,  "a":"ü\\u0000"}\n'],
  ['text of several scripts', '{"text":"héllo ✓ 日本 🎉"}'],
]

describe.each(Object.entries(libraries))('%s', (_, library) => {
  const key = env[library.keys.now as keyof typeof env]
  const before = env[library.keys.before as keyof typeof env]
  const declaration = { form: library.form, secrets: [{ env: library.keys.now }] }

  it.each(bodies)('is verified by the official library over the bytes that arrive: %s', async (_name, body) => {
    const { url, received } = await open()
    expect((await send({ url, body, sign: declaration })).ok).toBe(true)
    const [request] = received as [Received]
    expect(request.body.equals(Buffer.from(body))).toBe(true)
    expect(await takes(library, key, request)).toBe(true)
  })

  it('is refused by it with a byte changed, another key, or a line break added', async () => {
    const { url, received } = await open()
    await send({ url, body: '{"paid":false}', sign: declaration })
    const [{ headers }] = received as [Received]
    expect(await takes(library, key, { headers, body: Buffer.from('{"paid":false}') })).toBe(true)
    for (const body of ['{"paid":true }', '{"paid":false}\n']) {
      expect(await takes(library, key, { headers, body: Buffer.from(body) })).toBe(false)
    }
    expect(await takes(library, before, { headers, body: Buffer.from('{"paid":false}') })).toBe(false)
  })

  it('is verified for text that is kept in base64', async () => {
    const { url, received } = await open()
    const body = Buffer.from('{"name":"Zoë"}')
    await send({ url, body: body.toString('base64'), encoding: 'base64', sign: declaration })
    const [request] = received as [Received]
    expect(request.body.equals(body)).toBe(true)
    expect(await takes(library, key, request)).toBe(true)
  })

  it('is made for whatever text is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const body = Buffer.from(JSON.stringify({ value }))
        const headers = await signed(declaration, body)
        expect(await takes(library, key, { headers, body })).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe.each(['stripe', 'standard-webhooks', 'slack'])('the time of %s', (name) => {
  const library = libraries[name] as Verifying
  const key = env[library.keys.now as keyof typeof env]
  const declaration = { form: library.form, secrets: [{ env: library.keys.now }] }
  const minute = 60_000

  it('is that of the attempt, so that the receiver refuses an old one', async () => {
    const body = Buffer.from('{}')
    const received = { headers: await signed(declaration, body), body }
    expect(await takes(library, key, received, now + 4 * minute)).toBe(true)
    expect(await takes(library, key, received, now + 6 * minute)).toBe(false)
    const again = { headers: await signed(declaration, body, { at: now + 6 * minute }), body }
    expect(await takes(library, key, again, now + 6 * minute)).toBe(true)
  })
})

describe('while rotating', () => {
  it.each(['stripe', 'standard-webhooks'])('%s is verified with either key, and with no third', async (name) => {
    const library = libraries[name] as Verifying
    const { now: current, before } = library.keys
    const { url, received } = await open()
    await send({
      url,
      body: '{}',
      sign: { form: library.form, secrets: [{ env: current }, { env: before }] },
    })
    const [request] = received as [Received]
    for (const one of [current, before]) {
      expect(await takes(library, env[one as keyof typeof env], request)).toBe(true)
    }
    const third = 'whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY='
    expect(await takes(library, third, request)).toBe(false)
  })

  it('github has one signature, and its library takes it when it knows both keys', async () => {
    const headers = await signed({ form: { scheme: 'github' }, secrets: [{ env: 'NEW' }] }, 'body')
    expect(headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/)
    expect(await verifyWithFallback(env.OLD, 'body', headers['x-hub-signature-256'] ?? '', [env.NEW])).toBe(true)
  })

  it('hmac has both in one header, each with the prefix', async () => {
    const form = { ...hmac, header: 'X-PagerDuty-Signature', prefix: 'v1=' }
    const both = await signed({ form, secrets: [{ env: 'NEW' }, { env: 'OLD' }] }, 'x')
    const one = await Promise.all(['NEW', 'OLD'].map((name) => signed({ form, secrets: [{ env: name }] }, 'x')))
    expect(both).toEqual({
      'x-pagerduty-signature': one.map((made) => made['x-pagerduty-signature']).join(','),
    })
    expect(both['x-pagerduty-signature']).toMatch(/^v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/)
  })
})

// Published by GitHub and by Standard Webhooks; the others were made with openssl.
const hello = '{"event":"test","text":"héllo ✓"}'
const helloHex = '8791de707547dea5f79c2a2447f45b7720c7aa8c17b5405e48b182d71a151ca0'
const vectors: [
  name: string,
  form: SignatureForm,
  key: string,
  body: string,
  headers: Record<string, string>,
  id?: string,
  seconds?: number,
][] = [
  [
    'GitHub, as in its documentation',
    { scheme: 'github' },
    "It's a Secret to Everybody",
    'Hello, World!',
    {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      'x-hub-signature': 'sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59',
    },
  ],
  [
    'Standard Webhooks, as in its libraries',
    { scheme: 'standard-webhooks' },
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    '{"test": 2432232314}',
    {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330,
  ],
  ['plain hex', hmac, 's3cret', hello, { 'x-signature-256': helloHex }],
  [
    'with a prefix, in another header',
    { ...hmac, header: 'X-Shop-Signature', prefix: 'sha256=' },
    's3cret',
    hello,
    { 'x-shop-signature': `sha256=${helloHex}` },
  ],
  [
    'in base64',
    { ...hmac, encoding: 'base64' },
    's3cret',
    hello,
    { 'x-signature-256': Buffer.from(helloHex, 'hex').toString('base64') },
  ],
  [
    'of no body',
    hmac,
    's3cret',
    '',
    { 'x-signature-256': '91dfac70c5348b04e1babb8b421ac92cec08b565b49ca16130dccb72503647b7' },
  ],
  [
    'sha1',
    { ...hmac, algorithm: 'sha1' },
    'key',
    'x',
    { 'x-signature-256': '2a00e8e8343df86c4c188b263eeca331afa31548' },
  ],
  [
    'sha512',
    { ...hmac, algorithm: 'sha512' },
    'key',
    'x',
    {
      'x-signature-256':
        '57b78c19aba1f91da14b69ee190cdf3926645993b1f555fa48c4674fd03e9dda0a5dc3943b590888d7be6e2d3b851cc8c39aefc9ba28013c16739ed30338f19e',
    },
  ],
]

describe('known signatures', () => {
  it.each(vectors)('%s', async (_name, form, key, body, headers, id = 'd', seconds = 0) => {
    const declaration = { form, secrets: [{ env: 'KEY' }] }
    expect(await signed(declaration, body, { id, at: seconds * 1000, known: { KEY: key } })).toEqual(headers)
    expect(signatureHeaders(form).map((name) => name.toLowerCase())).toEqual(
      Object.keys(await signed(declaration, body, { known: { KEY: key } })),
    )
  })
})

describe('the bytes', () => {
  it('may be no text at all', async () => {
    const { url, received } = await open()
    const bytes = Buffer.from([0, 255, 128, 10])
    const declaration = { form: hmac, secrets: [{ env: 'NEW' }] }
    await send({ url, body: bytes.toString('base64'), encoding: 'base64', sign: declaration })
    const [request] = received as [Received]
    expect(request.body.equals(bytes)).toBe(true)
    expect(header(request.headers, 'x-signature-256')).toBe((await signed(declaration, bytes))['x-signature-256'])
  })

  it.each(['GET', 'DELETE', 'POST'])('are none for %s without a body, and are signed as such', async (method) => {
    const { url, received } = await open()
    await send({ url, method, sign: { form: hmac, secrets: [{ env: 'NEW' }] } })
    const [request] = received as [Received]
    expect(request.body).toHaveLength(0)
    expect(header(request.headers, 'x-signature-256')).toBe(
      '91dfac70c5348b04e1babb8b421ac92cec08b565b49ca16130dccb72503647b7',
    )
  })
})

describe('the id of Standard Webhooks', () => {
  it('is that of the delivery, without the dots that would end it', async () => {
    const { url, received } = await open()
    await send({ url, body: '{}', sign: { form: { scheme: 'standard-webhooks' }, secrets: [{ env: 'WHSEC_NEW' }] } })
    expect(received[0]?.headers).toMatchObject({ 'webhook-id': 'run-7_1', 'callboard-delivery-id': 'run-7.1' })
  })
})

describe('a key that cannot sign', () => {
  const standard = { scheme: 'standard-webhooks' } as const
  it.each<[name: string, form: SignatureForm, value: string | undefined, message: string]>([
    ['is not there', hmac, undefined, 'the environment variable KEY is not set'],
    ['is empty', hmac, '', 'the environment variable KEY is not set'],
    ['is no base64', standard, 'whsec_not!base64', 'the secret in the environment variable KEY cannot sign'],
    ['lacks padding', standard, 'whsec_MDEyMzQ1Njc4OWE', 'the secret in the environment variable KEY cannot sign'],
    ['has nothing after whsec_', standard, 'whsec_', 'the secret in the environment variable KEY cannot sign'],
    ['is for another algorithm', standard, 'whsk_MDEyMzQ1Njc4OWFi', 'the environment variable KEY cannot sign'],
  ])('%s: the attempt ends as auth, and shows nothing of it', async (_name, form, value, message) => {
    const { url, received } = await open()
    const transport = createHttpTransport({
      guard: guard(),
      now: () => now,
      env: value === undefined ? {} : { KEY: value },
      userAgent: 'callboard/test',
    })
    const payload = toPayload({ method: 'POST', url, headers: [], sign: { form, secrets: [{ env: 'KEY' }] } })
    const outcome = await transport.send(delivery({ payload }), new AbortController().signal, 1)
    expect(outcome).toMatchObject({ ok: false, class: 'auth', message: expect.stringContaining(message) })
    const shown = value?.replace(/^wh\w+_/, '')
    if (shown) expect(JSON.stringify(outcome)).not.toContain(shown)
    expect(received).toEqual([])
  })

  it('never shows in what a receiver answers, in any form of it', async () => {
    const encoded = env.WHSEC_NEW.slice('whsec_'.length)
    const { url } = await open((_, res) => res.writeHead(400).end(`${env.WHSEC_NEW} ${encoded} ${env.NEW}`))
    const sign: SignatureDeclaration = { form: standard, secrets: [{ env: 'WHSEC_NEW' }] }
    const outcome = await send({ url, headers: [['x', { env: 'NEW' }]], sign })
    expect(outcome.response).toBe('****** ****** ******')
  })
})
