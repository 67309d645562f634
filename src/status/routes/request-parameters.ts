import { flagParameter, momentParameter, patternParameter, type Query, textParameter } from '../parameter.js'
import { parseMethod, parsePath } from '../verify.js'
import type { RequestFilter } from '../views.js'

export const namespaceParameter = textParameter('namespace', 'Only this namespace', 'payments')
const mock = textParameter(
  'mock',
  'Only requests that this mock answered: `name`, `namespace/name` or `namespace~name`',
)
const method = patternParameter('method', 'Only this method', '^[A-Za-z-]+$', 'an HTTP method', parseMethod)
const path = patternParameter(
  'path',
  'Only this path, without a query; `*` stands for anything. With a namespace, a route within it',
  '^[/*][^?#]*$',
  'a path that starts with / and has no query',
  parsePath,
)
const status = patternParameter(
  'status',
  'Only this status, or a class of them',
  '^([1-5][0-9][0-9]|[1-5]xx)$',
  'a status such as 404 or 4xx',
  (text) => text,
)
const matched = flagParameter('matched', 'True: only what a mock answered. False: only what none did')
const since = momentParameter('since', 'Only from this time on: ISO 8601, or a duration before now')

export const requestFilterParameters = [namespaceParameter, mock, method, path, status, matched, since] as const

/** Only keys that were asked for: a filter says what is wanted and nothing about the rest. */
export function requestFilter(query: Query): RequestFilter {
  const given = {
    namespace: query.get(namespaceParameter),
    mock: query.get(mock),
    method: query.get(method),
    path: query.get(path),
    status: query.get(status),
    matched: query.get(matched),
    since: query.get(since),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
