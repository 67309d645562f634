// What keeps people from being flooded, as one part: it collects in the transactions of events, and says what it has collected
// when that is due.

import type { Engine } from '../../delivery/engine.js'
import type { Json } from '../../expression/json.js'
import type { Store } from '../../store/store.js'
import type { Timer } from '../../store/timer.js'
import type { ChannelType } from '../channel-type.js'
import type { Collector } from '../collector.js'
import type { Decision } from '../decision.js'
import { targetOf } from '../notification.js'
import type { QuotaGate } from '../quota-ledger.js'
import type { RevisionRules } from '../revision-rules.js'
import type { RatedEvent } from '../rules.js'
import { Agenda } from './agenda.js'
import { Closing } from './closing.js'
import { listGroups } from './group.js'
import { Grouping } from './grouping.js'
import { longestMatterMs, type Matter, matterScope } from './matter.js'
import { rateScope } from './rate.js'
import { Reminders } from './reminders.js'

export interface FloodControlOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'get' | 'list' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  /** Of what is applied now. */
  readonly rules: () => RevisionRules
  readonly isSuspended: (namespace: string) => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  /** Without one nothing is limited. */
  readonly quotas?: QuotaGate
  /** How long deliveries are attempted. */
  readonly maxAgeMs: number
  readonly onWarning: (message: string) => void
  readonly limits?: Partial<FloodLimits>
}

export interface FloodLimits {
  /** Open at a time; of what is over it, a recipient has one group for all. */
  readonly groups: number
  readonly groupsOfChannel: number
  /** Not over, and told: what is over it is told, but its end is not. */
  readonly matters: number
}

export const defaultFloodLimits: FloodLimits = { groups: 2000, groupsOfChannel: 500, matters: 100_000 }

const sweepMs = 3_600_000
const sweep = 'sweep'

export class FloodControl {
  readonly collector: Collector
  readonly #grouping: Grouping
  readonly #options: FloodControlOptions
  readonly #limits: FloodLimits
  readonly #agenda: Agenda
  readonly #closing: Closing
  readonly #reminders: Reminders
  /** Ids of groups by their channel, those as well that may not have been recorded. */
  readonly #groups = new Map<string, Set<string>>()
  #groupCount = 0
  readonly #matters = new Set<string>()
  #hasWarned = false

  constructor(options: FloodControlOptions) {
    this.#options = options
    this.#limits = { ...defaultFloodLimits, ...options.limits }
    const { now, timer, onWarning, store, rules } = options
    this.#agenda = new Agenda({ now, timer, onWarning, work: (name) => this.#work(name) })
    const expect = (what: 'group' | 'matter', name: string, due: number) => this.#agenda.expect(`${what} ${name}`, due)
    this.#closing = new Closing({ ...options, expect })
    this.#reminders = new Reminders(options)
    this.#grouping = new Grouping({
      store,
      rules,
      operations: () => options.engine.operations,
      expect,
      bounds: {
        hasRoomForGroup: (channel, id) => this.#hasRoomForGroup(targetOf(channel), id),
        hasRoomForMatter: (key) => this.#hasRoomForMatter(key),
        over: (key) => this.#matters.delete(key),
      },
    })
    this.collector = this.#grouping
  }

  /** What waits already where the event would go, for people; undefined when nothing does. */
  describe(event: RatedEvent, decision: Decision, now: number): string | undefined {
    return this.#grouping.describe(event, decision, now)
  }

  /** Goes on with what an earlier process has collected. */
  start(): void {
    const { store, now } = this.#options
    for (const [id, { channel, pending, closing, incident }] of listGroups(store)) {
      this.#count(targetOf(channel), id)
      const due = closing === undefined ? (pending?.due ?? now()) : now()
      this.#agenda.expect(`group ${id}`, Math.min(due, incident?.again?.at ?? due))
    }
    for (const [key, value] of store.list(matterScope)) {
      this.#matters.add(key)
      const { again } = value as unknown as Matter
      if (again !== undefined) this.#agenda.expect(`matter ${key}`, again.at)
    }
    this.#agenda.expect(sweep, now())
    this.#agenda.start()
  }

  /** Begins nothing more; resolves once nothing is under way. */
  close(): Promise<void> {
    return this.#agenda.close()
  }

  async #work(name: string): Promise<number | undefined> {
    if (name === sweep) return this.#sweep()
    const [what, key] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)]
    if (what === 'matter') return this.#reminders.matter(key)
    await this.#reminders.group(key)
    const next = await this.#closing.close(key)
    if (next === undefined) this.#uncount(key)
    return next
  }

  /** Forgets what nobody waits for any more. */
  async #sweep(): Promise<number> {
    const { store, now } = this.#options
    const isOld = ([key, value]: [string, Json]): boolean => {
      const { at = 0, until = 0 } = value as unknown as { at?: number; until?: number }
      return key.startsWith(matterScope) ? now() - at > longestMatterMs : until < now()
    }
    const old = [...store.list(matterScope), ...store.list(rateScope)].filter(isOld)
    if (old.length > 0) {
      await store.transact([matterScope, rateScope], (tx) => {
        for (const [key] of old) {
          const value = tx.get(key)
          if (value !== undefined && isOld([key, value])) tx.delete(key)
        }
      })
    }
    this.#matters.clear()
    for (const [key] of store.list(matterScope)) this.#matters.add(key)
    return now() + sweepMs
  }

  #count(target: string, id: string): void {
    const known = this.#groups.get(target) ?? new Set()
    this.#groups.set(target, known)
    if (known.has(id)) return
    known.add(id)
    this.#groupCount += 1
  }

  #uncount(id: string): void {
    for (const [target, known] of this.#groups) {
      if (!known.delete(id)) continue
      this.#groupCount -= 1
      if (known.size === 0) this.#groups.delete(target)
    }
  }

  #hasRoomForGroup(target: string, id: string): boolean {
    const known = this.#groups.get(target)
    if (known?.has(id) === true) return true
    const { groups, groupsOfChannel } = this.#limits
    if (this.#groupCount >= groups || (known?.size ?? 0) >= groupsOfChannel) return false
    this.#count(target, id)
    return true
  }

  #hasRoomForMatter(key: string): boolean {
    if (this.#matters.has(key)) return true
    if (this.#matters.size >= this.#limits.matters) {
      if (!this.#hasWarned) {
        this.#options.onWarning(
          `${this.#limits.matters} failures are open and remembered; of further ones the recovery is not sent`,
        )
      }
      this.#hasWarned = true
      return false
    }
    this.#matters.add(key)
    return true
  }
}
