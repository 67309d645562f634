import { anyJson, type JsonSchema, record, text } from '../json-schema.js'
import { patternParameter, quote, repeatedParameter, requiredParameter, textParameter } from '../parameter.js'
import { BadRequest } from '../problem-details.js'
import type { Route } from '../route.js'
import { parseMethod } from '../verify.js'
import type { Views } from '../views.js'

const path = '/api/v1/explain/request'
const largestBody = 1024 * 1024
const mostHeaders = 100

const methodParameter = patternParameter(
  'method',
  'Method; GET when absent',
  '^[A-Za-z-]+$',
  'an HTTP method',
  parseMethod,
)
const pathParameter = requiredParameter(
  patternParameter(
    'path',
    'Path with its query, as a client would send it',
    '^/',
    'a path that starts with /',
    (given) => given,
  ),
)
const headerParameter = repeatedParameter(
  patternParameter('header', 'A header, `Name: value`; may be repeated', '^[^:\\s]+:', '`Name: value`', parseHeader),
)
const bodyParameter = textParameter('body', 'The body')

interface ExplainBody {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: unknown
}

const bodySchema: JsonSchema = {
  type: 'object',
  properties: {
    method: text('GET when absent'),
    path: text('Path with its query', { pattern: '^/', maxLength: 8192 }),
    headers: record('Values by name; a list repeats the header', {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    }),
    body: anyJson('A text is sent as it is, anything else as JSON'),
  },
  required: ['path'],
  additionalProperties: false,
}

/** Which mock would answer. Both ways are reading: a POST has room for larger bodies. */
export function explainRoutes(views: Views): Route[] {
  const summary = 'Which mock would answer a request, and why the others would not'
  return [
    {
      method: 'GET',
      path,
      id: 'explainRequest',
      summary,
      access: 'read',
      parameters: [methodParameter, pathParameter, headerParameter, bodyParameter],
      schema: 'Explanation',
      handle: async ({ query }) => {
        const body = query.get(bodyParameter)
        const request = {
          method: query.get(methodParameter) ?? 'GET',
          path: query.need(pathParameter),
          headers: query.get(headerParameter) ?? [],
          ...(body === undefined ? {} : { body }),
        }
        return { json: await views.explainRequest(request) }
      },
    },
    {
      method: 'POST',
      path,
      id: 'explainRequestWithBody',
      summary: `${summary}; changes nothing`,
      access: 'read',
      parameters: [],
      body: { schema: bodySchema, maxBytes: largestBody },
      schema: 'Explanation',
      handle: async ({ body }) => {
        const wanted = body as ExplainBody
        const sent = wanted.body === undefined ? {} : { body: bodyText(wanted.body) }
        const method = parseMethod(wanted.method ?? 'GET')
        return {
          json: await views.explainRequest({ method, path: wanted.path, headers: headerList(wanted.headers), ...sent }),
        }
      },
    },
  ]
}

function parseHeader(given: string): [string, string] {
  const at = given.indexOf(':')
  return header(given.slice(0, at), given.slice(at + 1).trim())
}

function header(name: string, value: string): [string, string] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new BadRequest('header', `${quote(name)} is not a header name`)
  if (/[\r\n\0]/.test(value)) throw new BadRequest('header', `the value of ${name} has a line break`)
  return [name, value]
}

function headerList(headers: ExplainBody['headers'] = {}): [string, string][] {
  const list = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => header(name, one)))
  if (list.length > mostHeaders) throw new BadRequest('headers', `more than ${mostHeaders}`)
  return list
}

function bodyText(body: unknown): string {
  if (typeof body === 'string') return body
  try {
    return JSON.stringify(body)
  } catch {
    throw new BadRequest('body', 'is nested too deeply; give it as text')
  }
}
