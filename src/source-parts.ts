// What opening a source needs to know, whichever it is.

import type { Logger } from './log.js'
import type { OwnPorts } from './network/guard.js'
import type { Settings } from './settings.js'
import { isGitUrl } from './source/git/url.js'

export interface SourceParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** Ports of our own, which are never asked for a repository. */
  readonly ownPorts: () => OwnPorts
  /** Hears how many files are about to be read for the first time. */
  readonly onFound: (files: number) => void
  /** Milliseconds since 1970, by which keys of signers are judged. */
  readonly now: () => number
}

/** Whether the source is a repository, which is looked at by its own clock. */
export function isGitSource({ source }: Settings): boolean {
  return isGitUrl(source.url)
}

/** Whether signatures are verified. */
export function hasKeys({ ssh = [], openpgp = [], allowedSigners }: Settings['source']['verify']['keys']): boolean {
  return ssh.length > 0 || openpgp.length > 0 || allowedSigners !== undefined
}
