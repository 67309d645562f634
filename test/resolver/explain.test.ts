import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/resolver/entry.js'
import { explainRequest, type Obstacle } from '../../src/resolver/explain.js'
import { RouteIndex } from '../../src/resolver/route-index.js'
import { splitPath } from '../../src/resources/kinds/mock-route.js'
import { type Asked, contains, type Declared, declared, equals, subjects } from './declared-entry.js'

const free = () => undefined

function explain(
  mocks: Declared[],
  method: string,
  path: string,
  asked: Asked = {},
  obstacle: (entry: Entry) => Obstacle | undefined = free,
  namespace = 'shop',
) {
  const index = RouteIndex.empty().with({ add: mocks.map(declared) })
  return explainRequest(
    index,
    { namespace, method, segments: splitPath(path), subjects: subjects(asked) },
    { obstacle, limit: 10 },
  )
}

describe('explainRequest', () => {
  const cases: {
    name: string
    mock: Omit<Declared, 'name'>
    method?: string
    path: string
    asked?: Asked
    want: string[]
  }[] = [
    { name: 'the method', mock: { route: '/u', method: 'POST' }, path: '/u', want: ['method POST wanted, found GET'] },
    {
      name: 'the segment that differs',
      mock: { route: '/api/payments' },
      path: '/api/paymnts',
      want: ['segment 2: "payments" wanted, found "paymnts"'],
    },
    {
      name: 'a segment in other letters',
      mock: { route: '/api/Users' },
      path: '/api/users',
      want: ['segment 2: "Users" wanted, found "users" (case matters)'],
    },
    {
      name: 'a slash too many',
      mock: { route: '/u' },
      path: '/u/',
      want: ['nothing more wanted after /u, found a "/"'],
    },
    { name: 'a slash too few', mock: { route: '/u/' }, path: '/u', want: ['a "/" at the end wanted, found nothing'] },
    {
      name: 'segments too many',
      mock: { route: '/u' },
      path: '/u/v/w',
      want: ['nothing more wanted after /u, found "/v/w"'],
    },
    {
      name: 'segments too few',
      mock: { route: '/u/:id/x' },
      path: '/u',
      want: ['"/:id/x" at the end wanted, found nothing'],
    },
    {
      name: 'an empty parameter',
      mock: { route: '/u/:id' },
      path: '/u/',
      want: ['segment 2: a value for :id wanted, found nothing'],
    },
    {
      name: 'a path that ends before the wildcard',
      mock: { route: '/u/*' },
      path: '/u',
      want: ['the path ends before /u/* goes on'],
    },
    {
      name: 'a pattern',
      mock: { routePattern: '/u/\\d+' },
      path: '/u/x',
      want: ['path matching /u/\\d+ wanted, found /u/x'],
    },
    {
      name: 'every condition that fails, and none that holds',
      mock: {
        route: '/u',
        conditions: [equals('query', 'a', '1'), equals('query', 'b', '2'), contains('header', 'c', 'x')],
      },
      path: '/u',
      asked: { query: { b: ['2'] }, header: { c: ['y'] } },
      want: ['query a equals "1" wanted, found nothing', 'header c contains "x" wanted, found y'],
    },
    {
      name: 'all of it together',
      mock: { route: '/a/b', method: 'PUT', conditions: [equals('query', 'a', '1')] },
      path: '/a/c',
      want: [
        'method PUT wanted, found GET',
        'segment 2: "b" wanted, found "c"',
        'query a equals "1" wanted, found nothing',
      ],
    },
  ]
  for (const { name, mock, method = 'GET', path, asked, want } of cases) {
    it(`names ${name}`, () => {
      const { answer, nearest } = explain([{ name: 'm', ...mock }], method, path, asked)
      expect(answer).toBeUndefined()
      expect(nearest.map(({ differences }) => differences.map(({ message }) => message))).toEqual([want])
    })
  }

  const outranked: {
    name: string
    first: Omit<Declared, 'name'>
    second: Omit<Declared, 'name'>
    asked?: Asked
    method?: string
    want: RegExp
  }[] = [
    { name: 'priority', first: { route: '/*', priority: 5 }, second: { route: '/u' }, want: /priority 5 over 0/ },
    {
      name: 'the route',
      first: { route: '/u' },
      second: { route: '/:x' },
      want: /its route \/u is more specific than \/:x/,
    },
    {
      name: 'a pattern',
      first: { route: '/:x', routePattern: '/.' },
      second: { route: '/:x' },
      want: /has a pattern besides/,
    },
    {
      name: 'the method',
      first: { route: '/u', method: 'GET' },
      second: { route: '/u' },
      want: /names the method GET/,
    },
    {
      name: 'the conditions',
      first: { route: '/u', conditions: [equals('query', 'q', '1')] },
      second: { route: '/u' },
      asked: { query: { q: ['1'] } },
      want: /1 condition over 0/,
    },
    { name: 'the name', first: { route: '/u' }, second: { route: '/u' }, want: /the name decides, "a" before "b"/ },
    {
      name: 'HEAD',
      first: { route: '/:x', method: 'HEAD' },
      second: { route: '/u', method: 'GET' },
      method: 'HEAD',
      want: /a HEAD request goes to a HEAD mock/,
    },
  ]
  for (const { name, first, second, asked, method = 'GET', want } of outranked) {
    it(`says of a mock that matches as well that ${name} decides`, () => {
      const { answer, nearest } = explain(
        [
          { name: 'a', ...first },
          { name: 'b', ...second },
        ],
        method,
        '/u',
        asked,
      )
      expect(answer?.name).toBe('a')
      expect(nearest[0]?.differences[0]?.message).toMatch(want)
    })
  }

  it('tells of a mock that is expired or used up, and answers with the next', () => {
    const used: Obstacle = { kind: 'use-limit', message: 'answered 3 of 3 times' }
    const { answer, nearest } = explain(
      [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/*' },
      ],
      'GET',
      '/u',
      {},
      ({ name }) => (name === 'a' ? used : undefined),
    )
    expect(answer?.name).toBe('b')
    expect(nearest).toMatchObject([{ entry: { name: 'a' }, differences: [used] }])
  })

  it('puts the mock with the fewest differences first, and of those a misspelt one before another word', () => {
    const { nearest } = explain(
      [
        { name: 'other', route: '/api/zebra' },
        { name: 'typo', route: '/api/payments' },
        { name: 'two', route: '/api/paymnts', method: 'POST', conditions: [equals('query', 'q', '1')] },
      ],
      'GET',
      '/api/paymnts',
    )
    expect(nearest.map(({ entry }) => entry.name)).toEqual(['typo', 'other', 'two'])
  })

  it('gives path parameters of the answer', () => {
    expect(explain([{ name: 'a', route: '/u/:id' }], 'GET', '/u/7').pathParams).toMatchObject({ id: '7' })
  })

  it('names the namespaces when the asked one has no mocks', () => {
    const mocks = [{ name: 'a', route: '/u' }]
    expect(explain(mocks, 'GET', '/u', {}, free, 'shpo').note).toBe(
      'namespace "shpo" has no mocks; did you mean "shop"?',
    )
    expect(explain(mocks, 'GET', '/u', {}, free, 'x'.repeat(5000)).note).toContain('namespaces with mocks: shop')
    expect(explain([], 'GET', '/u').note).toContain('no namespace has any')
    expect(explain(mocks, 'GET', '/elsewhere/far/away/from/it').note).toBeUndefined()
  })

  it('shows only the beginning of what a request sends', () => {
    const { nearest } = explain([{ name: 'a', route: '/api/x' }], 'GET', `/api/${'y'.repeat(10_000)}`)
    expect(nearest[0]?.differences[0]?.message.length).toBeLessThan(150)
  })

  it('agrees with the index, and has a reason for every other mock', () => {
    const mock = fc.record({
      route: fc.constantFrom('/', '/u', '/:x', '/u/', '/u/:x', '/:x/v', '/*', '/u/*'),
      method: fc.constantFrom(undefined, 'GET', 'HEAD', 'POST'),
      priority: fc.constantFrom(0, 0, 1),
      conditions: fc.subarray([equals('query', 'q', '1'), equals('query', 'q', '2'), contains('header', 'h', '2')]),
      used: fc.boolean(),
      pattern: fc.constantFrom(undefined, undefined, '/u.*'),
    })
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST'),
      segments: fc.array(fc.constantFrom('u', 'v', ''), { minLength: 1, maxLength: 3 }),
      query: fc.record({ q: fc.subarray(['1', '2']) }),
      header: fc.record({ h: fc.subarray(['2']) }),
    })
    fc.assert(
      fc.property(fc.array(mock, { maxLength: 8 }), request, (list, { method, segments, query, header }) => {
        const entries = list.map(({ route, pattern, method: only, priority, conditions }, at) =>
          declared({
            name: `m${at}`,
            route,
            priority,
            conditions,
            ...(only === undefined ? {} : { method: only }),
            ...(pattern === undefined ? {} : { routePattern: pattern }),
          }),
        )
        const obstacle = ({ name }: Entry): Obstacle | undefined =>
          list[Number(name.slice(1))]?.used ? { kind: 'use-limit', message: 'used up' } : undefined
        const index = RouteIndex.empty().with({ add: entries })
        const asked = subjects({ query, header })
        const found = index.find('shop', method, segments, asked, (entry) => obstacle(entry) === undefined)
        const { answer, nearest } = explainRequest(
          index,
          { namespace: 'shop', method, segments, subjects: asked },
          { obstacle, limit: 50 },
        )
        expect(answer).toBe(found)
        for (const { entry, differences } of nearest) {
          expect(entry).not.toBe(answer)
          expect(differences.length, `${entry.name} of ${list.length}`).toBeGreaterThan(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
