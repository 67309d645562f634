// What of an apply is told to webhooks: each change once, whatever was read again, restarted or restored.

import type { Resource } from '../resources/resource.js'
import type { Snapshot } from '../source/source.js'
import { operationsOf } from './change-operations.js'
import type { ChangePort, PreparedChanges } from './change-port.js'
import type { FileList } from './file-list.js'
import type { Applied, History } from './history.js'
import type { Plan } from './plan.js'
import type { LoadedSnapshot } from './snapshot-loader.js'

export interface Apply {
  readonly snapshot: Snapshot
  readonly loaded: LoadedSnapshot
  /** From what is in effect. */
  readonly plan: Plan
  readonly applied: Applied
  /** What is in effect, and whether something that was applied is missing from it after a restart. */
  readonly effect: { readonly files: FileList; readonly lacking: string | undefined }
}

/** Undefined when nobody is told of anything. */
export async function changesToTell(
  port: ChangePort | undefined,
  history: History,
  { snapshot, loaded, plan, applied, effect }: Apply,
): Promise<PreparedChanges | undefined> {
  // The first revision, and the first one over a restored backup, are where the telling begins.
  if (port === undefined || !history.isContinued) return undefined
  const told = effect.lacking === undefined ? plan : withoutReturning(plan, returningTo(effect, snapshot))
  const changes = operationsOf(told, (id) => history.isBuried(id, applied.time))
  if (changes.length === 0) return undefined
  return port.prepare({ ...applied, resources: loaded.resources, plan, changes })
}

/** Whether a resource of `snapshot` could not be served after a restart, and was applied all the same. */
export function returningTo({ files, lacking }: Apply['effect'], snapshot: Snapshot): (resource: Resource) => boolean {
  if (lacking === undefined) return () => false
  const hashes = new Map(files.map(({ path, hash }) => [path, hash]))
  // The hash of a file whose contents are lost is empty.
  return ({ file }) => {
    const hash = hashes.get(file)
    return hash !== undefined && (hash === '' || hash === snapshot.files.get(file)?.hash)
  }
}

function withoutReturning(plan: Plan, isKnown: (resource: Resource) => boolean): Plan {
  return { ...plan, create: plan.create.filter((resource) => !isKnown(resource)) }
}
