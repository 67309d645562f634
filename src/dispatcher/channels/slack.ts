// Slack, by an app's bot or by an incoming webhook. https://docs.slack.dev/messaging/

import { createHash } from 'node:crypto'
import type { HttpAnswer } from '../../network/http-client.js'
import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { delivered, jsonObject, refused, refusedByStatus, retryAfterOf, unanswered } from './answers.js'
import { masking } from './masking.js'
import { call, type Reply, refusalOf, type Workspace } from './slack-api.js'
import { meaningOf } from './slack-errors.js'
import { maxBody, maxTitle, slackMessage } from './slack-message.js'
import { onBase, pathSecrets, problemOf } from './webhook-url.js'

interface SlackConfig {
  readonly botToken?: string
  readonly channel?: string
  readonly webhookUrl?: string
  readonly baseUrl?: string
}

export const slack: ChannelType<SlackConfig> = {
  type: 'slack',
  title: 'Slack',
  setup:
    'api.slack.com/apps → Create New App. For messages to people or several channels: OAuth & Permissions → Bot Token Scopes chat:write, im:write and users:read.email → Install; copy the Bot User OAuth Token into botToken, and invite the bot to the channel if one is declared. For one channel: Incoming Webhooks → Add New Webhook; copy the URL into webhookUrl.',
  recipients: ({ webhookUrl, channel }) =>
    webhookUrl === undefined && channel === undefined ? ['email', 'userId'] : 'channel',
  limits: { title: maxTitle, body: maxBody, unit: 'utf16' },
  // One a second to a channel; short bursts are tolerated.
  rate: { count: 10, perMs: 10_000 },
  async send(sent) {
    try {
      const { webhookUrl } = sent.config
      return await (webhookUrl === undefined ? byBot(sent) : byWebhook(sent, webhookUrl))
    } catch (error) {
      return unanswered(error, sent.signal)
    }
  },
  async check(context) {
    try {
      const { webhookUrl } = context.config
      return await (webhookUrl === undefined ? checkBot(context) : checkWebhook(context, webhookUrl))
    } catch (error) {
      return unanswered(error, context.signal)
    }
  },
}

function workspaceOf({ config, http }: SendContext<SlackConfig>): Workspace {
  return { token: config.botToken ?? '', baseUrl: config.baseUrl, http }
}

/** Conversations are the bot's own: another token, another bot. Nothing shows of the token. */
function bookOf({ config }: SendContext<SlackConfig>): string {
  return `slack:${createHash('sha256')
    .update(config.botToken ?? '')
    .digest('hex')
    .slice(0, 16)}`
}

async function byBot(sent: Send<SlackConfig>): Promise<Outcome> {
  const { config, override, recipient } = sent
  if (sent.thread !== undefined) {
    const outcome = await inThread(sent, sent.thread)
    if (outcome !== undefined) return outcome
  }
  // One event's own channel says nothing of the others.
  if (override.channel !== undefined) return answerTo(sent, await post(sent, override.channel), undefined)
  if (config.channel !== undefined) return answerTo(sent, await post(sent, config.channel), 'channel')
  const person = recipient.userId ?? recipient.email
  if (person !== undefined) return toPerson(sent, person)
  const message = 'neither an e-mail address nor a user id is known for this person'
  return { ok: false, class: 'gone', message, unusable: 'recipient' }
}

async function toPerson(sent: Send<SlackConfig>, person: string): Promise<Outcome> {
  const { addresses, now } = sent
  const book = bookOf(sent)
  const known = addresses.find(book, person)
  if (known !== undefined) {
    const reply = await post(sent, known)
    if (reply.ok || meaningOf(reply.error ?? '').about !== 'recipient') return answerTo(sent, reply, 'recipient')
    // What was learned no longer holds, such as an account that was made anew.
    addresses.forget(book, person)
  }
  const found = await conversationWith(sent)
  if ('refusal' in found) return refusalOf(found.refusal, found.method, 'recipient', now())
  const reply = await post(sent, found.id)
  if (reply.ok) addresses.learn(book, person, found.id)
  return answerTo(sent, reply, 'recipient')
}

type Found = { readonly id: string } | { readonly refusal: Extract<Reply, { ok: false }>; readonly method: string }

async function conversationWith(sent: Send<SlackConfig>): Promise<Found> {
  const { recipient, signal } = sent
  const workspace = workspaceOf(sent)
  let user = recipient.userId
  if (user === undefined) {
    const method = 'users.lookupByEmail'
    const reply = await call(workspace, method, { query: { email: recipient.email } }, signal)
    const id = reply.ok ? fieldOf(reply.body.user, 'id') : undefined
    if (!reply.ok || id === undefined) return { refusal: notOk(reply), method }
    user = id
  }
  const method = 'conversations.open'
  const reply = await call(workspace, method, { json: { users: user } }, signal)
  // A user's id will do for a bot that may write, but not open conversations.
  if (!reply.ok && reply.error === 'missing_scope') return { id: user }
  const id = reply.ok ? fieldOf(reply.body.channel, 'id') : undefined
  return !reply.ok || id === undefined ? { refusal: notOk(reply), method } : { id }
}

/** Also what says that all is well, but not what was asked for. */
function notOk(reply: Reply): Extract<Reply, { ok: false }> {
  return reply.ok ? { ...reply, ok: false, error: undefined } : reply
}

