import { parseMoment, quote, wantedMoment } from './parameter.js'
import { BadRequest } from './problem-details.js'
import type { RequestFilter, RequestSummary, RequestsView } from './views.js'

/** What is expected of the recorded requests. Without a number: at least once. */
export interface VerifyRequest {
  readonly method?: string
  readonly path?: string
  readonly namespace?: string
  readonly mock?: string
  readonly status?: string | number
  readonly matched?: boolean
  readonly since?: string
  readonly times?: number
  readonly atLeast?: number
  readonly atMost?: number
}

export interface VerifyResult {
  /** Null when the journal no longer holds enough to say. */
  readonly verified: boolean | null
  readonly count: number
  readonly complete: boolean
  readonly message: string
  readonly requests: readonly RequestSummary[]
  readonly unmatched: readonly RequestSummary[]
}

/** How many requests are shown beside the verdict. */
const shown = 5

export async function verify(requests: RequestsView, wanted: VerifyRequest, now: () => Date): Promise<VerifyResult> {
  const { least, most } = expectation(wanted)
  const filter = filterOf(wanted, now)
  const { count, complete } = await requests.count(filter)
  const matching = await requests.list(filter, { limit: shown })
  const namespaceOnly = filter.namespace === undefined ? {} : { namespace: filter.namespace }
  const missing = count === 0 && least > 0
  const unmatched = missing
    ? await requests.list({ ...namespaceOnly, matched: false }, { limit: shown })
    : { items: [] }
  const verified = verdict(count, least, most, complete)
  return {
    verified,
    count,
    complete,
    message: describe(wanted, verified, count, least, most),
    requests: matching.items,
    unmatched: unmatched.items,
  }
}

/** Evicted requests can only add to the count: too many stays too many, and enough stays enough. */
function verdict(count: number, least: number, most: number, complete: boolean): boolean | null {
  if (count > most) return false
  if (complete) return count >= least
  return count >= least && most === Number.POSITIVE_INFINITY ? true : null
}

function expectation({ times, atLeast, atMost }: VerifyRequest): { least: number; most: number } {
  if (times !== undefined) {
    if (atLeast !== undefined || atMost !== undefined) {
      throw new BadRequest('times', 'cannot stand beside atLeast or atMost; use one or the other')
    }
    return { least: times, most: times }
  }
  if (atLeast === undefined && atMost === undefined) return { least: 1, most: Number.POSITIVE_INFINITY }
  const least = atLeast ?? 0
  const most = atMost ?? Number.POSITIVE_INFINITY
  if (least > most) throw new BadRequest('atLeast', `${least} is more than atMost ${most}`)
  return { least, most }
}

function filterOf(wanted: VerifyRequest, now: () => Date): RequestFilter {
  const { method, path, namespace, mock, status, matched, since } = wanted
  return {
    ...(method === undefined ? {} : { method: parseMethod(method) }),
    ...(path === undefined ? {} : { path: parsePath(path) }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(mock === undefined ? {} : { mock }),
    ...(status === undefined ? {} : { status: String(status) }),
    ...(matched === undefined ? {} : { matched }),
    ...(since === undefined ? {} : { since: momentOf(since, now) }),
  }
}

export function parseMethod(text: string): string {
  if (!/^[A-Za-z][A-Za-z-]{0,30}$/.test(text)) throw new BadRequest('method', `${quote(text)} is not an HTTP method`)
  return text.toUpperCase()
}

export function parsePath(text: string): string {
  if (!/^[/*]/.test(text)) throw new BadRequest('path', `${quote(text)} does not start with /`)
  if (/[?#]/.test(text))
    throw new BadRequest('path', `${quote(text)} has a query; leave it out, the path alone is compared`)
  return text
}

function momentOf(text: string, now: () => Date): Date {
  const moment = parseMoment(text, now)
  if (moment === undefined) throw new BadRequest('since', `${quote(text)} is not ${wantedMoment}`)
  return moment
}

function describe(
  { method, path, mock, namespace }: VerifyRequest,
  verified: boolean | null,
  count: number,
  least: number,
  most: number,
): string {
  const what = [method?.toUpperCase(), path, mock && `of mock ${mock}`, namespace && `in namespace ${namespace}`]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
  const subject = what === '' ? 'any request' : what
  const found = `${subject}: expected ${range(least, most)}, found ${times(count)}`
  return verified === null ? `${found}, but the journal has dropped older requests; reset before the test run` : found
}

function range(least: number, most: number): string {
  if (least === most) return least === 0 ? 'none' : `exactly ${times(least)}`
  if (most === Number.POSITIVE_INFINITY) return `at least ${times(least)}`
  return least === 0 ? `at most ${times(most)}` : `${least} to ${times(most)}`
}

const times = (count: number): string => (count === 1 ? '1 time' : `${count} times`)
