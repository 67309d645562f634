import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import { linkCallback } from '../../../src/resources/kinds/callback.js'
import { signatureHeaders, standardWebhooksKey } from '../../../src/resources/kinds/callback-signature.js'

const context = { readFile: () => undefined, env: {}, defaultNamespace: 'sandbox' }
const url = 'http://a.example/hook'
const secret = { env: 'KEY' }
const previousSecret = { file: '/run/secrets/before' }

function link(spec: Record<string, Json>) {
  const input = { namespace: 'shop', name: 'notify', labels: {}, annotations: {} }
  return linkCallback({ ...input, spec: { selector: {}, url, ...spec } }, context)
}

function signOf(sign: Record<string, Json>) {
  const { program, findings } = link({ sign })
  if (program?.message.type !== 'http') throw new Error(findings.map(({ message }) => message).join('; '))
  return program.message.sign
}

const rules = (spec: Record<string, Json>): string[] =>
  link(spec).findings.map(({ rule, severity, pointer }) => `${severity} ${rule} ${pointer}`)

describe('a signature as declared', () => {
  it('is compiled with what is not said filled in', () => {
    expect(signOf({ scheme: 'hmac', secret })).toEqual({
      form: { scheme: 'hmac', header: 'X-Signature-256', prefix: '', algorithm: 'sha256', encoding: 'hex' },
      secrets: [{ kind: 'secret', place: secret }],
    })
    const chosen = { header: 'X-Sig', prefix: 'sha512=', algorithm: 'sha512', encoding: 'base64' }
    expect(signOf({ scheme: 'hmac', secret, ...chosen })?.form).toEqual({ scheme: 'hmac', ...chosen })
    expect(signOf({ scheme: 'stripe', secret })?.form).toEqual({ scheme: 'stripe' })
    expect(link({}).program?.message).toMatchObject({ sign: undefined })
  })

  it.each<[scheme: string, keys: number]>([
    ['stripe', 2],
    ['standard-webhooks', 2],
    ['hmac', 2],
    ['github', 1],
    ['slack', 1],
  ])('%s signs with %i of two keys', (scheme, keys) => {
    expect(signOf({ scheme, secret, previousSecret })?.secrets).toHaveLength(keys)
    const found = keys === 2 ? [] : ['warning signature-one-key /spec/sign/previousSecret']
    expect(rules({ sign: { scheme, secret, previousSecret } })).toEqual(found)
  })

  it('keeps a literal key apart', () => {
    expect(signOf({ scheme: 'slack', secret: 'abc' })?.secrets).toEqual([{ kind: 'literal', text: 'abc' }])
  })

  it.each<[name: string, spec: Record<string, Json>, found: string[]]>([
    [
      'a declared header of the signature, in whatever case',
      { headers: { 'stripe-signature': 'x' }, sign: { scheme: 'stripe', secret } },
      ['error signature-header /spec/headers/stripe-signature'],
    ],
    [
      'the timestamp of the signature',
      { headers: { 'Webhook-Timestamp': '1' }, sign: { scheme: 'standard-webhooks', secret } },
      ['error signature-header /spec/headers/Webhook-Timestamp'],
    ],
    [
      'the older header of GitHub',
      { headers: { 'X-Hub-Signature': 'x', 'X-GitHub-Event': 'push' }, sign: { scheme: 'github', secret } },
      ['error signature-header /spec/headers/X-Hub-Signature'],
    ],
    [
      'the header that hmac chose',
      { headers: { 'X-SIG': 'x' }, sign: { scheme: 'hmac', secret, header: 'x-sig' } },
      ['error signature-header /spec/headers/X-SIG'],
    ],
    [
      'a header of the connection',
      { sign: { scheme: 'hmac', secret, header: 'Content-Length' } },
      ['error signature-header /spec/sign/header'],
    ],
    [
      'a header that says what the body is',
      { sign: { scheme: 'hmac', secret, header: 'content-type' } },
      ['error signature-header /spec/sign/header'],
    ],
    [
      'a prefix that no header can carry',
      { sign: { scheme: 'hmac', secret, prefix: 'a\nb' } },
      ['error header-value /spec/sign/prefix'],
    ],
    [
      'fields of hmac elsewhere',
      { sign: { scheme: 'github', secret, header: 'X-Mine', encoding: 'hex' } },
      ['error signature-field /spec/sign/header', 'error signature-field /spec/sign/encoding'],
    ],
    ['an empty key', { sign: { scheme: 'hmac', secret: '' } }, ['error signature-secret /spec/sign/secret']],
    [
      'an expression as a key',
      { sign: { scheme: 'hmac', secret: '$.env.KEY' } },
      ['error signature-secret /spec/sign/secret'],
    ],
    [
      'a key that is no base64',
      { sign: { scheme: 'standard-webhooks', secret, previousSecret: 'whsec_a.b' } },
      ['error signature-secret /spec/sign/previousSecret'],
    ],
    ['a key that is', { sign: { scheme: 'standard-webhooks', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } }, []],
  ])('%s', (_name, spec, found) => {
    expect(rules(spec)).toEqual(found)
  })

  it('says what to do, and nothing of the key', () => {
    const { findings } = link({ sign: { scheme: 'standard-webhooks', secret: 'hunter2!' } })
    expect(findings).toMatchObject([
      {
        message: '"secret" cannot sign: a key of Standard Webhooks is base64, usually after "whsec_"',
        hint: 'write secret: {env: NAME} or {file: path}',
      },
    ])
  })
})

describe('the headers of a signature', () => {
  it('are those of the scheme', () => {
    expect(signatureHeaders({ scheme: 'slack' })).toEqual(['X-Slack-Request-Timestamp', 'X-Slack-Signature'])
    const own = { scheme: 'hmac', header: 'X-A', prefix: '', algorithm: 'sha1', encoding: 'hex' } as const
    expect(signatureHeaders(own)).toEqual(['X-A'])
  })
})

describe('a key of Standard Webhooks', () => {
  it.each([
    ['whsec_AAEC', '000102'],
    ['AAEC', '000102'],
    ['whsec_AAE=', '0001'],
    ['whsec_', undefined],
    ['', undefined],
    ['AAE', undefined],
    ['AA-_', undefined],
    ['whsec_AAEC\n', undefined],
  ])('%j is %s', (text, hex) => {
    expect(standardWebhooksKey(text)?.toString('hex')).toBe(hex)
  })
})
