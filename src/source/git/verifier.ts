import { SourceError } from '../source.js'
import { KeyUnusable } from './allowed-signers.js'
import type { SignedObjects } from './git.js'
import { type RevisionObjects, type TrustedKeys, type VerifyMode, verifyRevision } from './signature.js'
import { type DeclaredKeys, TrustedKeyFiles } from './trusted-keys.js'
import type { RefusalReason, Signer } from './verdict.js'

/** `source.verify` of the settings. */
export interface VerifySettings {
  readonly mode: VerifyMode
  readonly keys: DeclaredKeys
}

const advice: Partial<Readonly<Record<RefusalReason, string>>> = {
  unsigned: 'sign it with git commit -S or git tag -s, by a key that source.verify.keys declares',
  'unknown-key': 'add the key to source.verify.keys if it is to be trusted',
  'wrong-namespace': 'let git sign it: git commit -S with gpg.format=ssh',
  expired: 'sign with a key that is valid, or declare the key with its new expiry',
}

/** Lets a revision pass that is signed as settings want it. Asked again at every look, also about the same revision. */
export class Verifier {
  readonly #mode: VerifyMode
  readonly #files: TrustedKeyFiles

  constructor({ mode, keys }: VerifySettings, files = new TrustedKeyFiles(keys)) {
    this.#mode = mode
    this.#files = files
  }

  /**
   * Who signed, as `name (key)`. Throws `SourceError`, with the reason `VerificationFailed` when the revision is not
   * signed as it has to be, and `KeysUnusable` when a declared key cannot be read. `now`: milliseconds since 1970.
   */
  async check({ revision, commit, tag }: SignedObjects, now: number): Promise<string> {
    const objects: RevisionObjects = {
      commit: { type: 'commit', ...commit },
      ...(tag === undefined ? {} : { tag: { name: refOf(revision), object: { type: 'tag', ...tag } } }),
    }
    const verdict = await verifyRevision(objects, this.#mode, await this.#keys(), now)
    if (verdict.verified) return signerText(verdict.signer)
    const what = advice[verdict.reason]
    const message = what === undefined ? verdict.message : `${verdict.message}: ${what}`
    throw new SourceError(message, { reason: 'VerificationFailed' })
  }

  async #keys(): Promise<TrustedKeys> {
    try {
      return await this.#files.keys()
    } catch (error) {
      if (error instanceof KeyUnusable) throw new SourceError(error.message, { reason: 'KeysUnusable', cause: error })
      throw error
    }
  }
}

/** `v1.0.0@sha1:…` → `v1.0.0` */
function refOf(revision: string): string {
  return revision.slice(0, Math.max(0, revision.lastIndexOf('@')))
}

function signerText({ name, key }: Signer): string {
  return name === key ? key : `${name} (${key})`
}
