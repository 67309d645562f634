// Tells of what has been silent for as long as its event type says.

import { createHash } from 'node:crypto'
import type { Json } from '../../expression/json.js'
import { type Store, StoreUnavailable } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'
import { type Dispatcher, EventsRefused } from '../dispatcher.js'
import type { EventTypes } from '../event-types.js'
import type { PostedEvent } from '../events/event.js'
import {
  type Activity,
  activityScope,
  activitySource,
  countKey,
  lengthText,
  mostSubjects,
  type Nudge,
  subjectKey,
  typeScope,
  type Waiting,
  waitingFor,
} from './activity.js'

export interface InactivityOptions {
  readonly accept: Dispatcher['accept']
  readonly store: Pick<Store, 'list' | 'transact'>
  readonly eventTypes: () => EventTypes
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  readonly onWarning: (message: string) => void
}

const dayMs = 24 * 3600 * 1000
/** Between two looks at all. */
const lookMs = 60_000
/** What was told of everything is kept as long again, in case it is heard of. */
const keptMs = 90 * dayMs
/** Room is made before there is none. */
const roomFrom = Math.floor(mostSubjects * 0.95)

export class Inactivity {
  readonly #options: InactivityOptions
  #looking: Promise<void> | undefined
  #isClosing = false
  #cancel = (): void => {}

  constructor(options: InactivityOptions) {
    this.#options = options
  }

  start(): void {
    this.#look()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancel()
    await this.#looking
  }

  #look(): void {
    if (this.#isClosing) return
    this.#looking = this.check()
      .catch((error: unknown) => this.#options.onWarning(`inactivity: ${(error as Error).message}`))
      .then(() => {
        this.#looking = undefined
        if (!this.#isClosing) this.#cancel = this.#options.timer(lookMs, () => this.#look())
      })
  }

  /** Tells of all that is silent now. What cannot be told now is told at the next look. */
  async check(): Promise<void> {
    const { store, now, eventTypes } = this.#options
    const at = now()
    const rows = store.list(activityScope).filter(([key]) => key.split('/')[3] === 'of')
    const forgotten = new Map<string, Waiting | undefined>()
    const byType = new Map<string, { entry: Waiting; rows: [key: string, activity: Activity][] }>()
    for (const [key, value] of rows) {
      const activity = value as unknown as Activity
      const entry = waitingFor(eventTypes(), activity.type, activity.last.namespace ?? '')
      // It is not declared any more, or elsewhere.
      if (entry === undefined || subjectKey(entry, activity.subject) !== key) {
        forgotten.set(key, undefined)
        continue
      }
      const scope = typeScope(entry)
      const known = byType.get(scope)
      if (known === undefined) byType.set(scope, { entry, rows: [[key, activity]] })
      else known.rows.push([key, activity])
      const silentMs = at - activity.at
      const { afterMs } = entry.program.inactivity
      const due = afterMs.filter((length) => length <= silentMs).at(-1) ?? 0
      if (due > activity.told && !this.#isClosing) await this.#tell(activity, entry, due, silentMs)
      else if (activity.told >= (afterMs.at(-1) ?? 0) && silentMs > activity.told + keptMs) forgotten.set(key, entry)
    }
    for (const { entry, rows: all } of byType.values()) {
      if (all.length <= roomFrom) continue
      const oldest = all.sort(([, a], [, b]) => a.at - b.at).slice(0, all.length - roomFrom)
      for (const [key] of oldest) forgotten.set(key, entry)
    }
    if (forgotten.size > 0) await this.#forget(forgotten)
  }

  async #tell(activity: Activity, entry: Waiting, length: number, silentMs: number): Promise<void> {
    const { accept, now, onWarning } = this.#options
    const { namespace, service, customer } = activity.last
    const since = new Date(activity.at).toISOString()
    const after = lengthText(length)
    const payload: Nudge = {
      subject: activity.subject,
      since,
      days: Math.floor(silentMs / dayMs),
      after,
      last: activity.last,
    }
    const event: PostedEvent = {
      // Equal for the same silence, whoever tells of it.
      id: `silent-${hash([typeScope(entry), activity.subject, since, after])}`,
      type: activity.type,
      time: new Date(now()).toISOString(),
      source: activitySource,
      ...(namespace !== null && { namespace }),
      ...(service !== null && { service }),
      ...(customer !== null && { customer }),
      payload: payload as unknown as Json,
    }
    try {
      await accept([{ event, digest: '' }])
    } catch (error) {
      const what = `${activity.type}: the silence of ${JSON.stringify(activity.subject)} since ${since} cannot be told`
      onWarning(`${what}: ${(error as Error).message}`)
      if (error instanceof EventsRefused) await this.#giveUp(activity, entry, length)
      else if (!(error instanceof StoreUnavailable)) throw error
    }
  }

  /** The schema of its payload does not take it: it is not tried again every minute. */
  async #giveUp(activity: Activity, entry: Waiting, length: number): Promise<void> {
    const key = subjectKey(entry, activity.subject)
    await this.#options.store.transact([activityScope], (tx) => {
      const known = tx.get(key) as unknown as Activity | undefined
      if (known?.at === activity.at) tx.put(key, { ...known, told: length } as unknown as Json)
    })
  }

  async #forget(keys: ReadonlyMap<string, Waiting | undefined>): Promise<void> {
    await this.#options.store.transact([activityScope], (tx) => {
      for (const [key, entry] of keys) {
        if (tx.get(key) === undefined) continue
        tx.delete(key)
        if (entry === undefined) continue
        const count = Number(tx.get(countKey(entry)) ?? 1)
        tx.put(countKey(entry), Math.max(0, count - 1))
      }
      // Of types that are gone altogether.
      for (const [key] of tx.list(activityScope)) {
        if (!key.endsWith('/count')) continue
        const scope = key.slice(0, -'count'.length)
        if (!tx.list(`${scope}of/`).some(() => true)) tx.delete(key)
      }
    })
  }
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
