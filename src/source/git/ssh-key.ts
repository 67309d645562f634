// OpenSSH public keys, and what each type's signatures are. RFC 4253 (6.6), 5656, 8332, 8709, and OpenSSH's PROTOCOL.u2f.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { SshReader, WireFault } from './ssh-wire.js'

export interface SshKey {
  readonly type: string
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  readonly fingerprint: string
  /** The key's wire form: equal keys have equal blobs. */
  readonly blob: Buffer
  /** Whether `signature` (wire form) is one of this key over `data`. Throws `WireFault` or `UnsupportedSshKey`. */
  verify(data: Uint8Array, signature: Buffer): boolean
}

/** A key, or a signature of a key, that is not accepted; the message says why. */
export class UnsupportedSshKey extends Error {
  override readonly name = 'UnsupportedSshKey'
}

type Verify = SshKey['verify']

interface Curve {
  readonly name: string
  readonly crv: string
  readonly bytes: number
  readonly hash: string
}

const curves: Readonly<Record<string, Curve>> = {
  nistp256: { name: 'nistp256', crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { name: 'nistp384', crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { name: 'nistp521', crv: 'P-521', bytes: 66, hash: 'sha512' },
}
const leastRsaBits = 2048

/** Reads the rest of a key after its type. */
const keyTypes: Readonly<Record<string, (reader: SshReader, type: string) => Verify>> = {
  'ssh-ed25519': (reader, type) => {
    const key = ed25519(reader)
    return (data, signature) => verify(null, data, key, ed25519Signature(part(signature, type)))
  },
  'ssh-rsa': rsa,
  'ecdsa-sha2-nistp256': ecdsa,
  'ecdsa-sha2-nistp384': ecdsa,
  'ecdsa-sha2-nistp521': ecdsa,
  'sk-ssh-ed25519@openssh.com': (reader, type) => {
    const key = ed25519(reader)
    const application = reader.string()
    return (data, signature) => {
      const { inner, signed } = securityKeyPart(signature, type, application, data)
      return verify(null, signed, key, ed25519Signature(inner))
    }
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': (reader, type) => {
    const { curve, key } = ecKey(reader, 'nistp256')
    const application = reader.string()
    return (data, signature) => {
      const { inner, signed } = securityKeyPart(signature, type, application, data)
      return verify(curve.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, ecSignature(inner, curve))
    }
  },
}

/** Names of the key types that are accepted. */
export const sshKeyTypes: ReadonlySet<string> = new Set(Object.keys(keyTypes))

/** Throws `UnsupportedSshKey`. */
export function readSshKey(blob: Buffer): SshKey {
  try {
    const reader = new SshReader(blob)
    const type = reader.text()
    const read = Object.hasOwn(keyTypes, type) ? keyTypes[type] : undefined
    if (read === undefined) throw new UnsupportedSshKey(unsupported(type))
    const check = read(reader, type)
    reader.end()
    return { type, fingerprint: fingerprintOf(blob), blob, verify: check }
  } catch (error) {
    if (error instanceof UnsupportedSshKey) throw error
    // What a key says may also be no point of its curve.
    throw new UnsupportedSshKey('the key is damaged')
  }
}

export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function unsupported(type: string): string {
  const name = JSON.stringify(type.slice(0, 60))
  if (type.includes('-cert-v01@')) return `${name} is a certificate; declare the key itself`
  if (type === 'ssh-dss') return 'DSA keys are too weak; use ed25519'
  return `the key type ${name} is not known; use one of ${[...sshKeyTypes].join(', ')}`
}

function ed25519(reader: SshReader): KeyObject {
  const x = reader.string()
  if (x.length !== 32) throw new WireFault('an Ed25519 key has 32 bytes')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }, format: 'jwk' })
}

function ed25519Signature(bytes: Buffer): Buffer {
  if (bytes.length !== 64) throw new WireFault('an Ed25519 signature has 64 bytes')
  return bytes
}

const rsaHashes: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

function rsa(reader: SshReader): Verify {
  const e = reader.mpint()
  const n = reader.mpint()
  const key = createPublicKey({
    key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') },
    format: 'jwk',
  })
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < leastRsaBits) {
    throw new UnsupportedSshKey(`an RSA key of ${bits} bits is too weak; it needs ${leastRsaBits}`)
  }
  return (data, signature) => {
    const parts = new SshReader(signature)
    const algorithm = parts.text()
    const hash = Object.hasOwn(rsaHashes, algorithm) ? rsaHashes[algorithm] : undefined
    if (hash === undefined) {
      throw new UnsupportedSshKey(`the signature algorithm ${JSON.stringify(algorithm)} is not accepted for RSA keys`)
    }
    const bytes = parts.string()
    parts.end()
    if (bytes.length > n.length) throw new WireFault('the signature is longer than the key')
    // Some signers leave zero bytes at the front out.
    return verify(hash, data, key, Buffer.concat([Buffer.alloc(n.length - bytes.length), bytes]))
  }
}

function ecdsa(reader: SshReader, type: string): Verify {
  const { curve, key } = ecKey(reader, type.slice('ecdsa-sha2-'.length))
  return (data, signature) =>
    verify(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' }, ecSignature(part(signature, type), curve))
}

function ecKey(reader: SshReader, name: string): { curve: Curve; key: KeyObject } {
  const curve = curves[name]
  if (curve === undefined || reader.text() !== name) throw new WireFault('another curve')
  const point = reader.string()
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new WireFault('the point is not in its long form')
  const x = point.subarray(1, 1 + curve.bytes).toString('base64url')
  const y = point.subarray(1 + curve.bytes).toString('base64url')
  return { curve, key: createPublicKey({ key: { kty: 'EC', crv: curve.crv, x, y }, format: 'jwk' }) }
}

/** r and s, each as long as the curve's numbers. */
function ecSignature(bytes: Buffer, curve: Curve): Buffer {
  const reader = new SshReader(bytes)
  const numbers = [reader.mpint(), reader.mpint()].map((number) => {
    if (number.length > curve.bytes) throw new WireFault('a number is too long')
    return Buffer.concat([Buffer.alloc(curve.bytes - number.length), number])
  })
  reader.end()
  return Buffer.concat(numbers)
}

/** The signature proper, out of one that must be of `type`. */
function part(signature: Buffer, type: string): Buffer {
  const reader = new SshReader(signature)
  if (reader.text() !== type) throw new WireFault('the signature is of another type than the key')
  const inner = reader.string()
  reader.end()
  return inner
}

/** What a security key has signed: the data's hash between what it says of itself. */
function securityKeyPart(
  signature: Buffer,
  type: string,
  application: Buffer,
  data: Uint8Array,
): { inner: Buffer; signed: Buffer } {
  const reader = new SshReader(signature)
  if (reader.text() !== type) throw new WireFault('the signature is of another type than the key')
  const inner = reader.string()
  const flagsAndCounter = reader.fixed(5)
  reader.end()
  return { inner, signed: Buffer.concat([sha256(application), flagsAndCounter, sha256(data)]) }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
