// Telegram's Bot API as its server's code has it: methods, checks, texts of errors, and the queue of updates.

import type { ServerResponse } from 'node:http'
import type { Answering, Received } from '../../../callbacks/receiver.js'

export interface Chat {
  readonly type: 'private' | 'group' | 'supergroup' | 'channel'
  /** `migrated`: to that id. */
  readonly state?: 'blocked' | 'kicked' | 'deactivated' | 'muted' | { readonly migrated: number }
}

export interface SentText {
  readonly chat_id: string
  readonly text: string
  readonly parse_mode?: string
}

type Parameters = Readonly<Record<string, unknown>>
type Refusal = [code: number, description: string, parameters?: object]
type Method = (parameters: Parameters, res: ServerResponse) => void

export class TelegramFake {
  readonly token: string
  readonly username: string
  /** What was delivered. */
  readonly sent: SentText[] = []
  readonly chats = new Map<string, Chat>()
  webhook: { readonly url: string; readonly secret_token?: string } | undefined
  /** Answers in place of the next requests, whatever they ask. */
  readonly next: Answering[] = []
  /** Called when a request for updates has begun to wait. */
  onWaiting: () => void = () => {}
  #updates: { readonly update_id: number }[] = []
  #updateId = 5000
  #messageId = 98
  #waiting: { readonly res: ServerResponse; readonly limit: number } | undefined

  constructor(token = '123456789:s3cretABCDEF-_0123456789', username = 'notify_bot') {
    this.token = token
    this.username = username
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    if (scripted !== undefined) return scripted(request, res, req)
    const [, token, method] = /^\/bot([^/]*)\/([^/?]*)/.exec(request.url) ?? []
    if (token === undefined || method === undefined) return refuse(res, 404, 'Not Found')
    if (token.startsWith('0') || token.length > 80 || !token.includes(':')) {
      return refuse(res, 401, 'Unauthorized: invalid token specified')
    }
    if (token !== this.token) return refuse(res, 401, 'Unauthorized')
    const handler = this.#methods[method.toLowerCase()]
    return handler === undefined ? refuse(res, 404, 'Not Found: method not found') : handler(parametersOf(request), res)
  }

  /** Somebody writes to the bot, or something happens in a chat. */
  push(update: object): void {
    this.#updateId += 1
    this.#updates.push({ update_id: this.#updateId, ...update })
    this.#serve()
  }

  /** Somebody presses Start. */
  start(payload: string, chatId = 123456789): void {
    const text = `/start ${payload}`
    this.push({
      message: {
        message_id: 1,
        from: { id: chatId, is_bot: false, first_name: 'Ann' },
        chat: { id: chatId, type: 'private', first_name: 'Ann' },
        date: 1700000001,
        text,
        entities: [{ offset: 0, length: 6, type: 'bot_command' }],
      },
    })
  }

  /** The time of the request that waits is up. */
  expire(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) accept(waiting.res, [])
  }

  /** Another program asks for the same bot's updates. */
  intrude(): void {
    this.#terminate('terminated by other getUpdates request; make sure that only one bot instance is running')
  }

  /** Of the updates that nobody has confirmed. */
  get unconfirmed(): readonly number[] {
    return this.#updates.map(({ update_id }) => update_id)
  }

  readonly #methods: Readonly<Record<string, Method>> = {
    getme: (_, res) =>
      accept(res, {
        id: Number(this.token.split(':')[0]),
        is_bot: true,
        first_name: 'Notify',
        username: this.username,
        can_join_groups: true,
        can_read_all_group_messages: false,
        supports_inline_queries: false,
      }),
    sendmessage: (parameters, res) => this.#send(parameters, res),
    getupdates: (parameters, res) => this.#getUpdates(parameters, res),
    setwebhook: ({ url, secret_token: secret = '' }, res) => {
      if (typeof url !== 'string' || typeof secret !== 'string' || !url.startsWith('https://')) {
        return refuse(res, 400, 'Bad Request: invalid webhook URL specified')
      }
      if (secret.length > 256) return refuse(res, 400, 'Bad Request: secret token is too long')
      if (/[^A-Za-z0-9_-]/.test(secret)) {
        return refuse(res, 400, 'Bad Request: secret token contains unallowed characters')
      }
      const same = this.webhook?.url === url && (this.webhook.secret_token ?? '') === secret
      this.webhook = { url, ...(secret !== '' && { secret_token: secret }) }
      this.#terminate('terminated by setWebhook request')
      accept(res, true, same ? 'Webhook is already set' : 'Webhook was set')
    },
    deletewebhook: ({ drop_pending_updates: drop }, res) => {
      if (drop === true) this.#updates = []
      const had = this.webhook !== undefined
      this.webhook = undefined
      accept(res, true, had ? 'Webhook was deleted' : 'Webhook is already deleted')
    },
  }

  #send(parameters: Parameters, res: ServerResponse): void {
    const refusal = this.#refusalOf(parameters)
    if (refusal !== undefined) {
      refuse(res, ...refusal)
      return
    }
    const { chat_id, text, parse_mode } = parameters
    const id = String(chat_id)
    this.#messageId += 1
    this.sent.push({ chat_id: id, text: String(text), ...(typeof parse_mode === 'string' && { parse_mode }) })
    accept(res, {
      message_id: this.#messageId,
      from: { id: Number(this.token.split(':')[0]), is_bot: true, first_name: 'Notify', username: this.username },
      chat: { id: Number(id), type: this.chats.get(id)?.type },
      date: 1700000000,
      text: read(String(text), parse_mode)?.shown,
    })
  }

  #refusalOf({ chat_id, text, parse_mode }: Parameters): Refusal | undefined {
    const id = String(chat_id ?? '')
    if (id === '') return [400, 'Bad Request: chat_id is empty']
    if (typeof text !== 'string' || text.trim() === '') return [400, 'Bad Request: message text is empty']
    if (Buffer.byteLength(text) > 32_768) return [400, 'Bad Request: text is too long']
    const seen = read(text, parse_mode)
    if (seen === undefined) return [400, 'Bad Request: unsupported parse_mode']
    if (seen.problem !== undefined) return [400, `Bad Request: can't parse entities: ${seen.problem}`]
    const chat = this.chats.get(id)
    if (chat === undefined) return [400, 'Bad Request: chat not found']
    return this.#objection(chat) ?? (seen.shown.length > 4096 ? [400, 'Bad Request: message is too long'] : undefined)
  }

  #objection({ state, type }: Chat): Refusal | undefined {
    const kind = type === 'private' ? 'group' : type
    if (state === undefined) return undefined
    if (state === 'blocked') return [403, 'Forbidden: bot was blocked by the user']
    if (state === 'deactivated') return [403, 'Forbidden: user is deactivated']
    if (state === 'kicked') return [403, `Forbidden: bot was kicked from the ${kind} chat`]
    if (state === 'muted') return [400, 'Bad Request: not enough rights to send text messages to the chat']
    return [400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: state.migrated }]
  }

  #getUpdates({ offset = 0, limit = 100, timeout = 0 }: Parameters, res: ServerResponse): void {
    if (this.webhook !== undefined) {
      refuse(
        res,
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      )
      return
    }
    this.intrude()
    this.#updates = this.#updates.filter(({ update_id }) => update_id >= Number(offset))
    this.#waiting = { res, limit: Number(limit) }
    res.on('close', () => {
      if (this.#waiting?.res === res) this.#waiting = undefined
    })
    this.#serve()
    if (this.#waiting === undefined) return
    if (Number(timeout) === 0) this.expire()
    else this.onWaiting()
  }

  #serve(): void {
    if (this.#waiting === undefined || this.#updates.length === 0) return
    const { res, limit } = this.#waiting
    this.#waiting = undefined
    accept(res, this.#updates.slice(0, limit))
  }

  #terminate(why: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) refuse(waiting.res, 409, `Conflict: ${why}`)
  }
}

