// Whether a push is one to what the source follows.

import type { Push } from './hook.js'
import { isRepository } from './repository.js'

/** `source.ref`; nothing of it means the branch that the repository names as its own. */
export interface FollowedRef {
  readonly branch?: string
  readonly tag?: string
  readonly semver?: string
  readonly commit?: string
}

export interface Followed {
  /** Path of the repository at its host; undefined for a folder, or where nobody can tell. */
  readonly repository: string | undefined
  readonly ref: FollowedRef
}

export type IgnoredReason = 'other_repository' | 'other_ref' | 'pinned'

/** Why a push is none of the source's concern; undefined when it has to be looked at. */
export function ignoredPush(
  { repository, changes, defaultBranch }: Push,
  followed: Followed,
): { readonly reason: IgnoredReason; readonly message: string } | undefined {
  if (repository !== undefined && followed.repository !== undefined && !isRepository(followed.repository, repository)) {
    const message = `the push is to ${shown(repository)}, and the source is ${followed.repository}`
    return { reason: 'other_repository', message }
  }
  const { ref } = followed
  if (ref.commit !== undefined) {
    return { reason: 'pinned', message: `the source stays at commit ${ref.commit}, whatever is pushed` }
  }
  if (changes === undefined || changes.some((change) => isFollowed(change.ref, ref, defaultBranch))) return undefined
  const refs = changes.slice(0, 3).map((change) => shown(change.ref))
  const more = changes.length > refs.length ? ` and ${changes.length - refs.length} more` : ''
  const message = `the push is to ${refs.join(', ') || 'no ref'}${more}, and the source follows ${wordsOf(ref, defaultBranch)}`
  return { reason: 'other_ref', message }
}

/** Refs are compared in full: a branch may be called as a tag is. */
function isFollowed(ref: string, { branch, tag, semver }: FollowedRef, defaultBranch: string | undefined): boolean {
  if (semver !== undefined) return ref.startsWith('refs/tags/')
  if (tag !== undefined) return ref === full(tag, 'refs/tags/')
  if (branch !== undefined) return ref === full(branch, 'refs/heads/')
  return defaultBranch === undefined ? ref.startsWith('refs/heads/') : ref === `refs/heads/${defaultBranch}`
}

function wordsOf({ branch, tag, semver }: FollowedRef, defaultBranch: string | undefined): string {
  if (semver !== undefined) return `tags in the range ${semver}`
  if (tag !== undefined) return full(tag, 'refs/tags/')
  if (branch !== undefined) return full(branch, 'refs/heads/')
  return defaultBranch === undefined ? 'the default branch' : `refs/heads/${defaultBranch}`
}

function full(name: string, folder: string): string {
  return name.startsWith('refs/') ? name : folder + name
}

/** It is from outside, though from one who knows the secret. */
function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
