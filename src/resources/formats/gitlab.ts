import { createHash } from 'node:crypto'
import { type Report, sentence } from './report.js'

/** A Code Quality report of GitLab: problems beside the lines of a merge request that they are in. */
export function renderGitlab({ problems, prefix }: Report): string {
  const seen = new Map<string, number>()
  const issues = problems.map((problem) => {
    const { rule, severity, file, line, pointer, message } = problem
    // Lines move; the field that is wrong does not. GitLab drops all but one of those that have the same.
    const same = `${rule}\n${file}\n${pointer}\n${message}`
    const times = seen.get(same) ?? 0
    seen.set(same, times + 1)
    return {
      description: sentence(problem),
      check_name: rule,
      fingerprint: createHash('sha256').update(`${same}\n${times}`).digest('hex').slice(0, 32),
      severity: severity === 'error' ? 'major' : 'minor',
      location: { path: prefix + file, lines: { begin: line } },
    }
  })
  return `${JSON.stringify(issues, undefined, 2)}\n`
}
