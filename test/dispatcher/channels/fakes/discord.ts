// A Discord webhook: what it takes and refuses, its limits, and the headers that every answer carries.

import type { ServerResponse } from 'node:http'
import type { Answering, Received } from '../../../callbacks/receiver.js'

type Fields = Readonly<Record<string, unknown>>

export interface Embed {
  readonly title?: string
  readonly description?: string
  readonly fields?: readonly { readonly name: string; readonly value: string }[]
  readonly footer?: { readonly text: string }
  readonly author?: { readonly name: string }
}

export interface PostedMessage {
  readonly content?: string
  readonly embeds?: readonly Embed[]
  readonly flags?: number
  readonly username?: string
}

export class DiscordFake {
  readonly id: string
  readonly token: string
  readonly posted: PostedMessage[] = []
  /** What `X-RateLimit-Remaining` counts down from. */
  remaining = 5
  resetAfter = '1.250'
  /** Requests to a webhook after it has answered 404: Discord bans for them. */
  afterGone = 0
  isGone = false
  /** Answers in place of the next requests, whatever they ask. */
  readonly next: Answering[] = []
  #messageId = 1_000_000_000_000_000_000n

  constructor(id = '1234567890', token = 's3cret_token-ABCDEFGH') {
    this.id = id
    this.token = token
  }

  readonly answer: Answering = (request, res, req) => {
    const scripted = this.next.shift()
    this.remaining = Math.max(0, this.remaining - 1)
    res.setHeader('x-ratelimit-limit', '5')
    res.setHeader('x-ratelimit-remaining', String(this.remaining))
    res.setHeader('x-ratelimit-reset', '1767355200.250')
    res.setHeader('x-ratelimit-reset-after', this.resetAfter)
    res.setHeader('x-ratelimit-bucket', 'abcd1234')
    if (scripted !== undefined) return scripted(request, res, req)
    const url = new URL(request.url, 'http://fake')
    const [, id, token] = /^\/api\/v10\/webhooks\/(\d+)\/([\w-]+)$/.exec(url.pathname) ?? []
    if (id === undefined) return refuse(res, 404, 0, '404: Not Found')
    if (!/^DiscordBot \(https?:\/\/[^,]+, [^)]+\)/.test(request.headers['user-agent'] ?? '')) {
      return refuse(res, 403, 40333, 'internal network error')
    }
    if (this.isGone || id !== this.id) {
      if (this.isGone) this.afterGone += 1
      this.isGone = true
      return refuse(res, 404, 10015, 'Unknown Webhook')
    }
    if (token !== this.token) return refuse(res, 401, 50027, 'Invalid Webhook Token')
    if (request.method === 'GET') {
      return reply(res, 200, { id, type: 1, name: 'ci', channel_id: '2', guild_id: '3', token, application_id: null })
    }
    return this.#post(request, url.searchParams, res)
  }

  #post(request: Received, query: URLSearchParams, res: ServerResponse): void {
    const errors = errorsOf(request)
    if (errors === 'empty') {
      refuse(res, 400, 50006, 'Cannot send an empty message')
    } else if (errors !== undefined) {
      refuse(res, 400, 50035, 'Invalid Form Body', errors)
    } else {
      const message = JSON.parse(String(request.body)) as PostedMessage
      this.posted.push(message)
      this.#messageId += 1n
      const { content = '', embeds = [] } = message
      if (query.get('wait') !== 'true' && query.get('wait') !== '1') res.writeHead(204).end()
      else {
        reply(res, 200, {
          type: 0,
          content,
          embeds,
          timestamp: '2026-01-02T12:00:00.000000+00:00',
          id: String(this.#messageId),
          channel_id: query.get('thread_id') ?? '2',
          webhook_id: this.id,
        })
      }
    }
  }
}

export function limited(retryAfter: number, more: Readonly<Record<string, string>> = {}): Answering {
  return (_, res) => {
    const isGlobal = more['x-ratelimit-global'] === 'true'
    res.setHeader('retry-after', String(Math.ceil(retryAfter)))
    for (const [name, value] of Object.entries(more)) res.setHeader(name, value)
    reply(res, 429, { message: 'You are being rate limited.', retry_after: retryAfter, global: isGlobal })
  }
}

export function refuse(res: ServerResponse, status: number, code: number, message: string, errors?: object): void {
  reply(res, status, { message, code, ...(errors && { errors }) })
}

function reply(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function errorsOf({ headers, body }: Received): object | 'empty' | undefined {
  if (!headers['content-type']?.startsWith('application/json')) {
    return { _errors: [{ code: 'CONTENT_TYPE_INVALID', message: 'Expected "Content-Type" header to be one of …' }] }
  }
  const { content = '', embeds = [], username, flags = 0 } = JSON.parse(String(body)) as PostedMessage
  if (content.trim() === '' && embeds.length === 0) return 'empty'
  const errors: Record<string, unknown> = {
    ...tooLong('content', content, 2000),
    ...(username !== undefined && tooLong('username', username, 80)),
    ...((flags & ~(4 | 4096)) !== 0 && { flags: { _errors: [{ code: 'FLAGS', message: 'Not allowed.' }] } }),
  }
  const ofEmbeds = Object.fromEntries(
    embeds.map((embed, at) => [at, errorsOfEmbed(embed)]).filter(([, one]) => Object.keys(one as object).length > 0),
  )
  if (Object.keys(ofEmbeds).length > 0) errors.embeds = ofEmbeds
  else if (embeds.length > 10 || embeds.reduce((sum, embed) => sum + sizeOf(embed), 0) > 6000) {
    errors.embeds = {
      _errors: [{ code: 'MAX_EMBED_SIZE_EXCEEDED', message: 'Embed size exceeds maximum size of 6000' }],
    }
  }
  return Object.keys(errors).length === 0 ? undefined : errors
}

function errorsOfEmbed({ title = '', description = '', fields = [] }: Embed): Fields {
  const ofFields = Object.fromEntries(
    fields
      .map(({ name, value }, at) => [
        at,
        {
          ...required('name', name),
          ...required('value', value),
          ...tooLong('name', name, 256),
          ...tooLong('value', value, 1024),
        },
      ])
      .filter(([, one]) => Object.keys(one as object).length > 0),
  )
  return {
    ...tooLong('title', title, 256),
    ...tooLong('description', description, 4096),
    ...(fields.length > 25 && {
      fields: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 25 or fewer in length.' }] },
    }),
    ...(Object.keys(ofFields).length > 0 && { fields: ofFields }),
  }
}

function sizeOf({ title = '', description = '', fields = [], footer, author }: Embed): number {
  const texts = [
    title,
    description,
    footer?.text ?? '',
    author?.name ?? '',
    ...fields.flatMap(({ name, value }) => [name, value]),
  ]
  return texts.reduce((sum, text) => sum + text.trim().length, 0)
}

function required(name: string, text: string): Fields {
  return text.trim() === ''
    ? { [name]: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }] } }
    : {}
}

function tooLong(name: string, text: string, max: number): Fields {
  return text.trim().length > max
    ? { [name]: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${max} or fewer in length.` }] } }
    : {}
}
