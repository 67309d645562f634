// Where a condition looks: a path into the body, or the name of a header, query parameter, cookie or form field.

import type { Json } from './json.js'
import { compilePath, type Path, PathError } from './path.js'
import type { ConditionSubject, Subjects } from './subjects.js'

export interface PathFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint?: string
}

export interface Place {
  /** One name for all ways to write it: `$.a`, `x-env`. */
  readonly name: string
  /** False when a path can find several values, as with `[*]`. */
  readonly singular: boolean
  /** All values there; empty when there is nothing. */
  read(subjects: Subjects): readonly Json[]
}

/** The values of a header, a query parameter, a cookie or a form field. */
export type Fields = (subjects: Subjects, name: string) => readonly string[]

const fields: Readonly<Record<Exclude<ConditionSubject, 'body'>, Fields>> = {
  header: (subjects, name) => subjects.header(name),
  query: (subjects, name) => subjects.query(name),
  cookie: (subjects, name) => subjects.cookie(name),
  form: (subjects, name) => subjects.form(name),
}

const nothing: readonly Json[] = []

export function toPlace(path: string, subject: ConditionSubject): { place?: Place; findings: PathFinding[] } {
  return subject === 'body' ? toBodyPlace(path.trim()) : toFieldPlace(path.trim(), subject)
}

function toBodyPlace(declared: string): { place?: Place; findings: PathFinding[] } {
  const findings: PathFinding[] = []
  const rooted = declared.startsWith('$')
  let path: Path
  try {
    path = compilePath(declared)
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    const hint = 'a body path starts at $, the body itself: $.amount, $.items[0].sku'
    return { findings: [{ rule: 'condition-path', severity: 'error', message: `not a path: ${error.message}`, hint }] }
  }
  const name = rooted ? declared : declared.startsWith('[') ? `$${declared}` : `$.${declared}`
  if (!rooted) {
    findings.push({
      rule: 'condition-path',
      severity: 'warning',
      message: `the body path ${JSON.stringify(declared)} does not start at $`,
      hint: `write ${name}`,
    })
  }
  if (/^\$\.req(?:[.[]|$)/.test(name)) {
    findings.push({
      rule: 'condition-path-req',
      severity: 'warning',
      message: `the path ${name} looks for a field named "req" in the body: in a condition, $ is the body itself`,
      hint: `write $${name.slice('$.req'.length)}`,
    })
  }
  const { singular } = path
  const read = singular
    ? (subjects: Subjects) => {
        const body = subjects.body()
        const found = body === undefined ? undefined : path.get(body)
        return found === undefined ? nothing : [found]
      }
    : (subjects: Subjects) => {
        const body = subjects.body()
        return body === undefined ? nothing : path.nodes(body)
      }
  return { place: { name, singular, read }, findings }
}

/** The roots of expressions, which people write here although the subject already says where to look. */
const roots: Readonly<Record<string, ConditionSubject>> = { reqHeader: 'header', queryParams: 'query' }

function toFieldPlace(
  declared: string,
  subject: Exclude<ConditionSubject, 'body'>,
): { place?: Place; findings: PathFinding[] } {
  const findings: PathFinding[] = []
  const bracketed = /^\$?\[(['"])(.+)\1\]$/.exec(declared)
  const written = bracketed?.[2] ?? declared.replace(/^\$\./, '')
  const name = subject === 'header' ? written.toLowerCase() : written
  const root = /^([A-Za-z]+)[.[]/.exec(written)?.[1] ?? ''
  if (name === '' || name === '$') {
    const message = `the path of a ${subject} condition must be a name, found ${JSON.stringify(declared)}`
    return {
      findings: [{ rule: 'condition-path', severity: 'error', message, hint: `write the name of the ${subject}` }],
    }
  }
  if (roots[root] === subject) {
    findings.push({
      rule: 'condition-path',
      severity: 'warning',
      message: `the ${subject} condition looks for a name that begins with "${root}": its path is the name alone`,
      hint: `write ${written.slice(root.length).replace(/^\.|^\[['"]?|['"]?\]?(?:\[\d+\])?$/g, '')}`,
    })
  } else if (subject === 'header' && !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    const message = `${JSON.stringify(written)} cannot be the name of a header`
    return {
      findings: [
        { rule: 'condition-path', severity: 'error', message, hint: 'a header name has no spaces and no brackets' },
      ],
    }
  }
  const values = fields[subject]
  return { place: { name, singular: true, read: (subjects) => values(subjects, name) }, findings }
}
