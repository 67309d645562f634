// One HTTP request out of the process: to an address that the guard has checked, without following redirects.

import type { Dispatcher } from 'undici'
import type { Guard } from './guard.js'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent byte for byte from its path on: signed queries must not be written anew. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; of a repeated header the first. */
  readonly headers: Readonly<Record<string, string>>
  /** The beginning of the body, as UTF-8. */
  readonly text: string
  /** There was more of it. */
  readonly truncated: boolean
}

/**
 * Rejects with a `GuardError`, an undici or system error, or the signal's reason. Statuses are never errors, redirects
 * are answers like any other.
 */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

const maxAnswerBytes = 64 * 1024

export function createHttpClient(guard: Pick<Guard, 'check' | 'dispatcher'>): HttpClient {
  return async ({ method, url, headers = {}, body, signal }) => {
    const target = new URL(url)
    guard.check(target)
    return exchange(guard.dispatcher, signal, {
      origin: target.origin,
      path: pathOf(url, target),
      method,
      headers: headers as Record<string, string>,
      body: body === undefined ? null : Buffer.from(body as string),
      // The caller's signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }
}

/** As written, where it can be: what parses a URL may write escapes anew. */
function pathOf(url: string, target: URL): string {
  const written = /^https?:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1] ?? ''
  const path = written.startsWith('/') ? written : `/${written}`
  return /^[\x21-\x7e]*$/.test(path) ? path : target.pathname + target.search
}

function exchange(
  dispatcher: Dispatcher,
  signal: AbortSignal,
  request: Dispatcher.DispatchOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let status = 0
    let headers: Record<string, string> = {}
    let bytes = 0
    const chunks: Buffer[] = []
    let controller: Dispatcher.DispatchController | undefined
    const settle = (done: () => void): void => {
      signal.removeEventListener('abort', abort)
      done()
    }
    const abort = (): void => {
      settle(() => reject(signal.reason))
      controller?.abort(new Error('aborted'))
    }
    const answered = (truncated: boolean): void => {
      const text = Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes)
      settle(() => resolve({ status, headers, text, truncated }))
    }
    signal.addEventListener('abort', abort)
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started
        if (signal.aborted) abort()
      },
      onResponseStart(_, statusCode, received) {
        // An interim answer (1xx) is followed by the real one.
        if (statusCode < 200) return
        status = statusCode
        headers = firstOfEach(received)
      },
      onResponseData(current, chunk) {
        if (bytes > maxAnswerBytes) return
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes <= maxAnswerBytes) return
        answered(true)
        current.abort(new Error('the rest of the answer is not read'))
      },
      onResponseEnd: () => answered(false),
      onResponseError: (_, error) => settle(() => reject(error)),
    })
  })
}

function firstOfEach(received: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(received)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) headers[name.toLowerCase()] = first
  }
  return headers
}
