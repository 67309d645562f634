// A callback as it can be shown: secrets are named, what looks like a credential is hidden, long bodies are cut.

import type { HttpPayload } from './http.js'
import { literalScheme } from './literal-secrets.js'
import type { SecretText } from '../delivery/secrets.js'

export interface ShownMessage {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

const hidden = '***'
const alwaysHidden = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])
/** Names of headers and query parameters that hold credentials, by habit. */
const credential = /(^|[-_.])(api[-_]?key|key|token|secret|password|passwd|signature|sig|auth|access[-_]?token|code)$/i
const maxBodyLength = 4096

export function showHttp(payload: HttpPayload, maskHeaders: readonly string[]): ShownMessage {
  const masked = new Set([...alwaysHidden, ...maskHeaders.map((name) => name.toLowerCase())])
  // A prototype would answer for names such as `constructor`.
  const headers: Record<string, string[]> = Object.create(null)
  for (const [name, value] of payload.headers) {
    const isHidden = typeof value === 'string' && (masked.has(name.toLowerCase()) || credential.test(name))
    const values = headers[name] ?? []
    values.push(isHidden ? hidden : shown(value))
    headers[name] = values
  }
  const { body, encoding = 'utf8' } = payload
  return {
    method: payload.method,
    url: typeof payload.url === 'string' ? showUrl(payload.url) : shown(payload.url),
    headers,
    body: body === undefined ? null : body.slice(0, maxBodyLength),
    encoding,
    truncated: body !== undefined && body.length > maxBodyLength,
  }
}

function shown(value: SecretText): string {
  if (typeof value === 'string') return value
  const { env, file = '' } = value
  const place = env !== undefined ? `env ${env}` : file.startsWith(literalScheme) ? 'as declared' : `file ${file}`
  return `${value.prefix ?? ''}<secret: ${place}>`
}

/** Without what logs people in. What is no URL is a mistake, and shown as such. */
function showUrl(text: string): string {
  if (!URL.canParse(text)) return text.slice(0, maxBodyLength)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    url.username = hidden
    url.password = ''
  }
  for (const name of new Set(url.searchParams.keys())) {
    if (credential.test(name)) url.searchParams.set(name, hidden)
  }
  return url.href.replaceAll('%2A%2A%2A', hidden)
}
