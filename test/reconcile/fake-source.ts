import { createHash } from 'node:crypto'
import type { Commit, Hint, Snapshot, Source, SourceFile } from '../../src/source/source.js'

/** A folder in memory: `*.yaml` are documents, anything else is read when it is referenced. */
export class FakeSource implements Source {
  readonly location = '/config'
  readonly files = new Map<string, string>()
  /** Rejects every fetch while set. */
  error: Error | undefined
  readonly hints: Hint[] = []
  /** Of what is read from now on; then the revision is one of Git. */
  commit: Commit | undefined
  /** Holds a fetch back after it has read. */
  gate: (() => Promise<void>) | undefined
  readonly #known = new Map<string, SourceFile>()

  set(files: Readonly<Record<string, string>>): this {
    this.files.clear()
    for (const [path, text] of Object.entries(files)) this.files.set(path, text)
    return this
  }

  async fetch(references: ReadonlySet<string>, hint: Hint = 'anywhere'): Promise<Snapshot> {
    this.hints.push(hint)
    const { error } = this
    const snapshot = this.#snapshot(references)
    await this.gate?.()
    if (error !== undefined) throw error
    return snapshot
  }

  get revision(): string {
    return this.#snapshot(new Set()).revision
  }

  #snapshot(references: ReadonlySet<string>): Snapshot {
    const files = new Map<string, SourceFile>()
    const revision = createHash('sha256')
    for (const path of [...this.files.keys()].sort()) {
      if (!path.endsWith('.yaml') && !references.has(path)) continue
      const file = this.#file(path, this.files.get(path) ?? '')
      files.set(path, file)
      revision.update(`${path}\0${file.hash}\0`)
    }
    const { commit } = this
    const name = commit === undefined ? `sha256:${revision.digest('hex')}` : `main@sha1:${commit.id}`
    return { revision: name, files, refusals: [], ...(commit !== undefined && { commit }) }
  }

  #file(path: string, text: string): SourceFile {
    const bytes = Buffer.from(text)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const known = this.#known.get(path)
    if (known?.hash === hash) return known
    const file = { path, hash, bytes }
    this.#known.set(path, file)
    return file
  }

  async watch(): Promise<void> {}
  async close(): Promise<void> {}
}
