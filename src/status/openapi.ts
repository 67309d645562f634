import { STATUS_CODES } from 'node:http'
import { type JsonSchema, ref } from './json-schema.js'
import type { Route } from './route.js'
import { schemas } from './schemas.js'

/** The errors a route can answer with, beside those of its own. */
export function errorStatuses(route: Route): number[] {
  const statuses = new Set([400, 405, 421, 500, ...(route.errors ?? [])])
  if (route.access !== 'open') statuses.add(401)
  if (route.access !== 'open' && route.access !== 'read') statuses.add(403)
  if (route.pathParameters !== undefined) statuses.add(404)
  if (route.body !== undefined || route.rawBody !== undefined) for (const status of [413, 415]) statuses.add(status)
  return [...statuses].sort((a, b) => a - b)
}

/** OpenAPI 3.1 of the route table. */
export function describeApi(routes: readonly Route[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    const item = paths[route.path] ?? {}
    item[route.method.toLowerCase()] = describeRoute(route)
    paths[route.path] = item
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Callboard control port',
      version,
      description:
        'What is declared cannot be changed here: that is what the source is for. GET reads; POST runs an operation and needs the operate token, the events token to post events, or the messages token to send messages.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    paths,
    components: {
      schemas,
      responses: {
        Problem: {
          description: 'What was wrong, and what to do',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
      securitySchemes: {
        read: {
          type: 'http',
          scheme: 'bearer',
          description: 'tokens.read, tokens.messages or tokens.operate; only when tokens.read is set',
        },
        events: { type: 'http', scheme: 'bearer', description: 'tokens.events or tokens.operate' },
        messages: { type: 'http', scheme: 'bearer', description: 'tokens.messages or tokens.operate' },
        operate: { type: 'http', scheme: 'bearer', description: 'tokens.operate' },
      },
    },
  }
}

function describeRoute(route: Route): JsonSchema {
  const content: Record<string, JsonSchema> = {}
  if (route.schema !== undefined) content['application/json'] = { schema: answerSchema(route.schema, route) }
  for (const type of route.otherTypes ?? []) content[type] = { schema: { type: 'string' } }
  const responses: Record<string, JsonSchema> = { [route.status ?? 200]: { description: route.summary, content } }
  for (const status of errorStatuses(route)) responses[status] = describeError(status)
  return {
    operationId: route.id,
    summary: route.summary,
    security: securities[route.access],
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...requestBody(route),
    responses,
  }
}

const securities: Readonly<Record<Route['access'], readonly JsonSchema[]>> = {
  open: [],
  read: [{ read: [] }, {}],
  events: [{ events: [] }],
  messages: [{ messages: [] }],
  operate: [{ operate: [] }],
}

function answerSchema(name: string, { otherSchemas = [] }: Route): JsonSchema {
  return otherSchemas.length === 0 ? ref(name) : { anyOf: [name, ...otherSchemas].map(ref) }
}

function requestBody({ body, rawBody }: Route): JsonSchema {
  const types = body === undefined ? rawBody?.types : { 'application/json': body.schema }
  if (types === undefined) return {}
  const content = Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]))
  return { requestBody: { required: true, content } }
}

function describeError(status: number): JsonSchema {
  return {
    description: STATUS_CODES[status] ?? 'Error',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  }
}

function pathParameters({ pathParameters = {} }: Route): JsonSchema[] {
  return Object.entries(pathParameters).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', minLength: 1 },
  }))
}

function queryParameters({ parameters }: Route): JsonSchema[] {
  return parameters.map(({ name, description, schema, required, repeated }) => ({
    name,
    in: 'query',
    required,
    description,
    schema,
    ...(repeated ? { style: 'form', explode: true } : {}),
  }))
}
