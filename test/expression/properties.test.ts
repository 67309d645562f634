// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, stringifyJson } from '../../src/expression/json.js'
import { compilePayloadText, compileTemplate, compileText } from '../../src/expression/template.js'
import { scopeOf } from './scope.js'

const options = { env: { REGION: 'eu' }, callback: true }

/** Texts that look like expressions, or nearly. */
const nearly = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom('$.', '$', '${', '}', '$$.', '||', '(', ')', '[', ']', ',', '.', '-', ' ', '"', "'"),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          'req',
          'reqHeader',
          'gS',
          'fake',
          'UUID',
          'IntBetween',
          'sum',
          'increment',
          'name',
          'X-Env',
          'items',
          '*',
          '?',
          '@',
          '0',
          '1',
          '-1',
          'constructor',
          '__proto__',
          'now',
          'env',
          'REGION',
          'foo',
        ),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 4, unit: 'binary' }) },
    ),
    { maxLength: 20 },
  )
  .map((pieces) => pieces.join(''))

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    nearly,
    fc.constantFrom<Json>(null, true, 0, -1.5, 'plain'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('1', '0', 'constructor', '$.req')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value

describe('any text', () => {
  it('compiles and renders without throwing', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        for (const { template } of [
          compileTemplate(text, options),
          compileText(text, options),
          compilePayloadText(text, options),
        ]) {
          template.render(scopeOf())
          expect(typeof template.renderJson(scopeOf())).toBe('string')
          expect(typeof template.renderText(scopeOf())).toBe('string')
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('without a dollar sign renders to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), nearly, (a, b) => {
        const text = (a + b).replaceAll('$', '')
        expect(compileTemplate(text, options).template.render(scopeOf())).toBe(text)
        expect(compileTemplate(text, options).findings).toEqual([])
      }),
    )
  })

  it('renders to itself once its dollar signs are escaped', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        fc.pre(!/\$\$/.test(text))
        const escaped = text.replaceAll(/\$(?=[.{])/g, '$$$$')
        expect(compileTemplate(escaped, options).template.render(scopeOf())).toBe(text)
      }),
    )
  })
})

it('renderJson is stringifyJson of render', () => {
  fc.assert(
    fc.property(value, (declared) => {
      const { template } = compileTemplate(declared, options)
      const scope = scopeOf({ random: () => 0.25 })
      expect(template.renderJson(scope)).toBe(stringifyJson(template.render(scope)))
    }),
    { numRuns: 1000 },
  )
})

it('a value that is put in is never evaluated, whatever it says', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      const scope = scopeOf({ req: { x: text } })
      expect(compileTemplate('$.req.x', options).template.render(scope)).toBe(text)
      expect(compileTemplate('<$.req.x>', options).template.render(scope)).toBe(`<${text}>`)
      expect(compileTemplate('<${ $.req.nope || $.req.x }>', options).template.render(scope)).toBe(`<${text}>`)
      expect(JSON.parse(compilePayloadText('{"a":"<$.req.x>"}', options).template.renderJson(scope))).toEqual({
        a: `<${text}>`,
      })
    }),
  )
})

it('rendering never changes the declaration or the request', () => {
  fc.assert(
    fc.property(value, (declared) => {
      const before = JSON.stringify(declared)
      const scope = scopeOf()
      const request = JSON.stringify(scope.req)
      compileTemplate(declared, options).template.render(scope)
      expect(JSON.stringify(declared)).toBe(before)
      expect(JSON.stringify(scope.req)).toBe(request)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }),
  )
})

describe('texts made to take long', () => {
  const cases: [string, string][] = [
    ['open functions', '$.sum('.repeat(100_000)],
    ['open functions that close far away', '$.sum('.repeat(50_000) + ')'.repeat(50_000)],
    ['open braces', '${'.repeat(300_000)],
    ['open delimited paths', '${$.req[?'.repeat(60_000)],
    ['open brackets', "$.req['".repeat(80_000)],
    ['open JSON', '${$.req||['.repeat(60_000)],
    ['defaults', '$.req.a||'.repeat(60_000)],
    ['spaces', `\${${' '.repeat(500_000)}`.repeat(2)],
    ['a long name', `$.req.${'a'.repeat(500_000)}`],
    ['many dashes', `$.reqHeader.a${'-'.repeat(300_000)}`],
    ['many names', '$.req.a.b.c '.repeat(40_000)],
    ['unknown roots', '$.foo '.repeat(100_000)],
  ]
  for (const [name, text] of cases) {
    it(name, () => {
      const start = performance.now()
      compileTemplate(text, options).template.renderJson(scopeOf())
      expect(performance.now() - start).toBeLessThan(3000)
    })
  }
})
