import type { Json } from '../../expression/json.js'
import { toJson } from '../../expression/json-text.js'
import { printable } from '../view.js'
import type { Difference } from './differences.js'

/** Differences shown of one resource; the rest is counted. */
const mostDifferences = 20
/** Characters shown of one value. */
const valueWidth = 100

/** Differences as lines of a diff. */
export function differenceLines(found: readonly Difference[]): string[] {
  const lines = found.slice(0, mostDifferences).map(({ pointer, before, after, note }) => {
    if (note !== undefined) return `~ ${printable(pointer === '' ? note : `${pointer}: ${note}`)}`
    if (before === undefined) return `+ ${printable(pointer)}: ${cut(text(after), 0)}`
    if (after === undefined) return `- ${printable(pointer)}: ${cut(text(before), 0)}`
    const [was, is] = [text(before), text(after)]
    const from = Math.max(was.length, is.length) <= valueWidth ? 0 : firstDifference(was, is)
    return `~ ${printable(pointer)}: ${cut(was, from)} → ${cut(is, from)}`
  })
  return found.length > mostDifferences ? [...lines, `… and ${found.length - mostDifferences} more`] : lines
}

function text(value: Json | undefined): string {
  return printable((value === undefined ? undefined : toJson(value)) ?? '(too deep to show)')
}

/** A part of a long value, with a little of what stands before `from`. */
function cut(value: string, from: number): string {
  const start = from > valueWidth / 4 ? from - valueWidth / 4 : 0
  const end = start + valueWidth
  return `${start > 0 ? '…' : ''}${value.slice(start, end)}${end < value.length ? '…' : ''}`
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}
