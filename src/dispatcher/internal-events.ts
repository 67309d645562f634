// What happens within Callboard, as events of the catalogue `callboard`. Nobody waits for them: what cannot be accepted is
// only said in the log.

import type { DeliveryObserver } from '../delivery/observer.js'
import type { Json } from '../expression/json.js'
import { internalPrefix } from '../resources/catalogues/callboard.js'
import type { Resource } from '../resources/resource.js'
import type { Delivery, DeliveryState } from '../store/delivery.js'
import type { Unusable } from './channel-states.js'
import type { Dispatcher } from './dispatcher.js'
import type { PostedEvent } from './events/event.js'
import { internalSource } from './events/reserved.js'
import type { QuotaNotice } from './quota-ledger.js'
import { noticeTypes } from './quota-notice.js'
import type { Rules } from './rules.js'

/** As far as they are told of: what one look at the source came to. */
export interface SyncOutcome {
  readonly outcome: string
  readonly revision: string | null
  readonly reason: string
  readonly message: string
  readonly changes: readonly { readonly operation: string }[]
  readonly problems: readonly {
    readonly severity: string
    readonly file: string
    readonly line: number
    readonly column: number
    readonly message: string
  }[]
}

export interface InternalEventsOptions {
  readonly accept: Dispatcher['accept']
  readonly rules: () => Pick<Rules, 'eventTypes'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
  readonly onWarning: (message: string) => void
}

/** Between two events about the deliveries of one target. */
const quietMs = 10 * 60 * 1000
const maxTargets = 10_000
const problemsTold = 20

/** An observer of the engine. */
export class InternalEvents implements DeliveryObserver {
  readonly #options: InternalEventsOptions
  /** By target: when it was told of last, and how many there were since. */
  readonly #told = new Map<string, { at: number; more: number }>()
  #lastFailure = ''

  constructor(options: InternalEventsOptions) {
    this.#options = options
  }

  changed(delivery: Delivery, { status, attempts, reason }: DeliveryState): void {
    if (status !== 'dead_letter' || isAboutOurselves(delivery)) return
    const { now } = this.#options
    const { id, kind, target, about } = delivery
    const told = this.#told.get(target)
    if (told !== undefined && now() - told.at < quietMs) {
      told.more += 1
      return
    }
    this.#told.delete(target)
    this.#told.set(target, { at: now(), more: 0 })
    for (const first of this.#told.keys()) {
      if (this.#told.size <= maxTargets) break
      this.#told.delete(first)
    }
    const { namespace, channel, user, event } = about
    const payload = {
      delivery: {
        id,
        kind,
        target,
        error: attempts.at(-1)?.message ?? `given up: ${reason ?? 'all attempts failed'}`,
        ...(channel !== undefined && { channel }),
        ...(user !== undefined && { user }),
        ...(event !== undefined && { event }),
      },
      more: told?.more ?? 0,
    }
    this.#raise('callboard.delivery.dead_lettered', payload, namespace === undefined ? undefined : String(namespace))
  }

  channelDisabled({ namespace, name, program }: Resource, { message }: Unusable, delivery: Delivery): void {
    if (isAboutOurselves(delivery)) return
    const { type } = program as { readonly type: string }
    const payload = { channel: { name, ...(namespace !== '' && { namespace }), type }, error: message }
    this.#raise('callboard.channel.disabled', payload, namespace === '' ? undefined : namespace)
  }

  synced({ outcome, revision, reason, message, changes, problems }: SyncOutcome): void {
    if (outcome === 'applied') {
      this.#lastFailure = ''
      const count = (...operations: string[]) =>
        changes.filter(({ operation }) => operations.includes(operation)).length
      const counts = { created: count('create', 'restore'), updated: count('update', 'move'), pruned: count('prune') }
      this.#raise('callboard.sync.succeeded', { revision, ...counts })
      return
    }
    if (outcome !== 'rejected' && outcome !== 'failed') return
    // The same is found again at every look.
    const failure = JSON.stringify([revision, reason, message])
    if (failure === this.#lastFailure) return
    this.#lastFailure = failure
    const errors = problems.filter(({ severity }) => severity === 'error')
    const told = errors.slice(0, problemsTold).map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`)
    this.#raise('callboard.sync.failed', { revision, reason, message, problems: told })
  }

  /** Of the catalogue `ai-admin-panel`. No quota holds for it: it would keep itself from being told. Rejects as `accept`. */
  async quotaReached({
    id,
    namespace,
    quota,
    per,
    limit,
    used,
    refused,
    from,
    until,
    level,
  }: QuotaNotice): Promise<void> {
    const { accept, rules, now } = this.#options
    const type = noticeTypes[level]
    if (rules().eventTypes.get(type, namespace) === undefined) return
    const what = `${limit} ${quota} ${per === 'hour' ? 'an' : 'a'} ${per}`
    const said = level === 100 ? `has used up its quota of ${what}` : `has used ${level}% of its quota of ${what}`
    const payload = {
      message: `Namespace ${namespace} ${said}`,
      details: { quota, per, limit, used, refused, from, until, used_percent: level },
    }
    const event = { id, type, time: new Date(now()).toISOString(), source: internalSource, namespace, payload }
    await accept([{ event, digest: '' }], { isQuiet: true, isExempt: true })
  }

  #raise(type: string, payload: Json, namespace?: string): void {
    const { accept, rules, now, newId, onWarning } = this.#options
    // The catalogue may be switched off.
    if (rules().eventTypes.get(type, namespace ?? '') === undefined) return
    const event: PostedEvent = {
      id: newId(),
      type,
      time: new Date(now()).toISOString(),
      source: internalSource,
      ...(namespace !== undefined && { namespace }),
      payload,
    }
    accept([{ event, digest: '' }], { isQuiet: true }).catch((error: unknown) => {
      onWarning(`the event ${type} could not be accepted: ${(error as Error).message}`)
    })
  }
}

/** Such as a notification of a dead letter that is a dead letter itself. */
function isAboutOurselves({ about: { event } }: Delivery): boolean {
  return typeof event === 'string' && event.startsWith(internalPrefix)
}
