// CloudEvents 1.0 in its JSON format and its HTTP binding, as events of our own shape.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md

import { isObject, type Json, parseJson } from '../../expression/json.js'
import { EventInvalid, type FieldProblem, kindOf } from './event.js'

type Fields = { [field: string]: Json }

/** Attributes that are fields of an event of ours. */
const ours: ReadonlySet<string> = new Set([
  'id',
  'type',
  'time',
  'source',
  'namespace',
  'service',
  'customer',
  'severity',
  'title',
  'body',
  'link',
])

/** About the transport of the event, not about the event. */
const unheard: ReadonlySet<string> = new Set([
  'specversion',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
  'traceparent',
  'tracestate',
])

const required = ['specversion', 'id', 'source', 'type'] as const

/** A CloudEvent in its JSON format. Other attributes become labels. Throws `EventInvalid`. */
export function fromCloudEvent(value: Json, at = ''): Json {
  if (!isObject(value)) {
    throw new EventInvalid([{ pointer: at, message: `a CloudEvent is an object, not ${kindOf(value)}` }])
  }
  const problems: FieldProblem[] = []
  const problem = (name: string, message: string) => problems.push({ pointer: `${at}/${name}`, message })
  for (const name of required) if (value[name] === undefined) problem(name, 'is missing')
  if (value.specversion !== undefined && value.specversion !== '1.0') {
    problem('specversion', `is ${JSON.stringify(value.specversion)}; CloudEvents 1.0 is understood`)
  }
  if (value.data !== undefined && value.data_base64 !== undefined) {
    problem('data_base64', 'data and data_base64 exclude each other')
  }
  const event: Fields = {}
  const labels: Fields = {}
  for (const [name, attribute] of Object.entries(value)) {
    if (unheard.has(name)) continue
    if (!/^[a-z0-9]{1,253}$/.test(name)) {
      problem(name.slice(0, 100), 'is no name of an attribute: lower case letters and digits')
    } else if (attribute === null) {
      // As if it were not there, says the format.
    } else if (typeof attribute === 'object') problem(name, 'attributes are texts, numbers or truth values')
    else if (ours.has(name)) event[name] = attribute
    else labels[name] = String(attribute)
  }
  const payload = problems.length > 0 ? null : dataOf(value, problem)
  if (problems.length > 0) throw new EventInvalid(problems)
  return { ...event, ...(Object.keys(labels).length > 0 && { labels }), payload }
}

function dataOf(value: Fields, problem: (name: string, message: string) => unknown): Json {
  const { data, data_base64: encoded, datacontenttype: type } = value
  if (encoded === undefined || encoded === null) return data ?? {}
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    problem('data_base64', 'is no base64')
    return null
  }
  if (!isJsonType(typeof type === 'string' ? type : 'application/json')) return encoded
  try {
    return parseJson(Buffer.from(encoded, 'base64').toString('utf8'))
  } catch (error) {
    problem('data_base64', `is no JSON: ${(error as Error).message}`)
    return null
  }
}

/** True when headers hold the attributes of a CloudEvent, and the body its data. */
export function isBinary(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return headers['ce-specversion'] !== undefined || headers['ce-type'] !== undefined || headers['ce-id'] !== undefined
}

/** The same event in the JSON format. `type`: media type of the body, without parameters. Throws `EventInvalid`. */
export function fromBinary(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  type: string,
  text: string,
): Json {
  const attributes: Fields = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || value === undefined) continue
    attributes[name.slice(3)] = decoded(Array.isArray(value) ? (value[0] ?? '') : value)
  }
  if (text === '') return fromCloudEvent(attributes)
  if (!isJsonType(type)) return fromCloudEvent({ ...attributes, data: text })
  return fromCloudEvent({ ...attributes, data: parseText(text) })
}

/** JSON, or `EventInvalid`. */
export function parseText(text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    throw new EventInvalid([{ pointer: '', message: `the body is no JSON: ${(error as Error).message}` }])
  }
}

export function isJsonType(type: string): boolean {
  return /^(application|text)\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type)
}

/** Header values are percent-encoded where they are not plain ASCII; a lone percent sign stands for itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
