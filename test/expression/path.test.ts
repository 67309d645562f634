import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, parseJson, RawNumber } from '../../src/expression/json.js'
import { compilePath, PathError } from '../../src/expression/path.js'

const body: Json = {
  a: { b: [10, 20, { c: 'deep' }], 'x-y': 1, '@type': 'T', 'soap:Body': 's' },
  list: [{ n: 1 }, { n: 2 }, { n: 3 }],
  text: 'hello',
}

describe('compilePath', () => {
  const cases: [string, Json | undefined][] = [
    ['$', body],
    ['$.a.b[0]', 10],
    ['a.b', [10, 20, { c: 'deep' }]],
    ['a.b[-1].c', 'deep'],
    ['$.a.b[2].c', 'deep'],
    ['$["a"]["b"][1]', 20],
    ["$.a['x-y']", 1],
    ['$.a.x-y', 1],
    ['$.a.@type', 'T'],
    ['a.soap:Body', 's'],
    ['[0]', undefined],
    ['$.list[*].n', [1, 2, 3]],
    ['list[?(@.n > 1)].n', [2, 3]],
    ['$..n', [1, 2, 3]],
    ['$.list[0:2].n', [1, 2]],
    ['$.list[?(@.n > 9)]', []],
    ['$.nope[*]', undefined],
    ['$.list[?length(@) == 1].n', [1, 2, 3]],
    [' $.text ', 'hello'],
    ['$.text[0]', undefined],
    ['$.list.0', undefined],
    ['$.list.length', undefined],
    ['$.text.length', undefined],
    ['$.a.missing.more', undefined],
    ['$.a.constructor', undefined],
    ['$.__proto__', undefined],
    ['$.a["prototype"]', undefined],
  ]
  for (const [path, want] of cases) it(path, () => expect(compilePath(path).get(body)).toEqual(want))

  it('nodes gives every value found', () => {
    expect(compilePath('$.list[*].n').nodes(body)).toEqual([1, 2, 3])
    expect(compilePath('$.a.b[0]').nodes(body)).toEqual([10])
    expect(compilePath('$.nope').nodes(body)).toEqual([])
    expect([compilePath('$.a.b').singular, compilePath('$.a[*]').singular]).toEqual([true, false])
  })

  for (const path of [
    '',
    '$.',
    '$.a[',
    '$.a[?(@.x > )]',
    '$x y',
    'a b',
    '$.a)',
    '$.a..',
    "$['a",
    `$.${'a'.repeat(5000)}`,
  ]) {
    it(`${JSON.stringify(path.slice(0, 20))} is refused`, () => expect(() => compilePath(path)).toThrow(PathError))
  }

  it('says where a path goes wrong', () => {
    expect(() => compilePath('$.a.b c')).toThrow(/" c" is not part of a path/)
  })

  it('a number that keeps its text has no members', () => {
    const value = parseJson('{"n": 12345678901234567890, "text": "t"}')
    expect(compilePath('$.n').get(value)).toEqual(new RawNumber('12345678901234567890'))
    expect(compilePath('$.n.text').get(value)).toBeUndefined()
    expect(compilePath('$..text').get(value)).toEqual(['t'])
    expect(compilePath('$.n.*').get(value)).toEqual([])
  })

  it('own properties behind forbidden names are not found by any path', () => {
    const value = JSON.parse('{"__proto__":{"x":1},"constructor":{"x":2},"a":{"prototype":{"x":3}}}')
    for (const path of ['$.__proto__.x', '$.constructor', '$..x', '$.a.prototype.x']) {
      expect(compilePath(path).nodes(value)).toEqual([])
    }
    expect(compilePath('$.*').nodes(value)).toEqual([{ prototype: { x: 3 } }])
  })

  it('a pattern that makes backtracking engines run for hours takes no time', () => {
    const value = { list: [`${'a'.repeat(50)}!`], pattern: '(a+)+$' }
    expect(compilePath('$.list[?search(@, $.pattern)]').get(value)).toEqual([])
    expect(compilePath('$.list[?match(@, "(a|a)*!")]').get(value)).toEqual(value.list)
    expect(compilePath('$.list[?match(@, "(")]').get(value)).toEqual([])
  })

  it('a query that finds more than can be wanted finds nothing', () => {
    const wide = Array.from({ length: 200 }, () => Array.from({ length: 100 }, () => 1))
    expect(compilePath('$[*][*]').get(wide)).toBeUndefined()
    expect(compilePath('$[*]').nodes(wide)).toHaveLength(200)
  })

  it('never throws anything but a PathError, and never while looking', () => {
    const piece = fc.constantFrom(
      '$',
      '.',
      '..',
      '[',
      ']',
      '*',
      '?',
      '@',
      "'",
      '"',
      'a',
      'b',
      '0',
      '-1',
      ':',
      '(',
      ')',
      ' ',
      '\\',
      'é',
      '==',
      '&&',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.jsonValue(), (pieces, value) => {
        try {
          compilePath(pieces.join('')).get(value as Json)
        } catch (error) {
          expect(error).toBeInstanceOf(PathError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('finds any own key written in brackets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        fc.pre(!['__proto__', 'constructor', 'prototype'].includes(key))
        const quoted = JSON.stringify(key)
        expect(compilePath(`$[${quoted}]`).get({ [key]: 1 })).toBe(1)
      }),
    )
  })
})
