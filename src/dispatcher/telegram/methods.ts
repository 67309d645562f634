// What a bot is asked besides sending: who it is, what has happened to it, and where updates are to go.

import { classOfError } from '../../delivery/http-answer.js'
import { type Accepted, ask, type Bot, type Refusal } from './bot.js'
import { type Batch, parseUpdates } from './updates.js'

export type Result<Value> = { readonly ok: true; readonly value: Value } | BotFailure

export interface BotFailure {
  readonly ok: false
  readonly reason: FailureReason
  /** For people, without the token. */
  readonly message: string
  readonly retryAfterMs?: number
}

/**
 * `TokenRefused`, `PollerConflict`, `Refused` and `Blocked` (by the network guard) last until somebody mends them;
 * `RateLimited` and `Unavailable` pass.
 */
export type FailureReason = 'TokenRefused' | 'PollerConflict' | 'RateLimited' | 'Refused' | 'Unavailable' | 'Blocked'

interface Call {
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Me {
  readonly id: string
  readonly username: string
}

/** Who the bot is. */
export function getMe(bot: Bot, call: Call): Promise<Result<Me>> {
  return request(bot, 'getMe', {}, call, ({ result }) => {
    const { id, username } = (result ?? {}) as Readonly<Record<string, unknown>>
    return typeof id === 'number' && typeof username === 'string' ? { id: String(id), username } : undefined
  })
}

export interface Window {
  /** The id of the first update that is wanted; those before it are confirmed. */
  readonly offset: number
  /** 1 to 100. */
  readonly limit: number
  /** How long the server waits for something to happen, 0 to 50. */
  readonly timeoutSeconds: number
  readonly username: string | undefined
}

/** `tooLong`: more came than is read of an answer. Ask for fewer; what is too long alone is `first`, to be passed over. */
export type Updates = (Batch & { readonly tooLong?: false }) | { readonly tooLong: true; readonly first: number }

export async function getUpdates(bot: Bot, window: Window, call: Call): Promise<Result<Updates>> {
  const { offset, limit, timeoutSeconds: timeout, username } = window
  const parameters = { offset, limit, timeout, allowed_updates: ['message'] }
  return request<Updates>(
    bot,
    'getUpdates',
    parameters,
    call,
    ({ result }) => parseUpdates(result, username),
    ({ answer: { status, text, truncated } }) => {
      const first = /"update_id"\s*:\s*(\d+)/.exec(text)?.[1]
      return status === 200 && truncated && first !== undefined ? { tooLong: true, first: Number(first) } : undefined
    },
  )
}

export interface WebhookSettings {
  /** https, on port 443, 80, 88 or 8443. */
  readonly url: string
  /** Comes back with every post: letters, digits, - and _, at most 256. */
  readonly secretToken: string
}

/** Has updates posted to a URL; `getUpdates` is then refused. The value is what Telegram says of it. */
export function setWebhook(bot: Bot, { url, secretToken }: WebhookSettings, call: Call): Promise<Result<string>> {
  const parameters = { url, secret_token: secretToken, allowed_updates: ['message'] }
  return request(bot, 'setWebhook', parameters, call, remarkOf)
}

/** Lets `getUpdates` answer again. Updates that wait are kept. */
export function deleteWebhook(bot: Bot, call: Call): Promise<Result<string>> {
  return request(bot, 'deleteWebhook', {}, call, remarkOf)
}

function remarkOf({ result, description }: Accepted): string | undefined {
  return result === true ? (description ?? 'done') : undefined
}

async function request<Value>(
  bot: Bot,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  { signal, now }: Call,
  read: (accepted: Accepted) => Value | undefined,
  readRefusal: (refusal: Refusal) => Value | undefined = () => undefined,
): Promise<Result<Value>> {
  try {
    const reply = await ask(bot, method, parameters, signal, now)
    const value = reply.ok ? read(reply) : readRefusal(reply)
    if (value !== undefined) return { ok: true, value }
    if (!reply.ok) return failureOf(method, reply)
    return { ok: false, reason: 'Refused', message: `${method}: what was answered is not what the method gives` }
  } catch (error) {
    if (signal.aborted) throw error
    const { class: kind, message } = classOfError(error)
    return { ok: false, reason: kind === 'guard' ? 'Blocked' : 'Unavailable', message: `${method}: ${message}` }
  }
}

const reasons: Readonly<Record<number, FailureReason>> = {
  401: 'TokenRefused',
  404: 'TokenRefused',
  409: 'PollerConflict',
  421: 'TokenRefused',
  429: 'RateLimited',
}

function failureOf(method: string, { answer, description, retryAfterMs }: Refusal): BotFailure {
  const { status } = answer
  const reason = reasons[status] ?? (status >= 500 ? 'Unavailable' : 'Refused')
  const what = description ?? `answered ${status}, but not as a Bot API server: is baseUrl right?`
  return {
    ok: false,
    reason,
    message: `${method}: ${what}${status === 409 ? adviceOn(what) : ''}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

const advice: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/webhook is active/i, 'this bot has a webhook somewhere: use a bot of its own here, or delete the webhook'],
  [/other getUpdates/i, 'another program reads the updates of this bot: use a bot of its own for each'],
  [/setWebhook/i, 'somebody has just set a webhook for this bot: use a bot of its own here'],
]

function adviceOn(description: string): string {
  const found = advice.find(([pattern]) => pattern.test(description))
  return found === undefined ? '' : ` (${found[1]})`
}
