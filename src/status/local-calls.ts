// Calls of the control port's own routes from within, on behalf of somebody who has asked: the same token, the same
// checks, the same record, and an answer cut to the same schema.
import { compileBody } from './body-schema.js'
import { type JsonSchema, project, ref } from './json-schema.js'
import { Query } from './parameter.js'
import { BadRequest, HttpProblem, NotFound } from './problem-details.js'
import { renderJson } from './render-json.js'
import type { Call, Route } from './route.js'
import { schemas } from './schemas.js'
import type { Authorize } from './tokens.js'

/** Reject with `HttpProblem`. */
export interface LocalCalls {
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
}

export interface LocalCallParts {
  readonly routes: readonly Route[]
  readonly authorize: Authorize
  readonly now: () => Date
}

type Asker = Pick<Call, 'address' | 'authorization' | 'signal' | 'via'>

const checks = new WeakMap<Route, (body: unknown) => void>()

function checkOf(route: Route, schema: JsonSchema): (body: unknown) => void {
  let check = checks.get(route)
  if (check === undefined) {
    check = compileBody(schema)
    checks.set(route, check)
  }
  return check
}

/** `asker`: on whose behalf. */
export function createLocalCalls({ routes, authorize, now }: LocalCallParts, asker: Asker): LocalCalls {
  const call = async (method: Route['method'], path: string, search: string, body: unknown): Promise<unknown> => {
    const found = find(routes, method, path)
    if (found === undefined) throw new NotFound(`nothing is served at ${path}`)
    const { route, params } = found
    authorize(route.access, asker.authorization)
    const query = new Query(route.parameters, search, now)
    if (route.body !== undefined) {
      const bytes = Buffer.byteLength(JSON.stringify(body))
      const { maxBytes, schema } = route.body
      if (bytes > maxBytes) throw new HttpProblem(413, 'too-large', `more than ${maxBytes} bytes are given`)
      checkOf(route, schema)(body)
    }
    const rest = { raw: undefined, wantsHtml: false, lastEventId: undefined }
    const reply = await route.handle({ ...asker, ...rest, params, query, body })
    if (!('json' in reply)) throw new BadRequest('path', `${path} does not answer with JSON`)
    const name = reply.schema ?? route.schema
    // What leaves is what would leave by the network: values of classes become what they are written as.
    return JSON.parse(renderJson(project(reply.json, name === undefined ? {} : ref(name), schemas)))
  }
  return {
    get: (path, query = {}) => call('GET', path, new URLSearchParams(query).toString(), undefined),
    post: (path, body) => call('POST', path, '', body),
  }
}

function find(routes: readonly Route[], method: Route['method'], path: string) {
  const given = path.split('/')
  for (const route of routes) {
    const parts = route.path.split('/')
    if (route.method !== method || parts.length !== given.length) continue
    const params: Record<string, string> = {}
    const fits = parts.every((part, index) => {
      const text = given[index] ?? ''
      const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
      if (name === undefined) return part === text
      params[name] = decodeURIComponent(text)
      return text !== ''
    })
    // Routes without parameters win, as they come first where both fit.
    if (fits) return { route, params }
  }
  return undefined
}
