// What a pull request costs: a plan of 10,000 documents of which 50 have changed, each time from nothing.
import { execFileSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { yamlPath, yamlText } from '../corpus/files.mjs'
import { pathOf } from '../harness/child.mjs'
import { corpus } from '../harness/corpus.mjs'
import { finding } from '../harness/report.mjs'
import { spread } from '../harness/statistics.mjs'

const changed = 50
const program = pathOf('../../../dist/cli/index.js', import.meta.url)

export const title = `A plan of 10,000 documents with ${changed} changed`

export async function run({ workspace, effort, profile }) {
  const { directory, files } = corpus(workspace)
  const repository = join(workspace, 'plan')
  cpSync(directory, repository, { recursive: true })
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.test', ...args], { cwd: repository })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=base')
  git('switch', '--quiet', '--create=change')
  for (let at = 0; at < changed; at += 1) {
    const index = Math.floor((at * files) / changed)
    writeFileSync(join(repository, yamlPath(index)), yamlText(index, 2))
  }
  git('commit', '--quiet', '--all', '--message=head')
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const plan = (...args) => {
    const started = performance.now()
    const told = execFileSync(process.execPath, [...flags, program, 'plan', repository, '--base', 'main', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    return { ms: performance.now() - started, told }
  }
  const folder = []
  const commits = []
  for (let round = 0; round < effort.starts; round += 1) {
    folder.push(checked(plan('-o', 'json'), files))
    commits.push(checked(plan('-o', 'json', '--head', 'change'), files))
  }
  const scenario = 'plan'
  return [
    finding({ scenario, name: 'plan of a check-out', unit: 'ms', value: spread(folder), target: 10_000 }),
    finding({
      scenario,
      name: 'plan of a commit, nothing checked out',
      unit: 'ms',
      value: spread(commits),
      target: 10_000,
    }),
  ]
}

/** A plan that took no time because it saw nothing is none. */
function checked({ ms, told }, files) {
  const { counts, changes } = JSON.parse(told)
  if (counts.update !== changed || counts.unchanged !== files - changed || changes.length !== changed)
    throw new Error(`not the plan that was asked for: ${JSON.stringify(counts)}`)
  return ms
}
