// A request made from what mocks ask for: it is accepted by one of them, or by two at once.

import type { Condition, ConditionSubject, Subjects } from '../../../expression/condition.js'
import { isObject, type Json, stringifyJson } from '../../../expression/json.js'
import type { Segment } from '../../../expression/path.js'
import { type AskedRequest, toRequest } from '../../../resolver/asked-request.js'
import type { Request } from '../../../resolver/request.js'
import type { MockProgram } from '../../../resources/kinds/mock-program.js'
import { bodySteps, withValue } from './body-path.js'
import { longRest, samplePath, shortRest } from './route-path.js'
import { type Asked, absent, type Candidate, candidatesOf, opposite } from './values.js'

export interface Witness {
  readonly asked: AskedRequest
  readonly request: Request
}

/** Why there is none, in words. */
export interface NoWitness {
  readonly failure: string
}

type Asking = Pick<MockProgram, 'route' | 'method' | 'conditions'>

/** All conditions on one place. */
interface Group {
  readonly subject: ConditionSubject
  readonly place: string
  readonly conditions: Asked[]
}

/** Who is to accept a request, and what is not to. */
export interface Wishes {
  readonly entry: Asking
  readonly rival?: Asking | undefined
  readonly avoided: Avoided
}

export interface Avoided {
  /** That it must not meet. */
  readonly conditions: readonly Condition[]
  /** Where any other does. */
  readonly methods: readonly string[]
  /** Where a wildcard stands for any rest: one of several segments. */
  readonly shortPath: boolean
}

export const nothingAvoided: Avoided = { conditions: [], methods: [], shortPath: false }

/** A request to `namespace`. What is made is tried: one that is returned is one that is as it was wished for. */
export async function witnessOf(
  namespace: string,
  defaultNamespace: string,
  { entry: first, rival: second, avoided }: Wishes,
): Promise<Witness | NoWitness> {
  const wanted = [...first.conditions, ...(second?.conditions ?? []), ...avoided.conditions.map(opposite)]
  const path = samplePath(first.route, second?.route, avoided.shortPath ? longRest : shortRest)
  if (path === undefined) return { failure: `no path was found that ${first.route.text} matches` }
  const groups = grouped(wanted)
  const fields = fieldValues(groups)
  if ('failure' in fields) return fields
  const body = bodyOf(groups)
  if ('failure' in body) return body
  const method = methodOf(first.method, second?.method)
  const asked = assemble(
    pathOf(namespace, defaultNamespace, path),
    fields,
    body.value,
    (usual) => method ?? [usual, ...otherMethods].find((one) => !avoided.methods.includes(one)) ?? usual,
  )
  if (asked === undefined) return { failure: 'it asks for a form and for another body at once' }
  const request = await toRequest(asked, defaultNamespace)
  const unmet = wanted.find((condition) => !condition.matches(request))
  if (unmet !== undefined) return { failure: `no request was found that has: ${unmet.describe()}` }
  return { asked, request }
}

const otherMethods = ['PUT', 'DELETE', 'PATCH', 'HEAD']

/** A HEAD request is answered by mocks of GET too, not the other way round. */
function methodOf(one: string | undefined, other: string | undefined): string | undefined {
  return other === 'HEAD' ? other : (one ?? other)
}

