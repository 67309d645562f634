// The only way out of the process. A host that is an address, in whatever spelling, is judged before anything is dialled;
// a name is looked up once per connection, every address it has is judged, and what was judged is what is dialled, so that
// a name that answers differently the second time gains nothing.

import { lookup as systemLookup } from 'node:dns/promises'
import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { buildConnector, Dispatcher } from 'undici'
import { type Address, isLoopback, parseAddress, purposeOf } from './address.js'
import { type AllowRule, allows, allowsName, isLocalhost, localhost, namesPort, parseAllow } from './allow.js'
import { createTunnels, type ProxyOptions, type Tunnels } from './proxy.js'

type Undici = typeof import('undici')

/** With the first request that goes out: it takes 20 MB and 70 ms, which many controllers never need. */
function loadUndici(): Undici {
  return createRequire(import.meta.url)('undici') as Undici
}

/** Decides which addresses may be dialled, and dials only those. Everything that leaves the process goes through it. */
export interface Guard {
  /** Throws `GuardError` when the URL's host is a literal address (in any spelling) or name that may never be dialled. */
  check(url: URL): void
  /** For undici: connects only to an address that was checked, whatever a name resolves to. Redirects are not followed. */
  readonly dispatcher: Dispatcher
  /**
   * For protocols other than HTTP: the look-up to give `net.connect` or `tls.connect` along with this host and port, so
   * that what it dials was checked. Throws `GuardError` when the host is a literal address that may not be dialled; the
   * look-up fails with it for names.
   */
  lookup(host: string, port: number): LookupFunction
  close(): Promise<void>
}

/** Refused; the message names the address and prints the line to add to settings. */
export class GuardError extends Error {
  override readonly name = 'GuardError'
}

/** The ports this process listens on; undefined while it does not. */
export interface OwnPorts {
  readonly control?: number | undefined
  readonly resolver?: number | undefined
}

export interface GuardOptions {
  /** `network.allow`: ranges and hosts that may be dialled although they are not public. */
  readonly allow: readonly string[]
  /** The setting that `allow` is, for messages; `network.allow` by default. */
  readonly setting?: string
  /** `ALLOW_PROXY_TO_PRIVATE_IPS`: whatever is loopback, private, link-local or metadata may be dialled. */
  readonly allowPrivate: boolean
  /**
   * Asked at each dial, since port 0 becomes a number only when listening. The control port is never dialled, the
   * resolver's on loopback only when an entry of `allow` says its number.
   */
  readonly forbiddenPorts?: () => OwnPorts
  /** All addresses of a name, in the order to try; the system's by default. */
  readonly lookup?: (hostname: string) => Promise<readonly { readonly address: string }[]>
  /** The addresses of this machine's interfaces; the system's by default. */
  readonly localAddresses?: () => readonly string[]
  /** `network.proxy`: the way to everything HTTP that is not this machine; absent: none. */
  readonly proxy?: ProxyOptions
  /** From the start of the look-up to a connection that can be written to. */
  readonly connectTimeoutMs: number
}

/** Places that are remembered as open. */
const maxOpen = 1000

