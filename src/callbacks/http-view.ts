import { signatureHeaders } from '../resources/kinds/callback-signature.js'
import type { HttpPayload } from './http.js'
import {
  credential,
  hidden,
  maxShownLength,
  type ShownMessage,
  showBody,
  showHeaders,
  showText,
} from './shown-message.js'

export function showHttp(payload: HttpPayload, maskHeaders: readonly string[]): ShownMessage {
  const { method, url, body, encoding, sign } = payload
  const headers = showHeaders(payload.headers, maskHeaders)
  if (sign !== undefined) {
    const keys = sign.secrets.map(showText).join(' and ')
    for (const name of signatureHeaders(sign.form)) headers[name] = [`<made at each attempt with ${keys}>`]
  }
  return {
    method,
    url: typeof url === 'string' ? showUrl(url) : showText(url),
    address: {},
    headers,
    ...showBody(body, encoding),
  }
}

/** Without what logs people in. What is no URL is a mistake, and shown as such. */
function showUrl(text: string): string {
  if (!URL.canParse(text)) return text.slice(0, maxShownLength)
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
