// Sends a callback over HTTP: the bytes that were rendered, to an address that the guard has checked, once. Redirects are
// answers like any other, so that nobody is led somewhere else.

import type { Dispatcher } from 'undici'
import { classOfError, classOfStatus, parseRetryAfter } from '../delivery/http-answer.js'
import { type SecretSources, Secrets, type SecretText, SecretUnusable } from '../delivery/secrets.js'
import type { AttemptSignal, Outcome, Transport } from '../delivery/transport.js'
import type { Json } from '../expression/json.js'
import type { Guard } from '../network/guard.js'
import type { Delivery } from '../store/delivery.js'
import { type HttpTarget, parseTarget, Targets } from './http-target.js'
import { type SignatureDeclaration, sign } from './signatures.js'

/** `Delivery.payload` of this transport: every field as rendered. */
export interface HttpPayload {
  readonly method: string
  readonly url: SecretText
  readonly headers: readonly (readonly [name: string, value: SecretText])[]
  readonly body?: string
  /** Of `body`; text by default. */
  readonly encoding?: 'utf8' | 'base64'
  /** Made afresh at each attempt. */
  readonly sign?: SignatureDeclaration
  /** How many of our callbacks led to it, itself included. */
  readonly hop?: number
}

export interface HttpTransportOptions extends SecretSources {
  readonly guard: Pick<Guard, 'check' | 'dispatcher'>
  readonly now: () => number
  readonly userAgent: string
  /** True for our own resolver: only there a chain can be endless. Every target is taken for it by default. */
  readonly isOwn?: (url: URL) => boolean
}

/** Says how many callbacks led to a request. */
export const hopHeader = 'callboard-hop'
/** Equal for all attempts of one delivery. */
export const idHeader = 'callboard-delivery-id'
export const attemptHeader = 'callboard-attempt'
export const maxHops = 10

/** How much of an answer is read, and how much of it is recorded. */
const maxAnswerBytes = 16 * 1024
const maxRecordedLength = 4096

const noBytes = new Uint8Array()

export function toPayload(payload: HttpPayload): Json {
  return payload as unknown as Json
}

/** What `Delivery.target` is for a callback: one gate for each origin. A URL that is a secret has the origin of its name. */
export function targetOf(url: SecretText): string {
  if (typeof url !== 'string') return `secret:${url.env ?? url.file ?? ''}`
  try {
    return new URL(url).origin
  } catch {
    return `invalid:${url.slice(0, 100)}`
  }
}

export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { guard, now, userAgent, isOwn = () => true } = options

  const targets = new Targets()

  async function send(delivery: Delivery, signal: AttemptSignal, attempt: number): Promise<Outcome> {
    const payload = delivery.payload as unknown as HttpPayload
    const secrets = new Secrets(options)
    let target: HttpTarget
    let headers: string[]
    let body = bodyOf(payload)
    try {
      const isSecret = typeof payload.url !== 'string'
      const text = typeof payload.url === 'string' ? payload.url : await secrets.resolve(payload.url)
      const parsed = isSecret ? parseTarget(text) : targets.get(text)
      if (parsed === undefined) return failure('template', `${secrets.redact(JSON.stringify(text))} is no URL`)
      target = parsed
      headers = payload.headers.every(isPlain) ? flatten(payload.headers) : await headersOf(payload, secrets)
      if (payload.sign !== undefined) {
        // These bytes, and no others, are signed and sent.
        if (typeof body === 'string') body = Buffer.from(body)
        const made = await sign(payload.sign, { id: delivery.id, body: body ?? noBytes, now }, secrets)
        for (const [name, value] of made) headers.push(name, value)
      }
    } catch (error) {
      if (error instanceof SecretUnusable) return failure('auth', error.message)
      throw error
    }
    const { url } = target
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      return failure('template', `${url.protocol}// is not HTTP: the URL has to begin with http:// or https://`)
    }
    const { hop = 1 } = payload
    if (hop > maxHops && isOwn(url)) {
      return failure('guard', `${maxHops} callbacks in a row led here already; a chain that has no end is stopped`)
    }
    try {
      guard.check(url)
    } catch (error) {
      const { class: kind, message } = classOfError(error)
      return failure(kind, secrets.redact(message))
    }
    setDefaults(headers, [
      ['user-agent', userAgent],
      [idHeader, delivery.id],
      [attemptHeader, String(attempt)],
      [hopHeader, String(hop)],
    ])
    if (target.credentials !== undefined) setDefaults(headers, [['authorization', target.credentials]])
    const request: Dispatcher.DispatchOptions = {
      origin: target.origin,
      path: target.path,
      method: payload.method as Dispatcher.HttpMethod,
      headers,
      body,
      // The engine's signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    try {
      return outcomeOf(await exchange(guard.dispatcher, request, signal), secrets, now())
    } catch (error) {
      if (signal.aborted) throw error
      const { class: kind, message } = classOfError(error)
      return failure(kind, secrets.redact(message))
    }
  }

  return { send }
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly location: string | undefined
  readonly text: string
}

