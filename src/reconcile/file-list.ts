import type { Snapshot, SourceFile } from '../source/source.js'

/** The files of a revision, as far as what they hold matters. */
export type FileList = readonly { readonly path: string; readonly hash: string }[]

export function fileList(files: Snapshot['files']): FileList {
  const list: SourceFile[] = []
  files.forEach((file) => {
    list.push(file)
  })
  return list
}

/** How the applied revision's files differ from those before: contents by path, and paths that are gone. */
export interface FileChanges {
  readonly put: ReadonlyMap<string, string>
  readonly delete: readonly string[]
}

export function fileChanges(before: FileList, after: FileList): FileChanges {
  // Mostly contents change, and no file comes or goes: then the lists run side by side, and nothing is looked up.
  const put = new Map<string, string>()
  let index = 0
  for (; index < after.length; index++) {
    const file = after[index]
    const old = before[index]
    if (file === old || file === undefined) continue
    if (file.path !== old?.path) break
    if (file.hash !== old.hash) put.set(file.path, file.hash)
  }
  if (index === after.length && index === before.length) return { put, delete: [] }
  const rest = new Map(before.slice(index).map(({ path, hash }) => [path, hash]))
  for (const { path, hash } of after.slice(index)) {
    if (rest.get(path) !== hash) put.set(path, hash)
    rest.delete(path)
  }
  return { put, delete: [...rest.keys()] }
}

/** The bytes that `changes` add. */
export function* contentsOf({ files }: Snapshot, changes: FileChanges): Iterable<readonly [string, Uint8Array]> {
  for (const [path, hash] of changes.put) {
    const file = files.get(path)
    if (file !== undefined) yield [hash, file.bytes]
  }
}
