import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import type { JsonSchema } from './json-schema.js'
import { BadRequest } from './problem-details.js'
import { closest } from './suggest.js'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false })

/** Throws `BadRequest` that names the field for a body that does not fit `schema`. */
export function compileBody(schema: JsonSchema): (body: unknown) => void {
  const validate = ajv.compile(schema)
  const known = Object.keys((schema.properties as object | undefined) ?? {})
  return (body) => {
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
