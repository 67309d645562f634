import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Secrets } from '../../../src/delivery/secrets.js'
import { type GitOptions, openGit } from '../../../src/source/git/git.js'
import type { Source } from '../../../src/source/source.js'

export const bounds = { maxFileBytes: 100_000, maxReferenceBytes: 200_000, maxFiles: 1_000, maxDepth: 20 }

/** Options under which all of loopback may be asked. */
export function gitOptions(stateDir: string, more: Partial<GitOptions> = {}): GitOptions {
  const env = more.env ?? process.env
  return {
    ...bounds,
    stateDir,
    env,
    intervalMs: 60_000,
    timeoutMs: 30_000,
    maxFetchBytes: 100_000_000,
    openSecrets: () => new Secrets({ env }),
    resolve: async () => ['127.0.0.1'],
    ...more,
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-git-state-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Until the end of the test. */
export function openedGit(url: string, more: Partial<GitOptions> = {}): Source {
  const source = openGit(url, gitOptions(more.stateDir ?? temporaryFolder(), more))
  onTestFinished(() => source.close())
  return source
}
