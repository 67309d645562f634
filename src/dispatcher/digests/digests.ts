// Digests as they go: what is declared has a state, a period ends when its time has come, and what ended is sent. Ending a
// period is one record of the journal, and sending it with forgetting what it held is another: a process that dies in
// between is continued by the next, under the same ids.

import type { Engine } from '../../delivery/engine.js'
import type { Json } from '../../expression/json.js'
import type { ChannelProgram } from '../../resources/kinds/notification-program.js'
import { type Store, StoreUnavailable, type Transaction } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'
import type { ChannelType } from '../channel-type.js'
import type { Decision } from '../decision.js'
import { deliveryId, type NotificationPayload, targetOf } from '../notification.js'
import {
  type Bucket,
  digestScope,
  type KeptEvent,
  keptEventScope,
  periodKeys,
  type Tally,
  tallyOf,
} from './collected.js'
import { type DigestTables, digestName } from './collector.js'
import { type DigestMessage, type DigestRenderer, render, toDigestDelivery, toMessage } from './digest-message.js'
import {
  type Closing,
  closePeriod,
  closingKey,
  closingScope,
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
  readonly engine: Pick<Engine, 'prepare'>
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
  /** Deliveries of one record. */
  readonly chunk?: number
}

/** There is no such digest, or it cannot be sent so. For people. */
export class DigestRefused extends Error {
  override readonly name = 'DigestRefused'
  readonly field: 'digest' | 'user'

  constructor(field: DigestRefused['field'], message: string) {
    super(message)
    this.field = field
  }
}

/** A digest as it is now. */
export interface DigestStatus {
  readonly digest: DeclaredDigest
  readonly state: DigestState
  readonly tally: Tally
  readonly readers: readonly Reader[]
}

/** Who would be sent what. */
export interface DigestPreview {
  readonly digest: DeclaredDigest
  readonly from: number
  readonly to: number
  readonly events: number
  readonly messages: readonly PreviewMessage[]
  /** How many have not asked for it. */
  readonly unsubscribed: number
}

export interface PreviewMessage {
  readonly decision: Decision
  readonly events: number
  /** Absent for what is not sent. */
  readonly words?: { readonly title: string; readonly body: string; readonly link?: string; readonly failure?: string }
}

/** Clocks are changed while nobody looks. */
const longestSleepMs = 60_000
const againMs = 1000
const previewed = 100

export class Digests {
  readonly #options: DigestsOptions
  readonly #chunk: number
  /** By the id of the digest: what is being done with it, one thing after the other. */
  readonly #busy = new Map<string, Promise<unknown>>()
  /** By the id of the digest: since when something is wrong with it. */
  readonly #failed = new Map<string, number>()
  #isStarted = false
  #isClosing = false
  #cancelWake = (): void => {}
  #stopWaiting = (): void => {}
  readonly #closing: Promise<void>

