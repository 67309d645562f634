// Discord webhooks. https://docs.discord.com/developers/resources/webhook#execute-webhook

import type { HttpAnswer, HttpClient } from '../../network/http-client.js'
import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { delivered, jsonObject, refused, refusedByStatus, retryAfterOf, unanswered } from './answers.js'
import { discordMessage, maxBody, maxTitle } from './discord-message.js'
import { masking } from './masking.js'

interface DiscordConfig {
  readonly webhookUrl: string
  readonly threadId?: string
  readonly username?: string
  readonly avatarUrl?: string
  readonly baseUrl?: string
}

type Fields = Readonly<Record<string, unknown>>

export const discord: ChannelType<DiscordConfig> = {
  type: 'discord',
  title: 'Discord',
  setup:
    'Channel settings → Integrations → Webhooks → New Webhook: choose the channel, Copy Webhook URL, and put it into webhookUrl.',
  recipients: () => 'channel',
  limits: { title: maxTitle, body: maxBody, unit: 'utf16' },
  send,
  check,
}

async function send(sent: Send<DiscordConfig>): Promise<Outcome> {
  const { config, message, now, signal } = sent
  const webhook = webhookOf(sent)
  if (webhook === undefined) return noWebhook
  const { thread, request } = webhook
  const body = {
    ...discordMessage(message),
    ...(config.username !== undefined && { username: config.username }),
    ...(config.avatarUrl !== undefined && { avatar_url: config.avatarUrl }),
  }
  try {
    // Without `wait` a message that is not kept would be reported as taken.
    const query = `?wait=true${thread === undefined ? '' : `&thread_id=${encodeURIComponent(thread)}`}`
    const answer = await request('POST', query, JSON.stringify(body), signal)
    if (!isTaken(answer)) return failed(answer, now())
    const restMs = restOf(answer)
    return { ...delivered(answer), ...(restMs !== undefined && { retryAfterMs: restMs }) }
  } catch (error) {
    return unanswered(error, signal)
  }
}

async function check(context: SendContext<DiscordConfig>): Promise<Outcome> {
  const webhook = webhookOf(context)
  if (webhook === undefined) return noWebhook
  try {
    const answer = await webhook.request('GET', '', undefined, context.signal)
    const isKnown = answer.status === 200 && typeof jsonObject(answer.text)?.id === 'string'
    // The answer repeats the token.
    return isKnown ? { ok: true, status: 200 } : failed(answer, context.now())
  } catch (error) {
    return unanswered(error, context.signal)
  }
}

const noWebhook: Outcome = {
  ok: false,
  class: 'rejected',
  message: 'webhookUrl is no URL of a Discord webhook: https://discord.com/api/webhooks/<id>/<token>',
  unusable: 'channel',
}

const version = 'v10'
const ownHost = /^(https?:\/\/)(?:(?:canary|ptb)\.)?discord(?:app)?\.com$/i
const pasted =
  /^(https?:\/\/[^/?#]+)((?:\/[^/?#]+)*?)(?:\/api)?(?:\/v\d+)?\/webhooks\/(\d+)\/([\w.-]+)(?:\/(?:slack|github))?\/?(?:\?([^#]*))?(?:#.*)?$/i

interface Webhook {
  readonly thread: string | undefined
  request(method: 'GET' | 'POST', query: string, body: string | undefined, signal: AbortSignal): Promise<HttpAnswer>
}

/** The webhook that was pasted, in the version that is spoken here. */
function webhookOf({ config, http, userAgent }: SendContext<DiscordConfig>): Webhook | undefined {
  const [, origin = '', path = '', id, token, query] = pasted.exec(config.webhookUrl.trim()) ?? []
  if (id === undefined || token === undefined) return undefined
  const own = ownHost.test(origin) ? 'https://discord.com' : origin + path
  const base = config.baseUrl?.replace(/(\/api(\/v\d+)?)?\/*$/, '') ?? own
  const url = `${base}/api/${version}/webhooks/${id}/${token}`
  const hidden: HttpClient = masking(http, [token])
  return {
    thread: config.threadId ?? new URLSearchParams(query).get('thread_id') ?? undefined,
    request: (method, suffix, body, signal) =>
      hidden({
        method,
        url: url + suffix,
        headers: {
          // Others are kept out before Discord sees them.
          'user-agent': `DiscordBot (https://www.npmjs.com/package/callboard, ${userAgent.split('/')[1] ?? '0'})`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        signal,
      }),
  }
}

/** The message, of which more may come than is read; or nothing, where a proxy keeps `wait` to itself. */
function isTaken({ status, text, truncated }: HttpAnswer): boolean {
  if (status === 204) return true
  return status === 200 && (truncated ? text.startsWith('{') : typeof jsonObject(text)?.id === 'string')
}

/** The bucket is empty: the next message would be refused. */
function restOf({ headers }: HttpAnswer): number | undefined {
  return headers['x-ratelimit-remaining'] === '0' ? milliseconds(headers['x-ratelimit-reset-after']) : undefined
}

function milliseconds(seconds: unknown): number | undefined {
  const value = typeof seconds === 'string' && seconds !== '' ? Number(seconds) : seconds
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? Math.ceil(value * 1000) : undefined
}

const blocked = 40333

function failed(answer: HttpAnswer, now: number): Outcome {
  const { status, headers } = answer
  const reply = jsonObject(answer.text)
  if (status === 429) {
    const retryAfterMs =
      milliseconds(reply?.retry_after) ?? retryAfterOf(answer, now) ?? milliseconds(headers['x-ratelimit-reset-after'])
    const what = reply?.global === true || headers['x-ratelimit-global'] === 'true' ? 'all requests' : 'this webhook'
    return refused(answer, 'rate_limited', `Discord limits ${what}`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
  if (status >= 200 && status < 300) {
    return refused(answer, 'rejected', `answered ${status} without a message: is this the URL of a webhook?`)
  }
  const outcome = refusedByStatus(answer, now)
  if (typeof reply?.message !== 'string') return outcome
  const problems = problemsOf(reply.errors)
  const code = typeof reply.code === 'number' ? ` (${reply.code})` : ''
  const hint = reply.code === blocked ? '; what is in between lets this program not through' : ''
  const message = `answered ${status}: ${[`${reply.message}${code}`, ...problems].join('; ')}${hint}`
  return { ...outcome, message } as Outcome
}

const maxProblems = 5

/** `errors` is nested as the message is: what is wrong, and where. */
function problemsOf(errors: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof errors !== 'object' || errors === null || path.length > 10) return []
  const { _errors: own, ...members } = errors as Fields
  const here = Array.isArray(own)
    ? own.map((one: Fields | null) => `${path.join('.') || 'message'}: ${String(one?.message ?? one?.code)}`)
    : []
  const below = Object.entries(members).flatMap(([name, member]) => problemsOf(member, [...path, name]))
  return [...here, ...below].slice(0, maxProblems)
}
