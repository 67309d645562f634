import { describe, expect, it } from 'vitest'
import type { AdminWebhookSpec } from '../../../src/resources/generated/admin-webhook.js'
import type { NamespaceWebhookSpec } from '../../../src/resources/generated/namespace-webhook.js'
import type { WebhookProgram } from '../../../src/resources/kinds/webhook.js'
import { Loader } from '../../../src/resources/load.js'
import { schemaFile } from '../../../src/resources/schemas.js'
import { snapshotOf } from '../snapshot.js'

interface Declared {
  readonly kind?: 'NamespaceWebhook' | 'AdminWebhook'
  readonly spec?: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
}

const url = 'http://a.example/hook'

async function load({ kind = 'NamespaceWebhook', spec = {}, metadata }: Declared) {
  const named = metadata ?? { name: 'notify', ...(kind === 'NamespaceWebhook' && { namespace: 'shop' }) }
  const operation = kind === 'NamespaceWebhook' ? 'mock.create' : 'user.create'
  const declared = { apiVersion: 'callboard/v1', kind, metadata: named, spec: { operation, url, ...spec } }
  const loader = new Loader({ defaultNamespace: 'sandbox', env: { REGION: 'eu' } })
  const { resources, problems } = await loader.load(snapshotOf({ 'w.yaml': JSON.stringify(declared) }))
  const found = problems.map(({ severity, rule, pointer, message, hint }) => ({
    severity,
    rule,
    pointer,
    message,
    hint,
  }))
  return { program: [...resources.values()][0]?.program as WebhookProgram | undefined, problems: found }
}

