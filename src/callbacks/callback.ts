// From a callback and the request that sets it off to a delivery: everything is rendered here, once, and never again.

import { isObject, type Json, stringifyJson } from '../expression/json.js'
import type { Scope } from '../expression/scope.js'
import { headerValue } from '../network/header-value.js'
import type { BodyProgram, CallbackProgram, HttpCallback, TextProgram } from '../resources/kinds/callback-program.js'
import type { Delivery } from '../store/delivery.js'
import { StoreUnavailable } from '../store/store.js'
import { type HttpPayload, hopHeader, targetOf, toPayload } from './http.js'
import type { LiteralSecrets } from './literal-secrets.js'
import type { SecretText } from './secrets.js'
import { toUnprepared, unprepared } from './unprepared.js'

export interface Occasion {
  readonly id: string
  readonly now: number
  readonly scope: Scope
  /** Headers of the request, by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly about: Readonly<Record<string, string | number>>
}

export interface CallbackPolicy {
  readonly secrets: LiteralSecrets
  /** How long after it is due a callback is still sent. */
  readonly maxAgeMs: number
}

/** Doubled delays grow to this, or to the declared one when that is longer. */
const maxDelayMs = 3600_000
const maxBodyLength = 10 * 1024 * 1024
/** What belongs to the whole of which a request is a part. */
const tracing = ['traceparent', 'tracestate'] as const

/** Of a callback that is sent by http. Throws `StoreUnavailable` when a secret cannot be kept. */
export function toDelivery(program: CallbackProgram, occasion: Occasion, policy: CallbackPolicy): Delivery {
  const { delayMs, timeoutMs, breaker, retry, sync } = program
  const { id, now, about } = occasion
  const { transport, target, payload } = render(program.http, occasion, policy)
  return {
    id,
    kind: 'callback',
    transport,
    target,
    breaker,
    ...(sync && { sync }),
    about: { ...about, callback: program.name },
    created: now,
    delayMs,
    expires: now + delayMs + policy.maxAgeMs,
    timeoutMs,
    retry: { ...retry, maxDelayMs: Math.max(maxDelayMs, retry.delayMs), final: ['guard', 'template'] },
    payload,
  }
}

interface Rendered {
  readonly transport: string
  readonly target: string
  readonly payload: Json
}

function render(http: HttpCallback | undefined, occasion: Occasion, { secrets }: CallbackPolicy): Rendered {
  try {
    if (http === undefined) throw new Error('this version sends http only')
    return renderHttp(http, occasion, secrets)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    const message = error instanceof Error ? error.message : String(error)
    return { transport: unprepared, target: unprepared, payload: toUnprepared(message) }
  }
}

function renderHttp(http: HttpCallback, { scope, headers: received }: Occasion, secrets: LiteralSecrets): Rendered {
  const { url, target } = renderUrl(http.url, scope, secrets)
  const body = http.body === undefined ? undefined : renderBody(http.body, scope)
  const headers: [name: string, value: SecretText][] = []
  if (body?.contentType !== undefined && !http.isTyped) headers.push(['Content-Type', body.contentType])
  for (const { name, value } of http.headers) headers.push([name, textOf(value, scope, secrets, headerValue)])
  for (const name of tracing) {
    const value = received[name]
    if (typeof value === 'string' && !headers.some(([given]) => given.toLowerCase() === name))
      headers.push([name, value])
  }
  const payload: HttpPayload = {
    method: http.method,
    url,
    headers,
    ...(body !== undefined && { body: body.text }),
    hop: hopsOf(received) + 1,
  }
  return { transport: 'http', target, payload: toPayload(payload) }
}

function renderUrl(
  program: TextProgram,
  scope: Scope,
  secrets: LiteralSecrets,
): { readonly url: SecretText; readonly target: string } {
  const url = textOf(program, scope, secrets)
  if (program.kind === 'secret') return { url, target: targetOf(url) }
  const text = program.kind === 'literal' ? program.text : String(url)
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
    throw new Error(`the url came out as ${JSON.stringify(shown)}, which is not one that can be sent to`)
  }
  return { url, target: parsed.origin }
}

function renderBody(
  { template, form, contentType }: BodyProgram,
  scope: Scope,
): { readonly text: string; readonly contentType: string | undefined } {
  const rendered =
    form === 'value'
      ? renderValue(template.render(scope))
      : { text: form === 'json' ? template.renderJson(scope) : template.renderText(scope), contentType }
  if (rendered.text.length > maxBodyLength) {
    throw new Error(`the body came out longer than ${maxBodyLength / 1024 / 1024} MiB`)
  }
  return rendered
}

/** A body that is one expression: what it finds decides how it is sent. */
function renderValue(value: Json): { readonly text: string; readonly contentType: string } {
  if (typeof value === 'string') return { text: value, contentType: 'text/plain; charset=utf-8' }
  const text = isObject(value) || Array.isArray(value) ? stringifyJson(value) : String(value)
  return { text, contentType: 'application/json' }
}

function textOf(
  program: TextProgram,
  scope: Scope,
  secrets: LiteralSecrets,
  clean: (text: string) => string = (text) => text,
): SecretText {
  switch (program.kind) {
    case 'template':
      return clean(program.template.renderText(scope))
    case 'secret':
      return program.place
    case 'literal':
      return secrets.keep(program.text)
  }
}

/** How many callbacks led to the request. */
function hopsOf(headers: Occasion['headers']): number {
  const hops = Number(headers[hopHeader] ?? 0)
  return Number.isSafeInteger(hops) && hops > 0 ? hops : 0
}
