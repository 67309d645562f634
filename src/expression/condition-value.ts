// What a condition compares with: the declared value or the bytes of a file, and how the found value is made ready for it.

import { Buffer } from 'node:buffer'
import { type Json, parseJson, RawNumber } from './json.js'
import { type Action, ActionError } from './matchers/action.js'
import { preview } from './preview.js'

/** The declared side of a condition. */
export interface ConditionValue {
  readonly value: Json
  /** Takes a found value to what is compared with `value`; undefined counts as absent. */
  readonly prepare: ((found: Json) => Json | undefined) | undefined
  readonly fromFile: boolean
}

export interface ValueSource {
  readonly value: Json | undefined
  /** The bytes of `valueFromFile`. */
  readonly bytes: Uint8Array | undefined
  readonly asText: boolean
  readonly base64: boolean
  readonly subject: string
}

const maxFileBytes = 1024 * 1024

/** Throws an ActionError when the declared value cannot be used. */
export function toConditionValue(action: Action, source: ValueSource): ConditionValue {
  const fromFile = source.bytes !== undefined
  let value = source.bytes === undefined ? (source.value as Json) : readBytes(action, source.bytes, source)
  if (source.asText && action.takes === 'text') value = toText(action, value, source)
  const binary = fromFile && typeof value === 'string' && !isUtf8(source.bytes as Uint8Array)
  const trim = fromFile && typeof value === 'string' && !binary
  const json = typeof value !== 'string' || action.takes === 'json'
  if (!source.base64) return { value, fromFile, prepare: trim ? withoutFinalNewline : undefined }
  const prepare = (found: Json) => {
    const bytes = decodeBase64(found)
    if (bytes === undefined) return undefined
    if (binary) return bytes.toString('latin1')
    const text = bytes.toString('utf8')
    if (json) return toJson(text) ?? text
    return trim ? withoutFinalNewline(text) : text
  }
  return { value, fromFile, prepare }
}

/** Standard or URL-safe alphabet, with or without padding and line breaks; undefined for anything else. */
export function decodeBase64(found: Json): Buffer | undefined {
  if (typeof found !== 'string') return undefined
  const text = /\s/.test(found) ? found.replace(/\s+/g, '') : found
  if (!/^[\w+/-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) return undefined
  return Buffer.from(text, 'base64')
}

function readBytes(action: Action, bytes: Uint8Array, { asText, base64, subject }: ValueSource): Json {
  if (bytes.byteLength > maxFileBytes) {
    throw new ActionError(
      'condition-value',
      `a file of ${bytes.byteLength} bytes; at most ${maxFileBytes} can be compared with`,
    )
  }
  if (!isUtf8(bytes)) {
    if (base64 && action.takes === 'text' && action.name !== 'matches') return Buffer.from(bytes).toString('latin1')
    throw new ActionError(
      'condition-value',
      `the file is not UTF-8 text, so ${action.name} cannot compare it with the ${subject}`,
      'binary data can be compared with equals or contains where the request holds it as base64: add decode: base64',
    )
  }
  const text = new TextDecoder().decode(bytes)
  if (action.name === 'jsonSchema') {
    const schema = toJson(text)
    if (schema === undefined)
      throw new ActionError('bad-json-schema', 'the file is not JSON, and a JSON Schema must be')
    return schema
  }
  const json = action.name !== 'matches' && (!asText || base64) ? toJson(text) : undefined
  // A header is text, and so is what is decoded from it, unless only a comparison as JSON makes sense.
  if (json !== undefined && (!asText || (typeof json === 'object' && json !== null))) return json
  return withoutFinalNewline(text)
}

function toText(action: Action, value: Json, { base64, subject }: ValueSource): Json {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof RawNumber) return String(value)
  if (value !== null && base64) return value
  throw new ActionError(
    'condition-value',
    `a ${subject} value is text, and ${action.name} cannot compare it with ${preview(value, 60)}`,
    value === null
      ? 'use empty or notEmpty to ask whether it is there'
      : 'write the value as text, or look at the body',
  )
}

function toJson(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Editors end a file with a newline that nobody means; it is ignored on both sides. */
function withoutFinalNewline<T extends Json>(found: T): T | string {
  return typeof found === 'string' ? found.replace(/\r?\n$/, '') : found
}
