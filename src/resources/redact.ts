import type { Json } from '../expression/json.js'
import { kinds } from './kinds/index.js'
import { replaceSecrets } from './marks.js'

export const masked = '******'

/** A resource's spec for display: literals in fields that the schema calls secret are replaced. */
export function mask(kind: string, spec: Json): Json {
  const schema = kinds.get(kind)?.schema
  return schema === undefined ? spec : replaceSecrets(schema, spec, masked)
}
