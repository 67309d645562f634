import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/expression/json.js'
import type { Scope, StoreView } from '../../../src/expression/scope.js'
import { ReferenceRefused } from '../../../src/resources/kinds/kind.js'
import { linkMock } from '../../../src/resources/kinds/mock.js'
import type { MockProgram, ResponseProgram } from '../../../src/resources/kinds/mock-program.js'

const files: Record<string, string | Uint8Array> = {
  'order.json': '{"id": "$.req.id"}',
  'constant.json': '{"id": 1}',
  'marked.json': '\uFEFF[1]',
  'page.txt': 'Hello $.req.name',
  'plain.txt': 'Hello',
  'wanted.txt': 'yes\n',
  'image.png': Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0xff]),
  'encoded.txt': 'aGVsbG8=\n',
}

const context = {
  readFile: (path: string) => {
    if (path.startsWith('..')) throw new ReferenceRefused(`"${path}" leads out of the source`)
    const content = files[path]
    return typeof content === 'string' ? Buffer.from(content) : content
  },
  env: { REGION: 'eu' },
  defaultNamespace: 'sandbox',
}

const http = { route: '/u', httpMethod: 'GET' }

function link(spec: Record<string, Json>, annotations: Record<string, string> = {}) {
  return linkMock({ namespace: 'shop', name: 'm', annotations, spec: { http, ...spec } }, context)
}

