// Slack's Web API: one call, and how it fails. https://docs.slack.dev/apis/web-api/

import type { HttpAnswer, HttpClient } from '../../network/http-client.js'
import type { Outcome } from '../channel-type.js'
import { jsonObject, refused, refusedByStatus, retryAfterOf } from './answers.js'
import { masking } from './masking.js'
import { meaningOf } from './slack-errors.js'

export interface Workspace {
  readonly token: string
  /** Default: Slack's own. */
  readonly baseUrl?: string | undefined
  readonly http: HttpClient
}

type Fields = Readonly<Record<string, unknown>>

export type Reply =
  | { readonly ok: true; readonly body: Fields; readonly answer: HttpAnswer }
  /** `error`: Slack's word; undefined when it was not Slack that answered. */
  | { readonly ok: false; readonly error: string | undefined; readonly body: Fields; readonly answer: HttpAnswer }

/** Rejects as `HttpClient` does. */
export async function call(
  { token, baseUrl = 'https://slack.com', http }: Workspace,
  method: string,
  parameters: { readonly query: Fields } | { readonly json: object },
  signal: AbortSignal,
): Promise<Reply> {
  // The base is given with and without the path of the API.
  const url = `${baseUrl.replace(/(\/api)?\/*$/, '')}/api/${method}`
  const authorization = `Bearer ${token}`
  const request = masking(http, [token])
  const answer =
    'query' in parameters
      ? await request({
          method: 'GET',
          url: `${url}?${new URLSearchParams(parameters.query as Record<string, string>)}`,
          headers: { authorization },
          signal,
        })
      : await request({
          method: 'POST',
          url,
          headers: { authorization, 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(parameters.json),
          signal,
        })
  const body = jsonObject(answer.text) ?? beginningOf(answer)
  if (answer.status === 200 && body.ok === true) return { ok: true, body, answer }
  const error = body.ok === false && typeof body.error === 'string' ? body.error : undefined
  return { ok: false, error, body, answer }
}

/** Slack repeats the whole message, which may be more than is read of an answer. */
function beginningOf({ text, truncated }: HttpAnswer): Fields {
  return truncated && /^\s*\{\s*"ok"\s*:\s*true\s*,/.test(text) ? { ok: true } : {}
}

/** `recipient`: what cannot be used when whom the message is for is gone; undefined: nothing that others need. */
export function refusalOf(
  { error, body, answer }: Extract<Reply, { ok: false }>,
  method: string,
  recipient: 'channel' | 'recipient' | undefined,
  now: number,
): Outcome {
  const { status } = answer
  if (error === undefined || (status !== 200 && status !== 429)) {
    if (status < 200 || status >= 300) return refusedByStatus(answer, now)
    return refused(answer, 'rejected', `${method} answered ${status}, but not as Slack's API does: is baseUrl right?`)
  }
  const { about, ...more } = meaningOf(error)
  const kind = status === 429 ? 'rate_limited' : more.class
  const unusable = about === 'credential' ? 'channel' : about === 'recipient' ? recipient : undefined
  const retryAfterMs = kind === 'rate_limited' ? (retryAfterOf(answer, now) ?? more.retryAfterMs) : undefined
  return refused(answer, kind, `${method}: ${error}${detailsOf(body)}`, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(unusable !== undefined && { unusable }),
  })
}

/** What Slack says besides the error: the missing scope, or what is wrong with a block. */
function detailsOf({ needed, response_metadata: metadata }: Fields): string {
  const { messages } = (metadata ?? {}) as Fields
  const parts = [
    ...(typeof needed === 'string' ? [`add the scope ${needed} to the app and install it again`] : []),
    ...(Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}