/** Throws an Error when an entry of `allow` cannot be read. */
export function createGuard(options: GuardOptions): Guard {
  const judge = createJudge(options)
  const noProxy = (options.proxy?.noProxy ?? []).map((entry) => parseAllow(entry, 'network.proxy.noProxy'))
  const lookup = options.lookup ?? ((hostname: string) => systemLookup(hostname, { all: true, verbatim: true }))

  /** The addresses to dial for a host; throws when one of them may not be dialled. */
  async function resolve(host: Host, port: number): Promise<readonly Address[]> {
    if (host.addresses !== undefined) return judge.known(host.name, host.addresses, port)
    const found = await lookup(host.name)
    const addresses = found.map(({ address }) => parseAddress(address))
    if (addresses.length === 0) {
      throw Object.assign(new Error(`no address found for ${host.name}`), { code: 'ENOTFOUND', hostname: host.name })
    }
    for (const [at, address] of addresses.entries()) {
      if (address === undefined)
        throw new GuardError(`${host.name} resolves to ${found[at]?.address}, which is no address`)
      judge.one(host.name, address, port)
    }
    return addresses as Address[]
  }

  /** Hands net.connect the judged addresses in place of a look-up of its own. */
  function lookupFor(port: number): LookupFunction {
    return (hostname, { all }, callback) => {
      const answer = async () => {
        const addresses = (await resolve(toHost(hostname), port)).map(({ bytes, text }) => ({
          address: text,
          family: bytes.length === 4 ? 4 : 6,
        }))
        const [first] = addresses
        return all === true || first === undefined ? ([addresses] as const) : ([first.address, first.family] as const)
      }
      answer().then(
        ([address, family]) => callback(null, address, family),
        (error: Error) => callback(error as NodeJS.ErrnoException, []),
      )
    }
  }

  /** One connector per port: what may be dialled depends on it, and a look-up is not told. */
  function toConnector(undici: Undici, port: number): buildConnector.connector {
    const dial = undici.buildConnector({
      timeout: options.connectTimeoutMs,
      autoSelectFamily: true,
      lookup: lookupFor(port),
    } as buildConnector.BuildOptions)
    return (target, callback) => {
      try {
        const host = toHost(target.hostname)
        if (host.addresses !== undefined) judge.known(host.name, host.addresses, port)
      } catch (error) {
        callback(error as Error, null)
        return
      }
      dial(target, callback)
    }
  }

  /** This machine is not where the proxy is. */
  function isDirect(host: Host, port: number): boolean {
    if (options.proxy === undefined) return true
    if (host.addresses === undefined) return noProxy.some((rule) => allowsName(rule, host.name, port))
    return host.addresses.every(
      (address) => isLoopback(address) || noProxy.some((rule) => allows(rule, undefined, address, port)),
    )
  }

  /** The proxy looks names up by itself; what one of them is known here to lead to counts all the same. */
  async function judgeBehind(hostname: string, port: number): Promise<void> {
    const host = toHost(hostname)
    await resolve(host, port).catch((error: unknown) => {
      if (error instanceof GuardError || host.addresses !== undefined) throw error
    })
  }

  function connectorFor(undici: Undici, origin: URL): buildConnector.connector {
    const port = portOf(origin)
    if (tunnels === undefined || isDirect(toHost(origin.hostname), port)) return toConnector(undici, port)
    return tunnels.connector(origin.hostname, port, () => judgeBehind(origin.hostname, port))
  }

  let agent: Dispatcher | undefined
  let tunnels: Tunnels | undefined
  function dispatcher(): Dispatcher {
    if (agent !== undefined) return agent
    const undici = loadUndici()
    if (options.proxy !== undefined) tunnels = createTunnels(undici, options.proxy, options.connectTimeoutMs)
    agent = new undici.Agent({
      factory: (origin, poolOptions) =>
        new undici.Pool(origin, { ...poolOptions, connect: connectorFor(undici, new URL(origin)) }),
    })
    return agent
  }
  /** What was found open; which of these is one of our own ports is asked each time. */
  const open = new Map<string, number>()
  return {
    check: (url) => {
      const place = url.protocol + url.host
      const known = open.get(place)
      if (known !== undefined && !judge.isOurs(known)) return
      const host = toHost(url.hostname)
      const port = portOf(url)
      if (host.addresses !== undefined) judge.known(host.name, host.addresses, port)
      if (open.size >= maxOpen) open.clear()
      open.set(place, port)
    },
    get dispatcher() {
      return dispatcher()
    },
    lookup: (hostname, port) => {
      const host = toHost(hostname)
      if (host.addresses !== undefined) judge.known(host.name, host.addresses, port)
      return lookupFor(port)
    },
    close: async () => {
      await agent?.destroy()
      await tunnels?.destroy()
    },
  }
}

/** A host of a URL: a name to look up, or addresses that are known without. */
interface Host {
  readonly name: string
  readonly addresses: readonly Address[] | undefined
}

