// Who signed a commit or tag, by the keys that settings declare. Needs no gpg and no ssh-keygen.

import type { AllowedSigner } from './allowed-signers.js'
import type { OpenpgpKeys } from './openpgp.js'
import { type GitObject, MalformedObject, readSignedObject, type SignedObject } from './signed-object.js'
import { verifySsh } from './ssh-signature.js'
import { type Refused, refused, type Signer, type Verdict } from './verdict.js'

export type { GitObject } from './signed-object.js'
export type { Signer, Verdict } from './verdict.js'

/** The keys that may sign; `readTrustedKeys` makes it. */
export interface TrustedKeys {
  readonly ssh: readonly AllowedSigner[]
  readonly openpgp: OpenpgpKeys | undefined
}

/** Which objects have to be signed: the commit, the annotated tag that names it, or both. */
export type VerifyMode = 'head' | 'tag' | 'tagAndHead'

/** What is about to be applied. */
export interface RevisionObjects {
  readonly commit: GitObject
  /** The annotated tag, and the name under which it was found (`v1.2.0`); undefined when the ref is no annotated tag. */
  readonly tag?: { readonly name: string; readonly object: GitObject } | undefined
}

/**
 * Whether the revision is signed as `mode` wants it; the signer is the tag's where the tag is asked for. Keys are judged at
 * `now` (milliseconds since 1970): one that has expired or is revoked brings nothing in any more, whatever time the
 * signature claims. The message of a refusal is a whole sentence with the id of the commit or tag.
 */
export async function verifyRevision(
  { commit, tag }: RevisionObjects,
  mode: VerifyMode,
  keys: TrustedKeys,
  now: number,
): Promise<Verdict> {
  let signer: Signer | undefined
  if (mode !== 'head') {
    if (tag === undefined) {
      return refused(
        'unsigned',
        `commit ${commit.id} is not named by an annotated tag, so there is no signed tag to verify`,
      )
    }
    const verdict = await verifyTag(tag.object, tag.name, commit.id, keys, now)
    if (!verdict.verified) return subject(`tag ${tag.name} (${tag.object.id})`, verdict)
    signer = verdict.signer
  }
  if (mode !== 'tag') {
    const verdict = await verifySignature(commit, keys, now)
    if (!verdict.verified) return subject(`commit ${commit.id}`, verdict)
    signer ??= verdict.signer
  }
  return signer === undefined ? refused('unsigned', `commit ${commit.id} is not signed`) : { verified: true, signer }
}

/** Who signed this object. The message of a refusal goes on after the object's name. */
export async function verifySignature(object: GitObject, keys: TrustedKeys, now: number): Promise<Verdict> {
  try {
    return await verifyRead(readSignedObject(object), keys, now)
  } catch (error) {
    if (error instanceof MalformedObject) return refused('malformed', `cannot be verified: ${error.message}`)
    throw error
  }
}

/** A signed tag vouches for one name and one commit: under another name it could bring an old release back. */
async function verifyTag(
  object: GitObject,
  name: string,
  commit: string,
  keys: TrustedKeys,
  now: number,
): Promise<Verdict> {
  const verdict = await verifySignature(object, keys, now)
  if (!verdict.verified) return verdict
  const { tag } = readSignedObject(object)
  if (tag?.name !== name) return refused('malformed', `was signed as ${JSON.stringify(tag?.name.slice(0, 100))}`)
  if (tag.targetType !== 'commit' || tag.target !== commit) {
    return refused('malformed', `names the ${tag.targetType} ${tag.target}, not the commit ${commit}`)
  }
  return verdict
}

async function verifyRead(
  { payload, signature, time }: SignedObject,
  keys: TrustedKeys,
  now: number,
): Promise<Verdict> {
  if (signature === undefined) return refused('unsigned', 'is not signed')
  if (signature.startsWith('-----BEGIN SSH SIGNATURE-----')) {
    return verifySsh(payload, signature, keys.ssh, time === undefined ? [now] : [now, time])
  }
  if (signature.startsWith('-----BEGIN PGP SIGNATURE-----')) {
    if (keys.openpgp !== undefined) return keys.openpgp.verify(payload, signature, now)
    return refused('unknown-key', 'has an OpenPGP signature, and no OpenPGP key is declared')
  }
  const kind = signature.startsWith('-----BEGIN SIGNED MESSAGE-----')
    ? 'an X.509 signature'
    : 'a signature of another kind'
  return refused('unsupported', `has ${kind}; sign with SSH or OpenPGP`)
}

function subject(name: string, { reason, message }: Refused): Refused {
  return refused(reason, `${name} ${message}`)
}
