import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/expression/json.js'
import { eventRoots } from '../../src/template/roots.js'
import { type Context, type Missing, RenderFailure } from '../../src/template/run.js'
import { compileExpression, compileTemplate } from '../../src/template/template.js'
import { written } from './write.js'

/** The first finding, as `line:column message (hint)`. */
function firstOf(text: string): string | undefined {
  const [first] = compileTemplate(text).findings
  return first && `${first.line}:${first.column} ${first.message}${first.hint === undefined ? '' : ` (${first.hint})`}`
}

describe('findings of templates', () => {
  it.each([
    ['Hello\n  {{ payload.name | uper }}', '2:21 there is no filter "uper" (did you mean "upper"?)'],
    ['{{ paylod.name }}', '1:4 there is no "paylod" here (did you mean "payload"?)'],
    [
      '{{ suite }}',
      '1:4 there is no "suite" here (fields of the payload are payload.suite; there are payload, event, channel, user, group, digest, title, body, link)',
    ],
    ['{{ event.tipe }}', '1:10 event has no "tipe" (did you mean "type"?)'],
    ['{{ title.length }}', '1:10 title has no "length" (title is a text)'],
    ['{{ payload.name.toUpperCase() }}', '1:17 toUpperCase() cannot be called (write payload.name | upper)'],
    ['{{ payload.tags.includes("x") }}', '1:17 includes() cannot be called (write: x in list)'],
    ['{{ upper(payload.name) }}', '1:9 upper cannot be called (write it as a filter: value | upper)'],
    ['{{ joiner(", ") }}', '1:10 joiner cannot be called (write {{ ", " if not loop.first }})'],
    ['{{ payload.x is prim }}', undefined],
    ['a\n{% if payload.x %}\nb', '2:1 {% if payload.x %} is never closed (add {% endif %} where it ends)'],
    ['{% for x in payload.l %}{% if x %}{% endfor %}', '1:38 {% endfor %} closes nothing here'],
    ['{% endif %}', '1:4 {% endif %} closes nothing here'],
    ['{% iff x %}', '1:4 there is no tag {% iff %} (the tags are if, for, set, macro, call, filter, switch and raw)'],
    ['{{ payload.', '1:12 the template ends in the middle of a tag (close it with }} or %})'],
    ['{{ 1e9 }}', '1:4 "1e9" is neither a name nor a number (numbers are written 1000 or 0.5)'],
    ['{{ loop.index }}', '1:4 there is no "loop" here (loop is known within a for)'],
    ['{{ payload.none }}', '1:12 "none" cannot stand after a dot (write ["none"] instead of .none)'],
    ['{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}', '1:35 the macro m takes at most 1: a; 2 are given'],
    ['{% macro m() %}{% endmacro %}{% macro m() %}{% endmacro %}', '1:33 there are two macros "m"'],
    ['{{ 1 < payload.n < 3 }}', '1:6 comparisons cannot follow one another (write: a < b and b < c)'],
    [
      '{% include "x" %}',
      '1:4 {% include %} is not available (templates stand alone: write a macro for what is repeated)',
    ],
    ['{{ payload.constructor }}', '1:12 "constructor" is never looked up (templates see the fields of data alone)'],
    ['{{ r/a+/ }}', '1:4 regular expressions are not available'],
  ])('%s', (text, expected) => {
    const found = firstOf(text)
    if (expected === undefined) expect(found).toContain('there is no test "prim"')
    else expect(found).toContain(expected)
  })

  it('come all at once, in the order of the text', () => {
    const { findings } = compileTemplate('{{ a }}\n{{ b | c }}\n{{ payload.d() }}')
    expect(findings.map(({ line }) => line)).toEqual([1, 2, 2, 3])
  })

  it('know what the template names itself', () => {
    const text =
      '{% set a = 1 %}{% for b, c in payload.l %}{{ loop.index }}{% endfor %}{% macro d(e, f=1) %}{{ e }}{{ f }}{% endmacro %}{{ a }}{{ b }}{{ c }}{{ d(1) }}'
    expect(compileTemplate(text).findings).toEqual([])
  })

  it('say which names there are where', () => {
    expect(compileTemplate('{{ title }}', eventRoots).findings).toHaveLength(1)
    expect(compileTemplate('{{ title }}').findings).toHaveLength(0)
  })
})

