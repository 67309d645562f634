// Mattermost incoming webhooks. https://developers.mattermost.com/integrate/webhooks/incoming/

import type { HttpAnswer } from '../../network/http-client.js'
import type { ChannelType, Outcome, Send } from '../channel-type.js'
import { factsOf, type Message } from '../message.js'
import { hexColour } from '../text/severity.js'
import { truncate, truncateEscaped } from '../text/truncate.js'
import { delivered, jsonObject, refused, refusedByStatus, unanswered } from './answers.js'
import { onBase } from './webhook-url.js'

interface MattermostConfig {
  readonly webhookUrl: string
  readonly channel?: string
  readonly username?: string
  readonly iconUrl?: string
  readonly baseUrl?: string
}

/** Longer posts are split into several by the server. */
const maxText = 16_383
const maxTitle = 256

export const mattermost: ChannelType<MattermostConfig> = {
  type: 'mattermost',
  title: 'Mattermost',
  setup: 'Integrations → Incoming Webhooks → Add: choose the channel and copy the URL into webhookUrl.',
  recipients: () => 'channel',
  limits: { title: maxTitle, body: maxText, unit: 'codepoints' },
  send,
}

async function send({ config, message, override, http, now, signal }: Send<MattermostConfig>): Promise<Outcome> {
  const channel = override.channel ?? config.channel
  const body = {
    ...formOf(message),
    ...(channel !== undefined && { channel }),
    ...(config.username !== undefined && { username: config.username }),
    ...(config.iconUrl !== undefined && { icon_url: config.iconUrl }),
  }
  try {
    const answer = await http({
      method: 'POST',
      url: onBase(config.webhookUrl, config.baseUrl),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
    if (answer.status === 200 && answer.text.trim() === 'ok') return delivered(answer)
    if (answer.status >= 200 && answer.status < 300) {
      return refused(
        answer,
        'rejected',
        `answered ${answer.status}, but not "ok": is this the URL of an incoming webhook?`,
      )
    }
    return failureOf(answer, now())
  } catch (error) {
    return unanswered(error, signal)
  }
}

/** The status alone misleads: a webhook that is gone answers 400. */
function failureOf(answer: HttpAnswer, now: number): Outcome {
  const { status, headers, text } = answer
  const byStatus = refusedByStatus(answer, now)
  const limit = headers['x-ratelimit-reset']
  if (status === 429) {
    const retryAfterMs = limit !== undefined && /^\d+$/.test(limit) ? { retryAfterMs: Number(limit) * 1000 } : {}
    return { ...byStatus, message: 'the server limits how often may be posted', ...retryAfterMs } as Outcome
  }
  const id = idIn(text)
  const dead = id === undefined ? undefined : deadIds.find(([pattern]) => pattern.test(id))
  if (dead !== undefined) return refused(answer, 'gone', `${dead[1]} (${id})`, { unusable: 'channel' })
  return id === undefined ? byStatus : ({ ...byStatus, message: `answered ${status}: ${id}` } as Outcome)
}

const deadIds: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/incoming_webhook\.invalid\./, 'there is no such webhook (any more): make a new one'],
  [/incoming_webhook\.disabled\./, 'incoming webhooks are switched off on the server'],
  [/incoming_webhook\.(user|channel|channel_locked|permissions)\.|channel\.get/, 'the webhook may not post there'],
]

function idIn(text: string): string | undefined {
  const id = jsonObject(text)?.id
  return typeof id === 'string' ? id : undefined
}

function formOf(message: Message): Readonly<Record<string, unknown>> {
  const { title, body, link, format, severity, action } = message
  if (format === 'native') return { text: truncate(body === '' ? title : body, maxText, 'codepoints') }
  if (format === 'plain') {
    const lines = [title, body, link ?? ''].filter((line) => line !== '')
    return { text: escaped(lines.join('\n'), maxText) }
  }
  return {
    text: '',
    attachments: [
      {
        fallback: truncate(title, maxTitle, 'codepoints'),
        color: hexColour(severity, action),
        title: escaped(title, maxTitle),
        ...(link !== undefined && { title_link: link }),
        text: escaped(body, maxText),
        fields: factsOf(message).map(([name, value]) => ({
          title: name,
          value: escaped(value, maxTitle),
          short: true,
        })),
      },
    ],
  }
}

function escaped(text: string, max: number): string {
  return truncateEscaped(text, escapeMarkdown, max, 'codepoints')
}

/** Neither markup nor a mention of anybody. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~#>[\]|`<]/g, '\\$&').replaceAll('@', '@\u200b')
}
