// Where a repository is, from the URL that it is fetched by.

export interface RepositoryPlace {
  /** `http:` or `https:` as in the URL; of ssh and git URLs `https:`, where their hosts have their web interface. */
  readonly protocol: string
  /** With its port, where the URL is one of the web. */
  readonly host: string
  /** Without `.git` and slashes at its ends: `owner/name`, `group/subgroup/name`, `scm/PROJECT/name`. */
  readonly path: string
}

/** Undefined for a folder, or a `file:` URL. */
export function placeOfRepository(url: string): RepositoryPlace | undefined {
  const [, scpHost, scpPath] = /^(?:[^@/:]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url) ?? []
  if (scpHost !== undefined && scpPath !== undefined && scpHost.length > 1) {
    return { protocol: 'https:', host: scpHost.toLowerCase(), path: plainPath(scpPath) }
  }
  if (!URL.canParse(url)) return undefined
  const { protocol, host, hostname, pathname } = new URL(url)
  if (hostname === '' || protocol === 'file:') return undefined
  const isWeb = protocol === 'http:' || protocol === 'https:'
  return { protocol: isWeb ? protocol : 'https:', host: isWeb ? host : hostname, path: plainPath(decoded(pathname)) }
}

/** Whether `named`, as a hook names it, can be the repository at `path`: what stands before it there is the host's. */
export function isRepository(path: string, named: string): boolean {
  const [whole, end] = [path.toLowerCase(), plainPath(named).toLowerCase()]
  return whole === end || whole.endsWith(`/${end}`)
}

function plainPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
