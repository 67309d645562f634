import { readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** JSON Schema, as far as it is looked into here. */
export interface Schema {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly then?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly writeOnly?: boolean
  readonly deprecated?: boolean
  /** What to do instead of writing a value that is none of `enum`, or about a field of `required` that is missing. */
  readonly 'x-hints'?: Readonly<Record<string, string>>
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly [keyword: string]: unknown
}

const cache = new Map<string, Schema>()

/** A file of `schemas/`, by its name without the ending: `mock`, `common`, `channel/slack`. */
export function schemaFile(name: string): Schema {
  let schema = cache.get(name)
  if (schema === undefined) {
    schema = JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')) as Schema
    cache.set(name, schema)
  }
  return schema
}

/** What `$ref` of a schema in file `name` leads to, and the file that is in. Fields beside `$ref` win. */
export function resolveSchema(schema: Schema, name: string): { schema: Schema; name: string } {
  if (schema.$ref === undefined) return { schema, name }
  const [file = '', pointer = ''] = schema.$ref.split('#')
  const target = file === '' ? name : posix.join(posix.dirname(name), file).replace(/\.schema\.json$/, '')
  let found: unknown = schemaFile(target)
  for (const part of pointer.split('/').slice(1)) found = (found as Record<string, unknown>)[part]
  const resolved = resolveSchema(found as Schema, target)
  const { $ref: _, ...beside } = schema
  return { schema: { ...resolved.schema, ...beside }, name: resolved.name }
}

/** What a resource's name or namespace may look like, as its schema says. */
export function resourceNamePattern(field: 'name' | 'namespace'): RegExp {
  const { pattern } = schemaFile('common').$defs?.[field === 'name' ? 'resourceName' : 'namespaceName'] ?? {}
  return new RegExp(String(pattern), 'u')
}
