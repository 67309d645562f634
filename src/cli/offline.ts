// Declarations read without a server: what validate, plan and explain have in common.

import { stat } from 'node:fs/promises'
import { byPlace, type Counts } from '../resources/assemble.js'
import { Loader } from '../resources/load.js'
import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import { AgeKeys } from '../resources/sops/age-keys.js'
import type { Settings } from '../settings.js'
import { openDirectory } from '../source/directory.js'
import { GitDisk, gitRoot } from '../source/git/commit-disk.js'
import { GitObjects } from '../source/git/objects.js'
import { type Snapshot, type Source, SourceError } from '../source/source.js'
import type { Io } from './command.js'
import { listEntries, resolveRevision } from './git-objects.js'
import { Progress } from './progress.js'

export interface Declarations {
  readonly snapshot: Snapshot
  readonly resources: ResourceSet
  /** Errors and all warnings, by file and line. */
  readonly problems: readonly Problem[]
  readonly counts: Counts
}

export interface CommittedDeclarations extends Declarations {
  readonly commit: string
  /** False when there was no such folder at that commit. */
  readonly exists: boolean
  /** Parts of other repositories, of which the commit only holds a name. */
  readonly submodules: readonly string[]
}

/** Reads and judges declarations from one place after another; what is the same in two of them is parsed once. */
export class DeclarationReader {
  readonly #settings: Settings
  readonly #io: Io
  readonly #loader: Loader
  #progress: Progress
  /** Payload files that were named so far: the loader counts them as asked for. */
  #references: ReadonlySet<string> = new Set()

  constructor(settings: Settings, io: Io) {
    this.#settings = settings
    this.#io = io
    this.#progress = new Progress(io)
    this.#loader = createLoader(settings, io.env, (step, done, total) => this.#progress.show(step, done, total))
  }

  /**
   * Everything in `folder`. `applied`: the resources in effect, against which documents are missed that are not
   * Callboard's any more. Rejects with `SourceError` when there is nothing to read.
   */
  async folder(folder: string, applied?: ResourceSet): Promise<Declarations> {
    await assertFolder(folder)
    return this.#read(openDirectory(folder, this.#bounds()), applied)
  }

  /** Everything that was in `folder` at a commit. Rejects with `SourceError` when Git does not know `ref`. */
  async commit(folder: string, ref: string, applied?: ResourceSet): Promise<CommittedDeclarations> {
    await assertFolder(folder)
    const revision = await resolveRevision(folder, ref)
    const entries = await listEntries(folder, revision)
    const objects = new GitObjects(folder)
    try {
      const disk = new GitDisk(entries ?? [], objects)
      // Nothing in a commit moves, so there is nothing to wait for.
      const clock = { now: Date.now, sleep: () => Promise.resolve() }
      const read = await this.#read(openDirectory(gitRoot, { ...this.#bounds(), disk, clock }), applied)
      return { ...read, commit: revision.commit, exists: entries !== undefined, submodules: disk.submodules }
    } finally {
      objects.close()
    }
  }

  async #read(source: Source, applied: ResourceSet | undefined): Promise<Declarations> {
    this.#progress = new Progress(this.#io)
    try {
      for (;;) {
        const asked = this.#references
        const snapshot = await source.fetch(asked)
        const { resources, problems, references, complete, counts } = await this.#loader.load(snapshot, applied)
        this.#references = references
        // A file that nothing names any more may not stay: under the name of a document it would be read as one.
        if (!complete || [...asked].some((path) => !references.has(path))) continue
        const all = [...problems, ...this.#loader.warnings()].sort(byPlace)
        return { snapshot, resources, problems: all, counts }
      }
    } finally {
      this.#progress.end()
      await source.close()
    }
  }

  #bounds() {
    const { fileBytes, referenceBytes, files } = this.#settings.limits
    return { maxFileBytes: Math.max(fileBytes, referenceBytes), maxReferenceBytes: referenceBytes, maxFiles: files }
  }
}

function createLoader(
  { defaultNamespace, strict, limits, expressions, catalogues, secrets }: Settings,
  env: Io['env'],
  show: (what: string, done: number, total: number) => void,
): Loader {
  const shown = expressions.env.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return new Loader({
    defaultNamespace,
    strict,
    limits: { fileBytes: limits.fileBytes, documentsPerFile: limits.documentsPerFile },
    env: Object.fromEntries(shown),
    catalogues,
    ageKeys: new AgeKeys(secrets, { env }),
    // A pull request is looked at where no key should be.
    guessEncrypted: true,
    onProgress: ({ step, done, total }) => show(step === 'parse' ? 'parsing' : 'linking', done, total),
  })
}

/** Throws `SourceError` for what a person may have mistyped. */
export async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new SourceError(`there is no folder ${folder}`)
    throw new SourceError(`${folder} cannot be read: ${error.message}`)
  })
  if (!found.isDirectory()) throw new SourceError(`${folder} is a file; give the folder it is in`)
}
