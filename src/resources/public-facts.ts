// What of a resource may be told to anybody: whose type it is of, and whether it is in use. Read from the schemas, so that
// it can never be something that they call secret.

import { kinds } from './kinds/index.js'
import type { Resource } from './resource.js'
import { resolveSchema, schemaFile } from './schemas.js'

export interface PublicFacts {
  readonly type?: string
  readonly enabled?: boolean
}

interface Told {
  readonly field: keyof PublicFacts
  readonly sort: 'string' | 'boolean'
  /** Where nothing is declared. */
  readonly fallback: unknown
}

const toldBy = new Map<string, readonly Told[]>()

/** Fields that the resource's kind does not have are absent. */
export function publicFacts({ kind, spec }: Pick<Resource, 'kind' | 'spec'>): PublicFacts {
  const facts: { -readonly [Field in keyof PublicFacts]: PublicFacts[Field] } = {}
  const declared = (spec ?? {}) as Readonly<Record<string, unknown>>
  for (const { field, sort, fallback } of toldOf(kind)) {
    const value = declared[field] ?? fallback
    if (typeof value === sort) Object.assign(facts, { [field]: value })
  }
  return facts
}

function toldOf(kind: string): readonly Told[] {
  let told = toldBy.get(kind)
  if (told === undefined) {
    // What can be switched off is on unless it is said.
    told = [...toldField(kind, 'type', 'string', undefined), ...toldField(kind, 'enabled', 'boolean', true)]
    toldBy.set(kind, told)
  }
  return told
}

function toldField(kind: string, field: keyof PublicFacts, sort: Told['sort'], fallback: unknown): Told[] {
  const file = kinds.get(kind)?.schema
  const declared = file === undefined ? undefined : schemaFile(file).properties?.spec?.properties?.[field]
  if (file === undefined || declared === undefined) return []
  const { schema } = resolveSchema(declared, file)
  if (schema.writeOnly === true || schema['x-secret'] !== undefined) return []
  return [{ field, sort, fallback: schema.default ?? fallback }]
}
