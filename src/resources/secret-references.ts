import type { Json } from '../expression/json.js'
import { kinds } from './kinds/index.js'
import { visitMarks } from './marks.js'
import { joinPointer } from './reading.js'

/** A secret that a resource names and does not hold. */
export interface SecretReferenceAt {
  /** Pointer to it in the document. */
  readonly pointer: string
  readonly place: { readonly env?: string; readonly file?: string }
}

/** Every secret that a valid spec names. */
export function secretReferences(kind: string, spec: Json): readonly SecretReferenceAt[] {
  const schema = kinds.get(kind)?.schema
  if (schema === undefined) return []
  const found: SecretReferenceAt[] = []
  visitMarks(schema, spec, (mark, path, value) => {
    if (mark !== 'secret' && mark !== 'password' && mark !== 'reference') return
    if (typeof value !== 'object' || value === null) return
    const { env, file } = value as { readonly env?: string; readonly file?: string }
    const pointer = path.reduce<string>(joinPointer, '/spec')
    if (env !== undefined) found.push({ pointer, place: { env } })
    else if (file !== undefined) found.push({ pointer, place: { file } })
  })
  return found
}
