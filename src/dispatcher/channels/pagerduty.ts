// PagerDuty Events API v2. https://developer.pagerduty.com/docs/events-api-v2-overview

import type { ChannelType, Outcome, Send } from '../channel-type.js'
import { factsOf, type Message, type Severity } from '../message.js'
import { lengthIn, truncate } from '../text/truncate.js'
import { delivered, jsonObject, refused, refusedByStatus, unanswered } from './answers.js'

interface PagerDutyConfig {
  readonly routing_key: string
  readonly severity?: Severity
  readonly region?: 'us' | 'eu'
  readonly baseUrl?: string
}

const bases = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' } as const

const maxSummary = 1024
const maxDedupKey = 255
/** Of the whole event. */
const maxEventBytes = 512 * 1024
const maxBody = 100_000
/** Throttling is by integration, and PagerDuty names no time: a few minutes, as it advises. */
const throttledMs = 120_000

export const pagerduty: ChannelType<PagerDutyConfig> = {
  type: 'pagerduty',
  title: 'PagerDuty',
  setup:
    'Services → the service → Integrations → Add integration → Events API v2; copy the Integration Key into routing_key.',
  recipients: () => 'channel',
  limits: { title: maxSummary, body: maxBody, unit: 'codepoints' },
  isOrdered: true,
  send,
}

async function send(sent: Send<PagerDutyConfig>): Promise<Outcome> {
  const { config, http, now, signal } = sent
  try {
    const answer = await http({
      method: 'POST',
      url: `${(config.baseUrl ?? bases[config.region ?? 'us']).replace(/\/+$/, '')}/v2/enqueue`,
      headers: { 'content-type': 'application/json' },
      body: eventOf(sent),
      signal,
    })
    const reply = jsonObject(answer.text)
    if (answer.status === 202 && reply?.status === 'success') return delivered(answer)
    if (answer.status >= 200 && answer.status < 300) {
      return refused(answer, 'rejected', `answered ${answer.status}, but not that the event was taken`)
    }
    if (answer.status === 429) {
      const known = refusedByStatus(answer, now())
      return 'retryAfterMs' in known
        ? known
        : refused(answer, 'rate_limited', 'throttled', { retryAfterMs: throttledMs })
    }
    if (answer.status !== 400) return refusedByStatus(answer, now())
    const problem = problemOf(reply)
    return /routing_key/.test(problem)
      ? refused(answer, 'auth', problem, { unusable: 'channel' })
      : refused(answer, 'rejected', problem)
  } catch (error) {
    return unanswered(error, signal)
  }
}

function problemOf(reply: Readonly<Record<string, unknown>> | undefined): string {
  const errors = Array.isArray(reply?.errors) ? reply.errors.filter((one) => typeof one === 'string') : []
  const message = typeof reply?.message === 'string' ? reply.message : 'answered 400'
  return [message, ...errors].join('; ')
}

/** The event as JSON, without what would make it too long. */
function eventOf(sent: Send<PagerDutyConfig>): string {
  const whole = JSON.stringify(fields(sent, true))
  if (lengthIn(whole, 'bytes') <= maxEventBytes) return whole
  return JSON.stringify(fields(sent, false))
}

function fields({ config, message, override }: Send<PagerDutyConfig>, withPayload: boolean): object {
  const { event, action, key, title, link } = message
  const reference = { routing_key: config.routing_key, event_action: action, dedup_key: dedupKey(key) }
  // What else a resolve says is ignored.
  if (action === 'resolve') return reference
  return {
    ...reference,
    client: 'Callboard',
    ...(link !== undefined && { client_url: link }),
    payload: {
      summary: truncate(title, maxSummary, 'codepoints'),
      source: event.source,
      severity: override.severity ?? config.severity ?? message.severity,
      timestamp: event.time,
      ...(event.service !== undefined && { component: event.service }),
      ...(event.customer !== undefined && { group: event.customer }),
      class: event.type,
      custom_details: detailsOf(message, withPayload),
    },
    ...(link !== undefined && { links: [{ href: link, text: 'Open' }] }),
  }
}

function detailsOf(message: Message, withPayload: boolean): object {
  return {
    ...(message.body !== '' && { body: truncate(message.body, maxBody, 'codepoints') }),
    ...Object.fromEntries(factsOf(message)),
    ...(withPayload ? { payload: message.event.payload } : { payload: 'left out: longer than PagerDuty takes' }),
  }
}

/** Longer ones are refused, and a cut one would meet others: the end tells them apart more than the beginning. */
function dedupKey(key: string): string {
  return key.length <= maxDedupKey ? key : key.slice(-maxDedupKey)
}