describe('a webhook on changes', () => {
  it('is on and sends all that is known of the change as JSON, if nothing else is said', async () => {
    const { program, problems } = await load({})
    expect(problems).toEqual([])
    expect(program).toMatchObject({
      operations: new Set(['mock.create']),
      enabled: true,
      callback: {
        name: 'notify',
        sync: false,
        timeoutMs: 30_000,
        retry: { retries: 0, delayMs: 1000, growth: 'fixed' },
        message: { type: 'http', method: 'POST', body: { form: 'value' } },
      },
    })
  })

  it('hears of one operation, or of several', async () => {
    const operation = ['user.create', 'backup.restore'] satisfies AdminWebhookSpec['operation']
    const { program } = await load({ kind: 'AdminWebhook', spec: { operation, enabled: false, retryCount: 2 } })
    expect(program).toMatchObject({
      operations: new Set(operation),
      enabled: false,
      callback: { retry: { retries: 2 } },
    })
  })

  it.each([
    ['a GET', { method: 'GET' }],
    ['a body that is null', { body: null }],
  ])('has no body with %s', async (_, spec) => {
    const { program, problems } = await load({ spec })
    expect(problems).toEqual([])
    expect(program?.callback.message).toMatchObject({ body: undefined })
  })

  it.each<[operation: unknown, kind: 'NamespaceWebhook' | 'AdminWebhook', hint: string]>([
    ['mock.creat', 'NamespaceWebhook', 'did you mean "mock.create"?'],
    ['user.create', 'NamespaceWebhook', 'it is one for an AdminWebhook; write kind: AdminWebhook'],
    [
      'backup.craete',
      'NamespaceWebhook',
      'did you mean "backup.create"? it is one for an AdminWebhook; write kind: AdminWebhook',
    ],
    ['mock.restore', 'AdminWebhook', 'it is one for a NamespaceWebhook; write kind: NamespaceWebhook'],
    ['user.add_to_namespace', 'AdminWebhook', 'it is one for a NamespaceWebhook; write kind: NamespaceWebhook'],
    ['user.crate', 'AdminWebhook', 'did you mean "user.create"?'],
  ])('does not know the operation %s in a %s, and says what to do', async (operation, kind, hint) => {
    expect(await load({ kind, spec: { operation } })).toMatchObject({
      program: undefined,
      problems: [{ severity: 'error', rule: 'unknown-value', pointer: '/spec/operation', hint }],
    })
    expect((await load({ kind, spec: { operation: [operation] } })).problems).toMatchObject([
      { pointer: '/spec/operation/0', hint },
    ])
  })

  it.each<[what: string, declared: Declared, rule: string, pointer: string]>([
    ['no operation', { spec: { operation: undefined } }, 'missing-field', '/spec'],
    ['an empty list of operations', { spec: { operation: [] } }, 'wrong-size', '/spec/operation'],
    ['no namespace', { metadata: { name: 'notify' } }, 'missing-field', '/metadata'],
    [
      'a namespace on an AdminWebhook',
      { kind: 'AdminWebhook', metadata: { name: 'a', namespace: 'b' } },
      'global-kind',
      '/metadata/namespace',
    ],
    ['no url', { spec: { url: undefined } }, 'missing-field', '/spec'],
    ['Kafka without a topic', { spec: { type: 'kafka', kafkaBrokers: 'a:1' } }, 'missing-field', '/spec'],
    ['a url that is none', { spec: { url: 'ftp://a' } }, 'callback-url', '/spec/url'],
    ['a trigger', { spec: { trigger: 'always' } }, 'unknown-field', '/spec/trigger'],
    ['an answer that waits', { spec: { async: false } }, 'unknown-field', '/spec/async'],
    ['an unknown root', { spec: { body: '$.chnge' } }, 'expression-root', '/spec/body'],
    ['a request', { spec: { body: { id: '$.req.id' } } }, 'expression-root', '/spec/body/id'],
    ['an answer', { spec: { body: { id: '$.statusCode' } } }, 'expression-root', '/spec/body/id'],
    ['a store', { spec: { body: { id: '$.gS.id' } } }, 'expression-root', '/spec/body/id'],
    ['a variable that is not shown', { spec: { body: '$.env.HOME' } }, 'expression-env', '/spec/body'],
  ])('is refused with %s', async (_, declared, rule, pointer) => {
    const { program, problems } = await load(declared)
    expect(program).toBeUndefined()
    expect(problems).toContainEqual(expect.objectContaining({ severity: 'error', rule, pointer }))
  })

  it('says where there are requests, and where there are changes', async () => {
    const [request] = (await load({ spec: { body: { id: '$.req.id' } } })).problems
    expect(request?.message).toBe('$.req exists in mocks and callbacks only')
    const mock = {
      apiVersion: 'callboard/v1',
      kind: 'Mock',
      metadata: { name: 'a' },
      spec: {
        http: { route: '/a' },
        response: { payload: { a: '$.change.name' } },
        webhooks: [{ url, body: { a: '$.change.name' } }],
      },
    }
    const loader = new Loader({ defaultNamespace: 'sandbox' })
    const { problems } = await loader.load(snapshotOf({ 'm.yaml': JSON.stringify(mock) }))
    expect(problems.map(({ message, pointer }) => `${pointer}: ${message}`).sort()).toEqual([
      '/spec/response/payload/a: $.change exists in webhooks on changes only',
      '/spec/webhooks/0/body/a: $.change exists in webhooks on changes only',
    ])
  })

  it('has every field of a callback that does not need a request', () => {
    const fields = Object.keys(schemaFile('common').$defs?.callback?.properties ?? {})
    const without = ['name', 'trigger', 'conditions', 'async', 'durability']
    for (const kind of ['namespace-webhook', 'admin-webhook']) {
      const own = Object.keys(schemaFile(kind).properties?.spec?.properties ?? {})
      expect(own.sort()).toEqual([...fields.filter((field) => !without.includes(field)), 'operation', 'enabled'].sort())
    }
  })

  it('the two kinds share no operation, and each names those of the other', () => {
    const operations = (kind: string) => schemaFile(kind).$defs?.operation
    const [own, other] = [operations('namespace-webhook'), operations('admin-webhook')]
    expect(Object.keys(own?.['x-hints'] ?? {})).toEqual(other?.enum)
    expect(Object.keys(other?.['x-hints'] ?? {})).toEqual(own?.enum)
    expect(own?.enum?.filter((one) => other?.enum?.includes(one))).toEqual([])
    expect((own?.enum as NamespaceWebhookSpec['operation'])?.length).toBe(5)
    expect(other?.enum?.length).toBe(14)
  })
})
