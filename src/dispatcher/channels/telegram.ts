// Telegram bots. https://core.telegram.org/bots/api#sendmessage

import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { factsOf, type Message } from '../message.js'
import { ask, botIdOf, isToken, type Refusal } from '../telegram/bot.js'
import { escapeHtml } from '../text/escape.js'
import { markOf } from '../text/severity.js'
import { truncate } from '../text/truncate.js'
import { delivered, refused, refusedByStatus, unanswered } from './answers.js'

interface TelegramConfig {
  readonly botToken: string
  readonly botUsername?: string
  readonly chatId?: string | number
  readonly threadId?: number
  readonly silent?: boolean
  readonly parseMode?: ParseMode
  readonly baseUrl?: string
}

type ParseMode = 'HTML' | 'MarkdownV2' | 'Markdown'
type Unusable = Pick<Outcome, 'unusable'>

/** Of what is shown: markup does not count. UTF-16, as Telegram counts in entities. */
const maxText = 4096
const maxTitle = 256
/** All facts together: those that do not fit are left out. */
const maxFacts = 512
/** A longer address would take the message beyond 32,768 bytes as it is sent. */
const maxLink = 2048

export const telegram: ChannelType<TelegramConfig> = {
  type: 'telegram',
  title: 'Telegram',
  setup:
    'Talk to @BotFather: /newbot, and copy the token into botToken. For one group or channel add the bot to it and put its id into chatId; without chatId everybody connects by a link of their own.',
  recipients: ({ chatId }) => (chatId === undefined ? ['chatId'] : 'channel'),
  limits: { title: maxTitle, body: 3200, unit: 'utf16' },
  // Over all chats; a chat has limits of its own, and says so.
  rate: { count: 30, perMs: 1000 },
  pausesBy: 'recipient',
  send,
  check,
}

/**
 * Once more as plain text when the markup is refused, and once more to where a group has moved: `sendMessage` has no key
 * by which a repetition could be told, and neither of them has been delivered before.
 */
async function send(sent: Send<TelegramConfig>): Promise<Outcome> {
  const { config, message, addresses, http, signal, now } = sent
  const { token, problem } = tokenOf(config)
  if (problem !== undefined) return problem
  const bot = botIdOf(token)
  const { key, unusable, ...place } = placeOf(sent)
  let { chat } = place
  if (chat === undefined) {
    return {
      ok: false,
      class: 'gone',
      message: 'no chat is known for this person: they have to connect by the link of the bot first',
      ...unusable,
    }
  }
  // Ids of groups that were upgraded stay as they were declared.
  chat = addresses.find(bot, `chat:${chat}`) ?? chat
  let form: Form = formOf(message, config)
  let hasMoved = false
  try {
    for (;;) {
      const parameters = { chat_id: chat, ...options(config), ...form }
      const reply = await ask({ token, baseUrl: config.baseUrl, http }, 'sendMessage', parameters, signal, now())
      if (reply.ok) return delivered(reply.answer)
      if (reply.migratedTo !== undefined && !hasMoved) {
        hasMoved = true
        chat = reply.migratedTo
        addresses.learn(bot, key ?? `chat:${place.chat}`, chat)
      } else if (isAboutMarkup(reply) && form.parse_mode !== undefined) {
        form = plain(message)
      } else {
        return failed(reply, unusable, now())
      }
    }
  } catch (error) {
    return unanswered(error, signal)
  }
}

async function check({ config, http, signal, now }: SendContext<TelegramConfig>): Promise<Outcome> {
  const { token, problem } = tokenOf(config)
  if (problem !== undefined) return problem
  try {
    const reply = await ask({ token, baseUrl: config.baseUrl, http }, 'getMe', {}, signal, now())
    if (!reply.ok) return failed(reply, { unusable: 'channel' }, now())
    const { username } = (reply.result ?? {}) as { readonly username?: unknown }
    const wanted = config.botUsername?.replace(/^@/, '')
    if (wanted !== undefined && typeof username === 'string' && username.toLowerCase() !== wanted.toLowerCase()) {
      return refused(reply.answer, 'rejected', `botUsername is ${wanted}, but the token belongs to @${username}`)
    }
    return delivered(reply.answer)
  } catch (error) {
    return unanswered(error, signal)
  }
}

function tokenOf({ botToken }: TelegramConfig): { readonly token: string; readonly problem?: Outcome } {
  const token = botToken.trim()
  if (isToken(token)) return { token }
  const message = 'botToken is no token of a bot: digits, a colon, and letters, digits, - or _, as @BotFather gave it'
  return { token, problem: { ok: false, class: 'auth', message, unusable: 'channel' } }
}

