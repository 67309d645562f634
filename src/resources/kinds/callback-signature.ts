// Signatures of callbacks over HTTP, as declared. How they are made: src/callbacks/signatures.ts.

import type { Signature } from '../generated/mock.js'
import type { SignatureForm, SignatureProgram } from './callback-program.js'
import type { Linking } from './linking.js'
import { spelled, unsendable } from './mock-response.js'

type Scheme = Signature['scheme']

interface SchemeRules {
  /** What it is called by people. */
  readonly title: string
  /** Has room for the signatures of two keys. */
  readonly rotates: boolean
  /** What is wrong with a key that stands in the declaration; undefined for nothing. */
  readonly refuses?: (key: string) => string | undefined
}

const rules: Readonly<Record<Scheme, SchemeRules>> = {
  stripe: { title: 'Stripe', rotates: true },
  github: { title: 'GitHub', rotates: false },
  slack: { title: 'Slack', rotates: false },
  'standard-webhooks': {
    title: 'Standard Webhooks',
    rotates: true,
    refuses: (key) => (standardWebhooksKey(key) === undefined ? notStandard : undefined),
  },
  hmac: { title: 'hmac', rotates: true },
}

/** What a key of Standard Webhooks has to be. */
export const notStandard = 'a key of Standard Webhooks is base64, usually after "whsec_"'

/** Fields that only plain hmac has. */
const hmacFields = ['header', 'prefix', 'algorithm', 'encoding'] as const

/** Say something of the body, or are Callboard's. Lower case. */
const taken: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'host',
  'callboard-attempt',
  'callboard-delivery-id',
  'callboard-hop',
  'traceparent',
  'tracestate',
])

/** Names of the headers that a signature is in, as they are sent. */
export function signatureHeaders(form: SignatureForm): readonly string[] {
  return form.scheme === 'hmac' ? [form.header] : headersOf[form.scheme]
}

const headersOf: Readonly<Record<Exclude<Scheme, 'hmac'>, readonly string[]>> = {
  stripe: ['Stripe-Signature'],
  github: ['X-Hub-Signature-256', 'X-Hub-Signature'],
  slack: ['X-Slack-Request-Timestamp', 'X-Slack-Signature'],
  'standard-webhooks': ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
}

/** The bytes that a key of Standard Webhooks stands for; undefined when it is none. */
export function standardWebhooksKey(text: string): Buffer | undefined {
  const encoded = text.startsWith('whsec_') ? text.slice(6) : text
  // Node reads anything; the receivers' libraries do not.
  if (encoded === '' || encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  return Buffer.from(encoded, 'base64')
}

/** What else is among the headers of a signed callback. */
export interface Surroundings {
  /** As declared. */
  readonly headers: Readonly<Record<string, unknown>>
  /** Names in lower case that belong to the connection. */
  readonly framing: ReadonlySet<string>
}

/** `at`: pointer to the callback. */
export function compileSignature(
  sign: Signature,
  surroundings: Surroundings,
  at: string,
  linking: Linking,
): SignatureProgram {
  const { scheme, secret, previousSecret } = sign
  const { title, rotates } = rules[scheme]
  const form = formOf(sign, at, linking)
  checkHeaders(form, surroundings, at, linking)
  const secrets = [compileSecret(secret, scheme, `${at}/sign/secret`, linking)]
  if (previousSecret !== undefined) {
    const previous = compileSecret(previousSecret, scheme, `${at}/sign/previousSecret`, linking)
    if (rotates) secrets.push(previous)
    else {
      const message = `a ${title} signature has room for one key, so "previousSecret" signs nothing`
      const hint = 'let the receiver accept both keys for a while, then change "secret" to the new one'
      linking.warning(`${at}/sign/previousSecret`, 'signature-one-key', message, hint)
    }
  }
  return { form, secrets }
}

/** For callbacks that are no HTTP request. */
export function refuseSignature(type: string, at: string, linking: Linking): void {
  const message = `signatures are for callbacks over http: one of type ${type} is sent without`
  const hint = 'remove "sign"; brokers know who publishes by user and password'
  linking.error(`${at}/sign`, 'signature-not-http', message, hint)
}

function formOf(sign: Signature, at: string, linking: Linking): SignatureForm {
  const { scheme, header = 'X-Signature-256', prefix = '', algorithm = 'sha256', encoding = 'hex' } = sign
  if (scheme === 'hmac') {
    const refused = unsendable.exec(prefix)?.[0]
    if (refused !== undefined) {
      const message = `"prefix" holds ${spelled(refused)}, which no header can carry`
      linking.error(`${at}/sign/prefix`, 'header-value', message, 'header values are Latin-1 without line breaks')
    }
    return { scheme, header, prefix, algorithm, encoding }
  }
  for (const field of hmacFields) {
    if (sign[field] === undefined) continue
    const message = `"${field}" is for scheme hmac: a ${rules[scheme].title} signature always looks the same`
    linking.error(`${at}/sign/${field}`, 'signature-field', message, 'remove it, or write scheme: hmac')
  }
  return { scheme }
}

function checkHeaders(form: SignatureForm, { headers, framing }: Surroundings, at: string, linking: Linking): void {
  const names = signatureHeaders(form)
  for (const name of names) {
    if (!taken.has(name.toLowerCase()) && !framing.has(name.toLowerCase())) continue
    const message = `"${name}" cannot hold the signature: it has a meaning of its own`
    linking.error(`${at}/sign/header`, 'signature-header', message, 'choose another name, such as X-Signature-256')
  }
  const lower = new Set(names.map((name) => name.toLowerCase()))
  for (const name of Object.keys(headers)) {
    if (!lower.has(name.toLowerCase())) continue
    const pointer = `${at}/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const message = `"${name}" is a header of the signature, which is made when the callback is sent`
    linking.error(pointer, 'signature-header', message, 'remove the header, or "sign"')
  }
}

function compileSecret(
  secret: Signature['secret'],
  scheme: Scheme,
  pointer: string,
  linking: Linking,
): SignatureProgram['secrets'][number] {
  if (typeof secret === 'object') return { kind: 'secret', place: secret }
  const name = pointer.slice(pointer.lastIndexOf('/') + 1)
  const hint = `write ${name}: {env: NAME} or {file: path}`
  if (secret === '') linking.error(pointer, 'signature-secret', `"${name}" is empty`, hint)
  else if (/^\$[.{]/.test(secret)) {
    linking.error(pointer, 'signature-secret', `"${name}" holds an expression; keys are taken as they stand`, hint)
  } else {
    const refused = rules[scheme].refuses?.(secret)
    if (refused !== undefined) linking.error(pointer, 'signature-secret', `"${name}" cannot sign: ${refused}`, hint)
  }
  return { kind: 'literal', text: secret }
}
