import { describe, expect, it } from 'vitest'
import { nothingAvoided, witnessOf } from '../../../../src/cli/plan/witness/witness.js'
import { linkMock } from '../../../../src/resources/kinds/mock.js'

function program(http: object) {
  const input = {
    namespace: 'shop',
    name: 'm',
    annotations: {},
    spec: { http, response: { statusCode: 200 } } as never,
  }
  const linked = linkMock(input, { readFile: () => undefined, env: {}, defaultNamespace: 'sandbox' })
  if (linked.program === undefined) throw new Error(JSON.stringify(linked.findings))
  return linked.program
}

async function made(http: object, rival?: object): Promise<string> {
  const wishes = { entry: program(http), rival: rival && program(rival), avoided: nothingAvoided }
  const witness = await witnessOf('shop', 'sandbox', wishes)
  if ('failure' in witness) return witness.failure
  const { method, path, headers, body } = witness.asked
  return [method, path, ...headers.map((pair) => pair.join(': ')), ...(body === undefined ? [] : [body])].join(' | ')
}

const body = (...conditions: readonly (readonly [path: string, assertAction: string, value?: unknown])[]) => ({
  route: '/a',
  conditions: conditions.map(([path, assertAction, value]) => ({
    path,
    assertAction,
    ...(value !== undefined && { value }),
  })),
})

describe('a request made from what a mock asks for', () => {
  it.each<[string, object, string]>([
    ['nothing', { route: '/a' }, 'GET | /stubs/shop/a'],
    ['a method', { route: '/a', httpMethod: 'PUT' }, 'PUT | /stubs/shop/a'],
    ['parameters and a rest', { route: '/a/:id/b/*' }, 'GET | /stubs/shop/a/some-id/b/some-rest'],
    ['odd characters', { route: '/ä b/c%2Fd' }, 'GET | /stubs/shop/%C3%A4%20b/c%2Fd'],
    ['a pattern', { routePattern: '/v1/[0-9]{2}/(x|y)' }, 'GET | /stubs/shop/v1/00/x'],
    [
      'equality',
      body(['$.a.b[1].c', 'equals', 7]),
      'POST | /stubs/shop/a | Content-Type: application/json | {"a":{"b":[null,{"c":7}]}}',
    ],
    [
      'room between two numbers',
      body(['$.n', 'gt', 5], ['$.n', 'lt', 6]),
      'POST | /stubs/shop/a | Content-Type: application/json | {"n":5.5}',
    ],
    [
      'a date',
      body(['$.at', 'gte', '2026-01-31']),
      'POST | /stubs/shop/a | Content-Type: application/json | {"at":"2026-01-31"}',
    ],
    [
      'one of a list',
      body(['$.items[*].sku', 'equals', 'tea']),
      'POST | /stubs/shop/a | Content-Type: application/json | {"items":[{"sku":"tea"}]}',
    ],
    [
      'a part and a field',
      body(['$', 'contains', { a: 1 }], ['$.b', 'notEmpty']),
      'POST | /stubs/shop/a | Content-Type: application/json | {"a":1,"b":"x"}',
    ],
    ['text', body(['$', 'contains', 'ping']), 'POST | /stubs/shop/a | Content-Type: text/plain | ping'],
    ['what is not there', body(['$.a', 'empty'], ['$.b', 'not_equals', 1]), 'GET | /stubs/shop/a'],
    [
      'headers, query and cookies',
      {
        route: '/a',
        header: [
          { path: 'X-Env', assertAction: 'matches', value: '^(test|stage)$' },
          { path: 'Accept', assertAction: 'contains', value: 'json' },
        ],
        queryParams: [
          { path: 'page', assertAction: 'gt', value: 1 },
          { path: 'q', assertAction: 'equals', value: 'a&b' },
        ],
        cookies: [{ path: 'session', assertAction: 'notEmpty' }],
      },
      'GET | /stubs/shop/a?page=2&q=a%26b | X-Env: test | Accept: application/json | Cookie: session=x',
    ],
    [
      'a form',
      { route: '/a', form: [{ path: 'name', assertAction: 'equals', value: 'a b' }] },
      'POST | /stubs/shop/a | Content-Type: application/x-www-form-urlencoded | name=a%20b',
    ],
    [
      'base64',
      { route: '/a', conditions: [{ path: '$.data', assertAction: 'equals', value: 'hello', decode: 'base64' }] },
      'POST | /stubs/shop/a | Content-Type: application/json | {"data":"aGVsbG8="}',
    ],
    [
      'a long number',
      body(['$.id', 'gt', '12345678901234567890']),
      'POST | /stubs/shop/a | Content-Type: application/json | {"id":12345678901234567891}',
    ],
  ])('has %s', async (_what, http, wanted) => expect(await made(http)).toBe(wanted))

  it.each<[string, object, string]>([
    [
      'two values at once',
      body(['$.a', 'equals', 1], ['$.a', 'equals', 2]),
      'no value was found for: body $.a equals 1',
    ],
    [
      'a filter',
      body(['$.items[?@.n > 1].sku', 'equals', 'tea']),
      'no value was found for: body $.items[?@.n > 1].sku equals "tea"',
    ],
    ['a pattern that is not understood', { routePattern: '/\\p{Lu}+' }, 'no path was found that ~ /\\p{Lu}+ matches'],
    [
      'a form and another body',
      {
        route: '/a',
        form: [{ path: 'a', assertAction: 'notEmpty' }],
        conditions: [{ path: '$.b', assertAction: 'equals', value: 1 }],
      },
      'it asks for a form and for another body at once',
    ],
    [
      'a secret header',
      { route: '/a', header: [{ path: 'Authorization', assertAction: 'matches', value: '^\\p{Lu}$' }] },
      'no value was found for: header Authorization matches (masked)',
    ],
  ])('says why there is none for %s', async (_what, http, wanted) => expect(await made(http)).toBe(wanted))

  it('can be accepted by two mocks at once', async () => {
    const one = {
      route: '/a/:id',
      httpMethod: 'POST',
      conditions: [{ path: '$.amount', assertAction: 'gt', value: 5 }],
    }
    const other = { route: '/a/*', conditions: [{ path: '$.kind', assertAction: 'equals', value: 'card' }] }
    expect(await made(one, other)).toBe(
      'POST | /stubs/shop/a/some-id | Content-Type: application/json | {"amount":6,"kind":"card"}',
    )
    expect(await made(one, { route: '/b/*' })).toContain('no path was found')
  })
})
