// Whether a hook is from whoever knows the secret. Every comparison takes the same time, whatever is compared, and nothing
// that is empty is ever equal to anything.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type HookRequest, headerOf } from './hook.js'

/** How far the clock of the sender may be off. Standard Webhooks 1.0.0. */
const toleranceSeconds = 300
const whsec = 'whsec_'

interface HmacForm {
  /** In lower case. */
  readonly header: string
  readonly prefix: string
  readonly encoding?: 'hex' | 'base64'
}

/** HMAC-SHA256 over the body. The algorithm is never the sender's to choose: `sha1=` is not what any host is asked for. */
export function hmacRefusal(
  { headers, bytes }: HookRequest,
  secret: string,
  { header, prefix, encoding = 'hex' }: HmacForm,
): string | undefined {
  const given = headerOf(headers, header)?.trim()
  if (given === undefined || given === '' || given === prefix) return missing(header)
  const [start, rest] = [given.slice(0, prefix.length), given.slice(prefix.length)]
  if (start.toLowerCase() !== prefix.toLowerCase()) return `the signature in ${header} does not begin with ${prefix}`
  const form = encoding === 'hex' ? /^[0-9a-f]{64}$/i : /^[A-Za-z0-9+/]{43}=$/
  if (!form.test(rest)) return `what is in ${header} is no HMAC-SHA256 in ${encoding}`
  const expected = createHmac('sha256', secret).update(bytes).digest()
  return timingSafeEqual(Buffer.from(rest, encoding), expected) ? undefined : mismatch(header)
}

/** A secret that is sent along as it is. */
export function tokenRefusal({ headers }: HookRequest, secret: string, header: string): string | undefined {
  const given = headerOf(headers, header)
  if (given === undefined || given === '') return `there is no token: the header ${header} is missing or empty`
  // Digests have one length, which hides that of the secret.
  return timingSafeEqual(digest(given), digest(secret)) ? undefined : `the token in ${header} is not the receiver's`
}

/** Standard Webhooks 1.0.0: id, time and body are signed; any one of several signatures will do. */
export function standardRefusal({ headers, bytes }: HookRequest, secret: string, now: number): string | undefined {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  if (!id || !timestamp || !signatures) return missing('webhook-id, webhook-timestamp or webhook-signature')
  if (id.includes('.')) return 'the webhook-id has a dot'
  if (!/^\d{1,12}$/.test(timestamp)) return 'the webhook-timestamp is no number of seconds'
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    return 'the webhook-timestamp is more than five minutes away from now'
  }
  const key = standardKey(secret)
  if (key === undefined) return 'the receiver has a secret that is no base64'
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(bytes).digest()
  let matches = false
  for (const signature of signatures.split(' ').slice(0, 16)) {
    const [version, encoded = ''] = signature.split(',')
    if (version !== 'v1' || !/^[A-Za-z0-9+/]{43}=$/.test(encoded)) continue
    if (timingSafeEqual(Buffer.from(encoded, 'base64'), expected)) matches = true
  }
  return matches ? undefined : mismatch('webhook-signature')
}

/** True for a secret in the form of Standard Webhooks. */
export function isStandardSecret(secret: string): boolean {
  return secret.startsWith(whsec)
}

/** `whsec_` and the key in base64, or the base64 alone; undefined for what is neither, or empty. */
function standardKey(secret: string): Buffer | undefined {
  const encoded = isStandardSecret(secret) ? secret.slice(whsec.length) : secret
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const key = Buffer.from(encoded, 'base64')
  return key.length === 0 ? undefined : key
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function missing(header: string): string {
  return `there is no signature: the header ${header} is missing or empty; is a secret set at the sender?`
}

function mismatch(header: string): string {
  return `the signature in ${header} is not by the receiver's secret`
}
