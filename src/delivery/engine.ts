// Sends what was accepted: through one pool, fairly, each target behind its gate, until it is delivered or given up.
// Knows no protocol and no kind of delivery. What is written when: deliveries.ts; who is next: scheduler.ts; how a state
// follows from another: transition.ts.

import type { Claim, Deliveries, PreparedDeliveries, ToPrepare } from '../store/deliveries.js'
import type { Delivery, DeliveryState } from '../store/delivery.js'
import type { DeliveryEntry } from '../store/delivery-list.js'
import { KeyMap } from '../store/key-map.js'
import type { Timer } from '../store/timer.js'
import { observed } from './acceptance.js'
import { RunningAttempt } from './attempt.js'
import type { BreakerPolicy, Gate, Standing } from './gate.js'
import { defaultBreaker, Gates } from './gates.js'
import type { DeliveryObserver } from './observer.js'
import { Operations } from './operations.js'
import { Pauses } from './pauses.js'
import { Scheduler } from './scheduler.js'
import { SyncRuns } from './sync.js'
import { afterAttempt, afterInterruption, ended, pauseMs } from './transition.js'
import type { Outcome, Transport } from './transport.js'
import { type EngineCounts, type Held, type TargetView, targetView } from './view.js'

export type { DeliveryObserver } from './observer.js'

export interface EngineOptions {
  readonly deliveries: Deliveries
  readonly transports: ReadonlyMap<string, Transport>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  readonly random: () => number
  /** Attempts at a time, but for those that somebody waits for. */
  readonly poolSize: number
  readonly breaker?: Partial<BreakerPolicy>
  readonly observer?: DeliveryObserver
}

/** The clock may jump, so it is looked at now and then. */
const maxSleepMs = 30_000
const failingSleepMs = 500

/** Cheaper than `queueMicrotask`, which makes a resource of each. */
const soon = Promise.resolve()