interface Place {
  readonly chat: string | undefined
  /** Where a learned chat is kept. */
  readonly key?: string
  readonly unusable: Unusable
}

function placeOf({ config, recipient, override, addresses }: Send<TelegramConfig>): Place {
  // One event's own chat says nothing of the others.
  if (override.to !== undefined) return { chat: override.to, unusable: {} }
  if (recipient.chatId !== undefined) return { chat: recipient.chatId, unusable: { unusable: 'recipient' } }
  if (config.chatId !== undefined) return { chat: String(config.chatId), unusable: { unusable: 'channel' } }
  const { email } = recipient
  if (email === undefined) return { chat: undefined, unusable: { unusable: 'recipient' } }
  const chat = addresses.find(botIdOf(config.botToken.trim()), email)
  return { chat, key: email, unusable: { unusable: 'recipient' } }
}

function options({ threadId, silent }: TelegramConfig): object {
  return {
    ...(threadId !== undefined && { message_thread_id: threadId }),
    ...(silent === true && { disable_notification: true }),
    link_preview_options: { is_disabled: true },
  }
}

function isAboutMarkup({ answer, description = '' }: Refusal): boolean {
  return answer.status === 400 && /can't parse entities|(message|text) is too long/i.test(description)
}

/** What no later message to the same chat gets past. */
const deadChats =
  /chat not found|chat_id is empty|not enough rights|have no rights|need administrator rights|CHAT_WRITE_FORBIDDEN|PEER_ID_INVALID|message thread not found|TOPIC_(CLOSED|DELETED)/i

function failed(refusal: Refusal, unusable: Unusable, now: number): Outcome {
  const { answer, description, retryAfterMs } = refusal
  const { status } = answer
  if (description === undefined) {
    return status >= 200 && status < 300
      ? refused(answer, 'rejected', `answered ${status}, but not as a Bot API server: is baseUrl right?`)
      : { ...refusedByStatus(answer, now), ...(status === 429 && { isNarrow: true }) }
  }
  if (status === 429) {
    return refused(answer, 'rate_limited', description, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      isNarrow: true,
    })
  }
  if (status >= 500) return refused(answer, 'server', description)
  if (status === 401 || status === 421) return refused(answer, 'auth', description, { unusable: 'channel' })
  if (status === 404) {
    return refused(answer, 'gone', `${description}: there is no such bot, or baseUrl is wrong`, { unusable: 'channel' })
  }
  if (status === 403 || (status === 400 && deadChats.test(description))) {
    return refused(answer, 'gone', description, unusable)
  }
  return refused(answer, 'rejected', description)
}

interface Form {
  readonly text: string
  readonly parse_mode?: ParseMode
}

function formOf(message: Message, { parseMode = 'HTML' }: TelegramConfig): Form {
  if (message.format === 'plain') return plain(message)
  if (message.format === 'rich') return rich(message)
  // Whether it is too long shows only when its markup is read; cutting would tear it.
  return { text: message.body === '' ? message.title : message.body, parse_mode: parseMode }
}

function plain({ title, body, link, format }: Message): Form {
  if (format === 'native') return { text: truncate(body === '' ? title : body, maxText, 'utf16') }
  const head = truncate(title, maxTitle, 'utf16')
  const tail = isShort(link) ? `\n${link}` : ''
  const room = maxText - head.length - tail.length - 1
  return { text: head + (body === '' ? '' : `\n${truncate(body, room, 'utf16')}`) + tail }
}

function rich(message: Message): Form {
  const { title, body, link, severity, action } = message
  const heading = truncate(title, maxTitle, 'utf16')
  const parts = [`${markOf(severity, action)} <b>${escapeHtml(heading)}</b>`]
  const { shown, length } = facts(message)
  const room = maxText - heading.length - length - 'XX \n\n\n\n\n\nOpen'.length
  if (body !== '') parts.push(escapeHtml(truncate(body, room, 'utf16')))
  if (shown.length > 0) parts.push(shown.join('\n'))
  if (isShort(link)) parts.push(`<a href="${escapeHtml(link)}">Open</a>`)
  return { text: parts.join('\n\n'), parse_mode: 'HTML' }
}

function facts(message: Message): { readonly shown: readonly string[]; readonly length: number } {
  const shown: string[] = []
  let length = 0
  for (const [name, value] of factsOf(message)) {
    const visible = name.length + value.length + ': \n'.length
    if (length + visible > maxFacts) break
    length += visible
    shown.push(`<b>${escapeHtml(name)}:</b> ${escapeHtml(value)}`)
  }
  return { shown, length }
}

function isShort(link: string | undefined): link is string {
  return link !== undefined && link.length <= maxLink
}
