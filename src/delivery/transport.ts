import type { Delivery, ErrorClass } from '../store/delivery.js'

/** What came of one attempt. */
export type Outcome = Success | Failure

interface Answered {
  /** Of the protocol: 200, 503. */
  readonly status?: number
  /** The beginning of what was answered, without secrets. */
  readonly response?: string
  /** Of the declarations that it was made by, where they are not those it was accepted by. */
  readonly generation?: number
  /** The target asked to be left alone for this long; also when it has taken what it got. */
  readonly retryAfterMs?: number
  /** It asked so for the delivery's `pause` alone, not for all of the target. */
  readonly isNarrow?: boolean
}

export interface Success extends Answered {
  readonly ok: true
}

export interface Failure extends Answered {
  readonly ok: false
  readonly class: ErrorClass
  /** For people, without secrets. */
  readonly message: string
}

/** Whether a delivery may go now, by what is declared now. */
export type Admission =
  | { readonly go: true; readonly rate?: Rate }
  | { readonly go: false; readonly hold: string; readonly until?: number }
  | { readonly go: false; readonly cancel: string }
  | { readonly go: false; readonly suppress: string }

export interface Rate {
  readonly count: number
  readonly perMs: number
}

/** Cuts an attempt off. As much of `AbortSignal` as a transport needs, which is dear, made for every attempt. */
export interface AttemptSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Knows how one kind of delivery is sent. */
export interface Transport {
  /**
   * One attempt. Failures are outcomes; what is thrown is a mistake in the program. `signal` aborts it: the outcome is
   * then of no interest. `attempt` counts from 1 over all rounds.
   */
  send(delivery: Delivery, signal: AttemptSignal, attempt: number): Promise<Outcome>
  /** Asked before each attempt. Without it everything may go. */
  admit?(delivery: Delivery): Admission
  /**
   * How many attempts at a time are good for the delivery's target, where they share a connection and cost little: they take
   * no places in the pool then. Without it they do.
   */
  width?(delivery: Delivery): number
}
