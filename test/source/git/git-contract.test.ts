import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { openGit } from '../../../src/source/git/git.js'
import { describeSource, type Origin } from '../../contract/source.js'
import { gitOptions } from './opened-git.js'
import { Repository } from './repository.js'

class GitOrigin implements Origin {
  readonly #cleanups: (() => void)[] = []
  readonly repository = new Repository({}, { cleanup: (end) => this.#cleanups.push(end) })

  open() {
    const stateDir = mkdtempSync(join(this.repository.base, 'state-'))
    return openGit(this.repository.url, gitOptions(stateDir, { intervalMs: 20 }))
  }

  async change(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    this.repository.push(files)
  }

  async destroy(): Promise<void> {
    this.repository.destroy()
  }

  async remove(): Promise<void> {
    for (const end of this.#cleanups) end()
  }
}

describeSource('a Git repository', async () => new GitOrigin())
