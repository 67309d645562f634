import type { ProblemView } from '../status/views.js'
import { printable } from './view.js'

/** Problems as the control port tells them: without the line they are in, which is where the source is. */
export function renderProblems(problems: readonly ProblemView[]): string {
  return problems
    .map(({ file, line, column, severity, message, rule, hint }) => {
      const advice = hint === undefined ? '' : `  hint: ${printable(hint)}\n`
      return `${printable(`${file}:${line}:${column}: ${severity}: ${message} [${rule}]`)}\n${advice}`
    })
    .join('')
}
