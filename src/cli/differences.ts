export interface Difference {
  /** JSON pointer to the field. */
  readonly pointer: string
  /** Undefined when the field is new. */
  readonly before?: unknown
  /** Undefined when the field is gone. */
  readonly after?: unknown
}

/** Where two JSON values differ, at the deepest fields that do. */
export function differences(before: unknown, after: unknown, pointer = ''): Difference[] {
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) => {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!Object.hasOwn(before, key)) return [{ pointer: at, after: after[key] }]
      if (!Object.hasOwn(after, key)) return [{ pointer: at, before: before[key] }]
      return differences(before[key], after[key], at)
    })
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ pointer, before, after }]
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}
