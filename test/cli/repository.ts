import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Files = Readonly<Record<string, string | undefined>>

/** Nothing of the person's or the machine's own settings, and the same commit ids in every run. */
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.test',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.test',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
}

/** A temporary folder. */
export class Folder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'callboard-cli-')))

  /** Writes files, and deletes those that are undefined. */
  write(files: Files): this {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name)
      if (text === undefined) {
        rmSync(path, { recursive: true })
        continue
      }
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    return this
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A folder that is a Git repository with the branch `main`. */
export class Repository extends Folder {
  constructor() {
    super()
    this.git('init', '--quiet', '--initial-branch=main')
  }

  git(...args: string[]): string {
    return execFileSync('git', args, {
      cwd: this.path,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  commit(files: Files): string {
    this.write(files)
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message=change')
    return this.git('rev-parse', 'HEAD')
  }
}

/** A mock as a document; `spec` is added to it. */
export function mock(name: string, { status = 200, namespace = 'shop', spec = '' } = {}): string {
  return `apiVersion: callboard/v1
kind: Mock
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  http:
    route: /${name}
    httpMethod: GET
  response:
    statusCode: ${status}
    payload: {ok: true}
${spec}`
}
