import { tmpdir } from 'node:os'
import { simpleGit } from 'simple-git'
import { SourceError } from '../source.js'
import { localEnvironment } from './environment.js'
import { cannotRun } from './process.js'

/** The first that reads settings from its environment, as they are given to it here. */
const least = [2, 31] as const

/** Major and minor of git. Rejects with `SourceError` when there is none, or one that lacks what is needed here. */
export async function usableGit(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly [major: number, minor: number]> {
  const folder = tmpdir()
  const variables = localEnvironment(env, folder)
  const git = simpleGit({
    baseDir: folder,
    allowEnvironment: Object.keys(variables),
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeAskPass: true },
  })
  const { installed, major, minor } = await git.env(variables).version()
  if (!installed) throw cannotRun(Object.assign(new Error('git is missing'), { code: 'ENOENT' }))
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    const found = `git is of version ${major}.${minor}`
    throw new SourceError(`${found}, and ${least.join('.')} or newer is needed`, { reason: 'GitMissing' })
  }
  return [major, minor]
}
