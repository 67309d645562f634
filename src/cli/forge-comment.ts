// What GitHub and GitLab have in common when one comment is kept up to date: it is found by its first line and by who has
// written it. Anybody may write that line; a comment of somebody else's is never touched.

import { setTimeout as sleep } from 'node:timers/promises'

export interface PullRequest {
  /** Without a slash at its end. */
  readonly api: string
  readonly repository: string
  readonly number: string
  readonly token: string
}

export interface CommentOutcome {
  readonly outcome: 'created' | 'updated'
  readonly url: string
}

/** The forge has refused, or cannot be reached. */
export class ForgeError extends Error {
  override readonly name = 'ForgeError'
  /** Undefined when there was no answer. */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

const timeoutMs = 30_000
const attempts = 4
const perPage = 100
/** A pull request with more has other problems. */
const mostPages = 100

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Rejects with `ForgeError`. What can be asked twice is tried again where that may help; nothing is written twice. */
export async function call({ method, url, headers, body }: Call): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(url, {
      method,
      headers: {
        ...headers,
        'User-Agent': 'callboard',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => unreachable(url, error))
    if (!(answer instanceof ForgeError) && answer.ok)
      return answer.json().catch((error) => Promise.reject(unreachable(url, error)))
    const isLate =
      answer instanceof ForgeError
        ? method !== 'POST'
        : answer.status === 429 || (answer.status >= 500 && method !== 'POST')
    if (!isLate || attempt >= attempts) throw answer instanceof ForgeError ? answer : await refused(method, url, answer)
    const wanted = answer instanceof ForgeError ? Number.NaN : Number(answer.headers.get('retry-after') ?? Number.NaN)
    if (!(answer instanceof ForgeError)) await answer.body?.cancel()
    await sleep(Number.isNaN(wanted) ? 500 * 2 ** (attempt - 1) : Math.min(wanted, 60) * 1_000)
  }
}

function unreachable(url: string, error: unknown): ForgeError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return new ForgeError(`${new URL(url).origin} cannot be reached: ${cause instanceof Error ? cause.message : cause}`)
}

async function refused(method: string, url: string, answer: Response): Promise<ForgeError> {
  const said = (await answer.text().catch(() => '')).slice(0, 300).replace(/\s+/g, ' ')
  const advice = answer.status === 401 || answer.status === 403 ? '; may the token write comments?' : ''
  return new ForgeError(
    `${method} ${new URL(url).pathname} was answered ${answer.status}${advice} ${said}`.trim(),
    answer.status,
  )
}

/** All items of a list, page after page. */
export async function* pages(url: string, headers: Call['headers']): AsyncGenerator<unknown> {
  for (let page = 1; page <= mostPages; page += 1) {
    const items = await call({ method: 'GET', url: `${url}?per_page=${perPage}&page=${page}`, headers })
    if (!Array.isArray(items)) throw new ForgeError(`${new URL(url).pathname} is no list`)
    yield* items
    if (items.length < perPage) return
  }
}
