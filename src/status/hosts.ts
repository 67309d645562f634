// DNS rebinding: a page in a browser can point a name of its own at this port. It cannot choose the Host header, so what
// does not name this port is refused.
import { isIP } from 'node:net'
import { StatusSettingsError } from './tokens.js'

const always = ['localhost', '127.0.0.1', '[::1]']

/** Says whether a Host header names this port. `local`: the address on which the connection came in. */
export type HostCheck = (host: string | undefined, local: string | undefined) => boolean

export function createHostCheck(bind: string, hosts: readonly string[]): HostCheck {
  const allowed = new Set(always)
  // A wildcard is no name; then the address that a connection came in on counts.
  const names = bind === '0.0.0.0' || bind === '::' ? hosts : [bind, ...hosts]
  for (const host of names) {
    const name = canonical(isIP(host) === 6 ? `[${host}]` : host)
    if (name === undefined)
      throw new StatusSettingsError(`bind.hosts: ${JSON.stringify(host)} is not a host name or address`)
    allowed.add(name)
  }
  return (host, local) => {
    const name = host === undefined ? undefined : canonical(host)
    return name !== undefined && (allowed.has(name) || name === literal(local))
  }
}

/** The address as it stands in a Host header: probes and scrapers in a cluster use the pod's address. */
function literal(local: string | undefined): string | undefined {
  if (local === undefined) return undefined
  const address = local.replace(/^::ffff:(?=\d+\.)/, '')
  return canonical(isIP(address) === 6 ? `[${address}]` : address)
}

/** Lower case, without port and final dot, addresses in one spelling; undefined for what is no host. */
function canonical(host: string): string | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{0,5})?$/i.test(host)) return undefined
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '')
  } catch {
    return undefined
  }
}

/** True for addresses that only this machine can reach. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '')
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}
