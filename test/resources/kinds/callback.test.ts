import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import { linkCallback } from '../../../src/resources/kinds/callback.js'
import { type CallbackSelector, isSelected } from '../../../src/resources/kinds/callback-program.js'
import { linkMock } from '../../../src/resources/kinds/mock.js'
import { schemaFile } from '../../../src/resources/schemas.js'

const context = {
  readFile: (path: string) => (path === 'wanted.txt' ? Buffer.from('yes') : undefined),
  env: { REGION: 'eu' },
  defaultNamespace: 'sandbox',
}

const url = 'http://a.example/hook'

function link(spec: Record<string, Json>) {
  const input = { namespace: 'shop', name: 'notify', labels: {}, annotations: {} }
  return linkCallback({ ...input, spec: { selector: {}, ...spec } }, context)
}

function programOf(spec: Record<string, Json>) {
  const { program, findings } = link({ url, ...spec })
  if (program === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  return program
}

function rules(spec: Record<string, Json>): string[] {
  return link({ url, ...spec }).findings.map(({ rule, severity, pointer }) => `${severity} ${rule} ${pointer}`)
}

describe('linkCallback', () => {
  it('fills in what is not said', () => {
    expect(programOf({})).toMatchObject({
      name: 'notify',
      trigger: 'always',
      conditions: [],
      sync: false,
      delayMs: 0,
      timeoutMs: 30_000,
      retry: { retries: 0, delayMs: 1000, growth: 'fixed' },
      durability: 'write',
      breaker: true,
      message: { type: 'http', method: 'POST', headers: [], body: undefined },
    })
  })

  it('takes times in seconds, fractions too, and all else as declared', () => {
    const declared = {
      trigger: 'on_error',
      async: false,
      delay: 1.5,
      timeout: 0.25,
      retryCount: 3,
      retryDelay: 2,
      retryPolicy: 'exponential',
      durability: 'sync',
      breaker: false,
      method: 'PUT',
    }
    expect(programOf(declared)).toMatchObject({
      trigger: 'on_error',
      sync: true,
      delayMs: 1500,
      timeoutMs: 250,
      retry: { retries: 3, delayMs: 2000, growth: 'exponential' },
      durability: 'sync',
      breaker: false,
      message: { type: 'http', method: 'PUT' },
    })
    expect(programOf({ trigger: '' }).trigger).toBe('always')
  })

  it.each<[name: string, body: Json, form: string, contentType: string | undefined]>([
    ['an object', { a: '$.req.a' }, 'json', 'application/json'],
    ['a list', [1], 'json', 'application/json'],
    ['a number', 5, 'json', 'application/json'],
    ['a text', 'Order $.req.id', 'text', 'text/plain; charset=utf-8'],
    ['a text that is JSON', '{"a": "$.req.a"}', 'json', 'text/plain; charset=utf-8'],
    ['one expression', '$.req', 'value', undefined],
    ['one expression over the answer', '$.response', 'value', undefined],
  ])('%s as a body', (_name, body, form, contentType) => {
    expect(programOf({ body }).message.body).toMatchObject({ form, contentType })
  })

  it('leaves the content type to a header that says it', () => {
    expect(programOf({ body: 'x', headers: { 'content-type': 'text/csv' } }).message).toMatchObject({
      isTyped: true,
      body: { contentType: undefined },
    })
  })

  it('keeps secrets as references, and knows literals where a secret belongs', () => {
    const { message } = programOf({
      url: { env: 'HOOK' },
      headers: {
        Authorization: { env: 'TOKEN', prefix: 'Bearer ' },
        'x-api-key': 'abc',
        Cookie: '$.reqHeader.Cookie[0]',
        'X-Other': 'plain',
      },
    })
    expect(message).toMatchObject({ url: { kind: 'secret', place: { env: 'HOOK' } } })
    expect(message.headers.map(({ name, value }) => [name, value.kind])).toEqual([
      ['Authorization', 'secret'],
      ['x-api-key', 'literal'],
      ['Cookie', 'template'],
      ['X-Other', 'template'],
    ])
    expect(rules({ url: 'http://user:pass@a.example/' })).toEqual(['warning literal-secret /spec/url'])
  })

  it.each<[name: string, spec: Record<string, Json>, found: string[]]>([
    ['an expression that does not compile', { body: { a: '$.fake.Nonsense' } }, ['error unknown-faker /spec/body/a']],
    ['a URL without a scheme', { url: 'a.example/hook' }, ['error callback-url /spec/url']],
    ['a URL of another scheme', { url: 'ftp://a.example/' }, ['error callback-url /spec/url']],
    ['a URL with an expression', { url: 'http://$.req.host/x' }, []],
    ['a header with a line break', { headers: { A: 'x\ny' } }, ['error header-value /spec/headers/A']],
    [
      'a header of the connection',
      { headers: { Connection: 'close' } },
      ['warning header-ignored /spec/headers/Connection'],
    ],
    [
      'a condition',
      { conditions: [{ path: '$.a', assertAction: 'matches', value: '(' }] },
      ['error bad-regex /spec/conditions/0/value'],
    ],
    [
      'a condition without its file',
      { conditions: [{ path: '$.a', valueFromFile: 'none.txt' }] },
      ['error missing-file /spec/conditions/0/valueFromFile'],
    ],
    [
      'a signature on what is no HTTP request',
      { type: 'rabbitmq', rabbitURL: { env: 'R' }, rabbitQueue: 'q', sign: { scheme: 'hmac', secret: { env: 'S' } } },
      ['error signature-not-http /spec/sign'],
    ],
  ])('%s', (_name, spec, found) => {
    expect(rules(spec)).toEqual(found)
  })

  it('names a file of its conditions', () => {
    const { references, settled } = link({ url, conditions: [{ path: '$', valueFromFile: 'wanted.txt' }] })
    expect([references, settled]).toEqual([['wanted.txt'], false])
    expect(link({ url, body: '$.env.REGION' }).settled).toBe(false)
    expect(link({ url }).settled).toBe(true)
  })
})

describe('webhooks of a mock', () => {
  it('are compiled in order, named by their number or name', () => {
    const spec = { http: { route: '/u' }, response: {}, webhooks: [{ url }, { url, name: 'second' }] }
    const { program } = linkMock({ namespace: 'shop', name: 'm', annotations: {}, spec }, context)
    expect(program?.webhooks.map(({ name }) => name)).toEqual(['1', 'second'])
  })

  it('are found wrong at their place', () => {
    const spec = { http: { route: '/u' }, response: {}, webhooks: [{ url }, { url: 'nowhere' }] }
    const { program, findings } = linkMock({ namespace: 'shop', name: 'm', annotations: {}, spec }, context)
    expect(program).toBeUndefined()
    expect(findings).toMatchObject([{ rule: 'callback-url', pointer: '/spec/webhooks/1/url' }])
  })

  it('have the same fields as kind Callback', () => {
    const own = Object.keys(schemaFile('common').$defs?.callback?.properties ?? {})
    const kind = Object.keys(schemaFile('callback').properties?.spec?.properties ?? {})
    expect(kind.filter((name) => name !== 'selector')).toEqual(own.filter((name) => name !== 'name'))
  })
})

describe('isSelected', () => {
  const mock = { name: 'pay', labels: { team: 'a', tier: '1' }, spec: { tags: ['x', 'y'] } }
  it.each<[selector: Partial<CallbackSelector>, selected: boolean]>([
    [{}, true],
    [{ mocks: new Set(['pay', 'other']) }, true],
    [{ mocks: new Set(['other']) }, false],
    [{ labels: [['team', 'a']] }, true],
    [
      {
        labels: [
          ['team', 'a'],
          ['tier', '2'],
        ],
      },
      false,
    ],
    [{ labels: [['toString', 'a']] }, false],
    [{ tags: ['x', 'y'] }, true],
    [{ tags: ['x', 'z'] }, false],
    [{ mocks: new Set(['pay']), labels: [['team', 'b']] }, false],
  ])('%o: %s', (selector, selected) => {
    expect(isSelected({ labels: [], tags: [], ...selector }, mock)).toBe(selected)
  })
})
