// The state directory to one file and back.

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { noteAnnouncement } from './announcements.js'
import { readArchive } from './archive.js'
import { type DiskFile, nodeDisk, replaceFile } from './disk.js'
import { documentName, format } from './document.js'
import {
  auditFolder,
  contentsFolder,
  type EmbeddedStore,
  journalFolder,
  openStore,
  restoringName,
  secretsFolder,
} from './embedded.js'
import { isLockName, lock } from './lock.js'

export interface BackupOptions {
  /** Hears of what went wrong without keeping the work from being done. */
  readonly onWarning?: (message: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export interface RestoreOptions extends BackupOptions {
  /** A backup that unpacks to more is refused. Default 16 GiB. */
  readonly maxBytes?: number
  readonly newEpoch?: () => string
}

/**
 * Writes the state directory `dir`, which no process may be using, to the new file `file`. A running store does the same
 * with its own method `backup`. Parsed documents are left out: they are made again. Afterwards it is noted in `dir`, for
 * those who are to be told, and so not in the backup.
 */
export async function backup(dir: string, file: string, options: BackupOptions = {}): Promise<void> {
  const { onWarning } = options
  if ((await nodeDisk.list(`${dir}/${journalFolder}`)).length === 0) throw new Error(`${dir} holds no state to back up`)
  // Values stay on disk: only which there are is needed, and none is looked at.
  const store = await openStore(dir, { rawNumber: UnreadNumber, onDisk: [''], ...(onWarning && { onWarning }) })
  try {
    await store.backup(file)
    await note(store, 'backup.create', file, options)
  } finally {
    await store.close()
  }
}

/** What was done is done, whether or not anybody is told of it. */
async function note(
  store: EmbeddedStore,
  operation: 'backup.create' | 'backup.restore',
  file: string,
  { onWarning, now = Date.now }: BackupOptions,
): Promise<void> {
  try {
    await noteAnnouncement(store, randomUUID(), { operation, time: now(), details: { file: basename(file) } })
  } catch (error) {
    onWarning?.(`no webhook will hear of ${operation}: ${(error as Error).message}`)
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
 * Makes the state directory `dir` from a file that `backup` wrote. `dir` must be empty or missing, and stays so when
 * the file turns out to be damaged. The restored state is of a new epoch, and it is noted in it that it was restored.
 */
export async function restore(file: string, dir: string, options: RestoreOptions = {}): Promise<void> {
  const { maxBytes = 16 * 1024 ** 3, newEpoch = randomUUID } = options
  const stats = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error(`there is no file ${file}`) : error
  })
  if (!stats.isFile()) throw new Error(`${file} is not a regular file`)
  const made = await firstMissing(dir)
  await nodeDisk.makeFolder(dir)
  try {
    await fill(file, dir, maxBytes, newEpoch)
  } catch (error) {
    if (made !== undefined) await removeEmpty(dir, made)
    throw error
  }
  const store = await openStore(dir, {
    rawNumber: UnreadNumber,
    onDisk: [''],
    ...(options.onWarning && { onWarning: options.onWarning }),
  })
  try {
    await note(store, 'backup.restore', file, options)
  } finally {
    await store.close()
  }
}

async function fill(file: string, dir: string, maxBytes: number, newEpoch: () => string): Promise<void> {
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

/** The folder itself or the first above it that is not there; undefined when all are. */
async function firstMissing(dir: string): Promise<string | undefined> {
  let missing: string | undefined
  for (let at = resolve(dir); (await stat(at).catch(() => undefined)) === undefined; at = dirname(at)) {
    missing = at
    if (dirname(at) === at) break
  }
  return missing
}

/** Folders from `dir` up to `top`, as long as nothing is in them. */
async function removeEmpty(dir: string, top: string): Promise<void> {
  try {
    for (let at = resolve(dir); at.length >= top.length; at = dirname(at)) await rmdir(at)
  } catch {
    // Somebody has put something there.
  }
}

/** What is in it is not all that was put into it, or it is no backup at all. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup'
}

/** Reads the whole of a backup and keeps nothing of it. Rejects with `DamagedBackup`. */
export async function checkBackup(file: string): Promise<void> {
  const nowhere: DiskFile = {
    length: 0,
    write: async (bytes) => bytes.length,
    read: async () => 0,
    readNow: () => 0,
    sync: async () => {},
    close: async () => {},
  }
  await readArchive(createReadStream(file), {
    maxBytes: Number.POSITIVE_INFINITY,
    create: async () => nowhere,
  }).catch((error: Error) => {
    throw new DamagedBackup(`what was sent is not a whole backup: ${error.message}`, { cause: error })
  })
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
  const folders = [journalFolder, contentsFolder, secretsFolder, auditFolder].map((name) => `${dir}/${name}`)
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
