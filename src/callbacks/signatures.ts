// Signatures as the receivers' own libraries verify them, over the bytes of one attempt.

import { type SecretReference, type Secrets, SecretUnusable } from '../delivery/secrets.js'
import { signatureHeaders } from '../delivery/signing.js'
import type { SignatureForm, SignatureProgram } from '../resources/kinds/callback-program.js'
import { notStandard, standardWebhooksKey } from '../resources/kinds/callback-signature.js'
import { type LiteralSecrets, literalScheme } from './literal-secrets.js'

/** What a delivery keeps of its signature: how it looks, and where its keys are. */
export interface SignatureDeclaration {
  readonly form: SignatureForm
  /** The key; after it the one before, while rotating. */
  readonly secrets: readonly SecretReference[]
}

export interface Signed {
  /** Of the delivery: equal for all its attempts. */
  readonly id: string
  /** Exactly what is sent; empty when nothing is. */
  readonly body: Uint8Array
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The headers of one attempt. Throws `SecretUnusable` when a key is missing, or is none. */
export async function sign(
  { form, secrets: references }: SignatureDeclaration,
  { id, body, now }: Signed,
  secrets: Secrets,
): Promise<ReturnType<typeof signatureHeaders>> {
  const keys: Uint8Array[] = []
  for (const reference of references) keys.push(await keyOf(form, reference, secrets))
  return signatureHeaders(form, { id, body, seconds: String(Math.floor(now() / 1000)), keys })
}

/** What is journalled: keys that stand in the declaration are kept elsewhere. Throws `StoreUnavailable`. */
export function declareSignature({ form, secrets }: SignatureProgram, literals: LiteralSecrets): SignatureDeclaration {
  return {
    form,
    secrets: secrets.map((secret) => (secret.kind === 'secret' ? secret.place : literals.keep(secret.text))),
  }
}

async function keyOf({ scheme }: SignatureForm, reference: SecretReference, secrets: Secrets): Promise<Uint8Array> {
  const text = await secrets.resolve(reference)
  if (scheme !== 'standard-webhooks') return Buffer.from(text)
  const key = standardWebhooksKey(text)
  if (key === undefined) throw new SecretUnusable(`${placeOf(reference)} cannot sign: ${notStandard}`)
  secrets.hide(key.toString('base64'))
  return key
}

function placeOf({ env, file = '' }: SecretReference): string {
  if (env !== undefined) return `the secret in the environment variable ${env}`
  return file.startsWith(literalScheme) ? 'the secret in the declaration' : `the secret in the file ${file}`
}
