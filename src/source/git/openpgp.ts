// OpenPGP signatures. The library is loaded when the first key is declared: it takes 20 MB that nobody else should pay.

import type { Key, Signature, Subkey } from 'openpgp'
import { KeyUnusable } from './allowed-signers.js'
import { type RefusalReason, refused, type Verdict } from './verdict.js'

type Library = typeof import('openpgp')

/** The clock of whoever signed may be that much ahead of ours. */
const skewMs = 5 * 60_000
const block = /-----BEGIN PGP ([A-Z ]+)-----[\s\S]*?-----END PGP \1-----/g
const oneSignature = /^-----BEGIN PGP SIGNATURE-----\r?\n(?:(?!-----)[\s\S])*-----END PGP SIGNATURE-----\s*$/

/** Keys that may sign, as `gpg --export` writes them: armored, several blocks one after the other, or binary. */
export class OpenpgpKeys {
  readonly #library: Library
  readonly #keys: readonly Key[]

  private constructor(library: Library, keys: readonly Key[]) {
    this.#library = library
    this.#keys = keys
  }

  /** Throws `KeyUnusable`. */
  static async read(texts: readonly { readonly bytes: Uint8Array; readonly place: string }[]): Promise<OpenpgpKeys> {
    const library = await import('openpgp')
    const keys: Key[] = []
    for (const { bytes, place } of texts) keys.push(...(await readKeys(library, bytes, place)))
    return new OpenpgpKeys(library, keys)
  }

  /** `now`: milliseconds since 1970. */
  async verify(payload: Uint8Array, armored: string, now: number): Promise<Verdict> {
    const signature = await this.#read(armored)
    if (!('packets' in signature)) return signature
    const [packet] = signature.packets
    if (packet === undefined || signature.packets.length !== 1) {
      return refused('bad-signature', `has ${signature.packets.length} OpenPGP signatures in one; it needs one`)
    }
    const { enums } = this.#library
    const id = packet.issuerKeyID
    const named = packet.issuerFingerprint ? hex(packet.issuerFingerprint) : id.toHex().toUpperCase()
    // A text signature is the same for other line ends: not these bytes.
    if (packet.signatureType !== enums.signature.binary) {
      return refused('bad-signature', `has an OpenPGP signature by the key ${named} that is not over its bytes`)
    }
    const candidates = this.#keys.filter((key) => key.getKeys(id).length > 0)
    let verdict = refused(
      'unknown-key',
      `is signed by the OpenPGP key ${named}, which is not among the declared keys`,
    ) as Verdict
    for (const key of candidates) {
      verdict = await this.#verifyBy(key, signature, payload, now)
      if (verdict.verified) return verdict
    }
    return verdict
  }

  async #read(armored: string): Promise<Signature | Verdict> {
    if (!oneSignature.test(armored)) {
      return refused('bad-signature', 'has a damaged OpenPGP signature: it is not one whole armored block')
    }
    try {
      return await this.#library.readSignature({ armoredSignature: armored })
    } catch (error) {
      return refused('bad-signature', `has a damaged OpenPGP signature: ${reasonOf(error)}`)
    }
  }

  async #verifyBy(key: Key, signature: Signature, payload: Uint8Array, now: number): Promise<Verdict> {
    const fingerprint = key.getFingerprint().toUpperCase()
    const [packet] = signature.packets
    const name = userIdOf(key)
    const by = `is signed by the OpenPGP key ${fingerprint}${name === undefined ? '' : ` of ${name}`}`
    const created = packet?.created?.getTime() ?? 0
    const date = new Date(created > now && created <= now + skewMs ? created : now)
    try {
      const message = await this.#library.createMessage({ binary: payload, format: 'binary' })
      const options = { message, signature, verificationKeys: key, date, format: 'binary' as const }
      const { signatures } = await this.#library.verify(options)
      await signatures[0]?.verified
      if (signatures[0] === undefined) return refused('bad-signature', `${by}, but not over its content`)
    } catch (error) {
      const standing = await standingOf(key, signature, date)
      if (standing !== undefined && !isForged(error)) return refused(standing.reason, `${by}, ${standing.message}`)
      return refused(reasonFor(error, 'bad-signature'), `${by}, but the signature does not hold: ${reasonOf(error)}`)
    }
    // The library asks whether the key was good when it signed, by a time that the signer chose.
    const standing = await standingOf(key, signature, date)
    if (standing !== undefined) return refused(standing.reason, `${by}, ${standing.message}`)
    return { verified: true, signer: { scheme: 'openpgp', key: fingerprint, name: name ?? fingerprint } }
  }
}

