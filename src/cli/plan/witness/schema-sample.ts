// A value that a JSON Schema accepts, made from what the schema says outright. Whoever asks holds it against the schema.

import { isObject, type Json } from '../../../expression/json.js'
import { regexSample } from './regex-sample.js'

const deepest = 12

/** Undefined where the schema does not say enough. */
export function schemaSample(schema: Json, root: Json = schema, depth = 0): Json | undefined {
  if (schema === true) return 'x'
  if (!isObject(schema) || depth > deepest) return undefined
  const said = (name: string): Json | undefined => (Object.hasOwn(schema, name) ? schema[name] : undefined)
  const [constant, choices, examples] = [said('const'), said('enum'), said('examples')]
  if (constant !== undefined) return constant
  if (Array.isArray(choices)) return choices[0]
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  const given = said('default')
  if (given !== undefined) return given
  const reference = said('$ref')
  if (typeof reference === 'string') return referred(reference, root, depth)
  const all = said('allOf')
  if (Array.isArray(all)) return merged([{ ...schema, allOf: [] }, ...all], root, depth)
  const one = said('anyOf') ?? said('oneOf')
  if (Array.isArray(one)) return merged([{ ...schema, anyOf: true, oneOf: true }, one[0] ?? true], root, depth)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  const sampler = samplers[typeof type === 'string' ? type : guessedType(schema)]
  return sampler?.(schema, root, depth)
}

type Sampler = (schema: { readonly [key: string]: Json }, root: Json, depth: number) => Json | undefined

const samplers: Readonly<Record<string, Sampler>> = {
  null: () => null,
  boolean: () => true,
  integer: (schema) => numberOf(schema, 1),
  number: (schema) => numberOf(schema, 0.5),
  string: stringOf,
  array: (schema, root, depth) => {
    const count = Math.min(asNumber(schema.minItems) ?? 0, 100)
    const item = schemaSample(schema.items ?? true, root, depth + 1)
    return count === 0 ? [] : item === undefined ? undefined : Array.from({ length: count }, () => item)
  },
  object: (schema, root, depth) => {
    const made: { [key: string]: Json } = {}
    const properties = isObject(schema.properties) ? schema.properties : {}
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (typeof name !== 'string' || name === '__proto__') return undefined
      const value = schemaSample(Object.hasOwn(properties, name) ? (properties[name] ?? true) : true, root, depth + 1)
      if (value === undefined) return undefined
      made[name] = value
    }
    return made
  },
}

function guessedType(schema: { readonly [key: string]: Json }): string {
  if ('properties' in schema || 'required' in schema) return 'object'
  if ('items' in schema || 'minItems' in schema) return 'array'
  if ('minimum' in schema || 'maximum' in schema || 'multipleOf' in schema) return 'number'
  return 'string'
}

function numberOf(schema: { readonly [key: string]: Json }, step: number): number {
  const low = asNumber(schema.minimum)
  const above = asNumber(schema.exclusiveMinimum)
  const high = asNumber(schema.maximum)
  const below = asNumber(schema.exclusiveMaximum)
  const unit = asNumber(schema.multipleOf)
  const start = low ?? (above === undefined ? (high ?? (below === undefined ? 1 : below - step)) : above + step)
  return unit === undefined || unit <= 0 ? start : Math.ceil(start / unit) * unit
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  email: 'ann@example.com',
  uri: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
}

function stringOf(schema: { readonly [key: string]: Json }): string | undefined {
  if (typeof schema.pattern === 'string') return regexSample(schema.pattern)
  const known = typeof schema.format === 'string' ? formats[schema.format] : undefined
  if (known !== undefined) return known
  const least = Math.min(asNumber(schema.minLength) ?? 1, 10_000)
  return 'x'.repeat(least)
}

function referred(reference: string, root: Json, depth: number): Json | undefined {
  if (!reference.startsWith('#')) return undefined
  let at: Json | undefined = root
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at === undefined ? undefined : schemaSample(at, root, depth + 1)
}

function merged(schemas: readonly Json[], root: Json, depth: number): Json | undefined {
  const together: { [key: string]: Json } = {}
  for (const schema of schemas) {
    if (!isObject(schema)) continue
    for (const [name, value] of Object.entries(schema)) {
      const known = together[name]
      if (name === 'allOf' || name === 'anyOf' || name === 'oneOf') continue
      if (isObject(known) && isObject(value)) together[name] = { ...known, ...value }
      else if (name === 'required' && Array.isArray(known) && Array.isArray(value))
        together[name] = [...known, ...value]
      else together[name] = value
    }
  }
  return schemaSample(together, root, depth + 1)
}

function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