function toHost(hostname: string): Host {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  const literal = parseAddress(bare)
  if (literal !== undefined) return { name: literal.text, addresses: [literal] }
  if (bare.includes(':')) throw new GuardError(`${JSON.stringify(hostname)} is no address`)
  // Reads what getaddrinfo would read (127.1, 0x7f000001, 0177.0.0.1, wide digits, %-escapes) also where the URL's own
  // parser did not, because the scheme is not one of the web's.
  const name = toWebHost(bare)?.replace(/\.+$/, '')
  if (name === undefined || name === '')
    throw new GuardError(`${JSON.stringify(hostname)} is no host that can be dialled`)
  const spelled = parseAddress(name)
  if (spelled !== undefined) return { name: spelled.text, addresses: [spelled] }
  return { name, addresses: isLocalhost(name) ? localhost : undefined }
}

function toWebHost(text: string): string | undefined {
  try {
    const url = new URL(`http://${text}/`)
    return url.pathname === '/' && url.port === '' && url.username === '' ? url.hostname : undefined
  } catch {
    return undefined
  }
}

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'ws:': 80,
  'https:': 443,
  'wss:': 443,
  'amqp:': 5672,
  'amqps:': 5671,
  'kafka:': 9092,
}

function portOf(url: URL): number {
  return url.port === '' ? (defaultPorts[url.protocol] ?? 0) : Number(url.port)
}

interface Judge {
  /** Throws a GuardError when `address`, found under `name`, may not be dialled. */
  one(name: string, address: Address, port: number): void
  /** Those of the addresses of a literal or of localhost that may be dialled; throws when there is none. */
  known(name: string, addresses: readonly Address[], port: number): readonly Address[]
  /** True for a port that this process listens on, somewhere. */
  isOurs(port: number): boolean
}

function createJudge(options: GuardOptions): Judge {
  const { setting = 'network.allow' } = options
  const rules: readonly AllowRule[] = options.allow.map((entry) => parseAllow(entry, setting))
  const ownPorts: () => OwnPorts = options.forbiddenPorts ?? (() => ({}))
  const localAddresses = options.localAddresses ?? interfaceAddresses

  function isOwn(address: Address): boolean {
    return isLoopback(address) || localAddresses().some((text) => parseAddress(text)?.text === address.text)
  }

  /** Why it may not be dialled; undefined when it may. */
  function objection(name: string, address: Address, port: number): string | undefined {
    const { control, resolver } = ownPorts()
    const under = parseAddress(name) === undefined ? name : undefined
    const target = under === undefined ? address.text : `${under} resolves to ${address.text}, which`
    if (port !== 0 && port === control && isOwn(address)) {
      return `${target} is this machine, and port ${port} is Callboard's control port, which no setting opens`
    }
    const line = `${setting}: ["${toEntry(under, address, port)}"]`
    if (port !== 0 && port === resolver && isLoopback(address)) {
      if (rules.some((rule) => namesPort(rule, under, address, port))) return undefined
      return `${target} is this machine, and port ${port} is Callboard's resolver port; to allow it, add to settings: ${line}`
    }
    const purpose = purposeOf(address)
    if (purpose === undefined || (options.allowPrivate && purpose.local)) return undefined
    if (rules.some((rule) => allows(rule, under, address, port))) return undefined
    return `${target} is ${purpose.words} and may not be dialled; to allow it, add to settings: ${line}`
  }

  return {
    isOurs: (port) => {
      const { control, resolver } = ownPorts()
      return port === control || port === resolver
    },
    one: (name, address, port) => {
      const reason = objection(name, address, port)
      if (reason !== undefined) throw new GuardError(reason)
    },
    known: (name, addresses, port) => {
      const reasons = addresses.map((address) => objection(name, address, port))
      const open = addresses.filter((_, at) => reasons[at] === undefined)
      if (open.length === 0) throw new GuardError(reasons[0])
      return open
    },
  }
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
}

function toEntry(name: string | undefined, { bytes, text }: Address, port: number): string {
  const host = name ?? (bytes.length === 4 || port === 0 ? text : `[${text}]`)
  return port === 0 ? host : `${host}:${port}`
}
