// Microsoft Teams, by a Workflow (Power Automate) or one of the older connectors.
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using

import { classOfStatus } from '../../delivery/http-answer.js'
import type { HttpAnswer } from '../../network/http-client.js'
import type { ChannelType, Outcome, Send } from '../channel-type.js'
import { delivered, jsonObject, refused, refusedByStatus, retryAfterOf, unanswered } from './answers.js'
import { masking } from './masking.js'
import { maxBody, maxTitle, teamsMessage } from './teams-message.js'
import { onBase, pathSecrets, problemOf } from './webhook-url.js'

interface TeamsConfig {
  readonly webhookUrl: string
  readonly baseUrl?: string
}

export const teams: ChannelType<TeamsConfig> = {
  type: 'teams',
  title: 'Microsoft Teams',
  setup:
    'In the channel: … → Workflows → "Post to a channel when a webhook request is received"; who can trigger it: Anyone. Copy the URL, whole with its query, into webhookUrl.',
  recipients: () => 'channel',
  limits: { title: maxTitle, body: maxBody, unit: 'utf16' },
  // 4 a second, and 60 in half a minute.
  rate: { count: 4, perMs: 2000 },
  send,
}

async function send({ config, message, http, now, signal }: Send<TeamsConfig>): Promise<Outcome> {
  const { webhookUrl, baseUrl } = config
  const problem = problemOf(webhookUrl)
  if (problem !== undefined) return problem
  const kind = kindOf(webhookUrl)
  try {
    const answer = await masking(
      http,
      secretsOf(webhookUrl, kind),
    )({
      method: 'POST',
      // The query is signed as it is written.
      url: onBase(webhookUrl, baseUrl),
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: teamsMessage(message, kind),
      signal,
    })
    return outcomes[kind](answer, now())
  } catch (error) {
    return unanswered(error, signal)
  }
}

type Kind = 'workflow' | 'connector'

const connectorHost = /^https?:\/\/(?:[^/?#]*\.)?(?:webhook\.office\.com|outlook\.office(?:365)?\.com)(?::\d+)?\//i
const connectorPath = /^https?:\/\/[^/?#]*\/(?:webhookb2|webhook)\/[^?#]*\/IncomingWebhook\//i

/** Workflows may be at the connectors' host as well. */
function kindOf(webhookUrl: string): Kind {
  const isConnector = connectorPath.test(webhookUrl) || connectorHost.test(webhookUrl)
  return isConnector && !/\/workflows\//i.test(webhookUrl) ? 'connector' : 'workflow'
}

function secretsOf(webhookUrl: string, kind: Kind): readonly string[] {
  if (kind === 'connector') return pathSecrets(webhookUrl)
  const query = /\?([^#]*)/.exec(webhookUrl)?.[1] ?? ''
  return [query, ...query.split('&').flatMap((pair) => (/^sig=/i.test(pair) ? [pair.slice('sig='.length)] : []))]
}

const outcomes: Readonly<Record<Kind, (answer: HttpAnswer, now: number) => Outcome>> = {
  workflow: ofWorkflow,
  connector: ofConnector,
}

/** 202 when it was taken; whether the flow then shows it is not told. */
function ofWorkflow(answer: HttpAnswer, now: number): Outcome {
  const { status } = answer
  if (status >= 200 && status < 300) return errorWithin(answer, now) ?? delivered(answer)
  const { code, message } = problemIn(answer)
  const outcome = refusedByStatus(answer, now)
  const what = [code, message].filter((part) => part !== undefined).join(': ')
  const text = `answered ${status}${what === '' ? '' : `: ${what}`}${hints[status] ?? ''}`
  if (status === 400 && /NotEnabled|Disabled/i.test(code ?? '')) {
    return refused(answer, 'gone', `${text}; the flow is switched off`, { unusable: 'channel' })
  }
  return what === '' && hints[status] === undefined ? outcome : ({ ...outcome, message: text } as Outcome)
}

const notAnyone = '; is the URL whole, and may anyone trigger the flow?'
const hints: Readonly<Record<number, string>> = { 401: notAnyone, 403: notAnyone }

function problemIn({ text }: HttpAnswer): { readonly code?: string; readonly message?: string } {
  const { code, message } = (jsonObject(text)?.error ?? {}) as Readonly<Record<string, unknown>>
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message: message.slice(0, 500) }),
  }
}

/** Only "1" means that the message was taken. What went wrong behind it comes with a 200 as well. */
function ofConnector(answer: HttpAnswer, now: number): Outcome {
  const { status, text } = answer
  if (status < 200 || status >= 300) return refusedByStatus(answer, now)
  if (status === 200 && text.trim() === '1') return delivered(answer)
  const message = `answered ${status}, but not "1": is this the URL of an incoming webhook?`
  return errorWithin(answer, now) ?? refused(answer, 'rejected', message)
}

function errorWithin(answer: HttpAnswer, now: number): Outcome | undefined {
  const inner = Number(/HTTP error (\d{3})/i.exec(answer.text)?.[1])
  if (!(inner >= 300)) {
    return /^\s*<(!doctype )?html/i.test(answer.text)
      ? refused(answer, 'rejected', `answered ${answer.status} with a web page: is this the URL of a webhook?`)
      : undefined
  }
  const kind = classOfStatus(inner) ?? 'rejected'
  const retryAfterMs = retryAfterOf(answer, now)
  return refused(answer, kind, `answered ${answer.status}, but behind it Teams answered ${inner}`, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...((kind === 'gone' || kind === 'auth') && { unusable: 'channel' }),
  })
}