function programOf(spec: Record<string, Json>, annotations?: Record<string, string>): MockProgram {
  const { program, findings } = link(spec, annotations)
  if (program === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  return program
}

function answer(response: Record<string, Json>): ResponseProgram {
  const [program] = programOf({ response }).responses
  if (program === undefined) throw new Error('no response')
  return program
}

const none: StoreView = { get: () => undefined, entries: () => ({}) }
const scope = (req: Json): Scope => ({
  req,
  reqHeader: { 'x-session': ['s1', 's2'] },
  queryParams: { q: 'v' },
  pathParam: { id: '7' },
  mS: none,
  cS: none,
  gS: none,
  namespace: 'shop',
  now: () => new Date(0),
  random: () => 0,
})

describe('the body of a linked mock', () => {
  const cases: {
    name: string
    response: Record<string, Json>
    type: string | undefined
    bytes?: string
    rendered?: [Json, string]
  }[] = [
    { name: 'an object is JSON', response: { payload: { a: 1 } }, type: 'application/json', bytes: '{"a":1}' },
    { name: 'a list is JSON', response: { payload: [1] }, type: 'application/json', bytes: '[1]' },
    { name: 'a number is text', response: { payload: 5 }, type: 'text/plain; charset=utf-8', bytes: '5' },
    { name: 'null is text', response: { payload: null }, type: 'text/plain; charset=utf-8', bytes: 'null' },
    { name: 'a text is text', response: { payload: 'hällo' }, type: 'text/plain; charset=utf-8', bytes: 'hällo' },
    { name: 'an empty text is a body', response: { payload: '' }, type: 'text/plain; charset=utf-8', bytes: '' },
    {
      name: 'an escaped expression is constant',
      response: { payload: { a: '$$.req' } },
      type: 'application/json',
      bytes: '{"a":"$.req"}',
    },
    {
      name: 'an object with expressions is rendered',
      response: { payload: { a: '$.req.x' } },
      type: 'application/json',
      rendered: [{ x: 2 }, '{"a":2}'],
    },
    {
      name: 'a text with expressions is rendered',
      response: { payload: 'Hi $.req.x!' },
      type: 'text/plain; charset=utf-8',
      rendered: [{ x: 2 }, 'Hi 2!'],
    },
    {
      name: 'a text that is JSON is rendered structurally',
      response: { payload: '{"a": "$.req.x"}', headers: { 'content-type': 'application/json' } },
      type: undefined,
      rendered: [{ x: '"' }, '{"a":"\\""}'],
    },
    {
      name: 'one expression under a JSON type is rendered as JSON',
      response: { payload: '$.req.x', headers: { 'Content-Type': 'application/json' } },
      type: undefined,
      rendered: [{ x: 'a' }, '"a"'],
    },
    {
      name: 'a declared type is left to the headers',
      response: { payload: '<a/>', headers: { 'Content-Type': 'application/xml' } },
      type: undefined,
      bytes: '<a/>',
    },
    {
      name: 'a JSON file with expressions is rendered structurally',
      response: { payloadTemplatePath: 'order.json' },
      type: 'application/json',
      rendered: [{ id: 'x"' }, '{"id":"x\\""}'],
    },
    {
      name: 'a constant JSON file keeps its bytes',
      response: { payloadTemplatePath: 'constant.json' },
      type: 'application/json',
      bytes: '{"id": 1}',
    },
    {
      name: 'a byte order mark is dropped',
      response: { payloadTemplatePath: 'marked.json' },
      type: 'application/json',
      bytes: '[1]',
    },
    {
      name: 'a text file with expressions is rendered',
      response: { payloadTemplatePath: 'page.txt' },
      type: 'text/plain; charset=utf-8',
      rendered: [{ name: 'Ann' }, 'Hello Ann'],
    },
    {
      name: 'base64 is decoded once',
      response: { payload: 'aGVsbG8=', decode: 'base64' },
      type: 'text/plain; charset=utf-8',
      bytes: 'hello',
    },
    {
      name: 'a base64 file is decoded',
      response: { payloadTemplatePath: 'encoded.txt', decode: 'base64' },
      type: 'text/plain; charset=utf-8',
      bytes: 'hello',
    },
    {
      name: 'an error is an object',
      response: { error: 'no $.req.x' },
      type: 'application/json',
      rendered: [{ x: 'y' }, '{"error":"no y"}'],
    },
    {
      name: 'a payload goes before an error',
      response: { error: 'no', payload: { a: 1 } },
      type: 'application/json',
      bytes: '{"a":1}',
    },
  ]
  for (const { name, response, type, bytes, rendered } of cases) {
    it(name, () => {
      const { body, constant } = answer(response)
      expect(body?.contentType).toBe(type)
      expect(body?.bytes?.toString()).toBe(bytes)
      if (rendered === undefined) expect([constant, body?.template]).toEqual([true, undefined])
      else {
        const [req, text] = rendered
        expect(constant).toBe(false)
        expect(body?.json ? body.template?.renderJson(scope(req)) : body?.template?.renderText(scope(req))).toBe(text)
      }
    })
  }

  it('keeps binary files and binary base64 as they are', () => {
    expect(answer({ payloadTemplatePath: 'image.png' }).body).toMatchObject({
      contentType: 'application/octet-stream',
      bytes: Buffer.from(files['image.png'] ?? ''),
    })
    expect(answer({ payload: '/9j/', decode: 'base64' }).body).toMatchObject({
      contentType: 'application/octet-stream',
      bytes: Buffer.from([0xff, 0xd8, 0xff]),
    })
  })

  it('leaves the type of one expression to what it finds', () => {
    const { body } = answer({ payload: '$.req.x' })
    expect(body).toMatchObject({ byValue: true, contentType: 'text/plain; charset=utf-8' })
    expect(body?.template?.render(scope({ x: [1] }))).toEqual([1])
  })

  it('decodes base64 with expressions when it is rendered', () => {
    expect(answer({ payload: '$.req.image', decode: 'base64' }).body).toMatchObject({
      base64: true,
      contentType: 'application/octet-stream',
    })
  })

  it('has none when nothing is declared', () => {
    expect(answer({ statusCode: 202 })).toMatchObject({ statusCode: 202, body: undefined, constant: true })
  })
})

describe('linkMock', () => {
  it('has defaults for what is not said', () => {
    const program = programOf({ response: {} })
    expect(program).toMatchObject({
      method: 'GET',
      priority: 0,
      choice: 'single',
      faults: [],
      extract: [],
      tags: [],
      stateful: false,
    })
    expect([program.useLimiter, program.ttl, program.seed, program.chainId, program.mStore]).toEqual(
      Array(5).fill(undefined),
    )
    expect(answer({}).statusCode).toBe(200)
    expect(answer({ error: 'no' }).statusCode).toBe(500)
    expect(answer({ error: 'no', statusCode: 404 }).statusCode).toBe(404)
  })

  it('reads 0 as no limit', () => {
    const program = programOf({ response: {}, ttl: 0, useLimiter: 0 })
    expect([program.useLimiter, program.ttl, program.stateful]).toEqual([undefined, undefined, false])
  })

  it('repeats the name of a header with several values', () => {
    const { headers, constant } = answer({ headers: { 'Set-Cookie': ['a=1', 'b=$.req.x'], 'X-Count': 3 } })
    expect(headers.map(({ name, value }) => [name, value.renderText(scope({ x: 2 }))])).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Count', '3'],
    ])
    expect(constant).toBe(false)
  })

  it('reads delays', () => {
    expect(answer({ delay: 50 }).delay).toEqual({ min: 50, max: 50 })
    expect(answer({ delay: { min: 1, max: 9 } }).delay).toEqual({ min: 1, max: 9 })
    expect(answer({ delay: 0 }).delay).toBeUndefined()
  })

  it('counts the conditions of every part of the request, and names their files', () => {
    const { program, references } = linkMock(
      {
        namespace: 'shop',
        name: 'm',
        annotations: {},
        spec: {
          http: {
            ...http,
            conditions: [
              { path: '$.a', assertAction: 'equals', value: 1, decode: '' },
              { value: { a: [2, 1] }, assertAction: 'contains' },
            ],
            queryParams: [{ path: 'q', valueFromFile: 'wanted.txt' }],
            header: [{ path: '$.X-Env', assertAction: 'any' }],
            cookies: [{ path: 'c', assertAction: 'notEmpty' }],
            form: [{ path: 'f', assertAction: 'matches', value: '^a' }],
          },
          response: { payloadTemplatePath: 'order.json' },
        },
      },
      context,
    )
    expect(program?.conditions.map(({ subject }) => subject)).toEqual([
      'body',
      'body',
      'query',
      'header',
      'cookie',
      'form',
    ])
    expect(references).toEqual(['wanted.txt', 'order.json'])
  })

  it('compares lists without regard to order when http says so', () => {
    const spec = { http: { ...http, sortArray: true, conditions: [{ path: '$.a', value: [1, 2] }] }, response: {} }
    const [condition] = programOf(spec).conditions
    const body = (a: Json) => ({
      body: () => ({ a }),
      header: () => [],
      query: () => [],
      cookie: () => [],
      form: () => [],
    })
    expect([condition?.matches(body([2, 1])), condition?.matches(body([2, 2]))]).toEqual([true, false])
  })

  it('reads oneOf, its weights and its order', () => {
    const program = programOf({
      oneOf: { order: 'random', weights: [3, 1], responses: [{ payload: 'a' }, { payload: 'b' }] },
    })
    expect([program.choice, program.weights, program.responses.length, program.stateful]).toEqual([
      'random',
      [3, 1],
      2,
      false,
    ])
    expect(programOf({ oneOf: { responses: [{}, {}] } })).toMatchObject({ choice: 'order', stateful: true })
  })

  it('reads proxies, faults, tags and the seed', () => {
    expect(programOf({ proxy: { target: 'https://example.test/base' } }).proxy?.target.href).toBe(
      'https://example.test/base',
    )
    expect(programOf({ response: {}, faults: { kind: 'reset' } }).faults).toEqual([
      { kind: 'reset', rate: 1, statusCode: 503, duration: 1000 },
    ])
    expect(programOf({ response: {}, faults: [{ kind: 'slow', rate: 0.5, duration: 10, seed: 4 }] }).faults).toEqual([
      { kind: 'slow', rate: 0.5, statusCode: 503, duration: 10, seed: 4 },
    ])
    expect(programOf({ response: {}, tags: ['t'] }, { 'callboard/faker-seed': 's' })).toMatchObject({
      tags: ['t'],
      seed: 's',
    })
  })

  const extractors: { from?: string; jsonPath?: string; want: Json }[] = [
    { jsonPath: '$.orderId', want: 'o1' },
    { from: 'body', jsonPath: 'orderId', want: 'o1' },
    { from: 'body', jsonPath: '$.items[0].sku', want: 's' },
    { from: 'body', jsonPath: "$['odd-name']", want: 5 },
    { from: 'body', jsonPath: '$', want: { orderId: 'o1', items: [{ sku: 's' }], 'odd-name': 5 } },
    { from: 'body', want: { orderId: 'o1', items: [{ sku: 's' }], 'odd-name': 5 } },
    { from: 'header', jsonPath: 'X-Session', want: 's1' },
    { from: 'header', jsonPath: '$.X-Session[1]', want: 's2' },
    { from: 'query', jsonPath: '$.q', want: 'v' },
    { from: 'path', jsonPath: 'id', want: '7' },
  ]
  for (const { want, ...extractor } of extractors) {
    it(`reads the older extractor ${JSON.stringify(extractor)}`, () => {
      const { extract, stateful } = programOf({
        response: {},
        extractors: [{ ...extractor, toStore: 'global', key: 'k' }],
      })
      expect(extract.map(({ store, key }) => [store, key])).toEqual([['gS', 'k']])
      expect(extract[0]?.value.render(scope({ orderId: 'o1', items: [{ sku: 's' }], 'odd-name': 5 }))).toEqual(want)
      expect(stateful).toBe(true)
    })
  }

  it('extracts into the stores in turn: mock, chain, global, then the older form', () => {
    const { extract } = programOf({
      response: {},
      chainId: '$.reqHeader.X-Session[0]',
      extract: { gStore: { g: 1 }, mStore: { m: '$.req.a' }, cStore: { c: '$.mS.m' } },
      extractors: [{ jsonPath: '$.x', toStore: 'mock', key: 'old' }],
    })
    expect(extract.map(({ store, key }) => `${store}.${key}`)).toEqual(['mS.m', 'cS.c', 'gS.g', 'mS.old'])
  })

  const stateful: { name: string; spec: Record<string, Json>; want: boolean }[] = [
    { name: 'a limiter', spec: { response: {}, useLimiter: 2 }, want: true },
    { name: 'an answer that reads the global store', spec: { response: { payload: '$.gS.a' } }, want: true },
    {
      name: 'a header that reads the chain store',
      spec: { response: { headers: { X: '$.cS.a' } }, chainId: 'c' },
      want: true,
    },
    {
      name: 'the mock store alone',
      spec: { response: { payload: '$.mS.a' }, mStore: { a: 1 }, extract: { mStore: { b: 2 } } },
      want: false,
    },
    { name: 'one response in turn', spec: { oneOf: { responses: [{}] } }, want: false },
    { name: 'faults and delays', spec: { response: { delay: 5 }, faults: { kind: 'empty', seed: 1 } }, want: false },
  ]
  for (const { name, spec, want } of stateful) {
    it(`${want ? 'is' : 'is not'} stateful with ${name}`, () => expect(programOf(spec).stateful).toBe(want))
  }

  const problems: { name: string; spec: Record<string, Json>; severity: string; pointer: string; text: RegExp }[] = [
    {
      name: 'a missing payload file',
      spec: { response: { payloadTemplatePath: 'nowhere.json' } },
      severity: 'error',
      pointer: '/spec/response/payloadTemplatePath',
      text: /no file "nowhere.json"/,
    },
    {
      name: 'a payload file outside the source',
      spec: { response: { payloadTemplatePath: '../x' } },
      severity: 'error',
      pointer: '/spec/response/payloadTemplatePath',
      text: /leads out/,
    },
    {
      name: 'a missing condition file',
      spec: { http: { ...http, header: [{ path: 'h', valueFromFile: 'nowhere' }] }, response: {} },
      severity: 'error',
      pointer: '/spec/http/header/0/valueFromFile',
      text: /no file "nowhere"/,
    },
    {
      name: 'a condition that does not compile',
      spec: {
        http: {
          ...http,
          queryParams: [
            { path: 'a', value: 1 },
            { path: 'q', assertAction: 'matches', value: '(' },
          ],
        },
        response: {},
      },
      severity: 'error',
      pointer: '/spec/http/queryParams/1/value',
      text: /missing closing/,
    },
    {
      name: 'a route that cannot be read',
      spec: { http: { route: '/a/*/b' }, response: {} },
      severity: 'error',
      pointer: '/spec/http/route',
      text: /last segment/,
    },
    {
      name: 'an expression with an unknown faker name',
      spec: { response: { payload: { a: { b: '$.fake.Nonsense' } } } },
      severity: 'error',
      pointer: '/spec/response/payload/a/b',
      text: /Nonsense/,
    },
    {
      name: 'an expression in a header',
      spec: { response: { headers: { 'X/Y~Z': ['a', '$.fake.Nonsense'] } } },
      severity: 'error',
      pointer: '/spec/response/headers/X~1Y~0Z/1',
      text: /Nonsense/,
    },
    {
      name: 'an expression in an error',
      spec: { response: { error: '$.fake.Nonsense' } },
      severity: 'error',
      pointer: '/spec/response/error',
      text: /Nonsense/,
    },
    {
      name: 'an expression in one of several responses',
      spec: { oneOf: { responses: [{}, { payload: '$.fake.Nonsense' }] } },
      severity: 'error',
      pointer: '/spec/oneOf/responses/1/payload',
      text: /Nonsense/,
    },
    {
      name: 'an environment variable that settings do not allow',
      spec: { response: { payload: { a: '$.env.SECRET' } } },
      severity: 'error',
      pointer: '/spec/response/payload/a',
      text: /SECRET/,
    },
    {
      name: 'a callback root in an answer',
      spec: { response: { payload: { a: '$.statusCode' } } },
      severity: 'error',
      pointer: '/spec/response/payload/a',
      text: /statusCode/,
    },
    {
      name: 'text that is no base64',
      spec: { response: { payload: 'not base64!', decode: 'base64' } },
      severity: 'error',
      pointer: '/spec/response/payload',
      text: /not base64/,
    },
    {
      name: 'base64 of an object',
      spec: { response: { payload: {}, decode: 'base64' } },
      severity: 'warning',
      pointer: '/spec/response/decode',
      text: /not decoded/,
    },
    {
      name: 'a line break in a header',
      spec: { response: { headers: { X: 'a\r\nSet-Cookie: b' } } },
      severity: 'error',
      pointer: '/spec/response/headers/X',
      text: /U\+000D/,
    },
    {
      name: 'a header outside Latin-1',
      spec: { response: { headers: { X: '日' } } },
      severity: 'error',
      pointer: '/spec/response/headers/X',
      text: /U\+65E5/,
    },
    {
      name: 'a declared Content-Length',
      spec: { response: { headers: { 'content-length': 5 }, payload: 'a' } },
      severity: 'warning',
      pointer: '/spec/response/headers/content-length',
      text: /follows from the body/,
    },
    {
      name: 'a body that the status forbids',
      spec: { response: { statusCode: 204, payload: 'a' } },
      severity: 'warning',
      pointer: '/spec/response/statusCode',
      text: /has no body/,
    },
    {
      name: 'text with expressions under a JSON type',
      spec: { response: { payload: '{"a": $.req.a, }', headers: { 'content-type': 'application/json' } } },
      severity: 'warning',
      pointer: '/spec/response/payload',
      text: /will not be escaped/,
    },
    {
      name: 'a delay that ends before it begins',
      spec: { response: { delay: { min: 2, max: 1 } } },
      severity: 'error',
      pointer: '/spec/response/delay',
      text: /more than max/,
    },
    {
      name: 'too few weights',
      spec: { oneOf: { order: 'random', weights: [1], responses: [{}, {}] } },
      severity: 'error',
      pointer: '/spec/oneOf/weights',
      text: /1 weights for 2 responses/,
    },
    {
      name: 'weights that are all 0',
      spec: { oneOf: { order: 'random', weights: [0, 0], responses: [{}, {}] } },
      severity: 'error',
      pointer: '/spec/oneOf/weights',
      text: /all weights are 0/,
    },
    {
      name: 'weights without a draw',
      spec: { oneOf: { weights: [1, 1], responses: [{}, {}] } },
      severity: 'warning',
      pointer: '/spec/oneOf/weights',
      text: /only when responses are drawn/,
    },
    {
      name: 'a target that is no URL',
      spec: { proxy: { target: 'http://' } },
      severity: 'error',
      pointer: '/spec/proxy/target',
      text: /not a URL/,
    },
    {
      name: 'a target with a query',
      spec: { proxy: { target: 'http://a/b?c' } },
      severity: 'error',
      pointer: '/spec/proxy/target',
      text: /appended/,
    },
    {
      name: 'a target with credentials',
      spec: { proxy: { target: 'http://u:p@a/' } },
      severity: 'error',
      pointer: '/spec/proxy/target',
      text: /credentials/,
    },
    {
      name: 'a store key that is never stored',
      spec: JSON.parse('{"response":{},"extract":{"gStore":{"constructor":1}}}'),
      severity: 'error',
      pointer: '/spec/extract/gStore/constructor',
      text: /never stored/,
    },
    {
      name: 'a chain store without a chain',
      spec: { response: {}, extract: { cStore: { a: '$.req.a' } } },
      severity: 'warning',
      pointer: '/spec',
      text: /without a chainId/,
    },
    {
      name: 'a faulty chain id',
      spec: { response: {}, chainId: '$.fake.Nonsense' },
      severity: 'error',
      pointer: '/spec/chainId',
      text: /Nonsense/,
    },
    {
      name: 'a faulty start of the mock store',
      spec: { response: {}, mStore: { a: ['$.fake.Nonsense'] } },
      severity: 'error',
      pointer: '/spec/mStore/a/0',
      text: /Nonsense/,
    },
  ]
  for (const { name, spec, severity, pointer, text } of problems) {
    it(`reports ${name}`, () => {
      const { program, findings } = link(spec)
      const finding = findings.find(({ message }) => text.test(message))
      expect(finding, JSON.stringify(findings)).toMatchObject({ severity, pointer })
      expect(program === undefined).toBe(severity === 'error')
    })
  }

  it('sends no body that the status forbids', () => {
    for (const statusCode of [204, 205, 304]) expect(answer({ statusCode, payload: 'a' }).body).toBeUndefined()
  })

  it('warns of a route that the namespace prefix hides, in the default namespace alone', () => {
    const spec = { http: { route: '/stubs/shop/u' }, response: {} }
    const rules = (namespace: string) =>
      linkMock({ namespace, name: 'm', annotations: {}, spec }, context).findings.map(({ rule }) => rule)
    expect([rules('sandbox'), rules('shop')]).toEqual([['route-hidden'], []])
  })

  it('finds every problem of a mock at once', () => {
    const { findings } = link({
      response: { payload: { a: '$.fake.X1', b: '$.fake.X2' }, headers: { H: 'a\n' } },
      extract: { mStore: { m: '$.fake.X3' } },
    })
    expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(4)
  })
})
