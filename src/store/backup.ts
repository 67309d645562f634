// The state directory to one file and back.

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { readArchive } from './archive.js'
import { nodeDisk, replaceFile } from './disk.js'
import { documentName, format } from './document.js'
import { contentsFolder, journalFolder, openStore, restoringName } from './embedded.js'
import { isLockName, lock } from './lock.js'

export interface RestoreOptions {
  /** A backup that unpacks to more is refused. Default 16 GiB. */
  readonly maxBytes?: number
  readonly newEpoch?: () => string
}

/**
 * Writes the state directory `dir`, which no process may be using, to the new file `file`. A running store does the same
 * with its own method `backup`. Parsed documents are left out: they are made again.
 */
export async function backup(dir: string, file: string, onWarning?: (message: string) => void): Promise<void> {
  if ((await nodeDisk.list(`${dir}/${journalFolder}`)).length === 0) throw new Error(`${dir} holds no state to back up`)
  // Values stay on disk: only which there are is needed, and none is looked at.
  const store = await openStore(dir, { rawNumber: UnreadNumber, onDisk: [''], ...(onWarning && { onWarning }) })
  try {
    await store.backup(file)
  } finally {
    await store.close()
  }
}

class UnreadNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  valueOf(): number {
    return Number(this.text)
  }
  toJSON(): number {
    return Number(this.text)
  }
}

/**
 * Makes the state directory `dir` from a file that `backup` wrote. `dir` must be empty or missing, and stays empty when
 * the file turns out to be damaged. The restored state is of a new epoch.
 */
export async function restore(file: string, dir: string, options: RestoreOptions = {}): Promise<void> {
  const { maxBytes = 16 * 1024 ** 3, newEpoch = randomUUID } = options
  const stats = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`there is no file ${file}`) : error
  })
  if (!stats.isFile()) throw new Error(`${file} is not a regular file`)
  await nodeDisk.makeFolder(dir)
  let lost: Error | undefined
  const held = await lock(dir, {
    disk: nodeDisk,
    lost: (error) => {
      lost = error
    },
  })
  try {
    await refuseUnlessEmpty(dir)
    await extractInto(file, dir, maxBytes, newEpoch, () => {
      if (lost !== undefined) throw lost
    })
  } finally {
    await held.release()
  }
}

async function refuseUnlessEmpty(dir: string): Promise<void> {
  const names = (await nodeDisk.list(dir)).filter((name) => !isLockName(name) && name !== 'lost+found')
  if (names.includes(restoringName)) {
    throw new Error(`${dir} holds a restore that did not finish; empty it and restore again`)
  }
  if (names.length > 0)
    throw new Error(`${dir} is not empty (${names.slice(0, 3).join(', ')}); restore into an empty one`)
}

async function extractInto(
  file: string,
  dir: string,
  maxBytes: number,
  newEpoch: () => string,
  check: () => void,
): Promise<void> {
  const folders = [`${dir}/${journalFolder}`, `${dir}/${contentsFolder}`]
  await replaceFile(nodeDisk, dir, restoringName, Buffer.from(`from ${file}\n`))
  try {
    for (const folder of folders) await nodeDisk.makeFolder(folder)
    const { segments } = await readArchive(createReadStream(file), {
      maxBytes,
      create: (name) => {
        check()
        return nodeDisk.open(`${dir}/${name}`, 'create')
      },
    }).catch((error: Error) => {
      throw new Error(`${file} cannot be restored: ${error.message}`, { cause: error })
    })
    for (const folder of folders) await nodeDisk.syncFolder(folder)
    const state = { format, epoch: newEpoch(), segments }
    await replaceFile(nodeDisk, dir, documentName, Buffer.from(`${JSON.stringify(state, null, 2)}\n`))
  } catch (error) {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
    await nodeDisk.remove(`${dir}/${documentName}`)
    await nodeDisk.remove(`${dir}/${restoringName}`)
    throw error
  }
  await nodeDisk.remove(`${dir}/${restoringName}`)
  await nodeDisk.syncFolder(dir)
}
