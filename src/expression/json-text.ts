import { type Json, RawNumber, stringifyJson } from './json.js'

/** Anything but characters that stand in JSON as they are: quotes, backslashes, controls, halves of surrogate pairs. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/** A value as JSON text. Undefined when it is nested too deeply to be written. */
export function toJson(value: Json): string | undefined {
  switch (typeof value) {
    case 'string':
      return escaped.test(value) ? JSON.stringify(value) : `"${value}"`
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null'
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      if (value === null) return 'null'
      try {
        return stringifyJson(value)
      } catch {
        return undefined
      }
  }
}

/** A value inside a text: texts as they are, everything else as JSON. */
export function toText(value: Json): string {
  if (typeof value === 'string') return value
  if (value instanceof RawNumber) return value.text
  return toJson(value) ?? ''
}
