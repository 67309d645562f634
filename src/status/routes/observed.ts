import { listBody } from '../paging.js'
import { quote } from '../parameter.js'
import { NotFound } from '../problem-details.js'
import { namespaceOf, pageParameters, pageRequest, type Route } from '../route.js'
import type { Views } from '../views.js'
import { WaitingCalls, waitParameter } from '../waiting.js'
import { requestFilter, requestFilterParameters } from './request-parameters.js'

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
  const waiting = new WaitingCalls()
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
      const next = (signal: AbortSignal) => views.requests.next(filter, signal)
      return { json: listBody(path, await waiting.first(waitMs, call.signal, next, list)) }
    },
  }
}
