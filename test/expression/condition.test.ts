import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Condition,
  type ConditionSpec,
  type ConditionSubject,
  compileCondition,
} from '../../src/expression/condition.js'
import { type Json, parseJson, RawNumber } from '../../src/expression/json.js'
import { actions } from '../../src/expression/matchers/index.js'
import { request } from './request.js'

const noFile = () => undefined
const files = (content: Record<string, string | Uint8Array>) => (path: string) => {
  const file = content[path]
  return typeof file === 'string' ? Buffer.from(file) : file
}
const base64 = (text: string) => Buffer.from(text).toString('base64')

function compile(
  spec: ConditionSpec,
  subject: ConditionSubject = 'body',
  readFile = noFile as ReturnType<typeof files>,
): Condition {
  const { condition, findings } = compileCondition(spec, subject, readFile)
  if (condition === undefined) throw new Error(`does not compile: ${JSON.stringify(findings)}`)
  return condition
}

/** Whether a body with `found` at `$.x` (nothing there when undefined) satisfies the action. */
function holds(
  assertAction: string,
  value: Json | undefined,
  found: Json | undefined,
  more: Partial<ConditionSpec> = {},
) {
  const condition = compile({ path: '$.x', assertAction, value, ...more })
  return condition.matches(request({ body: found === undefined ? { y: 1 } : { x: found } }))
}

const fieldSubjects = ['header', 'query', 'cookie', 'form'] as const

