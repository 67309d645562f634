// Events in, deliveries out. An event, what was decided about it and its deliveries are one record of the journal, on disk
// before anybody is told that it was accepted. Of an event that reaches very many the rest of the deliveries follows in
// further records, from decisions that are in the first: a process that dies in between is continued by the next.

import type { Engine } from '../delivery/engine.js'
import type { PreparedDeliveries } from '../store/deliveries.js'
import type { Store, Transaction } from '../store/store.js'
import type { Timer } from '../store/timer.js'
import type { ChannelType } from './channel-type.js'
import { type Collector, collectAll } from './collector.js'
import type { Decision } from './decision.js'
import type { FieldProblem, PostedEvent, ReceivedEvent } from './events/event.js'
import { EventCheck } from './events/event-check.js'
import { EventLog, eventScope, type LoggedEvent, occurrenceOf } from './events/event-log.js'
import { type Decided, decidedOf, renderSent, toDelivery } from './fan-out.js'
import { RestOfFanOut, restScope } from './fan-out-rest.js'
import type { QuotaGate } from './quota-ledger.js'
import { type DigestTaking, type Receipt, toReceipt } from './receipt.js'
import type { RatedEvent, RenderedMessage, Rules } from './rules.js'

/** Events of this sort cannot be taken now: their type is not known, or their payload is not what it has to be. */
export class EventsRefused extends Error {
  override readonly name = 'EventsRefused'
  readonly problems: readonly FieldProblem[]

  constructor(problems: readonly FieldProblem[]) {
    super(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '))
    this.problems = problems
  }
}

/** The id was that of an event with other contents. */
export class EventConflict extends Error {
  override readonly name = 'EventConflict'
}

export interface DispatcherOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'get' | 'list' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  /** Of what is applied now. */
  readonly rules: () => Rules
  /** Tells webhooks on changes of an operation of administrators; durable once it resolves with how many hear of it. */
  readonly fireOperation: (event: PostedEvent) => Promise<number>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  /** How long deliveries are attempted. */
  readonly maxAgeMs: number
  readonly onWarning: (message: string) => void
  /** Asked in this order. */
  readonly collectors?: readonly Collector[]
  /** Deliveries of one record. */
  readonly chunk?: number
  /** Without one nothing is limited. */
  readonly quotas?: QuotaGate
}

interface Accepting {
  readonly received: ReceivedEvent
  readonly occurrence: string
  /** JSON pointer to it in what was posted. */
  readonly at: string
}

/** All of an event, ready to become durable. */
interface Planned {
  readonly accepting: Accepting
  readonly event: RatedEvent
  /** As it was routed; collectors have their say when it is recorded. */
  readonly decided: readonly Decided[]
  /** Of those that fit into the first record. */
  readonly rendered: readonly (RenderedMessage | undefined)[]
  /** Milliseconds since 1970. */
  readonly accepted: number
  /** How many were told of an operation of administrators. */
  readonly webhooks: number
}