function grouped(conditions: readonly Asked[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const condition of conditions) {
    const { subject, place } = condition
    const key = `${subject} ${place}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { subject, place, conditions: [condition] })
    else group.conditions.push(condition)
  }
  return [...groups.values()]
}

interface Field {
  readonly subject: ConditionSubject
  readonly name: string
  readonly value: string
}

function fieldValues(groups: readonly Group[]): readonly Field[] | NoWitness {
  const fields: Field[] = []
  for (const { subject, place, conditions } of groups) {
    if (subject === 'body') continue
    const accepted = acceptable(place, subject, conditions)
    if (accepted === undefined) return noValue(conditions)
    if (accepted !== absent) fields.push({ subject, name: place, value: accepted })
  }
  return fields
}

/** Types that are asked for by a part of their name. */
const usualTypes = ['application/json', 'application/x-www-form-urlencoded', 'text/plain']

function acceptable(
  name: string,
  subject: ConditionSubject,
  conditions: readonly Asked[],
): string | typeof absent | undefined {
  const usual = subject === 'header' && (name === 'content-type' || name === 'accept') ? usualTypes : []
  const asksNothing = conditions.every(({ action }) => action === 'any')
  const proposed: readonly Candidate[] = [...(asksNothing ? [] : usual), ...conditions.flatMap(candidatesOf)]
  for (const candidate of proposed) {
    const text = candidate === absent ? absent : asText(candidate)
    if (text !== absent && /[\r\n\0]/.test(text)) continue
    if (text !== absent && subject === 'header' && /[^\x20-\x7e]|^ | $/.test(text)) continue
    const subjects = { ...nothing, [subject]: (asked: string) => (asked === name && text !== absent ? [text] : []) }
    if (conditions.every((condition) => condition.matches(subjects))) return text
  }
  return undefined
}

function asText(candidate: Json): string {
  return typeof candidate === 'string' ? candidate : stringifyJson(candidate)
}

const nothing: Subjects = {
  body: () => undefined,
  header: () => [],
  query: () => [],
  cookie: () => [],
  form: () => [],
}

function bodyOf(groups: readonly Group[]): { readonly value: Json | undefined } | NoWitness {
  const placed: { readonly steps: readonly Segment[]; readonly conditions: readonly Asked[] }[] = []
  for (const { subject, place, conditions } of groups) {
    if (subject !== 'body') continue
    const steps = bodySteps(place)
    if (steps === undefined) return noValue(conditions)
    placed.push({ steps, conditions })
  }
  placed.sort((a, b) => a.steps.length - b.steps.length)
  const holdsMore = placed.some(({ steps }) => steps.length > 0)
  let body: Json | undefined
  for (const { steps, conditions } of placed) {
    if (accepts(conditions, body)) continue
    const proposed = conditions.flatMap(candidatesOf)
    const found = proposed
      .filter((one) => steps.length > 0 || !holdsMore || isObject(one) || Array.isArray(one))
      .map((one) => (one === absent ? body : withValue(body, steps, one as Json)))
      .find((one) => accepts(conditions, one))
    // What the whole body has to be may be met by its parts: they are tried together at the end.
    if (found === undefined && (steps.length > 0 || !holdsMore)) return noValue(conditions)
    body = found ?? body
  }
  return { value: body }
}

function accepts(conditions: readonly Asked[], body: Json | undefined): boolean {
  const subjects = { ...nothing, body: () => body }
  return conditions.every((condition) => condition.matches(subjects))
}

function noValue([condition]: readonly Asked[]): NoWitness {
  return { failure: `no value was found for: ${condition?.describe() ?? ''}` }
}

function pathOf(namespace: string, defaultNamespace: string, segments: readonly string[]): string {
  const path = `/${segments.map(encodeURIComponent).join('/')}`
  return namespace === defaultNamespace && !path.startsWith('/stubs/') ? path : `/stubs/${namespace}${path}`
}

function assemble(
  path: string,
  fields: readonly Field[],
  body: Json | undefined,
  methodFor: (usual: string) => string,
): AskedRequest | undefined {
  const of = (wanted: ConditionSubject) => fields.filter(({ subject }) => subject === wanted)
  const pairs = (wanted: ConditionSubject) =>
    of(wanted).map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  const [query, form, cookies] = [pairs('query').join('&'), pairs('form').join('&'), of('cookie')]
  if (form !== '' && body !== undefined) return undefined
  const headers = of('header').map(({ name, value }): [string, string] => [capitalised(name), value])
  if (cookies.length > 0) {
    headers.push(['Cookie', cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ')])
  }
  const text = form !== '' ? form : body === undefined ? undefined : asText(body)
  if (text !== undefined && !of('header').some(({ name }) => name === 'content-type')) {
    const type =
      form !== '' ? 'application/x-www-form-urlencoded' : typeof body === 'string' ? 'text/plain' : 'application/json'
    headers.unshift(['Content-Type', type])
  }
  return {
    method: methodFor(text === undefined ? 'GET' : 'POST'),
    path: query === '' ? path : `${path}?${query}`,
    headers,
    ...(text !== undefined && { body: text }),
  }
}

function capitalised(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
