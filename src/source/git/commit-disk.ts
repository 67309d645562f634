import type { Disk, Kind, Stat } from '../disk.js'
import type { GitObjects } from './objects.js'

export interface GitEntry {
  /** `120000` for a symbolic link, `160000` for a submodule, otherwise a regular file. */
  readonly mode: string
  readonly object: string
  /** -1: it was left out of what was fetched, because of its size. */
  readonly size: bigint
  /** Below the folder, with `/`. */
  readonly path: string
}

/** Where the folder of a commit stands on a `GitDisk`. Nothing lies above it. */
export const gitRoot = '/commit'

// As Linux: PATH_MAX.
const longestLink = 4096n

interface Node {
  readonly stat: Stat
  /** Undefined for folders. */
  readonly object: string | undefined
}

/** The files of a commit as a file system that never changes, so that the rules of a folder hold for it as well. */
export class GitDisk implements Disk {
  /** Submodules: there are folders in their place, and nothing is known of what is in them. */
  readonly submodules: readonly string[]
  readonly #objects: GitObjects
  readonly #nodes = new Map<string, Node>()
  readonly #children = new Map<string, { name: string; kind: Kind }[]>()
  readonly #open = new Map<number, { readonly stat: Stat; readonly bytes: Uint8Array }>()
  #lastInode = 0n
  #lastDescriptor = 0

  constructor(entries: readonly GitEntry[], objects: GitObjects) {
    this.#objects = objects
    this.#nodes.set(gitRoot, this.#node('folder'))
    for (const { mode, path, object, size } of entries) {
      const kind = mode === '160000' ? 'folder' : mode === '120000' ? 'link' : 'file'
      this.#add(`${gitRoot}/${path}`, this.#node(kind, size, object))
    }
    this.submodules = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  }

  /** The blob at a real path; undefined for folders and what is not there. */
  objectAt(path: string): string | undefined {
    return this.#nodes.get(path)?.object
  }

  async lstat(path: string): Promise<Stat | undefined> {
    return this.#nodes.get(path)?.stat
  }

  async list(path: string) {
    return this.#children.get(path) ?? []
  }

  async readlink(path: string): Promise<string> {
    const { stat } = this.#found(path)
    if (stat.size < 0n || stat.size > longestLink) throw code('ENAMETOOLONG', `the link ${path} is too long`)
    return (await this.#bytes(path)).toString('utf8')
  }

  /** Asked for the root alone, which is no link. */
  async realpath(path: string): Promise<string> {
    return path
  }

  async open(path: string): Promise<number> {
    const bytes = await this.#bytes(path)
    const descriptor = ++this.#lastDescriptor
    this.#open.set(descriptor, { stat: this.#found(path).stat, bytes })
    return descriptor
  }

  async fstat(descriptor: number): Promise<Stat> {
    return this.#opened(descriptor).stat
  }

  async read(descriptor: number, into: Uint8Array, offset: number): Promise<number> {
    const { bytes } = this.#opened(descriptor)
    const part = bytes.subarray(offset, into.length)
    into.set(part, offset)
    return part.length
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor)
  }

  #add(path: string, node: Node): void {
    this.#nodes.set(path, node)
    const slash = path.lastIndexOf('/')
    const folder = path.slice(0, slash)
    if (!this.#nodes.has(folder)) this.#add(folder, this.#node('folder'))
    const child = { name: path.slice(slash + 1), kind: node.stat.kind }
    const siblings = this.#children.get(folder)
    if (siblings === undefined) this.#children.set(folder, [child])
    else siblings.push(child)
  }

  #node(kind: Kind, size = 0n, object?: string): Node {
    const inode = ++this.#lastInode
    return { object, stat: { kind, size, inode, device: 0n, modified: 0n, changed: 0n } }
  }

  #bytes(path: string): Promise<Buffer> {
    const { object } = this.#found(path)
    if (object === undefined) throw gone(path)
    return this.#objects.read(object)
  }

  #found(path: string): Node {
    const node = this.#nodes.get(path)
    if (node === undefined) throw gone(path)
    return node
  }

  #opened(descriptor: number): { readonly stat: Stat; readonly bytes: Uint8Array } {
    const opened = this.#open.get(descriptor)
    if (opened === undefined) throw new Error(`descriptor ${descriptor} is not open`)
    return opened
  }
}

function gone(path: string): Error {
  return code('ENOENT', `no file ${path}`)
}

function code(name: string, message: string): Error {
  return Object.assign(new Error(message), { code: name })
}
