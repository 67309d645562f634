// Links by which a person or a group connects to a bot. https://core.telegram.org/bots/features#deep-linking

/** What a link can carry: base64url, at most 64 characters. */
export function isPayload(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text)
}

/** Nobody guesses it. Also good for a webhook's secret token. `randomBytes` as of `node:crypto`. */
export function newPayload(randomBytes: (count: number) => Uint8Array): string {
  return Buffer.from(randomBytes(24)).toString('base64url')
}

/**
 * `person` opens a private chat with the bot, `group` lets people choose one of their groups. Throws a `RangeError` for
 * what a link cannot carry.
 */
export function deepLink(username: string, payload: string, to: 'person' | 'group' = 'person'): string {
  const name = username.replace(/^@/, '')
  if (!/^[A-Za-z][A-Za-z0-9_]{3,31}$/.test(name)) throw new RangeError(`"${username}" is no username of a bot`)
  if (!isPayload(payload)) throw new RangeError('a link carries 1 to 64 letters, digits, - and _')
  return `https://t.me/${name}?${to === 'group' ? 'startgroup' : 'start'}=${payload}`
}
