import { isObject, type Json } from '../expression/json.js'
import { digestEvent } from '../resources/catalogues/digest-sample.js'
import { channelName, type NotificationPayload } from './notification.js'

/** What is told, for people: before the channel has given it its own form. */
export interface ShownNotification {
  readonly method: null
  readonly url: string
  readonly address: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string | null
  readonly encoding: 'utf8'
  readonly truncated: boolean
}

const longestBody = 16_384

export function showNotification(payload: Json): ShownNotification {
  const { channel, user, recipient, override, message, check } = payload as unknown as NotificationPayload
  const address = {
    channel: channelName(channel),
    ...(user !== undefined && { user }),
    ...recipient,
    ...(override.to !== undefined && { to: override.to }),
    ...(override.channel !== undefined && { place: override.channel }),
  }
  const { event, ...said } = message ?? {}
  // A digest is seen with what it is about.
  const words = event?.type === digestEvent && isObject(event.payload) ? { ...said, ...event.payload } : said
  const body = message === undefined || check === true ? null : JSON.stringify(words, undefined, 2)
  return {
    method: null,
    url: `${channel.type}: ${channelName(channel)}`,
    address,
    headers: {},
    body: body === null ? null : body.slice(0, longestBody),
    encoding: 'utf8',
    truncated: body !== null && body.length > longestBody,
  }
}