function fieldOf(object: unknown, name: string): string | undefined {
  const value = ((object ?? {}) as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const postMessage = 'chat.postMessage'

function post(sent: Send<SlackConfig>, channel: string): Promise<Reply> {
  return call(workspaceOf(sent), postMessage, { json: { channel, ...slackMessage(sent.message) } }, sent.signal)
}

/** `C012 1700000001.000100`: the conversation and the message in it. */
function threadOf(reply: Reply): string | undefined {
  const channel = reply.ok ? fieldOf(reply.body, 'channel') : undefined
  const ts = reply.ok ? fieldOf(reply.body, 'ts') : undefined
  return channel === undefined || ts === undefined ? undefined : `${channel} ${ts}`
}

/** An answer to an earlier message; undefined when that is not there any more, and it has to stand by itself. */
async function inThread(sent: Send<SlackConfig>, thread: string): Promise<Outcome | undefined> {
  const [channel, ts] = thread.split(' ')
  const json = { channel, thread_ts: ts, ...slackMessage(sent.message) }
  const reply = await call(workspaceOf(sent), postMessage, { json }, sent.signal)
  const isGone = !reply.ok && (threadGone.has(reply.error ?? '') || meaningOf(reply.error ?? '').about === 'recipient')
  return isGone ? undefined : answerTo(sent, reply, undefined)
}

const threadGone: ReadonlySet<string> = new Set(['invalid_thread_ts', 'thread_not_found', 'cannot_reply_to_message'])

function answerTo({ now }: Send<SlackConfig>, reply: Reply, recipient: 'channel' | 'recipient' | undefined): Outcome {
  const thread = threadOf(reply)
  return reply.ok
    ? { ...delivered(reply.answer), ...(thread !== undefined && { thread }) }
    : refusalOf(reply, postMessage, recipient, now())
}

const scopes = ['chat:write']
const scopesForPeople = [...scopes, 'users:read.email']

async function checkBot(context: SendContext<SlackConfig>): Promise<Outcome> {
  const reply = await call(workspaceOf(context), 'auth.test', { json: {} }, context.signal)
  if (!reply.ok) return refusalOf(reply, 'auth.test', 'channel', context.now())
  const granted = reply.answer.headers['x-oauth-scopes']?.split(/\s*,\s*/)
  const wanted = context.config.channel === undefined ? scopesForPeople : scopes
  const missing = granted === undefined ? [] : wanted.filter((scope) => !granted.includes(scope))
  if (missing.length === 0) return delivered(reply.answer)
  return refused(reply.answer, 'auth', `the app has no scope ${missing.join(', ')}: add it and install the app again`)
}

function hook({ config, http, signal }: SendContext<SlackConfig>, webhookUrl: string, body: object) {
  return masking(
    http,
    pathSecrets(webhookUrl),
  )({
    method: 'POST',
    url: onBase(webhookUrl, config.baseUrl),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })
}

async function byWebhook(sent: Send<SlackConfig>, webhookUrl: string): Promise<Outcome> {
  const problem = problemOf(webhookUrl)
  if (problem !== undefined) return problem
  const { config, override, message, now } = sent
  const channel = override.channel ?? config.channel
  const answer = await hook(sent, webhookUrl, { ...(channel !== undefined && { channel }), ...slackMessage(message) })
  if (answer.status === 200 && answer.text.trim() === 'ok') return delivered(answer)
  const outcome = refusedByHook(answer, now())
  const isOfOneEvent = override.channel !== undefined && /^(channel|user)_/.test(answer.text)
  return isOfOneEvent ? withoutUnusable(outcome) : outcome
}

/** One event's own channel says nothing of the others. */
function withoutUnusable({ unusable: _, ...outcome }: Outcome): Outcome {
  return outcome
}

/** A live webhook refuses an empty text, and posts nothing; a dead one says that it is dead. */
async function checkWebhook(context: SendContext<SlackConfig>, webhookUrl: string): Promise<Outcome> {
  const problem = problemOf(webhookUrl)
  if (problem !== undefined) return problem
  const answer = await hook(context, webhookUrl, { text: '' })
  const isAlive = answer.status === 400 && /^(no_text|invalid_payload|missing_text)/.test(answer.text.trim())
  return isAlive ? delivered(answer) : refusedByHook(answer, context.now())
}

/** By the status: the words that come with it are listed nowhere in full. */
function refusedByHook(answer: HttpAnswer, now: number): Outcome {
  const { status, text } = answer
  if (status >= 200 && status < 300) {
    const message = `answered ${status}, but not "ok": is this the URL of an incoming webhook?`
    return refused(answer, 'rejected', message)
  }
  const reply = jsonObject(text)
  const word = typeof reply?.error === 'string' ? reply.error : /^[a-z_]{1,100}$/.exec(text.trim())?.[0]
  const wait = reply?.retry_after
  const retryAfterMs = retryAfterOf(answer, now) ?? (typeof wait === 'number' ? Math.ceil(wait * 1000) : undefined)
  return {
    ...refusedByStatus(answer, now),
    ...(word !== undefined && { message: `answered ${status}: ${word}` }),
    ...(status === 429 && retryAfterMs !== undefined && { retryAfterMs }),
  } as Outcome
}
