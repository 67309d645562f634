// Ways out of template engines, and ways to keep them busy. Some are refused before anything is rendered; the rest come
// to nothing, within bounds.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filters } from '../../src/template/filters/index.js'
import { defaultBounds, maxText, RenderFailure } from '../../src/template/run.js'
import { compileExpression, compileTemplate } from '../../src/template/template.js'

const big = 'a'.repeat(400_000)

const payload = {
  name: 'Ann',
  big,
  other: `${big.slice(1)}b`,
  digits: '1'.repeat(400_000),
  keys: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index])),
  zones: Intl.supportedValuesOf('timeZone').slice(0, 400),
  list: Array.from({ length: 200 }, (_, index) => index),
  items: [{ name: 'a' }, { name: 'b' }],
  long: 'a'.repeat(5000),
  text: `<${'a'.repeat(5000)}`,
}

/** What came of it: a refusal, a rendering that was ended, or its text. */
function outcome(text: string): { refused?: string; ended?: string; text?: string } {
  const { template, findings } = compileTemplate(text)
  if (template === undefined) return { refused: findings.map(({ message }) => message).join('; ') }
  try {
    return { text: template.render({ payload }) }
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error
    return { ended: error.message }
  }
}

describe('a template that looks for a way out', () => {
  it.each([
    '{{ payload.constructor }}',
    '{{ payload.constructor.constructor("return process")() }}',
    '{{ payload["constructor"]["constructor"]("return process")().mainModule.require("fs") }}',
    "{{ ''.constructor.constructor('return this')() }}",
    '{{ [].constructor.from([1]) }}',
    '{{ (1).constructor }}',
    '{{ range.constructor("return global")() }}',
    '{{ {}.__proto__.polluted }}',
    '{{ payload.__proto__.toString }}',
    '{% set x = {"__proto__": {a: 1}} %}{{ x.a }}',
    '{% set x = {constructor: 1} %}',
    '{{ payload.toString() }}',
    '{{ payload.name.toString.call(payload) }}',
    '{{ payload.list.map("x") }}',
    '{{ payload.hasOwnProperty("name") }}',
    '{{ payload.name.split("").constructor }}',
    '{{ cycler("a", "b").next() }}',
    '{{ cycler }}',
    '{{ joiner() }}',
    '{{ super() }}',
    '{{ caller() }}',
    '{{ process.env }}',
    '{{ global }}{{ globalThis }}{{ require("fs") }}',
    '{{ env.opts }}{{ context }}{{ frame }}{{ runtime }}',
    '{{ this }}{{ self }}',
    '{{ payload | attr("constructor") }}',
    '{{ "" | constructor }}{{ "" | toString }}{{ "" | __proto__ }}{{ "" | hasOwnProperty }}',
    '{{ 1 is constructor }}{{ 1 is __proto__ }}{{ 1 is callable }}',
    '{% include "/etc/passwd" %}',
    '{% import "x" as x %}',
    '{% from "x" import y %}',
    '{% extends payload.name %}',
    '{% block a %}{% endblock %}',
    '{% asyncEach x in payload.list %}{{ x }}{% endeach %}',
    '{% asyncAll x in payload.list %}{{ x }}{% endall %}',
    '{% ifAsync true %}{% endif %}',
    '{% set payload.name = 1 %}',
    '{% for payload.x in [1] %}{% endfor %}',
    '{{ r/(a+)+$/.test(payload.long) }}',
    '{{ payload.long | replace(r/(a+)+$/g, "") }}',
    '{{ r/[/ }}',
    '{% macro constructor() %}{% endmacro %}{{ constructor.constructor }}',
    '{% macro m() %}{{ m }}{% endmacro %}{{ m }}',
    '{{ payload.name; process.exit() }}',
    '{{ payload.name = 1 }}',
    '{{ (payload.name) => 1 }}',
    '{{ `a` }}',
    '{{ new Date }}',
    '{{ payload[] }}',
    '{{ payload[1, 2] }}',
    '{% for x in payload.list %}{% set loop.x = 1 %}{% endfor %}',
    '{% switch payload %}{% endswitch %}',
    '{% filter nothing %}{% endfilter %}',
    '{% call payload.name() %}{% endcall %}',
    '{% call payload %}{% endcall %}',
    '{% raw %}',
    '{% set x %}',
    '{{ {[1]: 2} }}',
    '{{ "a" if }}',
    '{{ a | }}',
    '{{ (',
    '{{ [',
    '{{ {',
    '{{ f(',
    '{{ "',
    '{% if',
    '{#',
    '#}',
  ])('%s is refused', (text) => {
    const { refused } = outcome(text)
    expect(refused).toBeTypeOf('string')
    expect(refused).not.toMatch(/Cannot read|is not a function|undefined/)
  })

  it.each([
    ['{{ payload["con" ~ "structor"] }}', ''],
    ['{{ payload["__pro" ~ "to__"].toString }}', ''],
    ['{{ payload.name["con" + "structor"] }}{{ payload.list["const" ~ "ructor"] }}', ''],
    ['{% set k = "constructor" %}{{ payload[k][k]("x") if false }}', undefined],
    ['{% set k = "constructor" %}{{ payload[k] }}{{ [][k] }}{{ ""[k] }}{{ 1[k] }}{{ true[k] }}{{ {}[k] }}', ''],
    ['{{ payload.toString }}{{ payload.valueOf }}{{ payload.hasOwnProperty }}', ''],
    ['{{ payload.name.toUpperCase }}{{ payload.list.push }}{{ payload.name.at }}', ''],
    ['{{ [payload] | groupby("constructor") | json }}', undefined],
    ['{{ payload.items | map("constructor.name") | json }}', '[null,null]'],
    ['{{ payload.items | join(",", "__proto__") }}', ','],
    ['{{ payload.items | sum("constructor.length") }}', '0'],
    ['{{ payload.items | selectattr("constructor") | json }}', '[]'],
    ['{{ payload.items | rejectattr("toString") | length }}', '2'],
    ['{{ payload.items | sort(false, false, "constructor") | map("name") | join }}', 'ab'],
    ['{{ payload.items | unique("__proto__") | length }}', '1'],
    ['{{ {a: 1} | dictsort | json }}', '[["a",1]]'],
    ['{{ "constructor" in payload }}{{ "__proto__" in {} }}{{ "toString" in payload }}', 'falsefalsefalse'],
    ['{{ [1, 2] | select("const" ~ "ructor") | json }}', '[]'],
    ['{{ range(3)["constructor" | string] }}', ''],
    ['{% for k, v in "constructor" %}{{ v }}{% endfor %}', ''],
    ['{% for x in payload %}{{ x }}{% endfor %}', ''],
    ['{% for x in 5 %}{{ x }}{% endfor %}{% for x in true %}{{ x }}{% endfor %}', ''],
    ['{% for x in [1] %}{{ loop["con" ~ "structor"] }}{% endfor %}', ''],
    ['{% raw %}{{ payload.constructor }}{% endraw %}', '{{ payload.constructor }}'],
    ['{% macro m(a) %}{{ a }}{% endmacro %}{{ m(a="1", b="2") if false }}', undefined],
    ['{% macro m(a) %}{{ a["const" ~ "ructor"] }}{{ kwargs }}{% endmacro %}{{ m("x") }}', undefined],
    ['{{ payload.name | default(payload["__proto" ~ "__"]) }}', 'Ann'],
    ['{% set payload = 1 %}{{ payload }}', '1'],
  ])('%s finds nothing', (text, expected) => {
    const { text: result, refused } = outcome(text)
    if (expected === undefined) expect(`${result}${refused}`).not.toMatch(/function|native code|\[object/)
    else expect(result).toBe(expected)
  })

  it('changes nothing of what it is given', () => {
    const mine = { payload: { list: [3, 1, 2], nested: { a: 1 } } }
    const before = structuredClone(mine)
    const text =
      '{% set payload = 1 %}{% for x in [1] %}{% set title = 2 %}{% endfor %}{{ [3, 1] | sort | reverse | join }}'
    compileTemplate(text).template?.render(mine)
    compileTemplate('{{ payload.list | sort | reverse | batch(2) | json }}').template?.render(mine)
    expect(mine).toEqual(before)
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })
})

describe('a template that takes too much', () => {
  it.each([
    [
      'three nested loops',
      '{% for a in payload.list %}{% for b in payload.list %}{% for c in payload.list %}x{% endfor %}{% endfor %}{% endfor %}',
    ],
    [
      'empty nested loops',
      '{% for a in range(90) %}{% for b in range(90) %}{% for c in range(90) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['an endless range', '{% for a in range(1000000000) %}{% endfor %}'],
    ['a range that is not used', '{% set x = range(1000000000) %}'],
    ['a range without an end', '{% set x = range(1, 1 / 0) %}'],
    ['a range of tiny steps', '{% set x = range(0, 1, 0.0000000001) %}'],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    [
      'a macro that calls itself twice',
      '{% macro m(n) %}{{ m(n + 1) if n < 40 }}{{ m(n + 1) if n < 40 }}{% endmacro %}{{ m(0) }}',
    ],
    ['a text that doubles', `{% set x = "aaaaaaaaaa" %}${'{% set x = x ~ x %}'.repeat(60)}{{ x }}`],
    [
      'a text that doubles by adding',
      `{% set x = payload.long %}{% for i in range(60) %}{% set x = x + x %}{% endfor %}`,
    ],
    [
      'a text that doubles by replacing',
      `{% set x = "aa" %}{% for i in range(60) %}{% set x = x | replace("a", x) %}{% endfor %}`,
    ],
    [
      'a text that doubles by joining',
      `{% set x = "aa" %}{% for i in range(60) %}{% set x = [x, x] | join(x) %}{% endfor %}`,
    ],
    [
      'a text that doubles by a block',
      `{% set x = "aa" %}{% for i in range(60) %}{% set x %}{{ x }}{{ x }}{% endset %}{% endfor %}`,
    ],
    [
      'a list that doubles written out',
      `{% set x = ["a"] %}{% for i in range(60) %}{% set x = [x, x] %}{% endfor %}{{ x }}`,
    ],
    [
      'a list that doubles as JSON',
      `{% set x = ["a"] %}{% for i in range(60) %}{% set x = [x, x] %}{% endfor %}{{ x | json }}`,
    ],
    [
      'a list that doubles as keys',
      `{% set x = ["a"] %}{% for i in range(60) %}{% set x = [x, x] %}{% endfor %}{{ [{n: x}] | groupby("n") }}`,
    ],
    [
      'a value that is nested very deeply',
      `{% set x = 1 %}{% for i in range(9000) %}{% set x = [x] %}{% endfor %}{{ x }}`,
    ],
    [
      'deep nesting with text',
      '{% set x = {} %}{% for i in range(9000) %}{% set x = {x: x} %}{% endfor %}{{ x | json(8) }}',
    ],
    [
      'long lines that are indented',
      `{% set x = payload.long | replace("a", "\\n") %}{% for i in range(60) %}{% set x = x | indent(100) %}{% endfor %}`,
    ],
    [
      'much escaping',
      `{% set x = "<" %}{% for i in range(60) %}{% set x = x | escape %}{% set x = x ~ x %}{% endfor %}`,
    ],
    [
      'much encoding',
      `{% set x = "%" %}{% for i in range(60) %}{% set x = x | urlencode %}{% set x = x ~ x %}{% endfor %}`,
    ],
    [
      'sorting over and over',
      '{% for a in payload.list %}{% for b in payload.list %}{{ (payload.list | sort)[0] }}{% endfor %}{% endfor %}',
    ],
    [
      'a search in a text over and over',
      '{% for a in range(9999) %}{% for b in range(9999) %}{{ "b" in payload.long }}{% endfor %}{% endfor %}',
    ],
    ['tags that are never closed', '{% for a in range(9999) %}{{ payload.text | striptags | length }}{% endfor %}'],
    [
      'spaces before something',
      '{% for a in range(9999) %}{{ (payload.long | replace("a", " ") ~ "x") | trim | length }}{% endfor %}',
    ],
    ['times over and over', '{% for a in range(9999) %}{{ 1 | date("EEEE MMMM") }}{% endfor %}'],
  ])('%s is stopped', (_name, text) => {
    const { ended, refused } = outcome(text)
    expect(refused).toBeUndefined()
    expect(ended).toMatch(/stopped|grew beyond|nested/)
  })

  const looks = [
    'payload.big == payload.other',
    'payload.big < payload.other',
    'payload.big in [payload.other, payload.other]',
    'payload.big is upper',
    'payload.big is lower',
    'payload.big is eq(payload.other)',
    'payload.big is endingwith(payload.other)',
    'payload.keys is empty',
    'payload.keys | length',
    'payload.keys | keys | first',
    'payload.big | length | string ~ payload.big',
    'payload.big | truncate(399999)',
    'payload.big | int',
    'payload.big | wordcount',
    'payload.big | title | first',
    'payload.big | striptags | first',
    'payload.big | trim | first',
    'payload.big | lines | length',
    'payload.big | split("b") | length',
    'payload.big | replace("b", "c") | first',
    '("b" ~ payload.long) in payload.big',
    'payload.big | split("b" ~ payload.long) | length',
    'payload.big | replace("b" ~ payload.long, "") | length',
    '[payload.big, payload.other] | sort | length',
    '[payload.big, payload.other] | unique | length',
    '[payload.big, payload.other] | groupby("x") | length',
    '[payload.big, payload.other] | min | length',
    '[payload.big, payload.other] | count(payload.big)',
    '[payload.big, payload.other] | select("eq", payload.big) | length',
    '[1, 2, 3] | map(payload.big) | length',
    '[1, 2, 3] | join("", payload.big)',
    'payload.digits * 1 + payload.digits | float',
    '1 | date("HH", payload.zones[a % 400])',
    '1.5 | number(a % 15)',
    'payload.list | batch(1) | length',
    'payload.list | slice(200) | length',
    'payload.list | reverse | length',
    'payload.keys | dictsort | length',
    'payload.keys | json | length',
    'payload.big | json | length',
    'payload.big | urlencode | length',
    'payload.big | escape | length',
    'payload.big | list | length',
    'payload.big | indent(1) | length',
  ]

  it.each(looks)('counts what it takes to look at: %s', (expression) => {
    const { template, findings } = compileTemplate(
      `{% for a in range(300) %}{% for b in range(300) %}{% if ${expression} %}{% endif %}{% endfor %}{% endfor %}`,
    )
    expect(findings).toEqual([])
    expect(() => template?.render({ payload })).toThrow(RenderFailure)
  })

  it('writes no more than may be', () => {
    const { text = '' } = outcome(`{% for a in payload.list %}{{ payload.long }}{% endfor %}`)
    expect(text).toHaveLength(defaultBounds.output)
  })

  it('fills small things only as far as they reach', () => {
    expect(outcome('{{ "a" | center(1000000000) | length }}')).toEqual({ text: '10000' })
    expect(outcome('{{ "a" | indent(1000000000, true) | length }}')).toEqual({ text: '101' })
    expect(outcome('{{ [1] | batch(1000000000, 0) | first | length }}')).toEqual({ text: '10000' })
    expect(outcome('{{ [1] | slice(1000000000) | length }}')).toEqual({ text: '10000' })
    expect(outcome('{{ 2 ** 100000 }} {{ 1.5 | round(1000000000) }} {{ "z" | int(0, 99) }}')).toEqual({
      text: 'Infinity 1.5 0',
    })
  })

  it.each([
    ['is nested deeply', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`],
    ['has deeply nested lists', `{{ ${'['.repeat(20_000)} }}`],
    ['has deeply nested blocks', '{% if true %}'.repeat(4_500)],
    ['has very many operators', `{{ ${'- '.repeat(30_000)}1 }}`],
    ['has very many filters', `{{ 1${' | abs'.repeat(9_000)} }}`],
    ['has very many additions', `{{ 1${' + 1'.repeat(15_000)} }}`],
    ['has a long run of spaces', `a${' '.repeat(60_000)}b{%- if true %}{% endif %}`],
    ['is too long', 'a'.repeat(70_000)],
  ])('that %s is refused, or harmless', (_name, text) => {
    const { text: result, refused } = outcome(text)
    expect(result ?? refused).toBeTypeOf('string')
  })

  it('counts work and not time: the same is stopped at the same place everywhere', () => {
    const steps = (bound: number): boolean => {
      const { template } = compileTemplate('{% for a in range(100) %}{{ a | string | upper }}{% endfor %}')
      try {
        template?.render({ payload }, { bounds: { ...defaultBounds, steps: bound } })
        return true
      } catch {
        return false
      }
    }
    const least = Array.from({ length: 3000 }, (_, bound) => bound).find(steps) ?? 0
    expect(least).toBeGreaterThan(300)
    expect(Array.from({ length: 5 }, () => steps(least - 1))).toEqual(Array(5).fill(false))
    expect(Array.from({ length: 5 }, () => steps(least))).toEqual(Array(5).fill(true))
  })
})

describe('whatever a template is made of', () => {
  const name = fc.constantFrom('payload', 'payload.name', 'payload.items', 'x', 'loop', 'event', 'title', 'caller')
  const key = fc.constantFrom('constructor', '__proto__', 'prototype', 'toString', 'length', 'name', 'call', '0')
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      name,
      fc.constantFrom('1', '"a"', '[]', '{}', 'none', 'true', '""'),
      fc.tuple(tie('expression'), key).map(([a, k]) => `(${a})["${k.slice(0, 2)}" ~ "${k.slice(2)}"]`),
      fc.tuple(tie('expression'), key).map(([a, k]) => `${a}.${k}`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}(${b})`),
      fc.tuple(tie('expression'), fc.constantFrom(...filters.keys())).map(([a, f]) => `(${a} | ${f})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('map', 'groupby', 'join', 'sum', 'selectattr', 'sort'), key)
        .map(([a, f, k]) => `(${a} | ${f}("${k}"))`),
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '~', '==', 'in', 'or', 'and', '%'), tie('expression'))
        .map(([a, o, b]) => `(${a} ${o} ${b})`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}, {k: ${b}}]`),
    ),
  }))

  /** Every value that can be got at from this one by any property. */
  function isData(value: unknown, seen = new Set<unknown>()): boolean {
    if (value === null || ['undefined', 'string', 'number', 'boolean'].includes(typeof value)) return true
    if (typeof value !== 'object' || seen.has(value)) return seen.has(value)
    seen.add(value)
    return Object.getOwnPropertyNames(value).every((each) => isData((value as Record<string, unknown>)[each], seen))
  }

  it('an expression gives data and never a function', () => {
    let evaluations = 0
    fc.assert(
      fc.property(expression, (text) => {
        const { expression: compiled } = compileExpression(text)
        if (compiled === undefined) return
        try {
          expect(isData(compiled.evaluate({ payload }))).toBe(true)
          evaluations++
        } catch (error) {
          expect(error).toBeInstanceOf(RenderFailure)
        }
      }),
      { numRuns: 2000 },
    )
    expect(evaluations).toBeGreaterThan(100)
  })

  it('any text compiles, or is refused with a place in it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{{',
        '}}',
        '{%',
        '%}',
        '{#',
        '#}',
        '-',
        '|',
        '(',
        ')',
        '[',
        ']',
        '"',
        "'",
        '\\',
        '\n',
        ' ',
        '.',
        ',',
      ),
      fc.constantFrom(
        'if',
        'else',
        'endif',
        'for',
        'in',
        'endfor',
        'set',
        'endset',
        'macro',
        'endmacro',
        'raw',
        'r/',
        '=',
      ),
      fc.string({ maxLength: 5 }),
      expression,
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        const { template, findings } = compileTemplate(text)
        if (template === undefined) {
          expect(findings.length).toBeGreaterThan(0)
          for (const { line, column, message } of findings) {
            expect(line).toBeGreaterThanOrEqual(1)
            expect(line).toBeLessThanOrEqual(text.split('\n').length)
            expect(column).toBeGreaterThanOrEqual(1)
            expect(message).not.toMatch(/Cannot read|is not a function/)
          }
          return
        }
        try {
          expect(template.render({ payload }).length).toBeLessThan(maxText)
        } catch (error) {
          expect(error).toBeInstanceOf(RenderFailure)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
