// A request that was never sent, as the resolver would see it.

import { bodyOf } from './body.js'
import { locate } from './location.js'
import { headerLists, Request } from './request.js'

export interface AskedRequest {
  readonly method: string
  /** With the query, as a client would send it. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

export async function toRequest(asked: AskedRequest, defaultNamespace: string): Promise<Request> {
  const rawHeaders = asked.headers.flat()
  const single: Record<string, string> = Object.create(null)
  for (const [name, values] of Object.entries(headerLists(rawHeaders))) single[name] = values.join(', ')
  const request = new Request(asked.method.toUpperCase(), locate(asked.path, defaultNamespace), rawHeaders, single)
  if (asked.body !== undefined && asked.body !== '') {
    const bytes = Buffer.from(asked.body)
    request.received = await bodyOf(bytes, bytes, single['content-type'])
  }
  return request
}
