// Mocks that stand in one another's way, at random, and requests that meet them.

import fc from 'fast-check'
import type { AskedRequest } from '../../src/resolver/asked-request.js'
import { declared } from '../resources/kinds/declared.js'

const routes = ['/a', '/a/b', '/a/:id', '/a/:id/c', '/:any', '/a/*', '/*', '/b'] as const
const patterns = ['/a/[0-9]+', '/(a|b)', '/a/x.*'] as const

const inBody = fc.constantFrom(
  { path: '$.kind', assertAction: 'equals', value: 'card' },
  { path: '$.kind', assertAction: 'equals', value: 'bank' },
  { path: '$.kind', assertAction: 'not_equals', value: 'card' },
  { path: '$.kind', assertAction: 'matches', value: '^(card|cash)$' },
  { path: '$.amount', assertAction: 'gt', value: 5 },
  { path: '$.amount', assertAction: 'lte', value: 7 },
  { path: '$.items[*].sku', assertAction: 'contains', value: 'tea' },
  { path: '$.items', assertAction: 'notEmpty' },
  { path: '$', assertAction: 'contains', value: { kind: 'card' } },
  { path: '$.customer', assertAction: 'jsonSchema', value: { type: 'object', required: ['id'] } },
)
const inHeader = fc.constantFrom(
  { path: 'X-Env', assertAction: 'equals', value: 'test' },
  { path: 'X-Env', assertAction: 'matches', value: '^(test|stage)$' },
  { path: 'X-Env', assertAction: 'empty' },
  { path: 'Authorization', assertAction: 'contains', value: 'Bearer' },
)
const inQuery = fc.constantFrom(
  { path: 'page', assertAction: 'gte', value: 2 },
  { path: 'page', assertAction: 'equals', value: '2' },
  { path: 'q', assertAction: 'notEmpty' },
)

const http = fc
  .record({
    route: fc.option(fc.constantFrom(...routes), { freq: 6 }),
    routePattern: fc.constantFrom(...patterns),
    httpMethod: fc.constantFrom('GET', 'POST', 'POST', 'HEAD', undefined),
    conditions: fc.uniqueArray(inBody, { maxLength: 2 }),
    header: fc.uniqueArray(inHeader, { maxLength: 1 }),
    queryParams: fc.uniqueArray(inQuery, { maxLength: 1 }),
  })
  .map(({ route, routePattern, ...rest }) => ({ ...(route === null ? { routePattern } : { route }), ...rest }))

const spec = fc.record(
  {
    http,
    priority: fc.constantFrom(0, 0, 1),
    response: fc.record({ statusCode: fc.constantFrom(200, 201, 202, 404) }),
  },
  { requiredKeys: ['http', 'response'] },
)

/** By `namespace/name`. */
export type Mocks = Readonly<Record<string, object>>

export const mocks: fc.Arbitrary<Mocks> = fc.dictionary(
  fc.constantFrom('sandbox/one', 'sandbox/two', 'sandbox/three', 'sandbox/four', 'shop/one', 'shop/two'),
  spec,
  { minKeys: 1, maxKeys: 6 },
)

/** What each namespace says of itself. */
export const namespaces = fc.dictionary(
  fc.constant('shop'),
  fc.record({ suspend: fc.boolean() }, { requiredKeys: [] }),
  { maxKeys: 1 },
)

/** One edit: some mocks replaced, some gone, some under another name. */
export const edits = fc.record({
  put: mocks,
  drop: fc.subarray(['sandbox/one', 'sandbox/two', 'shop/one']),
  rename: fc.boolean(),
})

export function edited(
  before: Mocks,
  { put, drop, rename }: { put: Mocks; drop: readonly string[]; rename: boolean },
): Mocks {
  const after = new Map(Object.entries({ ...before, ...Object.fromEntries(Object.entries(put).slice(0, 2)) }))
  for (const name of drop) after.delete(name)
  const [first] = after.keys()
  const moving = first === undefined ? undefined : after.get(first)
  if (rename && first !== undefined && moving !== undefined) {
    after.delete(first)
    after.set(`${first}-renamed`, moving)
  }
  return Object.fromEntries(after)
}

export function mockFiles(all: Mocks, settings: Readonly<Record<string, object>>): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(all).map(([name, one]) => [`mocks/${name.replace('/', '-')}.yaml`, declared('Mock', name, one)]),
    ...Object.entries(settings).map(([name, one]) => [`namespaces/${name}.yaml`, declared('Namespace', name, one)]),
  ])
}

const body = fc.record(
  {
    kind: fc.constantFrom('card', 'bank', 'cash'),
    amount: fc.constantFrom(1, 6, 9),
    items: fc.constantFrom([], [{ sku: 'green tea' }], [{ sku: 'pot' }]),
    customer: fc.constantFrom({ id: 1 }, {}),
  },
  { requiredKeys: [] },
)

export const requests: fc.Arbitrary<AskedRequest> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE'),
    namespace: fc.constantFrom('', '', '/stubs/shop'),
    path: fc.constantFrom('/a', '/b', '/a/b', '/a/7', '/a/x1', '/a/7/c', '/c', '/c/d/e'),
    query: fc.constantFrom('', '', '?page=1', '?page=2', '?page=3&q=x'),
    env: fc.constantFrom(undefined, 'test', 'stage', 'other'),
    authorization: fc.constantFrom(undefined, 'Bearer x', 'Basic x'),
    body: fc.option(body, { nil: undefined, freq: 3 }),
  })
  .map(({ method, namespace, path, query, env, authorization, body: sent }) => {
    const headers: [string, string][] = []
    if (env !== undefined) headers.push(['X-Env', env])
    if (authorization !== undefined) headers.push(['Authorization', authorization])
    if (sent !== undefined) headers.push(['Content-Type', 'application/json'])
    const asked = { method, path: `${namespace}${path}${query}`, headers }
    return sent === undefined ? asked : { ...asked, body: JSON.stringify(sent) }
  })
