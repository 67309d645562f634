import type { Problem } from '../problem.js'
import type { Report } from './report.js'

/** Workflow commands of GitHub Actions: annotations in the pull request's diff. */
export function renderGithub({ problems, prefix }: Report): string {
  return problems.map((problem) => `${command(problem, prefix)}\n`).join('')
}

function command(
  { severity, file, line, column, endLine, endColumn, rule, message, hint }: Problem,
  prefix: string,
): string {
  const properties = {
    file: prefix + file,
    line,
    // GitHub refuses columns on an annotation of several lines.
    ...(endLine === line ? { col: column, endColumn } : { endLine }),
    title: rule,
  }
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return `::${severity} ${list.join(',')}::${escapeData(hint === undefined ? message : `${message}\n${hint}`)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
