// Entries made by hand, with conditions that need no compiler: what a test says is what the index gets.

import type { Condition, Subjects } from '../../src/expression/condition.js'
import type { Entry } from '../../src/resolver/entry.js'
import { orderOf } from '../../src/resources/kinds/mock-order.js'
import type { MockProgram } from '../../src/resources/kinds/mock-program.js'
import { parseRoute } from '../../src/resources/kinds/mock-route.js'

export interface Declared {
  readonly name: string
  readonly namespace?: string
  readonly route?: string
  readonly routePattern?: string
  readonly method?: string
  readonly priority?: number
  readonly conditions?: readonly Condition[]
  readonly useLimiter?: number
  readonly ttl?: number
}

export function declared({
  name,
  namespace = 'shop',
  route,
  routePattern,
  method,
  priority = 0,
  ...rest
}: Declared): Entry {
  const parsed = parseRoute(route ?? (routePattern === undefined ? '/' : undefined), routePattern)
  const conditions = rest.conditions ?? []
  const program: MockProgram = {
    route: parsed.route,
    method,
    priority,
    conditions,
    order: orderOf({ priority, route: parsed.route, method, conditions: conditions.length, name }),
    responses: [],
    choice: 'single',
    weights: undefined,
    faults: [],
    extract: [],
    webhooks: [],
    mStore: undefined,
    chainId: undefined,
    useLimiter: rest.useLimiter,
    ttl: rest.ttl,
    tags: [],
    seed: undefined,
    stateful: false,
  }
  return { id: `Mock/${namespace}/${name}`, namespace, name, file: `${name}.yaml`, line: 1, program }
}

type Lookup = 'header' | 'query'

/** A plain equality, as the index can tell mocks apart by. */
export function equals(subject: Lookup, path: string, value: string): Condition {
  const lookup = (subjects: Subjects) => subjects[subject](path)
  return {
    subject,
    path,
    place: path,
    action: 'equals',
    wanted: value,
    base64: false,
    key: `${subject} ${path} equals ${value}`,
    equality: { on: `${subject} ${path}`, value, lookup },
    matches: (subjects) => lookup(subjects).includes(value),
    describe: () => `${subject} ${path} equals "${value}"`,
    found: (subjects) => lookup(subjects).join(', ') || 'nothing',
  }
}

export function bodyEquals(field: string, value: string): Condition {
  const lookup = (subjects: Subjects) => {
    const body = subjects.body()
    const found =
      typeof body === 'object' && body !== null && Object.hasOwn(body, field) ? Reflect.get(body, field) : undefined
    return typeof found === 'string' ? [`string:${found}`] : []
  }
  return {
    subject: 'body',
    path: `$.${field}`,
    place: `$.${field}`,
    action: 'equals',
    wanted: value,
    base64: false,
    key: `body ${field} equals ${value}`,
    equality: { on: `body ${field}`, value: `string:${value}`, lookup },
    matches: (subjects) => lookup(subjects).includes(`string:${value}`),
    describe: () => `body $.${field} equals "${value}"`,
    found: (subjects) => lookup(subjects).join(', ') || 'nothing',
  }
}

/** A condition that is no equality: the index has to ask it. */
export function contains(subject: Lookup, path: string, part: string): Condition {
  return {
    subject,
    path,
    place: path,
    action: 'contains',
    wanted: part,
    base64: false,
    key: `${subject} ${path} contains ${part}`,
    matches: (subjects) => subjects[subject](path).some((value) => value.includes(part)),
    describe: () => `${subject} ${path} contains "${part}"`,
    found: (subjects) => subjects[subject](path).join(', ') || 'nothing',
  }
}

export interface Asked {
  readonly header?: Readonly<Record<string, readonly string[]>>
  readonly query?: Readonly<Record<string, readonly string[]>>
  readonly body?: Readonly<Record<string, string>>
}

export function subjects({ header = {}, query = {}, body }: Asked = {}): Subjects {
  const one = (values: Readonly<Record<string, readonly string[]>>, name: string) => values[name] ?? []
  return {
    body: () => (body === undefined ? undefined : { ...body }),
    header: (name) => one(header, name),
    query: (name) => one(query, name),
    cookie: () => [],
    form: () => [],
  }
}
