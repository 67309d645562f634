// Where a condition looks into a body, as steps that a body can be built by.

import { isObject, type Json } from '../../../expression/json.js'
import { readPath, type Segment } from '../../../expression/path.js'

const rules = { rich: false, name: /[^\s.[\]()'"*?,]+/uy, names: Number.POSITIVE_INFINITY, indexes: true } as const
/** A list is not filled further than this. */
const mostItems = 100

/** Steps of a path such as `$.items[*].sku`, where `[*]` is the first of a list; undefined for filters and slices. */
export function bodySteps(place: string): readonly Segment[] | undefined {
  const steps: Segment[] = []
  for (let at = 1; at < place.length; ) {
    const read = readPath(place, at, rules)
    steps.push(...read.segments)
    at = read.end
    if (at >= place.length) break
    const any = /^(?:\[\*\]|\.\*)/.exec(place.slice(at))
    if (any === null) return undefined
    steps.push(0)
    at += any[0].length
  }
  const isBuildable = steps.every((step) =>
    typeof step === 'number' ? step >= 0 && step < mostItems : step !== '__proto__',
  )
  return isBuildable ? steps : undefined
}

/** `root` with the value in its place; undefined where something else is in the way. What is given is not changed. */
export function withValue(root: Json | undefined, steps: readonly Segment[], value: Json): Json | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (typeof step === 'number') {
    if (root !== undefined && !Array.isArray(root)) return undefined
    const inner = withValue(root?.[step], rest, value)
    if (inner === undefined) return undefined
    return Array.from({ length: Math.max(root?.length ?? 0, step + 1) }, (_, at) =>
      at === step ? inner : (root?.[at] ?? null),
    )
  }
  if (root !== undefined && !isObject(root)) return undefined
  const known = root !== undefined && Object.hasOwn(root, step) ? root[step] : undefined
  const inner = withValue(known, rest, value)
  return inner === undefined ? undefined : { ...root, [step]: inner }
}
