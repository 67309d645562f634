import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { SourceError } from '../source.js'

export interface GitObject {
  readonly id: string
  readonly type: string
  readonly bytes: Buffer
}

interface Waiting {
  readonly object: string
  readonly longest: number
  readonly resolve: (object: GitObject) => void
  readonly reject: (error: Error) => void
}

interface Header {
  readonly id: string
  readonly type: string
  readonly size: number
}

/** Reads objects through one long-lived `git cat-file`, in the order they are asked for. */
export class GitObjects {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting: Waiting[] = []
  readonly #ended: Promise<void>
  #chunks: Buffer[] = []
  #length = 0
  /** Of the object whose answer has begun. */
  #header: Header | undefined
  #failed: Error | undefined

  /** `env`: of git, in place of this process's own. */
  constructor(folder: string, env?: Readonly<Record<string, string>>) {
    const options = { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] as ['pipe', 'pipe', 'ignore'] }
    this.#process = spawn('git', ['cat-file', '--batch'], env === undefined ? options : { ...options, env })
    this.#process.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#process.stdin.on('error', (error) => this.#fail(error))
    this.#process.on('error', (error) => this.#fail(error))
    this.#ended = new Promise((resolve) => {
      this.#process.on('close', () => {
        this.#fail(new Error('git cat-file has ended'))
        resolve()
      })
    })
  }

  async read(object: string): Promise<Buffer> {
    return (await this.find(object)).bytes
  }

  /** Rejects when there is none; and when it has more than `longest` bytes, which ends the reader. */
  find(object: string, longest = Number.POSITIVE_INFINITY): Promise<GitObject> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ object, longest, resolve, reject })
      this.#process.stdin.write(`${object}\n`)
    })
  }

  /** Resolves once the process is gone. */
  close(): Promise<void> {
    this.#process.kill()
    return this.#ended
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#header !== undefined && this.#length < this.#header.size + 1) return
    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length)
    const rest = data.subarray(this.#answer(data))
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
  }

  /** Answers what `data` has whole, and returns how far that is. */
  #answer(data: Buffer): number {
    for (let at = 0; ; ) {
      const [next] = this.#waiting
      if (next === undefined) return data.length
      if (this.#header === undefined) {
        // `<id> <type> <size>`, or what was asked for and `missing`
        const end = data.indexOf('\n', at)
        if (end === -1) return at
        const [, id = '', type = '', size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(data.toString('latin1', at, end)) ?? []
        at = end + 1
        if (size === undefined) {
          this.#waiting.shift()
          next.reject(new SourceError(`git does not have the object ${next.object}`))
          continue
        }
        this.#header = { id, type, size: Number(size) }
        if (this.#header.size > next.longest) {
          this.#fail(new SourceError(`the ${type} ${id} has ${size} bytes; more than ${next.longest} are not read`))
          this.#process.kill()
          return data.length
        }
      }
      const { id, type, size } = this.#header
      const end = at + size
      if (data.length <= end) return at
      this.#waiting.shift()
      this.#header = undefined
      // A copy, and not from the pool: the smallest file would keep the whole chunk in memory, or its neighbours.
      const bytes = Buffer.allocUnsafeSlow(size)
      data.copy(bytes, 0, at, end)
      next.resolve({ id, type, bytes })
      at = end + 1
    }
  }

  #fail(error: Error): void {
    this.#failed ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failed)
  }
}
