// Secrets that stand in declarations as they are. What is journalled names them by their hash; they themselves are in
// files that nobody else may read.

import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretReference } from '../delivery/secrets.js'
import { StoreUnavailable } from '../store/store.js'

/** What the name of a secret that was kept here begins with. */
export const literalScheme = 'literal:'

export class LiteralSecrets {
  readonly #folder: string
  readonly #known = new Map<string, SecretReference>()
  /** By hash. */
  readonly #texts = new Map<string, string>()

  /** `folder` is made when there is something to keep. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** What to journal instead of `text`, which is on disk afterwards. Throws `StoreUnavailable`. */
  keep(text: string): SecretReference {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const hash = createHash('sha256').update(text).digest('hex')
    try {
      this.#write(hash, text)
    } catch (error) {
      throw new StoreUnavailable(`a secret cannot be kept: ${(error as Error).message}`)
    }
    const reference = { file: literalScheme + hash }
    this.#known.set(text, reference)
    this.#texts.set(hash, text)
    return reference
  }

  /** The text that a reference names: one that was kept here, or a file. */
  readonly read = async (path: string): Promise<string> => {
    if (!path.startsWith(literalScheme)) return await readFile(path, 'utf8')
    const hash = path.slice(literalScheme.length)
    // A file that is named by its content never changes.
    return this.#texts.get(hash) ?? (await readFile(join(this.#folder, hash), 'utf8'))
  }

  #write(hash: string, text: string): void {
    const path = join(this.#folder, hash)
    if (existsSync(path)) return
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    // Whole or not at all: what is there is taken for complete.
    const unfinished = `${path}.${process.pid}`
    const file = openSync(unfinished, 'w', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(unfinished, path)
  }
}