/** An event as it was recorded. */
interface Recorded {
  readonly planned: Planned
  readonly receipt: Receipt
  readonly decided: readonly Decided[]
}

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #log: EventLog
  readonly #rest: RestOfFanOut
  readonly #chunk: number
  /** Occurrences that are being accepted. */
  readonly #busy = new Map<string, Promise<unknown>>()
  readonly #check = new EventCheck()

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#log = new EventLog(options.store, options.now)
    this.#chunk = options.chunk ?? 500
    this.#rest = new RestOfFanOut({ ...options, chunk: this.#chunk })
  }

  /** Goes on with what an earlier process had begun. */
  start(): void {
    this.#rest.start()
  }

  /** Begins nothing more; resolves once nothing is under way. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#busy.values())
    await this.#rest.close()
  }

  /**
   * Accepts all or none; resolves once they are on disk. One that was accepted before has the receipt that it had then.
   * Rejects with `EventsRefused`, `EventConflict` or `StoreUnavailable`, and then none is accepted. `isBatch`: pointers in
   * problems begin with the place in the list. `isQuiet`: what is off by default leaves no trace where nobody asked for it.
   * `isExempt`: no quota holds for it.
   */
  async accept(
    events: readonly ReceivedEvent[],
    { isBatch = false, isQuiet = false, isExempt = false } = {},
  ): Promise<readonly Receipt[]> {
    const rules = this.#options.rules()
    const all = events.map((received, index) => {
      return { received, occurrence: occurrenceOf(received.event), at: isBatch ? `/${index}` : '' }
    })
    const problems = all.flatMap(({ received, at }) => this.#check.problemsOf(received.event, at, rules))
    if (problems.length > 0) throw new EventsRefused(problems)
    const release = await this.#alone(all.map(({ occurrence }) => occurrence))
    try {
      return await this.#accept(all, rules, isQuiet, isExempt ? undefined : this.#options.quotas)
    } finally {
      release()
    }
  }

  /** Waits for others at work on the same occurrences; then others wait until what it returns is called. */
  async #alone(occurrences: readonly string[]): Promise<() => void> {
    for (;;) {
      const busy = occurrences.flatMap((occurrence) => this.#busy.get(occurrence) ?? [])
      if (busy.length === 0) break
      await Promise.all(busy)
    }
    let finish = (): void => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    for (const occurrence of occurrences) this.#busy.set(occurrence, done)
    return () => {
      for (const occurrence of occurrences) this.#busy.delete(occurrence)
      finish()
    }
  }

  async #accept(
    all: readonly Accepting[],
    rules: Rules,
    isQuiet: boolean,
    quotas: QuotaGate | undefined,
  ): Promise<readonly Receipt[]> {
    const known = new Map<string, LoggedEvent>()
    const fresh: Accepting[] = []
    for (const accepting of all) {
      const { occurrence, received } = accepting
      const before = known.get(occurrence) ?? this.#log.find(occurrence)
      const twin = fresh.find((one) => one.occurrence === occurrence)
      const digest = before?.digest ?? twin?.received.digest
      if (digest !== undefined && digest !== received.digest) throw new EventConflict(conflictText(accepting))
      if (before !== undefined) known.set(occurrence, before)
      else if (twin === undefined) fresh.push(accepting)
    }
    if (fresh.length > 0) {
      const planned: Planned[] = []
      for (const accepting of fresh) planned.push(await this.#plan(accepting, rules, isQuiet))
      const told = planned.filter(({ decided, event }) => {
        return !isQuiet || decided.length > 0 || this.#options.collectors?.some((one) => one.wants?.(event)) === true
      })
      const recorded = told.length > 0 ? await this.#record(told, rules, quotas) : []
      const untold = planned.filter((one) => !told.includes(one)).map((one) => toRecorded(one, one.decided))
      for (const { planned: one, receipt } of [...recorded, ...untold]) {
        known.set(one.accepting.occurrence, { digest: one.accepting.received.digest, receipt })
      }
    }
    this.#log.sweep().catch((error: unknown) => {
      this.#options.onWarning(`events that are over cannot be forgotten: ${(error as Error).message}`)
    })
    return all.map(({ occurrence }) => (known.get(occurrence) as LoggedEvent).receipt)
  }

  async #plan(accepting: Accepting, rules: Rules, isQuiet: boolean): Promise<Planned> {
    const posted = accepting.received.event
    const { now, store, fireOperation, engine, collectors = [] } = this.#options
    const event = await rules.rate(posted)
    const accepted = now()
    const decisions = rules.route(event, accepted).filter(({ reason }) => !isQuiet || reason !== 'event_default')
    const decided = decidedOf(store.epoch, event, decisions).map((one) => {
      if (one.decision.outcome === 'suppress') return one
      if (engine.operations.get(one.delivery) !== undefined) return this.#duplicate(event, one)
      const isTaken = collectors.some((collector) => collector.takes?.(event, one, accepted))
      return isTaken ? { ...one, isWordless: true as const } : one
    })
    const isOperation = rules.eventTypes.get(event.type, event.namespace ?? '')?.by === 'admin'
    const webhooks = isOperation ? await fireOperation(event) : 0
    const rendered = await renderSent(rules, event, decided.slice(0, this.#chunk))
    return { accepting, event, decided, rendered, accepted, webhooks }
  }

  /** What is still to be sent by itself takes a place of its quota, or is not sent. */
  #admitted(
    tx: Transaction,
    event: RatedEvent,
    decided: readonly Decided[],
    quotas: QuotaGate | undefined,
    now: number,
  ): readonly Decided[] {
    if (quotas === undefined) return decided
    const { store, collectors = [] } = this.#options
    quotas.count(tx, event)
    const decisions = decided.map(({ decision }) => decision)
    const admitted = quotas.admit(tx, event, decisions)
    if (admitted === decisions) return decided
    return decided.map((one, index) => {
      const decision = admitted[index] as Decision
      if (decision === one.decision) return one
      for (const collector of collectors) collector.refused?.(tx, event, one, now)
      return decidedOf(store.epoch, event, [decision])[0] as Decided
    })
  }

  /** Somebody was told of the same matter already. */
  #duplicate(event: RatedEvent, { decision, delivery }: Decided): Decided {
    const { until: _, ...rest } = decision
    const because = `another event about the same matter was sent there already, as delivery ${delivery}`
    const suppressed = { ...rest, outcome: 'suppress' as const, reason: 'duplicate' as const, because }
    return decidedOf(this.#options.store.epoch, event, [suppressed])[0] as Decided
  }

  async #record(all: readonly Planned[], rules: Rules, quotas: QuotaGate | undefined): Promise<readonly Recorded[]> {
    const { engine, store, types, maxAgeMs, collectors = [] } = this.#options
    let recorded: readonly Recorded[] = []
    const prepared: PreparedDeliveries = engine.prepare(() =>
      recorded.flatMap(({ planned: { event, rendered, accepted }, decided }) => {
        const context = { rules, types, now: accepted, maxAgeMs }
        return rendered.map((words, index) => toDelivery(event, decided[index] as Decided, words, context))
      }),
    )
    try {
      await store.transact(
        [
          eventScope,
          restScope,
          ...collectors.flatMap(({ scopes }) => scopes),
          ...(quotas?.scopes ?? []),
          ...prepared.scopes,
        ],
        (tx) => {
          recorded = all.map((one) => {
            const collected = collectAll(collectors, tx, one.event, one.decided, one.accepted)
            const decided = this.#admitted(tx, one.event, collected, quotas, one.accepted)
            return toRecorded(
              one,
              decided,
              collectors.flatMap((collector) => collector.taken?.() ?? []),
            )
          })
          for (const { planned, receipt, decided } of recorded) {
            const { occurrence, received } = planned.accepting
            this.#log.write(tx, occurrence, { digest: received.digest, receipt })
            const rest = decided.slice(this.#chunk)
            if (rest.length > 0) this.#rest.write(tx, occurrence, { event: planned.event, decided: rest })
          }
          prepared.write(tx)
        },
        'sync',
      )
      prepared.commit()
    } catch (error) {
      prepared.abandon()
      throw error
    }
    for (const collector of collectors) collector.collected?.()
    quotas?.settled()
    for (const { planned, decided } of recorded) {
      const rest = decided.slice(this.#chunk)
      if (rest.length > 0)
        this.#rest.begin(planned.accepting.occurrence, { event: planned.event, decided: rest }, rules)
    }
    return recorded
  }
}

function toRecorded(planned: Planned, decided: readonly Decided[], digests: readonly DigestTaking[] = []): Recorded {
  const { event, accepted, webhooks } = planned
  return { planned, decided, receipt: toReceipt(event, decided, { accepted, webhooks, digests }) }
}

function conflictText({ received: { event }, at }: Accepting): string {
  const where = at === '' ? '' : `${at}: `
  return `${where}the id ${JSON.stringify(event.id)} of source ${JSON.stringify(event.source)} was that of an event with other contents; an id means one occurrence for seven days`
}
