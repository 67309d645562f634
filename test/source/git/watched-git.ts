import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCommand } from '../../services/service-process.js'

/** A `git` that notes how it is called: for the environment of a source. */
export class WatchedGit {
  readonly env: NodeJS.ProcessEnv
  readonly #notes: string

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-watched-git-'))
    this.#notes = join(folder, 'notes')
    writeFileSync(this.#notes, '')
    const real = findCommand('git')
    writeFileSync(join(folder, 'git'), `#!/bin/sh\necho "$*" >> '${this.#notes}'\nexec '${real}' "$@"\n`, {
      mode: 0o755,
    })
    this.env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  }

  /** The arguments of each call since the last time this was asked. */
  calls(): string[] {
    const calls = readFileSync(this.#notes, 'utf8').split('\n').filter(Boolean)
    writeFileSync(this.#notes, '')
    return calls
  }
}
