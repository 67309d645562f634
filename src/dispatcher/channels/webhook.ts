// HTTP POST to any URL, in one of three shapes, signed. What makes a signature is in delivery/signing.

import { SecretUnusable } from '../../delivery/secrets.js'
import { type SignatureForm, signatureHeaders } from '../../delivery/signing.js'
import { notStandard, standardWebhooksKey } from '../../resources/kinds/callback-signature.js'
import type { ChannelType, Outcome, Send } from '../channel-type.js'
import type { Message } from '../message.js'
import { delivered, refused, refusedByStatus, unanswered } from './answers.js'
import { onBase } from './webhook-url.js'

interface WebhookConfig {
  readonly url: string
  readonly headers?: Readonly<Record<string, string | number | boolean>>
  readonly payload?: 'callboard' | 'ai-admin-panel' | 'aegisrunner'
  readonly secret?: string
  readonly previousSecret?: string
  readonly signature?: {
    readonly scheme?: 'hmac' | 'standard-webhooks'
    readonly header?: string
    readonly prefix?: string
    readonly eventHeader?: string
  }
  readonly baseUrl?: string
}

const maxText = 100_000

export const webhook: ChannelType<WebhookConfig> = {
  type: 'webhook',
  title: 'Webhook',
  setup:
    'Give the URL that takes the POST. With a secret every request is signed: compare HMAC-SHA256 of the raw body in constant time.',
  recipients: () => 'channel',
  limits: { title: maxText, body: maxText, unit: 'utf16' },
  send,
}

async function send({
  config,
  message,
  deliveryId,
  attempt,
  http,
  now,
  signal,
  userAgent,
}: Send<WebhookConfig>): Promise<Outcome> {
  const body = JSON.stringify(shapes[config.payload ?? 'callboard'](message, deliveryId))
  try {
    const answer = await http({
      method: 'POST',
      url: onBase(config.url, config.baseUrl),
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...signed(config, body, deliveryId, now()),
        ...(config.signature?.eventHeader !== undefined && { [config.signature.eventHeader]: message.event.type }),
        ...Object.fromEntries(Object.entries(config.headers ?? {}).map(([name, value]) => [name, String(value)])),
        'callboard-delivery-id': deliveryId,
        'callboard-attempt': String(attempt),
      },
      body,
      signal,
    })
    if (answer.status >= 200 && answer.status < 300) return delivered(answer)
    // Only 410 says that it is gone for good: a 404 may be a deployment under way.
    if (answer.status === 404) return refused(answer, 'server', 'answered 404')
    if (answer.status === 401 || answer.status === 403) return refused(answer, 'auth', `answered ${answer.status}`)
    return refusedByStatus(answer, now())
  } catch (error) {
    if (error instanceof SecretUnusable)
      return { ok: false, class: 'auth', message: error.message, unusable: 'channel' }
    return unanswered(error, signal)
  }
}

function signed(config: WebhookConfig, body: string, id: string, now: number): Record<string, string> {
  const { secret, previousSecret, signature = {} } = config
  if (secret === undefined) return {}
  const form = formOf(signature)
  const keys = [secret, ...(previousSecret === undefined ? [] : [previousSecret])].map((text) => keyOf(form, text))
  const signing = { id, body: Buffer.from(body), seconds: String(Math.floor(now / 1000)), keys }
  return Object.fromEntries(signatureHeaders(form, signing))
}

function formOf({
  scheme = 'hmac',
  header = 'X-Signature-256',
  prefix = '',
}: NonNullable<WebhookConfig['signature']>): SignatureForm {
  if (scheme === 'standard-webhooks') return { scheme }
  return { scheme, header, prefix, algorithm: 'sha256', encoding: 'hex' }
}

function keyOf({ scheme }: SignatureForm, text: string): Uint8Array {
  if (scheme !== 'standard-webhooks') return Buffer.from(text)
  const key = standardWebhooksKey(text)
  if (key === undefined) throw new SecretUnusable(`the secret cannot sign: ${notStandard}`)
  return key
}

type Shape = (message: Message, deliveryId: string) => object

/** `ai-admin-panel` and `aegisrunner`: as the documents of these products show them. */
const shapes: Readonly<Record<NonNullable<WebhookConfig['payload']>, Shape>> = {
  callboard: ({ event, severity, title, body, link, action, key, isTest }, deliveryId) => ({
    id: event.id,
    event: event.type,
    timestamp: event.time,
    source: event.source,
    severity,
    action,
    key,
    title,
    body,
    link: link ?? null,
    namespace: event.namespace ?? null,
    service: event.service ?? null,
    customer: event.customer ?? null,
    labels: event.labels ?? {},
    payload: event.payload,
    delivery: deliveryId,
    test: isTest ?? false,
  }),
  'ai-admin-panel': ({ event, title, body }) => ({
    event: event.type,
    service: event.service ?? null,
    customer: event.customer ?? null,
    timestamp: event.time,
    message: textOf(event.payload, 'message') ?? (body === '' ? title : body),
    details: fieldOf(event.payload, 'details') ?? {},
  }),
  aegisrunner: ({ event }) => ({
    event: event.type,
    timestamp: event.time,
    ...(isObject(event.payload) ? event.payload : { data: event.payload }),
  }),
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldOf(payload: unknown, name: string): unknown {
  return isObject(payload) && Object.hasOwn(payload, name) ? payload[name] : undefined
}

function textOf(payload: unknown, name: string): string | undefined {
  const value = fieldOf(payload, name)
  return typeof value === 'string' ? value : undefined
}
