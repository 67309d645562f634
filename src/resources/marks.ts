// What the schemas say about single fields besides their shape: secret (`writeOnly`), a URL of which the password is secret
// or a text that need not be (`x-secret`), without meaning here (`deprecated`), a time in seconds (`x-unit`). Each schema is
// boiled down once to the branches that hold a mark.

import { type Json, RawNumber } from '../expression/json.js'
import { resolveSchema, type Schema, schemaFile } from './schemas.js'

/** Where the first three are, `{env}` and `{file}` name a secret. */
export type Mark = 'secret' | 'password' | 'reference' | 'ignored' | 'seconds'

interface MarkNode {
  readonly mark: Mark | undefined
  readonly fields: ReadonlyMap<string, MarkNode>
  readonly ignoreCase: boolean
  readonly otherFields: MarkNode | undefined
  readonly items: MarkNode | undefined
}

const bySchema = new Map<string, MarkNode | undefined>()

/** Calls `visit` for every value under `spec` that its schema marks. `schema`: name of the kind's schema file. */
export function visitMarks(
  schema: string,
  spec: Json,
  visit: (mark: Mark, path: readonly (string | number)[], value: Json) => void,
): void {
  const node = marksOf(schema)
  if (node !== undefined) walk(node, spec, [], visit)
}

/** The same value with every marked secret's literal, or what of it is secret, replaced; references to secrets stay. */
export function replaceSecrets(schema: string, spec: Json, replacement: string): Json {
  const node = marksOf(schema)
  return node === undefined ? spec : replace(node, spec, replacement)
}

function marksOf(schema: string): MarkNode | undefined {
  if (!bySchema.has(schema)) {
    const spec = schemaFile(schema).properties?.spec
    bySchema.set(schema, spec === undefined ? undefined : build(spec, schema))
  }
  return bySchema.get(schema)
}

function build(unresolved: Schema, file: string): MarkNode | undefined {
  const { schema, name } = resolveSchema(unresolved, file)
  const mark: Mark | undefined = schema.deprecated
    ? 'ignored'
    : schema.writeOnly
      ? 'secret'
      : schema['x-secret'] === 'password' || schema['x-secret'] === 'reference'
        ? schema['x-secret']
        : schema['x-unit'] === 's'
          ? 'seconds'
          : undefined
  const fields = new Map<string, MarkNode>()
  const ignoreCase = schema['x-ignore-case'] === true
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const node = build(child, name)
    if (node !== undefined) fields.set(ignoreCase ? key.toLowerCase() : key, node)
  }
  const { additionalProperties, items } = schema
  const otherFields = typeof additionalProperties === 'object' ? build(additionalProperties, name) : undefined
  const itemNode = items === undefined ? undefined : build(items, name)
  const own: MarkNode = { mark, fields, ignoreCase, otherFields, items: itemNode }
  const isEmpty = mark === undefined && fields.size === 0 && otherFields === undefined && itemNode === undefined
  // A field that is secret under some condition is taken to be secret always: which condition holds is not looked at.
  return (schema.allOf ?? [])
    .flatMap(({ then }) => (then === undefined ? [] : (build(then, name) ?? [])))
    .reduce<MarkNode | undefined>(merge, isEmpty ? undefined : own)
}

function merge(a: MarkNode | undefined, b: MarkNode): MarkNode
function merge(a: MarkNode | undefined, b: MarkNode | undefined): MarkNode | undefined
function merge(a: MarkNode | undefined, b: MarkNode | undefined): MarkNode | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const fields = new Map(a.fields)
  for (const [key, node] of b.fields) fields.set(key, merge(fields.get(key), node))
  return {
    mark: a.mark ?? b.mark,
    fields,
    ignoreCase: a.ignoreCase || b.ignoreCase,
    otherFields: merge(a.otherFields, b.otherFields),
    items: merge(a.items, b.items),
  }
}

function walk(
  node: MarkNode,
  value: Json,
  path: (string | number)[],
  visit: (mark: Mark, path: readonly (string | number)[], value: Json) => void,
): void {
  if (node.mark !== undefined) visit(node.mark, path, value)
  if (value === null || typeof value !== 'object' || value instanceof RawNumber) return
  if (Array.isArray(value)) {
    if (node.items === undefined) return
    for (const [index, item] of value.entries()) {
      path.push(index)
      walk(node.items, item, path, visit)
      path.pop()
    }
    return
  }
  for (const [key, item] of Object.entries(value)) {
    const child = childOf(node, key)
    if (child === undefined) continue
    path.push(key)
    walk(child, item, path, visit)
    path.pop()
  }
}

function replace(node: MarkNode, value: Json, replacement: string): Json {
  if (node.mark === 'secret' && typeof value === 'string') return replacement
  if (node.mark === 'password' && typeof value === 'string') return withoutPassword(value, replacement)
  if (value === null || typeof value !== 'object' || value instanceof RawNumber) return value
  if (Array.isArray(value)) {
    const { items } = node
    return items === undefined ? value : value.map((item) => replace(items, item, replacement))
  }
  const copy: { [key: string]: Json } = {}
  for (const [key, item] of Object.entries(value)) {
    const child = childOf(node, key)
    copy[key] = child === undefined ? item : replace(child, item, replacement)
  }
  return copy
}

/** A text with expressions need not be a URL yet. Of what is none for another reason, nothing is shown that may be part of one. */
function withoutPassword(url: string, replacement: string): string {
  const hidden = url.replace(
    /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?:)[^/?#]*(?=@)/i,
    (_, before: string) => before + replacement,
  )
  return hidden === url && url.includes('@') && !URL.canParse(url) ? replacement : hidden
}

function childOf(node: MarkNode, key: string): MarkNode | undefined {
  return node.fields.get(node.ignoreCase ? key.toLowerCase() : key) ?? node.otherFields
}