/** One request on the wire. Of a long answer only the beginning is read; then the connection is closed. */
function exchange(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, signal: AttemptSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let retryAfter: string | undefined
    let location: string | undefined
    const chunks: Buffer[] = []
    let bytes = 0
    let controller: Dispatcher.DispatchController | undefined
    const abort = () => {
      reject(signal.reason)
      controller?.abort(new Error('aborted'))
    }
    const done = () => {
      signal.removeEventListener('abort', abort)
      resolve({ status, retryAfter, location, text: toText(chunks) })
    }
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', abort)
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started
        if (signal.aborted) abort()
      },
      onResponseStart(_, statusCode, headers) {
        // An interim answer (1xx) is followed by the real one.
        if (statusCode < 200) return
        status = statusCode
        retryAfter = one(headers['retry-after'])
        location = one(headers.location)
      },
      onResponseData(current, chunk) {
        if (bytes >= maxAnswerBytes) return
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes < maxAnswerBytes) return
        done()
        current.abort(new Error('the rest of the answer is not read'))
      },
      onResponseEnd: done,
      onResponseError(_, error) {
        signal.removeEventListener('abort', abort)
        reject(error)
      },
    })
  })
}

function outcomeOf({ status, retryAfter, location, text }: Answer, secrets: Secrets, now: number): Outcome {
  const whole = secrets.redact(text)
  const response = whole.length > maxRecordedLength ? whole.slice(0, maxRecordedLength) : whole
  const answered = { status, ...(response !== '' && { response }) }
  const kind = classOfStatus(status)
  if (kind === undefined) return { ok: true, ...answered }
  const retryAfterMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, now)
  const message =
    status >= 300 && status < 400 && location !== undefined
      ? `answered ${status}; redirects are not followed (to ${location})`
      : `answered ${status}`
  return {
    ok: false,
    class: kind,
    message: secrets.redact(message),
    ...answered,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

function failure(kind: Extract<Outcome, { ok: false }>['class'], message: string): Outcome {
  return { ok: false, class: kind, message }
}

type Header = HttpPayload['headers'][number]

function isPlain(header: Header): header is readonly [name: string, value: string] {
  return typeof header[1] === 'string'
}

function flatten(headers: readonly (readonly [name: string, value: string])[]): string[] {
  const flat: string[] = []
  for (const [name, value] of headers) if (!isLength(name)) flat.push(name, value)
  return flat
}

/** That of the bytes is the only right one, and set by whoever sends them. */
function isLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === 'content-length'
}

async function headersOf({ headers }: HttpPayload, secrets: Secrets): Promise<string[]> {
  const flat: string[] = []
  for (const [name, value] of headers) {
    if (isLength(name)) continue
    flat.push(name, typeof value === 'string' ? value : await secrets.resolve(value))
  }
  return flat
}

/** Adds what the callback does not say itself. */
function setDefaults(headers: string[], defaults: readonly (readonly [name: string, value: string])[]): void {
  const given = headers.length
  for (const [name, value] of defaults) {
    let isGiven = false
    for (let index = 0; index < given; index += 2) {
      const other = headers[index] as string
      if (other.length === name.length && other.toLowerCase() === name) isGiven = true
    }
    if (!isGiven) headers.push(name, value)
  }
}

function bodyOf({ body, encoding }: HttpPayload): Buffer | string | null {
  if (body === undefined) return null
  return encoding === 'base64' ? Buffer.from(body, 'base64') : body
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function toText(chunks: readonly Buffer[]): string {
  const [first] = chunks
  if (first === undefined) return ''
  return (chunks.length === 1 ? first : Buffer.concat(chunks)).toString('utf8', 0, maxAnswerBytes)
}
