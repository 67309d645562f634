import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import type { ExplainView, MockView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, mock, namespace, plain } from './folder.js'
import { Running } from './running.js'

const namespaces = ['sandbox', 'shop', 'held', 'passing'] as const

const segment = fc.constantFrom('a', 'a', 'a', 'b', 'ä')
const route = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: segment }, { weight: 2, arbitrary: fc.constantFrom(':p', ':q') }), {
      maxLength: 2,
    }),
    fc.constantFrom('', '', '/*', '/*', '/'),
  )
  .map(([segments, end]) => `/${[...new Set(segments)].join('/')}${segments.length === 0 ? end.slice(1) : end}`)

const bodyCondition = fc.oneof(
  fc.record({ path: fc.constantFrom('$.n', '$.s', '$.deep.n'), value: fc.constantFrom<unknown>(1, 2, '1', 'x', true) }),
  fc.record({
    path: fc.constantFrom('$.n', '$.deep.n'),
    assertAction: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
    value: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({
    path: fc.constantFrom('$', '$.s', '$.list', '$.deep'),
    assertAction: fc.constantFrom('contains', 'not_contains', 'not_equals'),
    value: fc.constantFrom<unknown>('x', 1, { n: 1 }),
  }),
  fc.record({
    path: fc.constantFrom('$', '$.s', '$.list', '$..n'),
    assertAction: fc.constantFrom('any', 'empty', 'notEmpty'),
  }),
  fc.record({
    path: fc.constant('$.s'),
    assertAction: fc.constant('matches'),
    value: fc.constantFrom('^x', '\\d', ''),
  }),
)
const namedCondition = (names: readonly string[]) =>
  fc.oneof(
    fc.record({
      path: fc.constantFrom(...names),
      assertAction: fc.constantFrom('equals', 'not_equals', 'contains', 'notEmpty', 'empty'),
      value: fc.constantFrom('1', '2', 'x'),
    }),
    fc.record({ path: fc.constantFrom(...names), assertAction: fc.constantFrom('gt', 'lte'), value: fc.constant(1) }),
  )

const few = <Item>(item: fc.Arbitrary<Item>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(item, { minLength: 1, maxLength: 2 }) },
  )

const declared = fc.record({
  namespace: fc.constantFrom(...namespaces, 'held', 'passing', 'sandbox', 'sandbox'),
  priority: fc.constantFrom(undefined, undefined, -1, 1),
  useLimiter: fc.constantFrom(undefined, undefined, undefined, 1, 2),
  ttl: fc.constantFrom(undefined, undefined, undefined, 0.001, 1_000),
  http: fc.record({
    target: fc.oneof(
      { weight: 5, arbitrary: route.map((text) => ({ route: text })) },
      { weight: 1, arbitrary: fc.constantFrom({ routePattern: '/a/[ab]+' }, { routePattern: '/(a|b)(/.*)?' }) },
    ),
    httpMethod: fc.constantFrom(undefined, undefined, 'GET', 'GET', 'POST', 'OPTIONS'),
    conditions: few(bodyCondition),
    queryParams: few(namedCondition(['n', 's'])),
    header: few(namedCondition(['X-N', 'x-s'])),
    cookies: few(namedCondition(['n'])),
    form: few(namedCondition(['n', 's'])),
  }),
})

const json = fc.record(
  {
    n: fc.constantFrom<unknown>(0, 1, 2, '1', null),
    s: fc.constantFrom<unknown>('x', 'xy', '', '1', 1),
    list: fc.array(fc.constantFrom<unknown>(1, 'x', { n: 1 }), { maxLength: 2 }),
    deep: fc.record({ n: fc.constantFrom<unknown>(1, 2, '2') }),
  },
  { requiredKeys: [] },
)
const form = fc.constantFrom('n=1', 'n=2&s=x', 'n=1&n=2', 's=', '')
const multipart = (text: string) =>
  `${text
    .split('&')
    .map((pair) => pair.split('='))
    .map(([name = '', value = '']) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')}--b--\r\n`
const body = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: json.map((value) => ({ type: 'application/json', text: JSON.stringify(value) })) },
  { weight: 1, arbitrary: json.map((value) => ({ type: undefined, text: JSON.stringify(value) })) },
  { weight: 1, arbitrary: form.map((text) => ({ type: 'application/x-www-form-urlencoded', text })) },
  { weight: 1, arbitrary: form.map((text) => ({ type: 'multipart/form-data; boundary=b', text: multipart(text) })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x', '1', '{"n": 1', '').map((text) => ({ type: 'application/json', text })),
  },
  { weight: 1, arbitrary: fc.constantFrom('x', '1').map((text) => ({ type: 'text/plain', text })) },
)

const path = fc
  .tuple(
    fc.constantFrom(
      '',
      ...namespaces.map((name) => `/stubs/${name}`),
      '/stubs/held',
      '/stubs/held',
      '/stubs/passing',
      '/stubs/sandbox',
      '/stubs/nobody',
    ),
    fc.array(fc.constantFrom('a', 'a', 'a', 'a', 'b', '%61', 'a%2Fb', '%C3%A4', 'c', '', '%zz'), { maxLength: 3 }),
    fc.constantFrom('', '', '?n=1', '?s=x&n=2', '?n=1&n=2', '?n=%31'),
  )
  .map(([prefix, segments, query]) => `${prefix}/${segments.join('/')}${query}`)

const asked = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS'),
  path,
  headers: fc.record(
    {
      'x-n': fc.constantFrom('1', '2'),
      'X-S': fc.constantFrom<string | string[]>('x', ['x', '1']),
      cookie: fc.constantFrom('n=1', 'n=2; s=x'),
      origin: fc.constant('https://page.example'),
      'access-control-request-method': fc.constant('POST'),
    },
    { requiredKeys: [] },
  ),
  body,
})

