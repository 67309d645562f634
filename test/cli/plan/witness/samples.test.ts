import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { regexSample } from '../../../../src/cli/plan/witness/regex-sample.js'
import { schemaSample } from '../../../../src/cli/plan/witness/schema-sample.js'
import { compileJsonSchema } from '../../../../src/expression/matchers/json-schema.js'
import { compileRegex } from '../../../../src/expression/regex.js'

describe('a text made from a regular expression', () => {
  it.each([
    '^Bearer [A-Za-z0-9._-]+$',
    '/v1/users/[0-9]{3}',
    '^(card|cash)$',
    'a.c?d*',
    '[^a-z]{2,5}x',
    '(?:abc)+(?P<name>d)',
    '\\d+\\.\\d{2}\\s\\w\\W',
    '[]a-]+[\\]x]',
    'x||y',
    '',
  ])('is accepted by %j', (source) => {
    const sample = regexSample(source)
    expect(sample).toBeDefined()
    expect(compileRegex(`^(?:${source})$`).test(sample ?? '')).toBe(true)
  })

  it.each(['\\p{Lu}', '(?i)abc', '[[:alpha:]]', '(unclosed', '[unclosed', 'a{100000}', '\\'])(
    'is not made up where %j is not understood',
    (source) => expect(regexSample(source)).toBeUndefined(),
  )

  it('is made of every pattern without an end or an error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab1[](){}^$|\\.*+?-,:'), maxLength: 12 }),
        (source) => void regexSample(source),
      ),
    )
  })
})

describe('a value made from a JSON Schema', () => {
  it.each([
    {
      type: 'object',
      required: ['id', 'at'],
      properties: { id: { type: 'integer', minimum: 5 }, at: { format: 'date-time' } },
    },
    { enum: ['a', 'b'] },
    { const: { a: [1] } },
    { type: 'array', minItems: 2, items: { type: 'string', pattern: '^[A-Z]{3}$' } },
    { type: 'number', exclusiveMinimum: 3, multipleOf: 0.5 },
    {
      allOf: [
        { type: 'object', required: ['a'] },
        { properties: { a: { type: 'boolean' } }, required: ['b'] },
      ],
    },
    { anyOf: [{ type: 'string', minLength: 4 }, { type: 'null' }] },
    {
      $defs: { sku: { type: 'string', maxLength: 3 } },
      type: 'object',
      required: ['sku'],
      properties: { sku: { $ref: '#/$defs/sku' } },
    },
    { type: ['null', 'string'] },
    true,
  ])('is accepted by %j', (schema) => {
    const sample = schemaSample(schema as never)
    expect(sample).toBeDefined()
    expect(compileJsonSchema(schema as never)(sample as never)).toBeUndefined()
  })

  it('is not made up for a schema without an end, or one that accepts nothing', () => {
    expect(schemaSample({ $ref: '#' })).toBeUndefined()
    expect(schemaSample({ type: 'object', required: ['a'], properties: { a: { $ref: '#' } } })).toBeUndefined()
    expect(schemaSample(false)).toBeUndefined()
  })
})
