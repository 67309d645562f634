// A disk in memory that fails when it is told to, and that can be looked at as it would be after a crash at any step.

import type { Disk, DiskFile } from '../../src/store/disk.js'

interface Inode {
  bytes: Buffer
  /** As it would be after a power loss. */
  synced: Buffer
}

export type Step =
  | 'makeFolder'
  | 'list'
  | 'readFile'
  | 'open'
  | 'truncate'
  | 'rename'
  | 'link'
  | 'remove'
  | 'syncFolder'
  | 'touch'
  | 'write'
  | 'read'
  | 'sync'

/** What happens instead of a step: an error by its code, or a write of only so many bytes (after it perhaps an error). */
export type Fault = string | { readonly write: number; readonly error?: string } | undefined

export class SimulatedDisk implements Disk {
  /** Steps that were taken. */
  steps = 0
  /** The process is dead after this many steps: the next one takes half its effect, and nothing after it any. */
  crashAfter = Number.POSITIVE_INFINITY
  fault: (step: Step, path: string) => Fault = () => undefined
  #names: Map<string, Inode>
  /** Names as they would be after a power loss. */
  #syncedNames: Map<string, Inode>

  constructor(names = new Map<string, Inode>()) {
    this.#names = names
    this.#syncedNames = new Map(names)
  }

  get paths(): string[] {
    return [...this.#names.keys()].sort()
  }
  bytesOf(path: string): Buffer {
    return this.#inode(path).bytes
  }
  /** Changes a file behind the back of the process. */
  alter(path: string, change: (bytes: Buffer) => Buffer): void {
    const inode = this.#inode(path)
    inode.bytes = change(Buffer.from(inode.bytes))
    inode.synced = inode.bytes
  }
  erase(path: string): void {
    this.#names.delete(path)
    this.#syncedNames.delete(path)
  }

  /** What the next process finds. A power loss takes what was not synced. */
  afterCrash(kind: 'kill' | 'power'): SimulatedDisk {
    const names = new Map<string, Inode>()
    for (const [path, { bytes, synced }] of kind === 'kill' ? this.#names : this.#syncedNames) {
      const left = Buffer.from(kind === 'kill' ? bytes : synced)
      names.set(path, { bytes: left, synced: left })
    }
    return new SimulatedDisk(names)
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step('makeFolder', path)
  }
  async list(path: string): Promise<string[]> {
    await this.#step('list', path)
    const names = this.paths.filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1))
    return [...new Set(names.map((name) => name.split('/')[0] as string))]
  }
  async readFile(path: string): Promise<Buffer | undefined> {
    await this.#step('readFile', path)
    const inode = this.#names.get(path)
    return inode && Buffer.from(inode.bytes)
  }
  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile> {
    await this.#step('open', path)
    if (mode === 'create') {
      if (this.#names.has(path)) throw failure('EEXIST', path)
      this.#names.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) })
    }
    return this.#file(path, this.#inode(path))
  }
  async truncate(path: string, length: number): Promise<void> {
    await this.#step('truncate', path)
    const inode = this.#inode(path)
    inode.bytes = inode.bytes.subarray(0, length)
    if (inode.synced.length > length) inode.synced = inode.synced.subarray(0, length)
  }
  async rename(from: string, to: string): Promise<void> {
    await this.#step('rename', to)
    this.#names.set(to, this.#inode(from))
    this.#names.delete(from)
  }
  async link(from: string, to: string): Promise<void> {
    await this.#step('link', to)
    if (this.#names.has(to)) throw failure('EEXIST', to)
    this.#names.set(to, this.#inode(from))
  }
  async remove(path: string): Promise<void> {
    await this.#step('remove', path)
    this.#names.delete(path)
  }
  async syncFolder(path: string): Promise<void> {
    await this.#step('syncFolder', path)
    const inFolder = (name: string) => name.startsWith(`${path}/`) && !name.slice(path.length + 1).includes('/')
    for (const name of this.#syncedNames.keys()) if (inFolder(name)) this.#syncedNames.delete(name)
    for (const [name, inode] of this.#names) if (inFolder(name)) this.#syncedNames.set(name, inode)
  }
  async touch(path: string): Promise<void> {
    await this.#step('touch', path)
    this.#inode(path)
  }
  async changedMs(path: string): Promise<number | undefined> {
    return this.#names.has(path) ? 0 : undefined
  }

  #file(path: string, inode: Inode): DiskFile {
    const read = (into: Uint8Array, position: number): number => {
      const bytes = inode.bytes.subarray(position, position + into.length)
      into.set(bytes)
      return bytes.length
    }
    return {
      length: inode.bytes.length,
      write: async (bytes) => {
        const crashes = this.steps === this.crashAfter
        const fault = this.#fault('write', path)
        const count = crashes
          ? bytes.length >> 1
          : typeof fault === 'object'
            ? Math.min(fault.write, bytes.length)
            : bytes.length
        if (this.steps <= this.crashAfter && typeof fault !== 'string') {
          inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, count)])
        }
        await this.#step('write', path, typeof fault === 'object' ? fault.error : fault)
        return count
      },
      read: async (into, position) => {
        await this.#step('read', path)
        return read(into, position)
      },
      readNow: read,
      sync: async () => {
        await this.#step('sync', path)
        inode.synced = inode.bytes
      },
      close: async () => {},
    }
  }

  #fault(step: Step, path: string): Fault {
    return this.fault(step, path)
  }

  async #step(step: Step, path: string, fault = step === 'write' ? undefined : this.#fault(step, path)): Promise<void> {
    const dead = this.steps >= this.crashAfter
    this.steps += 1
    await Promise.resolve()
    // A dead process gets no answer.
    if (dead) await new Promise<never>(() => {})
    if (typeof fault === 'string') throw failure(fault, path)
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw failure('ENOENT', path)
    return inode
  }
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${path}`), { code })
}
