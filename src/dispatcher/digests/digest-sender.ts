// The end of a period and what is sent of it. Ending it is one record of the journal, and sending it together with
// forgetting what it held is another: a process that dies in between is continued by the next, under the same ids.

import type { Engine } from '../../delivery/engine.js'
import type { Json } from '../../expression/json.js'
import type { ChannelProgram } from '../../resources/kinds/notification-program.js'
import type { Delivery } from '../../store/delivery.js'
import type { Store, Transaction } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'
import type { ChannelType } from '../channel-type.js'
import type { Decision } from '../decision.js'
import { making } from '../made.js'
import { deliveryId, payloadOf, targetOf } from '../notification.js'
import type { QuotaGate } from '../quota-ledger.js'
import { type Bucket, digestScope, type KeptEvent, keptEventScope, periodKeys, tallyOf } from './collected.js'
import type { DigestTables } from './collector.js'
import {
  type DigestMessage,
  type DigestRenderer,
  eventsIn,
  render,
  toDigestDelivery,
  toMessage,
} from './digest-message.js'
import {
  type Closing,
  closePeriod,
  closingKey,
  type DigestRun,
  type DigestState,
  stateFor,
  stateKey,
} from './digest-state.js'
import { type DeclaredDigest, type Reader, readersOf } from './readers.js'
import { type Collected, summarize } from './summary.js'

/** Of one revision. */
export interface DigestRules extends DigestTables, DigestRenderer {
  readonly generation: number
  readonly revision: string | undefined
  channel(channel: Pick<Decision['channel'], 'namespace' | 'name'>): ChannelProgram | undefined
}

export interface DigestsOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'get' | 'list' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  /** Of what is applied now. */
  readonly rules: () => DigestRules
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  readonly newId: () => string
  /** How long deliveries are attempted. */
  readonly maxAgeMs: number
  readonly onWarning: (message: string) => void
  /** Without one nothing is limited. */
  readonly quotas?: QuotaGate
  /** Deliveries of one record. */
  readonly chunk?: number
}

/** What a message is about. Milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
  /** It goes on. */
  readonly soFar: boolean
}

/** What became of a message that was asked for. */
export interface SentSoFar {
  /** Of its delivery. */
  readonly id: string
  readonly outcome: Decision['outcome']
  readonly because: string
}

export class DigestSender {
  readonly #options: DigestsOptions
  readonly #chunk: number

  constructor(options: DigestsOptions) {
    this.#options = options
    this.#chunk = options.chunk ?? 100
  }

  stateOf(id: string): DigestState | undefined {
    return this.#options.store.get(stateKey(id)) as unknown as DigestState | undefined
  }

  collected(id: string, period: number): Collected {
    const { store } = this.#options
    const keys = periodKeys(id, period)
    return {
      buckets: store.list(keys.buckets).map(([, value]) => value as unknown as Bucket),
      kept: store.list(keys.kept).map(([, value]) => value as unknown as KeptEvent),
    }
  }

  /** Undefined when it is not due, or is switched off. */
  end({ id, program }: DeclaredDigest, onlyDue: boolean): Promise<Closing | undefined> {
    const { store, now } = this.#options
    return store.transact(
      [digestScope, keptEventScope],
      (tx) => {
        const at = now()
        const known = tx.get(stateKey(id)) as unknown as DigestState | undefined
        const state = stateFor(program, known, at)
        const isDue = state.next !== null && state.next <= at
        if (!program.enabled || (onlyDue && !isDue)) {
          if (state !== known) tx.put(stateKey(id), state as unknown as Json)
          return undefined
        }
        const after = closePeriod(program, state, at, isDue)
        tx.put(stateKey(id), after.state as unknown as Json)
        tx.put(closingKey(id, after.closing.period), after.closing as unknown as Json)
        return after.closing
      },
      'sync',
    )
  }

