// Words for writing JSON Schemas beside the interfaces they describe: `object<View>` does not compile when a property of
// the interface is missing, so that description and code cannot drift apart.

export type JsonSchema = { readonly [keyword: string]: unknown }

type Properties<View> = { readonly [Key in keyof Required<View>]: JsonSchema }
type OptionalKey<View> = { [Key in keyof View]-?: undefined extends View[Key] ? Key : never }[keyof View]

/** A closed object: what is not named here does not leave (see `project`). */
export function object<View>(
  description: string,
  properties: Properties<View>,
  optional: readonly OptionalKey<View>[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key as OptionalKey<View>))
  return { type: 'object', description, properties, required, additionalProperties: false }
}

export const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
})
export const time = (description: string): JsonSchema => text(description, { format: 'date-time' })
export const integer = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  description,
  ...more,
})
export const number = (description: string): JsonSchema => ({ type: 'number', minimum: 0, description })
export const flag = (description: string): JsonSchema => ({ type: 'boolean', description })
export const oneOf = (description: string, values: readonly string[]): JsonSchema => text(description, { enum: values })
export const list = (description: string, items: JsonSchema): JsonSchema => ({ type: 'array', description, items })
export const record = (description: string, values: JsonSchema): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: values,
})
/** Whatever JSON somebody declared or sent. */
export const anyJson = (description: string): JsonSchema => ({ description })
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

export function nullable(schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) return { anyOf: [schema, { type: 'null' }] }
  return {
    ...schema,
    type: [schema.type, 'null'],
    ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}),
  }
}

export type Schemas = Readonly<Record<string, JsonSchema>>

/**
 * Copies of `value` what `schema` names, and nothing else: a view that carries more than it should (a compiled program, a
 * secret beside a spec) does not leak it.
 */
export function project(value: unknown, schema: JsonSchema, schemas: Schemas): unknown {
  if (typeof schema.$ref === 'string') {
    return project(value, schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {}, schemas)
  }
  if (Array.isArray(schema.anyOf)) return value === null ? null : project(value, schema.anyOf[0], schemas)
  if (Array.isArray(value)) {
    const items = schema.items as JsonSchema | undefined
    return items === undefined ? value : value.map((item) => project(item, items, schemas))
  }
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return value
  const properties = schema.properties as Schemas
  const copy: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(properties)) {
    const found = (value as Record<string, unknown>)[key]
    if (found !== undefined) copy[key] = project(found, part, schemas)
  }
  return copy
}