describe('the truth table', () => {
  const values: Record<string, Json | undefined> = {
    any: undefined,
    notEmpty: undefined,
    empty: undefined,
    equals: 'a',
    not_equals: 'a',
    contains: 'a',
    not_contains: 'a',
    matches: 'a',
    gt: 1,
    gte: 1,
    lt: 1,
    lte: 1,
    jsonSchema: true,
  }
  const trueWhenAbsent = new Set(['any', 'empty', 'not_equals', 'not_contains'])

  it('has a row for every action', () => {
    expect(Object.keys(values).sort()).toEqual([...actions.keys()].sort())
  })

  for (const [action, value] of Object.entries(values)) {
    const outcome = trueWhenAbsent.has(action)
    for (const subject of ['body', ...fieldSubjects] as const) {
      it(`${action} is ${outcome} when nothing is at a ${subject} path`, () => {
        const condition = compile({ path: '$.x', assertAction: action, value }, subject)
        expect(condition.matches(request({ body: { y: 1 }, header: { y: ['1'] }, query: { y: ['1'] } }))).toBe(outcome)
        expect(condition.matches(request())).toBe(outcome)
      })
    }
  }

  const cases: [action: string, value: Json | undefined, found: Json, outcome: boolean][] = [
    ['any', undefined, null, true],
    ['any', 'ignored', 'x', true],
    ...([null, '', [], {}] as Json[]).flatMap((found): [string, undefined, Json, boolean][] => [
      ['empty', undefined, found, true],
      ['notEmpty', undefined, found, false],
    ]),
    ...([0, false, ' ', [null], { a: null }, new RawNumber('12345678901234567890')] as Json[]).flatMap(
      (found): [string, undefined, Json, boolean][] => [
        ['empty', undefined, found, false],
        ['notEmpty', undefined, found, true],
      ],
    ),
    ['equals', 100, 100, true],
    ['equals', 100, '100', false],
    ['equals', '100', 100, false],
    ['equals', 1, 1.0, true],
    ['equals', true, 'true', false],
    ['equals', true, true, true],
    ['equals', null, null, true],
    ['equals', null, '', false],
    ['equals', 'a', 'a', true],
    ['equals', 'a', 'A', false],
    ['equals', { a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
    ['equals', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['equals', { a: 1 }, { a: 1, b: 2 }, false],
    ['equals', [1, 2], [2, 1], false],
    ['equals', {}, [], false],
    ['equals', new RawNumber('12345678901234567890'), new RawNumber('12345678901234567890'), true],
    ['equals', new RawNumber('12345678901234567890'), new RawNumber('12345678901234567891'), false],
    ['contains', 'ell', 'hello', true],
    ['contains', 'Ell', 'hello', false],
    ['contains', 5, 'a5b', true],
    ['contains', new RawNumber('12345678901234567890'), '<12345678901234567890>', true],
    ['contains', 'a', ['a', 'b'], true],
    ['contains', 'a', ['ab'], false],
    ['contains', 1, ['1'], false],
    ['contains', ['a', 'c'], ['c', 'b', 'a'], true],
    ['contains', ['a', 'd'], ['c', 'b', 'a'], false],
    ['contains', [1], [[1], 2], true],
    ['contains', { sku: 'A' }, [{ sku: 'B' }, { sku: 'A', qty: 1 }], true],
    ['contains', { a: 1 }, { a: 1, b: 2 }, true],
    ['contains', { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, true],
    ['contains', { a: { b: 2 } }, { a: { b: 1, c: 2 } }, false],
    ['contains', { a: [1] }, { a: [1, 2] }, false],
    ['contains', { toString: 1 }, {}, false],
    ['contains', {}, { a: 1 }, true],
    ['contains', 'a', { a: 1 }, false],
    ['contains', 5, 5, true],
    ['contains', 5, 55, false],
    ['contains', null, null, true],
    ['contains', 'null', null, false],
    ['matches', '^a+$', 'aaa', true],
    ['matches', 'b', 'abc', true],
    ['matches', '^b', 'abc', false],
    ['matches', '(?i)^ABC$', 'abc', true],
    ['matches', '^\\d+$', 42, true],
    ['matches', '^12345678901234567890$', new RawNumber('12345678901234567890'), true],
    ['matches', '"a":1', { a: 1 }, true],
    ['matches', '^true$', true, true],
    ['gt', 100, 101, true],
    ['gt', 100, 100, false],
    ['gte', 100, 100, true],
    ['lt', 100, 99.5, true],
    ['lt', 100, 100, false],
    ['lte', 100, 100, true],
    ['gt', 100, '101', true],
    ['gt', '100', 20, false],
    ['gt', '100', '20', false],
    ['gt', 100, 'many', false],
    ['gt', 100, true, false],
    ['gt', 100, null, false],
    ['gt', 100, '', false],
    ['gt', 100, [101], false],
    ['gt', 100, '0x100', false],
    ['gt', 100, '2e2', true],
    ['gt', 0, '-1', false],
    ['gt', new RawNumber('12345678901234567890'), new RawNumber('12345678901234567891'), true],
    ['lt', new RawNumber('12345678901234567891'), new RawNumber('12345678901234567890'), true],
    ['gt', '2026-01-31', '2026-02-01', true],
    ['gt', '2026-01-31', '2026-01-31', false],
    ['gte', '2026-01-31', '2026-01-31T00:00:00Z', true],
    ['gt', '2026-01-31', '2026-01-31T00:00:00.001Z', true],
    ['lt', '2026-01-31T12:00:00Z', '2026-01-31T13:30:00+02:00', true],
    ['gt', '2026-01-31T12:00:00Z', '2026-01-31T11:00:00-0200', true],
    ['gt', '2026-01-31', '2026-02-30', false],
    ['gt', '2026-01-31', 'tomorrow', false],
    ['gt', '2026-01-31', 5000, false],
    ['gt', 2025, '2026-01-01', false],
    ['jsonSchema', { type: 'integer', minimum: 3 }, 3, true],
    ['jsonSchema', { type: 'integer', minimum: 3 }, 2, false],
    ['jsonSchema', { type: 'array', prefixItems: [{ const: 1 }], items: false }, [1], true],
    ['jsonSchema', { type: 'array', prefixItems: [{ const: 1 }], items: false }, [1, 2], false],
    ['jsonSchema', { type: 'string', format: 'email' }, 'ann@example.com', true],
    ['jsonSchema', { type: 'string', format: 'email' }, 'ann', false],
    ['jsonSchema', { type: 'number' }, new RawNumber('12345678901234567890'), true],
    ['jsonSchema', { required: ['toString'] }, {}, false],
    ['jsonSchema', { $ref: '#/$defs/a', $defs: { a: { const: 1 } } }, 1, true],
    [
      'jsonSchema',
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      false,
    ],
    ['jsonSchema', { uniqueItems: true }, [1, '1', [1]], true],
    ['jsonSchema', { uniqueItems: false }, [1, 1], true],
    ['jsonSchema', false, 1, false],
    ['jsonSchema', { $id: 'http://a/b', $defs: { c: { $id: 'c', const: 1 } }, $ref: 'c' }, 1, true],
    ['jsonSchema', { $id: 'http://a/b', $defs: { c: { $id: 'c', const: 2 } }, $ref: 'c' }, 1, false],
    ['jsonSchema', { type: 'object', additionalProperties: { $ref: '#' } }, { a: { b: {} } }, true],
    ['jsonSchema', { type: 'object', additionalProperties: { $ref: '#' } }, { a: { b: 1 } }, false],
  ]
  for (const [action, value, found, outcome] of cases) {
    const words = value === undefined ? '' : ` ${JSON.stringify(value)}`
    it(`${JSON.stringify(found)} ${action}${words} is ${outcome}`, () => {
      expect(holds(action, value, found)).toBe(outcome)
      const opposite = { equals: 'not_equals', contains: 'not_contains' }[action]
      if (opposite !== undefined) expect(holds(opposite, value, found)).toBe(!outcome)
    })
  }
})

describe('header, query, cookie and form conditions', () => {
  const cases: [action: string, value: Json | undefined, found: string[], outcome: boolean][] = [
    ['equals', 'b', ['a', 'b'], true],
    ['equals', 'c', ['a', 'b'], false],
    ['equals', 100, ['100'], true],
    ['equals', true, ['true'], true],
    ['equals', '100', ['0100'], false],
    ['not_equals', 'b', ['a', 'b'], false],
    ['not_equals', 'c', ['a', 'b'], true],
    ['contains', 'bc', ['a', 'abcd'], true],
    ['contains', 'x', ['a', 'abcd'], false],
    ['not_contains', 'bc', ['a', 'abcd'], false],
    ['not_contains', 'x', ['a', 'abcd'], true],
    ['any', undefined, [''], true],
    ['notEmpty', undefined, ['', 'a'], true],
    ['notEmpty', undefined, [''], false],
    ['empty', undefined, [''], true],
    ['empty', undefined, ['a'], false],
    ['matches', '^b', ['a', 'b1'], true],
    ['matches', '^c', ['a', 'b1'], false],
    ['gt', 5, ['1', '10'], true],
    ['gte', 5, ['5'], true],
    ['lt', '5', ['10'], false],
    ['lte', '2026-01-01', ['2025-12-31'], true],
    ['jsonSchema', { enum: ['a', 'b'] }, ['x', 'b'], true],
    ['jsonSchema', { type: 'integer' }, ['1'], false],
  ]
  for (const subject of fieldSubjects) {
    for (const [action, value, found, outcome] of cases) {
      it(`${subject} ${JSON.stringify(found)} ${action} ${JSON.stringify(value)} is ${outcome}`, () => {
        const condition = compile({ path: 'x', assertAction: action, value }, subject)
        expect(condition.matches(request({ [subject]: { x: found } }))).toBe(outcome)
      })
    }
  }

  it('a header name ignores case, the others do not', () => {
    expect(
      compile({ path: '$.X-Env', assertAction: 'notEmpty' }, 'header').matches(request({ header: { 'x-env': ['a'] } })),
    ).toBe(true)
    expect(
      compile({ path: 'Page', assertAction: 'notEmpty' }, 'query').matches(request({ query: { page: ['a'] } })),
    ).toBe(false)
  })

  for (const path of ['X-Env', '$.X-Env', "$['X-Env']", ' x-env ']) {
    it(`${JSON.stringify(path)} names the header X-Env`, () => {
      expect(
        compile({ path, assertAction: 'equals', value: 'a' }, 'header').matches(
          request({ header: { 'x-env': ['a'] } }),
        ),
      ).toBe(true)
    })
  }

  it('a form field may be called with brackets', () => {
    const condition = compile({ path: 'items[0]', assertAction: 'equals', value: 'a' }, 'form')
    expect(condition.matches(request({ form: { 'items[0]': ['a'] } }))).toBe(true)
  })
})

describe('body conditions', () => {
  it('$ is the body itself, also when it is text', () => {
    expect(compile({ path: '$', assertAction: 'contains', value: 'ell' }).matches(request({ body: 'hello' }))).toBe(
      true,
    )
    expect(compile({ path: '$', assertAction: 'equals', value: { a: 1 } }).matches(request({ body: { a: 1 } }))).toBe(
      true,
    )
    expect(compile({ path: '$', assertAction: 'empty' }).matches(request())).toBe(true)
  })

  it('of several values that a path finds, one that matches is enough, and not_equals needs all', () => {
    const body = { items: [{ sku: 'A' }, { sku: 'B' }] }
    const path = '$.items[*].sku'
    expect(compile({ path, assertAction: 'equals', value: 'B' }).matches(request({ body }))).toBe(true)
    expect(compile({ path, assertAction: 'not_equals', value: 'B' }).matches(request({ body }))).toBe(false)
    expect(compile({ path, assertAction: 'not_equals', value: 'C' }).matches(request({ body }))).toBe(true)
    expect(compile({ path, assertAction: 'equals', value: ['A', 'B'] }).matches(request({ body }))).toBe(true)
    expect(compile({ path, assertAction: 'contains', value: ['B', 'A'] }).matches(request({ body }))).toBe(true)
    expect(compile({ path: '$.none[*]', assertAction: 'equals', value: [] }).matches(request({ body }))).toBe(false)
  })

  it('keys that reach into prototypes find nothing', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      expect(compile({ path: `$.${key}`, assertAction: 'notEmpty' }).matches(request({ body: {} }))).toBe(false)
    }
  })
})

describe('sortArray', () => {
  it('ignores order in equals and not_equals, at every depth', () => {
    const value = { a: [1, [2, 3]] }
    const found = { a: [[3, 2], 1] }
    expect(holds('equals', value, found)).toBe(false)
    expect(holds('equals', value, found, { sortArray: true })).toBe(true)
    expect(holds('not_equals', value, found, { sortArray: true })).toBe(false)
    expect(holds('equals', [1, 1, 2], [1, 2, 2], { sortArray: true })).toBe(false)
  })

  it('ignores order within the elements that contains looks for', () => {
    expect(holds('contains', [[1, 2]], [[2, 1]])).toBe(false)
    expect(holds('contains', [[1, 2]], [[2, 1]], { sortArray: true })).toBe(true)
  })
})

describe('decode: base64', () => {
  const decode = { decode: 'base64' }
  const cases: [action: string, value: Json, found: Json, outcome: boolean][] = [
    ['equals', 'hello', base64('hello'), true],
    ['equals', 'hello', 'hello', false],
    ['equals', { a: 1 }, base64('{"a": 1}'), true],
    ['equals', 5, base64('5'), true],
    ['equals', '5', base64('5'), true],
    ['contains', 'ell', base64('hello'), true],
    ['contains', { a: 1 }, base64('{"a":1,"b":2}'), true],
    ['matches', '^h', base64('hello'), true],
    ['gt', 5, base64('6'), true],
    ['jsonSchema', { type: 'object' }, base64('{}'), true],
    ['equals', 'hello', 'not base64!', false],
    ['equals', 'hello', 5, false],
    ['not_equals', 'hello', 'not base64!', true],
    ['equals', 'a?>', 'YT8-', true],
    ['equals', 'hello', 'aGVs\nbG8=', true],
    ['equals', 'hello', 'aGVsbG8', true],
  ]
  for (const [action, value, found, outcome] of cases) {
    it(`${JSON.stringify(found)} ${action} ${JSON.stringify(value)} is ${outcome}`, () => {
      expect(holds(action, value, found, decode)).toBe(outcome)
    })
  }

  it('a header that carries JSON is compared as JSON', () => {
    const condition = compile({ path: 'X-Data', assertAction: 'equals', value: { a: 1 }, ...decode }, 'header')
    expect(condition.matches(request({ header: { 'x-data': [base64('{"a":1}')] } }))).toBe(true)
  })

  it('what is no base64 counts as absent', () => {
    expect(holds('empty', undefined, '***', decode)).toBe(true)
    expect(holds('notEmpty', undefined, '***', decode)).toBe(false)
  })
})

describe('valueFromFile', () => {
  const readFile = files({
    'order.json': '{"id": 1, "items": [1, 2]}\n',
    'text.txt': 'hello\n',
    'pattern.txt': '^h.*o$\n',
    'schema.json': '{"type": "object"}',
    'limit.txt': '100\n',
    'pixel.png': Uint8Array.of(0x89, 0x50, 0xff, 0xfe),
    'bom.json': '\uFEFF{"a":1}',
  })
  const cases: [action: string, file: string, found: Json, outcome: boolean][] = [
    ['equals', 'order.json', { id: 1, items: [1, 2] }, true],
    ['equals', 'order.json', { id: 2, items: [1, 2] }, false],
    ['contains', 'bom.json', { a: 1, b: 2 }, true],
    ['equals', 'text.txt', 'hello', true],
    ['equals', 'text.txt', 'hello\r\n', true],
    ['equals', 'text.txt', 'hello\n\n', false],
    ['not_equals', 'text.txt', 'hello', false],
    ['matches', 'pattern.txt', 'hello', true],
    ['gt', 'limit.txt', 101, true],
    ['jsonSchema', 'schema.json', {}, true],
  ]
  for (const [assertAction, valueFromFile, found, outcome] of cases) {
    it(`${JSON.stringify(found)} ${assertAction} the content of ${valueFromFile} is ${outcome}`, () => {
      const condition = compile({ path: '$.x', assertAction, valueFromFile }, 'body', readFile)
      expect(condition.matches(request({ body: { x: found } }))).toBe(outcome)
      expect(condition.equality).toBeUndefined()
    })
  }

  it('a header is compared with the text of a file', () => {
    const condition = compile({ path: 'x', assertAction: 'equals', valueFromFile: 'limit.txt' }, 'header', readFile)
    expect(condition.matches(request({ header: { x: ['100'] } }))).toBe(true)
  })

  it('binary files are compared with what base64 decodes to', () => {
    const spec = { path: '$.x', assertAction: 'equals', valueFromFile: 'pixel.png', decode: 'base64' }
    const condition = compile(spec, 'body', readFile)
    const at = (...bytes: number[]) => request({ body: { x: Buffer.from(bytes).toString('base64') } })
    expect(condition.matches(at(0x89, 0x50, 0xff, 0xfe))).toBe(true)
    expect(condition.matches(at(0x89, 0x50, 0xff, 0xfd))).toBe(false)
    expect(compileCondition({ ...spec, decode: undefined }, 'body', readFile).findings[0]?.message).toContain(
      'not UTF-8',
    )
  })

  it('a missing file gives no condition and leaves the finding to the caller', () => {
    expect(compileCondition({ path: '$', assertAction: 'equals', valueFromFile: 'gone' }, 'body', readFile)).toEqual({
      findings: [],
    })
  })
})

describe('what is wrong with a declared condition', () => {
  const cases: [name: string, spec: ConditionSpec, subject: ConditionSubject, want: object][] = [
    [
      'an unknown action suggests the nearest',
      { path: '$', assertAction: 'notequals', value: 1 },
      'body',
      { rule: 'condition-action', severity: 'error', pointer: '/assertAction', hint: 'did you mean not_equals?' },
    ],
    [
      'an action in the wrong case is unknown',
      { path: '$', assertAction: 'NotEmpty' },
      'body',
      { rule: 'condition-action', hint: 'did you mean notEmpty?' },
    ],
    [
      'an action like no other lists them all',
      { path: '$', assertAction: 'resembles' },
      'body',
      {
        hint: 'one of equals, contains, not_equals, not_contains, any, notEmpty, empty, matches, gt, gte, lt, lte, jsonSchema',
      },
    ],
    [
      'a path that starts at $.req is told to start at $',
      { path: '$.req.amount', assertAction: 'equals', value: 1 },
      'body',
      { rule: 'condition-path-req', severity: 'warning', pointer: '/path', hint: 'write $.amount' },
    ],
    [
      '$.req alone is told to be $',
      { path: '$.req', assertAction: 'notEmpty' },
      'body',
      { rule: 'condition-path-req', hint: 'write $' },
    ],
    [
      'a body path without $ is told so',
      { path: 'amount', assertAction: 'equals', value: 1 },
      'body',
      { rule: 'condition-path', severity: 'warning', hint: 'write $.amount' },
    ],
    [
      'a body path that does not parse',
      { path: '$.a[', assertAction: 'equals', value: 1 },
      'body',
      { rule: 'condition-path', severity: 'error', pointer: '/path' },
    ],
    [
      'a name that is missing',
      { path: '$.', assertAction: 'any' },
      'query',
      { rule: 'condition-path', severity: 'error', pointer: '/path' },
    ],
    [
      'a header that cannot be',
      { path: 'X Env', assertAction: 'any' },
      'header',
      { rule: 'condition-path', severity: 'error', message: '"X Env" cannot be the name of a header' },
    ],
    [
      'a header path that repeats the root',
      { path: '$.reqHeader.X-Env[0]', assertAction: 'any' },
      'header',
      { rule: 'condition-path', severity: 'warning', hint: 'write X-Env' },
    ],
    [
      'a missing value',
      { path: '$', assertAction: 'equals' },
      'body',
      { rule: 'condition-value', severity: 'error', pointer: '', message: 'equals needs a value to compare with' },
    ],
    [
      'both value and file',
      { path: '$', assertAction: 'equals', value: 1, valueFromFile: 'a' },
      'body',
      { rule: 'condition-value', pointer: '/valueFromFile' },
    ],
    [
      'an unknown decoding',
      { path: '$', assertAction: 'equals', value: 1, decode: 'hex' },
      'body',
      { rule: 'condition-decode', severity: 'error', pointer: '/decode' },
    ],
    [
      'a list where a header is text',
      { path: 'x', assertAction: 'equals', value: ['a'] },
      'header',
      {
        rule: 'condition-value',
        pointer: '/value',
        message: 'a header value is text, and equals cannot compare it with ["a"]',
      },
    ],
    [
      'null where a query value is text',
      { path: 'x', assertAction: 'contains', value: null },
      'query',
      { rule: 'condition-value', hint: 'use empty or notEmpty to ask whether it is there' },
    ],
    [
      'a pattern that is no text',
      { path: '$', assertAction: 'matches', value: 5 },
      'body',
      { rule: 'condition-value', pointer: '/value' },
    ],
    [
      'a pattern that does not compile',
      { path: '$', assertAction: 'matches', value: 'a(b' },
      'body',
      { rule: 'bad-regex', severity: 'error', pointer: '/value' },
    ],
    [
      'an order of what has none',
      { path: '$', assertAction: 'gt', value: 'much' },
      'body',
      {
        rule: 'condition-value',
        pointer: '/value',
        message: 'the value of gt must be a number or an ISO date, found "much"',
      },
    ],
    [
      'an impossible date',
      { path: '$', assertAction: 'lt', value: '2025-02-29' },
      'body',
      { rule: 'condition-value', pointer: '/value' },
    ],
    [
      'a schema that is none',
      { path: '$', assertAction: 'jsonSchema', value: { type: 'integr' } },
      'body',
      {
        rule: 'bad-json-schema',
        severity: 'error',
        pointer: '/value',
        message: 'not a JSON Schema: /type must be equal to one of the allowed values',
      },
    ],
    [
      'a schema that is text',
      { path: '$', assertAction: 'jsonSchema', value: '{}' },
      'body',
      { rule: 'condition-value', pointer: '/value' },
    ],
    [
      'a schema that refers outside',
      { path: '$', assertAction: 'jsonSchema', value: { $ref: 'http://127.0.0.1/x.json' } },
      'body',
      { rule: 'bad-json-schema', hint: 'a $ref must point into the same schema; put the other one under $defs' },
    ],
    [
      'a schema of another draft',
      { path: '$', assertAction: 'jsonSchema', value: { $schema: 'http://json-schema.org/draft-04/schema#' } },
      'body',
      { rule: 'bad-json-schema' },
    ],
    [
      'a schema whose answer would be a promise',
      { path: '$', assertAction: 'jsonSchema', value: { $async: true, type: 'string' } },
      'body',
      { rule: 'bad-json-schema' },
    ],
    [
      'a schema with a pattern that does not compile',
      { path: '$', assertAction: 'jsonSchema', value: { pattern: '(?=a)' } },
      'body',
      { rule: 'bad-json-schema' },
    ],
  ]
  for (const [name, spec, subject, want] of cases) {
    it(name, () => {
      const { condition, findings } = compileCondition(spec, subject, noFile)
      expect(findings).toHaveLength(1)
      expect(findings[0]).toMatchObject(want)
      expect(condition === undefined).toBe(findings[0]?.severity === 'error')
    })
  }

  it('is all told at once', () => {
    const { findings } = compileCondition({ path: '$[', assertAction: 'is', decode: 'x' }, 'body', noFile)
    expect(findings.map(({ pointer }) => pointer)).toEqual(['/path', '/assertAction', '/decode'])
  })
})

describe('what a near miss says', () => {
  const seen = (spec: ConditionSpec, subject: ConditionSubject, parts: Parameters<typeof request>[0]) => {
    const condition = compile(spec, subject)
    return `${condition.describe()}; found ${condition.found(request(parts))}`
  }
  const cases: [said: string, spec: ConditionSpec, subject: ConditionSubject, parts: Parameters<typeof request>[0]][] =
    [
      [
        'header X-Env equals "test"; found "prod"',
        { path: 'X-Env', assertAction: 'equals', value: 'test' },
        'header',
        { header: { 'x-env': ['prod'] } },
      ],
      ['query page is not empty; found nothing', { path: 'page', assertAction: 'notEmpty' }, 'query', {}],
      ['body $.a equals 1; found "1"', { path: '$.a', assertAction: 'equals', value: 1 }, 'body', { body: { a: '1' } }],
      [
        'query id is greater than 5; found "1", "2", "3", "4", "5" and 2 more',
        { path: 'id', assertAction: 'gt', value: 5 },
        'query',
        { query: { id: ['1', '2', '3', '4', '5', '6', '7'] } },
      ],
      [
        'body $.a contains "x", after base64; found "hello"',
        { path: '$.a', assertAction: 'contains', value: 'x', decode: 'base64' },
        'body',
        { body: { a: base64('hello') } },
      ],
      [
        'body $.a contains "x", after base64; found "*" (not base64)',
        { path: '$.a', assertAction: 'contains', value: 'x', decode: 'base64' },
        'body',
        { body: { a: '*' } },
      ],
      [
        'header Authorization equals (masked); found (masked)',
        { path: 'Authorization', assertAction: 'equals', value: 'Bearer abc' },
        'header',
        { header: { authorization: ['Bearer xyz'] } },
      ],
      [
        'header $.cookie is not empty; found (masked)',
        { path: '$.cookie', assertAction: 'notEmpty' },
        'header',
        { header: { cookie: ['sid=1'] } },
      ],
      [
        'cookie sid equals (masked); found (masked)',
        { path: 'sid', assertAction: 'equals', value: '1' },
        'cookie',
        { cookie: { sid: ['2'] } },
      ],
      [
        'header Authorization equals (masked); found nothing',
        { path: 'Authorization', assertAction: 'equals', value: 'x' },
        'header',
        {},
      ],
      [
        'body $.id equals 12345678901234567890; found {"a":[1,null,12345678901234567891]}',
        { path: '$.id', assertAction: 'equals', value: new RawNumber('12345678901234567890') },
        'body',
        { body: { id: { a: [1, null, new RawNumber('12345678901234567891')] } } },
      ],
    ]
  for (const [said, spec, subject, parts] of cases) it(said, () => expect(seen(spec, subject, parts)).toBe(said))

  it('is short, whatever was declared or sent', () => {
    const long = 'x'.repeat(1_000_000)
    const deep = parseJson(`${'[{"a":'.repeat(400)}1${'}]'.repeat(400)}`)
    for (const found of [long, { [long]: long }, Array.from({ length: 100_000 }, () => long), deep]) {
      const said = seen({ path: '$', assertAction: 'equals', value: 'y' }, 'body', { body: found })
      expect(said.length).toBeLessThan(300)
    }
    for (const value of [long, deep]) {
      expect(compile({ path: '$', assertAction: 'equals', value }).describe().length).toBeLessThan(300)
    }
  })
})

describe('key', () => {
  const key = (spec: Partial<ConditionSpec>, subject: ConditionSubject = 'body') =>
    compile({ path: '$.a', assertAction: 'equals', value: 1, ...spec }, subject).key

  it('is equal for conditions that accept the same requests', () => {
    expect(key({ value: { a: 1, b: [1, 2] } })).toBe(key({ value: { b: [1, 2], a: 1 } }))
    expect(key({ path: 'X-Env' }, 'header')).toBe(key({ path: '$.x-env', value: '1' }, 'header'))
    expect(key({ value: [2, 1], sortArray: true })).toBe(key({ value: [1, 2], sortArray: true }))
    expect(key({ assertAction: 'notEmpty' })).toBe(key({ assertAction: 'notEmpty', value: 'ignored' }))
  })

  it('differs where they do not', () => {
    const keys = [
      key({}),
      key({ value: '1' }),
      key({ value: [1, 2] }),
      key({ value: [2, 1] }),
      key({ value: [1, 2], sortArray: true }),
      key({ value: 'MQ==', decode: 'base64' }),
      key({ path: '$.b' }),
      key({ assertAction: 'not_equals' }),
      key({ path: '$.a' }, 'query'),
      key({ path: '$.a' }, 'header'),
      key({ value: 'x'.repeat(10_000) }),
      key({ value: 'x'.repeat(10_001) }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    for (const one of keys) expect(one.length).toBeLessThan(400)
  })
})

describe('equality', () => {
  it('is set for plain equality with one scalar only', () => {
    const has = (spec: Partial<ConditionSpec>, subject: ConditionSubject = 'body') =>
      compile({ path: '$.a', assertAction: 'equals', value: 1, ...spec }, subject).equality !== undefined
    expect([has({}), has({ value: 'x' }), has({ value: null }), has({ value: false })]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([has({ path: "$['a'][0].b" }), has({}, 'header'), has({ value: 'x' }, 'cookie')]).toEqual([true, true, true])
    expect([has({ value: [1] }), has({ value: {} }), has({ path: '$..a' }), has({ path: '$.a[*]' })]).toEqual(
      Array(4).fill(false),
    )
    expect([has({ assertAction: 'not_equals' }), has({ assertAction: 'contains' }), has({ decode: 'base64' })]).toEqual(
      Array(3).fill(false),
    )
  })

  it('is looked up under one name however the path is written', () => {
    const on = (path: string) => compile({ path, assertAction: 'equals', value: 'a' }, 'header').equality?.on
    expect(on('X-Env')).toBe(on('$.x-env'))
    expect(on('X-Env')).not.toBe(on('X-Other'))
  })

  const number = fc.oneof(
    fc.constantFrom(0, -0, 1, 100, 0.1, 1e21, 5e-324),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc
      .constantFrom('1.0', '1e0', '100.00', '12345678901234567890', '1e400', '0.1000000000000000055')
      .map((t) => new RawNumber(t)),
  )
  const scalar = fc.oneof(
    number,
    fc.constantFrom('', '1', 'null', 'true', 'a'),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  )
  const value: fc.Arbitrary<Json> = fc.oneof(scalar, fc.constantFrom<Json>([], {}, [1], { a: 1 }))

  it('finds in a body exactly what matches accepts', () => {
    fc.assert(
      fc.property(scalar, fc.option(value, { nil: undefined }), (wanted, found) => {
        const condition = compile({ path: '$.a', assertAction: 'equals', value: wanted })
        if (condition.equality === undefined) return wanted instanceof RawNumber
        for (const at of [found, wanted]) {
          const subjects = request({ body: at === undefined ? {} : { a: at } })
          const agrees =
            condition.equality.lookup(subjects).includes(condition.equality.value) === condition.matches(subjects)
          if (!agrees) return false
        }
        return condition.matches(request({ body: { a: wanted } }))
      }),
      { numRuns: 2000 },
    )
  })

  it('finds in a header, query, cookie or form exactly what matches accepts', () => {
    const text = fc.oneof(fc.constantFrom('a', 'A', '1', 'true', ''), fc.string())
    fc.assert(
      fc.property(
        fc.constantFrom(...fieldSubjects),
        fc.oneof(text, fc.integer(), fc.boolean()),
        fc.array(text, { maxLength: 4 }),
        (subject, wanted, found) => {
          const condition = compile({ path: 'x', assertAction: 'equals', value: wanted }, subject)
          const { equality } = condition
          return [found, [...found, String(wanted)]].every((values) => {
            const subjects = request({ [subject]: { x: values } })
            const isFound = equality?.lookup(subjects).includes(equality.value)
            return isFound === condition.matches(subjects)
          })
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('any condition', () => {
  it('not_equals and not_contains are the opposite of equals and contains, whatever is found', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 2 }),
        fc.jsonValue({ maxDepth: 2 }),
        fc.boolean(),
        (value, found, sortArray) => {
          for (const action of ['equals', 'contains']) {
            const one = holds(action, value as Json, found as Json, { sortArray })
            if (holds(`not_${action}`, value as Json, found as Json, { sortArray }) === one) return false
          }
          return true
        },
      ),
    )
  })

  it('answers hostile bodies without throwing and within reach', () => {
    const bodies: Json[] = [
      parseJson(`${'['.repeat(900)}${']'.repeat(900)}`),
      Array.from({ length: 50_000 }, (_, index) => index % 100),
      'a'.repeat(1_000_000),
    ]
    const specs: ConditionSpec[] = [
      { path: '$', assertAction: 'jsonSchema', value: { uniqueItems: true, items: { $ref: '#' } } },
      { path: '$', assertAction: 'jsonSchema', value: { $ref: '#' } },
      { path: '$', assertAction: 'jsonSchema', value: { type: 'string', pattern: '^(a+)+$b' } },
      { path: '$', assertAction: 'equals', value: bodies[0] as Json, sortArray: true },
      { path: '$', assertAction: 'contains', value: [101] },
      { path: '$', assertAction: 'matches', value: '(a+)+$b' },
      { path: '$..*', assertAction: 'equals', value: 'x' },
    ]
    const started = performance.now()
    for (const spec of specs) for (const body of bodies) compile(spec).matches(request({ body }))
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
