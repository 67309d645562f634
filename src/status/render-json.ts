import { stringify } from 'lossless-json'

/** JSON text. Numbers that a double cannot hold keep their source text, as expressions echo them. */
export function renderJson(value: unknown): string {
  return `${stringify(value, undefined, undefined, [{ test: isRawNumber, stringify: String }])}\n`
}

/** A `RawNumber`, known by how numbers in objects behave: this folder knows its type alone. */
function isRawNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const candidate = value as { valueOf?: unknown; text?: unknown }
  if (typeof candidate.text !== 'string' || typeof candidate.valueOf !== 'function') return false
  return typeof candidate.valueOf() === 'number'
}
