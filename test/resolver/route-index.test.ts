import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition, Subjects } from '../../src/expression/condition.js'
import type { Entry } from '../../src/resolver/entry.js'
import { RouteIndex } from '../../src/resolver/route-index.js'
import { pathParams, routeMatches, splitPath } from '../../src/resources/kinds/mock-route.js'
import { type Asked, bodyEquals, contains, type Declared, declared, equals, subjects } from './declared-entry.js'

const always = () => true

function indexOf(...mocks: Declared[]): RouteIndex {
  return RouteIndex.empty().with({ add: mocks.map(declared) })
}

function find(
  index: RouteIndex,
  method: string,
  path: string,
  asked: Asked = {},
  usable: (entry: Entry) => boolean = always,
) {
  return index.find('shop', method, splitPath(path), subjects(asked), usable)?.name
}

describe('RouteIndex.find', () => {
  const cases: {
    name: string
    mocks: Declared[]
    method?: string
    path: string
    asked?: Asked
    want: string | undefined
  }[] = [
    { name: 'finds a literal route', mocks: [{ name: 'a', route: '/a/b' }], path: '/a/b', want: 'a' },
    { name: 'finds the root', mocks: [{ name: 'a', route: '/' }], path: '/', want: 'a' },
    { name: 'reads an empty path as the root', mocks: [{ name: 'a', route: '/' }], path: '', want: 'a' },
    { name: 'takes a trailing slash literally', mocks: [{ name: 'a', route: '/a' }], path: '/a/', want: undefined },
    {
      name: 'tells a route with a trailing slash from one without',
      mocks: [{ name: 'a', route: '/a/' }],
      path: '/a/',
      want: 'a',
    },
    {
      name: 'prefers a literal to a parameter',
      mocks: [
        { name: 'a', route: '/:x' },
        { name: 'b', route: '/u' },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'falls to the parameter when the literal leads nowhere',
      mocks: [
        { name: 'a', route: '/:x/y' },
        { name: 'b', route: '/u/z' },
      ],
      path: '/u/y',
      want: 'a',
    },
    {
      name: 'prefers a parameter to a pattern',
      mocks: [
        { name: 'a', routePattern: '/[a-z]+' },
        { name: 'b', route: '/:x' },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'prefers a pattern to a wildcard',
      mocks: [
        { name: 'a', route: '/*' },
        { name: 'b', routePattern: '/[a-z]+' },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'holds a pattern against the whole path',
      mocks: [{ name: 'a', routePattern: '/[a-z]+' }],
      path: '/u1',
      want: undefined,
    },
    {
      name: 'asks route and pattern when both are given',
      mocks: [
        { name: 'a', route: '/u/:id', routePattern: '/u/\\d+' },
        { name: 'b', route: '/u/:id' },
      ],
      path: '/u/7',
      want: 'a',
    },
    {
      name: 'leaves a route whose pattern does not hold',
      mocks: [
        { name: 'a', route: '/u/:id', routePattern: '/u/\\d+' },
        { name: 'b', route: '/u/:id' },
      ],
      path: '/u/x',
      want: 'b',
    },
    {
      name: 'lets a wildcard stand for several segments',
      mocks: [{ name: 'a', route: '/f/*' }],
      path: '/f/x/y/z',
      want: 'a',
    },
    {
      name: 'lets a wildcard stand for nothing after the slash',
      mocks: [{ name: 'a', route: '/f/*' }],
      path: '/f/',
      want: 'a',
    },
    { name: 'wants the slash before a wildcard', mocks: [{ name: 'a', route: '/f/*' }], path: '/f', want: undefined },
    {
      name: 'gives a parameter no empty segment',
      mocks: [{ name: 'a', route: '/f/:x' }],
      path: '/f/',
      want: undefined,
    },
    {
      name: 'keeps an encoded slash inside its segment',
      mocks: [{ name: 'a', route: '/f/:x' }],
      path: '/f/a%2Fb',
      want: 'a',
    },
    { name: 'compares decoded text', mocks: [{ name: 'a', route: '/caf%C3%A9' }], path: '/caf%c3%a9', want: 'a' },
    {
      name: 'keeps a broken percent sequence as it is',
      mocks: [{ name: 'a', route: '/f/:x' }],
      path: '/f/%zz',
      want: 'a',
    },
    {
      name: 'lets priority win over the route',
      mocks: [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/*', priority: 1 },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'puts a negative priority last',
      mocks: [
        { name: 'a', route: '/u', priority: -5 },
        { name: 'b', route: '/*', priority: -4 },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'prefers a mock that names the method',
      mocks: [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/u', method: 'GET' },
      ],
      path: '/u',
      want: 'b',
    },
    {
      name: 'leaves mocks of other methods',
      mocks: [{ name: 'a', route: '/u', method: 'POST' }],
      path: '/u',
      want: undefined,
    },
    {
      name: 'prefers more conditions',
      mocks: [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/u', conditions: [equals('query', 'q', '1')] },
      ],
      path: '/u',
      asked: { query: { q: ['1'] } },
      want: 'b',
    },
    {
      name: 'falls back when a condition does not hold',
      mocks: [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/u', conditions: [equals('query', 'q', '1')] },
      ],
      path: '/u',
      asked: { query: { q: ['2'] } },
      want: 'a',
    },
    {
      name: 'needs every condition',
      mocks: [{ name: 'a', route: '/u', conditions: [equals('query', 'q', '1'), contains('header', 'h', 'x')] }],
      path: '/u',
      asked: { query: { q: ['1'] } },
      want: undefined,
    },
    {
      name: 'decides by name in the end',
      mocks: [
        { name: 'b', route: '/u' },
        { name: 'a', route: '/u' },
      ],
      path: '/u',
      want: 'a',
    },
    {
      name: 'accepts any of several values',
      mocks: [{ name: 'a', route: '/u', conditions: [equals('query', 'q', '1'), equals('query', 'q', '2')] }],
      path: '/u',
      asked: { query: { q: ['2', '1'] } },
      want: 'a',
    },
    {
      name: 'answers HEAD with a GET mock',
      mocks: [{ name: 'a', route: '/u', method: 'GET' }],
      method: 'HEAD',
      path: '/u',
      want: 'a',
    },
    {
      name: 'answers HEAD with a HEAD mock first',
      mocks: [
        { name: 'a', route: '/u', method: 'GET' },
        { name: 'b', route: '/u', method: 'HEAD' },
      ],
      method: 'HEAD',
      path: '/u',
      want: 'b',
    },
    {
      name: 'answers HEAD as GET would be when a mock for any method is all there is besides',
      mocks: [
        { name: 'a', route: '/u', method: 'GET' },
        { name: 'b', route: '/*' },
      ],
      method: 'HEAD',
      path: '/u',
      want: 'a',
    },
    {
      name: 'does not answer GET with a HEAD mock',
      mocks: [{ name: 'a', route: '/u', method: 'HEAD' }],
      path: '/u',
      want: undefined,
    },
  ]
  for (const { name, mocks, method = 'GET', path, asked = {}, want } of cases) {
    it(name, () => {
      expect(find(indexOf(...mocks), method, path, asked)).toBe(want)
      expect(find(indexOf(...mocks.toReversed()), method, path, asked)).toBe(want)
    })
  }

  it('passes over mocks that are not usable and takes the next', () => {
    const index = indexOf({ name: 'a', route: '/u' }, { name: 'b', route: '/:x' }, { name: 'c', route: '/*' })
    expect(find(index, 'GET', '/u', {}, ({ name }) => name !== 'a')).toBe('b')
    expect(find(index, 'GET', '/u', {}, ({ name }) => name === 'c')).toBe('c')
  })

  it('asks `usable` only of mocks that match', () => {
    const index = indexOf(
      { name: 'a', route: '/u', conditions: [equals('query', 'q', '1')] },
      { name: 'b', route: '/u' },
    )
    const asked: string[] = []
    find(index, 'GET', '/u', {}, ({ name }) => asked.push(name) > 0)
    expect(asked).toEqual(['b'])
  })

  it('keeps namespaces apart', () => {
    const index = RouteIndex.empty().with({ add: [declared({ name: 'a', namespace: 'other', route: '/u' })] })
    expect(find(index, 'GET', '/u')).toBeUndefined()
    expect([...index.namespaces]).toEqual(['other'])
  })

  it('decodes path parameters, slashes included', () => {
    const { program } = declared({ name: 'a', route: '/u/:id/f/:file' })
    expect({ ...pathParams(program.route, splitPath('/u/a%20b/f/x%2Fy')) }).toEqual({ id: 'a b', file: 'x/y' })
  })
})

describe('RouteIndex.with', () => {
  it('leaves the index it came from as it was', () => {
    const before = indexOf({ name: 'a', route: '/u' }, { name: 'x', route: '/u/v' })
    const after = before.with({
      remove: [declared({ name: 'a', route: '/u' })],
      add: [declared({ name: 'b', route: '/:x' })],
    })
    expect([find(before, 'GET', '/u'), find(after, 'GET', '/u'), find(after, 'GET', '/u/v')]).toEqual(['a', 'b', 'x'])
    expect([before.size, after.size]).toEqual([2, 2])
  })

  it('passes over what is to be removed and not there, and replaces what is to be added and there', () => {
    const before = indexOf({ name: 'a', route: '/u' })
    const replacement = declared({ name: 'a', route: '/u', conditions: [contains('query', 'q', '1')] })
    const after = before.with({ remove: [declared({ name: 'z', route: '/u' })], add: [replacement] })
    expect(after.size).toBe(1)
    expect([find(before, 'GET', '/u'), find(after, 'GET', '/u')]).toEqual(['a', undefined])
  })

  it('leaves nothing behind when all is removed', () => {
    const mocks = ['/u', '/:x', '/f/*', '/a/b/c'].map((route, at) => declared({ name: `m${at}`, route }))
    const after = RouteIndex.empty().with({ add: mocks }).with({ remove: mocks })
    expect([after.size, [...after.namespaces]]).toEqual([0, []])
  })
})

describe('RouteIndex.needsBody', () => {
  const index = indexOf(
    { name: 'a', route: '/u', method: 'POST', conditions: [bodyEquals('id', '1')] },
    { name: 'b', route: '/u', method: 'GET', conditions: [equals('query', 'q', '1')] },
    { name: 'c', route: '/any/*', conditions: [bodyEquals('id', '1')] },
  )
  const cases = [
    { name: 'a mock on the path asks about the body', method: 'POST', path: '/u', want: true },
    { name: 'only another method asks', method: 'GET', path: '/u', want: false },
    { name: 'a mock for any method asks', method: 'PUT', path: '/any/x', want: true },
    { name: 'nothing is there', method: 'POST', path: '/nothing', want: false },
  ]
  for (const { name, method, path, want } of cases) {
    it(`is ${want} when ${name}`, () => expect(index.needsBody('shop', method, splitPath(path))).toBe(want))
  }

  it('is false again when the asking mock is gone', () => {
    const mock = declared({ name: 'a', route: '/u', conditions: [bodyEquals('id', '1')] })
    const after = RouteIndex.empty()
      .with({ add: [mock, declared({ name: 'b', route: '/u' })] })
      .with({ remove: [mock] })
    expect(after.needsBody('shop', 'GET', ['u'])).toBe(false)
  })
})

describe('RouteIndex.methodsAt', () => {
  it('lists the methods at a path, also through parameters, and not those whose pattern does not hold', () => {
    const index = indexOf(
      { name: 'a', route: '/u/1', method: 'GET' },
      { name: 'b', route: '/u/:id', method: 'DELETE' },
      { name: 'c', routePattern: '/u/[a-z]+', method: 'PATCH' },
    )
    expect(index.methodsAt('shop', ['u', '1'])).toEqual({ named: ['DELETE', 'GET'], any: false })
    expect(index.methodsAt('shop', ['u', 'x'])).toEqual({ named: ['DELETE', 'PATCH'], any: false })
    expect(index.methodsAt('shop', ['nothing'])).toEqual({ named: [], any: false })
  })

  it('says when a mock answers every method', () => {
    expect(indexOf({ name: 'a', route: '/*' }).methodsAt('shop', ['x'])).toEqual({ named: [], any: true })
  })
})

describe('RouteIndex.candidates', () => {
  const near = (index: RouteIndex, method: string, path: string, asked: Asked = {}, limit = 50) =>
    index.candidates('shop', method, splitPath(path), subjects(asked), limit).map(({ name }) => name)

  it('names the same route first, then routes that differ in one segment, then longer and shorter ones', () => {
    const index = indexOf(
      { name: 'other-method', route: '/api/payments', method: 'POST' },
      { name: 'one-off', route: '/api/payment', method: 'GET' },
      { name: 'longer', route: '/api/payments/:id', method: 'GET' },
      { name: 'far', route: '/x/y/z/w/v', method: 'GET' },
    )
    const names = near(index, 'GET', '/api/payments')
    expect(names[0]).toBe('other-method')
    expect(new Set(names)).toEqual(new Set(['other-method', 'one-off', 'longer']))
  })

  it('finds the neighbours of a misspelt segment among thousands', () => {
    const mocks = Array.from({ length: 5000 }, (_, at) => ({ name: `m${at}`, route: `/api/r${at}` }))
    expect(near(indexOf(...mocks, { name: 'payments', route: '/api/payments' }), 'GET', '/api/paymnts')).toContain(
      'payments',
    )
  })

  it('finds what differs in capitals alone before the neighbours in the alphabet', () => {
    const mocks = Array.from({ length: 50 }, (_, at) => ({ name: `a${at}`, route: `/a${at}` }))
    const index = indexOf(...mocks, { name: 'static', route: '/static' })
    expect(near(index, 'GET', '/STATIC')[0]).toBe('static')
    expect(near(index, 'GET', '/Static')[0]).toBe('static')
  })

  it('puts mocks whose equalities agree first, and never gives more than the limit', () => {
    const mocks = Array.from({ length: 1000 }, (_, at) => ({
      name: `m${at}`,
      route: '/u',
      conditions: [equals('header', 'tenant', `t${at}`), equals('query', 'q', 'yes')],
    }))
    const names = near(indexOf(...mocks), 'GET', '/u', { header: { tenant: ['t777'] } }, 10)
    expect(names).toHaveLength(10)
    expect(names[0]).toBe('m777')
    expect(near(indexOf(...mocks), 'GET', '/u', {}, 1000)).toHaveLength(50)
  })
})

describe('the cost of a request', () => {
  /** Mocks told apart by an equality, and how often anything of them was asked. */
  function counted(count: number): { index: RouteIndex; asked: () => number } {
    let asked = 0
    const ask = (condition: Condition): Condition => {
      const { equality } = condition
      return {
        ...condition,
        ...(equality && {
          equality: {
            ...equality,
            lookup: (of: Subjects) => {
              asked += 1
              return equality.lookup(of)
            },
          },
        }),
        matches: (of) => {
          asked += 1
          return condition.matches(of)
        },
      }
    }
    const mocks = Array.from({ length: count }, (_, at) => ({
      name: `m${at}`,
      route: '/pay',
      conditions: [ask(equals('query', 'id', `${at}`)), ask(contains('header', 'h', 'x'))],
    }))
    const index = indexOf(...mocks)
    asked = 0
    return { index, asked: () => asked }
  }

  it('is the same for ten thousand mocks of one route as for ten, hit or miss', () => {
    const costs = [10, 10_000].map((count) => {
      const { index, asked } = counted(count)
      expect(find(index, 'GET', '/pay', { query: { id: ['7'] }, header: { h: ['x'] } })).toBe('m7')
      const hit = asked()
      expect(find(index, 'GET', '/pay', { query: { id: ['none'] } })).toBeUndefined()
      return [hit, asked() - hit]
    })
    expect(costs[1]).toEqual(costs[0])
    expect(costs[0]?.[0]).toBeLessThan(5)
  })

  it('does not grow with the number of mocks when near misses are looked for', () => {
    const costs = [100, 10_000].map((count) => {
      const { index, asked } = counted(count)
      expect(index.candidates('shop', 'GET', ['pay'], subjects({}), 50)).toHaveLength(50)
      return asked()
    })
    expect(costs[1]).toEqual(costs[0])
  })
})

// The index against the plainest thing that can be right: look at every mock, keep the smallest order.

const letter = fc.constantFrom('a', 'b')
const routes: fc.Arbitrary<Pick<Declared, 'route' | 'routePattern'>> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom('a', 'b', ':x', ':y', ''), { minLength: 1, maxLength: 3 })
      .map((parts) => ({ route: `/${parts.join('/')}`.replace(/:x(.*):x/, ':x$1:z').replace(/:y(.*):y/, ':y$1:z') })),
  },
  {
    weight: 1,
    arbitrary: fc.array(letter, { maxLength: 2 }).map((parts) => ({ route: `/${[...parts, '*'].join('/')}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('/a/.*', '/[ab]+', '/a/b|/b', '/(a|b)/a', '/.*', '/b/a?')
      .map((routePattern) => ({ routePattern })),
  },
  { weight: 1, arbitrary: fc.constantFrom('/a/:x', '/:x/b', '/*').map((route) => ({ route, routePattern: '/a.*' })) },
)
const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom<'header' | 'query'>('header', 'query'), letter, fc.constantFrom('1', '2'))
    .map(([subject, name, value]) => equals(subject, name, value)),
  fc.tuple(letter, fc.constantFrom('1', '2')).map(([name, value]) => bodyEquals(name, value)),
  fc.tuple(letter, fc.constantFrom('1', '2')).map(([name, value]) => contains('query', name, value)),
)
const mocks = (count: number): fc.Arbitrary<Entry[]> =>
  fc
    .array(
      fc.tuple(
        routes,
        fc.constantFrom(undefined, undefined, 'GET', 'HEAD', 'POST'),
        fc.constantFrom(0, 0, 0, 1, -1, 2.5),
        fc.array(conditions, { maxLength: 3 }),
        fc.constantFrom('shop', 'shop', 'other'),
      ),
      { maxLength: count },
    )
    .map((list) =>
      list.map(([route, method, priority, asked, namespace], at) =>
        declared({
          name: `m${at}`,
          namespace,
          ...route,
          ...(method === undefined ? {} : { method }),
          priority,
          conditions: asked,
        }),
      ),
    )
const values = fc.array(fc.constantFrom('1', '2', '12'), { maxLength: 2 })
const requests = fc.record({
  namespace: fc.constantFrom('shop', 'other', 'none'),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
  segments: fc.array(fc.constantFrom('a', 'b', 'ab', ''), { minLength: 1, maxLength: 4 }),
  header: fc.record({ a: values, b: values }),
  query: fc.record({ a: values, b: values }),
  body: fc.option(fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('1', '2') }), { nil: undefined }),
  unusable: fc.uniqueArray(fc.nat(20), { maxLength: 5 }),
})

function linear(
  entries: readonly Entry[],
  namespace: string,
  method: string,
  segments: readonly string[],
  asked: Subjects,
  usable: (entry: Entry) => boolean,
) {
  const best = (methods: readonly (string | undefined)[]) =>
    entries
      .filter((entry) => entry.namespace === namespace && methods.includes(entry.program.method))
      .filter(({ program }) => routeMatches(program.route, segments))
      .filter(({ program }) => program.conditions.every((condition) => condition.matches(asked)))
      .filter(usable)
      .reduce<Entry | undefined>(
        (first, entry) => (first === undefined || entry.program.order < first.program.order ? entry : first),
        undefined,
      )
  const found = best([method, undefined])
  return method === 'HEAD' && found?.program.method !== 'HEAD' ? best(['GET', undefined]) : found
}

function agrees(
  index: RouteIndex,
  entries: readonly Entry[],
  request: typeof requests extends fc.Arbitrary<infer T> ? T : never,
) {
  const { namespace, method, segments, header, query, body, unusable } = request
  const asked = subjects({ header, query, ...(body === undefined ? {} : { body }) })
  const usable = ({ name }: Entry) => !unusable.includes(Number(name.slice(1)))
  const want = linear(entries, namespace, method, segments, asked, usable)
  expect(index.find(namespace, method, segments, asked, usable)?.id).toBe(want?.id)
  const asksBody = want?.program.conditions.some(({ subject }) => subject === 'body')
  if (asksBody) expect(index.needsBody(namespace, method, segments)).toBe(true)
}

describe('the index', () => {
  it('finds what a linear scan over the total order finds', () => {
    fc.assert(
      fc.property(mocks(20), fc.array(requests, { minLength: 1, maxLength: 8 }), (entries, asked) => {
        const index = RouteIndex.empty().with({ add: entries })
        for (const request of asked) agrees(index, entries, request)
      }),
      { numRuns: 500 },
    )
  })

  it('finds the same after any sequence of changes, and every former index still finds what it found', () => {
    const steps = fc.array(fc.array(fc.nat(19), { maxLength: 6 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(mocks(20), steps, fc.array(requests, { minLength: 1, maxLength: 5 }), (all, toggles, asked) => {
        const history = [{ index: RouteIndex.empty(), entries: new Set<Entry>() }]
        for (const toggled of toggles) {
          const { index, entries } = history.at(-1) ?? { index: RouteIndex.empty(), entries: new Set<Entry>() }
          const chosen = all.filter((_, at) => toggled.includes(at))
          const remove = chosen.filter((entry) => entries.has(entry))
          const add = chosen.filter((entry) => !entries.has(entry))
          const next = new Set([...[...entries].filter((entry) => !remove.includes(entry)), ...add])
          history.push({ index: index.with({ remove, add }), entries: next })
        }
        for (const { index, entries } of history) {
          expect(index.size).toBe(entries.size)
          for (const request of asked) agrees(index, [...entries], request)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('offers no more candidates than asked for, all of the namespace, each once', () => {
    fc.assert(
      fc.property(mocks(30), requests, fc.nat(10), (entries, { namespace, method, segments, header, query }, limit) => {
        const index = RouteIndex.empty().with({ add: entries })
        const near = index.candidates(namespace, method, segments, subjects({ header, query }), limit)
        expect(near.length).toBeLessThanOrEqual(limit)
        expect(new Set(near).size).toBe(near.length)
        for (const entry of near) expect(entry.namespace).toBe(namespace)
      }),
    )
  })
})