  constructor(options: DigestsOptions) {
    this.#options = options
    this.#chunk = options.chunk ?? 100
    this.#closing = new Promise((resolve) => {
      this.#stopWaiting = resolve
    })
  }

  /** Goes on with what an earlier process had begun. */
  start(): void {
    this.#isStarted = true
    this.apply()
  }

  /** Something else is declared. */
  apply(): void {
    if (!this.#isStarted || this.#isClosing) return
    this.#forgetPruned().catch((error: unknown) => this.#warn('digests that are not declared any more', error))
    this.#wake()
  }

  /** Begins nothing more; resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancelWake()
    this.#stopWaiting()
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy.values())
  }

  list(): readonly DigestStatus[] {
    const { rules, now, store } = this.#options
    const { tables, known } = rules()
    const at = now()
    return tables.digests.map((digest) => {
      const state = stateFor(digest.program, this.#stateOf(digest.id), at)
      const tally = tallyOf(store.get(periodKeys(digest.id, state.period).tally))
      return { digest, state, tally, readers: readersOf(digest, tables, at, known) }
    })
  }

  /** Who would be sent what, were it sent now. Changes nothing. Rejects with `DigestRefused`. */
  async preview(name: string, user?: string): Promise<DigestPreview> {
    const { rules, now, store } = this.#options
    const applied = rules()
    const digest = this.#find(name)
    const at = now()
    const { from, period } = stateFor(digest.program, this.#stateOf(digest.id), at)
    const readers = this.#readers(digest, applied, at, user)
    const asked = readers.filter(({ isSubscribed }) => isSubscribed)
    const collected = this.#collected(digest.id, period)
    const messages: PreviewMessage[] = []
    for (const reader of asked.slice(0, previewed)) {
      const message = this.#messageFor(digest, reader, collected, { from, to: at, soFar: false }, 'preview')
      const events = eventsIn(message)
      if (events === 0 && !digest.program.emptyToo) {
        messages.push({ decision: { ...message.decision, outcome: 'suppress', because: nothingToHear }, events })
        continue
      }
      const rendered = await render(applied, digest, message)
      messages.push({
        decision: message.decision,
        events,
        ...(rendered !== undefined && {
          words: {
            title: rendered.message.title,
            body: rendered.message.body,
            ...(rendered.message.link !== undefined && { link: rendered.message.link }),
            ...(rendered.failure !== undefined && { failure: rendered.failure }),
          },
        }),
      })
    }
    const { events } = tallyOf(store.get(periodKeys(digest.id, period).tally))
    return { digest, from, to: at, events, messages, unsubscribed: readers.length - asked.length }
  }

  /** Sends it now, and begins another period; its schedule goes on. Rejects with `DigestRefused` or `StoreUnavailable`. */
  async run(name: string): Promise<DigestRun> {
    const digest = this.#find(name)
    if (!digest.program.enabled) throw new DigestRefused('digest', `the digest ${name} has enabled: false`)
    return this.#alone(digest.id, async () => {
      const closing = await this.#end(digest, false)
      if (closing === undefined) throw new DigestRefused('digest', `the digest ${name} was switched off meanwhile`)
      return this.#send(digest, closing)
    })
  }

  /** Sends somebody alone what there is so far; the period goes on. Resolves with the ids of the deliveries. */
  async runFor(name: string, user: string): Promise<readonly string[]> {
    const { rules, now, newId, types, maxAgeMs, engine, store } = this.#options
    const applied = rules()
    const digest = this.#find(name)
    const at = now()
    const { from, period } = stateFor(digest.program, this.#stateOf(digest.id), at)
    const readers = this.#readers(digest, applied, at, user)
    const asked = readers.filter(({ isSubscribed }) => isSubscribed)
    if (asked.length === 0) {
      const because = readers[0]?.decision.because
      throw new DigestRefused('user', `${user} does not get ${name}: ${because ?? 'no channel of it reaches them'}`)
    }
    const collected = this.#collected(digest.id, period)
    const context = { rules: applied, types, now: at, maxAgeMs }
    const deliveries = await Promise.all(
      asked.map(async (reader) => {
        const id = newId()
        const message = this.#messageFor(digest, reader, collected, { from, to: at, soFar: true }, id)
        return toDigestDelivery(digest, message, await render(applied, digest, message), id, context)
      }),
    )
    const prepared = engine.prepare(deliveries)
    try {
      await store.transact(prepared.scopes, (tx) => prepared.write(tx), 'sync')
      prepared.commit()
    } catch (error) {
      prepared.abandon()
      throw error
    }
    return deliveries.map(({ id }) => id)
  }

  /** What is decided now about one that had to wait; undefined when nobody can say. */
  reconsider({ channel, user, message }: NotificationPayload): Decision | undefined {
    const { rules, now } = this.#options
    const { tables, known } = rules()
    const about = (message?.event.payload as { readonly digest?: { name?: string; namespace?: string } } | null)?.digest
    const digest = tables.digests.find((one) => one.name === about?.name && one.namespace === (about?.namespace ?? ''))
    if (digest === undefined) return undefined
    return readersOf(digest, tables, now(), known).find(
      ({ decision }) =>
        decision.channel.name === channel.name &&
        decision.channel.namespace === channel.namespace &&
        decision.user?.name === user,
    )?.decision
  }

  #find(name: string): DeclaredDigest {
    const { digests } = this.#options.rules().tables
    const found = digests.find((one) => digestName(one) === name)
    if (found !== undefined) return found
    const names = digests.map(digestName)
    const there = names.length === 0 ? 'none is declared' : `declared: ${names.slice(0, 20).join(', ')}`
    throw new DigestRefused('digest', `there is no digest "${name}"; ${there}`)
  }

  #readers(digest: DeclaredDigest, { tables, known }: DigestRules, at: number, user?: string): readonly Reader[] {
    if (user !== undefined && !tables.users.has(user)) throw new DigestRefused('user', `there is no User "${user}"`)
    const readers = readersOf(digest, tables, at, known)
    return user === undefined ? readers : readers.filter(({ decision }) => decision.user?.name === user)
  }

  #stateOf(id: string): DigestState | undefined {
    return this.#options.store.get(stateKey(id)) as unknown as DigestState | undefined
  }

  #collected(id: string, period: number): Collected {
    const { store } = this.#options
    const keys = periodKeys(id, period)
    return {
      buckets: store.list(keys.buckets).map(([, value]) => value as unknown as Bucket),
      kept: store.list(keys.kept).map(([, value]) => value as unknown as KeptEvent),
    }
  }

  /** Looks at all, begins what is due, and comes back when the next is. */
  #wake(): void {
    this.#cancelWake()
    if (this.#isClosing) return
    const { rules, now, timer, store } = this.#options
    const { digests } = rules().tables
    if (digests.length === 0) return
    const at = now()
    let sleepMs = longestSleepMs
    for (const digest of digests) {
      const known = this.#stateOf(digest.id)
      const state = stateFor(digest.program, known, at)
      const isDue = state.next !== null && state.next <= at
      if (isDue || state !== known || store.list(closingScope(digest.id), { limit: 1 }).length > 0) {
        const failed = this.#failed.get(digest.id)
        const isResting = failed !== undefined && at >= failed && at - failed < longestSleepMs
        if (!this.#busy.has(digest.id) && !isResting) this.#work(digest)
      } else if (state.next !== null) sleepMs = Math.min(sleepMs, state.next - at)
    }
    this.#cancelWake = timer(sleepMs, () => this.#wake())
  }

  #work(digest: DeclaredDigest): void {
    void this.#alone(digest.id, async () => {
      await this.#finish(digest)
      const closing = await this.#retrying(() => this.#end(digest, true))
      if (closing !== undefined) await this.#retrying(() => this.#send(digest, closing))
      this.#failed.delete(digest.id)
    })
      .catch((error: unknown) => {
        this.#failed.set(digest.id, this.#options.now())
        this.#warn(`the digest ${digestName(digest)}`, error)
      })
      .then(() => {
        if (!this.#isClosing) this.#wake()
      })
  }

  /** What was ended and not sent. */
  async #finish(digest: DeclaredDigest): Promise<void> {
    for (const [, value] of this.#options.store.list(closingScope(digest.id))) {
      await this.#retrying(() => this.#send(digest, value as unknown as Closing))
    }
  }

  /** Undefined when it is not due, or is switched off. */
  #end({ id, program }: DeclaredDigest, onlyDue: boolean): Promise<Closing | undefined> {
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

  async #send(digest: DeclaredDigest, closing: Closing): Promise<DigestRun> {
    const { rules, now, types, maxAgeMs, engine, store } = this.#options
    const applied = rules()
    const at = now()
    const { period, from, to, due } = closing
    const collected = this.#collected(digest.id, period)
    const asked = readersOf(digest, applied.tables, at, applied.known).filter(({ isSubscribed }) => isSubscribed)
    const counts = { send: 0, hold: 0, suppress: 0 }
    const messages: DigestMessage[] = []
    for (const reader of asked) {
      const id = `${digest.id}/${period}/${to}`
      const message = this.#messageFor(digest, reader, collected, { from, to, soFar: false }, id)
      if (eventsIn(message) === 0 && !digest.program.emptyToo) continue
      messages.push(message)
      counts[message.decision.outcome] += 1
    }
    const { events } = tallyOf(store.get(periodKeys(digest.id, period).tally))
    const run: DigestRun = {
      ...{ period, from, to, due, events },
      ...{ sent: counts.send, held: counts.hold, suppressed: counts.suppress, empty: asked.length - messages.length },
    }
    const context = { rules: applied, types, now: at, maxAgeMs }
    for (let start = 0; start === 0 || start < messages.length; start += this.#chunk) {
      const part = messages.slice(start, start + this.#chunk)
      const isLast = start + this.#chunk >= messages.length
      const rendered = await Promise.all(part.map((message) => render(applied, digest, message)))
      const deliveries = part.map((message, index) => {
        return toDigestDelivery(digest, message, rendered[index], this.#deliveryId(digest, closing, message), context)
      })
      const prepared = engine.prepare(deliveries)
      try {
        await store.transact(
          [digestScope, keptEventScope, ...prepared.scopes],
          (tx) => {
            prepared.write(tx)
            if (isLast) forgetPeriod(tx, digest.id, closing, run)
          },
          'sync',
        )
        prepared.commit()
      } catch (error) {
        prepared.abandon()
        throw error
      }
    }
    return run
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

  #messageFor(
    digest: DeclaredDigest,
    { decision, mayHear }: Reader,
    collected: Collected,
    { from, to, soFar }: { readonly from: number; readonly to: number; readonly soFar: boolean },
    id: string,
  ): DigestMessage {
    const { displayName, timezone, link } = digest.program
    const { name } = digest
    const namespace = digest.namespace === '' ? null : digest.namespace
    const frame = { name, displayName, namespace, timezone, soFar, from, to, link }
    const { eventTypes } = this.#options.rules().tables
    return toMessage(digest, summarize(collected, mayHear, frame, eventTypes), decision, id)
  }

  /** Nobody will be told of what is gathered for a digest that is not declared any more. */
  async #forgetPruned(): Promise<void> {
    const { store, rules } = this.#options
    const declared = new Set(rules().tables.digests.map(({ id }) => id))
    const pruned = new Set<string>()
    for (const [key] of store.list(digestScope)) {
      const id = /^digest\/([^/]+\/[^/]+\/[^/]+)\//.exec(key)?.[1]
      if (id !== undefined && !declared.has(id)) pruned.add(id)
    }
    for (const id of pruned) {
      await store.transact([digestScope, keptEventScope], (tx) => {
        if (this.#options.rules().tables.digests.some((one) => one.id === id)) return
        for (const scope of [`${digestScope}${id}/`, `${keptEventScope}${id}/`]) {
          for (const [key] of tx.list(scope)) tx.delete(key)
        }
      })
    }
  }

  async #alone<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    for (let before = this.#busy.get(id); before !== undefined; before = this.#busy.get(id)) {
      await before.catch(() => {})
    }
    const doing = work()
    this.#busy.set(id, doing)
    try {
      return await doing
    } finally {
      this.#busy.delete(id)
    }
  }

  /** Until the store takes it, or everything ends. */
  async #retrying<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    while (!this.#isClosing) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        await new Promise<void>((resolve) => {
          const cancel = this.#options.timer(againMs, resolve)
          void this.#closing.then(() => {
            cancel()
            resolve()
          })
        })
      }
    }
    return undefined
  }

  #warn(what: string, error: unknown): void {
    this.#options.onWarning(`${what}: ${(error as Error).message}`)
  }
}

const nothingToHear = 'nothing has happened that they hear of, and the digest does not say emptyToo: true'

function eventsIn({ event }: DigestMessage): number {
  return (event.payload as unknown as { digest: { counts: { events: number } } }).digest.counts.events
}

/** What was sent is forgotten with the record that sends it. */
function forgetPeriod(tx: Transaction, id: string, { period }: Closing, run: DigestRun): void {
  const keys = periodKeys(id, period)
  for (const scope of [keys.rows, keys.kept]) for (const [key] of tx.list(scope)) tx.delete(key)
  tx.delete(closingKey(id, period))
  const state = tx.get(stateKey(id)) as unknown as DigestState | undefined
  if (state !== undefined) tx.put(stateKey(id), { ...state, last: run } as unknown as Json)
}
