import type { Snapshot, SourceFile } from '../source/source.js'
import type { ContentStore } from '../store/store.js'
import type { FileList } from './file-list.js'

/** The revision applied last, from the bytes that were kept of it, and the paths whose bytes are gone. */
export async function lastGoodSnapshot(
  contents: ContentStore,
  revision: string,
  list: FileList,
): Promise<{ snapshot: Snapshot; missing: readonly string[] }> {
  const kept = await contents.getAll(list.map(({ hash }) => hash))
  const files = new Map<string, SourceFile>()
  const missing: string[] = []
  for (const { path, hash } of list) {
    const bytes = kept.get(hash)
    if (bytes === undefined) missing.push(path)
    else files.set(path, { path, hash, bytes })
  }
  return { snapshot: { revision, files, refusals: [] }, missing }
}

/** Whether `files` are those of `list`, with the same contents. */
export function hasContents(list: FileList, files: Snapshot['files']): boolean {
  return list.length === files.size && list.every(({ path, hash }) => files.get(path)?.hash === hash)
}

/** `list`, with something that no content has for those of `paths`. */
export function withoutContents(list: FileList, paths: readonly string[]): FileList {
  const without = new Set(paths)
  return list.map((file) => (without.has(file.path) ? { path: file.path, hash: '' } : file))
}
