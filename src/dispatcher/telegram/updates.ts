// What happens to a bot: people press Start, groups move. https://core.telegram.org/bots/api#update

import { createHash, timingSafeEqual } from 'node:crypto'
import { jsonObject } from '../channels/answers.js'
import { isPayload } from './deep-link.js'

export type Update = Start | Migration | Other

/** Somebody pressed Start, in a private chat or, by a link for groups, in a group. */
export interface Start {
  readonly kind: 'start'
  readonly updateId: number
  readonly chat: TelegramChat
  /** Undefined when a group wrote as itself. */
  readonly user: TelegramUser | undefined
  /** What the link carried. From outside: look it up, and let it be good once. */
  readonly payload: string | undefined
}

/** A group has become a supergroup, with another id. */
export interface Migration {
  readonly kind: 'migration'
  readonly updateId: number
  readonly from: string
  readonly to: string
}

/** Nothing that matters here; it has to be confirmed all the same. */
export interface Other {
  readonly kind: 'other'
  readonly updateId: number
}

export interface TelegramChat {
  readonly id: string
  readonly type: 'private' | 'group' | 'supergroup' | 'channel'
  /** Of a group. */
  readonly title?: string
}

export interface TelegramUser {
  readonly id: string
  readonly name: string
  readonly username?: string
}

export interface Batch {
  readonly updates: readonly Update[]
  /** The offset that confirms them all; undefined when there are none. */
  readonly next: number | undefined
}

type Fields = Readonly<Record<string, unknown>>

/** The result of `getUpdates`; undefined when it is none. `username`: the bot's own, to tell commands for other bots. */
export function parseUpdates(result: unknown, username: string | undefined): Batch | undefined {
  if (!Array.isArray(result)) return undefined
  const updates: Update[] = []
  let next: number | undefined
  for (const one of result) {
    const update = parseUpdate(one, username)
    if (update === undefined) return undefined
    updates.push(update)
    next = Math.max(next ?? 0, update.updateId + 1)
  }
  return { updates, next }
}

/** Undefined for what is no update. */
export function parseUpdate(value: unknown, username: string | undefined): Update | undefined {
  const { update_id: updateId, message } = fieldsOf(value)
  if (typeof updateId !== 'number' || !Number.isSafeInteger(updateId)) return undefined
  const { chat, from, text, migrate_to_chat_id: to } = fieldsOf(message)
  const place = chatOf(chat)
  if (place === undefined) return { kind: 'other', updateId }
  if (typeof to === 'number') return { kind: 'migration', updateId, from: place.id, to: String(to) }
  const command = typeof text === 'string' ? startOf(text, username) : undefined
  if (command === undefined || fieldsOf(from).is_bot === true) return { kind: 'other', updateId }
  return { kind: 'start', updateId, chat: place, user: userOf(from), payload: command.payload }
}

/** In groups commands can name the bot they are for. */
function startOf(text: string, username: string | undefined): { readonly payload: string | undefined } | undefined {
  const [command, addressee, payload] = /^\/start(?:@(\w+))?(?:\s+(\S+))?\s*$/.exec(text) ?? []
  if (command === undefined) return undefined
  const own = username?.replace(/^@/, '').toLowerCase()
  if (addressee !== undefined && own !== undefined && addressee.toLowerCase() !== own) return undefined
  return { payload: payload !== undefined && isPayload(payload) ? payload : undefined }
}

const chatTypes: ReadonlySet<unknown> = new Set<TelegramChat['type']>(['private', 'group', 'supergroup', 'channel'])

function chatOf(value: unknown): TelegramChat | undefined {
  const { id, type, title } = fieldsOf(value)
  if (typeof id !== 'number' || !chatTypes.has(type)) return undefined
  return { id: String(id), type: type as TelegramChat['type'], ...(typeof title === 'string' && { title }) }
}

function userOf(value: unknown): TelegramUser | undefined {
  const { id, first_name: first, last_name: last, username } = fieldsOf(value)
  if (typeof id !== 'number') return undefined
  const name = [first, last].filter((part) => typeof part === 'string' && part !== '').join(' ')
  return { id: String(id), name, ...(typeof username === 'string' && { username }) }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

export type WebhookPost =
  | { readonly ok: true; readonly update: Update }
  | { readonly ok: false; readonly status: 400 | 401; readonly message: string }

export const secretHeader = 'x-telegram-bot-api-secret-token'

/** What Telegram posts to a webhook. `given`: the value of `secretHeader`. A bot without a secret token takes nothing. */
export function parseWebhookPost(
  { given, body }: { readonly given: string | undefined; readonly body: string },
  secretToken: string,
  username: string | undefined,
): WebhookPost {
  if (given === undefined || secretToken === '' || !isSame(given, secretToken)) {
    return { ok: false, status: 401, message: `${secretHeader} is not the secret token that setWebhook was given` }
  }
  const update = parseUpdate(jsonObject(body), username)
  return update === undefined ? { ok: false, status: 400, message: 'this is no update' } : { ok: true, update }
}

/** Takes as long whatever differs, the length as well. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
