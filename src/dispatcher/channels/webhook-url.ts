/** A webhook's URL on another server: `baseUrl` in place of its origin. Path and query stay as they are written. */
export function onBase(webhookUrl: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return webhookUrl
  return baseUrl.replace(/\/+$/, '') + webhookUrl.replace(/^https?:\/\/[^/?#]*/i, '')
}
