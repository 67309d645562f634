// What is posted: an event in its own shape, checked field by field. Everything that is wrong is said at once.

import { createHash } from 'node:crypto'
import { isObject, type Json, stringifyJson } from '../../expression/json.js'
import { nearest } from '../../expression/suggest.js'
import { type Occurrence, type Severity, severities } from '../message.js'

/** Something that happened, as it was posted. What it says of its words wins over its type. */
export interface PostedEvent extends Occurrence {
  readonly severity?: Severity
  readonly title?: string
  readonly body?: string
  readonly link?: string
}

/** An event, and what tells one posting of it from another. */
export interface ReceivedEvent {
  readonly event: PostedEvent
  /** Equal for equal contents; what was filled in does not count. */
  readonly digest: string
}

export interface FieldProblem {
  /** JSON pointer to the field. */
  readonly pointer: string
  readonly message: string
}

/** It is no event: one problem for each field. */
export class EventInvalid extends Error {
  override readonly name = 'EventInvalid'
  readonly problems: readonly FieldProblem[]

  constructor(problems: readonly FieldProblem[]) {
    super(problems.map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`)).join('; '))
    this.problems = problems
  }
}

export interface EventDefaults {
  /** ISO 8601, for events that name no time. */
  readonly time: string
  readonly newId: () => string
}

/** Of events that name no source. */
export const defaultSource = 'api'

const longestId = 512
const longestTitle = 1000
const longestLink = 8000
const longestLabel = 1000
const mostLabels = 100

type Check = (value: Json) => string | undefined

const text =
  (longest: number): Check =>
  (value) => {
    if (typeof value !== 'string') return `has to be text, not ${kindOf(value)}`
    if (value === '') return 'is empty'
    return value.length > longest ? `is longer than ${longest} characters` : undefined
  }

/** One line, without characters that nobody sees. */
const line =
  (longest: number): Check =>
  (value) =>
    text(longest)(value) ?? (/\p{Cc}/u.test(value as string) ? 'has line breaks or control characters' : undefined)

/** `payload` is any JSON. */
const checks: Readonly<Record<keyof PostedEvent, Check>> = {
  id: line(longestId),
  type: (value) =>
    line(253)(value) ??
    (/^[A-Za-z0-9]([A-Za-z0-9._:/-]*[A-Za-z0-9])?$/.test(value as string)
      ? undefined
      : 'is no id of an event type: letters, digits and . _ - : / between them'),
  time: (value) =>
    line(64)(value) ?? (isTime(value as string) ? undefined : 'is no time as in 2026-01-31T12:00:00Z (RFC 3339)'),
  source: line(longestId),
  namespace: (value) =>
    line(253)(value) ??
    (/^[a-z0-9-]+$/.test(value as string) ? undefined : 'is no namespace: lower case letters, digits and -'),
  service: line(253),
  customer: line(253),
  severity: (value) => {
    if (severities.some((one) => one === value)) return undefined
    const meant = typeof value === 'string' ? nearest(value, severities) : undefined
    return `has to be one of ${severities.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`
  },
  labels: checkLabels,
  title: line(longestTitle),
  body: (value) => (typeof value === 'string' ? undefined : `has to be text, not ${kindOf(value)}`),
  link: (value) =>
    line(longestLink)(value) ?? (isWebUrl(value as string) ? undefined : 'is no absolute http or https URL'),
  payload: () => undefined,
}

const fields = Object.keys(checks) as readonly (keyof PostedEvent)[]

/** Only `type` has to be there. Throws `EventInvalid`. `at`: pointer to `value` itself. */
export function readEvent(value: Json, defaults: EventDefaults, at = ''): ReceivedEvent {
  if (!isObject(value))
    throw new EventInvalid([{ pointer: at, message: `an event is an object, not ${kindOf(value)}` }])
  const problems: FieldProblem[] = []
  for (const [name, given] of Object.entries(value)) {
    const pointer = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)}`
    const check = Object.hasOwn(checks, name) ? checks[name as keyof PostedEvent] : undefined
    const message = check === undefined ? unknownField(name) : check(given)
    if (message !== undefined) problems.push({ pointer, message })
  }
  if (value.type === undefined) problems.push({ pointer: `${at}/type`, message: 'is missing: which event type is it?' })
  if (problems.length > 0) throw new EventInvalid(problems)
  const given = value as unknown as Partial<PostedEvent>
  const event: PostedEvent = {
    payload: {},
    ...given,
    id: given.id ?? defaults.newId(),
    type: given.type as string,
    time: given.time ?? defaults.time,
    source: given.source ?? defaultSource,
  }
  return { event, digest: digestOf(value) }
}

function unknownField(name: string): string {
  const meant = nearest(name.slice(0, 100), fields)
  const hint = meant === undefined ? 'what the event is about belongs into payload' : `did you mean ${meant}?`
  return `is no field of an event; ${hint}`
}

function checkLabels(value: Json): string | undefined {
  if (!isObject(value)) return `has to be an object of texts, not ${kindOf(value)}`
  const labels = Object.entries(value)
  if (labels.length > mostLabels) return `has ${labels.length} labels; ${mostLabels} at most`
  for (const [name, label] of labels) {
    if (name === '' || name.length > 253) return 'has a label whose name is empty or longer than 253 characters'
    const wrong = line(longestLabel)(label)
    if (wrong !== undefined) return `label ${JSON.stringify(name)} ${wrong}`
  }
  return undefined
}

/** RFC 3339, with a zone: a time without one would be read in that of whoever reads it. */
function isTime(value: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  )
}

function isWebUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

export function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? (isObject(value) ? 'an object' : 'a number') : `a ${typeof value}`
}

function digestOf(value: Json): string {
  return createHash('sha256').update(canonical(value)).digest('base64url')
}

/** One text for equal values, whatever the order of their fields. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isObject(value)) return stringifyJson(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
    .join()}}`
}
