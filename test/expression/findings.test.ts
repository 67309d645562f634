// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import { compileTemplate, type ExpressionFinding } from '../../src/expression/template.js'
import { scopeOf } from './scope.js'

function find(value: Json, callback = false): readonly ExpressionFinding[] {
  return compileTemplate(value, { env: { REGION: 'eu' }, callback }).findings
}

describe('what is wrong with an expression is said', () => {
  const cases: [text: string, severity: 'error' | 'warning', rule: string, words: RegExp][] = [
    ['$.requst.amount', 'error', 'expression-root', /did you mean "\$\.req"/],
    ['Total $.requst.amount', 'warning', 'expression-root', /did you mean "\$\.req"/],
    ['$.request.amount', 'error', 'expression-root', /did you mean "\$\.req"/],
    ['$.headers.X', 'error', 'expression-root', /did you mean "\$\.reqHeader"/],
    ['$.foo || "x"', 'error', 'expression-root', /there is no "foo"/],
    ['x ${ $.foo } y', 'warning', 'expression-root', /there is no "foo"/],
    ['$.foo($.req.a)', 'error', 'expression-root', /there is no "foo"/],
    ['${ $.foo } y', 'warning', 'expression-root', /there is no "foo"/],
    ['${ $.foo }', 'error', 'expression-root', /there is no "foo"/],
    ['${ $.fake.Nope }/$.req.a', 'error', 'unknown-faker', /there is no/],
    ['$.increment', 'error', 'expression-root', /needs arguments/],
    ['$.50', 'warning', 'expression-root', /stays a text/],
    ['costs $.50 each', 'warning', 'expression-root', /written "\$\$\."/],
    ['$.response.status', 'error', 'expression-root', /callbacks only/],
    ['got $.statusCode', 'warning', 'expression-root', /callbacks only/],
    ['$.fake.Emial', 'error', 'unknown-faker', /did you mean "\$\.fake\.Email"/],
    ['x $.fake.Emial y', 'error', 'unknown-faker', /there is no \$\.fake\.Emial/],
    ['$.fake.uuid', 'error', 'unknown-faker', /did you mean "\$\.fake\.UUID"/],
    ['id_$.fake.UUID_order', 'error', 'unknown-faker', /did you mean "\$\{\$\.fake\.UUID\}_order"/],
    ['$.fake.intbetween(1,2)', 'error', 'unknown-faker', /IntBetween\(min, max\)/],
    ['$.fake', 'error', 'unknown-faker', /needs a name/],
    ['$.fake.IntBetween', 'error', 'expression-arguments', /takes 2 arguments, not 0/],
    ['$.fake.IntBetween(1)', 'error', 'expression-arguments', /write \$\.fake\.IntBetween\(min, max\)/],
    ['$.fake.IntBetween(1,2,3)', 'error', 'expression-arguments', /not 3/],
    ['$.fake.IntBetween(a,2)', 'error', 'expression-arguments', /"a" is not an integer/],
    ['$.fake.IntBetween(1.5,2)', 'error', 'expression-arguments', /1\.5 is not an integer/],
    ['$.fake.IntBetween(9,2)', 'error', 'expression-arguments', /min 9 is greater than max 2/],
    ['$.fake.UUID(', 'warning', 'expression-syntax', /is not closed, and stays a text/],
    ['$.fake.UUID(1)', 'error', 'expression-arguments', /takes no arguments, not 1/],
    ['$.fake.Password(1,2)', 'error', 'expression-arguments', /at most 1 arguments/],
    ['$.sum()', 'error', 'expression-arguments', /at least 1 argument, not 0/],
    ['$.subtract($.req.a)', 'error', 'expression-arguments', /takes 2 arguments, not 1/],
    ['$.increment($.req.a, "x")', 'error', 'expression-arguments', /"x" is not a number/],
    ['$.env.PASSWORD', 'error', 'expression-env', /PASSWORD is not one that expressions may read/],
    ['x $.env.REGON', 'error', 'expression-env', /did you mean "REGION"/],
    ['$.req.items[?(@.price > )]', 'error', 'expression-syntax', /not valid JSONPath/],
    ['${ $.req.name', 'error', 'expression-syntax', /not a complete expression/],
    ['${ $.req.name ? }', 'error', 'expression-syntax', /not a complete expression/],
    ['${HOME}/x', 'warning', 'expression-syntax', /written "\$\$\{"/],
    ['$.req.items[*].sku are', 'warning', 'expression-syntax', /delimit the expression/],
    ['$.req.a || the $.req.b', 'warning', 'expression-syntax', /is a text/],
    ['$.req.constructor', 'warning', 'expression-key', /never looked up/],
  ]
  for (const [text, severity, rule, words] of cases) {
    it(`${text} (${severity})`, () => {
      const [finding, ...more] = find(text)
      expect(more).toEqual([])
      expect(finding).toMatchObject({ severity, rule, pointer: '' })
      expect(`${finding?.message} ${finding?.hint}`).toMatch(words)
    })
  }
})

describe('nothing is said about', () => {
  const cases = [
    'costs $5',
    'a $',
    '$. and $',
    'a $$.50 b',
    'x $${y}',
    '$.req.a...',
    '$.fake.UUID()',
    '$.req.name (x)',
    '',
  ]
  for (const text of cases) it(JSON.stringify(text), () => expect(find(text)).toEqual([]))

  it('$.response in a callback', () => expect(find('$.response.status', true)).toEqual([]))
})

it('a finding names the place of the string and the offset in it', () => {
  const findings = find({ 'a/b': [{ x: 'ok' }, { '~': 'id $.fake.Nope and $.nope' }] })
  expect(findings).toMatchObject([
    { pointer: '/a~1b/1/~0', offset: 3, rule: 'unknown-faker' },
    { pointer: '/a~1b/1/~0', offset: 19, rule: 'expression-root' },
  ])
})

it('what is wrong stays as written when it is rendered all the same', () => {
  const text = 'a $.nope b $.fake.Nope c $.fake.IntBetween(2,1) d'
  expect(compileTemplate(text, { env: {} }).template.render(scopeOf())).toBe(text)
})

it('one text gets no more findings than a person reads', () => {
  expect(find('$.foo '.repeat(1000))).toHaveLength(20)
})

it('a text that was not read to its end is an error', () => {
  expect(find('${$.req||['.repeat(60_000)).at(-1)).toMatchObject({ rule: 'expression-limit', severity: 'error' })
})
