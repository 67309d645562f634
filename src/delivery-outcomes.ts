// How sending goes, by the declaration that sends: a few fields per sender, noted at each attempt. What was before this
// process is read from the deliveries that are kept, once somebody asks.

import { unprepared } from './callbacks/unprepared.js'
import type { DeliveryObserver } from './delivery/observer.js'
import type { Operations } from './delivery/operations.js'
import { senderOf } from './senders.js'
import type { Attempt, Delivery, DeliveryState } from './store/delivery.js'

/** Times are milliseconds since 1970. */
export interface SendingError {
  readonly at: number
  /** Of the attempt; without one, why there was none. */
  readonly class: string
  readonly message: string
  /** Answered; undefined without an answer. */
  readonly status: number | undefined
  /** Id of the delivery. */
  readonly delivery: string
}

export interface UsedTarget {
  readonly target: string
  /** Heeds the breaker of the target. */
  readonly breaker: boolean
  readonly at: number
}

/** How the deliveries of one sender went. */
export interface SenderOutcomes {
  readonly lastSuccess: number | undefined
  readonly lastError: SendingError | undefined
  /** Since the last success. */
  readonly failuresInARow: number
  /** Since when it goes as it went last. */
  readonly since: number
  /** By which the last one was accepted. */
  readonly generation: number
  /** The one used last first. */
  readonly targets: readonly UsedTarget[]
  /** There were others, used longer ago. */
  readonly hasMoreTargets: boolean
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

interface Noted extends Writable<Omit<SenderOutcomes, 'targets'>> {
  targets: Writable<UsedTarget>[]
}

export interface DeliveryOutcomesOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Senders that are remembered; of more, those that came first are forgotten. */
  readonly maxSenders?: number
}

const targetsKept = 10
const longestMessage = 500
/** Kept deliveries that are looked at for what was before. */
const looksBack = 2000
const pageSize = 500

/** Why a delivery is given up although none of its attempts says so. */
const withoutAttempt: Readonly<Record<string, string>> = {
  breaker: 'given up without an attempt: the target did not answer before, and is left alone for a while',
  retry_after: 'given up without an attempt: the target asked to be left alone for a while',
  rate: 'given up without an attempt: the target takes no more for now',
  suspend: 'given up without an attempt: the namespace is suspended',
  expired: 'given up: it waited longer than deliveries are kept waiting',
  no_transport: 'given up without an attempt: this version cannot send it',
  interrupted: 'given up: the process ended during each of its attempts',
}

/** An observer of the engine. */
export class DeliveryOutcomes implements DeliveryObserver {
  readonly #options: DeliveryOutcomesOptions
  readonly #started: number
  readonly #senders = new Map<string, Noted>()
  #since: number
  #restoring: Promise<void> | undefined

  constructor(options: DeliveryOutcomesOptions) {
    this.#options = options
    this.#started = options.now()
    this.#since = this.#started
  }

  /** From when on everything is known, in milliseconds since 1970. */
  get since(): number {
    return this.#since
  }

  of(sender: string): SenderOutcomes | undefined {
    return this.#senders.get(sender)
  }

  attempted(delivery: Delivery, attempt: Attempt): void {
    // The target had no part in it.
    if (attempt.class === 'interrupted') return
    const sender = senderOf(delivery)
    if (sender !== undefined) noteAttempt(this.#notedOf(sender), delivery, attempt)
  }

  changed(delivery: Delivery, { status, reason = '', due }: DeliveryState): void {
    if (status !== 'dead_letter') return
    const message = withoutAttempt[reason]
    const sender = message === undefined ? undefined : senderOf(delivery)
    if (message === undefined || sender === undefined) return
    noteFailure(this.#notedOf(sender), delivery, { at: due, class: reason, message, status: undefined })
  }

  /**
   * Resolves once what was before this process is known as well, as far as deliveries are kept that say it. Reads them
   * at the first call; when they cannot be read, `since` says so, and the next call tries again.
   */
  restore(operations: Pick<Operations, 'list'>): Promise<void> {
    this.#restoring ??= this.#restore(operations).catch(() => {
      this.#restoring = undefined
    })
    return this.#restoring
  }

