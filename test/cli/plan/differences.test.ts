import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Difference, differences } from '../../../src/cli/plan/differences.js'
import { type Json, RawNumber } from '../../../src/expression/json.js'

describe('differences', () => {
  const cases: readonly { name: string; before: Json; after: Json; want: Difference[] }[] = [
    { name: 'nothing between equal values', before: { a: [1, { b: 2 }] }, after: { a: [1, { b: 2 }] }, want: [] },
    { name: 'nothing between orders of keys', before: { a: 1, b: 2 }, after: { b: 2, a: 1 }, want: [] },
    {
      name: 'the deepest field',
      before: { a: { b: 1 } },
      after: { a: { b: 2 } },
      want: [{ pointer: '/a/b', before: 1, after: 2 }],
    },
    { name: 'a new field', before: {}, after: { a: null }, want: [{ pointer: '/a', after: null }] },
    { name: 'a field that is gone', before: { a: false }, after: {}, want: [{ pointer: '/a', before: false }] },
    { name: 'another type', before: { a: [] }, after: { a: {} }, want: [{ pointer: '/a', before: [], after: {} }] },
    { name: 'null and an object', before: null, after: {}, want: [{ pointer: '', before: null, after: {} }] },
    {
      name: 'escaped keys',
      before: { 'a/b~c': 1 },
      after: { 'a/b~c': 2 },
      want: [{ pointer: '/a~1b~0c', before: 1, after: 2 }],
    },
    { name: 'an item put in front', before: ['b', 'c'], after: ['a', 'b', 'c'], want: [{ pointer: '/0', after: 'a' }] },
    { name: 'an item taken out', before: ['a', 'b', 'c'], after: ['a', 'c'], want: [{ pointer: '/1', before: 'b' }] },
    {
      name: 'an item changed',
      before: [{ x: 1 }, 'b'],
      after: [{ x: 2 }, 'b'],
      want: [{ pointer: '/0/x', before: 1, after: 2 }],
    },
    {
      name: 'numbers that a double cannot hold',
      before: { a: new RawNumber('12345678901234567890') },
      after: { a: new RawNumber('12345678901234567891') },
      want: [
        { pointer: '/a', before: new RawNumber('12345678901234567890'), after: new RawNumber('12345678901234567891') },
      ],
    },
    { name: 'keys of the prototype', before: {}, after: { toString: 1 }, want: [{ pointer: '/toString', after: 1 }] },
  ]
  for (const { name, before, after, want } of cases) {
    it(`shows ${name}`, () => expect(differences(before, after)).toEqual(want))
  }

  it('there are none exactly between equal values', () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(differences(a, structuredClone(a) as Json)).toEqual([])
        const equal = differences(a, b).length === 0
        // JSON has one zero.
        expect(equal).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
      }),
    )
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}
