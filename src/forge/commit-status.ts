// The transport of commit statuses: one request to the Git host's API, with the token as it is at that moment.

import { classOfError, classOfStatus, parseRetryAfter } from '../delivery/http-answer.js'
import { type SecretReference, type SecretSources, Secrets, SecretUnusable } from '../delivery/secrets.js'
import type { Admission, AttemptSignal, Failure, Outcome, Transport } from '../delivery/transport.js'
import type { Json } from '../expression/json.js'
import { headerValue } from '../network/header-value.js'
import type { HttpAnswer, HttpClient } from '../network/http-client.js'
import type { Delivery } from '../store/delivery.js'
import type { CommitStatus, StatusRequest, StatusType } from './status.js'

/** `Delivery.transport` of commit statuses. */
export const commitStatus = 'commit-status'
/** `Delivery.kind` of them. */
export const statusKind = 'status'

/** `Delivery.payload` of this transport: all but the token. */
export interface StatusPayload extends CommitStatus {
  readonly type: string
  readonly api: string
  /** Counts the statuses of one commit. */
  readonly number: number
}

/** Where statuses go by the settings. */
export interface StatusTarget {
  readonly type: StatusType
  readonly api: string
  readonly repository: string
  readonly context: string
  readonly token: SecretReference
  readonly username?: string
}

export interface CommitStatusOptions extends SecretSources {
  /** Undefined while the settings name none. */
  readonly target: StatusTarget | undefined
  readonly http: HttpClient
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly userAgent: string
  /** The number of the newest status of a commit. */
  readonly newest: (sha: string) => number | undefined
}

const maxRecordedLength = 2000
/** Deliveries that are known to have failed before. */
const mostFailed = 1000

export function payloadOf({ payload }: Pick<Delivery, 'payload'>): StatusPayload {
  return payload as unknown as StatusPayload
}

/** What one gate stands before: callbacks to the same host have one of their own. */
export function targetOf(api: string): string {
  return `${commitStatus}:${URL.canParse(api) ? new URL(api).origin : api.slice(0, 100)}`
}

export function createCommitStatusTransport(options: CommitStatusOptions): Transport {
  const { target, newest } = options
  const failed = new Set<string>()

  function admit(delivery: Delivery): Admission {
    const { type, api, sha, number } = payloadOf(delivery)
    if (target === undefined) return { go: false, cancel: 'commit_status_off' }
    // The token is not shown to a host that it is not for.
    if (type !== target.type.type || api !== target.api) return { go: false, cancel: 'commit_status_changed' }
    // What could not be said in time need not be said before what has come of it.
    if (failed.has(delivery.id) && (newest(sha) ?? 0) > number) {
      failed.delete(delivery.id)
      return { go: false, cancel: 'superseded' }
    }
    return { go: true }
  }

  async function send(delivery: Delivery, signal: AttemptSignal): Promise<Outcome> {
    if (target === undefined) return failure('rejected', 'commitStatus has no type in the settings any more')
    const outcome = await post(payloadOf(delivery), target, signal, options)
    failed.delete(delivery.id)
    if (!outcome.ok) {
      if (failed.size >= mostFailed) failed.clear()
      failed.add(delivery.id)
    }
    return outcome
  }

  return { admit, send }
}

async function post(
  payload: StatusPayload,
  { type, token: reference, username }: StatusTarget,
  signal: AttemptSignal,
  options: CommitStatusOptions,
): Promise<Outcome> {
  const secrets = new Secrets(options)
  let token: string
  try {
    token = await secrets.resolve(reference)
  } catch (error) {
    if (error instanceof SecretUnusable) return failure('auth', error.message)
    throw error
  }
  const access = { api: payload.api, token, ...(username !== undefined && { username }) }
  // The two are one text on the wire, which may be repeated in an answer.
  if (username !== undefined) secrets.hide(Buffer.from(`${username}:${token}`).toString('base64'))
  const { signal: cut, release } = toAbortSignal(signal)
  try {
    const answer = await options.http({ ...toHttp(type.request(payload, access), access.api, options), signal: cut })
    return outcomeOf(answer, payload, type, secrets, options.now())
  } catch (error) {
    if (cut.aborted) throw error
    const { class: kind, message } = classOfError(error)
    return failure(kind, secrets.redact(message))
  } finally {
    release()
  }
}

function toHttp({ path, headers, body }: StatusRequest, api: string, { userAgent }: CommitStatusOptions) {
  const safe = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerValue(value)]))
  return {
    method: 'POST',
    url: api + path,
    headers: { accept: 'application/json', ...safe, 'content-type': 'application/json', 'user-agent': userAgent },
    body: JSON.stringify(body),
  } as const
}

const advice: Readonly<Record<number, string>> = {
  401: 'the token is not accepted; see commitStatus.token in the settings',
  403: 'the token may not set commit statuses here; see commitStatus.token in the settings',
  404: 'the repository or the commit is not there for this token; see commitStatus.repository in the settings',
}

/** A commit or repository that is not there now is not there later: only what may pass by itself is tried again. */
function outcomeOf(
  answer: HttpAnswer,
  payload: StatusPayload,
  type: StatusType,
  secrets: Secrets,
  now: number,
): Outcome {
  const { status, text } = answer
  const response = secrets.redact(text).slice(0, maxRecordedLength)
  const answered = { status, ...(response !== '' && { response }) }
  const kind = classOfStatus(status)
  if (kind === undefined || type.isThere?.(answer, payload) === true) return { ok: true, ...answered }
  const own = type.failureOf?.(answer, now)
  if (own !== undefined) return { ...own, ...answered }
  const asked = answer.headers['retry-after']
  const retryAfterMs = asked === undefined ? undefined : parseRetryAfter(asked, now)
  const moved = status >= 300 && status < 400 ? 'redirects are not followed; has the repository moved?' : undefined
  const said = advice[status] ?? moved
  return {
    ...failure(kind === 'gone' ? 'rejected' : kind, `answered ${status}${said === undefined ? '' : `: ${said}`}`),
    ...answered,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

function failure(kind: Failure['class'], message: string): Failure {
  return { ok: false, class: kind, message }
}

function toAbortSignal(signal: AttemptSignal): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', abort) }
}

/** What is sent, for people. */
export function showStatus(payload: Json, types: ReadonlyMap<string, StatusType>) {
  const status = payload as unknown as StatusPayload
  const request = types.get(status.type)?.request(status, { api: status.api, token: '' })
  return {
    method: 'POST',
    url: status.api + (request?.path ?? ''),
    address: { repository: status.repository, commit: status.sha, context: status.context },
    headers: {},
    body: request === undefined ? null : JSON.stringify(request.body),
    encoding: 'utf8',
    truncated: false,
  } as const
}
