// What a Git host is told of a commit, and how each sort of host is told.

import type { Failure } from '../delivery/transport.js'
import type { HttpAnswer } from '../network/http-client.js'
import type { RepositoryPlace } from './repository.js'

export type StatusState = 'pending' | 'success' | 'failure'

/** One status of one commit. */
export interface CommitStatus {
  readonly sha: string
  readonly state: StatusState
  readonly description: string
  readonly context: string
  /** Path of the repository as the API names it. */
  readonly repository: string
  /** Branch or tag that the commit was found by. */
  readonly ref?: string
  readonly targetUrl?: string
}

export interface StatusAccess {
  /** Base URL of the API, without a slash at its end. */
  readonly api: string
  readonly token: string
  readonly username?: string
}

export interface StatusRequest {
  /** Below the base URL of the API. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

/** How one sort of Git host takes statuses. A new one is this and a line in `statuses/index.ts`. */
export interface StatusType {
  /** As in `commitStatus.type`. */
  readonly type: string
  readonly title: string
  /** Characters of a description that it takes. */
  readonly maxDescription: number
  /** Base URL of the API of the host that a repository is at. */
  apiOf(place: RepositoryPlace): string
  /** The path of a repository as the API names it, where that is not the one in its URL. */
  repositoryOf?(path: string): string
  /** Why a repository cannot be one; undefined when it can. */
  misnamed(repository: string): string | undefined
  request(status: CommitStatus, access: StatusAccess): StatusRequest
  /** True for a refusal that means that the status is there already. */
  isThere?(answer: HttpAnswer, status: CommitStatus): boolean
  /** What only this host says; by the status of the answer otherwise. */
  failureOf?(answer: HttpAnswer, now: number): Failure | undefined
}

export function ownerAndName(repository: string): string | undefined {
  return /^[^/]+\/[^/]+$/.test(repository) ? undefined : 'it has to be owner/name'
}

/** Owner and name, escaped for a path. */
export function escapedPath(repository: string): string {
  return repository.split('/').map(encodeURIComponent).join('/')
}

/** In one line, cut to at most `most` UTF-16 units, which no host counts fewer than characters. */
export function shortened(text: string, most: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
  const line = text.replace(/[\s\x00-\x1f\x7f]+/g, ' ').trim()
  if (line.length <= most) return line
  const cut = line.slice(0, most - 1)
  // Half a pair is no character.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

/** Leaves out what has no value. */
export function given(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined))
}