  async #restore(operations: Pick<Operations, 'list'>): Promise<void> {
    const earlier: [delivery: Delivery, attempt: Attempt][] = []
    let since = this.#started
    let after: string | undefined
    for (let looked = 0; looked < looksBack; looked += pageSize) {
      const { items, next } = await operations.list({}, { limit: pageSize, ...(after !== undefined && { after }) })
      for (const { delivery, state } of items) {
        since = Math.min(since, delivery.created)
        for (const attempt of state.attempts) {
          if (attempt.at < this.#started && attempt.class !== 'interrupted') earlier.push([delivery, attempt])
        }
      }
      after = next
      if (after === undefined) break
    }
    earlier.sort(([, a], [, b]) => endOf(a) - endOf(b))
    const before = new Map<string, Noted>()
    for (const [delivery, attempt] of earlier) {
      const sender = senderOf(delivery)
      if (sender === undefined) continue
      let noted = before.get(sender)
      if (noted === undefined) {
        noted = nothing()
        before.set(sender, noted)
      }
      noteAttempt(noted, delivery, attempt)
    }
    for (const [sender, noted] of before) this.#putBefore(sender, noted)
    this.#since = since
  }

  #putBefore(sender: string, before: Noted): void {
    const now = this.#senders.get(sender)
    if (now === undefined) {
      this.#add(sender, before)
      return
    }
    const wentWell = now.failuresInARow === 0
    const always = wentWell ? now.lastError === undefined : now.lastSuccess === undefined
    if (always && wentWell === (before.failuresInARow === 0)) {
      now.since = before.since
      now.failuresInARow += before.failuresInARow
    }
    now.lastSuccess ??= before.lastSuccess
    now.lastError ??= before.lastError
    for (const used of before.targets) {
      if (now.targets.some(({ target }) => target === used.target)) continue
      if (now.targets.length < targetsKept) now.targets.push(used)
      else now.hasMoreTargets = true
    }
    now.hasMoreTargets ||= before.hasMoreTargets
  }

  #notedOf(sender: string): Noted {
    return this.#senders.get(sender) ?? this.#add(sender, nothing())
  }

  #add(sender: string, noted: Noted): Noted {
    const { maxSenders = 10_000 } = this.#options
    this.#senders.set(sender, noted)
    if (this.#senders.size > maxSenders) {
      for (const first of this.#senders.keys()) {
        this.#senders.delete(first)
        break
      }
    }
    return noted
  }
}

function nothing(): Noted {
  return {
    lastSuccess: undefined,
    lastError: undefined,
    failuresInARow: 0,
    since: 0,
    generation: 0,
    targets: [],
    hasMoreTargets: false,
  }
}

function noteAttempt(noted: Noted, delivery: Delivery, attempt: Attempt): void {
  const at = endOf(attempt)
  noteTarget(noted, delivery, at)
  if (!attempt.ok) {
    const { class: kind = 'rejected', message = '', status } = attempt
    noteFailure(noted, delivery, { at, class: kind, message, status })
    return
  }
  if (noted.lastSuccess === undefined || noted.failuresInARow > 0) noted.since = at
  noted.lastSuccess = at
  noted.failuresInARow = 0
  noted.generation = generationOf(delivery)
}

function noteFailure(noted: Noted, delivery: Delivery, error: Omit<SendingError, 'delivery'>): void {
  const message = error.message.length > longestMessage ? `${error.message.slice(0, longestMessage)}…` : error.message
  if (noted.failuresInARow === 0) noted.since = error.at
  noted.failuresInARow += 1
  noted.lastError = { ...error, message, delivery: delivery.id }
  noted.generation = generationOf(delivery)
}

/** Usually the same as the time before. */
function noteTarget(noted: Noted, { target, breaker, transport }: Delivery, at: number): void {
  // It was never to be sent anywhere.
  if (transport === unprepared) return
  const { targets } = noted
  const [first] = targets
  if (first?.target === target) {
    first.at = at
    first.breaker = breaker
    return
  }
  const known = targets.findIndex((one) => one.target === target)
  if (known !== -1) targets.splice(known, 1)
  targets.unshift({ target, breaker, at })
  if (targets.length <= targetsKept) return
  targets.pop()
  noted.hasMoreTargets = true
}

function endOf({ at, durationMs }: Attempt): number {
  return at + durationMs
}

function generationOf({ about: { generation } }: Delivery): number {
  return typeof generation === 'number' ? generation : 0
}
