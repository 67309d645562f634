// Messages before and after, as lines of a diff.

import type { MessageChange, MessagePlace, ShownMessage } from './messages.js'

/** Lines of one text; the rest is counted. */
const mostLines = 60
/** Places that are named. */
const mostPlaces = 3

/** `deploy.failure on slack in de`, `digest weekly` */
export function messageTitle({ event, digest, also, among, ...place }: MessageChange): string {
  const what = digest === undefined ? event : `digest ${digest}`
  const places = [place, ...also]
  const said = fields.map(({ field, before, other }) => {
    const all = new Set(among.map((one) => one[field]))
    const own = new Set(places.map((one) => one[field]))
    return { own, text: own.size === all.size ? '' : ` ${before} ${listed([...own], other)}` }
  })
  const product = said.reduce((count, { own }) => count * own.size, 1)
  if (product === places.length) return `${what}${said.map(({ text }) => text).join('')}`
  const named = places
    .slice(0, mostPlaces)
    .map((one) =>
      fields.map(({ field, before, other }) => ` ${before} ${one[field] === '' ? other : one[field]}`).join(''),
    )
  const more = places.length - named.length
  return `${what}${named.join(';')}${more > 0 ? ` and ${more} more` : ''}`
}

const fields = [
  { field: 'channelType', before: 'on', other: 'other channels' },
  { field: 'lang', before: 'in', other: 'other languages' },
  { field: 'namespace', before: 'from', other: 'other namespaces' },
] as const satisfies readonly { readonly field: keyof MessagePlace; readonly before: string; readonly other: string }[]

function listed(names: readonly string[], other: string): string {
  const all = [...names.filter((name) => name !== '').sort(), ...(names.includes('') ? [other] : [])]
  const last = all.pop()
  return all.length === 0 ? `${last}` : `${all.join(', ')} and ${last}`
}

/** ` ` before what stays, `-` and `+` before what goes and comes. */
export function messageLines({ before, after }: MessageChange): string[] {
  const lines = lineDifference(before === undefined ? [] : linesOf(before), after === undefined ? [] : linesOf(after))
  const more = lines.length - mostLines
  return more > 0 ? [...lines.slice(0, mostLines), `… and ${more} more lines`] : lines
}

function linesOf({ severity, title, body, link, format, failure, missing }: ShownMessage): string[] {
  return [
    `severity: ${severity}`,
    ...(format === 'rich' ? [] : [`format: ${format}`]),
    `title: ${title}`,
    ...(link === null ? [] : [`link: ${link}`]),
    ...(body === '' ? [] : body.split('\n')),
    ...missing.map((path) => `warning: ${path} is not in the sample`),
    ...(failure === null ? [] : [`error: ${failure}`]),
  ]
}

/** The longest common lines stay. Texts of messages are short; of long ones only the ends are compared. */
export function lineDifference(before: readonly string[], after: readonly string[]): string[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  const shorter = Math.min(before.length, after.length) - start
  while (end < shorter && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1
  const was = before.slice(start, before.length - end)
  const is = after.slice(start, after.length - end)
  const same = (line: string) => ` ${line}`
  return [
    ...before.slice(0, start).map(same),
    ...(was.length * is.length > 250_000 ? replaced(was, is) : aligned(was, is)),
    ...before.slice(before.length - end).map(same),
  ]
}

function replaced(was: readonly string[], is: readonly string[]): string[] {
  return [...was.map((line) => `-${line}`), ...is.map((line) => `+${line}`)]
}

function aligned(was: readonly string[], is: readonly string[]): string[] {
  // lengths[i][j]: how many lines `was` from i and `is` from j have in common.
  const lengths = Array.from({ length: was.length + 1 }, () => new Array<number>(is.length + 1).fill(0))
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  for (let i = was.length - 1; i >= 0; i -= 1) {
    const row = lengths[i] ?? []
    for (let j = is.length - 1; j >= 0; j -= 1) {
      row[j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: string[] = []
  for (let i = 0, j = 0; i < was.length || j < is.length; ) {
    if (i < was.length && j < is.length && was[i] === is[j]) {
      lines.push(` ${was[i]}`)
      i += 1
      j += 1
    } else if (i < was.length && (j >= is.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`-${was[i++]}`)
    else lines.push(`+${is[j++]}`)
  }
  return lines
}
