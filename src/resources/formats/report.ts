import type { Counts } from '../assemble.js'
import type { Problem } from '../problem.js'

/** What a format renders. */
export interface Report {
  readonly problems: readonly Problem[]
  readonly counts: Counts
  /** The text of a file, for showing the line; undefined when it cannot be had. */
  readonly read: (file: string) => string | undefined
  /** The source's root as seen from where tools look (the repository's root), such as `config/`. Empty when they are the same. */
  readonly prefix: string
  /** Colours for a terminal; only the text format has them. */
  readonly colour: boolean
  readonly version: string
}

/** `2 errors and 1 warning in 12 documents of 3 files` */
export function summary({ problems, counts }: Report): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const found = [
    ...(errors > 0 || warnings === 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(' and ')
  const where = `${plural(counts.documents, 'document')} of ${plural(counts.files, 'file')}`
  const unmanaged = counts.unmanaged === 0 ? '' : `, ${counts.unmanaged} of them not Callboard's`
  return `${found} in ${where}${unmanaged}`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Message and advice in one line. */
export function sentence({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message} (${hint})`
}

/** Control characters made visible: what a file holds must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (char) =>
    char === '\t' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
