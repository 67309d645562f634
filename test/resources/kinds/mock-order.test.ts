import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, orderOf } from '../../../src/resources/kinds/mock-order.js'
import { parseRoute } from '../../../src/resources/kinds/mock-route.js'

const claim = (parts: Partial<Claim> & { at?: string; pattern?: string } = {}): Claim => ({
  priority: 0,
  route: parseRoute(parts.at ?? (parts.pattern === undefined ? '/u' : undefined), parts.pattern).route,
  method: undefined,
  conditions: 0,
  name: 'm',
  ...parts,
})

/** The rule as it is written down: one part after the other, the first that differs decides. */
function byParts(a: Claim, b: Claim): number {
  const constrained = ({ route }: Claim) => (route.pattern !== undefined && !route.specificity.includes('c') ? 0 : 1)
  const text = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  return (
    b.priority - a.priority ||
    text(a.route.specificity, b.route.specificity) ||
    constrained(a) - constrained(b) ||
    Number(a.method === undefined) - Number(b.method === undefined) ||
    b.conditions - a.conditions ||
    text(a.name, b.name)
  )
}

describe('orderOf', () => {
  const cases: { name: string; first: Claim; second: Claim }[] = [
    {
      name: 'a higher priority',
      first: claim({ priority: 2, at: '/*' }),
      second: claim({ priority: 1, method: 'GET' }),
    },
    { name: 'a priority of 0 before a negative one', first: claim(), second: claim({ priority: -1 }) },
    { name: 'the less negative priority', first: claim({ priority: -2 }), second: claim({ priority: -10 }) },
    { name: 'ten before nine', first: claim({ priority: 10 }), second: claim({ priority: 9 }) },
    { name: 'a fraction more', first: claim({ priority: 1.5 }), second: claim({ priority: 1 }) },
    {
      name: 'a literal before a parameter',
      first: claim({ at: '/a/b' }),
      second: claim({ at: '/a/:x', conditions: 5 }),
    },
    {
      name: 'the literal that comes first in the route',
      first: claim({ at: '/a/:x' }),
      second: claim({ at: '/:x/b' }),
    },
    { name: 'a parameter before a pattern', first: claim({ at: '/a/:x' }), second: claim({ pattern: '/a/.*' }) },
    { name: 'a pattern before a wildcard', first: claim({ pattern: '/a/.*' }), second: claim({ at: '/a/*' }) },
    {
      name: 'the pattern with the longer literal beginning',
      first: claim({ pattern: '/a/b/.*' }),
      second: claim({ pattern: '/a/.*' }),
    },
    {
      name: 'a route with a pattern before the same without',
      first: claim({ at: '/a/:x', pattern: '/a/[0-9]+' }),
      second: claim({ at: '/a/:x', method: 'GET' }),
    },
    { name: 'a given method', first: claim({ method: 'GET' }), second: claim({ conditions: 9 }) },
    {
      name: 'more conditions',
      first: claim({ conditions: 10, name: 'z' }),
      second: claim({ conditions: 9, name: 'a' }),
    },
    { name: 'the name in the end', first: claim({ name: 'a' }), second: claim({ name: 'a-b' }) },
  ]
  for (const { name, first, second } of cases) {
    it(`puts first ${name}`, () => {
      expect(orderOf(first) < orderOf(second)).toBe(true)
      expect(byParts(first, second)).toBeLessThan(0)
    })
  }

  const claims = fc.record({
    priority: fc.oneof(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.constantFrom(0, -0, 1, -1, 0.5),
      fc.double({ noNaN: true }),
    ),
    route: fc
      .constantFrom(
        ['/'],
        ['/a'],
        ['/a/b'],
        ['/:x'],
        ['/a/:x'],
        ['/a/:x/c'],
        ['/*'],
        ['/a/*'],
        [undefined, '/a/.*'],
        [undefined, '/.*'],
        ['/a/:x', '/a/b+'],
      )
      .map(([route, pattern]) => parseRoute(route, pattern).route),
    method: fc.constantFrom(undefined, 'GET', 'POST'),
    conditions: fc.nat(70_000),
    name: fc.stringMatching(/^[a-z0-9.-]{1,5}$/),
  })

  it('agrees with comparing part by part', () => {
    fc.assert(
      fc.property(claims, claims, (a, b) => {
        fc.pre(a.conditions < 65_536 && b.conditions < 65_536)
        expect(Math.sign(byParts(a, b)) + 0).toBe(orderOf(a) < orderOf(b) ? -1 : orderOf(a) > orderOf(b) ? 1 : 0)
      }),
      { numRuns: 2000 },
    )
  })

  it('is antisymmetric and transitive, and equal only for equal claims', () => {
    fc.assert(
      fc.property(claims, claims, claims, (x, y, z) => {
        const [a, b, c] = [x, y, z].sort((p, q) => (orderOf(p) < orderOf(q) ? -1 : 1))
        if (a === undefined || b === undefined || c === undefined) throw new Error('three are three')
        expect(orderOf(a) <= orderOf(b) && orderOf(b) <= orderOf(c) && orderOf(a) <= orderOf(c)).toBe(true)
        if (orderOf(x) === orderOf(y)) expect(x.name).toBe(y.name)
      }),
    )
  })
})
