import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, jsonEquals, parseJson, RawNumber, stringifyJson } from '../../src/expression/json.js'

describe('numbers', () => {
  const kept = [
    '12345678901234567890',
    '9007199254740993',
    '1e400',
    '-1e-400',
    '0.12345678901234567890',
    '3.141592653589793238',
  ]
  for (const text of kept) {
    it(`${text} keeps its text`, () => {
      for (const json of [text, `[${text}]`, `{"a": ${text}}`, `{"a":${text},"b":[1, ${text} ]}`]) {
        expect(stringifyJson(parseJson(json))).toBe(json.replaceAll(' ', ''))
      }
      expect(parseJson(text)).toBeInstanceOf(RawNumber)
    })
  }

  const plain = [
    '1',
    '0',
    '-1.5',
    '1e3',
    '1.50',
    '9007199254740991',
    '0.1',
    '123456789012345680000',
    '1e300',
    '0.30000000000000004',
  ]
  for (const text of plain) it(`${text} is a number`, () => expect(parseJson(`[${text}]`)).toEqual([Number(text)]))

  it('digits inside a string are left alone', () => {
    expect(parseJson('{"card":"4242424242424242","note":"ref: 12345678901234567890"}')).toEqual({
      card: '4242424242424242',
      note: 'ref: 12345678901234567890',
    })
  })

  it('the last of two equal keys wins, with large numbers as without', () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 })
    expect(stringifyJson(parseJson('{"a":1,"a":12345678901234567890}'))).toBe('{"a":12345678901234567890}')
  })

  it('a plain JSON.stringify writes the nearest double', () => {
    expect(JSON.stringify({ n: new RawNumber('12345678901234567890') })).toBe('{"n":12345678901234567000}')
  })
})

describe('hostile input', () => {
  it('__proto__ is dropped at every depth, however it is written; other keys stay as data', () => {
    for (const key of ['__proto__', '\\u005f_proto__', '__\\u0070roto__']) {
      const value = parseJson(`{"a":[{"${key}":{"polluted":true},"b":1}],"constructor":"x","prototype":1}`)
      expect(stringifyJson(value)).toBe('{"a":[{"b":1}],"constructor":"x","prototype":1}')
    }
    const lossless = parseJson('{"__proto__":{"polluted":true},"n":12345678901234567890}')
    expect(stringifyJson(lossless)).toBe('{"n":12345678901234567890}')
    expect(Object.getPrototypeOf(lossless)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('nesting is bounded', () => {
    const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => parseJson(nest(1001))).toThrow(/nested deeper than 1000/)
    expect(() => parseJson(nest(200_000))).toThrow(SyntaxError)
    expect(parseJson(nest(1000))).toBeInstanceOf(Array)
    expect(parseJson(JSON.stringify('['.repeat(5000)))).toBe('['.repeat(5000))
  })

  it('what is no JSON is a SyntaxError, also with large numbers in it', () => {
    for (const text of ['', '{', '[1,]', '{"a":12345678901234567890', 'nul', '01234567890123456789']) {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    }
  })
})

it('any JSON survives a round trip', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const value = parseJson(text)
      if (!text.includes('__proto__')) expect(stringifyJson(value)).toBe(JSON.stringify(JSON.parse(text)))
      expect(jsonEquals(value, parseJson(text))).toBe(true)
    }),
  )
})

it('any number text comes back as the same decimal number', () => {
  const digits = fc.stringMatching(/^(?:0|[1-9]\d{0,30})(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/)
  fc.assert(
    fc.property(digits, (text) => {
      const written = stringifyJson(parseJson(`[${text}]`)).slice(1, -1)
      expect(jsonEquals(new RawNumber(written), new RawNumber(text))).toBe(true)
    }),
  )
})

describe('jsonEquals', () => {
  const cases: [Json, Json, boolean, boolean][] = [
    [1, 1, true, true],
    [1, '1', false, false],
    [null, 0, false, false],
    [[1, 2], [2, 1], false, true],
    [[1, 1, 2], [1, 2, 2], false, false],
    [{ a: 1, b: [1, { c: [2, 3] }] }, { b: [{ c: [3, 2] }, 1], a: 1 }, false, true],
    [{ a: 1 }, { a: 1, b: 2 }, false, false],
    [{ a: 1 }, [1], false, false],
    [[], {}, false, false],
    [{ a: null }, { b: null }, false, false],
    [new RawNumber('12345678901234567890'), new RawNumber('12345678901234567890'), true, true],
    [new RawNumber('12345678901234567890'), new RawNumber('12345678901234567891'), false, false],
    [new RawNumber('1e21'), 1e21, true, true],
    [new RawNumber('1'), '1', false, false],
    [{ n: new RawNumber('1') }, { n: { text: '1' } }, false, false],
  ]
  for (const [a, b, ordered, sorted] of cases) {
    it(`${stringifyJson(a)} and ${stringifyJson(b)}`, () => {
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        expect(jsonEquals(x, y)).toBe(ordered)
        expect(jsonEquals(x, y, { sortArray: true })).toBe(sorted)
      }
    })
  }

  it('an inherited property does not count', () => {
    expect(jsonEquals({ toString: 1 }, { a: 1 })).toBe(false)
    expect(jsonEquals({ a: 1 }, undefined)).toBe(false)
  })
})

it('isObject knows a JSON object from everything else', () => {
  expect([{}, Object.create(null)].every(isObject)).toBe(true)
  expect([null, [], 'x', 1, new RawNumber('1'), undefined].some(isObject)).toBe(false)
})
