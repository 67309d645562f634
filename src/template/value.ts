// What operators do with values. Everything is defined for everything: a message is better than none.

import { isObject, RawNumber } from '../expression/json.js'
import { own, RenderFailure, type Run, type Value } from './run.js'

/** As it reads in a message: nothing for what is absent, JSON for objects. */
export function textOf(value: Value, run: Run): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object' || value instanceof RawNumber) return String(value)
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) {
    run.spend(value.length)
    run.expect(value.reduce<number>((sum, item) => sum + (typeof item === 'string' ? item.length : 24), 0))
    return value.map((item) => (item === null || item === undefined ? '' : String(item))).join(',')
  }
  return jsonOf(value, run)
}

const maxNesting = 100

/** As JSON, each value counted: a template can build what is much larger written out than in memory. */
export function jsonOf(value: Value, run: Run, indent = 0, level = 0): string {
  run.spend()
  if (typeof value === 'string') return run.made(JSON.stringify(value))
  if (value === undefined || value === null) return 'null'
  if (value instanceof RawNumber) return value.text
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value === 'boolean') return String(value)
  if (level > maxNesting) throw new RenderFailure(`a value is nested more than ${maxNesting} deep`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => jsonOf(item, run, indent, level + 1))
    : Object.keys(value).map(
        (key) => `${JSON.stringify(key)}:${indent > 0 ? ' ' : ''}${jsonOf(own(value, key), run, indent, level + 1)}`,
      )
  const [before, between, after] =
    indent > 0 && parts.length > 0
      ? [
          `\n${' '.repeat(indent * (level + 1))}`,
          `,\n${' '.repeat(indent * (level + 1))}`,
          `\n${' '.repeat(indent * level)}`,
        ]
      : ['', ',', '']
  run.expect(parts.reduce((sum, part) => sum + part.length + between.length, before.length + after.length + 2))
  return open + before + parts.join(between) + after + close
}

export function isTrue(value: Value): boolean {
  return value instanceof RawNumber ? Number(value) !== 0 : Boolean(value)
}

/** No number that anybody writes is longer. */
const longestNumber = 400

/** NaN for what is none. */
export function numberOf(value: Value): number {
  if (typeof value === 'number') return value
  if (value instanceof RawNumber) return Number(value.text)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null) return 0
  if (typeof value !== 'string' || value.length > longestNumber || value.trim() === '') return Number.NaN
  return Number(value)
}

export function isNumber(value: Value): value is number | RawNumber {
  return typeof value === 'number' || value instanceof RawNumber
}

/** `a.b`, `a['b']`, `a[0]`: own properties, elements, and the length of texts and lists. */
export function member(target: Value, key: Value): Value {
  if (typeof target === 'string' || Array.isArray(target)) {
    if (key === 'length') return target.length
    const index = numberOf(key)
    return Number.isInteger(index) && index >= 0 && index < target.length ? target[index] : undefined
  }
  if (!isObject(target)) return undefined
  return typeof key === 'string' || isNumber(key) ? own(target, String(key)) : undefined
}

/** `==`: numbers and texts by what they say, lists and objects when they are the same one. */
export function looseEquals(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null)
  if (a instanceof RawNumber && b instanceof RawNumber) return a.text === b.text
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b)
  if (isContainer(a) || isContainer(b)) return false
  if (typeof a === typeof b) return false
  return numberOf(a) === numberOf(b)
}

/** `===`: as `==`, of one type. */
export function strictEquals(a: Value, b: Value): boolean {
  return a === b || (isNumber(a) && isNumber(b) && looseEquals(a, b))
}

function isContainer(value: Value): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof RawNumber)
}

/** Undefined when there is no order between them. */
export function compare(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  const [left, right] = [numberOf(a), numberOf(b)]
  return Number.isNaN(left) || Number.isNaN(right) ? undefined : left < right ? -1 : left > right ? 1 : 0
}

export function contains(container: Value, wanted: Value, run: Run): boolean {
  if (typeof container === 'string') {
    const text = textOf(wanted, run)
    run.search(container, text)
    return container.includes(text)
  }
  if (Array.isArray(container)) {
    return container.some((item) => {
      run.look(item, wanted)
      return strictEquals(item, wanted)
    })
  }
  return isObject(container) && wanted !== undefined && own(container, textOf(wanted, run)) !== undefined
}

/** What a loop or a filter for lists goes through: elements, characters; entries as `[key, value]` for an object. */
export function elements(value: Value, run: Run): readonly Value[] {
  if (Array.isArray(value)) {
    run.spend(value.length / 8)
    return value
  }
  if (typeof value === 'string') {
    run.spend(value.length)
    return [...value]
  }
  return isObject(value) ? entries(value, run) : []
}

/** In the order of the object. */
export function entries(value: { [key: string]: Value }, run: Run): [string, NonNullable<Value> | null][] {
  const keys = Object.keys(value)
  run.spend(keys.length / 4)
  return keys.filter((key) => own(value, key) !== undefined).map((key) => [key, own(value, key) ?? null])
}
