import { expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import { secretReferences } from '../../src/resources/secret-references.js'

it.each<[name: string, kind: string, spec: Json, found: Record<string, object>]>([
  [
    'a signature, and the key before',
    'Callback',
    { sign: { scheme: 'stripe', secret: { env: 'KEY' }, previousSecret: { file: '/run/key' } } },
    { '/spec/sign/secret': { env: 'KEY' }, '/spec/sign/previousSecret': { file: '/run/key' } },
  ],
  [
    'headers of any name, without what stands before the secret',
    'Callback',
    { headers: { Authorization: { env: 'TOKEN', prefix: 'Bearer ' }, 'X-A/B': { file: 'k' }, 'X-Plain': 'text' } },
    { '/spec/headers/Authorization': { env: 'TOKEN' }, '/spec/headers/X-A~1B': { file: 'k' } },
  ],
  [
    'a URL',
    'Mock',
    { http: { route: '/a' }, webhooks: [{ url: 'http://a.example' }, { url: { env: 'HOOK' } }] },
    { '/spec/webhooks/1/url': { env: 'HOOK' } },
  ],
  [
    'the logins of brokers',
    'Callback',
    { type: 'kafka', kafkaPassword: { env: 'KAFKA' }, rabbitURL: { file: '/run/rabbit' } },
    { '/spec/kafkaPassword': { env: 'KAFKA' }, '/spec/rabbitURL': { file: '/run/rabbit' } },
  ],
  [
    'a webhook on changes',
    'NamespaceWebhook',
    { operation: 'mock.update', url: { env: 'HOOK' } },
    { '/spec/url': { env: 'HOOK' } },
  ],
  ['nothing of a body that looks like one', 'Callback', { body: { secret: { env: 'NO' } } }, {}],
  ['nothing of literals', 'Callback', { sign: { scheme: 'hmac', secret: 'abc' }, headers: { Cookie: 'a' } }, {}],
  ['nothing of a kind that is not known', 'Unknown', { secret: { env: 'A' } }, {}],
])('finds %s', (_name, kind, spec, found) => {
  const references = secretReferences(kind, spec)
  expect(Object.fromEntries(references.map(({ pointer, place }) => [pointer, place]))).toEqual(found)
})
