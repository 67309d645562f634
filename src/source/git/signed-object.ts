// What of a commit or tag is signed, and by which signature. As git reads them, but where git skips what it does not know,
// an object that could be read in two ways is refused.

import { createHash } from 'node:crypto'

/** A commit or annotated tag as `git cat-file commit|tag <id>` prints it. */
export interface GitObject {
  readonly type: 'commit' | 'tag'
  /** SHA-1 or SHA-256, in hex. */
  readonly id: string
  readonly bytes: Uint8Array
}

export interface SignedObject {
  /** The bytes that the signature is over. */
  readonly payload: Uint8Array
  /** Armored; undefined when there is none. */
  readonly signature: string | undefined
  /** When it was committed or tagged, as it says itself, in milliseconds since 1970. */
  readonly time: number | undefined
  /** Of a tag. */
  readonly tag: { readonly name: string; readonly target: string; readonly targetType: string } | undefined
}

/** The object is not what git writes: the message says what about it. */
export class MalformedObject extends Error {
  override readonly name = 'MalformedObject'
}

interface Header {
  readonly key: string
  /** With its continuation lines, without the space that they begin with. */
  readonly value: Buffer
  readonly start: number
  readonly end: number
}

const newline = 0x0a
const space = 0x20
const signatureStarts = ['PGP SIGNATURE', 'PGP MESSAGE', 'SIGNED MESSAGE', 'SSH SIGNATURE'].map(
  (what) => `-----BEGIN ${what}-----`,
)

/** Throws `MalformedObject`, also when `id` is not the hash of `bytes`. */
export function readSignedObject({ type, id, bytes }: GitObject): SignedObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (objectId(type, buffer, id.length) !== id) throw new MalformedObject('its content does not have its hash')
  const { headers, body } = readHeaders(buffer)
  return type === 'commit' ? readCommit(buffer, headers, id) : readTag(buffer, headers, body)
}

/** Git's name for an object with this content; `length` tells the hash: 40 hex digits for SHA-1, 64 for SHA-256. */
export function objectId(type: GitObject['type'], bytes: Uint8Array, length: number): string {
  const hash = createHash(length === 64 ? 'sha256' : 'sha1')
  return hash.update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}

function readCommit(buffer: Buffer, headers: readonly Header[], id: string): SignedObject {
  const rest = [...headers]
  take(rest, 'tree')
  while (rest[0]?.key === 'parent') rest.shift()
  take(rest, 'author')
  const committer = take(rest, 'committer')
  const seen = new Set<string>()
  for (const { key } of rest) {
    if (['tree', 'parent', 'author', 'committer'].includes(key))
      throw new MalformedObject(`it has a stray ${key} header`)
    if (!key.startsWith('gpgsig')) continue
    if (key !== 'gpgsig' && key !== 'gpgsig-sha256') throw new MalformedObject(`it has an unknown ${key} header`)
    if (seen.has(key)) throw new MalformedObject(`it has two ${key} headers`)
    seen.add(key)
  }
  // A repository that moves from SHA-1 to SHA-256 has a signature for each form; this form's is told by the hash.
  const wanted = id.length === 64 ? 'gpgsig-sha256' : 'gpgsig'
  const parts: Buffer[] = []
  let from = 0
  for (const { key, start, end } of rest) {
    if (!key.startsWith('gpgsig')) continue
    parts.push(buffer.subarray(from, start))
    from = end
  }
  parts.push(buffer.subarray(from))
  const signature = rest.find(({ key }) => key === wanted)
  return {
    payload: Buffer.concat(parts),
    signature: signature?.value.toString('latin1'),
    time: timeOf(committer),
    tag: undefined,
  }
}

function readTag(buffer: Buffer, headers: readonly Header[], body: number): SignedObject {
  const rest = [...headers]
  const target = take(rest, 'object').value.toString('latin1')
  const targetType = take(rest, 'type').value.toString('latin1')
  const name = take(rest, 'tag').value.toString('utf8')
  const tagger = rest[0]?.key === 'tagger' ? rest.shift() : undefined
  if (rest[0] !== undefined) throw new MalformedObject(`it has an unexpected ${rest[0].key} header`)
  const start = lastSignature(buffer, body)
  return {
    payload: buffer.subarray(0, start ?? buffer.length),
    signature: start === undefined ? undefined : buffer.toString('latin1', start),
    time: tagger && timeOf(tagger),
    tag: { name, target, targetType },
  }
}

/** Where the last line begins that begins a signature. What follows it is part of the signature, whatever it is. */
function lastSignature(buffer: Buffer, body: number): number | undefined {
  let found: number | undefined
  for (let at = body; at < buffer.length; ) {
    if (signatureStarts.some((start) => buffer.toString('latin1', at, at + start.length) === start)) found = at
    const end = buffer.indexOf(newline, at)
    at = end === -1 ? buffer.length : end + 1
  }
  return found
}

/** `body` is where the message begins. */
function readHeaders(buffer: Buffer): { headers: Header[]; body: number } {
  const headers: Header[] = []
  let at = 0
  for (;;) {
    // An object without a message ends with its headers.
    if (at === buffer.length) return { headers, body: at }
    if (buffer[at] === newline) return { headers, body: at + 1 }
    const start = at
    const lines: Buffer[] = []
    do {
      const end = buffer.indexOf(newline, at)
      if (end === -1) throw new MalformedObject('a header has no end')
      lines.push(buffer.subarray(lines.length === 0 ? at : at + 1, end + 1))
      at = end + 1
    } while (buffer[at] === space)
    const whole = Buffer.concat(lines)
    if (whole.includes(0)) throw new MalformedObject('a header holds a NUL byte')
    const gap = whole.indexOf(space)
    if (gap < 1 || gap > whole.indexOf(newline)) throw new MalformedObject('a header has no value')
    const value = whole.subarray(gap + 1, -1)
    headers.push({ key: whole.toString('latin1', 0, gap), value, start, end: at })
  }
}

function take(headers: Header[], key: string): Header {
  const header = headers.shift()
  if (header?.key !== key) throw new MalformedObject(`its ${key} header is not where it belongs`)
  return header
}

function timeOf({ value }: Header): number | undefined {
  const seconds = /> (\d{1,15}) [+-]\d{4}$/.exec(value.toString('latin1'))?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
