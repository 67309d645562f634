// JSON values as they travel through expressions: plain data, null-prototype safe, with numbers that keep their text.

import { parse } from 'lossless-json'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json } | RawNumber

/** A JSON number that a double cannot hold; it keeps its source text, so that an echo is exact. */
export class RawNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
  valueOf(): number {
    return Number(this.text)
  }
  /** For a plain `JSON.stringify`, which cannot write the digits: the nearest double. `stringifyJson` writes the text. */
  toJSON(): number {
    sawRawNumber = true
    return Number(this.text)
  }
}

/** Set by `RawNumber.toJSON`, so that `stringifyJson` learns from one native pass whether the slow one is needed. */
let sawRawNumber = false

/** Deeper JSON is refused: everything that walks a value may recurse. */
const maxDepth = 1000

/** Cheap: many digits or an exponent somewhere, perhaps in a string. */
const manyDigits = /[\d.]{16}|\d[eE][+-]?\d{3}/
/** A number that may have more than 15 digits, or a large exponent, other than in the middle of a word. */
const longNumber = /(?:^|[\s,:[])-?(?:[\d.]{17}|\d{16}|[\d.]+[eE][+-]?\d{3})/

/**
 * `JSON.parse`, except that numbers a double cannot hold become `RawNumber`s, keys `__proto__` are dropped, and nesting is
 * bounded. Throws a SyntaxError.
 */
export function parseJson(text: string): Json {
  let value = JSON.parse(text) as Json
  if (text.length > 2 * maxDepth && isDeeper(value, maxDepth)) {
    throw new SyntaxError(`JSON nested deeper than ${maxDepth} levels`)
  }
  if (manyDigits.test(text) && longNumber.test(text)) {
    value = parse(text, null, {
      parseNumber: (number) => (isExact(number) ? Number(number) : new RawNumber(number)),
      onDuplicateKey: ({ newValue }) => newValue,
    }) as Json
  }
  // A letter of the key may be escaped, so a text with escaped letters is looked through as well.
  return text.includes('__proto__') || /\\u00[5-7]/.test(text) ? withoutProto(value) : value
}

/** `value` as JSON text; `RawNumber`s as their text. */
export function stringifyJson(value: Json): string {
  sawRawNumber = false
  const text = JSON.stringify(value)
  return sawRawNumber ? stringifyRaw(value) : text
}

/** True for a JSON object: not null, not a list, not a number that keeps its text. */
export function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber)
}

/** Deep and typed equality: `1` is not `"1"`. `sortArray` ignores the order within lists, at every depth. */
export function jsonEquals(a: Json | undefined, b: Json | undefined, options: { sortArray?: boolean } = {}): boolean {
  return equals(a, b, options.sortArray === true)
}

function equals(a: Json | undefined, b: Json | undefined, sortArray: boolean): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return isNumber(a) && isNumber(b) && decimal(String(a)) === decimal(String(b))
  }
  if (a instanceof RawNumber || b instanceof RawNumber) {
    return isNumber(a) && isNumber(b) && decimal(String(a)) === decimal(String(b))
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    if (sortArray) return equalsInAnyOrder(a, b)
    return a.every((item, index) => equals(item, b[index], false))
  }
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equals(a[key], b[key], sortArray))
  )
}

/** Compares canonical texts, so that two long lists cost a sort and not the product of their lengths. */
function equalsInAnyOrder(a: Json[], b: Json[]): boolean {
  const left = a.map(canonical).sort()
  const right = b.map(canonical).sort()
  return left.every((text, index) => text === right[index])
}

function canonical(value: Json): string {
  if (isNumber(value)) return decimal(String(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`
  const entries = Object.entries(value as { [key: string]: Json })
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .sort()
    .join()}}`
}

function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || value instanceof RawNumber
}

/** True when reading `text` as a double and writing it again gives the same decimal number. */
function isExact(text: string): boolean {
  return decimal(text) === decimal(String(Number(text)))
}

/** One writing for each decimal number: `1.50`, `15e-1` and `1.5` are all `15e-1`. */
function decimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1
  if (end === 0) return '0'
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}

function stringifyRaw(value: Json): string {
  if (value instanceof RawNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(stringifyRaw).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${stringifyRaw(item)}`)
    .join()}}`
}

function withoutProto(value: Json): Json {
  if (Array.isArray(value)) for (const item of value) withoutProto(item)
  else if (isObject(value)) {
    Reflect.deleteProperty(value, '__proto__')
    for (const key of Object.keys(value)) withoutProto(value[key] as Json)
  }
  return value
}

/** Goes no deeper than it asks for. */
function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeper(item, levels - 1)) return true
    return false
  }
  for (const key in value) if (isDeeper((value as { [key: string]: Json })[key] as Json, levels - 1)) return true
  return false
}
