// What Git holds at one commit, read from its object store: no work tree, no index, no hook and no filter is touched.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { GitEntry } from '../source/git/commit-disk.js'
import { SourceError } from '../source/source.js'

const run = promisify(execFile)

/** Where a folder is in its repository, and one commit of it. */
export interface GitRevision {
  readonly commit: string
  /** The folder's path below the top of the repository; empty at the top. */
  readonly prefix: string
}

/** Path of `folder` below the top of its repository, with a slash at the end; undefined when it is in none. */
export async function pathInRepository(folder: string): Promise<string | undefined> {
  try {
    return (await git(folder, ['rev-parse', '--show-prefix'])).replace(/\n$/, '')
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

/** Rejects with `SourceError` when the folder is in no repository, or `ref` names no commit. */
export async function resolveRevision(folder: string, ref: string): Promise<GitRevision> {
  const prefix = (await git(folder, ['rev-parse', '--show-prefix'])).replace(/\/?\n$/, '')
  try {
    const commit = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
    return { commit: commit.trim(), prefix }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    const advice = (await isShallow(folder))
      ? `; this clone is shallow: ${deepen}`
      : '; a branch of a remote is named like origin/main, and has to be fetched first'
    throw new SourceError(`${JSON.stringify(ref)} is no commit, branch or tag here${advice}`)
  }
}

export interface Fork {
  /** Where what the head changes begins. */
  readonly commit: string
  /** The commit that was asked for. */
  readonly base: string
  /** `forked`: both have gone on since `commit`. `unrelated`: they have nothing in common. */
  readonly relation: 'contained' | 'forked' | 'unrelated'
}

/**
 * The commit at which `head` left `base`, as a merge sees it: the base itself when one of them contains the other, or they
 * have nothing in common. Rejects with `SourceError` when a shallow clone does not reach back to it.
 */
export async function forkPoint(folder: string, base: string, head: string): Promise<Fork> {
  const from = (await resolveRevision(folder, base)).commit
  const to = (await resolveRevision(folder, head)).commit
  // Ends with 1 and says nothing where there is none.
  const commit = (await git(folder, ['merge-base', from, to]).catch(() => '')).trim()
  if (commit === '' && (await isShallow(folder))) {
    throw new SourceError(
      `this clone is shallow and does not reach back to where ${short(head)} left ${short(base)}; ${deepen}`,
    )
  }
  if (commit === '') return { commit: from, base: from, relation: 'unrelated' }
  const isFork = commit !== from && commit !== to
  return { commit: isFork ? commit : from, base: from, relation: isFork ? 'forked' : 'contained' }
}

const deepen = 'fetch the history (git fetch --unshallow, fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab)'

async function isShallow(folder: string): Promise<boolean> {
  return (await git(folder, ['rev-parse', '--is-shallow-repository'])).trim() === 'true'
}

function short(ref: string): string {
  return JSON.stringify(ref.slice(0, 100))
}

/** Every file at or below the folder; undefined when the folder was not there at that commit. */
export async function listEntries(
  folder: string,
  { commit, prefix }: GitRevision,
): Promise<readonly GitEntry[] | undefined> {
  const tree = prefix === '' ? `${commit}^{tree}` : `${commit}:${prefix}`
  if (prefix !== '') {
    const type = await git(folder, ['cat-file', '-t', tree]).catch((error: unknown) => {
      if (error instanceof SourceError) return undefined
      throw error
    })
    if (type?.trim() !== 'tree') return undefined
  }
  const listed = await git(folder, ['ls-tree', '-r', '-l', '-z', '--full-tree', '--end-of-options', tree])
  return listed.split('\0').flatMap((line) => {
    const [, mode = '', object = '', size = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(line) ?? []
    return path === '' ? [] : [{ mode, object, size: size === '-' ? 0n : BigInt(size), path }]
  })
}

/** A file of a commit, by its path below the top of the repository; undefined when there is none. */
export async function readCommitted(folder: string, commit: string, path: string): Promise<string | undefined> {
  const object = `${commit}:${path}`
  const type = await git(folder, ['cat-file', '-t', object]).catch((error: unknown) => {
    if (error instanceof SourceError) return undefined
    throw error
  })
  return type?.trim() === 'blob' ? git(folder, ['cat-file', 'blob', object]) : undefined
}

async function git(folder: string, args: readonly string[]): Promise<string> {
  try {
    // Messages are looked at, so they are asked for in the one language they are known in.
    const env = { ...process.env, LC_ALL: 'C' }
    const { stdout } = await run('git', args, { cwd: folder, env, maxBuffer: 256 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new SourceError(`git cannot be run in ${folder}: is it installed?`)
    const [said = ''] = stderr.trim().split('\n')
    if (said.includes('dubious ownership')) {
      const advice = `git config --global --add safe.directory ${JSON.stringify(folder)}`
      throw new SourceError(`git refuses ${folder}, which belongs to somebody else; if you trust it: ${advice}`)
    }
    if (said.includes('not a git repository')) throw new SourceError(`${folder} is in no git repository`)
    throw new SourceError(said.replace(/^fatal: /, '') || `git ${args[0]} failed in ${folder}`)
  }
}
