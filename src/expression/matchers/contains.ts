import { isObject, type Json, jsonEquals, RawNumber } from '../json.js'
import type { Action } from './action.js'

/** Of a text a part; of a list an element, or each element of a list; of an object a subset, at every depth. */
export const contains: Action = {
  name: 'contains',
  words: 'contains',
  takes: 'text',
  whenAbsent: false,
  needs: 'one',
  compile: ({ value, sortArray }) => {
    const part = typeof value === 'object' && !(value instanceof RawNumber) ? undefined : String(value)
    return (found) => {
      if (typeof found === 'string') return part !== undefined && found.includes(part)
      return includes(found, value, { sortArray })
    }
  },
}

function includes(found: Json, value: Json, options: { sortArray: boolean }): boolean {
  if (Array.isArray(found)) {
    const hasElement = (wanted: Json) => found.some((element) => isSubset(element, wanted, options))
    return Array.isArray(value) ? hasElement(value) || value.every(hasElement) : hasElement(value)
  }
  return isSubset(found, value, options)
}

function isSubset(found: Json, value: Json, options: { sortArray: boolean }): boolean {
  if (!isObject(value) || !isObject(found)) return jsonEquals(found, value, options)
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(found, key) || !isSubset(found[key] as Json, value[key] as Json, options)) return false
  }
  return true
}