/** 429 as the server states it: in the text, the parameters and the header. */
export function flood(seconds: number): Answering {
  return (_, res) =>
    refuse(res.setHeader('retry-after', String(seconds)), 429, `Too Many Requests: retry after ${seconds}`, {
      retry_after: seconds,
    })
}

/** An error, in the keys and the order of the server. */
export function refuse(res: ServerResponse, code: number, description: string, parameters?: object): void {
  res.writeHead(code, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ ok: false, error_code: code, description, ...(parameters && { parameters }) }))
}

function accept(res: ServerResponse, result: unknown, description?: string): void {
  res.writeHead(200, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ ok: true, result, ...(description !== undefined && { description }) }))
}

function parametersOf({ url, headers, body }: Received): Parameters {
  const query = Object.fromEntries(new URL(url, 'http://fake').searchParams)
  if (body.length === 0 || !headers['content-type']?.startsWith('application/json')) return query
  return { ...query, ...JSON.parse(String(body)) }
}

interface Read {
  readonly shown: string
  readonly problem?: string
}

function read(text: string, parseMode: unknown): Read | undefined {
  return readers[String(parseMode ?? '').toLowerCase()]?.(text)
}

const readers: Readonly<Record<string, (text: string) => Read>> = {
  '': (shown) => ({ shown }),
  none: (shown) => ({ shown }),
  html: readHtml,
  markdown: (shown) => ({ shown }),
  markdownv2: readMarkdown,
}

const tags = /^(b|strong|i|em|u|ins|s|strike|del|span|tg-spoiler|a|code|pre|blockquote)$/

function readHtml(text: string): Read {
  const open: string[] = []
  let shown = ''
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '<') {
      const entity = /^&(amp|lt|gt|quot|#\d+|#x[0-9a-f]+);/i.exec(text.slice(at, at + 12))
      shown += entity === null ? text[at] : '?'
      at += entity?.[0].length ?? 1
      continue
    }
    const tag = /^<(\/?)([a-z0-9-]*)(?:\s+[a-z-]+="[^"]*")*\s*>/i.exec(text.slice(at))
    const name = tag?.[2]?.toLowerCase() ?? ''
    if (tag === null || !tags.test(name)) {
      return {
        shown,
        problem: `Unsupported start tag "${name}" at byte offset ${Buffer.byteLength(text.slice(0, at))}`,
      }
    }
    if (tag[1] === '') open.push(name)
    else if (open.pop() !== name) return { shown, problem: `Unmatched end tag at byte offset ${at}` }
    at += tag[0].length
  }
  const last = open.at(-1)
  return last === undefined ? { shown } : { shown, problem: `Can't find end tag corresponding to start tag "${last}"` }
}

function readMarkdown(text: string): Read {
  const bare = text.replace(/\\[ -~]/g, '?').replace(/\[[^\]]*\]\([^)]*\)/g, '?')
  const reserved = /[>#+\-=|{}.!()[\]]/.exec(bare)
  return reserved === null
    ? { shown: bare.replace(/[*_~`]/g, '') }
    : { shown: '', problem: `Character '${reserved[0]}' is reserved and must be escaped with the preceding '\\'` }
}
