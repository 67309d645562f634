// Signatures as the receivers' own libraries verify them.

import { createHmac } from 'node:crypto'

/** How a signature looks. */
export type SignatureForm =
  | { readonly scheme: 'stripe' | 'github' | 'slack' | 'standard-webhooks' }
  | {
      readonly scheme: 'hmac'
      readonly header: string
      readonly prefix: string
      readonly algorithm: 'sha1' | 'sha256' | 'sha512'
      readonly encoding: 'hex' | 'base64'
    }

/** One message to sign. */
export interface Signing {
  readonly id: string
  readonly body: Uint8Array
  /** Since 1970. */
  readonly seconds: string
  /** The first is the current one. */
  readonly keys: readonly Uint8Array[]
}

export type Header = readonly [name: string, value: string]
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

/** The headers that carry the signature of one attempt. */
export function signatureHeaders(form: SignatureForm, signing: Signing): readonly Header[] {
  const make = schemes[form.scheme] as Scheme<SignatureForm>
  return make(signing, form)
}

function hmac(algorithm: string, key: Uint8Array, before: string, body: Uint8Array): Buffer {
  return createHmac(algorithm, key).update(before).update(body).digest()
}
