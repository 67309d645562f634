import type { RequestFilter, RequestSummary } from './views.js'

type Recorded = Pick<RequestSummary, 'time' | 'namespace' | 'method' | 'path' | 'status' | 'matched' | 'mock'>

/**
 * Compiles a filter, so that a scan over the journal does per request only what it must. With a namespace, a path means
 * the route within it as well: `/orders` in `payments` is also `/stubs/payments/orders`.
 */
export function requestMatches(filter: RequestFilter): (request: Recorded) => boolean {
  const tests: ((request: Recorded) => boolean)[] = []
  const { namespace, matched } = filter
  if (namespace !== undefined) tests.push((request) => request.namespace === namespace)
  if (matched !== undefined) tests.push((request) => request.matched === matched)
  if (filter.method !== undefined) {
    const method = filter.method.toUpperCase()
    tests.push((request) => request.method === method)
  }
  if (filter.status !== undefined) tests.push(statusTest(filter.status))
  if (filter.mock !== undefined) tests.push(mockTest(filter.mock))
  if (filter.since !== undefined) {
    const since = filter.since.getTime()
    tests.push((request) => Date.parse(request.time) >= since)
  }
  if (filter.path !== undefined) tests.push(pathTest(filter.path, namespace))
  return (request) => tests.every((test) => test(request))
}

function statusTest(wanted: string): (request: Recorded) => boolean {
  const [hundreds] = wanted
  if (wanted.endsWith('xx')) return ({ status }) => status !== null && Math.floor(status / 100) === Number(hundreds)
  return ({ status }) => status === Number(wanted)
}

function mockTest(wanted: string): (request: Recorded) => boolean {
  const separator = wanted.search(/[/~]/)
  const name = wanted.slice(separator + 1)
  if (separator < 0) return ({ mock }) => mock?.name === name
  const namespace = wanted.slice(0, separator)
  return ({ mock }) => mock?.name === name && mock.namespace === namespace
}

function pathTest(wanted: string, namespace: string | undefined): (request: Recorded) => boolean {
  const test = wildcardTest(wanted)
  if (namespace === undefined) return ({ path }) => test(path)
  const prefix = `/stubs/${namespace}`
  return ({ path }) => test(path) || (path.startsWith(`${prefix}/`) && test(path.slice(prefix.length)))
}

/** `*` stands for any text. Pieces are looked for from left to right, so the time is linear whatever is asked. */
function wildcardTest(wanted: string): (path: string) => boolean {
  const [first = '', ...rest] = wanted.split('*')
  const last = rest.pop()
  if (last === undefined) return (path) => path === wanted
  return (path) => {
    if (!path.startsWith(first)) return false
    let from = first.length
    for (const piece of rest) {
      const at = path.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return path.length - last.length >= from && path.endsWith(last)
  }
}
