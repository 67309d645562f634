// What can be written here means what it means in nunjucks: both are asked.

import fc from 'fast-check'
import nunjucks from 'nunjucks'
import { describe, expect, it } from 'vitest'
import { written } from './write.js'

const plain = new nunjucks.Environment(null, { autoescape: false })
const context = {
  payload: {
    name: 'Checkout',
    count: 3,
    ratio: 0.5,
    empty: '',
    nil: null,
    ok: true,
    tags: ['b', 'a', 'C'],
    runs: [
      { id: 1, state: 'failed', owner: { name: 'Ann' } },
      { id: 2, state: 'passed', owner: { name: 'Bob' } },
      { id: 3, state: 'failed', owner: { name: 'Cid' } },
    ],
    labels: { team: 'web', env: 'prod' },
  },
  title: 'Run failed',
}

/** As what compares equal: each side gets its own, so that neither can change the other's. */
function both(text: string): [ours: string, theirs: string] {
  return [written(text, structuredClone(context)), plain.renderString(text, structuredClone(context))]
}

describe('templates mean what they mean in nunjucks', () => {
  it.each([
    '{{ payload.name }} {{ payload["name"] }} {{ payload.runs[1].owner.name }} {{ payload.name[0] }}',
    '{{ payload.nil }}{{ payload.missing }}{{ payload.missing.deeper }}',
    '{{ payload.tags }} {{ payload.ok }} {{ payload.ratio }}',
    '{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 2 * 7 % 4 }} {{ 12 / 2 % 4 }} {{ 7 // 2 }} {{ 2 ** 3 }} {{ 5 - 3 + 1 }} {{ -3 + 5 }}',
    '{{ "a" + 1 }} {{ "a" ~ "b" }} {{ 1 + "1" }} {{ "3" * "4" }}',
    '{{ 1 == "1" }} {{ 1 === "1" }} {{ 1 != 2 }} {{ "a" < "b" }} {{ 3 >= 3 }}',
    '{{ "x" if payload.ok else "y" }} {{ "x" if payload.empty }} {{ not payload.ok }}',
    '{{ payload.empty or "else" }} {{ payload.ok and payload.name }} {{ payload.count > 2 and payload.count < 5 }}',
    '{{ "a" in payload.tags }} {{ "eck" in payload.name }} {{ "team" in payload.labels }} {{ "x" not in payload.tags }}',
    '{{ payload.count is odd }} {{ payload.x is defined }} {{ payload.name is string }} {{ 4 is divisibleby(2) }} {{ payload.nil is null }}',
    '{% for r in payload.runs %}{{ loop.index }}/{{ loop.length }}:{{ r.id }}{{ "," if not loop.last }}{% endfor %}',
    '{% for k, v in payload.labels %}{{ loop.index0 }}{{ k }}={{ v }};{% endfor %}',
    '{% for a, b in [[1, 2], [3, 4]] %}{{ a }}-{{ b }} {% endfor %}',
    '{% for x in [] %}a{% else %}none{% endfor %}{% for x in payload.missing %}a{% else %}none{% endfor %}',
    '{% for x in payload.runs %}{% for y in payload.tags %}{{ loop.index }}{{ y }}{% endfor %}{{ loop.index }}{% endfor %}',
    '{% for x in range(3) %}{{ x }}{% endfor %}{% for x in range(2, 8, 3) %}{{ x }}{% endfor %}{% for x in range(3, 0, -1) %}{{ x }}{% endfor %}',
    '{% if payload.count == 1 %}one{% elif payload.count == 3 %}three{% else %}many{% endif %}',
    '{% switch payload.count %}{% case 1 %}one{% case 2 %}{% case 3 %}some{% default %}many{% endswitch %}',
    '{% switch payload.name %}{% case 1 %}one{% default %}many{% endswitch %}',
    '{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{% endfor %}{{ x }}',
    '{% for i in [1, 2] %}{% set y = i %}{% endfor %}[{{ y }}]',
    '{% set a, b = 5 %}{{ a }}{{ b }}{% set c %}<{{ a }}>{% endset %}{{ c }}{{ c }}',
    '{% macro m(a, b="d") %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, b=3) }}{{ m(a=4) }}',
    '{% macro w(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call w("b") %}in {{ payload.name }}{% endcall %}',
    '{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) each([1, 2]) %}({{ x }}){% endcall %}',
    '{% macro down(n) %}{{ n }}{% if n > 0 %}{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(3) }}',
    '{% filter upper %}a {{ payload.name }}{% endfilter %}',
    'a {%- if true %} b {%- endif %} c {{- 1 -}} d {#- no -#} e',
    '{% raw %}{{ payload.name }}{% endraw %}{% verbatim %}{% if %}{% endverbatim %}',
    '{# a comment #}{{ "quoted \\" text" }}{{ \'\\n\' }}|',
    '{{ payload.tags | join(", ") }} {{ payload.runs | join(",", "id") }} {{ payload.tags | sort | join }} {{ payload.tags | sort(true, true) | join }}',
    '{{ payload.runs | sort(attribute="state") | join(",", "id") }} {{ payload.runs | sum("id") }} {{ [1, 2] | sum }}',
    '{% for s, rs in payload.runs | groupby("state") %}{{ s }}:{{ rs | length }} {% endfor %}',
    '{{ payload.runs | selectattr("id") | length }} {{ payload.runs | rejectattr("id") | length }} {{ [1, 2, 3] | select("odd") | join }}{{ [0, 1] | reject("truthy") | join }}',
    '{{ payload.name | upper }} {{ payload.name | lower | capitalize }} {{ "a bC d" | title }} {{ "  x " | trim }}|',
    '{{ "abc" | replace("b", "x") }} {{ "aaa" | replace("a", "b", 2) }} {{ "abc" | reverse }} {{ [1, 2] | reverse | join }}',
    '{{ "a long text to cut" | truncate(8, true, "..") }} {{ "a long text to cut" | truncate(8, false, "..") }} {{ "x" | truncate(8) }}',
    '{{ 3.14159 | round(2) }} {{ 2.5 | round(0, "floor") }} {{ -3 | abs }} {{ "42px" | int }} {{ "1.5" | float }} {{ "x" | int(7) }}',
    '{{ payload.missing | default("d") }} {{ payload.empty | default("d", true) }} {{ payload.empty | default("d") }}',
    '{{ payload.labels | dictsort | join(";") }} {{ payload.labels | dictsort(false, "value") | join(";") }} {{ payload.labels | length }}',
    '{{ [1, 2, 3, 4, 5] | batch(2) | dump }} {{ [1, 2, 3, 4, 5] | slice(3) | dump }} {{ [1, 2, 3] | batch(2, 9) | dump }}',
    '{{ payload.runs | first | dump }} {{ (payload.tags | last) }} {{ "abc" | list | join("-") }} {{ payload.runs[0] | dump(2) }}',
    '{{ "a&b c" | urlencode }} {{ {a: 1, b: "x y"} | urlencode }} {{ "<b>x</b>\n y" | striptags }} {{ "a\nb" | nl2br }} {{ "a\nb" | indent(2) }}',
    '{{ "<a href=\'x\'>" | escape }} {{ "<b>" | safe }} {{ "one two  three" | wordcount }} {{ 5 | string + 1 }}[{{ "x" | center(5) }}]',
    '{{ [1, "a"] }} {{ "%d" }} {{ 1.50 }} {{ 0.1 + 0.2 }}',
  ])('%s', (text) => {
    const [ours, theirs] = both(text)
    expect(ours).toBe(theirs)
  })

  const atom = fc.constantFrom(
    'payload.name',
    'payload.count',
    'payload.ratio',
    'payload.ok',
    'payload.tags[0]',
    '"t"',
    '2',
    '0',
    'title',
  )
  const operator = fc.constantFrom('+', '-', '*', '~')
  const { expression } = fc.letrec<{ expression: string; condition: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3 },
      atom,
      fc.tuple(tie('expression'), operator, tie('expression')).map(([a, o, b]) => `(${a} ${o} ${b})`),
      fc.tuple(tie('expression'), tie('condition'), tie('expression')).map(([a, c, b]) => `(${a} if ${c} else ${b})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('string', 'string | upper', 'string | length'))
        .map(([a, f]) => `(${a} | ${f})`),
    ),
    condition: fc.oneof(
      { maxDepth: 2 },
      atom,
      fc
        .tuple(tie('expression'), fc.constantFrom('==', '!=', '<', '>='), tie('expression'))
        .map(([a, o, b]) => `(${a} ${o} ${b})`),
      fc.tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition')).map(([a, o, b]) => `(${a} ${o} ${b})`),
      tie('condition').map((a) => `(not ${a})`),
    ),
  }))
  const { template } = fc.letrec<{ template: string }>((tie) => ({
    template: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('text ', '\n', '- '),
      expression.map((e) => `{{ ${e} }}`),
      fc.tuple(tie('template'), tie('template')).map(([a, b]) => a + b),
      fc
        .tuple(expression, tie('template'), tie('template'))
        .map(([e, a, b]) => `{% if ${e} %}${a}{% else %}${b}{% endif %}`),
      tie('template').map((a) => `{% for item in payload.runs %}{{ loop.index }}${a}{{ item.id }}{% endfor %}`),
      fc.tuple(expression, tie('template')).map(([e, a]) => `{% set v = ${e} %}${a}{{ v }}`),
    ),
  }))

  it('whatever they are made of', () => {
    fc.assert(
      fc.property(template, (text) => {
        const [ours, theirs] = both(text)
        expect(ours).toBe(theirs)
      }),
      { numRuns: 500 },
    )
  })
})
