// A repository of Git with somebody who pushes to it.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export type Files = Readonly<Record<string, string | Uint8Array | undefined>>

type Cleanup = (end: () => void) => void

const person = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

export class Repository {
  /** Holds nothing but repositories, as a server gives them out. */
  readonly root: string
  readonly bare: string
  readonly work: string
  readonly base: string

  constructor(files: Files = {}, { format = 'sha1', cleanup = onTestFinished as Cleanup } = {}) {
    this.base = mkdtempSync(join(tmpdir(), 'callboard-git-'))
    cleanup(() => rmSync(this.base, { recursive: true, force: true, maxRetries: 5 }))
    this.root = join(this.base, 'served')
    this.bare = join(this.root, 'config.git')
    this.work = join(this.base, 'work')
    mkdirSync(this.root)
    mkdirSync(this.work)
    this.git('init', '-q', '--bare', `--object-format=${format}`, '-b', 'main', this.bare)
    this.git('-C', this.bare, 'config', 'uploadpack.allowFilter', 'true')
    this.git('-C', this.bare, 'config', 'http.receivepack', 'true')
    this.git('init', '-q', `--object-format=${format}`, '-b', 'main')
    this.git('remote', 'add', 'origin', this.bare)
    if (Object.keys(files).length > 0) this.push(files)
  }

  get url(): string {
    return `file://${this.bare}`
  }

  /** In the work tree unless told otherwise. */
  git(...args: readonly string[]): string {
    const env = { ...process.env, ...person }
    return execFileSync('git', args, { cwd: this.work, env, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
  }

  /** Commits what is different, on the branch that is checked out. Returns the commit. */
  commit(files: Files, message = 'change'): string {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.work, path)
      if (content === undefined) rmSync(file, { recursive: true })
      else {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, content)
      }
    }
    this.git('add', '-A')
    this.git('commit', '-q', '--allow-empty', '-m', message)
    return this.git('rev-parse', 'HEAD')
  }

  push(files: Files = {}, message = 'change'): string {
    const commit = this.commit(files, message)
    this.git('push', '-q', '--force', 'origin', 'HEAD')
    return commit
  }

  tag(name: string, ...args: readonly string[]): void {
    this.git('tag', '-f', ...args, name)
    this.git('push', '-q', '--force', 'origin', `refs/tags/${name}`)
  }

  destroy(): void {
    rmSync(this.bare, { recursive: true })
  }
}
