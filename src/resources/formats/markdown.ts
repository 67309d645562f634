import type { Problem } from '../problem.js'
import { printable, type Report, sentence, summary } from './report.js'

/** GitHub refuses comments beyond 65,536 characters. */
const maxLength = 60_000

/** For a comment in a pull request. */
export function renderMarkdown(report: Report): string {
  const { problems, prefix } = report
  const failed = problems.some(({ severity }) => severity === 'error')
  const title = `### ${failed ? '❌' : problems.length > 0 ? '⚠️' : '✅'} callboard validate: ${escapeMarkdown(summary(report))}\n`
  if (problems.length === 0) return title
  let text = `${title}\n| | Where | What |\n| --- | --- | --- |\n`
  for (const [index, problem] of problems.entries()) {
    const next = row(problem, prefix)
    if (text.length + next.length > maxLength) return `${text}\n${problems.length - index} more are not shown.\n`
    text += next
  }
  return text
}

function row(problem: Problem, prefix: string): string {
  const { severity, file, line, column, rule } = problem
  const mark = severity === 'error' ? '❌ error' : '⚠️ warning'
  return `| ${mark} | ${code(`${prefix}${file}:${line}:${column}`)} | ${escapeMarkdown(sentence(problem))} ${code(rule)} |\n`
}

/** Text that can neither end the cell nor become markup, a link or a mention. */
function escapeMarkdown(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#|~!]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//')
}

function code(text: string): string {
  const shown = printable(text).replaceAll('|', '\\|')
  const fence = '`'.repeat(Math.max(0, ...(shown.match(/`+/g) ?? []).map(({ length }) => length)) + 1)
  return fence.length === 1 ? `\`${shown}\`` : `${fence} ${shown} ${fence}`
}
