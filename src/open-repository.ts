// Declarations in a repository of Git, by the settings.

import { Secrets } from './delivery/secrets.js'
import { createGuard, GuardError, type OwnPorts } from './network/guard.js'
import { type Settings, SettingsError } from './settings.js'
import { misfitAuth } from './source/git/credentials.js'
import { type GitOptions, openGit } from './source/git/git.js'
import { misnamedRef } from './source/git/ref.js'
import { type GitUrl, GitUrlError, parseGitUrl } from './source/git/url.js'
import { Verifier } from './source/git/verifier.js'
import { type Source, SourceError } from './source/source.js'
import { hasKeys, type SourceParts } from './source-parts.js'

type Bounds = Pick<GitOptions, 'maxFileBytes' | 'maxReferenceBytes' | 'maxFiles' | 'onWarning'>

/** Throws `SettingsError` for settings of the source that cannot be used. Nothing is fetched yet. */
export function openRepository(settings: Settings, parts: SourceParts, bounds: Bounds): Source {
  return openGit(settings.source.url, { ...bounds, maxDepth: 64, ...gitOptions(settings, parts) })
}

function gitOptions(
  settings: Settings,
  { env, ownPorts, now }: SourceParts,
): Omit<GitOptions, keyof Bounds | 'maxDepth'> {
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
