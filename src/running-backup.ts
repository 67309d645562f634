// A backup of the state directory that is in use, for whoever asks for one.

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Webhooks } from './callbacks/webhooks.js'
import type { EmbeddedStore } from './store/embedded.js'

export interface RunningBackupParts {
  readonly stateDir: string
  readonly store: Pick<EmbeddedStore, 'backup'>
  readonly webhooks: Pick<Webhooks, 'fireOperation'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Of files that are there only until they are sent. */
const suffix = '.backup-to-send'

/** Makes backups, each read from a file that has no name any more and is gone with its last reader. */
export class RunningBackup {
  readonly #parts: RunningBackupParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: RunningBackupParts) {
    this.#parts = parts
  }

  /** The backup as of now. That it was made is told to webhooks. Rejects with `StoreUnavailable` when that cannot be kept. */
  make(): Promise<Readable> {
    const made = this.#last.then(() => this.#make())
    this.#last = made.catch(() => {})
    return made
  }

  async #make(): Promise<Readable> {
    const { stateDir, store, webhooks, now } = this.#parts
    await this.#removeLeftOver()
    const id = randomUUID()
    const path = join(stateDir, `${id}${suffix}`)
    try {
      await store.backup(path)
      const file = await open(path, 'r')
      await rm(path)
      try {
        await webhooks.fireOperation({ id, operation: 'backup.create', time: now() })
      } catch (error) {
        await file.close()
        throw error
      }
      return createReadStream('', { fd: file })
    } finally {
      await rm(path, { force: true })
    }
  }

  /** Of processes that were killed. */
  async #removeLeftOver(): Promise<void> {
    const { stateDir } = this.#parts
    for (const name of await readdir(stateDir)) {
      if (name.includes(suffix)) await rm(join(stateDir, name), { force: true })
    }
  }
}
