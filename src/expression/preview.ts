import { type Json, RawNumber } from './json.js'

/** `value` as JSON text cut at about `limit` characters; costs no more than what it shows. */
export function preview(value: Json, limit = 200): string {
  const text = write(value, limit)
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

function write(value: Json, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.length > room ? value.slice(0, room + 1) : value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof RawNumber) return value.text
  const list = Array.isArray(value)
  let text = list ? '[' : '{'
  for (const key in value) {
    if (text.length > room) return text
    if (text.length > 1) text += ','
    if (!list) text += `${write(key, room - text.length)}:`
    // Room only shrinks, so nesting that would go deeper than it is cut off as well.
    text += write((value as { [key: string]: Json })[key] ?? null, Math.max(0, room - text.length))
  }
  return text + (list ? ']' : '}')
}
