// IP addresses as bytes, and what each range of them is for. Text is parsed here and nowhere else.

import { isIPv4, isIPv6 } from 'node:net'

/** Four bytes or sixteen. An IPv4-mapped IPv6 address is its IPv4 address: that is where a packet to it goes. */
export interface Address {
  readonly bytes: readonly number[]
  /** One spelling for all: dotted IPv4, or IPv6 as RFC 5952 writes it. */
  readonly text: string
}

/** An address block: the first `prefix` bits decide. */
export interface Block {
  readonly bytes: readonly number[]
  readonly prefix: number
}

/** Why an address is not simply somewhere on the internet. */
export interface Purpose {
  /** With an article: `a private address`. */
  readonly words: string
  /** False for what no setting but an explicit range opens: it is nobody's address. */
  readonly local: boolean
}

/** Parses dotted IPv4 and IPv6, with or without brackets and zone; undefined for anything else, old spellings included. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (isIPv4(bare)) return toAddress(bare.split('.').map(Number))
  return isIPv6(bare) ? toAddress(toBytes(bare)) : undefined
}

/** Parses `10.0.0.0/8` or a single address; bits behind the prefix are ignored. */
export function parseBlock(text: string): Block | undefined {
  const [, host = text, length] = /^(.*)\/(\d{1,3})$/.exec(text) ?? []
  const address = host.includes('%') ? undefined : parseAddress(host)
  if (address === undefined) return undefined
  const bits = address.bytes.length * 8
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  const shift = bits === 32 && host.includes(':') && length !== undefined ? 96 : 0
  const prefix = length === undefined ? bits : Number(length) - shift
  return prefix >= 0 && prefix <= bits ? { bytes: address.bytes, prefix } : undefined
}

export function inBlock(bytes: readonly number[], block: Block): boolean {
  if (bytes.length !== block.bytes.length) return false
  const whole = block.prefix >> 3
  for (let at = 0; at < whole; at += 1) if (bytes[at] !== block.bytes[at]) return false
  const rest = block.prefix & 7
  return rest === 0 || ((bytes[whole] ?? 0) ^ (block.bytes[whole] ?? 0)) >> (8 - rest) === 0
}

/** True for the addresses of this machine's loopback, and for the unspecified ones, which reach it too. */
export function isLoopback({ bytes }: Address): boolean {
  return own.some((block) => inBlock(bytes, block))
}

/** What kind of address this is; undefined for one that is public. An address that wraps another is judged by both. */
export function purposeOf(address: Address): Purpose | undefined {
  const found = purposes.find(({ block }) => inBlock(address.bytes, block))
  if (found !== undefined) return found.purpose
  for (const inner of wrapped(address.bytes)) {
    const purpose = purposeOf(inner)
    if (purpose !== undefined) return { ...purpose, words: `a wrapping of ${inner.text}, ${purpose.words}` }
  }
  if (address.bytes.length === 4 || inBlock(address.bytes, globalUnicast) || inBlock(address.bytes, nat64))
    return undefined
  return reserved
}

function toBytes(text: string): number[] {
  const [head = '', tail] = text.replace(/%.*$/, '').split('::')
  const left = toWords(head)
  const right = toWords(tail ?? '')
  const words = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
  return words.flatMap((word) => [word >> 8, word & 255])
}

function toWords(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

function toAddress(bytes: readonly number[]): Address {
  if (bytes.length === 4) return { bytes, text: bytes.join('.') }
  if (inBlock(bytes, mapped)) return toAddress(bytes.slice(12))
  const words = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  // The WHATWG host writer is RFC 5952.
  return { bytes, text: new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1) }
}

