import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/resolver/entry.js'
import { RouteIndex } from '../../src/resolver/route-index.js'
import { OverlapFinder } from '../../src/resources/overlap.js'
import { contains, type Declared, declared, equals, subjects } from '../resolver/declared-entry.js'

const findOverlaps: OverlapFinder['find'] = (mocks) => new OverlapFinder().find(mocks)

const one = equals('query', 'q', '1')
const two = equals('header', 'h', '2')

function overlaps(...mocks: Declared[]): Record<string, string> {
  const found = findOverlaps(mocks.map(declared))
  return Object.fromEntries(
    [...found].map(([id, findings]) => [id.replace(/.*\//, ''), findings.map(({ rule }) => rule).join()]),
  )
}

const routes = fc.oneof(
  fc
    .constantFrom('/', '/u', '/:x', '/u/', '/u/v', '/u/:x', '/:x/v', '/:x/:y', '/*', '/u/*')
    .map((route) => ({ route })),
  fc.constantFrom('/u.*', '/u/[a-z]+').map((routePattern) => ({ routePattern })),
  fc.constantFrom('/u/:x', '/*').map((route) => ({ route, routePattern: '/u/[a-z]+' })),
)
const conditions = fc.subarray([one, two, equals('query', 'q', '2'), contains('header', 'h', '2')])
const mocks = fc.record({
  route: routes,
  method: fc.constantFrom(undefined, 'GET', 'HEAD'),
  priority: fc.constantFrom(0, 1, 2),
  conditions,
  useLimiter: fc.constantFrom(undefined, undefined, 1),
})

function entryOf(
  { route, method, useLimiter, ...rest }: typeof mocks extends fc.Arbitrary<infer Mock> ? Mock : never,
  at: number,
): Entry {
  return declared({
    name: `m${at}`,
    ...route,
    ...(method === undefined ? {} : { method }),
    ...(useLimiter === undefined ? {} : { useLimiter }),
    ...rest,
  })
}

describe('mocks that stand in the way of others', () => {
  const cases: { name: string; mocks: Declared[]; want: Record<string, string> }[] = [
    {
      name: 'reports a mock that a wildcard of higher priority covers',
      mocks: [
        { name: 'a', route: '/*', priority: 1 },
        { name: 'b', route: '/u/v' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'says nothing of a wildcard that comes later',
      mocks: [
        { name: 'a', route: '/*' },
        { name: 'b', route: '/u/v' },
      ],
      want: {},
    },
    {
      name: 'reports a literal below a parameter of higher priority',
      mocks: [
        { name: 'a', route: '/u/:id', priority: 1 },
        { name: 'b', route: '/u/7' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'knows that a parameter takes no empty segment',
      mocks: [
        { name: 'a', route: '/u/:id', priority: 1 },
        { name: 'b', route: '/u/' },
      ],
      want: {},
    },
    {
      name: 'knows that a parameter takes one segment',
      mocks: [
        { name: 'a', route: '/u/:id', priority: 1 },
        { name: 'b', route: '/u/1/2' },
      ],
      want: {},
    },
    {
      name: 'knows that a wildcard wants the slash',
      mocks: [
        { name: 'a', route: '/u/*', priority: 1 },
        { name: 'b', route: '/u' },
      ],
      want: {},
    },
    {
      name: 'reports a pattern below a wildcard',
      mocks: [
        { name: 'a', route: '/u/*', priority: 1 },
        { name: 'b', routePattern: '/u/\\d+' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'compares patterns by their text',
      mocks: [
        { name: 'a', routePattern: '/u/.*', priority: 1 },
        { name: 'b', routePattern: '/u/.*' },
        { name: 'c', routePattern: '/u/\\d+' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'reports a route whose pattern alone stands before it',
      mocks: [
        { name: 'a', routePattern: '/u/\\d+', priority: 1 },
        { name: 'b', route: '/u/:id', routePattern: '/u/\\d+' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'leaves a route that the other narrows by a pattern',
      mocks: [
        { name: 'a', route: '/u/:id', routePattern: '/u/\\d+', priority: 1 },
        { name: 'b', route: '/u/:id' },
      ],
      want: {},
    },
    {
      name: 'leaves mocks of another method',
      mocks: [
        { name: 'a', route: '/u', method: 'GET', priority: 1 },
        { name: 'b', route: '/u', method: 'POST' },
        { name: 'c', route: '/u' },
      ],
      want: {},
    },
    {
      name: 'lets a mock for any method cover each',
      mocks: [
        { name: 'a', route: '/u', priority: 1 },
        { name: 'b', route: '/u', method: 'POST' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'leaves mocks of another namespace',
      mocks: [
        { name: 'a', route: '/u', priority: 1 },
        { name: 'b', route: '/u', namespace: 'other' },
      ],
      want: {},
    },
    {
      name: 'reports a mock that asks more than the one before it',
      mocks: [
        { name: 'a', route: '/u', priority: 1, conditions: [one] },
        { name: 'b', route: '/u', conditions: [two, one] },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'knows that "any" asks nothing',
      mocks: [
        { name: 'a', route: '/u', priority: 1, conditions: [{ ...two, action: 'any', key: 'any' }] },
        { name: 'b', route: '/u' },
      ],
      want: { b: 'shadowed-mock' },
    },
    {
      name: 'leaves a mock that asks something else',
      mocks: [
        { name: 'a', route: '/u', priority: 1, conditions: [one] },
        { name: 'b', route: '/u', conditions: [two] },
        { name: 'c', route: '/u' },
      ],
      want: {},
    },
    {
      name: 'leaves a mock that a used-up or expired one makes way for',
      mocks: [
        { name: 'a', route: '/u', priority: 1, useLimiter: 3 },
        { name: 'b', route: '/:x', priority: 1, ttl: 60 },
        { name: 'c', route: '/u' },
      ],
      want: {},
    },
    {
      name: 'names the one that wins in the end, not a rival that is shadowed as well',
      mocks: [
        { name: 'b', route: '/u/:id' },
        { name: 'a', route: '/u/:key' },
        { name: 'c', route: '/u/:id', priority: 1 },
      ],
      want: { b: 'shadowed-mock', a: 'shadowed-mock' },
    },
    {
      name: 'reports equal claims whatever the parameters are called',
      mocks: [
        { name: 'b', route: '/u/:id', conditions: [one, two] },
        { name: 'a', route: '/u/:key', conditions: [two, one] },
      ],
      want: { b: 'equal-claim' },
    },
    {
      name: 'reports equal claims also when the first is limited',
      mocks: [
        { name: 'a', route: '/u', useLimiter: 1 },
        { name: 'b', route: '/u' },
      ],
      want: { b: 'equal-claim' },
    },
    {
      name: 'says nothing of mocks that live side by side',
      mocks: [
        { name: 'a', route: '/u' },
        { name: 'b', route: '/u', conditions: [one] },
        { name: 'c', route: '/u', method: 'GET' },
        { name: 'd', route: '/:x' },
      ],
      want: {},
    },
  ]
  for (const { name, mocks, want } of cases) {
    it(name, () => {
      expect(overlaps(...mocks)).toEqual(want)
      expect(overlaps(...mocks.toReversed())).toEqual(want)
    })
  }

  it('names the other mock, where it stands, and what decides', () => {
    const [shadowed] =
      findOverlaps([declared({ name: 'all', route: '/*', priority: 10 }), declared({ name: 'one', route: '/u' })]).get(
        'Mock/shop/one',
      ) ?? []
    expect(shadowed?.message).toBe(
      'never answers: Mock "shop/all" (all.yaml:1) accepts every request this one does and has priority 10 over 0',
    )
    const [equal] =
      findOverlaps([declared({ name: 'x', route: '/u' }), declared({ name: 'y', route: '/u' })]).get('Mock/shop/y') ??
      []
    expect(equal?.message).toContain('Mock "shop/x" (x.yaml:1) has the same priority, route, method and conditions')
  })

  it('stays bounded with mocks that share many conditions', () => {
    const many = Array.from({ length: 40 }, (_, at) => equals('query', `q${at}`, '1'))
    const mocks = Array.from({ length: 400 }, (_, at) =>
      declared({
        name: `m${at}`,
        route: '/u',
        priority: at % 7,
        conditions: many.filter((_, bit) => ((at * 2654435761) >>> (bit % 32)) & 1),
      }),
    )
    const start = performance.now()
    findOverlaps(mocks)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('finds the same after every change as from the beginning', () => {
    const finder = new OverlapFinder()
    const seen: number[] = []
    const revisions = fc.array(fc.uniqueArray(fc.nat(13), { minLength: 6 }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(mocks, { minLength: 14, maxLength: 14 }), revisions, (pool, chosen) => {
        const all = pool.map(entryOf)
        for (const revision of chosen) {
          // Unchanged files keep their programs; the objects around them are new each time.
          const entries = all.flatMap((entry, at) => (revision.includes(at) ? [{ ...entry }] : []))
          const fresh = findOverlaps(entries)
          seen.push(fresh.size)
          expect(Object.fromEntries(finder.find(entries))).toEqual(Object.fromEntries(fresh))
        }
      }),
      { numRuns: 400 },
    )
    expect(seen.filter((size) => size > 0).length).toBeGreaterThan(100)
  })

  it('names a mock by where it stands now', () => {
    const finder = new OverlapFinder()
    const [all, one] = [declared({ name: 'all', route: '/*', priority: 1 }), declared({ name: 'one', route: '/u' })]
    finder.find([all, one])
    const [finding] = finder.find([{ ...all, line: 7 }, one]).get(one.id) ?? []
    expect(finding?.message).toContain('(all.yaml:7)')
    expect(finder.find([one]).size).toBe(0)
    expect(finder.find([one, all]).size).toBe(1)
  })

  it('stays bounded with thousands of mocks that only their names tell apart', () => {
    const entries = Array.from({ length: 10_000 }, (_, at) =>
      declared({ name: `m${at}`, route: '/u', ...(at % 2 === 0 ? { useLimiter: 1 } : {}) }),
    )
    const start = performance.now()
    expect(findOverlaps(entries).size).toBe(9_999)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('reports only mocks that the index never finds', () => {
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST'),
      segments: fc.array(fc.constantFrom('u', 'v', ''), { minLength: 1, maxLength: 3 }),
      query: fc.record({ q: fc.subarray(['1', '2']) }),
      header: fc.record({ h: fc.subarray(['2', '12']) }),
    })
    let reported = 0
    fc.assert(
      fc.property(
        fc.array(mocks, { minLength: 4, maxLength: 12 }),
        fc.array(request, { minLength: 1, maxLength: 20 }),
        (list, requests) => {
          const entries = list.map(entryOf)
          const index = RouteIndex.empty().with({ add: entries })
          const never = new Set(
            [...findOverlaps(entries)]
              .filter(([, [finding]]) => finding?.message.includes('never answers'))
              .map(([id]) => id),
          )
          reported += never.size
          for (const { method, segments, query, header } of requests) {
            // A limited mock may be used up; those that last may not.
            for (const usable of [
              () => true,
              ({ program }: { program: { useLimiter: number | undefined } }) => program.useLimiter === undefined,
            ]) {
              const found = index.find('shop', method, segments, subjects({ query, header }), usable)
              if (found !== undefined) expect(never).not.toContain(found.id)
            }
          }
        },
      ),
      { numRuns: 300 },
    )
    expect(reported).toBeGreaterThan(100)
  })
})
