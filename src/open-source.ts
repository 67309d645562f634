// Where declarations come from: a folder, or a repository of Git.

import { join } from 'node:path'
import { Secrets } from './delivery/secrets.js'
import type { Logger } from './log.js'
import { createGuard, GuardError, type OwnPorts } from './network/guard.js'
import { type Settings, SettingsError } from './settings.js'
import { openDirectory } from './source/directory.js'
import { misfitAuth } from './source/git/credentials.js'
import { type GitOptions, openGit } from './source/git/git.js'
import { misnamedRef } from './source/git/ref.js'
import { type GitUrl, GitUrlError, isGitUrl, parseGitUrl } from './source/git/url.js'
import { Verifier } from './source/git/verifier.js'
import { type Source, SourceError } from './source/source.js'

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

/** Throws `SettingsError` for settings of the source that cannot be used. Nothing is read yet. */
export function openSource(settings: Settings, parts: SourceParts): Source {
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
    ? openGit(source.url, { ...bounds, maxDepth: 64, ...gitOptions(settings, parts) })
    : openDirectory(source.url, {
        ...bounds,
        indexFile: join(settings.stateDir, 'read-files'),
        onFound: parts.onFound,
      })
  return opened
}

function gitOptions(
  settings: Settings,
  { env, ownPorts, now }: SourceParts,
): Omit<GitOptions, 'maxFileBytes' | 'maxReferenceBytes' | 'maxFiles' | 'maxDepth' | 'onWarning'> {
  const { source, stateDir, limits, network } = settings
  const { auth, ref } = source
  const url = usableUrl(source.url)
  refuse('source.ref', misnamedRef(ref))
  refuse('source.auth', misfitAuth(auth, url))
  if (url.scheme === 'http' && !source.allowHttp && !isThisMachine(url.host)) {
    throw new SettingsError(
      'source.url: over http anybody on the way can read and change what is fetched; use https, or set source.allowHttp: true',
    )
  }
  return {
    stateDir,
    ref,
    auth,
    env,
    path: folderOf(source.path),
    intervalMs: source.interval * 1000,
    timeoutMs: source.timeout * 1000,
    maxFetchBytes: limits.gitBytes,
    openSecrets: () => new Secrets({ env }),
    resolve: createResolve(network.allowGit, ownPorts),
    ...verifying(source, now),
  }
}

/** How signatures are verified; nothing when no key is declared. */
function verifying({ verify, ref }: Settings['source'], now: () => number): Pick<GitOptions, 'verify'> {
  if (!hasKeys(verify.keys)) {
    if (verify.mode === 'head') return {}
    throw new SettingsError(
      `source.verify: mode ${verify.mode} needs keys: {ssh: […]}, {openpgp: […]} or {allowedSigners: …}`,
    )
  }
  if (verify.mode !== 'head' && ref.tag === undefined && ref.semver === undefined) {
    throw new SettingsError(
      `source.verify: mode ${verify.mode} needs source.ref to name a tag: {tag: …} or {semver: …}`,
    )
  }
  const verifier = new Verifier(verify)
  return { verify: (signed) => verifier.check(signed, now()) }
}

function hasKeys({ ssh = [], openpgp = [], allowedSigners }: Settings['source']['verify']['keys']): boolean {
  return ssh.length > 0 || openpgp.length > 0 || allowedSigners !== undefined
}

function usableUrl(text: string): GitUrl {
  try {
    return parseGitUrl(text)
  } catch (error) {
    if (error instanceof GitUrlError) throw new SettingsError(`source.url: ${error.message}`)
    throw error
  }
}

function refuse(setting: string, mistake: string | undefined): void {
  if (mistake !== undefined) throw new SettingsError(`${setting} ${mistake}`)
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Without slashes at its ends. */
function folderOf(path: string): string {
  const plain = path.replace(/^(?:\.?\/)+|\/+$/g, '')
  if (plain === '' || plain === '.') return ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x1f]/.test(plain) || plain.split('/').some((name) => name === '' || name === '.' || name === '..')) {
    throw new SettingsError(`source.path: ${JSON.stringify(path)} is no plain path of a folder in the repository`)
  }
  return plain
}

/** A guard of its own: what callbacks may dial says nothing of where declarations may come from. */
function createResolve(allow: readonly string[], forbiddenPorts: () => OwnPorts): GitOptions['resolve'] {
  let guard: ReturnType<typeof createGuard>
  try {
    guard = createGuard({
      allow,
      setting: 'network.allowGit',
      allowPrivate: false,
      forbiddenPorts,
      connectTimeoutMs: 10_000,
    })
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error))
  }
  return (host, port) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        reject(error instanceof GuardError ? new SourceError(error.message, { reason: 'HostRefused' }) : error)
      }
      try {
        guard.lookup(host, port)(host, { all: true }, (error, addresses) => {
          if (error !== null) fail(error)
          else if (Array.isArray(addresses)) resolve(addresses.map(({ address }) => address))
          else resolve([addresses])
        })
      } catch (error) {
        fail(error)
      }
    })
}
