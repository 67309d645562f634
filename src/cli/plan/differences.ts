import { type Json, RawNumber } from '../../expression/json.js'
import { canonicalJson } from '../../resources/canonical.js'

export interface Difference {
  /** JSON pointer to the field. */
  readonly pointer: string
  /** Undefined when the field is new. */
  readonly before?: Json
  /** Undefined when the field is gone. */
  readonly after?: Json
  /** What the values do not show: that a masked secret differs, or the content of a file. */
  readonly note?: string
}

/** Where two JSON values differ, at the deepest fields that do. */
export function differences(before: Json, after: Json, pointer = ''): Difference[] {
  if (Array.isArray(before) && Array.isArray(after)) return itemDifferences(before, after, pointer)
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) => {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      const [was, is] = [own(before, key), own(after, key)]
      if (was === undefined) return is === undefined ? [] : [{ pointer: at, after: is }]
      return is === undefined ? [{ pointer: at, before: was }] : differences(was, is, at)
    })
  }
  return isEqual(before, after) ? [] : [{ pointer, before, after }]
}

/** What is put in or taken out of a list leaves what stands before and after it as it was. */
function itemDifferences(before: readonly Json[], after: readonly Json[], pointer: string): Difference[] {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && isEqual(before[start], after[start])) start++
  let end = 0
  while (end < shorter - start && isEqual(before[before.length - 1 - end], after[after.length - 1 - end])) end++
  const was = before.slice(start, before.length - end)
  const is = after.slice(start, after.length - end)
  return Array.from({ length: Math.max(was.length, is.length) }, (_, index): Difference[] => {
    const at = `${pointer}/${start + index}`
    const [old, next] = [was[index], is[index]]
    if (old === undefined) return next === undefined ? [] : [{ pointer: at, after: next }]
    return next === undefined ? [{ pointer: at, before: old }] : differences(old, next, at)
  }).flat()
}

function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b)
}

function own(object: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof RawNumber)
}
