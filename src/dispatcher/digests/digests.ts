// Digests as they go: what is declared has a state, a period ends when its time has come, and what ended is sent.

import { nearest } from '../../expression/suggest.js'
import { StoreUnavailable } from '../../store/store.js'
import type { Decision } from '../decision.js'
import type { NotificationPayload } from '../notification.js'
import { periodKeys, type Tally, tallyOf } from './collected.js'
import { digestName } from './collector.js'
import { eventsIn, render } from './digest-message.js'
import { keepInStep } from './digest-retention.js'
import { type DigestRules, DigestSender, type DigestsOptions, type SentSoFar } from './digest-sender.js'
import { type Closing, closingScope, type DigestRun, type DigestState, stateFor } from './digest-state.js'
import { type DeclaredDigest, type Reader, readersOf } from './readers.js'

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
/** Instead of the id of one. */
const everyDigest = ''

export class Digests {
  readonly #options: DigestsOptions
  readonly #sender: DigestSender
  /** By the id of the digest: what is being done with it, one thing after the other. */
  readonly #busy = new Map<string, Promise<unknown>>()
  /** Of which digests what there was is in its place. */
  #inStep: string | undefined
  /** By the id of the digest: since when something is wrong with it. */
  readonly #failed = new Map<string, number>()
  #isStarted = false
  #isClosing = false
  #cancelWake = (): void => {}
  #stopWaiting = (): void => {}
  readonly #closing: Promise<void>

  constructor(options: DigestsOptions) {
    this.#options = options
    this.#sender = new DigestSender(options)
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
    const declared = () => this.#options.rules().tables.digests
    const ids = declared().map(({ id }) => id)
    if (ids.join() !== this.#inStep) {
      this.#inStep = ids.join()
      const moving = keepInStep(this.#options.store, declared)
        .catch((error: unknown) => {
          this.#inStep = undefined
          this.#warn('digests that are not declared any more', error)
        })
        .finally(() => this.#busy.delete(everyDigest))
        .then(() => this.#wake())
      this.#busy.set(everyDigest, moving)
    }
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
    return this.#options.rules().tables.digests.map((digest) => this.#status(digest))
  }

  /** Undefined for one that is not declared. */
  statusOf(id: string): DigestStatus | undefined {
    const digest = this.#options.rules().tables.digests.find((one) => one.id === id)
    return digest && this.#status(digest)
  }

  #status(digest: DeclaredDigest): DigestStatus {
    const { rules, now, store } = this.#options
    const { tables, known } = rules()
    const at = now()
    const state = stateFor(digest.program, this.#sender.stateOf(digest.id), at)
    const tally = tallyOf(store.get(periodKeys(digest.id, state.period).tally))
    return { digest, state, tally, readers: readersOf(digest, tables, at, known) }
  }

  /** Who would be sent what, were it sent now. Changes nothing. Rejects with `DigestRefused`. */
  async preview(name: string, user?: string): Promise<DigestPreview> {
    const { rules, now, store } = this.#options
    const applied = rules()
    const digest = this.#find(name)
    const at = now()
    const { from, period } = stateFor(digest.program, this.#sender.stateOf(digest.id), at)
    const readers = this.#readers(digest, applied, at, user)
    const asked = readers.filter(({ isSubscribed }) => isSubscribed)
    const collected = this.#sender.collected(digest.id, period)
    const messages: PreviewMessage[] = []
    for (const reader of asked.slice(0, previewed)) {
      const message = this.#sender.messageFor(digest, reader, collected, { from, to: at, soFar: false }, 'preview')
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
      const closing = await this.#sender.end(digest, false)
      if (closing === undefined) throw new DigestRefused('digest', `the digest ${name} was switched off meanwhile`)
      return this.#sender.send(digest, closing)
    })
  }

  /** Sends somebody alone what there is so far; the period goes on. Rejects with `DigestRefused` or `StoreUnavailable`. */
  async runFor(name: string, user: string): Promise<readonly SentSoFar[]> {
    const { rules, now } = this.#options
    const applied = rules()
    const digest = this.#find(name)
    const at = now()
    const { from, period } = stateFor(digest.program, this.#sender.stateOf(digest.id), at)
    const readers = this.#readers(digest, applied, at, user)
    const asked = readers.filter(({ isSubscribed }) => isSubscribed)
    if (asked.length === 0) {
      const because = readers[0]?.decision.because
      throw new DigestRefused('user', `${user} does not get ${name}: ${because ?? 'no channel of it reaches them'}`)
    }
    const sent = await this.#sender.sendSoFar(digest, period, asked, { from, to: at, soFar: true })
    if (sent.length === 0) throw new DigestRefused('user', `${user} is sent nothing of ${name}: ${nothingToHear}`)
    return sent
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
    const meant = nearest(name, names)
    const there =
      meant !== undefined
        ? `did you mean "${meant}"?`
        : names.length === 0
          ? 'none is declared'
          : `declared: ${names.slice(0, 20).join(', ')}`
    throw new DigestRefused('digest', `there is no digest ${JSON.stringify(name)}; ${there}`)
  }

  #readers(digest: DeclaredDigest, { tables, known }: DigestRules, at: number, user?: string): readonly Reader[] {
    if (user !== undefined && !tables.users.has(user)) throw new DigestRefused('user', `there is no User "${user}"`)
    const readers = readersOf(digest, tables, at, known)
    return user === undefined ? readers : readers.filter(({ decision }) => decision.user?.name === user)
  }

  /** Looks at all, begins what is due, and comes back when the next is. */
  #wake(): void {
    this.#cancelWake()
    // What is gathered may be on its way to another name.
    if (this.#isClosing || this.#busy.has(everyDigest)) return
    const { rules, now, timer, store } = this.#options
    const { digests } = rules().tables
    if (digests.length === 0) return
    const at = now()
    let sleepMs = longestSleepMs
    for (const digest of digests) {
      const known = this.#sender.stateOf(digest.id)
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
      const closing = await this.#retrying(() => this.#sender.end(digest, true))
      if (closing !== undefined) await this.#retrying(() => this.#sender.send(digest, closing))
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
      await this.#retrying(() => this.#sender.send(digest, value as unknown as Closing))
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
