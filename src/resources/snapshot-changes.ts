import type { Snapshot, SourceFile } from '../source/source.js'

export interface SnapshotChanges {
  /** New or with another content. */
  readonly changed: readonly SourceFile[]
  readonly removed: readonly string[]
}

/** Which files differ. A file that is the same object costs one comparison. */
export function compareSnapshots(before: Snapshot | undefined, after: Snapshot): SnapshotChanges {
  if (before === undefined) return { changed: [...after.files.values()], removed: [] }
  return inStep(before, after) ?? byPath(before, after)
}

/** Both are sorted by path: as long as none came or went, they can be walked in step without a look-up. */
function inStep(before: Snapshot, after: Snapshot): SnapshotChanges | undefined {
  if (before.files.size !== after.files.size) return undefined
  const changed: SourceFile[] = []
  const others = before.files.values()
  for (const file of after.files.values()) {
    const other: SourceFile | undefined = others.next().value
    if (other === file) continue
    if (other?.path !== file.path) return undefined
    if (other.hash !== file.hash) changed.push(file)
  }
  return { changed, removed: [] }
}

function byPath(before: Snapshot, after: Snapshot): SnapshotChanges {
  const changed = [...after.files.values()].filter((file) => {
    const known = before.files.get(file.path)
    return known !== file && known?.hash !== file.hash
  })
  return { changed, removed: [...before.files.keys()].filter((path) => !after.files.has(path)) }
}
