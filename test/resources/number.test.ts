import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { readJson } from '../../src/resources/json-reader.js'
import { defaultLimits } from '../../src/resources/limits.js'
import { exactNumber } from '../../src/resources/number.js'
import { readYaml } from '../../src/resources/yaml-reader.js'

describe('exactNumber', () => {
  const cases: [source: string, want: number | string | undefined][] = [
    ['1', 1],
    ['1.10', 1.1],
    ['0.1', 0.1],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['+12345678901234567890', '12345678901234567890'],
    ['100000000000000000000', 100000000000000000000],
    ['0.12345678901234567890123', '0.12345678901234567890123'],
    ['.12345678901234567890123', '0.12345678901234567890123'],
    ['1.000000000000000000000', 1],
    ['1e400', '1e400'],
    ['0x1F', 31],
    ['0xFFFFFFFFFFFFFFFFFF', '4722366482869645213695'],
    ['.nan', undefined],
    ['-.inf', undefined],
  ]
  for (const [source, want] of cases) {
    it(`${source} is ${want ?? 'no JSON number'}`, () => {
      const got = exactNumber(source, Number(source.replace('.nan', 'NaN').replace('.inf', 'Infinity')))
      expect(got instanceof RawNumber ? got.text : got).toBe(want)
    })
  }

  it('a double written out is that double again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(exactNumber(String(value), value)).toBe(value)
      }),
    )
  })

  it('an integer of any length keeps its digits', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const got = exactNumber(String(value), Number(value))
        expect(BigInt(got instanceof RawNumber ? got.text : (got ?? 0))).toBe(value)
      }),
    )
  })
})

describe('readers', () => {
  it('any JSON value is read as JSON.parse does, by both, also as YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        const want = JSON.parse(text)
        // Keys that are not accepted are left out, and problems: not what this is about.
        fc.pre(!text.includes('"__proto__"'))
        expect(readJson(text, defaultLimits).documents[0]?.value).toEqual(want)
        if (value !== null) expect(readYaml(text, defaultLimits).documents[0]?.value).toEqual(want)
      }),
    )
  })

  it('any text is read without an exception', () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]:,-?&*!|>%@`"\'#\n \t\\a1~<'), maxLength: 80 })
    fc.assert(
      fc.property(text, (source) => {
        readJson(source, defaultLimits)
        for (const document of readYaml(source, defaultLimits).documents) document.locate('/a/0/b', 'key')
      }),
      { numRuns: 2_000 },
    )
  })
})
