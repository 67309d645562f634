// What may stand after `is` in a template.

import { isObject } from '../expression/json.js'
import type { Run, Value } from './run.js'
import { compare, contains, entries, isNumber, isTrue, looseEquals, numberOf, strictEquals, textOf } from './value.js'

export type Condition = (value: Value, argument: Value, run: Run) => boolean

const equal: Condition = (value, other) => strictEquals(value, other)
function isSame(value: Value, run: Run, change: (text: string) => string): boolean {
  const text = run.made(textOf(value, run))
  return text === change(text)
}

const above: Condition = (value, other) => (compare(value, other) ?? 0) > 0
const below: Condition = (value, other) => (compare(value, other) ?? 0) < 0

export const conditions: Readonly<Record<string, Condition | undefined>> = Object.assign(Object.create(null), {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  null: (value) => value === null,
  none: (value) => value === null,
  string: (value) => typeof value === 'string',
  number: (value) => isNumber(value),
  boolean: (value) => typeof value === 'boolean',
  mapping: (value) => isObject(value),
  iterable: (value) => typeof value === 'string' || Array.isArray(value),
  sequence: (value) => typeof value === 'string' || Array.isArray(value),
  truthy: (value) => isTrue(value),
  falsy: (value) => !isTrue(value),
  true: (value) => value === true,
  false: (value) => value === false,
  empty: (value, _argument, run) => {
    if (isObject(value)) return entries(value, run).length === 0
    return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  },
  odd: (value) => Math.abs(numberOf(value) % 2) === 1,
  even: (value) => numberOf(value) % 2 === 0,
  divisibleby: (value, by) => numberOf(value) % numberOf(by) === 0,
  lower: (value, _argument, run) => isSame(value, run, (text) => text.toLowerCase()),
  upper: (value, _argument, run) => isSame(value, run, (text) => text.toUpperCase()),
  eq: equal,
  equalto: equal,
  sameas: equal,
  ne: (value, other) => !strictEquals(value, other),
  gt: above,
  greaterthan: above,
  lt: below,
  lessthan: below,
  ge: (value, other, run) => looseEquals(value, other) || above(value, other, run),
  le: (value, other, run) => looseEquals(value, other) || below(value, other, run),
  in: (value, list, run) => contains(list, value, run),
  startingwith: (value, start, run) => textOf(value, run).startsWith(textOf(start, run)),
  endingwith: (value, end, run) => textOf(value, run).endsWith(textOf(end, run)),
} satisfies Record<string, Condition>)
