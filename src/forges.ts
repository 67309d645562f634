// The Git host that the source is at, by the settings: whose pushes count, and where it hears what became of its commits.

import type { StatusTarget } from './forge/commit-status.js'
import type { Followed } from './forge/followed.js'
import { placeOfRepository } from './forge/repository.js'
import { statusTypes } from './forge/statuses/index.js'
import { type Settings, SettingsError } from './settings.js'
import { isGitSource } from './source-parts.js'

/** What a push has to be to. Of a folder nobody can tell, so every push counts. */
export function followedBy({ source }: Pick<Settings, 'source'>): Followed {
  return { repository: placeOfRepository(source.url)?.path, ref: source.ref }
}

/** Undefined without a type in `commitStatus`. Throws `SettingsError` when the rest of it does not say where that is. */
export function statusTarget(settings: Settings): StatusTarget | undefined {
  const { commitStatus, source } = settings
  const { type: name, token, baseUrl, username, context } = commitStatus
  const type = name === undefined ? undefined : statusTypes.get(name)
  if (type === undefined || token === undefined) return undefined
  if (!isGitSource(settings)) {
    throw new SettingsError(
      'commitStatus: there are no commits to tell of; source.url is a folder, not a Git repository',
    )
  }
  const place = placeOfRepository(source.url)
  const api = baseUrl ?? (place === undefined ? undefined : type.apiOf(place))
  if (api === undefined) {
    throw new SettingsError('commitStatus.baseUrl: source.url does not say where the Git host is; give its address')
  }
  const path = place === undefined ? undefined : (type.repositoryOf?.(place.path) ?? place.path)
  const repository = (commitStatus.repository ?? path)?.replace(/^\/+|\/+$/g, '')
  if (repository === undefined) {
    throw new SettingsError('commitStatus.repository: source.url does not say it; give it as owner/name')
  }
  const misnamed = type.misnamed(repository)
  if (misnamed !== undefined) {
    throw new SettingsError(
      `commitStatus.repository: ${JSON.stringify(repository)} is none of ${type.title}; ${misnamed}`,
    )
  }
  return {
    type,
    api: api.replace(/\/+$/, ''),
    repository,
    context,
    token,
    ...(username !== undefined && { username }),
  }
}
