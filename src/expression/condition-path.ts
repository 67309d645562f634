// Where a condition looks: a path into the body, or the name of a header, query parameter, cookie or form field.

import { type Json, jsonEquals, RawNumber } from './json.js'
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
  /** Subject and name as one: what places in different conditions have in common. */
  readonly on: string
  /** All values there; empty when there is nothing. */
  read(subjects: Subjects): readonly Json[]
  /** The scalars there, as texts that are equal when they are: of a body `typeof:value`. */
  lookup(subjects: Subjects): readonly string[]
}

export interface ReadPlace {
  /** Undefined when there is no reading it; the findings say why. */
  readonly place?: Place
  readonly findings: readonly PathFinding[]
}

/** The values of a header, a query parameter, a cookie or a form field. */
export type Fields = (subjects: Subjects, name: string) => readonly string[]

const fields: Readonly<Record<Exclude<ConditionSubject, 'body'>, Fields>> = {
  header: (subjects, name) => subjects.header(name),
  query: (subjects, name) => subjects.query(name),
  cookie: (subjects, name) => subjects.cookie(name),
  form: (subjects, name) => subjects.form(name),
}

const nothing: readonly never[] = []

/** Most mocks of a source look at the same few places; the oldest leave first. */
const places = new Map<string, ReadPlace>()
const maxKnown = 1000
const maxKnownLength = 200

export function toPlace(path: string, subject: ConditionSubject): ReadPlace {
  const key = `${subject} ${path}`
  const known = places.get(key)
  if (known !== undefined) return known
  const read = subject === 'body' ? toBodyPlace(path.trim()) : toFieldPlace(path.trim(), subject)
  if (path.length > maxKnownLength) return read
  if (places.size >= maxKnown) {
    const [oldest] = places.keys()
    if (oldest !== undefined) places.delete(oldest)
  }
  places.set(key, read)
  return read
}

function toBodyPlace(declared: string): ReadPlace {
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
  const lookup = (subjects: Subjects): readonly string[] => {
    const [found] = read(subjects)
    const key = found === undefined ? undefined : toScalarKey(found)
    return key === undefined ? nothing : [key]
  }
  return { place: { name, singular, on: `body\0${name}`, read, lookup }, findings }
}

/** `typeof:value`; undefined for lists, objects, and numbers that no double equals. */
export function toScalarKey(value: Json): string | undefined {
  if (value === null) return 'null:null'
  if (value instanceof RawNumber) {
    const double = Number(value.text)
    return jsonEquals(double, value) ? `number:${double}` : undefined
  }
  return typeof value === 'object' ? undefined : `${typeof value}:${value}`
}

/** The roots of expressions, which people write here although the subject already says where to look. */
const roots: Readonly<Record<string, ConditionSubject>> = { reqHeader: 'header', queryParams: 'query' }

function toFieldPlace(declared: string, subject: Exclude<ConditionSubject, 'body'>): ReadPlace {
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
  const read = (subjects: Subjects): readonly string[] => values(subjects, name)
  return { place: { name, singular: true, on: `${subject}\0${name}`, read, lookup: read }, findings }
}
