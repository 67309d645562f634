// From ajv's errors to one sentence per mistake: noise of alternatives is collapsed, and a name that is nearly right
// gets the right one beside it.

import type { ErrorObject } from 'ajv'
import { RawNumber } from '../expression/json.js'
import { nearest } from '../expression/suggest.js'
import type { Kind } from './kinds/index.js'
import type { Finding } from './problem.js'
import { joinPointer, quote, shortened, splitPointer } from './reading.js'
import type { Schema } from './schemas.js'

/** A finding whose pointer leads from the document, and whether the key or the value there is meant. */
export interface DocumentFinding extends Finding {
  readonly part: 'key' | 'value'
}

/** What is wrong with the shape of a whole document. */
export function validateShape(kind: Kind, document: unknown): DocumentFinding[] {
  if (kind.validate(document)) return []
  const errors = (kind.validate.errors ?? []).filter((error) => !isNoise(error))
  const misspelt = new Map<string, Set<string>>()
  const findings: Described[] = []
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue
    const finding = unknownField(error)
    findings.push(finding)
    if (finding.meant !== undefined) {
      misspelt.set(error.instancePath, (misspelt.get(error.instancePath) ?? new Set()).add(finding.meant))
    }
  }
  for (const error of errors) {
    if (error.keyword === 'additionalProperties') continue
    const meant = misspelt.get(error.instancePath)
    if (meant !== undefined && namesOf(error).some((name) => meant.has(name))) continue
    const finding = describe(error)
    if (!findings.some((other) => other.pointer === finding.pointer && other.message === finding.message))
      findings.push(finding)
  }
  return findings.map(({ rule, pointer, message, hint, part }) => ({
    rule,
    severity: 'error',
    pointer,
    message,
    part,
    ...(hint === undefined ? {} : { hint }),
  }))
}

/** Errors that only say that another error is there, or that a branch of several did not fit. */
function isNoise({ keyword, schemaPath, propertyName }: ErrorObject): boolean {
  return keyword === 'if' || propertyName !== undefined || /\/(oneOf|anyOf|not)\/\d+\//.test(schemaPath)
}

/** Fields whose absence the error complains about. */
function namesOf(error: ErrorObject): string[] {
  if (error.keyword === 'required') return [error.params.missingProperty as string]
  return error.keyword === 'oneOf' || error.keyword === 'anyOf' ? branchNames(error.schema) : []
}

function branchNames(schema: unknown): string[] {
  return Array.isArray(schema) ? schema.flatMap((branch: Schema) => branch.required ?? []) : []
}

interface Described {
  readonly rule: string
  readonly pointer: string
  readonly message: string
  readonly hint?: string | undefined
  readonly part: 'key' | 'value'
  readonly severity: 'error'
}

function unknownField(error: ErrorObject): Described & { meant: string | undefined } {
  const field = error.params.additionalProperty as string
  const known = Object.entries((error.parentSchema as Schema).properties ?? {})
  const names = known.filter(([, { deprecated }]) => !deprecated).map(([name]) => name)
  const meant = nearest(field, names)
  const where = error.instancePath === '' ? 'in a document' : `in ${lastName(error.instancePath)}`
  const hint =
    meant !== undefined
      ? `did you mean ${quote(meant)}?`
      : names.length > 0 && names.length <= 24
        ? `known here: ${names.join(', ')}`
        : undefined
  const pointer = joinPointer(error.instancePath, field)
  return {
    rule: 'unknown-field',
    severity: 'error',
    pointer,
    message: `unknown field ${quote(field)} ${where}`,
    hint,
    part: 'key',
    meant,
  }
}

