// The Telegram Bot API: one call, and what its answers have in common. https://core.telegram.org/bots/api

import { parseRetryAfter } from '../../delivery/http-answer.js'
import type { HttpAnswer, HttpClient } from '../../network/http-client.js'
import { jsonObject } from '../channels/answers.js'
import { masking } from '../channels/masking.js'

export interface Bot {
  readonly token: string
  /** Default: Telegram's own. */
  readonly baseUrl?: string | undefined
  readonly http: HttpClient
}

export type Reply = Accepted | Refusal

export interface Accepted {
  readonly ok: true
  readonly result: unknown
  /** A remark of the server's, such as "Webhook is already set". */
  readonly description: string | undefined
  readonly answer: HttpAnswer
}

export interface Refusal {
  readonly ok: false
  readonly answer: HttpAnswer
  /** Undefined: what answered is no Bot API server. */
  readonly description: string | undefined
  readonly retryAfterMs: number | undefined
  /** The group has become a supergroup, and this is its id now. */
  readonly migratedTo: string | undefined
}

const defaultBase = 'https://api.telegram.org'
/** The server refuses longer ones. */
const maxToken = 80

/** What a token has to look like: nothing else can be put into a path and come out whole. */
export function isToken(text: string): boolean {
  return text.length <= maxToken && /^[1-9]\d*:[A-Za-z0-9_-]+$/.test(text)
}

/** The digits of a token. They are no secret, and stay when the token is renewed. */
export function botIdOf(token: string): string {
  return /^\d+/.exec(token)?.[0] ?? ''
}

/** Calls a method. Rejects as `HttpClient` does; a refusal is a reply. The token shows in none. */
export async function ask(
  { token, baseUrl = defaultBase, http }: Bot,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  now: number,
): Promise<Reply> {
  const answer = await masking(http, [token, token.slice(token.indexOf(':') + 1)])({
    method: 'POST',
    url: `${baseUrl.replace(/\/+$/, '')}/bot${token}/${method}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    signal,
  })
  const reply = jsonObject(answer.text)
  const description = typeof reply?.description === 'string' ? reply.description : undefined
  if (answer.status === 200 && reply?.ok === true) return { ok: true, result: reply.result, description, answer }
  const { retry_after: wait, migrate_to_chat_id: migrated } = (reply?.parameters ?? {}) as Readonly<
    Record<string, unknown>
  >
  const header = answer.headers['retry-after']
  return {
    ok: false,
    answer,
    description: reply?.ok === false ? description : undefined,
    retryAfterMs:
      typeof wait === 'number' && wait >= 0
        ? Math.ceil(wait * 1000)
        : header === undefined
          ? undefined
          : parseRetryAfter(header, now),
    migratedTo: typeof migrated === 'number' || typeof migrated === 'string' ? String(migrated) : undefined,
  }
}
