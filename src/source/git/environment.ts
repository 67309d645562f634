// What git is run with. Nothing of the machine's or the person's configuration is read, and no variable goes along but
// those named here: both can name programs to run.

import { devNull } from 'node:os'
import { resolve } from 'node:path'
import { authorization, type GitAuth, openSsh, type SecretKeeper } from './credentials.js'
import type { GitUrl } from './url.js'

type Setting = readonly [name: string, value: string]
type Variables = Readonly<Record<string, string | undefined>>

export interface Connection {
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface ConnectionParts {
  readonly url: GitUrl
  readonly auth: GitAuth
  readonly secrets: SecretKeeper
  /** That of this process. */
  readonly env: Variables
  readonly home: string
  /** Checked, in the order to try; empty where a proxy or nobody looks up. */
  readonly addresses: readonly string[]
  readonly gitVersion: readonly [major: number, minor: number]
}

const kept = ['PATH', 'TMPDIR', 'LD_LIBRARY_PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'SystemRoot', 'PATHEXT', 'TEMP']

/** For git at work in a folder of ours alone. `home`: an empty folder, where git and curl look for settings of a person. */
export function localEnvironment(env: Variables, home: string): Record<string, string> {
  const passed = kept.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(passed),
    HOME: home,
    // What git says is looked at: in the one language it is known in.
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CEILING_DIRECTORIES: home,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

/** For git on its way to the remote, which it knows as `origin`. Close it once git has ended. */
export async function openConnection(parts: ConnectionParts): Promise<Connection> {
  const { url, auth, secrets, addresses } = parts
  const settings: Setting[] = [...hardening]
  const variables: Record<string, string> = { GIT_ALLOW_PROTOCOL: url.scheme }
  let remote = url.text
  let close = async (): Promise<void> => {}
  if (url.scheme === 'https' || url.scheme === 'http') {
    const header = await authorization(auth, secrets)
    const origin = remote.slice(0, remote.indexOf('/', url.scheme.length + 3) + 1)
    if (header !== undefined) settings.push([`http.${origin}.extraHeader`, `Authorization: ${header}`])
    if (auth.ca !== undefined) settings.push(['http.sslCAInfo', resolve(auth.ca)])
    settings.push(['http.proxy', auth.proxy ?? ''])
    // Older versions look the name up once more: what was checked before is then what they most likely find.
    const pins = auth.proxy === undefined && addresses.length > 0 && isAtLeast(parts.gitVersion, [2, 37])
    if (pins)
      settings.push(['http.curloptResolve', `${bracketed(url.host)}:${url.port}:${addresses.map(bracketed).join(',')}`])
  } else if (url.scheme === 'ssh') {
    const ssh = await openSsh(url, auth, { parent: parts.home, address: addresses[0] ?? url.host, secrets })
    variables.GIT_SSH_COMMAND = ssh.command
    variables.GIT_SSH_VARIANT = 'ssh'
    close = ssh.close
  } else if (url.scheme === 'git' && addresses[0] !== undefined) {
    remote = `git://${bracketed(addresses[0])}:${url.port}${url.path}`
    variables.GIT_OVERRIDE_VIRTUAL_HOST = url.port === 9418 ? url.host : `${url.host}:${url.port}`
  }
  settings.push(['remote.origin.url', remote])
  return { env: { ...localEnvironment(parts.env, parts.home), ...variables, ...asVariables(settings) }, close }
}

/** True when `version` is `least` or newer. */
export function isAtLeast(version: readonly [number, number], least: readonly [number, number]): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1])
}

const hardening: readonly Setting[] = [
  ['protocol.version', '2'],
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  // Elsewhere than where the guard has looked.
  ['http.followRedirects', 'false'],
  ['transfer.bundleURI', 'false'],
  ['transfer.fsckObjects', 'true'],
  // What old programs wrote and forges still take.
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  // Packs alone: half of one is never seen, and one file can be told to be damaged.
  ['fetch.unpackLimit', '1'],
  ['fetch.showForcedUpdates', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
]

/** As git reads settings from its environment: git-config(1), from 2.31 on. */
function asVariables(settings: readonly Setting[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) }
  for (const [at, [name, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${at}`] = name
    variables[`GIT_CONFIG_VALUE_${at}`] = value
  }
  return variables
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
