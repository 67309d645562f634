import { type Report, summary } from './report.js'

/** For programs: the problems as they are, with the counts. */
export function renderJson(report: Report): string {
  const { problems, counts } = report
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const value = {
    summary: summary(report),
    counts: { ...counts, errors, warnings: problems.length - errors },
    problems,
  }
  return `${JSON.stringify(value, null, 2)}\n`
}
