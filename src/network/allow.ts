import { type Address, type Block, inBlock, isLoopback, parseAddress, parseBlock } from './address.js'

/** One entry of `network.allow`: a range or a host, with a port or for all. */
export interface AllowRule {
  /** Addresses that may be dialled. */
  readonly blocks: readonly Block[]
  /** Names, lower case, whose addresses may be dialled; one that starts with `.` stands for all names that end in it. */
  readonly host: string | undefined
  readonly port: number | undefined
}

const forms =
  'write an address (10.1.2.3), a range (10.0.0.0/8, fd00::/8) or a host (db.internal, *.internal), each also with :port'

/** Parses an entry of `network.allow`, or of another `setting` like it. Throws an Error that says what is wrong with it. */
export function parseAllow(entry: string, setting = 'network.allow'): AllowRule {
  const text = entry.trim()
  const { host, port } = splitPort(text)
  if (port !== undefined && (port < 1 || port > 65_535)) throw refuse(setting, entry, `${port} is no port`)
  const block = parseBlock(host)
  if (block !== undefined) return { blocks: [block], host: undefined, port }
  if (host.includes('/')) throw refuse(setting, entry, 'not an address range')
  const name = host.toLowerCase().replace(/\.$/, '')
  const plain = name.startsWith('*.') ? name.slice(2) : name
  // The last label of a host name is never a number: that would be an old spelling of an address.
  if (!/^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z_][a-z0-9_-]*$/.test(plain))
    throw refuse(setting, entry, 'not a host name')
  if (isLocalhost(plain))
    return { blocks: localhost.map(({ bytes }) => ({ bytes, prefix: bytes.length * 8 })), host: undefined, port }
  return { blocks: [], host: name.startsWith('*.') ? name.slice(1) : name, port }
}

/** `localhost` never reaches a resolver: RFC 6761 6.3. */
export function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

/** What `localhost` and names below it stand for, in the order to try. */
export const localhost: readonly Address[] = ['127.0.0.1', '::1'].map((text) => parseAddress(text) as Address)

/** True when the rule opens `address`, found under `name` if it was not written as an address. */
export function allows(rule: AllowRule, name: string | undefined, address: Address, port: number): boolean {
  if (rule.port !== undefined && rule.port !== port) return false
  if (rule.blocks.some((block) => inBlock(address.bytes, block))) return true
  if (rule.host === undefined || name === undefined) return false
  return rule.host.startsWith('.') ? name.endsWith(rule.host) : name === rule.host
}

/** True when the rule is for this name, whatever it leads to. */
export function allowsName({ host, port: only }: AllowRule, name: string, port: number): boolean {
  if (host === undefined || (only !== undefined && only !== port)) return false
  return host.startsWith('.') ? name.endsWith(host) : name === host
}

/** True when the rule says a port of this machine by its number, not along with all others. */
export function namesPort(rule: AllowRule, name: string | undefined, address: Address, port: number): boolean {
  return rule.port === port && isLoopback(address) && allows(rule, name, address, port)
}

function splitPort(text: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(text)
  if (bracketed !== null) {
    return {
      host: `${bracketed[1]}${bracketed[2] ?? ''}`,
      port: bracketed[3] === undefined ? undefined : Number(bracketed[3]),
    }
  }
  const plain = /^([^:]*):(\d+)$/.exec(text)
  return plain === null ? { host: text, port: undefined } : { host: plain[1] ?? '', port: Number(plain[2]) }
}

function refuse(setting: string, entry: string, why: string): Error {
  return new Error(`${setting}: ${JSON.stringify(entry)} is ${why}; ${forms}`)
}
