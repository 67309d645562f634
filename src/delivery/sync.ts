// Deliveries that somebody waits for: sent at once, outside the pool, and over when nobody waits any more.

import type { Claim, Deliveries } from '../store/deliveries.js'
import type { Delivery, DeliveryState } from '../store/delivery.js'
import { isWaiting } from '../store/delivery.js'
import type { Timer } from '../store/timer.js'
import { RunningAttempt } from './attempt.js'
import type { Gate } from './gate.js'
import { afterAttempt, afterInterruption, afterLastAttempt, ended } from './transition.js'
import type { Outcome, Transport } from './transport.js'

export interface SyncOptions {
  readonly deliveries: Deliveries
  readonly transports: ReadonlyMap<string, Transport>
  readonly now: () => number
  readonly timer: Timer
  readonly random: () => number
  readonly gateOf: (target: string) => Gate
  readonly report: (gate: Gate, delivery: Delivery, outcome: Outcome) => void
  readonly panicked: (delivery: Delivery, attempt: number, error: unknown) => void
  readonly tell: (claim: Claim, state: DeliveryState) => void
}

class Run {
  attempt: RunningAttempt | undefined
  ended: 'disconnect' | 'restart' | 'operator' | 'deadline' | undefined
  readonly done: Promise<void>
  finish: () => void = () => {}
  wake: () => void = () => {}

  constructor() {
    this.done = new Promise((resolve) => {
      this.finish = resolve
    })
  }

  end(why: 'disconnect' | 'restart' | 'operator' | 'deadline'): void {
    this.ended ??= why
    this.attempt?.abort(why === 'deadline' ? 'deadline' : 'cancelled')
    this.wake()
  }
}

export class SyncRuns {
  readonly #options: SyncOptions
  readonly #runs = new Map<string, Run>()
  #closed = false

  constructor(options: SyncOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#runs.size
  }

  running(id: string): RunningAttempt | undefined {
    return this.#runs.get(id)?.attempt
  }

  async send(id: string, deadline: number, signal: AbortSignal): Promise<DeliveryState | undefined> {
    const { deliveries, now, timer, tell } = this.#options
    let claim = await deliveries.claimOne(id)
    if (claim === undefined) return deliveries.get(id)?.state
    const run = new Run()
    this.#runs.set(id, run)
    const leave = () => run.end('disconnect')
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    if (this.#closed) run.end('restart')
    const cancelDeadline = timer(Math.max(0, deadline - now()), () => run.end('deadline'))
    try {
      for (;;) {
        const state = await this.#step(claim, run)
        tell(claim, state)
        claim = { ...claim, state }
        if (!isWaiting(state.status)) {
          deliveries.settle(claim, state)
          return state
        }
        await this.#wait(state.due - now(), run)
      }
    } finally {
      cancelDeadline()
      signal.removeEventListener('abort', leave)
      this.#runs.delete(id)
      run.finish()
    }
  }

  async cancel(id: string): Promise<void> {
    const run = this.#runs.get(id)
    run?.end('operator')
    await run?.done
  }

  close(): void {
    this.#closed = true
    for (const run of this.#runs.values()) run.end('restart')
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
  }

  /** One attempt, or the end. */
  async #step(claim: Claim, run: Run): Promise<DeliveryState> {
    const { deliveries, transports, now, timer, random, gateOf, report } = this.#options
    const { delivery, state } = claim
    if (run.ended !== undefined) return endOf(state, run.ended, now())
    const gate = gateOf(delivery.target)
    const hold = gate.hold(delivery.breaker, now())
    if (hold !== undefined) return ended(state, 'dead_letter', hold.reason, now())
    const transport = transports.get(delivery.transport)
    if (transport === undefined) return ended(state, 'dead_letter', 'no_transport', now())
    const admission = transport.admit?.(delivery) ?? { go: true }
    if (!admission.go) {
      if ('hold' in admission) return ended(state, 'dead_letter', admission.hold, now())
      if ('cancel' in admission) return ended(state, 'cancelled', admission.cancel, now())
      return ended(state, 'suppressed', admission.suppress, now())
    }
    const attempt = new RunningAttempt(now(), timer)
    run.attempt = attempt
    deliveries.begin(claim, attempt.startedAt)
    let outcome: Outcome
    try {
      outcome = await attempt.run(transport, delivery, state.made + 1)
    } catch (error) {
      this.#options.panicked(delivery, state.made + 1, error)
      const message = error instanceof Error ? error.message : String(error)
      outcome = { ok: false, class: 'rejected', message: `internal error: ${message}` }
    }
    run.attempt = undefined
    const moment = { startedAt: attempt.startedAt, now: now(), random }
    if (outcome.ok || attempt.cutOffBy === undefined || attempt.cutOffBy === 'timeout') {
      report(gate, delivery, outcome)
      return afterAttempt(delivery, state, outcome, moment)
    }
    if (run.ended === 'deadline') {
      const failure = {
        ok: false as const,
        class: 'timeout' as const,
        message: 'the time for all that the request waits for is over',
      }
      return afterLastAttempt(state, failure, 'dead_letter', 'deadline', moment)
    }
    const why = run.ended ?? 'operator'
    return endOf(afterInterruption(state, moment, why), why, now())
  }

  #wait(ms: number, run: Run): Promise<void> {
    if (run.ended !== undefined || ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.timer(ms, resolve)
      run.wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

function endOf(state: DeliveryState, why: NonNullable<Run['ended']>, now: number): DeliveryState {
  return ended(state, why === 'deadline' ? 'dead_letter' : 'cancelled', why, now)
}
