// How a delivery goes from state to state. Pure: nothing here waits, sends or writes.

import type { Attempt, Delivery, DeliveryState, RetryPolicy } from '../store/delivery.js'
import { isWaiting, maxAttemptsKept } from '../store/delivery.js'
import type { Failure, Outcome } from './transport.js'

/** A target may ask for a longer pause, and gets this one. */
export const maxRetryAfterMs = 3600_000
/** Attempts of one round that the end of a process may cut off. */
export const maxInterrupted = 10
/** What the delay after answers that ask to wait, without saying how long, grows to. */
const maxLimitedDelayMs = 60_000

export interface Moment {
  readonly startedAt: number
  readonly now: number
  /** At least 0, less than 1. */
  readonly random: () => number
}

/** Milliseconds until the next attempt, after `used` that failed. */
export function backoffMs({ delayMs, growth, maxDelayMs }: RetryPolicy, used: number, random: () => number): number {
  if (growth === 'fixed') return delayMs
  const ceiling = Math.min(Math.max(delayMs, maxDelayMs), delayMs * 2 ** Math.min(Math.max(0, used - 1), 40))
  return growth === 'exponential' ? ceiling : Math.round(ceiling * random())
}

/** The time that an outcome asks for, as much of it as is granted. */
export function pauseMs({ retryAfterMs = 0 }: Outcome): number {
  return Math.min(Math.max(0, retryAfterMs), maxRetryAfterMs)
}

export function afterAttempt(
  delivery: Delivery,
  before: DeliveryState,
  outcome: Outcome,
  moment: Moment,
): DeliveryState {
  const { retry } = delivery
  const { now, random } = moment
  // A target that asks to wait has not refused the delivery.
  const counts = outcome.ok || outcome.class !== 'rate_limited'
  const state = {
    ...recorded(before, outcome, counts, moment),
    used: before.used + (counts ? 1 : 0),
    limited: counts ? 0 : before.limited + 1,
  }
  if (outcome.ok) return { ...state, status: 'delivered', due: now }
  if (retry.final.includes(outcome.class)) return { ...state, status: 'dead_letter', due: now, reason: outcome.class }
  if (state.used > retry.retries) return { ...state, status: 'dead_letter', due: now, reason: 'attempts' }
  const delay = counts ? backoffMs(retry, state.used, random) : limitedDelayMs(retry.delayMs, state.limited)
  const pause = pauseMs(outcome)
  return {
    ...state,
    status: 'retrying',
    due: now + Math.max(delay, pause),
    ...(pause > delay && { reason: 'retry_after' }),
  }
}

/** What cut an attempt off. */
export type Interruption = 'restart' | 'operator' | 'disconnect'

const interruptions: Readonly<Record<Interruption, string>> = {
  restart: 'the process ended during the attempt',
  operator: 'it was called off during the attempt',
  disconnect: 'whoever waited for it hung up during the attempt',
}

/** The attempt under way was cut off: it does not count, and unless the delivery ends it is made again. */
export function afterInterruption(before: DeliveryState, moment: Moment, why: Interruption = 'restart'): DeliveryState {
  const failure: Failure = { ok: false, class: 'interrupted', message: interruptions[why] }
  const state = { ...recorded(before, failure, false, moment), interrupted: before.interrupted + 1 }
  if (state.interrupted > maxInterrupted)
    return { ...state, status: 'dead_letter', due: moment.now, reason: 'interrupted' }
  return { ...state, status: 'retrying', due: moment.now }
}

/** Ends without a further attempt. */
export function ended(
  before: DeliveryState,
  status: 'dead_letter' | 'cancelled' | 'suppressed',
  reason: string,
  now: number,
): DeliveryState {
  return { ...settled(before), status, due: now, reason }
}

/** A failed attempt is recorded, and no other is made. */
export function afterLastAttempt(
  before: DeliveryState,
  outcome: Failure,
  status: 'dead_letter' | 'cancelled',
  reason: string,
  moment: Moment,
): DeliveryState {
  return { ...recorded(before, outcome, true, moment), used: before.used + 1, status, due: moment.now, reason }
}

/** A dead letter begins a new round. `undefined`: it is no dead letter. */
export function requeued(before: DeliveryState, now: number): DeliveryState | undefined {
  if (before.status !== 'dead_letter') return undefined
  const round = before.round + 1
  return { ...settled(before), status: 'pending', due: now, round, used: 0, limited: 0, interrupted: 0 }
}

/** `undefined`: it is finished already. */
export function cancelled(before: DeliveryState, now: number): DeliveryState | undefined {
  return isWaiting(before.status) ? ended(before, 'cancelled', 'operator', now) : undefined
}

/** `undefined`: it is finished already. */
export function fired(before: DeliveryState, now: number): DeliveryState | undefined {
  return isWaiting(before.status) ? { ...settled(before), due: now } : undefined
}

/** Without what only holds while it waits or is under way. */
function settled({ started: _started, reason: _reason, ...state }: DeliveryState): DeliveryState {
  return state
}

function recorded(before: DeliveryState, outcome: Outcome, counts: boolean, { startedAt, now }: Moment): DeliveryState {
  const attempt: Attempt = {
    number: before.made + 1,
    round: before.round,
    at: startedAt,
    durationMs: Math.max(0, now - startedAt),
    ok: outcome.ok,
    ...(!outcome.ok && { class: outcome.class, message: outcome.message }),
    ...(outcome.status !== undefined && { status: outcome.status }),
    ...(outcome.response !== undefined && { response: outcome.response }),
    ...(outcome.generation !== undefined && { generation: outcome.generation }),
    counts,
  }
  const attempts =
    before.attempts.length < maxAttemptsKept ? before.attempts : before.attempts.slice(1 - maxAttemptsKept)
  return { ...settled(before), made: attempt.number, attempts: [...attempts, attempt] }
}

function limitedDelayMs(delayMs: number, limited: number): number {
  return Math.min(Math.max(delayMs, maxLimitedDelayMs), delayMs * 2 ** Math.min(limited - 1, 40))
}
