import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from './json-schema.js'
import { BadRequest } from './problem-details.js'
import { closest } from './suggest.js'

let ajv: Ajv2020 | undefined

/** Loaded with the first body: most controllers never get one, and it costs 100 ms of the start. */
function load(): Ajv2020 {
  if (ajv === undefined) {
    const library = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
    ajv = new library.Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false })
  }
  return ajv
}

/** Throws `BadRequest` that names the field for a body that does not fit `schema`. */
export function compileBody(schema: JsonSchema): (body: unknown) => void {
  let validate: ValidateFunction | undefined
  const known = Object.keys((schema.properties as object | undefined) ?? {})
  return (body) => {
    validate ??= load().compile(schema)
    if (validate(body)) return
    throw problemOf(validate.errors?.[0], known)
  }
}

function problemOf(error: ErrorObject | undefined, known: readonly string[]): BadRequest {
  if (error?.keyword === 'additionalProperties') {
    const field = String(error.params.additionalProperty).slice(0, 60)
    const suggestion = closest(field, known)
    const meant = suggestion === undefined ? '' : `, did you mean ${suggestion}?`
    const list = known.length === 0 ? 'it takes none' : `known: ${known.join(', ')}`
    return new BadRequest(field, `unknown field${meant} (${list})`, {
      known,
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }
  const field = error?.keyword === 'required' ? String(error.params.missingProperty) : error?.instancePath.slice(1)
  if (error?.keyword === 'required') return new BadRequest(field ?? 'body', 'is missing')
  return new BadRequest(field === undefined || field === '' ? 'body' : field, error?.message ?? 'does not fit')
}
