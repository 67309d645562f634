import { isObject, type Json } from '../json.js'
import type { Action } from './action.js'

/** null, "", [] and {} are empty; 0 and false are not. */
export function isEmpty(found: Json): boolean {
  if (found === null || found === '') return true
  if (Array.isArray(found)) return found.length === 0
  if (!isObject(found)) return false
  for (const _key in found) return false
  return true
}

export const empty: Action = {
  name: 'empty',
  words: 'is empty or absent',
  takes: 'none',
  whenAbsent: true,
  needs: 'one',
  compile: () => isEmpty,
}
