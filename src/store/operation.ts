// One put or delete as JSON. A number that a double cannot hold is written as its nearest double, and its text beside the
// value: [key, value, [[path, text], …]].

import type { Json, RawNumber } from '../expression/json.js'

/** Makes a number that keeps its text; the store is given it, since it knows of expressions no more than their types. */
export type RawNumberClass = new (text: string) => RawNumber

type Path = (string | number)[]
type Text = [path: Path, text: string]

const maxDepth = 1000

/** The operation that puts `value`. Throws a TypeError that says where it is no JSON, which it would not be after a restart. */
export function encodePut(key: string, value: Json): string {
  // The way to what is no plain JSON is only asked for when there is some.
  if (isPlain(value, 0)) return JSON.stringify([key, value])
  const texts: Text[] = []
  check(key, value, [], texts)
  return texts.length === 0 ? JSON.stringify([key, value]) : JSON.stringify([key, value, texts])
}

export function encodeDelete(key: string): string {
  return JSON.stringify([key])
}

/** Throws a TypeError when `value` is not JSON all through. */
export function checkJson(key: string, value: Json): void {
  if (!isPlain(value, 0)) check(key, value, [], [])
}

/** The value of an operation that was read; `undefined` for a delete, and for what is no operation. */
export function decodeValue(operation: readonly unknown[], rawNumber: RawNumberClass): Json | undefined {
  const [, value, texts] = operation
  if (texts === undefined) return value as Json | undefined
  const holder = { value: value as Json }
  for (const [path, text] of texts as Text[]) {
    const whole: Path = ['value', ...path]
    const last = whole.pop() as string | number
    let parent: unknown = holder
    for (const step of whole) parent = (parent as Record<string | number, unknown>)[step]
    ;(parent as Record<string | number, unknown>)[last] = new rawNumber(text)
  }
  return holder.value
}

/** True for what JSON.stringify writes as it is; false when it has to be looked at more closely. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth >= maxDepth) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isPlain(value[index], depth + 1)) return false
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const name in value) if (!isPlain((value as Record<string, unknown>)[name], depth + 1)) return false
  return true
}

function check(key: string, value: unknown, path: Path, texts: Text[]): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      if (!Number.isFinite(value)) refuse(key, path, String(value))
      return
    case 'object':
      break
    default:
      refuse(key, path, value === undefined ? 'undefined' : `a ${typeof value}`)
  }
  if (value === null) return
  if (path.length > maxDepth) refuse(key, path.slice(0, 3), `nested deeper than ${maxDepth} levels, or within itself`)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      path.push(index)
      check(key, value[index], path, texts)
      path.pop()
    }
    return
  }
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const instance: object = value
    if (isRawNumber(instance)) texts.push([[...path], instance.text])
    else refuse(key, path, `a ${instance.constructor.name}`)
    return
  }
  for (const name of Object.keys(value as object)) {
    path.push(name)
    check(key, (value as Record<string, unknown>)[name], path, texts)
    path.pop()
  }
}

function isRawNumber(value: object): value is { text: string } {
  return Object.keys(value).join() === 'text' && typeof (value as { text: unknown }).text === 'string'
}

function refuse(key: string, path: Path, found: string): never {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  throw new TypeError(`the value of "${key}"${where === '' ? '' : ` at ${where}`} is no JSON: ${found}`)
}
