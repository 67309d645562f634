// What HTTP answers mean where a vendor says nothing else.

import { classOfError, classOfStatus, parseRetryAfter } from '../../delivery/http-answer.js'
import type { HttpAnswer } from '../../network/http-client.js'
import type { Outcome } from '../channel-type.js'

type Failure = Extract<Outcome, { ok: false }>

const maxRecordedLength = 2000

export function delivered({ status, text }: Pick<HttpAnswer, 'status' | 'text'>): Outcome {
  return { ok: true, status, ...(text !== '' && { response: text.slice(0, maxRecordedLength) }) }
}

/** `message` says for people what went wrong, without secrets. */
export function refused(
  { status, text }: Pick<HttpAnswer, 'status' | 'text'>,
  kind: Failure['class'],
  message: string,
  more: Pick<Failure, 'retryAfterMs' | 'isNarrow' | 'unusable'> = {},
): Outcome {
  return {
    ok: false,
    class: kind,
    message,
    status,
    ...(text !== '' && { response: text.slice(0, maxRecordedLength) }),
    ...more,
  }
}

/** By the status alone, with `Retry-After` in seconds or as a date. 2xx is not for it. */
export function refusedByStatus(answer: HttpAnswer, now: number): Outcome {
  const { status, headers } = answer
  const kind = classOfStatus(status) ?? 'rejected'
  const location = headers.location === undefined ? '' : '; redirects are not followed'
  const retryAfterMs = retryAfterOf(answer, now)
  return refused(answer, kind, `answered ${status}${location}`, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...((kind === 'gone' || kind === 'auth') && { unusable: 'channel' }),
  })
}

/** What the header says, in milliseconds. */
export function retryAfterOf({ headers }: Pick<HttpAnswer, 'headers'>, now: number): number | undefined {
  const wait = headers['retry-after']
  return wait === undefined ? undefined : parseRetryAfter(wait, now)
}

/** Why there was no answer at all. Rethrows when the attempt was aborted. */
export function unanswered(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) throw error
  const { class: kind, message } = classOfError(error)
  return { ok: false, class: kind, message }
}

/** A JSON object, or undefined when the text is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