  /** Sends it under the same ids however often it is called. Rejects with `StoreUnavailable`. */
  async send(digest: DeclaredDigest, closing: Closing): Promise<DigestRun> {
    const { rules, now, types, maxAgeMs, store } = this.#options
    const applied = rules()
    const at = now()
    const { period, from, to, due } = closing
    const collected = this.collected(digest.id, period)
    const asked = readersOf(digest, applied.tables, at, applied.known).filter(({ isSubscribed }) => isSubscribed)
    const messages: DigestMessage[] = []
    for (const reader of asked) {
      const id = `${digest.id}/${period}/${to}`
      const message = this.messageFor(digest, reader, collected, { from, to, soFar: false }, id)
      if (eventsIn(message) === 0 && !digest.program.emptyToo) continue
      messages.push(message)
    }
    const { events } = tallyOf(store.get(periodKeys(digest.id, period).tally))
    const empty = asked.length - messages.length
    let run: DigestRun = { period, from, to, due, events, sent: 0, held: 0, suppressed: 0, empty }
    const context = { rules: applied, types, now: at, maxAgeMs }
    for (let start = 0; start === 0 || start < messages.length; start += this.#chunk) {
      const part = messages.slice(start, start + this.#chunk)
      const isLast = start + this.#chunk >= messages.length
      const rendered = await Promise.all(part.map((message) => render(applied, digest, message)))
      run = await this.#accept((tx, record) => {
        const outcomes = part.map((message, index) => {
          const id = this.#deliveryId(digest, closing, message)
          const before = this.#outcomeOf(id)
          if (before !== undefined) return before
          const admitted = this.#admitted(tx, message)
          record(toDigestDelivery(digest, admitted, rendered[index], id, context))
          return admitted.decision.outcome
        })
        const after = counted(run, outcomes)
        if (isLast) forgetPeriod(tx, digest.id, closing, after)
        return after
      })
    }
    return run
  }

  /** Of what an earlier process has recorded: it has taken its place then, or there was none. */
  #outcomeOf(id: string): Decision['outcome'] | undefined {
    const delivery = this.#options.engine.operations.get(id)?.delivery
    if (delivery === undefined) return undefined
    if (delivery.suppressed !== undefined) return 'suppress'
    return payloadOf(delivery).held === true ? 'hold' : 'send'
  }

  #admitted(tx: Transaction, message: DigestMessage): DigestMessage {
    const { quotas } = this.#options
    if (quotas === undefined) return message
    const [decision = message.decision] = quotas.admit(tx, message.event, [message.decision])
    return { ...message, decision }
  }

  #deliveryId({ id }: DeclaredDigest, { period, to }: Closing, { decision }: DigestMessage): string {
    const { channel, user, recipient } = decision
    const address = Object.values(recipient)
    return deliveryId(
      this.#options.store.epoch,
      'digest',
      id,
      period,
      to,
      targetOf(channel),
      user?.name ?? '',
      ...address,
    )
  }

  messageFor(
    digest: DeclaredDigest,
    { decision, mayHear }: Reader,
    collected: Collected,
    { from, to, soFar }: Span,
    id: string,
  ): DigestMessage {
    const { displayName, timezone, link } = digest.program
    const { name } = digest
    const namespace = digest.namespace === '' ? null : digest.namespace
    const frame = { name, displayName, namespace, timezone, soFar, from, to, link }
    const { eventTypes } = this.#options.rules().tables
    return toMessage(digest, summarize(collected, mayHear, frame, eventTypes), decision, id)
  }

  /** Sends some what there is so far; those to whom it says nothing are left out. Rejects with `StoreUnavailable`. */
  async sendSoFar(
    digest: DeclaredDigest,
    period: number,
    readers: readonly Reader[],
    span: Span,
  ): Promise<readonly SentSoFar[]> {
    const { rules, newId, types, maxAgeMs } = this.#options
    const applied = rules()
    const collected = this.collected(digest.id, period)
    const context = { rules: applied, types, now: span.to, maxAgeMs }
    const all = readers.map((reader) => {
      const id = newId()
      return { id, message: this.messageFor(digest, reader, collected, span, id) }
    })
    const told = all.filter(({ message }) => eventsIn(message) > 0 || digest.program.emptyToo)
    const messages = await Promise.all(
      told.map(async (one) => ({ ...one, rendered: await render(applied, digest, one.message) })),
    )
    return this.#accept((tx, record) =>
      messages.map(({ id, message, rendered }) => {
        const admitted = this.#admitted(tx, message)
        record(toDigestDelivery(digest, admitted, rendered, id, context))
        const { outcome, because } = admitted.decision
        return { id, outcome, because }
      }),
    )
  }

  async #accept<Result>(work: (tx: Transaction, record: (delivery: Delivery) => void) => Result): Promise<Result> {
    const { quotas } = this.#options
    const result = await making(this.#options, [digestScope, keptEventScope, ...(quotas?.scopes ?? [])], work, 'sync')
    quotas?.settled()
    return result
  }
}

function counted(run: DigestRun, outcomes: readonly Decision['outcome'][]): DigestRun {
  const of = (outcome: Decision['outcome']) => outcomes.filter((one) => one === outcome).length
  return {
    ...run,
    sent: run.sent + of('send'),
    held: run.held + of('hold'),
    suppressed: run.suppressed + of('suppress'),
  }
}

/** What was sent is forgotten with the record that sends it. */
function forgetPeriod(tx: Transaction, id: string, { period }: Closing, run: DigestRun): void {
  const keys = periodKeys(id, period)
  for (const scope of [keys.rows, keys.kept]) for (const [key] of tx.list(scope)) tx.delete(key)
  tx.delete(closingKey(id, period))
  const state = tx.get(stateKey(id)) as unknown as DigestState | undefined
  if (state !== undefined) tx.put(stateKey(id), { ...state, last: run } as unknown as Json)
}
