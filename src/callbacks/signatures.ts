// Signatures as the receivers' own libraries verify them, over the bytes of one attempt.

import { createHmac } from 'node:crypto'
import { type SecretReference, type Secrets, SecretUnusable } from '../delivery/secrets.js'
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

/** One message to sign. */
interface Signing {
  readonly id: string
  readonly body: Uint8Array
  /** Since 1970. */
  readonly seconds: string
  /** The first is the current one. */
  readonly keys: readonly Uint8Array[]
}

type Header = readonly [name: string, value: string]
type Scheme<Form> = (signing: Signing, form: Form) => readonly Header[]

/**
 * Sources: Stripe "Verify webhook signatures manually", GitHub "Validating webhook deliveries", Slack "Verifying requests
 * from Slack", Standard Webhooks 1.0.0. Two signatures share one plain header as in webhooks of PagerDuty.
 */
const schemes: { readonly [Name in SignatureForm['scheme']]: Scheme<Extract<SignatureForm, { scheme: Name }>> } = {
  stripe: ({ seconds, body, keys }) => {
    const made = keys.map((key) => `v1=${hmac('sha256', key, `${seconds}.`, body).toString('hex')}`)
    return [['Stripe-Signature', [`t=${seconds}`, ...made].join(',')]]
  },
  github: ({ body, keys: [key = empty] }) => [
    ['X-Hub-Signature-256', `sha256=${hmac('sha256', key, '', body).toString('hex')}`],
    ['X-Hub-Signature', `sha1=${hmac('sha1', key, '', body).toString('hex')}`],
  ],
  slack: ({ seconds, body, keys: [key = empty] }) => [
    ['X-Slack-Request-Timestamp', seconds],
    ['X-Slack-Signature', `v0=${hmac('sha256', key, `v0:${seconds}:`, body).toString('hex')}`],
  ],
  'standard-webhooks': ({ id: delivery, seconds, body, keys }) => {
    // A dot ends the id in what is signed.
    const id = delivery.replaceAll('.', '_')
    const made = keys.map((key) => `v1,${hmac('sha256', key, `${id}.${seconds}.`, body).toString('base64')}`)
    return [
      ['webhook-id', id],
      ['webhook-timestamp', seconds],
      ['webhook-signature', made.join(' ')],
    ]
  },
  hmac: ({ body, keys }, { header, prefix, algorithm, encoding }) => [
    [header, keys.map((key) => prefix + hmac(algorithm, key, '', body).toString(encoding)).join(',')],
  ],
}

const empty = new Uint8Array()

/** The headers of one attempt. Throws `SecretUnusable` when a key is missing, or is none. */
export async function sign(
  { form, secrets: references }: SignatureDeclaration,
  { id, body, now }: Signed,
  secrets: Secrets,
): Promise<readonly Header[]> {
  const keys: Uint8Array[] = []
  for (const reference of references) keys.push(await keyOf(form, reference, secrets))
  const make = schemes[form.scheme] as Scheme<SignatureForm>
  return make({ id, body, seconds: String(Math.floor(now() / 1000)), keys }, form)
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

function hmac(algorithm: string, key: Uint8Array, before: string, body: Uint8Array): Buffer {
  return createHmac(algorithm, key).update(before).update(body).digest()
}
