// What was read of a folder, and how its files looked then. As git does with its index, the next process reads only those
// that look different: over 10,000 files that is a third of a restart. Modification times can be set, but the time of the
// last change of an inode cannot.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import type { Stat } from './disk.js'
import { SourceError, type SourceFile } from './source.js'

interface Head {
  readonly version: number
  /** Without symbolic links. */
  readonly root: string
  readonly paths: readonly string[]
  readonly hashes: readonly string[]
}

/** What was read, and when. */
export interface ReadFile {
  readonly path: string
  readonly hash: string
  readonly stat: Stat
}

const version = 1
const numbersPerFile = 5
const bytesPerNumber = 8
const digestBytes = 32

/** In a file of its own; one that is damaged, of another root or of another version is as good as none. */
export class ReadIndex {
  readonly #found = new Map<string, { readonly hash: string; readonly at: number }>()
  readonly #numbers: BigUint64Array

  private constructor({ paths, hashes }: Head, numbers: BigUint64Array) {
    this.#numbers = numbers
    for (const [index, path] of paths.entries()) {
      this.#found.set(path, { hash: hashes[index] ?? '', at: index * numbersPerFile })
    }
  }

  static load(file: string, root: string): ReadIndex | undefined {
    try {
      const bytes = fs.readFileSync(file)
      const body = bytes.subarray(digestBytes)
      if (!digestOf(body).equals(bytes.subarray(0, digestBytes))) return undefined
      const headEnd = body.indexOf(0)
      const head = JSON.parse(body.toString('utf8', 0, headEnd)) as Head
      if (head.version !== version || head.root !== root) return undefined
      // A copy, as numbers have to begin at a multiple of eight.
      const numbers = new Uint8Array(body.subarray(headEnd + 1))
      return new ReadIndex(head, new BigUint64Array(numbers.buffer))
    } catch {
      return undefined
    }
  }

  /** How many files were read. */
  get size(): number {
    return this.#found.size
  }

  /** The hash that the file had when it looked like this. */
  hashOf(path: string, stat: Stat): string | undefined {
    const found = this.#found.get(path)
    if (found === undefined || stat.kind !== 'file') return undefined
    return numbersOf(stat).every((number, i) => this.#numbers[found.at + i] === number) ? found.hash : undefined
  }

  /** Rejects when it cannot be written; the one before is whole then. */
  static async save(file: string, root: string, files: readonly ReadFile[]): Promise<void> {
    const paths = files.map(({ path }) => path)
    const head: Head = { version, root, paths, hashes: files.map(({ hash }) => hash) }
    const numbers = new BigUint64Array(files.length * numbersPerFile)
    for (const [index, { stat }] of files.entries()) numbers.set(numbersOf(stat), index * numbersPerFile)
    const columns = Buffer.from(numbers.buffer, 0, numbers.length * bytesPerNumber)
    const body = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\0`), columns])
    const temporary = `${file}.tmp`
    await fs.promises.writeFile(temporary, Buffer.concat([digestOf(body), body]), { mode: 0o600 })
    await fs.promises.rename(temporary, file)
  }
}

function numbersOf({ size, inode, device, modified, changed }: Stat): bigint[] {
  return [size, inode, device, modified, changed].map((number) => BigInt.asUintN(64, number))
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** A file that an earlier process has read: its bytes are, only when somebody asks for them. */
export class FileReadEarlier implements SourceFile {
  readonly path: string
  readonly hash: string
  readonly isEmpty: boolean
  readonly #real: string
  #bytes: Uint8Array | undefined

  constructor(path: string, hash: string, { real, size }: { readonly real: string; readonly size: bigint }) {
    this.path = path
    this.hash = hash
    this.isEmpty = size === 0n
    this.#real = real
  }

  /** Throws `SourceError` when it has changed since: then it is to be looked at again. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.#read()
    return this.#bytes
  }

  #read(): Uint8Array {
    let bytes: Uint8Array
    try {
      bytes = fs.readFileSync(this.#real)
    } catch (error) {
      throw new SourceError(`${this.path} cannot be read any more: ${(error as Error).message}`)
    }
    const hash = createHash('sha256').update(bytes).digest('hex')
    if (hash !== this.hash) throw new SourceError(`${this.path} has changed while it was read`)
    return bytes
  }
}

export function isEmptyFile(file: SourceFile): boolean {
  return file instanceof FileReadEarlier ? file.isEmpty : file.bytes.length === 0
}
