import { type Json, RawNumber } from '../expression/json.js'
import { kinds } from './kinds/index.js'
import { replaceSecrets } from './marks.js'
import { joinPointer } from './reading.js'

export const masked = '******'

/**
 * A resource's spec for display: literals in fields that the schema calls secret are replaced, and so is what was
 * encrypted. `encrypted`: pointers from the document, as `Resource.encrypted` has them.
 */
export function mask(kind: string, spec: Json, encrypted: readonly string[] = []): Json {
  const schema = kinds.get(kind)?.schema
  const shown = schema === undefined ? spec : replaceSecrets(schema, spec, masked)
  return encrypted.length === 0 ? shown : withoutEncrypted(shown, '/spec', new Set(encrypted))
}

function withoutEncrypted(value: Json, pointer: string, encrypted: ReadonlySet<string>): Json {
  if (encrypted.has(pointer)) return masked
  if (value === null || typeof value !== 'object' || value instanceof RawNumber) return value
  if (Array.isArray(value))
    return value.map((item, index) => withoutEncrypted(item, joinPointer(pointer, index), encrypted))
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, item]) => [key, withoutEncrypted(item, joinPointer(pointer, key), encrypted)]),
  )
}
