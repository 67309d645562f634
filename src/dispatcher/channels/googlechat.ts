// Google Chat incoming webhooks. https://developers.google.com/workspace/chat/quickstart/webhooks

import type { ChannelType, Outcome, Send } from '../channel-type.js'
import { factsOf, type Message } from '../message.js'
import { escapeAngles } from '../text/escape.js'
import { hexColour } from '../text/severity.js'
import { lengthIn, truncate, truncateEscaped } from '../text/truncate.js'
import { delivered, jsonObject, refused, refusedByStatus, unanswered } from './answers.js'
import { onBase } from './webhook-url.js'

interface GoogleChatConfig {
  readonly webhookUrl: string
  readonly thread?: 'none' | 'end' | 'event'
  readonly baseUrl?: string
}

/** Of a whole message, cards included. https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create */
const maxMessageBytes = 32_000
const maxTitle = 256
/** Leaves room for escapes, facts and the card around it. */
const maxBody = 24_000

export const googlechat: ChannelType<GoogleChatConfig> = {
  type: 'googlechat',
  title: 'Google Chat',
  setup: 'In the space: Apps & integrations → Webhooks → Add webhook; copy the URL into webhookUrl.',
  recipients: () => 'channel',
  limits: { title: maxTitle, body: maxBody, unit: 'bytes' },
  // A space takes one write a second, from all apps together.
  rate: { count: 1, perMs: 1000 },
  send,
}

async function send(sent: Send<GoogleChatConfig>): Promise<Outcome> {
  const { config, message, deliveryId, http, now, signal } = sent
  const threadKey = threadKeyOf(sent)
  const thread = threadKey === undefined ? {} : { thread: { threadKey } }
  try {
    const answer = await http({
      method: 'POST',
      url: urlFor(config, deliveryId, threadKey !== undefined),
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      body: JSON.stringify({ ...fitted(message), ...thread }),
      signal,
    })
    const reply = jsonObject(answer.text)
    if (answer.status === 200 && typeof reply?.name === 'string') return delivered(answer)
    if (answer.status >= 200 && answer.status < 300) {
      return refused(
        answer,
        'rejected',
        `answered ${answer.status} without a message: is this the URL of a space's webhook?`,
      )
    }
    const problem = problemOf(reply)
    if (problem === undefined) return refusedByStatus(answer, now())
    if (answer.status === 400) {
      const isKey = aboutKey.test(problem)
      return refused(answer, isKey ? 'auth' : 'rejected', problem, isKey ? { unusable: 'channel' } : {})
    }
    return { ...refusedByStatus(answer, now()), message: `answered ${answer.status}: ${problem}` } as Outcome
  } catch (error) {
    return unanswered(error, signal)
  }
}

/** The key or the token of the URL; not the unexpected token of a parser. */
const aboutKey = /api key|(?<!unexpected )\btoken\b/i

/** A thread is named by the delivery that it begins with, or by the matter where all of it is to be there. */
function threadKeyOf({ config, message, begins, deliveryId }: Send<GoogleChatConfig>): string | undefined {
  const { thread = 'end' } = config
  if (thread === 'event') return message.key
  return thread === 'none' ? undefined : (message.follows ?? (begins === true ? deliveryId : undefined))
}

/** `requestId` makes a repeated attempt give back the first message instead of posting another. */
function urlFor({ webhookUrl, baseUrl }: GoogleChatConfig, deliveryId: string, isThread: boolean): string {
  const url = onBase(webhookUrl, baseUrl)
  const reply = isThread ? '&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' : ''
  return `${url}${url.includes('?') ? '&' : '?'}requestId=${encodeURIComponent(deliveryId)}${reply}`
}

function problemOf(reply: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { status, message } = (reply?.error ?? {}) as { readonly status?: unknown; readonly message?: unknown }
  const parts = [status, message].filter((part): part is string => typeof part === 'string' && part !== '')
  return parts.length === 0 ? undefined : parts.join(': ')
}

/** The message in its form, its body cut until the whole of it fits. */
function fitted(message: Message): Readonly<Record<string, unknown>> {
  for (let max = maxBody; ; max = Math.floor(max / 2)) {
    const form = forms[message.format](message, max)
    if (max === 0 || lengthIn(JSON.stringify(form), 'bytes') <= maxMessageBytes) return form
  }
}

type Form = (message: Message, maxBytes: number) => Readonly<Record<string, unknown>>

const forms: Readonly<Record<Message['format'], Form>> = {
  native: ({ title, body }, max) => ({ text: truncate(body === '' ? title : body, max, 'bytes') }),
  plain: ({ title, body, link }, max) => ({
    text: [escaped(title, maxTitle), escaped(body, max), link ?? ''].filter((line) => line !== '').join('\n'),
  }),
  rich: (message, max) => ({
    cardsV2: [{ cardId: 'callboard', card: cardOf(message, max) }],
  }),
}

function cardOf(message: Message, max: number): Readonly<Record<string, unknown>> {
  const { title, body, link, severity, action } = message
  const colour = hexColour(severity, action)
  const heading = `<font color="${colour}"><b>${action === 'resolve' ? 'resolved' : severity}</b></font>`
  return {
    header: { title: truncate(title, maxTitle, 'bytes') },
    sections: [
      {
        widgets: [
          {
            textParagraph: {
              text: body === '' ? heading : `${heading}<br>${escaped(body, max).replaceAll('\n', '<br>')}`,
            },
          },
          ...factsOf(message).map(([topLabel, value]) => ({
            decoratedText: { topLabel, text: escaped(value, maxTitle) },
          })),
          ...(link === undefined
            ? []
            : [{ buttonList: { buttons: [{ text: 'Open', onClick: { openLink: { url: link } } }] } }]),
        ],
      },
    ],
  }
}

function escaped(text: string, maxBytes: number): string {
  return truncateEscaped(text, escapeAngles, maxBytes, 'bytes')
}
