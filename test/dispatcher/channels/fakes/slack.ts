// Slack: the Web API's methods that messages need, and incoming webhooks.

import type { ServerResponse } from 'node:http'
import type { Answering, Received } from '../../../callbacks/receiver.js'

type Fields = Readonly<Record<string, unknown>>

export interface Posted {
  readonly channel: string
  readonly text?: string
  readonly thread_ts?: string
  readonly blocks?: readonly Fields[]
  readonly attachments?: readonly Fields[]
}

/** The Web API: nearly every answer is a 200. */
export class SlackFake {
  readonly token: string
  scopes = ['chat:write', 'im:write', 'users:read.email']
  /** Ids of users by e-mail. */
  readonly users = new Map<string, string>()
  /** What the bot may post to. Conversations that it opens join. */
  readonly channels = new Set<string>()
  readonly posted: Posted[] = []
  /** By their ts, where they were posted. */
  readonly messages = new Map<string, string>()
  /** Answers in place of the next requests, whatever they ask. */
  readonly next: Answering[] = []
  #ts = 0

  constructor(token = 'xoxb-1-2-s3cret') {
    this.token = token
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    const method = /^\/api\/([\w.]+)/.exec(request.url)?.[1]
    if (method === undefined) return res.writeHead(404, { 'content-type': 'text/html' }).end('<html>404</html>')
    const { authorization } = request.headers
    if (authorization === undefined) return word(res, 'not_authed')
    if (authorization !== `Bearer ${this.token}`) return word(res, 'invalid_auth')
    res.setHeader('x-oauth-scopes', this.scopes.join(','))
    return (this.#methods[method] ?? (() => word(res, 'unknown_method')))(request, res)
  }

  readonly #methods: Readonly<Record<string, (request: Received, res: ServerResponse) => void>> = {
    'auth.test': (_, res) =>
      reply(res, {
        ok: true,
        url: 'https://acme.slack.com/',
        team: 'Acme',
        user: 'notify',
        team_id: 'T012',
        user_id: 'U099',
        bot_id: 'B077',
      }),
    // Takes no JSON.
    'users.lookupByEmail': ({ url }, res) => {
      if (this.#lacks('users:read.email', res)) return
      const email = new URL(url, 'http://fake').searchParams.get('email') ?? ''
      const id = this.users.get(email)
      if (id === undefined) word(res, 'users_not_found')
      else reply(res, { ok: true, user: { id, team_id: 'T012', name: 'ann', deleted: false, profile: { email } } })
    },
    'conversations.open': (request, res) => {
      if (this.#lacks('im:write', res)) return
      const { users } = jsonOf(request)
      if (![...this.users.values()].includes(String(users))) return word(res, 'user_not_found')
      const id = `D${users}`
      this.channels.add(id)
      reply(res, { ok: true, no_op: true, already_open: true, channel: { id } })
    },
    'chat.postMessage': (request, res) => {
      if (this.#lacks('chat:write', res)) return
      const message = jsonOf(request) as unknown as Posted
      const problem = this.#problemOf(message)
      if (problem !== undefined) return word(res, ...problem)
      this.#ts += 1
      this.posted.push(message)
      const ts = `1700000001.${String(this.#ts).padStart(6, '0')}`
      this.messages.set(ts, message.channel)
      reply(res, { ok: true, channel: message.channel, ts, message: { type: 'message', text: message.text, ts } })
    },
  }

  #problemOf(message: Posted): [error: string, more?: object] | undefined {
    const { channel } = message
    const isUser = [...this.users.values()].includes(channel)
    if (!this.channels.has(channel) && !isUser) return ['channel_not_found']
    const { thread_ts: thread } = message
    if (thread !== undefined && this.messages.get(thread) !== channel) return ['thread_not_found']
    return problemOf(message)
  }

  #lacks(needed: string, res: ServerResponse): boolean {
    if (this.scopes.includes(needed)) return false
    word(res, 'missing_scope', { needed, provided: this.scopes.join(',') })
    return true
  }
}

/** An incoming webhook: texts, with a status that means something. */
export class SlackWebhookFake {
  readonly path: string
  readonly posted: Fields[] = []
  readonly next: Answering[] = []

  constructor(path = '/services/T000/B000/s3cretXXXXXXXXXXXXXXXX') {
    this.path = path
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    if (request.url !== this.path) return res.writeHead(404, { 'content-type': 'text/plain' }).end('no_service')
    const message = jsonOf(request)
    const [problem] = problemOf(message as unknown as Posted) ?? []
    if (problem !== undefined) return res.writeHead(400, { 'content-type': 'text/plain' }).end(problem)
    this.posted.push(message)
    return res.writeHead(200, { 'content-type': 'text/plain' }).end('ok')
  }
}

/** A failure by the word of the Web API. */
export function word(res: ServerResponse, error: string, more: object = {}): void {
  reply(res, { ok: false, error, ...more })
}

export function ratelimited(seconds: number): Answering {
  return (_, res) => {
    res.writeHead(429, { 'content-type': 'application/json', 'retry-after': String(seconds) })
    res.end('{"ok":false,"error":"ratelimited"}')
  }
}

function reply(res: ServerResponse, body: object): void {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function jsonOf({ headers, body }: Received): Fields {
  if (!headers['content-type']?.startsWith('application/json')) return {}
  return JSON.parse(String(body))
}

function problemOf({ text = '', blocks = [], attachments = [] }: Posted): [error: string, more?: object] | undefined {
  if (text.trim() === '' && blocks.length === 0 && attachments.length === 0) return ['no_text']
  if (text.length > 40_000) return ['msg_too_long']
  if (attachments.length > 100) return ['too_many_attachments']
  const groups = [blocks, ...attachments.map((attachment) => (attachment.blocks ?? []) as readonly Fields[])]
  const messages = groups.flatMap((group) => [
    ...(group.length > 50 ? ['[ERROR] no more than 50 items allowed [json-pointer:/blocks]'] : []),
    ...group.flatMap(problemsOfBlock),
  ])
  return messages.length === 0 ? undefined : ['invalid_blocks', { response_metadata: { messages } }]
}

const longest: Readonly<Record<string, number>> = { header: 150, section: 3000, context: 3000 }

function problemsOfBlock({ type, text, fields, elements }: Fields): readonly string[] {
  const kind = String(type)
  const max = longest[kind]
  if (max === undefined) return [`[ERROR] unsupported type: ${kind} [json-pointer:/blocks/0/type]`]
  const texts = [text, ...((elements ?? []) as unknown[])].filter((one) => one !== undefined)
  const members = (fields ?? []) as readonly unknown[]
  if (texts.length === 0 && members.length === 0) return ['[ERROR] missing required field: text']
  if (members.length > 10) return ['[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/fields]']
  return [
    ...texts.flatMap((one) => problemsOfText(one, max, kind === 'header')),
    ...members.flatMap((one) => problemsOfText(one, 2000, false)),
  ]
}

function problemsOfText(object: unknown, max: number, plainOnly: boolean): readonly string[] {
  const { type, text } = object as { readonly type?: unknown; readonly text?: unknown }
  if (type !== 'plain_text' && (plainOnly || type !== 'mrkdwn')) return ['[ERROR] invalid text type']
  if (typeof text !== 'string' || text.length < 1) return ['[ERROR] must be more than 0 characters']
  return text.length > max ? [`[ERROR] must be less than ${max + 1} characters [json-pointer:/blocks/0/text/text]`] : []
}
