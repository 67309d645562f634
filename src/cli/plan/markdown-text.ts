// Declared values in markdown: none of them may become markup, a link, or a mention of somebody.

import { printable } from '../view.js'

/** Text that stays text: no markup, no link, nobody mentioned. */
export function plain(text: string): string {
  return unlinked(
    printable(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/[\\`*_{}[\]#|~!]/g, '\\$&'),
  )
}

/** Inside of HTML, where markdown means nothing. */
export function html(text: string): string {
  return unlinked(printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
}

/** Forges look for mentions, numbers of issues and addresses in what they have rendered. */
function unlinked(text: string): string {
  return text
    .replaceAll('@', '@\u200b')
    .replace(/(#|!)(?=\d)/g, '$1\u200b')
    .replace(/:\/\/|www\./gi, (start) => `${start[0]}\u200b${start.slice(1)}`)
}

export function code(value: string): string {
  return `\`${printable(value).replaceAll('`', "'")}\``
}

/** Code in a cell of a table. */
export function codeCell(value: string): string {
  return code(value).replaceAll('|', '\\|')
}

/** As many backticks as none of the lines has. */
export function ticksFor(lines: readonly string[]): string {
  let longest = 2
  for (const line of lines) for (const [ticks] of line.matchAll(/`+/g)) longest = Math.max(longest, ticks.length)
  return '`'.repeat(longest + 1)
}
