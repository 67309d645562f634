// What git needs to log in, for one run: through its environment and through files that are gone afterwards, never
// through arguments, which every user of the machine can list.

import { access, constants, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { explain } from '../disk.js'
import { SourceError } from '../source.js'
import type { GitUrl } from './url.js'

export interface SecretReference {
  readonly env?: string
  readonly file?: string
}

/** Secrets by their references, for as long as they are needed. */
export interface SecretKeeper {
  /** Rejects when it is not there. */
  resolve(reference: SecretReference): Promise<string>
  /** Redacts this too. */
  hide(text: string): void
  /** The text without any secret that was resolved. */
  redact(text: string): string
}

export interface GitAuth {
  /** Given as the password, as forges want their tokens. */
  readonly token?: SecretReference
  /** Given as `Authorization: Bearer …`. */
  readonly bearer?: SecretReference
  readonly username?: string
  readonly password?: SecretReference
  /** A private key without a passphrase. */
  readonly sshKey?: SecretReference
  /** File with the keys of hosts, as ssh keeps them. */
  readonly knownHosts?: string
  /** File with certificates (PEM) of the authorities that are trusted instead of the machine's. */
  readonly ca?: string
  /** `http://proxy.internal:3128`, for https and http. */
  readonly proxy?: string
}

/** GitHub and Gitea ignore it, GitLab takes any; Bitbucket wants `x-token-auth`. */
const tokenUser = 'x-access-token'

/** What is wrong with it for this URL, for the settings; undefined when it can be used. */
export function misfitAuth(auth: GitAuth, { scheme }: GitUrl): string | undefined {
  const { token, bearer, username, password, sshKey, knownHosts, proxy } = auth
  const secrets = Object.entries({ token, bearer, password, sshKey }).filter(([, value]) => value !== undefined)
  const names = secrets.map(([name]) => name)
  if (names.length > 1) return `has ${names.join(' and ')}; give one of them`
  const [name] = names
  if (scheme === 'ssh') {
    if (name !== 'sshKey') {
      return `${name === undefined ? 'is without sshKey' : `${name} is of no use for ssh`}; give sshKey: {file: …} and knownHosts`
    }
    if (knownHosts === undefined) {
      return 'knownHosts is missing: give a file with the keys of the host, such as ssh-keyscan prints once you have compared them'
    }
    return proxy === undefined ? undefined : 'proxy is of no use for ssh'
  }
  if (name === 'sshKey' || knownHosts !== undefined) return `sshKey and knownHosts are of no use for ${scheme}`
  if (name !== undefined && scheme !== 'https' && scheme !== 'http') return `${name} is of no use for ${scheme}`
  if (password !== undefined && username === undefined) return 'password needs a username'
  if (username !== undefined && password === undefined && token === undefined)
    return 'username needs a password or token'
  if (username?.includes(':')) return 'username holds a colon, which ends it in HTTP'
  if (proxy !== undefined && !/^https?:\/\/[^/@?#\s]+\/?$/.test(proxy)) {
    return 'proxy is no URL such as http://proxy.internal:3128, or holds credentials'
  }
  return undefined
}

/** The `Authorization` that goes with each request; undefined without credentials. */
export async function authorization(auth: GitAuth, secrets: SecretKeeper): Promise<string | undefined> {
  if (auth.bearer !== undefined) return `Bearer ${await secret('bearer', auth.bearer, secrets)}`
  const [name, reference] = auth.token !== undefined ? ['token', auth.token] : ['password', auth.password]
  if (reference === undefined) return undefined
  const password = await secret(name as string, reference as SecretReference, secrets)
  const pair = Buffer.from(`${auth.username ?? tokenUser}:${password}`).toString('base64')
  secrets.hide(pair)
  return `Basic ${pair}`
}

/** Puts what ssh needs into a folder of its own below `parent`. */
export async function openSsh(
  { host, port }: GitUrl,
  { sshKey, knownHosts }: GitAuth,
  { parent, address, secrets }: { readonly parent: string; readonly address: string; readonly secrets: SecretKeeper },
): Promise<{ readonly command: string; close(): Promise<void> }> {
  if (sshKey === undefined || knownHosts === undefined)
    throw new SourceError('source.auth: ssh needs sshKey and knownHosts')
  const key = await secret('sshKey', sshKey, secrets)
  await assertReadable(resolve(knownHosts))
  let folder = ''
  const close = async () => {
    if (folder !== '') await rm(folder, { recursive: true, force: true })
  }
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 })
    folder = await mkdtemp(join(parent, 'ssh-'))
    // ssh wants a line end behind the last line, and nobody else to be able to read it.
    await writeFile(join(folder, 'key'), `${key.replace(/\r\n/g, '\n').trimEnd()}\n`, { mode: 0o600 })
    const options = {
      ...sshOptions,
      HostName: address,
      // Of the name that was asked for, and not of the address that it has at the moment.
      HostKeyAlias: port === 22 ? host : `[${host}]:${port}`,
      IdentityFile: quoted(join(folder, 'key')),
      UserKnownHostsFile: quoted(resolve(knownHosts)),
    }
    const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}\n`)
    await writeFile(join(folder, 'config'), `Host *\n${lines.join('')}`, { mode: 0o600 })
    // git has a shell read this.
    return { command: `ssh -F '${join(folder, 'config').replaceAll("'", "'\\''")}'`, close }
  } catch (error) {
    await close()
    throw error instanceof SourceError ? error : new SourceError(`ssh cannot be prepared: ${explain(error)}`)
  }
}

/** Nobody is asked, nothing of the machine's or the person's own settings is read, nothing is forwarded. */
const sshOptions: Readonly<Record<string, string>> = {
  BatchMode: 'yes',
  StrictHostKeyChecking: 'yes',
  GlobalKnownHostsFile: '/dev/null',
  UpdateHostKeys: 'no',
  VerifyHostKeyDNS: 'no',
  CheckHostIP: 'no',
  IdentitiesOnly: 'yes',
  IdentityAgent: 'none',
  PreferredAuthentications: 'publickey',
  PermitLocalCommand: 'no',
  ProxyCommand: 'none',
  ControlMaster: 'no',
  ControlPath: 'none',
  ClearAllForwardings: 'yes',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  ConnectTimeout: '15',
  ServerAliveInterval: '10',
  ServerAliveCountMax: '3',
  LogLevel: 'ERROR',
}

async function secret(name: string, reference: SecretReference, secrets: SecretKeeper): Promise<string> {
  let value: string
  try {
    value = await secrets.resolve(reference)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SourceError(`source.auth.${name}: ${why}`, { reason: 'SecretMissing' })
  }
  if (name !== 'sshKey' && /[\r\n\0]/.test(value)) {
    throw new SourceError(`source.auth.${name} has more than one line`, { reason: 'SecretUnusable' })
  }
  return value
}

/** ssh takes a file that is not there for one that knows no host. */
async function assertReadable(knownHosts: string): Promise<void> {
  try {
    await access(knownHosts, constants.R_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const message = `source.auth.knownHosts: the file ${knownHosts} cannot be read: ${code}`
    throw new SourceError(message, { reason: 'HostKeyRefused' })
  }
}

function quoted(path: string): string {
  if (/["\n\\]/.test(path)) throw new SourceError(`ssh cannot be told of the path ${JSON.stringify(path)}`)
  return `"${path}"`
}
