// Declarations read from a folder, without a server: what validate, plan and explain have in common.

import { stat } from 'node:fs/promises'
import { Loader } from '../resources/load.js'
import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import type { Settings } from '../settings.js'
import { openDirectory } from '../source/directory.js'
import { type Snapshot, SourceError } from '../source/source.js'
import type { Io } from './command.js'
import { Progress } from './progress.js'

export interface Declarations {
  readonly snapshot: Snapshot
  readonly resources: ResourceSet
  /** Errors and all warnings, by file and line. */
  readonly problems: readonly Problem[]
  readonly counts: {
    readonly files: number
    readonly documents: number
    readonly managed: number
    readonly unmanaged: number
  }
}

/** Reads and judges everything in `folder`. Rejects with `SourceError` when there is nothing to read. */
export async function readDeclarations(folder: string, settings: Settings, io: Io): Promise<Declarations> {
  const { limits } = settings
  const source = openDirectory(folder, {
    maxFileBytes: limits.fileBytes,
    maxReferenceBytes: limits.referenceBytes,
    maxFiles: limits.files,
  })
  const progress = new Progress(io)
  try {
    const loader = createLoader(settings, io.env, {
      onProgress: ({ step, done, total }) => progress.show(step === 'parse' ? 'parsing' : 'linking', done, total),
    })
    let snapshot = await source.fetch(new Set())
    let loaded = await loader.load(snapshot)
    while (!loaded.complete) {
      snapshot = await source.fetch(loaded.references)
      loaded = await loader.load(snapshot)
    }
    const problems = [...loaded.problems, ...loader.warnings()].sort(
      (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
    )
    return { snapshot, resources: loaded.resources, problems, counts: loaded.counts }
  } finally {
    progress.end()
    await source.close()
  }
}

export function createLoader(
  settings: Settings,
  env: Io['env'],
  options: Pick<ConstructorParameters<typeof Loader>[0], 'onProgress' | 'cache'>,
): Loader {
  const shown = settings.expressions.env.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return new Loader({
    defaultNamespace: settings.defaultNamespace,
    strict: settings.strict,
    limits: { fileBytes: settings.limits.fileBytes, documentsPerFile: settings.limits.documentsPerFile },
    env: Object.fromEntries(shown),
    ...options,
  })
}

/** Throws `SourceError` for what a person may have mistyped. */
export async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) throw new SourceError(`there is no folder ${folder}`)
  if (!found.isDirectory()) throw new SourceError(`${folder} is a file; give the folder it is in`)
}
