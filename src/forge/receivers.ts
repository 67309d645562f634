// Takes what Git hosts post when somebody has pushed, and says "look again". What it says is never believed for more than
// that: what is live comes from the repository alone.

import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type SecretReference, type SecretSources, Secrets, SecretUnusable } from '../delivery/secrets.js'
import { FailureBudget } from './failure-budget.js'
import { type Followed, ignoredPush } from './followed.js'
import { type Hook, type HookRequest, headerOf, type ReceiverType, type SignatureChoice } from './hook.js'
import { receiverTypes } from './receivers/index.js'
import { SeenDeliveries } from './seen-deliveries.js'

/** An entry of `receivers` in the settings. */
export interface ReceiverSettings {
  readonly name: string
  readonly type: string
  readonly secret: SecretReference
  /** Whose pushes count, where that is not the path of the source's URL. */
  readonly repository?: string
  readonly scheme?: SignatureChoice['scheme']
  readonly header?: string
  readonly prefix?: string
  readonly encoding?: SignatureChoice['encoding']
}

export type HookResult = 'accepted' | 'ignored' | 'duplicate' | 'ping'
export type RefusalReason = 'signature' | 'rate' | 'secret' | 'content_type' | 'too_large' | 'unreadable'

/** What became of a hook that is to be believed. */
export interface HookAnswer {
  readonly receiver: string
  readonly result: HookResult
  readonly message: string
}

/** Why it is not taken. */
export interface HookRefusal {
  readonly refused: RefusalReason
  readonly message: string
}

export interface HookCount {
  readonly receiver: string
  readonly result: 'accepted' | 'ignored' | 'refused'
  /** Of what was not accepted. */
  readonly reason: string
  readonly count: number
}

export interface IncomingHook {
  readonly address: string | null
  readonly headers: IncomingHttpHeaders
}

export interface ReceiversOptions extends SecretSources {
  readonly receivers: readonly ReceiverSettings[]
  readonly followed: Followed
  /** Looks at the source again soon. */
  readonly look: () => void
  /** Runs work after the answer has gone out. */
  readonly later: (work: () => void) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: {
    debug(fields: object, message: string): void
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
}

/** What is verified even from an address that has sent too much that was not to be believed: it costs next to nothing. */
const smallBytes = 256 * 1024

interface Receiver {
  readonly settings: ReceiverSettings
  readonly type: ReceiverType
  readonly signature: SignatureChoice
  readonly followed: Followed
}

export class Receivers {
  readonly #options: ReceiversOptions
  readonly #receivers: ReadonlyMap<string, Receiver>
  readonly #seen = new SeenDeliveries()
  readonly #failures: FailureBudget
  readonly #counts = new Map<string, HookCount>()

  /** Throws an Error for a type that there is not. */
  constructor(options: ReceiversOptions) {
    this.#options = options
    this.#failures = new FailureBudget(options.now)
    this.#receivers = new Map(options.receivers.map((settings) => [settings.name, receiverOf(settings, options)]))
  }

  has(name: string): boolean {
    return this.#receivers.has(name)
  }

