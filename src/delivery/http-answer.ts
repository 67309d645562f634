// What an HTTP answer means for a delivery.

import type { ErrorClass } from '../store/delivery.js'

/** `undefined`: it was taken. */
export function classOfStatus(status: number): ErrorClass | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status >= 500) return 'server'
  switch (status) {
    case 401:
    case 403:
    case 407:
      return 'auth'
    case 404:
    case 410:
      return 'gone'
    case 408:
      return 'timeout'
    case 429:
      return 'rate_limited'
    default:
      return 'rejected'
  }
}

/** RFC 9110 10.2.3: seconds, or a date. `undefined` for anything else. */
export function parseRetryAfter(text: string, now: number): number | undefined {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000)
  // RFC 9110 5.6.7; Date.parse alone would also read "5 apples".
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(trimmed)) return undefined
  // The old form of asctime names no zone, and means UTC.
  const date = Date.parse(/GMT|[+-]\d{4}$/.test(trimmed) ? trimmed : `${trimmed} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
/** A request that can never be sent as it is. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'ERR_INVALID_URL'])

/** What kept a request from being answered. */
export function classOfError(error: unknown): { readonly class: ErrorClass; readonly message: string } {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'GuardError') return { class: 'guard', message: cause.message }
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) continue
    if (timeouts.has(code)) return { class: 'timeout', message: describe(cause, code) }
    if (unsendable.has(code)) return { class: 'template', message: describe(cause, code) }
  }
  const first = firstOf(error)
  return { class: 'network', message: describe(first, (first as NodeJS.ErrnoException | undefined)?.code) }
}

/** Connecting to several addresses fails with all their errors; one of them says enough. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
}

function describe(error: unknown, code: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error)
  if (code === undefined || message.includes(code)) return message
  return message === '' ? code : `${message} (${code})`
}