/** IPv4 addresses that an IPv6 address leads to through a translator or tunnel. */
function wrapped(bytes: readonly number[]): Address[] {
  if (bytes.length !== 16) return []
  const at = (start: number) => toAddress(bytes.slice(start, start + 4))
  if (inBlock(bytes, nat64) || inBlock(bytes, translated) || inBlock(bytes, compatible)) return [at(12)]
  if (inBlock(bytes, sixToFour)) return [at(2)]
  if (inBlock(bytes, teredo)) return [at(4), toAddress(bytes.slice(12).map((byte) => byte ^ 255))]
  const isatap = ((bytes[8] ?? 0) & ~2) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe
  return isatap ? [at(12)] : []
}

function block(text: string): Block {
  const [host = '', prefix] = text.split('/')
  return { bytes: host.includes(':') ? toBytes(host) : host.split('.').map(Number), prefix: Number(prefix) }
}

// RFC 4291 2.5.5, RFC 6052, RFC 7915, RFC 3056, RFC 4380.
const mapped = block('::ffff:0:0/96')
const compatible = block('::/96')
const translated = block('::ffff:0:0:0/96')
const nat64 = block('64:ff9b::/96')
const sixToFour = block('2002::/16')
const teredo = block('2001::/32')
const globalUnicast = block('2000::/3')

const own = [block('127.0.0.0/8'), block('0.0.0.0/8'), block('::1/128'), block('::/128')]

const local = (words: string): Purpose => ({ words, local: true })
const nobody = (words: string): Purpose => ({ words, local: false })
const reserved = nobody('a reserved address')

/** IANA's special-purpose registries (RFC 6890 and its updates) and the clouds' metadata services; the first one counts. */
const purposes: readonly { readonly block: Block; readonly purpose: Purpose }[] = (
  [
    ['169.254.169.254/32', local('a cloud metadata address')],
    ['169.254.170.2/32', local('a cloud metadata address')],
    ['100.100.100.200/32', local('a cloud metadata address')],
    ['168.63.129.16/32', local('a cloud metadata address')],
    ['192.0.0.192/32', local('a cloud metadata address')],
    ['fd00:ec2::254/128', local('a cloud metadata address')],
    ['fd20:ce::254/128', local('a cloud metadata address')],
    ['127.0.0.0/8', local('a loopback address')],
    ['::1/128', local('a loopback address')],
    ['0.0.0.0/8', local('an unspecified address')],
    ['::/128', local('an unspecified address')],
    ['10.0.0.0/8', local('a private address')],
    ['172.16.0.0/12', local('a private address')],
    ['192.168.0.0/16', local('a private address')],
    ['fc00::/7', local('a private address')],
    ['fec0::/10', local('a private address')],
    ['64:ff9b:1::/48', local('a private address')],
    ['169.254.0.0/16', local('a link-local address')],
    ['fe80::/10', local('a link-local address')],
    ['100.64.0.0/10', local('a carrier NAT address')],
    ['198.18.0.0/15', local('a benchmarking address')],
    ['2001:2::/48', local('a benchmarking address')],
    ['192.0.2.0/24', local('a documentation address')],
    ['198.51.100.0/24', local('a documentation address')],
    ['203.0.113.0/24', local('a documentation address')],
    ['2001:db8::/32', local('a documentation address')],
    ['3fff::/20', local('a documentation address')],
    ['255.255.255.255/32', nobody('the broadcast address')],
    ['224.0.0.0/4', nobody('a multicast address')],
    ['ff00::/8', nobody('a multicast address')],
    ['240.0.0.0/4', reserved],
    ['192.0.0.0/24', reserved],
    ['192.88.99.0/24', reserved],
    // Everything assigned to protocols but Teredo, which is judged by what it wraps.
    ['2001:1::/32', reserved],
    ['2001:2::/31', reserved],
    ['2001:4::/30', reserved],
    ['2001:8::/29', reserved],
    ['2001:10::/28', reserved],
    ['2001:20::/27', reserved],
    ['2001:40::/26', reserved],
    ['2001:80::/25', reserved],
    ['2001:100::/24', reserved],
  ] as const
).map(([text, purpose]) => ({ block: block(text), purpose }))