  /** What is said before a body is read; undefined when it may be. */
  refusalBefore(name: string, { address, headers }: IncomingHook): HookRefusal | undefined {
    const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY)
    if (length > smallBytes && this.#failures.isExceeded(keyOf(name, address))) return this.#tooMany(name)
    const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
    if (type === 'application/json') return undefined
    const found = type === '' ? 'it has none' : `it is ${JSON.stringify(String(type).slice(0, 60))}`
    return this.#refuse(name, {
      refused: 'content_type',
      message: `a hook comes as application/json, and ${found}; choose the content type application/json at the sender`,
    })
  }

  /** The body could not be read. */
  unread(name: string, why: 'too_large' | 'unreadable'): void {
    this.#count(name, 'refused', why)
  }

  /** Judges a hook. What it sets off begins after the answer. Never rejects. */
  async receive(name: string, request: HookRequest, address: string | null): Promise<HookAnswer | HookRefusal> {
    const receiver = this.#receivers.get(name) as Receiver
    const refusal = await this.#refusalOf(receiver, request, address)
    if (refusal !== undefined) return refusal
    const hook = readHook(receiver.type, request)
    if (hook === undefined) {
      return this.#refuse(name, { refused: 'unreadable', message: 'the body is no JSON in UTF-8, though it is signed' })
    }
    return this.#answer(receiver, hook, request)
  }

  /** Since the start. */
  get counts(): Iterable<HookCount> {
    return this.#counts.values()
  }

  /** The receivers whose secret cannot be had now, and why. Shows nothing of a secret. */
  async unusable(): Promise<readonly { readonly receiver: string; readonly message: string }[]> {
    const found = []
    for (const [receiver, { settings }] of this.#receivers) {
      const secret = await this.#secretOf(settings)
      if (secret instanceof SecretUnusable) found.push({ receiver, message: secret.message })
    }
    return found
  }

  async #refusalOf(
    { settings: { name }, settings, type, signature }: Receiver,
    request: HookRequest,
    address: string | null,
  ): Promise<HookRefusal | undefined> {
    const { log, now } = this.#options
    const secret = await this.#secretOf(settings)
    if (secret instanceof SecretUnusable) {
      log.warn(
        { receiver: name, reason: secret.message },
        'a hook was refused: the secret of its receiver is not there',
      )
      return this.#refuse(name, {
        refused: 'secret',
        message: 'this receiver has no secret to verify with; the log of Callboard says which one is missing',
      })
    }
    const message = type.refusal(request, { secret, signature, now: now() })
    if (message === undefined) return undefined
    const isExceeded = this.#failures.add(keyOf(name, address))
    if (isExceeded) return this.#tooMany(name)
    log.warn({ receiver: name, address, reason: message }, 'a hook was refused')
    return this.#refuse(name, { refused: 'signature', message })
  }

  #answer({ settings: { name }, type, followed }: Receiver, hook: Hook, request: HookRequest): HookAnswer {
    const { log, look, later } = this.#options
    if (hook.kind === 'ping') return this.#ignore(name, 'ping', 'ping', 'this receiver is ready for pushes')
    if (hook.kind === 'other') {
      const event = hook.event === '' ? 'it names no event' : `the event is ${JSON.stringify(hook.event.slice(0, 60))}`
      return this.#ignore(name, 'ignored', 'other_event', `${event}, and only pushes count here`)
    }
    const delivery = deliveryOf(type, request)
    if (delivery !== undefined && !this.#seen.add(`${name} ${delivery}`)) {
      return this.#ignore(name, 'duplicate', 'duplicate', 'this delivery was taken before')
    }
    const ignored = ignoredPush(hook, followed)
    if (ignored !== undefined) return this.#ignore(name, 'ignored', ignored.reason, ignored.message)
    this.#count(name, 'accepted', '')
    const refs = (hook.changes ?? []).slice(0, 5).map(({ ref }) => ref)
    log.info({ receiver: name, repository: hook.repository, refs }, 'pushed: looking at the source')
    later(look)
    return { receiver: name, result: 'accepted', message: 'the source is looked at' }
  }

  #ignore(receiver: string, result: HookResult, reason: string, message: string): HookAnswer {
    this.#count(receiver, 'ignored', reason)
    this.#options.log.debug({ receiver, reason: message }, 'a hook sets nothing off')
    return { receiver, result, message }
  }

  #tooMany(name: string): HookRefusal {
    const message = 'too many hooks with wrong signatures came from this address; wait a minute'
    return this.#refuse(name, { refused: 'rate', message })
  }

  #refuse(name: string, refusal: HookRefusal): HookRefusal {
    this.#count(name, 'refused', refusal.refused)
    return refusal
  }

  #count(receiver: string, result: HookCount['result'], reason: string): void {
    const key = `${receiver} ${result} ${reason}`
    const { count = 0 } = this.#counts.get(key) ?? {}
    this.#counts.set(key, { receiver, result, reason, count: count + 1 })
  }

  /** Read anew each time: whoever replaces it need not restart anything. */
  async #secretOf({ secret }: ReceiverSettings): Promise<string | SecretUnusable> {
    try {
      const value = await new Secrets(this.#options).resolve(secret)
      return value.trim() === '' ? new SecretUnusable('the secret is nothing but spaces') : value
    } catch (error) {
      if (error instanceof SecretUnusable) return error
      throw error
    }
  }
}

function receiverOf(settings: ReceiverSettings, { followed }: ReceiversOptions): Receiver {
  const type = receiverTypes.get(settings.type)
  if (type === undefined) throw new Error(`receivers: there is no type ${JSON.stringify(settings.type)}`)
  const { scheme = 'hmac', header = 'X-Signature-256', prefix = '', encoding = 'hex', repository } = settings
  return {
    settings,
    type,
    signature: { scheme, header: header.toLowerCase(), prefix, encoding },
    followed: repository === undefined ? followed : { ...followed, repository },
  }
}

/** Undefined for what is no JSON. */
function readHook(type: ReceiverType, { headers, bytes }: HookRequest): Hook | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return type.read(headers, text === '' ? {} : JSON.parse(text))
  } catch {
    return undefined
  }
}

/**
 * The id is not signed everywhere, so the body counts as well: whoever can replay a hook cannot make another one look as if
 * it had been here. Undefined where the sender gives no id: then one body may well come twice.
 */
function deliveryOf({ deliveryHeaders }: ReceiverType, { headers, bytes }: HookRequest): string | undefined {
  for (const name of deliveryHeaders) {
    const id = headerOf(headers, name)
    if (id) return createHash('sha256').update(id).update('\0').update(bytes).digest('base64')
  }
  return undefined
}

function keyOf(name: string, address: string | null): string {
  return `${name} ${address}`
}
