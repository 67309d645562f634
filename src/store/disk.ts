// Everything the store does to the file system, and no more, so that tests can put a disk of their own in its place:
// one that is full, fails to sync, or loses power after any step.

import { type BigIntStats, constants, readSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Disk {
  /** With its parents, readable by this user alone. */
  makeFolder(path: string): Promise<void>
  /** Names in a folder, in order; none when there is no such folder. */
  list(path: string): Promise<string[]>
  /** `undefined` when there is no such file. */
  readFile(path: string): Promise<Buffer | undefined>
  /** `create` refuses a file that exists; `append` and `read` one that does not. */
  open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile>
  truncate(path: string, length: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Gives a file a second name; refuses one that is taken (EEXIST). */
  link(from: string, to: string): Promise<void>
  /** No error when there is no such file. */
  remove(path: string): Promise<void>
  /** Makes names that were created, renamed or removed in a folder survive a power loss. */
  syncFolder(path: string): Promise<void>
  /** Sets the time of the last change to now, by the clock of the file system. */
  touch(path: string): Promise<void>
  /** `undefined` when there is no such file. */
  changedMs(path: string): Promise<number | undefined>
}

export interface DiskFile {
  readonly length: number
  /** Appends; may write less than asked, and says how much. */
  write(bytes: Uint8Array): Promise<number>
  /** May read less than asked; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  readNow(into: Uint8Array, position: number): number
  /** The contents survive a power loss once this resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Appends all of `bytes`, however often it takes. */
export async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write(done === 0 ? bytes : bytes.subarray(done))
    if (written <= 0) throw new Error('the disk took no more bytes')
    done += written
  }
}

/** Fills `into` from `position` on, and returns how much of it the file could fill. */
export async function readInto(file: DiskFile, into: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < into.length) {
    const read = await file.read(into.subarray(done), position + done)
    if (read === 0) break
    done += read
  }
  return done
}

/** Writes a small file in one step: whoever looks finds the old content or the new, also after a power loss. */
export async function replaceFile(disk: Disk, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${folder}/${name}.tmp`
  await disk.remove(temporary)
  const file = await disk.open(temporary, 'create')
  try {
    await writeAll(file, bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, `${folder}/${name}`)
  await disk.syncFolder(folder)
}

export const nodeDisk: Disk = {
  makeFolder,
  async list(path) {
    return (await orUndefined(fs.readdir(path)))?.sort() ?? []
  },
  readFile: (path) => orUndefined(fs.readFile(path)),
  async open(path, mode) {
    const handle = await fs.open(path, flags[mode], 0o600)
    try {
      return new NodeFile(handle, await handle.stat({ bigint: true }))
    } catch (error) {
      await handle.close()
      throw error
    }
  },
  truncate: (path, length) => fs.truncate(path, length),
  rename: (from, to) => fs.rename(from, to),
  link: (from, to) => fs.link(from, to),
  async remove(path) {
    await orUndefined(fs.unlink(path))
  },
  async syncFolder(path) {
    // Windows cannot open a folder; there, NTFS journals names by itself.
    if (process.platform === 'win32') return
    const handle = await fs.open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async touch(path) {
    const handle = await fs.open(path, constants.O_RDWR)
    try {
      const first = Buffer.alloc(1)
      const { bytesRead } = await handle.read(first, 0, 1, 0)
      await handle.write(first, 0, bytesRead, 0)
    } finally {
      await handle.close()
    }
  },
  async changedMs(path) {
    return (await orUndefined(fs.stat(path)))?.mtimeMs
  },
}

const flags = {
  create: constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_RDWR,
  append: constants.O_APPEND | constants.O_RDWR,
  read: constants.O_RDONLY,
}

class NodeFile implements DiskFile {
  readonly length: number
  readonly #handle: fs.FileHandle

  constructor(handle: fs.FileHandle, { size }: BigIntStats) {
    this.#handle = handle
    this.length = Number(size)
  }
  async write(bytes: Uint8Array): Promise<number> {
    return (await this.#handle.write(bytes, 0, bytes.length, null)).bytesWritten
  }
  async read(into: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.read(into, 0, into.length, position)).bytesRead
  }
  readNow(into: Uint8Array, position: number): number {
    return readSync(this.#handle.fd, into, 0, into.length, position)
  }
  async sync(): Promise<void> {
    await this.#handle.datasync()
  }
  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Not `recursive`: where a folder cannot be made although its parent is there (/proc), Node.js tries for ever. */
async function makeFolder(path: string): Promise<void> {
  const make = () => fs.mkdir(path, { mode: 0o700 })
  try {
    await make()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const parent = dirname(path)
    if (code === 'ENOENT' && parent !== path) {
      await makeFolder(parent)
      await make().catch(unlessFolder(path))
    } else await unlessFolder(path)(error)
  }
}

/** Whatever was in the way: the folder is there. */
function unlessFolder(path: string): (error: unknown) => Promise<void> {
  return async (error) => {
    const found = await fs.stat(path).catch(() => undefined)
    if (found?.isDirectory() !== true) throw error
  }
}

async function orUndefined<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