async function readKeys(library: Library, bytes: Uint8Array, place: string): Promise<Key[]> {
  const text = Buffer.from(bytes).toString('latin1')
  const armored = [...text.matchAll(block)]
  if (armored.some(([, what]) => what?.startsWith('PRIVATE'))) throw privateKey(place)
  const keys: Key[] = []
  try {
    if (armored.length === 0) keys.push(...(await library.readKeys({ binaryKeys: bytes })))
    for (const [armoredKeys] of armored) keys.push(...(await library.readKeys({ armoredKeys })))
  } catch (error) {
    throw new KeyUnusable(`${place}: no OpenPGP public keys (${reasonOf(error)}); write them with gpg --armor --export`)
  }
  if (keys.some((key) => key.isPrivate())) throw privateKey(place)
  if (keys.length === 0) throw new KeyUnusable(`${place}: no OpenPGP public key; write it with gpg --armor --export`)
  return keys
}

function privateKey(place: string): KeyUnusable {
  return new KeyUnusable(`${place}: a private key; declare the public one, as gpg --armor --export writes it`)
}

/** Why the key, or the subkey that signed, is not good at `date`; undefined when it is. */
async function standingOf(
  key: Key,
  signature: Signature,
  date: Date,
): Promise<{ reason: RefusalReason; message: string } | undefined> {
  const id = signature.packets[0]?.issuerKeyID
  if (await key.isRevoked(undefined, undefined, date)) return { reason: 'revoked', message: 'which is revoked' }
  const expires = await key.getExpirationTime()
  if (expires instanceof Date && expires <= date) {
    return { reason: 'expired', message: `which expired on ${iso(expires)}` }
  }
  const subkey = key.subkeys.find((candidate) => id !== undefined && candidate.getKeyID().equals(id))
  if (subkey !== undefined) {
    const own = `whose subkey ${subkey.getFingerprint().toUpperCase()}`
    if (await isRevoked(subkey, date)) return { reason: 'revoked', message: `${own} is revoked` }
    const ends = await subkey.getExpirationTime(date).catch(() => null)
    if (ends instanceof Date && ends <= date) return { reason: 'expired', message: `${own} expired on ${iso(ends)}` }
  }
  try {
    await key.getSigningKey(id, date)
    return undefined
  } catch (error) {
    return { reason: reasonFor(error, 'weak-algorithm'), message: `which may not sign: ${reasonOf(error)}` }
  }
}

async function isRevoked(subkey: Subkey, date: Date): Promise<boolean> {
  // Typed as if they were needed; without them every revocation counts.
  const ask = subkey.isRevoked as unknown as (signature?: undefined, key?: undefined, date?: Date) => Promise<boolean>
  return await ask.call(subkey, undefined, undefined, date)
}

/** The signature is not by the key over these bytes, whatever else is said of the key. */
function isForged(error: unknown): boolean {
  return /digest did not match|verification failed/i.test(reasonOf(error))
}

function reasonFor(error: unknown, otherwise: RefusalReason): RefusalReason {
  const reason = reasonOf(error)
  if (/insecure|too weak|disabled|unsupported/i.test(reason)) return 'weak-algorithm'
  return /expired|in the future/i.test(reason) ? 'expired' : otherwise
}

function userIdOf(key: Key): string | undefined {
  return key.getUserIDs()[0]?.replace(/[\p{Cc}]/gu, ' ')
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]?.slice(0, 200) ?? ''
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase()
}

function iso(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}
