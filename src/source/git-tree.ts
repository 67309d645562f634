import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SourceError } from './source.js'

const run = promisify(execFile)

/**
 * Lays out what `folder` held at a Git revision in a temporary folder, hands that to `use`, and removes it again.
 * Work tree, index and configuration of the repository stay as they are; hooks do not run.
 * Rejects with `SourceError` when the folder is in no repository, or the revision is unknown.
 */
export async function withGitTree<Result>(
  folder: string,
  revision: string,
  use: (folder: string, commit: string) => Promise<Result>,
): Promise<Result> {
  const prefix = (await git(folder, ['rev-parse', '--show-prefix'])).trimEnd()
  const commit = (await git(folder, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])).trim()
  const temporary = await realpath(await mkdtemp(join(tmpdir(), 'callboard-tree-')))
  try {
    const env = { GIT_INDEX_FILE: join(temporary, 'index') }
    const tree = prefix === '' ? commit : `${commit}:${prefix.replace(/\/$/, '')}`
    await git(folder, ['read-tree', tree], env)
    const out = join(temporary, 'tree')
    await git(
      folder,
      ['-c', 'core.hooksPath=/dev/null', 'checkout-index', '--all', '--quiet', `--prefix=${out}/`],
      env,
      true,
    )
    return await use(out, commit)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function git(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  atTop = false,
): Promise<string> {
  try {
    // checkout-index leaves out what is outside the current folder, so it runs at the top of the work tree.
    const cwd = atTop ? (await run('git', ['rev-parse', '--show-toplevel'], { cwd: folder })).stdout.trimEnd() : folder
    const { stdout } = await run('git', args, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT')
      throw new SourceError(`git cannot be run in ${folder}: is it installed, and does the folder exist?`)
    throw new SourceError(
      (stderr ?? '')
        .trim()
        .split('\n')[0]
        ?.replace(/^fatal: /, '') || String(error),
    )
  }
}
