// What is kept of a delivery: what was accepted, which never changes, and how far it has come, which does.

import type { Json } from '../expression/json.js'

/** What went wrong; it alone decides about retries, pauses and breakers. */
export type ErrorClass =
  | 'network'
  | 'timeout'
  | 'rate_limited'
  | 'auth'
  | 'gone'
  | 'rejected'
  | 'template'
  | 'guard'
  | 'server'
  | 'interrupted'

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number
  readonly delayMs: number
  /** `exponential` doubles the delay with each attempt; `jitter` takes a random part of that. */
  readonly growth: 'fixed' | 'exponential' | 'jitter'
  /** What the delay grows to at most. */
  readonly maxDelayMs: number
  /** Classes after which no other attempt is made. */
  readonly final: readonly ErrorClass[]
}

/** What was accepted. Times are milliseconds since 1970. */
export interface Delivery {
  /** Receivers tell duplicates by it. */
  readonly id: string
  /** What it is for: `callback`, `change`, `notification`. */
  readonly kind: string
  /** Which transport sends it: `http`, `kafka`, … */
  readonly transport: string
  /** What one gate stands before: an origin, a broker with its credentials, a channel. */
  readonly target: string
  /** Narrower than the target: what a vendor may ask to be left alone by itself. */
  readonly pause?: string
  /** Those with an equal key start one after the other. */
  readonly order?: string
  /** False: the target's circuit breaker neither counts nor holds it. */
  readonly breaker: boolean
  /** Sent while somebody waits for it, not by the pool. */
  readonly sync?: boolean
  /** It is never sent, and only on record: why. */
  readonly suppressed?: string
  /** What people look it up by: `{mock, namespace, request, chain, revision, …}`. */
  readonly about: Readonly<Record<string, string | number>>
  readonly created: number
  /** Before the first attempt. */
  readonly delayMs: number
  /** Not attempted after this. */
  readonly expires: number
  /** For one attempt. */
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  /** For the transport alone. */
  readonly payload: Json
}

export type DeliveryStatus = 'pending' | 'retrying' | 'delivered' | 'dead_letter' | 'cancelled' | 'suppressed'

/** In the order of their numbers in memory. */
export const statuses: readonly DeliveryStatus[] = [
  'pending',
  'retrying',
  'delivered',
  'dead_letter',
  'cancelled',
  'suppressed',
]

export function isWaiting(status: DeliveryStatus): boolean {
  return status === 'pending' || status === 'retrying'
}

export interface Attempt {
  /** Counts from 1 over all rounds. */
  readonly number: number
  readonly round: number
  readonly at: number
  readonly durationMs: number
  readonly ok: boolean
  /** Absent when it went well. */
  readonly class?: ErrorClass
  readonly message?: string
  /** Of the protocol: 200, 503. */
  readonly status?: number
  /** The beginning of what was answered. */
  readonly response?: string
  /** Of the declarations that it was made by; absent where the delivery says it all itself. */
  readonly generation?: number
  /** Uses up one of the attempts that the policy allows. */
  readonly counts: boolean
}

/** How far a delivery has come. */
export interface DeliveryState {
  readonly status: DeliveryStatus
  /** Waiting: when the next attempt may begin. Finished: when that was. */
  readonly due: number
  /** Begins at 1; a requeue opens the next. */
  readonly round: number
  /** Attempts of this round that count. */
  readonly used: number
  /** Answers in a row that asked to wait. */
  readonly limited: number
  /** Attempts of this round that the end of a process cut off. */
  readonly interrupted: number
  /** All attempts ever made. */
  readonly made: number
  /** The latest of them, the last one at the end. */
  readonly attempts: readonly Attempt[]
  /** Why it is held, or why it ended so. */
  readonly reason?: string
  /** An attempt is under way since. */
  readonly started?: number
  /** Among all deliveries, after a requeue. */
  readonly place?: number
}

export const maxAttemptsKept = 100

/** Where every delivery begins. */
export function initialState({ created, delayMs, suppressed }: Delivery): DeliveryState {
  return {
    status: suppressed === undefined ? 'pending' : 'suppressed',
    due: created + delayMs,
    round: 1,
    used: 0,
    limited: 0,
    interrupted: 0,
    made: 0,
    attempts: [],
    ...(suppressed !== undefined && { reason: suppressed }),
  }
}