function declarations(all: readonly (typeof declared extends fc.Arbitrary<infer Mock> ? Mock : never)[]): string[] {
  return all.map(({ namespace: space, http: { target, ...http }, ...spec }, index) =>
    mock(
      `m${index}`,
      { ...spec, http: { ...target, ...http }, response: { payload: `m${index}` } },
      { namespace: space },
    ),
  )
}

/** A server for what no mock of one namespace matches. */
async function upstream(): Promise<string> {
  const server = createServer((req, res) => {
    req.resume().on('end', () => res.end('upstream'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('explain names the mock that then answers, whatever is declared and asked', async () => {
  const target = await upstream()
  const running = await Running.start(
    new Folder({
      'namespaces.yaml': documents(
        namespace('held', { suspend: true }),
        namespace('passing', { fallback: { proxy: { target } } }),
      ),
      'mocks.yaml': plain('first', 'first'),
    }),
    { network: { allow: ['127.0.0.1'] }, reconcile: { maxPrune: 1 } },
  )
  const outcomes = { mock: 0, none: 0, suspended: 0, passed: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(declared, { minLength: 4, maxLength: 16 }),
      fc.array(asked, { minLength: 10, maxLength: 25 }),
      async (mocks, requests) => {
        running.folder.write('mocks.yaml', documents(plain('always', 'there'), ...declarations(mocks)))
        const { json: outcome } = await running.operate('/api/v1/reconcile')
        expect(outcome, JSON.stringify(outcome)).toMatchObject({ reason: 'Succeeded' })
        await eventually('what is to expire has expired', async () => {
          const { items } = await running.see<{ items: MockView[] }>('/api/v1/mocks?limit=100')
          const soon = Date.now() + 100_000
          return items.every(
            ({ expires }) => expires === null || !(Date.parse(expires) > Date.now()) || Date.parse(expires) > soon,
          )
        })
        for (const request of requests) {
          const { method, path: at, headers, body: sent } = request
          const type = sent?.type === undefined ? {} : { 'content-type': sent.type }
          const all = { ...headers, ...type }
          const explained = await ask(`${running.control}/api/v1/explain/request`, {
            body: { method, path: at, headers: all, ...(sent === undefined ? {} : { body: sent.text }) },
          })
          expect(explained.status, explained.text).toBe(200)
          const { mock: named, reason, candidates } = explained.json as ExplainView
          const {
            status,
            headers: got,
            text,
          } = await running.ask(at, {
            method,
            headers: all,
            ...(sent === undefined ? {} : { body: sent.text }),
          })
          const label = named === null ? undefined : `${named.namespace}/${named.name}`
          expect(got['callboard-mock'], JSON.stringify({ request, reason, status })).toBe(label)
          const suspended = named?.namespace === 'held'
          if (suspended) {
            outcomes.suspended += 1
            expect({ status, reason }).toEqual({ status: 503, reason: expect.stringContaining('suspended') })
          } else if (named !== null) {
            outcomes.mock += 1
            expect(status).toBe(200)
            if (method !== 'HEAD') expect(text).toBe(named.name === 'always' ? 'there' : named.name)
            expect(candidates[0]).toMatchObject({ matches: true, mock: named })
          } else if (reason.includes('passed on')) {
            outcomes.passed += 1
            expect(status).toBe(200)
            if (method !== 'HEAD') expect(text).toBe('upstream')
          } else {
            outcomes.none += 1
            expect(status, reason).toBe(/no mock claims OPTIONS/.test(reason) ? 204 : 404)
          }
        }
      },
    ),
    { numRuns: 100 },
  )
  // Otherwise it would prove nothing.
  expect(outcomes.mock).toBeGreaterThan(40)
  expect(outcomes.none).toBeGreaterThan(50)
  expect(outcomes.suspended).toBeGreaterThan(3)
  expect(outcomes.passed).toBeGreaterThan(3)
})