describe('rendering', () => {
  it('says what was asked for and is not there', () => {
    const missing: Missing[] = []
    const payload = { run: { name: 'n' }, list: [{ a: 1 }], text: 't', none: null }
    written(
      '{{ payload.runn }}{{ payload.run.nam }}{% for x in payload.list %}{{ x.b }}{% endfor %}{{ payload.text.x }}{{ payload["none"].y }}{{ payload.list[5].z }}',
      { payload },
      { missing },
    )
    expect(missing.map(({ path, line, column }) => [path, line, column])).toEqual([
      ['payload.runn', 1, 12],
      ['payload.run.nam', 1, 34],
      ['x.b', 1, 72],
      ['payload.text.x', 1, 104],
    ])
  })

  it('says nothing where the template asks whether it is there', () => {
    const missing: Missing[] = []
    written(
      '{{ payload.a | default("x") }}{% if payload.b %}{{ payload.b }}{% endif %}{{ payload.c or "x" }}{{ "x" if payload.d }}{{ payload.e is defined }}{{ not payload.f }}{% for x in payload.g %}{% else %}{% endfor %}',
      { payload: {} },
      { missing },
    )
    expect(missing).toEqual([])
  })

  it.each([
    ['{{ payload }}', '{"a":1}'],
    ['{{ [1, {b: none}] }}', '[1,{"b":null}]'],
    ['{{ payload.a / 0 }} {{ 0 / 0 }}', 'Infinity NaN'],
    ['{{ true }}{{ none }}', 'true'],
  ])('%s reads %s', (text, expected) => {
    expect(written(text, { payload: { a: 1 } })).toBe(expected)
  })

  it('keeps numbers that a double cannot hold', () => {
    const payload = parseJson('{"id": 12345678901234567890, "other": 12345678901234567891}') as Context
    expect(
      written('{{ payload.id }} {{ payload.id | string }} {{ payload | json }} {{ payload.id == payload.other }}', {
        payload: payload as never,
      }),
    ).toBe('12345678901234567890 12345678901234567890 {"id":12345678901234567890,"other":12345678901234567891} false')
  })

  it('is the same each time, whatever was rendered before', () => {
    const { template } = compileTemplate('{% set x = (x or "") ~ payload.n %}{{ x }}')
    expect(template?.render({ payload: { n: 1 } })).toBe('1')
    expect(template?.render({ payload: { n: 2 } })).toBe('2')
  })
})

describe('expressions', () => {
  const severity = (text: string, payload: Context): unknown =>
    compileExpression(text, eventRoots).expression?.evaluate({ payload: payload as never })

  it.each([
    ["'error' if payload.failed > 0 else 'info'", 'error'],
    ['payload.severity', 'warning'],
    ["{{ 'critical' if payload.failed > 9 else 'warning' }}", 'warning'],
    ['{% if payload.failed %} error {% endif %}', 'error'],
  ])('%s', (text, expected) => {
    expect(severity(text, { failed: 2, severity: 'warning' })).toBe(expected)
  })

  it.each([
    ['payload.failed |', 1],
    ["'error' if payload.faild > 0 else oops", 35],
    ['a }} {{ b', undefined],
    ['', undefined],
  ])('%s is refused where it is wrong', (text, column) => {
    const { expression, findings } = compileExpression(text, eventRoots)
    expect(expression).toBeUndefined()
    if (column !== undefined) expect(findings[0]?.column).toBeGreaterThanOrEqual(column)
  })

  it('are bounded as well', () => {
    const { expression } = compileExpression('range(1000000000)')
    expect(() => expression?.evaluate({})).toThrow(RenderFailure)
  })
})
