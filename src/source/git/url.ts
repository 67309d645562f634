// Which repository is meant, and how it is reached. What is not one of these forms is never handed to git: its other
// transports (`ext::`, `fd::`, helpers of any name) run commands.

export type GitScheme = 'https' | 'http' | 'ssh' | 'git' | 'file'

export interface GitUrl {
  readonly scheme: GitScheme
  /** Without brackets; empty for `file`. */
  readonly host: string
  /** 0 for `file`. */
  readonly port: number
  /** Of ssh. */
  readonly user: string | undefined
  /** From the slash on. A path of ssh in the short form may lack it: it is then below the user's home. */
  readonly path: string
  /** As it is given to git, and shown. Holds no secret. */
  readonly text: string
}

/** The URL cannot be used. Shows nothing of credentials. */
export class GitUrlError extends Error {
  override readonly name = 'GitUrlError'
}

const ports: Readonly<Record<GitScheme, number>> = { https: 443, http: 80, ssh: 22, git: 9418, file: 0 }
const forms = 'https://host/path, ssh://user@host/path, user@host:path, git://host/path or file:///path'
const scpForm = /^(?:([\w.+-]+)@)?(\[[0-9a-f:.]+\]|[\w.-]+):(?!\/\/)(.+)$/i

/** Whether a source is meant that git is asked for; anything else is a folder. */
export function isGitUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]+:(?:\/\/|:)/i.test(source) || /^[\w.+-]+@(?:[\w.-]+|\[[0-9a-f:.]+\]):/i.test(source)
}

/** Throws `GitUrlError` with what to write instead. */
export function parseGitUrl(text: string): GitUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x20\x7f]/.test(text)) throw new GitUrlError('the URL has white space or control characters in it')
  if (/^[a-z0-9][a-z0-9+.-]*::/i.test(text)) {
    throw new GitUrlError(`transports such as "${text.slice(0, text.indexOf('::') + 2)}" are not used; write ${forms}`)
  }
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? parseUrl(text) : parseScp(text)
}

function parseUrl(text: string): GitUrl {
  const scheme = text.slice(0, text.indexOf(':')).toLowerCase()
  if (!isScheme(scheme)) throw new GitUrlError(`"${scheme}" is no transport that is used; write ${forms}`)
  let url: URL
  try {
    // Hosts of other schemes are not put into one spelling.
    url = new URL(scheme === 'file' ? text : text.replace(/^[^:]+/, scheme === 'http' ? 'http' : 'https'))
  } catch {
    throw new GitUrlError(`the URL cannot be read; write ${forms}`)
  }
  const user = decoded(url.username)
  if (url.password !== '' || (user !== '' && scheme !== 'ssh')) {
    throw new GitUrlError(
      'the URL holds credentials, which would end in logs; leave them out, and give them by reference: ' +
        'source.auth: {username: …, password: {env: NAME}} or {token: {file: path}}',
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new GitUrlError('the URL goes on behind its path; branch, tag or commit are given in source.ref')
  }
  const path = text.replace(/^[^:]+:\/\/[^/]*/, '')
  if (path === '' || path === '/') throw new GitUrlError('the URL names no repository')
  if (scheme === 'file') {
    if (url.host !== '') throw new GitUrlError('a file URL has three slashes: file:///srv/config.git')
    return { scheme, host: '', port: 0, user: undefined, path: decoded(path), text: `file://${path}` }
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  assertHost(host)
  // `https` stands for all schemes in `url`, so that its default port was left out of it.
  const written = /^[^/]*:(\d+)(?:\/|$)/.exec(text.slice(scheme.length + 3))?.[1]
  const port = url.port !== '' ? Number(url.port) : written === undefined ? ports[scheme] : Number(written)
  if (user !== '') assertUser(user)
  const named = host.includes(':') ? `[${host}]` : host
  const at = `${user === '' ? '' : `${user}@`}${named}${port === ports[scheme] ? '' : `:${port}`}`
  return { scheme, host, port, user: user === '' ? undefined : user, path, text: `${scheme}://${at}${path}` }
}

function parseScp(text: string): GitUrl {
  const [, user, bracketed = '', path = ''] = scpForm.exec(text) ?? []
  const host = bracketed.replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw new GitUrlError(`${JSON.stringify(text)} is no URL of a repository; write ${forms}`)
  assertHost(host)
  if (user !== undefined) assertUser(user)
  if (path.startsWith('-')) throw new GitUrlError('the path begins with "-", which could be taken for an option')
  return { scheme: 'ssh', host, port: ports.ssh, user, path, text }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new GitUrlError('the URL holds a "%" that begins no escape; a "%" itself is written %25')
  }
}

function isScheme(scheme: string): scheme is GitScheme {
  return Object.hasOwn(ports, scheme)
}

/** ssh takes a host that begins with "-" for an option. */
function assertHost(host: string): void {
  if (host === '' || host.startsWith('-')) throw new GitUrlError(`${JSON.stringify(host)} is no host`)
}

function assertUser(user: string): void {
  if (!/^[\w.+][\w.+-]*$/.test(user)) throw new GitUrlError(`${JSON.stringify(user)} is no user name for ssh`)
}
