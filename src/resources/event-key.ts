import { isObject, type Json, RawNumber } from '../expression/json.js'
import { compilePath, type Path } from '../expression/path.js'

const compiled = new Map<string, Path>()
const maxCompiled = 1000

/** What the payload says it is about, by `key` of its event type; undefined when it says nothing that can be compared. */
export function keyIn(payload: Json, key: string): string | undefined {
  const found = pathOf(key).get(payload)
  if (found instanceof RawNumber) return found.text
  if (found === undefined || found === null || Array.isArray(found) || isObject(found)) return undefined
  return found === '' ? undefined : String(found)
}

/** Throws a `PathError` for what is no path. */
export function pathOf(key: string): Path {
  const known = compiled.get(key)
  if (known !== undefined) return known
  const path = compilePath(key)
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(key, path)
  return path
}
