// What is sent, as it can be shown: secrets are named, what looks like a credential is hidden, long bodies are cut.

import type { SecretText } from '../delivery/secrets.js'
import { literalScheme } from './literal-secrets.js'

export interface ShownMessage {
  /** Null for what is no HTTP request. */
  readonly method: string | null
  /** Where it goes, without credentials: of a broker, the address of it or of several. */
  readonly url: string
  /** How a broker is told where to put it, by name: topic and key, exchange and routing key. */
  readonly address: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8' | 'base64'
  readonly truncated: boolean
}

export const hidden = '***'
const alwaysHidden = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])
/** Names of headers and query parameters that hold credentials, by habit. */
export const credential =
  /(^|[-_.])(api[-_]?key|key|token|secret|password|passwd|signature|sig|auth|access[-_]?token|code)$/i
export const maxShownLength = 4096

export function showHeaders(
  sent: readonly (readonly [name: string, value: SecretText])[],
  maskHeaders: readonly string[],
): Record<string, string[]> {
  const masked = new Set([...alwaysHidden, ...maskHeaders.map((name) => name.toLowerCase())])
  // A prototype would answer for names such as `constructor`.
  const headers: Record<string, string[]> = Object.create(null)
  for (const [name, value] of sent) {
    const isHidden = typeof value === 'string' && (masked.has(name.toLowerCase()) || credential.test(name))
    const values = headers[name] ?? []
    values.push(isHidden ? hidden : showText(value))
    headers[name] = values
  }
  return headers
}

export function showText(value: SecretText): string {
  if (typeof value === 'string') return value
  const { env, file = '' } = value
  const place = env !== undefined ? `env ${env}` : file.startsWith(literalScheme) ? 'as declared' : `file ${file}`
  return `${value.prefix ?? ''}<secret: ${place}>`
}

export function showBody(
  body: string | undefined,
  encoding: 'utf8' | 'base64' = 'utf8',
): Pick<ShownMessage, 'body' | 'encoding' | 'truncated'> {
  return {
    body: body === undefined ? null : body.slice(0, maxShownLength),
    encoding,
    truncated: body !== undefined && body.length > maxShownLength,
  }
}
