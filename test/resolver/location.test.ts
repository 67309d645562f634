import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locate, parsePairs } from '../../src/resolver/location.js'

describe('locate', () => {
  const cases: [target: string, namespace: string, route: string, segments: string[], query: string][] = [
    ['/a/b?x=1', 'sandbox', '/a/b', ['a', 'b'], 'x=1'],
    ['/stubs/shop/a', 'shop', '/a', ['a'], ''],
    ['/stubs/shop', 'shop', '/', [''], ''],
    ['/stubs/shop/', 'shop', '/', [''], ''],
    ['/stubs/', 'sandbox', '/stubs/', ['stubs', ''], ''],
    ['/stubs', 'sandbox', '/stubs', ['stubs'], ''],
    ['/stubs//a', 'sandbox', '/stubs//a', ['stubs', '', 'a'], ''],
    ['http://other.example/a?x', 'sandbox', '/a', ['a'], 'x'],
    ['http://other.example', 'sandbox', '/', [''], ''],
    ['https://other.example?x=1', 'sandbox', '/', [''], 'x=1'],
    ['//host/a', 'sandbox', '//host/a', ['', 'host', 'a'], ''],
    ['*', 'sandbox', '*', ['*'], ''],
    ['/a%2Fb/%zz', 'sandbox', '/a%2Fb/%zz', ['a/b', '%zz'], ''],
    ['/a?x=1?y=2#frag', 'sandbox', '/a', ['a'], 'x=1?y=2'],
    ['/../a/./b', 'sandbox', '/../a/./b', ['..', 'a', '.', 'b'], ''],
    [Buffer.from('/ü').toString('latin1'), 'sandbox', '/ü', ['ü'], ''],
  ]
  for (const [target, namespace, route, segments, query] of cases) {
    it(`reads ${target}`, () => {
      expect(locate(target, 'sandbox')).toMatchObject({ namespace, route, segments, query })
    })
  }

  it('reads anything without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (target) => {
        expect(locate(target, 'sandbox').segments.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('parsePairs', () => {
  it('gives a text for one value, a list for several', () => {
    expect({ ...parsePairs('a=1&b=2&b=3&c&=x&&d=%20+') }).toEqual({ a: '1', b: ['2', '3'], c: '', '': 'x', d: '  ' })
  })

  it('drops names that could reach a prototype', () => {
    const values = parsePairs('__proto__=1&constructor=2&prototype=3&%5F_proto__=4&ok=5')
    expect(Object.getPrototypeOf(values)).toBeNull()
    expect(Object.keys(values)).toEqual(['ok'])
  })

  it('agrees with URLSearchParams about what that wrote', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })))
    fc.assert(
      fc.property(pairs, (list) => {
        const safe = list.filter(([name]) => !['__proto__', 'constructor', 'prototype'].includes(name))
        const query = new URLSearchParams(safe)
        const read = parsePairs(query.toString())
        for (const name of query.keys()) expect([read[name]].flat()).toEqual(query.getAll(name))
      }),
    )
  })
})