function describe(error: ErrorObject): Described {
  const { instancePath: pointer, params, data } = error
  const schema = error.parentSchema as Schema
  const at = (rule: string, message: string, hint?: string, part: 'key' | 'value' = 'value'): Described => ({
    rule,
    severity: 'error',
    pointer,
    message,
    hint,
    part,
  })
  const name = lastName(pointer)
  switch (error.keyword) {
    case 'required':
      return at(
        'missing-field',
        `${quote(params.missingProperty as string)} is missing in ${name}`,
        schema['x-hints']?.[params.missingProperty as string] ?? hintFor(schema, params.missingProperty as string),
        'key',
      )
    case 'oneOf':
    case 'anyOf':
      return alternatives(error, name)
    case 'not': {
      const { required: names = [], description: why } = error.schema as Schema
      const [only] = names
      if (only === undefined) {
        return at('bad-format', `${valueWords(data)} is no valid ${lastKey(pointer)}`, schema.description)
      }
      if (names.length === 1) {
        const message = `${quote(only)} cannot stand here`
        return { ...at('exclusive-fields', message, why, 'key'), pointer: joinPointer(pointer, only) }
      }
      const message = `${names.map(quote).join(' and ')} exclude each other`
      return {
        ...at('exclusive-fields', message, 'remove one of the two', 'key'),
        pointer: joinPointer(pointer, names.at(-1) ?? ''),
      }
    }
    case 'type':
      return at(
        'wrong-type',
        `${name} must be ${typeWords(params.type as string | string[])}, not ${valueWords(data)}`,
        typeHint(params.type as string | string[], data),
      )
    case 'enum': {
      const values = (params.allowedValues as unknown[]).filter((value) => value !== '').map(String)
      const meant = typeof data === 'string' ? nearest(data, values) : undefined
      return at(
        'unknown-value',
        `${valueWords(data)} is not one of ${values.join(', ')}`,
        hintElsewhere(schema, data, meant) ?? (meant === undefined ? undefined : `did you mean ${quote(meant)}?`),
      )
    }
    case 'const':
      return at('unknown-value', `${name} must be ${JSON.stringify(params.allowedValue)}, not ${valueWords(data)}`)
    case 'pattern':
      return at('bad-format', `${valueWords(data)} is no valid ${lastKey(pointer)}`, schema.description)
    case 'propertyNames':
      return {
        ...at('bad-format', `${quote(params.propertyName as string)} is no valid name in ${name}`, undefined, 'key'),
        pointer: joinPointer(pointer, params.propertyName as string),
      }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return at(
        'out-of-range',
        `${name} must be ${comparison(params.comparison as string)} ${params.limit}, not ${valueWords(data)}`,
      )
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return at(
        'wrong-size',
        `${name} must not be ${(params.limit as number) === 1 ? 'empty' : `shorter than ${params.limit}`}`,
      )
    case 'maxLength':
      return at('wrong-size', `${name} is longer than ${params.limit} characters`)
    case 'maxItems':
    case 'maxProperties':
      return at('wrong-size', `${name} has more than ${params.limit} entries`)
    default:
      return at('invalid', `${name} ${error.message ?? 'is not valid'}`)
  }
}

/** What the schema says of a value that has its place somewhere else; `meant`: what is near to it here. */
function hintElsewhere({ 'x-hints': hints = {} }: Schema, value: unknown, meant: string | undefined) {
  if (typeof value !== 'string') return undefined
  if (Object.hasOwn(hints, value)) return hints[value]
  const near = meant === undefined ? nearest(value, Object.keys(hints)) : undefined
  return near === undefined ? undefined : `did you mean ${quote(near)}? ${hints[near]}`
}

function alternatives(error: ErrorObject, name: string): Described {
  const names = branchNames(error.schema)
  const given = names.filter(
    (field) => typeof error.data === 'object' && error.data !== null && Object.hasOwn(error.data, field),
  )
  const list = `${names.slice(0, -1).map(quote).join(', ')} ${error.keyword === 'oneOf' ? 'and' : 'or'} ${quote(names.at(-1) ?? '')}`
  const base = { severity: 'error', part: 'key' } as const
  if (given.length > 1) {
    const pointer = joinPointer(error.instancePath, given[1] ?? '')
    const message = `only one of ${list} may be given in ${name}, not ${given.map(quote).join(' and ')}`
    return { ...base, rule: 'exclusive-fields', pointer, message, hint: 'keep one of them' }
  }
  const message = error.keyword === 'oneOf' ? `one of ${list} is missing in ${name}` : `${list} is missing in ${name}`
  return { ...base, rule: 'missing-field', pointer: error.instancePath, message, hint: undefined }
}

function hintFor(schema: Schema, field: string): string | undefined {
  const description = schema.properties?.[field]?.description
  return description === undefined ? undefined : firstSentence(description)
}

function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/[.:]$/, '') ?? text
}

/** `metadata`, `spec.http.route`, `spec.webhooks[0].url`: as a person would say it. */
function lastName(pointer: string): string {
  const parts = splitPointer(pointer)
  if (parts.length === 0) return 'the document'
  return parts.reduce(
    (text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}

function lastKey(pointer: string): string {
  return splitPointer(pointer).findLast((part) => !/^\d+$/.test(part)) ?? 'value'
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'empty',
}

function typeWords(types: string | string[]): string {
  const list = (Array.isArray(types) ? types : types.split(','))
    .filter((type) => type !== 'null')
    .map((type) => words[type] ?? type)
  return list.length < 2 ? (list[0] ?? '') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (typeof value === 'string') return quote(value)
  if (value instanceof RawNumber) return shortened(value.text)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : String(value)
}

function typeHint(types: string | string[], data: unknown): string | undefined {
  const list = Array.isArray(types) ? types : types.split(',')
  if (list.includes('string') && (typeof data === 'number' || typeof data === 'boolean'))
    return `put it in quotes: "${data}"`
  if (typeof data !== 'string') return undefined
  if (list.some((type) => type === 'number' || type === 'integer') && data.trim() !== '' && !Number.isNaN(Number(data)))
    return 'remove the quotes'
  if (list.includes('boolean')) {
    if (/^(yes|on|y|true)$/i.test(data)) return 'write true'
    if (/^(no|off|n|false)$/i.test(data)) return 'write false'
  }
  if (list.includes('array')) return 'write a list: one entry a line, each after "- "'
  return undefined
}

function comparison(sign: string): string {
  return { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' }[sign] ?? sign
}
