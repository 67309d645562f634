import type { Snapshot, SourceFile } from '../source/source.js'
import type { ContentStore } from '../store/store.js'
import type { FileHashes } from './history.js'

/** The revision applied last, from the bytes that were kept of it, and the paths whose bytes are gone. */
export async function lastGoodSnapshot(
  contents: ContentStore,
  revision: string,
  hashes: FileHashes,
): Promise<{ snapshot: Snapshot; missing: readonly string[] }> {
  const kept = await contents.getAll([...hashes.values()].map(({ hash }) => hash))
  const files = new Map<string, SourceFile>()
  const missing: string[] = []
  for (const [path, { hash }] of hashes) {
    const bytes = kept.get(hash)
    if (bytes === undefined) missing.push(path)
    else files.set(path, { path, hash, bytes })
  }
  return { snapshot: { revision, files, refusals: [] }, missing }
}

/** Whether `files` hold exactly the contents that `hashes` tell. */
export function hasContents(files: FileHashes, hashes: FileHashes): boolean {
  if (files.size !== hashes.size) return false
  for (const [path, { hash }] of files) if (hashes.get(path)?.hash !== hash) return false
  return true
}

/** `hashes`, with something that no content has for those of `paths`. */
export function withoutContents(hashes: FileHashes, paths: readonly string[]): FileHashes {
  return new Map([...hashes, ...paths.map((path) => [path, { hash: '' }] as const)])
}
