import type { Outcome } from '../channel-type.js'

/** A webhook's URL on another server: `baseUrl` in place of its origin. Path and query stay as they are written. */
export function onBase(webhookUrl: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return webhookUrl
  return baseUrl.replace(/\/+$/, '') + webhookUrl.replace(/^https?:\/\/[^/?#]*/i, '')
}

/** What of a URL whose path is the credential gives it away: every part that is long enough to be no word. */
export function pathSecrets(webhookUrl: string): readonly string[] {
  const path = /^https?:\/\/[^/?#]*\/?([^?#]*)/i.exec(webhookUrl)?.[1] ?? ''
  return [path, ...path.split('/').filter((part) => part.length > 16 || part.includes('@'))]
}

/** Why nothing can be sent to what was declared; nothing of it shows. */
export function problemOf(webhookUrl: string): Outcome | undefined {
  if (/^https?:\/\/[^/]/i.test(webhookUrl) && URL.canParse(webhookUrl)) return undefined
  const message = 'webhookUrl is no URL: it begins with https:// and is copied whole'
  return { ok: false, class: 'rejected', message, unusable: 'channel' }
}
