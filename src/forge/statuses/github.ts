// https://docs.github.com/rest/commits/statuses

import { parseRetryAfter } from '../../delivery/http-answer.js'
import type { Failure } from '../../delivery/transport.js'
import type { HttpAnswer } from '../../network/http-client.js'
import { escapedPath, given, ownerAndName, type StatusType, shortened } from '../status.js'

const maxDescription = 140

export const github: StatusType = {
  type: 'github',
  title: 'GitHub',
  maxDescription,
  apiOf: ({ protocol, host }) => (host === 'github.com' ? 'https://api.github.com' : `${protocol}//${host}/api/v3`),
  misnamed: ownerAndName,
  request: ({ repository, sha, state, description, context, targetUrl }, { token }) => ({
    path: `/repos/${escapedPath(repository)}/statuses/${sha}`,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    },
    body: given({ state, target_url: targetUrl, description: shortened(description, maxDescription), context }),
  }),
  failureOf,
}

/** Its limits are told by 403 as well as by 429: after a while, or at a time. */
function failureOf({ status, headers }: HttpAnswer, now: number): Failure | undefined {
  if (status !== 403 && status !== 429) return undefined
  const wait = headers['retry-after']
  const reset = Number(headers['x-ratelimit-reset'])
  const isSpent = headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset)
  if (wait === undefined && !isSpent && status === 403) return undefined
  const asked = wait === undefined ? undefined : parseRetryAfter(wait, now)
  const retryAfterMs = asked ?? (isSpent ? Math.max(0, reset * 1000 - now) : undefined)
  return {
    ok: false,
    class: 'rate_limited',
    message: 'GitHub limits how often it may be asked',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}
