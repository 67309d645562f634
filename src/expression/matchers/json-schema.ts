import { createRequire } from 'node:module'
import type { Ajv2020 as Ajv, AnySchemaObject, KeywordDefinition, ValidateFunction } from 'ajv/dist/2020.js'
import { isObject, type Json, RawNumber, stringifyJson } from '../json.js'
import { compileRegex, RegexError } from '../regex.js'
import { type Action, ActionError } from './action.js'

/** JSON Schema draft 2020-12, compiled once. Patterns are RE2 syntax, references stay inside the schema. */
export const jsonSchema: Action = {
  name: 'jsonSchema',
  words: 'fits the JSON Schema',
  takes: 'json',
  whenAbsent: false,
  needs: 'one',
  compile: ({ value }) => {
    if (typeof value !== 'boolean' && !isObject(value)) {
      throw new ActionError(
        'condition-value',
        'the value of jsonSchema must be a JSON Schema: an object, true or false',
      )
    }
    const complaint = compileJsonSchema(value)
    return (found) => complaint(found) === undefined
  },
}

/** What is wrong with a value, with a JSON pointer to it; undefined when it fits. */
export type SchemaCheck = (value: Json) => SchemaComplaint | undefined

export interface SchemaComplaint {
  readonly pointer: string
  /** `must be number` */
  readonly message: string
}

/** Throws an `ActionError` that says what is wrong with the schema. Equal schemas are compiled once. */
export function compileJsonSchema(schema: Json): SchemaCheck {
  const validate = compile(schema)
  return (value) => {
    try {
      if (validate(withoutRawNumbers(value)) === true) return undefined
    } catch {
      // A schema that refers to itself without end, or a value too deep for it.
      return { pointer: '', message: 'cannot be checked: the schema or the value has no end' }
    }
    const [first] = validate.errors ?? []
    return { pointer: first?.instancePath ?? '', message: first?.message ?? 'does not fit' }
  }
}

const maxSchemaLength = 256 * 1024

/** Equal schemas of many mocks are compiled once; the oldest leave first. */
const compiled = new Map<string, ValidateFunction>()
const maxCompiled = 500

function compile(schema: Json): ValidateFunction {
  const text = stringifyJson(schema)
  const known = compiled.get(text)
  if (known !== undefined) return known
  if (text.length > maxSchemaLength) {
    throw new ActionError(
      'bad-json-schema',
      `a JSON Schema of ${text.length} characters; at most ${maxSchemaLength} are allowed`,
    )
  }
  const validate = toValidator(JSON.parse(text) as AnySchemaObject | boolean)
  if (compiled.size >= maxCompiled) {
    const [oldest] = compiled.keys()
    if (oldest !== undefined) compiled.delete(oldest)
  }
  compiled.set(text, validate)
  return validate
}

function toValidator(schema: AnySchemaObject | boolean): ValidateFunction {
  // Ajv's own extension: the validator would answer with a promise, which is always true.
  if (typeof schema === 'object' && Object.hasOwn(schema, '$async')) {
    throw new ActionError('bad-json-schema', '$async is no keyword of JSON Schema')
  }
  try {
    const { checker, create } = load()
    if (checker.validateSchema(schema) !== true) {
      const [first] = checker.errors ?? []
      throw new Error(`${first?.instancePath || 'the value'} ${first?.message ?? 'is wrong'}`)
    }
    return create().compile(schema)
  } catch (error) {
    throw toActionError(error)
  }
}

function toActionError(error: unknown): ActionError {
  if (error instanceof RegexError) return new ActionError('bad-json-schema', `pattern: ${error.message}`, error.hint)
  const message = error instanceof Error ? error.message : String(error)
  if (message.startsWith('no schema with key or ref')) {
    return new ActionError(
      'bad-json-schema',
      `unknown dialect: ${message}`,
      'leave $schema out, or write https://json-schema.org/draft/2020-12/schema',
    )
  }
  if (message.startsWith("can't resolve reference")) {
    return new ActionError(
      'bad-json-schema',
      message,
      'a $ref must point into the same schema; put the other one under $defs',
    )
  }
  return new ActionError('bad-json-schema', `not a JSON Schema: ${message.slice(0, 500)}`)
}

interface Engine {
  /** Knows what a schema may look like. */
  readonly checker: Ajv
  /** Each schema gets an instance of its own: one that is shared keeps every `$id` it ever saw, also of other mocks. */
  create(): Ajv
}

let engine: Engine | undefined

/** Loaded when the first schema is compiled: it costs 150 ms that most mocks never need. */
function load(): Engine {
  if (engine !== undefined) return engine
  const require = createRequire(import.meta.url)
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const { default: addFormats } = require('ajv-formats') as typeof import('ajv-formats')
  const regExp = Object.assign((pattern: string) => compileRegex(pattern), { code: 'compileRegex' })
  const create = () => {
    const ajv = new Ajv2020({
      strict: false,
      logger: false,
      meta: false,
      validateSchema: false,
      ownProperties: true,
      code: { regExp },
    })
    addFormats.default(ajv)
    ajv.removeKeyword('uniqueItems')
    return ajv.addKeyword(uniqueItems)
  }
  engine = { checker: new Ajv2020({ strict: false, logger: false }), create }
  return engine
}

/** Ajv compares every element with every other, which a long list of a request would turn into minutes. */
const uniqueItems: KeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  compile: (unique: boolean) => (items: Json[]) => !unique || new Set(items.map(canonical)).size === items.length,
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
    .join()}}`
}

/** Ajv knows plain JSON only; copies no more than what holds such a number. */
function withoutRawNumbers(value: Json): Json {
  if (value instanceof RawNumber) return Number(value.text)
  if (Array.isArray(value)) {
    const copy = value.map(withoutRawNumbers)
    return copy.some((item, index) => item !== value[index]) ? copy : value
  }
  if (!isObject(value)) return value
  let copy: { [key: string]: Json } | undefined
  for (const key of Object.keys(value)) {
    const item = value[key] as Json
    const plain = withoutRawNumbers(item)
    if (plain === item) continue
    copy ??= Object.assign(Object.create(null) as { [key: string]: Json }, value)
    copy[key] = plain
  }
  return copy ?? value
}
