// What SOPS's MAC sees of a value: Go's spelling of it.

import { type Json, RawNumber } from '../../expression/json.js'

/** `written`: the value as it stands in the file, or as it was decrypted. */
export function macText(value: Json, written: string): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number' || value instanceof RawNumber) return numberText(written)
  return written
}

/** Integers by their digits; others as a double without exponent, as Go's FormatFloat(…, 'f', -1, 64). */
export function numberText(written: string): string {
  const text = written.replaceAll('_', '').replace(/^\+/, '')
  if (/^-?(0|[1-9][0-9]*)$/.test(text) && isInt64(text)) return text === '-0' ? '0' : text
  if (/^-?0[xob]/i.test(text)) return String(text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text))
  return withoutExponent(String(Number(text)))
}

/** A plain scalar of YAML that core schema takes for text, and Go's reader for a time. */
export function timeText(plain: string): string | undefined {
  const [, date, time, fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:(?:[Tt]|[ \t]+)(\d\d:\d\d:\d\d)(\.\d{1,9})?[ \t]*(Z|[-+]\d\d:\d\d)?)?$/.exec(plain) ?? []
  if (date === undefined) return undefined
  const digits = fraction.replace(/0+$/, '')
  return `${date}T${time ?? '00:00:00'}${digits === '.' ? '' : digits}${zone}`
}

function isInt64(text: string): boolean {
  const number = BigInt(text)
  return number >= -(2n ** 63n) && number < 2n ** 63n
}

function withoutExponent(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return text
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return point >= digits.length
    ? sign + digits.padEnd(point, '0')
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
