import type { Action } from './action.js'
import { any } from './any.js'
import { contains } from './contains.js'
import { empty } from './empty.js'
import { equals } from './equals.js'
import { jsonSchema } from './json-schema.js'
import { matches } from './matches.js'
import { notContains } from './not-contains.js'
import { notEmpty } from './not-empty.js'
import { notEquals } from './not-equals.js'
import { gt, gte, lt, lte } from './order.js'

const all: readonly Action[] = [
  equals,
  contains,
  notEquals,
  notContains,
  any,
  notEmpty,
  empty,
  matches,
  gt,
  gte,
  lt,
  lte,
  jsonSchema,
]

/** Every action that a condition can name in `assertAction`. */
export const actions: ReadonlyMap<string, Action> = new Map(all.map((action) => [action.name, action]))
