import { listBody } from '../paging.js'
import { durationParameter, quote } from '../parameter.js'
import { HttpProblem, NotFound } from '../problem-details.js'
import { type Call, namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import type { RequestFilter, Views } from '../views.js'
import { requestFilter, requestFilterParameters } from './request-parameters.js'

const longestWaitMs = 60_000
/** Each keeps a connection and is asked about every request that is recorded. */
const mostWaiting = 100

const waitParameter = durationParameter('wait', 'When nothing matches yet, wait this long for it', longestWaitMs)

/** What was asked of the mocks, and what they remember. */
export function observedRoutes(views: Views): Route[] {
  const chainParameters = { namespace: 'Namespace', chainId: 'Chain id' }
  return [
    requests(views),
    {
      method: 'GET',
      path: '/api/v1/requests/{id}',
      id: 'request',
      summary: 'One recorded request with its messages and near misses',
      access: 'read',
      parameters: [],
      pathParameters: { id: 'Id; also in the header Callboard-Request-Id of the answer' },
      schema: 'Request',
      handle: async ({ params: { id = '' } }) => {
        const request = await views.requests.get(id)
        if (request === undefined) throw new NotFound(`no request ${quote(id)} is recorded; older ones are dropped`)
        return { json: request }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/stores/global/{namespace}',
      id: 'globalStore',
      summary: "A namespace's global store, $.gS",
      access: 'read',
      parameters: [],
      pathParameters: { namespace: 'Namespace' },
      schema: 'GlobalStore',
      handle: async ({ params: { namespace } }) => {
        const store = await views.stores.global(namespaceOf(namespace))
        if (store === undefined) throw new NotFound(`no namespace ${quote(namespace ?? '')}`)
        return { json: store }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/stores/chain/{namespace}/{chainId}',
      id: 'chainStore',
      summary: "A chain's store, $.cS",
      access: 'read',
      parameters: [],
      pathParameters: chainParameters,
      schema: 'ChainStore',
      handle: async ({ params: { namespace, chainId = '' } }) => {
        const store = await views.stores.chain(namespaceOf(namespace), chainId)
        if (store === undefined) {
          throw new NotFound(`no chain ${quote(chainId)} in namespace ${quote(namespace ?? '')}; idle chains expire`)
        }
        return { json: store }
      },
    },
  ]
}

function requests(views: Views): Route {
  const path = '/api/v1/requests'
  const slots = { waiting: 0 }
  return {
    method: 'GET',
    path,
    id: 'requests',
    summary: 'Recorded requests, newest first; unmatched ones with their near misses',
    access: 'read',
    parameters: [...requestFilterParameters, waitParameter, ...pageParameters],
    schema: 'RequestPage',
    errors: [503],
    handle: async (call) => {
      const filter = requestFilter(call.query)
      const page = pageRequest(path, call.query)
      const waitMs = call.query.get(waitParameter)
      const list = () => views.requests.list(filter, page)
      if (waitMs === undefined || page.after !== undefined) return { json: listBody(path, await list()) }
      if (slots.waiting >= mostWaiting) {
        throw new HttpProblem(503, 'too-many-waiting', `${mostWaiting} calls are waiting already; try again later`, {
          headers: { 'Retry-After': '1' },
        })
      }
      slots.waiting++
      try {
        return { json: listBody(path, await listOnceMatched(views, filter, call, waitMs, list)) }
      } finally {
        slots.waiting--
      }
    },
  }
}

/** Starts to wait before it looks, so that nothing recorded in between is missed. */
async function listOnceMatched<Found extends { readonly items: readonly unknown[] }>(
  views: Views,
  filter: RequestFilter,
  { signal }: Call,
  waitMs: number,
  list: () => Found | Promise<Found>,
): Promise<Found> {
  const enough = new AbortController()
  const stop = () => enough.abort()
  const timer = setTimeout(stop, waitMs)
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const next = views.requests.next(filter, enough.signal)
    const found = await list()
    if (found.items.length > 0) {
      stop()
      await next
      return found
    }
    await next
    return await list()
  } finally {
    stop()
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
