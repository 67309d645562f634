import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type DirectoryOptions, openDirectory } from '../../src/source/directory.js'
import type { Origin } from '../contract/source.js'

/** A temporary folder with the root of a source in it, so that there is an outside to lead to. */
export class DirectoryOrigin implements Origin {
  readonly outside: string
  readonly root: string

  private constructor(outside: string) {
    this.outside = outside
    this.root = join(outside, 'root')
  }

  static async create(files: Readonly<Record<string, string>> = {}): Promise<DirectoryOrigin> {
    const origin = new DirectoryOrigin(await mkdtemp(join(tmpdir(), 'callboard-source-')))
    await mkdir(origin.root)
    await origin.change(files)
    return origin
  }

  open(options: DirectoryOptions = {}) {
    return openDirectory(this.root, options)
  }

  at(path: string): string {
    return join(this.root, path)
  }

  async change(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) await rm(this.at(path))
      else {
        await mkdir(dirname(this.at(path)), { recursive: true })
        await writeFile(this.at(path), text)
      }
    }
  }

  async destroy(): Promise<void> {
    await rm(this.root, { recursive: true })
  }

  async remove(): Promise<void> {
    await rm(this.outside, { recursive: true, force: true })
  }
}
