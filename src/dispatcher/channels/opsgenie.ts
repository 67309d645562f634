// OpsGenie's Alert API, and Jira Service Management's, which took it over. https://docs.opsgenie.com/docs/alert-api

import type { HttpAnswer, HttpRequest } from '../../network/http-client.js'
import type { ChannelType, Outcome, Send, SendContext } from '../channel-type.js'
import { factsOf, type Message, type Severity } from '../message.js'
import { escapeAngles } from '../text/escape.js'
import { truncate, truncateEscaped } from '../text/truncate.js'
import { delivered, jsonObject, refused, refusedByStatus, unanswered } from './answers.js'

interface OpsGenieConfig {
  readonly apiKey: string
  readonly region?: 'us' | 'eu'
  readonly priority?: string
  readonly tags?: readonly string[]
  readonly team?: string
  readonly pathPrefix?: string
  readonly baseUrl?: string
}

const bases = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' } as const

const priorities: Readonly<Record<Severity, string>> = { info: 'P5', warning: 'P3', error: 'P2', critical: 'P1' }

const maxMessage = 130
const maxDescription = 15_000
const maxAlias = 512
const maxEntity = 512
const maxSource = 100
const maxTag = 50
const maxDetails = 8000
const unit = 'codepoints'

export const opsgenie: ChannelType<OpsGenieConfig> = {
  type: 'opsgenie',
  title: 'OpsGenie',
  setup:
    'Teams → the team → Integrations → Add integration → API; copy the API Key into apiKey, and set region to where the account lives.',
  recipients: () => 'channel',
  limits: { title: maxMessage, body: maxDescription, unit },
  isOrdered: true,
  send,
  check,
}

async function send(sent: Send<OpsGenieConfig>): Promise<Outcome> {
  const { message, now, signal } = sent
  const isClose = message.action === 'resolve'
  try {
    const answer = await (isClose ? close(sent) : ask(sent, 'POST', '/v2/alerts', alertOf(sent)))
    // Processed later: that it was taken is all there is to know.
    if (answer.status === 202 && typeof jsonObject(answer.text)?.requestId === 'string') return delivered(answer)
    // Nobody has to close what is not open.
    if (answer.status === 404 && isClose) return delivered(answer)
    if (answer.status >= 200 && answer.status < 300) {
      return refused(answer, 'rejected', `answered ${answer.status}, but not that the alert was taken`)
    }
    return failureOf(answer, now())
  } catch (error) {
    return unanswered(error, signal)
  }
}

/** Reading alerts may be forbidden to a key that may create them: that it is known is what counts. */
async function check(context: SendContext<OpsGenieConfig>): Promise<Outcome> {
  try {
    const answer = await ask(context, 'GET', '/v2/alerts?limit=1')
    const isKnown = answer.status === 200 || (answer.status === 403 && jsonObject(answer.text)?.code === 40301)
    return isKnown ? delivered({ status: answer.status, text: '' }) : failureOf(answer, context.now())
  } catch (error) {
    return unanswered(error, context.signal)
  }
}

function ask(
  { config, http, signal }: SendContext<OpsGenieConfig>,
  method: HttpRequest['method'],
  path: string,
  body?: object,
): Promise<HttpAnswer> {
  const base = (config.baseUrl ?? bases[config.region ?? 'us']).replace(/\/+$/, '') + (config.pathPrefix ?? '')
  return http({
    method,
    url: base + path,
    headers: {
      authorization: `GenieKey ${config.apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  })
}

function close(sent: Send<OpsGenieConfig>): Promise<HttpAnswer> {
  const { message } = sent
  const path = `/v2/alerts/${encodeURIComponent(aliasOf(message))}/close?identifierType=alias`
  return ask(sent, 'POST', path, { source: sourceOf(message), note: truncate(message.title, maxMessage, unit) })
}

/** A period is named where a limit is; without one the engine waits as it does. */
function failureOf(answer: HttpAnswer, now: number): Outcome {
  const { status, headers, text } = answer
  const period = headers['x-ratelimit-period-in-sec']
  if (status === 429 && period !== undefined && /^\d+$/.test(period)) {
    return refused(answer, 'rate_limited', 'OpsGenie limits how often may be asked', {
      retryAfterMs: Number(period) * 1000,
    })
  }
  const problem = jsonObject(text)?.message
  const message = typeof problem === 'string' ? `answered ${status}: ${problem}` : `answered ${status}`
  // The key is unknown, its integration is off, or the plan does not have it.
  if ([401, 402, 403].includes(status)) return refused(answer, 'auth', message, { unusable: 'channel' })
  if (status === 410) return refused(answer, 'gone', message, { unusable: 'channel' })
  if (status === 404) return refused(answer, 'rejected', `${message} (is baseUrl or region right?)`)
  return { ...refusedByStatus(answer, now), message } as Outcome
}

function alertOf({ config, message, override }: Send<OpsGenieConfig>): object {
  const { event, title, link, severity } = message
  return {
    message: truncateEscaped(title, escapeAngles, maxMessage, unit),
    alias: aliasOf(message),
    ...descriptionOf(message),
    priority:
      override.severity === undefined ? (config.priority ?? priorities[severity]) : priorities[override.severity],
    source: sourceOf(message),
    ...(event.service !== undefined && { entity: truncate(event.service, maxEntity, unit) }),
    tags: [...(config.tags ?? []), truncate(event.type, maxTag, unit)].slice(-20),
    details: detailsOf(message, link),
    ...(config.team !== undefined && { responders: [{ type: 'team', name: config.team }] }),
  }
}

function descriptionOf({ body, format }: Message): object {
  if (body === '') return {}
  const escapeText = format === 'native' ? (text: string) => text : escapeAngles
  return { description: truncateEscaped(body, escapeText, maxDescription, unit) }
}

/** Values are texts; what would be too many is left out from the end. */
function detailsOf(message: Message, link: string | undefined): Record<string, string> {
  const details: Record<string, string> = {}
  let room = maxDetails
  for (const [name, value] of [...(link === undefined ? [] : [['link', link] as const]), ...factsOf(message)]) {
    room -= name.length + value.length
    if (room < 0) break
    details[name] = value
  }
  return details
}

/** Only one alert with it is open at a time: repeated attempts and related events raise its count. */
function aliasOf({ key }: Message): string {
  return key.length <= maxAlias ? key : key.slice(-maxAlias)
}

function sourceOf({ event }: Message): string {
  return truncate(event.source, maxSource, unit)
}
