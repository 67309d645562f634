import { renderGithub } from './github.js'
import { renderGitlab } from './gitlab.js'
import { renderJson } from './json.js'
import { renderJunit } from './junit.js'
import { renderMarkdown } from './markdown.js'
import type { Report } from './report.js'
import { renderSarif } from './sarif.js'
import { renderText } from './text.js'

export type { Report } from './report.js'

export interface Format {
  readonly name: string
  readonly description: string
  readonly render: (report: Report) => string
}

const all: readonly Format[] = [
  { name: 'text', description: 'for people, with the line each problem is in', render: renderText },
  { name: 'json', description: 'the problems as data', render: renderJson },
  { name: 'github', description: 'annotations in GitHub Actions', render: renderGithub },
  { name: 'gitlab', description: 'a Code Quality report of GitLab', render: renderGitlab },
  { name: 'sarif', description: 'SARIF 2.1.0, for code scanning', render: renderSarif },
  { name: 'junit', description: 'JUnit XML, for test reports', render: renderJunit },
  { name: 'markdown', description: 'a comment for a pull request', render: renderMarkdown },
]

/** Every way to show problems, by the name that `--output` takes. */
export const formats: ReadonlyMap<string, Format> = new Map(all.map((format) => [format.name, format]))
