export type SignatureScheme = 'ssh' | 'openpgp'

/** Who signed, as far as the declared keys tell. */
export interface Signer {
  readonly scheme: SignatureScheme
  /** `SHA256:…` for SSH; the primary key's fingerprint in upper-case hex for OpenPGP. */
  readonly key: string
  /** The principals of an allowed signer, a key's comment, or the user id of an OpenPGP key; else the fingerprint. */
  readonly name: string
}

export type RefusalReason =
  | 'unsigned'
  /** No declared key has made it. */
  | 'unknown-key'
  /** The signature is not over this object, or is damaged. */
  | 'bad-signature'
  /** The key's or signature's time is over, or has not begun. */
  | 'expired'
  | 'revoked'
  /** Made for something else than Git. */
  | 'wrong-namespace'
  /** A hash or algorithm that is not accepted. */
  | 'weak-algorithm'
  /** X.509, or a form that is not known. */
  | 'unsupported'
  /** The object itself is not what git writes, or not what was asked for. */
  | 'malformed'

export interface Refused {
  readonly verified: false
  readonly reason: RefusalReason
  /** What follows "commit 1234abc …": a sentence without its subject, which names the key where one is known. */
  readonly message: string
}

export type Verdict = { readonly verified: true; readonly signer: Signer } | Refused

export function refused(reason: RefusalReason, message: string): Refused {
  return { verified: false, reason, message }
}
