// Where declarations come from: a folder, or a repository of Git.

import { join } from 'node:path'
import { type Settings, SettingsError } from './settings.js'
import { openDirectory } from './source/directory.js'
import type { Source } from './source/source.js'
import { hasKeys, isGitSource, type SourceParts } from './source-parts.js'

/** Rejects with `SettingsError` for settings of the source that cannot be used. Nothing is read yet. */
export async function openSource(settings: Settings, parts: SourceParts): Promise<Source> {
  const { source, limits } = settings
  const bounds = {
    // Whether what is too long for a document matters shows in what it says.
    maxFileBytes: Math.max(limits.fileBytes, limits.referenceBytes),
    maxReferenceBytes: limits.referenceBytes,
    maxFiles: limits.files,
    onWarning: (message: string) => parts.log.warn({ source: opened.location }, message),
  }
  // Where it was wanted and nothing is verified, nobody would notice.
  if (!isGitSource(settings) && hasKeys(source.verify.keys)) {
    throw new SettingsError(
      'source.verify: a folder has no signatures; leave the keys out, or give source.url a Git URL',
    )
  }
  if (!isGitSource(settings) && (source.path !== '' || Object.keys(source.ref).length > 0)) {
    throw new SettingsError(
      'source.ref and source.path: a folder is read as it is; leave them out, or give source.url a Git URL',
    )
  }
  const opened: Source = isGitSource(settings)
    ? (await repository()).openRepository(settings, parts, bounds)
    : openDirectory(source.url, {
        ...bounds,
        indexFile: join(settings.stateDir, 'read-files'),
        onFound: parts.onFound,
      })
  return opened
}

/** A folder needs none of it, and is served the sooner. */
const repository = () => import('./open-repository.js')