export class Engine {
  /** Requeue, cancel and fire, of one or of all that a filter means; views. */
  readonly operations: Operations
  readonly #options: EngineOptions
  readonly #deliveries: Deliveries
  readonly #gates: Gates
  readonly #scheduler: Scheduler
  readonly #sync: SyncRuns
  readonly #running = new KeyMap<RunningAttempt>()
  readonly #held = new Map<string, Held>()
  readonly #pauses = new Pauses()
  /** To be tried at the next free place, whatever holds their target. */
  readonly #fired: string[] = []
  #state: 'new' | 'started' | 'closing' = 'new'
  #cancelWake = () => {}
  /** What the timer is set to. */
  #wakeAt = Number.POSITIVE_INFINITY
  #pumpIsDue = false
  readonly #pumpNow = () => {
    this.#pumpIsDue = false
    this.#pump()
  }

  constructor(options: EngineOptions) {
    const { deliveries, now } = options
    this.#options = options
    this.#deliveries = deliveries
    const policy = { ...defaultBreaker, ...options.breaker }
    this.#gates = new Gates(deliveries, policy, (target) => this.#scheduler.has(target), now)
    this.#scheduler = new Scheduler(options.poolSize, (target) => this.#gates.get(target))
    this.#sync = new SyncRuns({
      ...options,
      gateOf: (target) => this.#gates.get(target),
      report: (gate, delivery, outcome) => this.#report(gate, delivery, outcome),
      panicked: (delivery, attempt, error) =>
        this.#observe(() => options.observer?.panicked?.(delivery, attempt, error)),
      tell: (claim, state) => this.#tell(claim, state),
    })
    this.operations = new Operations({
      deliveries,
      now,
      running: (id) => this.#running.get(id) ?? this.#sync.running(id),
      cancelRunning: (id) => this.#cancelRunning(id),
      heldBy: (entry) => this.#heldBy(entry),
      fire: (id) => {
        this.#fired.push(id)
        this.#pumpSoon()
      },
      changed: (delivery, state) => {
        this.#held.delete(delivery.id)
        this.#observe(() => options.observer?.changed?.(delivery, state))
      },
    })
  }

  get counts(): EngineCounts {
    return { byStatus: this.#deliveries.counts, inFlight: this.#running.size + this.#sync.size }
  }

  /** When the oldest of those that wait was accepted. */
  get oldestWaiting(): number | undefined {
    return this.#deliveries.oldestWaiting()?.delivery.created
  }

  get targets(): TargetView[] {
    const now = this.#options.now()
    return [...this.#gates.all].map((gate) => targetView(gate, now))
  }

  /** Undefined for one that nothing is known of: nothing stands before it. */
  target(name: string): TargetView | undefined {
    const gate = this.#gates.find(name)
    return gate === undefined ? undefined : targetView(gate, this.#options.now())
  }

  /** Takes up what an earlier process left, and begins to send. */
  async start(): Promise<void> {
    const { deliveries, now } = this.#options
    for (const id of deliveries.orphans) {
      const claim = await deliveries.claimOne(id)
      if (claim === undefined) continue
      const { started } = claim.state
      const moment = { startedAt: started ?? now(), now: now(), random: this.#options.random }
      const state = started === undefined ? claim.state : afterInterruption(claim.state, moment)
      const isOver = claim.delivery.sync === true && state.status !== 'dead_letter'
      this.#settle(claim, isOver ? ended(state, 'cancelled', 'restart', now()) : state)
    }
    this.#state = 'started'
    deliveries.onEarlier((lane) => {
      this.#scheduler.look(lane, now())
      this.#pumpSoon()
    })
    for (const lane of deliveries.lanes) this.#scheduler.look(lane, now())
    this.#pumpSoon()
  }

  /** Resolves once they are as durable as asked. Rejects with `StoreUnavailable`, and then none is accepted. */
  async accept(records: readonly Delivery[], durability?: 'write' | 'sync'): Promise<('accepted' | 'duplicate')[]> {
    const results = await this.#deliveries.accept(records, durability)
    const { observer } = this.#options
    for (const [index, delivery] of records.entries()) {
      if (results[index] === 'accepted') this.#observe(() => observer?.accepted?.(delivery))
    }
    return results
  }

  /** To be accepted as part of somebody's transaction, and with `keepBack` sent only after `release`. */
  prepare(records: ToPrepare, options?: { readonly keepBack?: boolean }): PreparedDeliveries {
    const { observer } = this.#options
    if (observer?.accepted === undefined) return this.#deliveries.prepare(records, options)
    let made = typeof records === 'function' ? [] : records
    const noted: ToPrepare =
      typeof records !== 'function'
        ? records
        : (tx) => {
            made = records(tx)
            return made
          }
    return observed(
      this.#deliveries.prepare(noted, options),
      () => made,
      (delivery) => this.#observe(() => observer.accepted?.(delivery)),
    )
  }

  /**
   * Sends a delivery that was accepted with `sync` and kept back, outside the pool, and resolves once it has ended: at the
   * latest at `deadline`, which is shared by all that one request waits for. `signal` cancels it. Never rejects.
   */
  sendNow(id: string, deadline: number, signal: AbortSignal): Promise<DeliveryState | undefined> {
    return this.#sync.send(id, deadline, signal)
  }

  /** What is declared has changed: what was held by it is asked about again. */
  recheck(): void {
    const now = this.#options.now()
    for (const [id, { until }] of this.#held) {
      if (until !== undefined) continue
      this.#held.delete(id)
      this.#deliveries.resume(id, now)
    }
  }

  /** Begins nothing more; what is under way has `graceMs` to end, and is then cut off, to be made again after a restart. */
  async close(graceMs: number): Promise<void> {
    this.#state = 'closing'
    this.#cancelWake()
    this.#sync.close()
    const { timer } = this.#options
    const cancel = timer(graceMs, () => {
      for (const [, attempt] of this.#running.entries()) attempt.abort('closing')
    })
    while (this.#running.size > 0) await Promise.all([...this.#running.entries()].map(([, { done }]) => done))
    cancel()
    await this.#sync.idle()
    await this.#deliveries.drain()
    this.#deliveries.close()
  }

  get #isClosing(): boolean {
    return this.#state === 'closing'
  }

  #pumpSoon(): void {
    if (this.#pumpIsDue || this.#state !== 'started') return
    this.#pumpIsDue = true
    void soon.then(this.#pumpNow)
  }

  /** Fills the pool. */
  #pump(): void {
    if (this.#state !== 'started') return
    const { now } = this.#options
    // What was done has to be on record before more is done.
    if (!this.#deliveries.failing) {
      this.#startFired()
      for (let turn = this.#scheduler.next(now()); turn !== undefined; turn = this.#scheduler.next(now())) {
        this.#scheduler.start(turn.gate)
        const claimed = this.#deliveries.claim(turn.lane.key, 1, now())
        this.#scheduler.toBack(turn, now())
        void this.#takeUp(turn.gate, claimed)
      }
    }
    this.#sleep()
  }

  #startFired(): void {
    while (this.#fired.length > 0 && this.#scheduler.inFlight < this.#options.poolSize) {
      const id = this.#fired.shift() as string
      const target = this.#deliveries.get(id)?.delivery.target
      if (target === undefined) continue
      const gate = this.#gates.get(target)
      this.#scheduler.start(gate)
      void this.#takeUp(
        gate,
        this.#deliveries.claimOne(id).then((claim) => (claim === undefined ? [] : [claim])),
        true,
      )
    }
  }

  #sleep(): void {
    const now = this.#options.now()
    const at = this.#deliveries.failing ? now + failingSleepMs : Math.min(this.#scheduler.nextWake, now + maxSleepMs)
    // Waking too early does no harm; being set anew for every attempt costs something.
    if (this.#wakeAt <= at && this.#wakeAt > now) return
    this.#cancelWake()
    this.#wakeAt = at
    this.#cancelWake = this.#options.timer(Math.max(1, at - now), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#pump()
    })
  }

  /** With a place in the pool taken: makes the attempt, if it may be made, and gives the place back. */
  async #takeUp(gate: Gate, claimed: Promise<Claim[]>, isFired = false): Promise<void> {
    let standing: Standing | undefined
    try {
      const [claim] = await claimed
      if (claim === undefined || !this.#mayGo(claim, gate, isFired)) return
      // Otherwise a process killed now would count from before the attempt that was made last.
      const isRecorded = claim.state.made === 0 || (await this.#deliveries.recorded(claim.delivery.id))
      if (!isRecorded || this.#isClosing) {
        this.#deliveries.putBack(claim, claim.state.due)
        return
      }
      standing = await this.#attempt(claim, gate)
    } finally {
      this.#scheduler.end(gate, standing, this.#options.now())
      this.#pumpSoon()
    }
  }

  /** Otherwise the claim has been given up. */
  #mayGo(claim: Claim, gate: Gate, isFired: boolean): boolean {
    const { transports, now } = this.#options
    const { delivery } = claim
    this.#held.delete(delivery.id)
    if (this.#isClosing) {
      this.#deliveries.putBack(claim, claim.state.due)
      return false
    }
    const at = now()
    if (at > delivery.expires) return this.#end(claim, 'dead_letter', 'expired')
    const transport = transports.get(delivery.transport)
    if (transport === undefined) return this.#end(claim, 'dead_letter', 'no_transport')
    const admission = transport.admit?.(delivery) ?? { go: true }
    if (!admission.go) {
      if ('cancel' in admission) return this.#end(claim, 'cancelled', admission.cancel)
      if ('suppress' in admission) return this.#end(claim, 'suppressed', admission.suppress)
      return this.#hold(claim, {
        reason: admission.hold,
        ...(admission.until !== undefined && { until: admission.until }),
      })
    }
    if (isFired) return true
    const paused = delivery.pause === undefined ? 0 : this.#pauses.until(delivery.pause)
    if (paused > at) return this.#hold(claim, { reason: 'retry_after', until: paused })
    const until = admission.rate === undefined ? undefined : gate.admit(admission.rate, at)
    return until === undefined || this.#hold(claim, { reason: 'rate', until })
  }

  async #attempt(claim: Claim, gate: Gate): Promise<Standing | undefined> {
    const { transports, now, timer, random, observer } = this.#options
    const { delivery, state } = claim
    const transport = transports.get(delivery.transport) as Transport
    const width = transport.width?.(delivery)
    if (width !== undefined) this.#scheduler.widen(gate, width)
    const attempt = new RunningAttempt(now(), timer)
    this.#running.set(delivery.id, attempt)
    this.#deliveries.begin(claim, attempt.startedAt)
    try {
      let outcome: Outcome
      try {
        outcome = await attempt.run(transport, delivery, state.made + 1)
      } catch (error) {
        this.#observe(() => observer?.panicked?.(delivery, state.made + 1, error))
        outcome = { ok: false, class: 'rejected', message: `internal error: ${messageOf(error)}` }
      }
      const moment = { startedAt: attempt.startedAt, now: now(), random }
      const isCutOff = !outcome.ok && (attempt.cutOffBy === 'cancelled' || attempt.cutOffBy === 'closing')
      const isCancelled = isCutOff && attempt.cutOffBy === 'cancelled'
      const next = isCutOff
        ? afterInterruption(state, moment, isCancelled ? 'operator' : 'restart')
        : afterAttempt(delivery, state, outcome, moment)
      if (!isCutOff) this.#report(gate, delivery, outcome)
      this.#settle(claim, isCancelled ? ended(next, 'cancelled', 'operator', now()) : next)
      return isCutOff ? undefined : outcome.ok ? 'proven' : 'failing'
    } finally {
      this.#running.delete(delivery.id)
      attempt.finish()
    }
  }

  /** What an outcome says of the target. */
  #report(gate: Gate, delivery: Delivery, outcome: Outcome): void {
    const { now } = this.#options
    let isNews = false
    if (delivery.breaker) {
      isNews = gate.report(outcome.ok || (outcome.class !== 'network' && outcome.class !== 'timeout'), now())
    }
    const pause = pauseMs(outcome)
    if (pause > 0) {
      if (outcome.isNarrow === true && delivery.pause !== undefined)
        this.#pauses.set(delivery.pause, now() + pause, now())
      else isNews = gate.pauseUntil(now() + pause) || isNews
    }
    if (isNews) {
      this.#gates.keep(gate)
      this.#scheduler.lookAt(gate, now())
    }
  }

  #hold(claim: Claim, held: Held): false {
    this.#held.set(claim.delivery.id, held)
    this.#deliveries.putBack(claim, held.until)
    return false
  }

  #end(claim: Claim, status: 'dead_letter' | 'cancelled' | 'suppressed', reason: string): false {
    this.#settle(claim, ended(claim.state, status, reason, this.#options.now()))
    return false
  }

  #settle(claim: Claim, state: DeliveryState): void {
    this.#deliveries.settle(claim, state)
    this.#tell(claim, state)
  }

  #tell({ delivery, state: before }: Claim, state: DeliveryState): void {
    const { observer } = this.#options
    if (observer === undefined) return
    this.#observe(() => {
      const last = state.attempts.at(-1)
      if (state.made > before.made && last !== undefined) observer.attempted?.(delivery, last, state)
      observer.changed?.(delivery, state)
    })
  }

  #observe(tell: () => void): void {
    try {
      tell()
    } catch {
      // Whoever watches must not keep anything from being delivered.
    }
  }

  #heldBy({ delivery }: DeliveryEntry): Held | undefined {
    const now = this.#options.now()
    const held = this.#held.get(delivery.id)
    if (held !== undefined && (held.until === undefined || held.until > now)) return held
    return this.#gates.find(delivery.target)?.hold(delivery.breaker, now)
  }

  async #cancelRunning(id: string): Promise<void> {
    const running = this.#running.get(id)
    running?.abort('cancelled')
    await (running?.done ?? this.#sync.cancel(id))
  }
}

/** Call `start` once everything that may be sent can be. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
