// Webex messages by a bot. https://developer.webex.com/docs/api/v1/messages/create-a-message

import type { HttpAnswer } from '../../network/http-client.js'
import type { ChannelType, Outcome, Recipient, Send } from '../channel-type.js'
import { factsOf, type Message } from '../message.js'
import { truncate, truncateEscaped } from '../text/truncate.js'
import { delivered, jsonObject, refused, refusedByStatus, unanswered } from './answers.js'

interface WebexConfig {
  readonly botToken: string
  readonly roomId?: string
  readonly baseUrl?: string
}

const defaultBase = 'https://webexapis.com'
/** Of the text, and of the markdown, each. */
const maxText = 7439
const maxTitle = 500
/** Leaves room for the title, the facts and the link. */
const maxBody = 5000
const unit = 'bytes'

export const webex: ChannelType<WebexConfig> = {
  type: 'webex',
  title: 'Webex',
  setup:
    'developer.webex.com → My Webex Apps → Create a Bot; copy the Bot Access Token into botToken, and add the bot to the room.',
  recipients: ({ roomId }) => (roomId === undefined ? ['email', 'userId', 'roomId'] : 'channel'),
  limits: { title: maxTitle, body: maxBody, unit },
  send,
  check: async ({ config, http, now, signal }) => {
    try {
      const answer = await http({
        method: 'GET',
        url: `${baseOf(config)}/v1/people/me`,
        headers: { authorization: `Bearer ${config.botToken}` },
        signal,
      })
      const isKnown = answer.status === 200 && typeof jsonObject(answer.text)?.id === 'string'
      return isKnown ? delivered({ status: 200, text: '' }) : failureOf(answer, now(), 'channel')
    } catch (error) {
      return unanswered(error, signal)
    }
  },
}

async function send({ config, message, recipient, override, http, now, signal }: Send<WebexConfig>): Promise<Outcome> {
  const room = override.channel ?? config.roomId
  const to = room === undefined ? addressOf(recipient) : { roomId: room }
  if (to === undefined) {
    const problem = 'there is nobody to write to: the binding has neither e-mail, user id nor room'
    return { ok: false, class: 'rejected', message: problem, unusable: 'recipient' }
  }
  try {
    const answer = await http({
      method: 'POST',
      url: `${baseOf(config)}/v1/messages`,
      headers: { authorization: `Bearer ${config.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...to, ...forms[message.format](message) }),
      signal,
    })
    if (answer.status === 200 && typeof jsonObject(answer.text)?.id === 'string') return delivered(answer)
    if (answer.status >= 200 && answer.status < 300) {
      return refused(answer, 'rejected', `answered ${answer.status} without a message`)
    }
    return failureOf(answer, now(), room === undefined ? 'recipient' : 'channel')
  } catch (error) {
    return unanswered(error, signal)
  }
}

function baseOf({ baseUrl = defaultBase }: WebexConfig): string {
  return baseUrl.replace(/\/+$/, '')
}

/** Exactly one of them may be named. */
function addressOf({ roomId, userId, email }: Recipient): Readonly<Record<string, string>> | undefined {
  if (roomId !== undefined) return { roomId }
  if (userId !== undefined) return { toPersonId: userId }
  return email === undefined ? undefined : { toPersonEmail: email }
}

/** `whom` a 403 or 404 is about: the room of the channel, or the person. */
function failureOf(answer: HttpAnswer, now: number, whom: 'channel' | 'recipient'): Outcome {
  const { status, text } = answer
  const problem = jsonObject(text)?.message
  const message = typeof problem === 'string' ? `answered ${status}: ${problem}` : `answered ${status}`
  if (status === 401) return refused(answer, 'auth', message, { unusable: 'channel' })
  if ([403, 404, 410].includes(status)) return refused(answer, 'gone', message, { unusable: whom })
  const byStatus = refusedByStatus(answer, now)
  // 423: locked for now, with a Retry-After at times.
  return status === 423 ? ({ ...byStatus, class: 'server', message } as Outcome) : ({ ...byStatus, message } as Outcome)
}

type Form = (message: Message) => Readonly<Record<string, string>>

const forms: Readonly<Record<Message['format'], Form>> = {
  plain: (message) => ({ text: truncate(plainOf(message), maxText, unit) }),
  native: ({ title, body }) => {
    const markdown = truncate(body === '' ? title : body, maxText, unit)
    return { markdown, text: markdown }
  },
  rich: (message) => {
    const { title, body, link, action, severity } = message
    const heading =
      link === undefined ? `**${escaped(title, maxTitle)}**` : `**[${escaped(title, maxTitle)}](${linkOf(link)})**`
    const facts = factsOf(message).map(([name, value]) => `- ${escaped(name, 100)}: ${escaped(value, 200)}`)
    const state = action === 'resolve' ? ['_resolved_'] : severity === 'critical' ? ['_critical_'] : []
    const lines = [heading, ...state, escaped(body, maxBody), facts.join('\n')].filter((line) => line !== '')
    return { markdown: fitted(lines), text: truncate(plainOf(message), maxText, unit) }
  },
}

/** From the end, whole parts are left out: no markup is torn. */
function fitted(lines: readonly string[]): string {
  let text = ''
  for (const line of lines) {
    const longer = text === '' ? line : `${text}\n\n${line}`
    if (Buffer.byteLength(longer) > maxText) break
    text = longer
  }
  return text
}

function plainOf({ title, body, link }: Message): string {
  return [title, body, link ?? ''].filter((line) => line !== '').join('\n')
}

function escaped(text: string, max: number): string {
  return truncateEscaped(text, escapeMarkdown, max, unit)
}

/** Neither markup nor a mention. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_#[\]`<>~|]/g, '\\$&')
}

function linkOf(link: string): string {
  return link.replaceAll('(', '%28').replaceAll(')', '%29')
}
