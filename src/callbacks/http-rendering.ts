import type { SecretText } from '../delivery/secrets.js'
import type { Scope } from '../expression/scope.js'
import { headerValue } from '../network/header-value.js'
import type { HttpCallback, TextProgram } from '../resources/kinds/callback-program.js'
import { type HttpPayload, hopHeader, targetOf, toPayload } from './http.js'
import type { LiteralSecrets } from './literal-secrets.js'
import { type Occasion, type Rendered, renderBody, textOf, tracing } from './rendering.js'
import { declareSignature } from './signatures.js'

/** Throws an Error when it comes out as nothing that can be sent. */
export function renderHttp(
  http: HttpCallback,
  { scope, headers: received }: Occasion,
  secrets: LiteralSecrets,
): Rendered {
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
    ...(http.sign !== undefined && { sign: declareSignature(http.sign, secrets) }),
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

/** How many callbacks led to the request. */
function hopsOf(headers: Occasion['headers']): number {
  const hops = Number(headers[hopHeader] ?? 0)
  return Number.isSafeInteger(hops) && hops > 0 ? hops : 0
}
