import { createEngine, type Engine } from '../../../src/delivery/engine.js'
import { Dispatcher } from '../../../src/dispatcher/dispatcher.js'
import type { PostedEvent } from '../../../src/dispatcher/events/event.js'
import { FloodControl, type FloodLimits } from '../../../src/dispatcher/grouping/flood-control.js'
import { InternalEvents } from '../../../src/dispatcher/internal-events.js'
import { type NotificationPayload, payloadOf } from '../../../src/dispatcher/notification.js'
import { QuotaLedger } from '../../../src/dispatcher/quota-ledger.js'
import { type MessageWriter, RevisionRules } from '../../../src/dispatcher/revision-rules.js'
import type { Tables } from '../../../src/dispatcher/tables.js'
import { openDeliveries } from '../../../src/store/deliveries.js'
import type { Delivery } from '../../../src/store/delivery.js'
import type { DeliveryEntry } from '../../../src/store/delivery-list.js'
import { memoryStore } from '../../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../../src/store/store.js'
import { Clock, settled } from '../../delivery/clock.js'
import { tablesOf } from '../routing-world.js'
import { storeWith } from '../store-with.js'

/** A channel that is one recipient itself, with what keeps it from flooding. */
export const channel = (flood: string, name = 'ops') =>
  `kind: Channel\nmetadata: {name: ${name}}\nspec: {type: webhook, config: {url: 'https://example.com/${name}'}${flood === '' ? '' : `, ${flood}`}}`

/** A document without its first and last line. */
const whole = (text: string) => `apiVersion: callboard/v1\n${text}\n`

export interface WorldOptions {
  readonly limits?: Partial<FloodLimits>
  readonly kept?: number
  readonly takes?: (delivery: Delivery) => boolean
}

/** Whoever waits for a process that was killed waits for ever. */
const never = new Promise<never>(() => {})

/** A dispatcher with its flood control over a store in memory, in processes that can be killed at whatever they wait for. */
export class FloodWorld {
  readonly clock = new Clock()
  /** Ids of what arrived, as often as it did. */
  readonly sent: Delivery[] = []
  /** For how many more things the process waits until it is killed; and whether the last of them still takes place. */
  left = Number.POSITIVE_INFINITY
  lastTakesPlace = false
  /** How many more transactions the store refuses. */
  refuses = 0
  isSuspended = false
  readonly warnings: string[] = []
  tables: Tables
  dispatcher!: Dispatcher
  flood!: FloodControl
  engine!: Engine
  quotas!: QuotaLedger
  readonly store = memoryStore()
  readonly #options: WorldOptions
  #process = 0
  #generation = 1

  private constructor(tables: Tables, options: WorldOptions) {
    this.tables = tables
    this.#options = options
  }

  static async of(texts: readonly string[], options: WorldOptions = {}): Promise<FloodWorld> {
    const world = new FloodWorld(await tablesOf(texts.map(whole)), options)
    await world.start()
    return world
  }

  get isDead(): boolean {
    return this.left <= 0
  }

  async declare(texts: readonly string[]): Promise<void> {
    this.tables = await tablesOf(texts.map(whole))
    this.#generation += 1
  }

  /** A process begins, whatever became of the one before. */
  async start(): Promise<void> {
    this.#process += 1
    this.left = Number.POSITIVE_INFINITY
    const process = this.#process
    const isGone = () => this.#process !== process || this.left <= 0
    const { now, timer: real } = this.clock
    const timer: typeof real = (ms, work) => real(ms, () => isGone() || work())
    /** True while it may still take place. */
    const waits = (): boolean => {
      if (isGone()) return false
      this.left -= 1
      return this.left > 0 || this.lastTakesPlace
    }
    const base = this.store
    const store = storeWith(base, async (...given: Parameters<Store['transact']>) => {
      if (!waits()) return never
      if (this.refuses > 0) {
        this.refuses -= 1
        throw new StoreUnavailable('full')
      }
      const result = await base.transact(...given)
      return isGone() ? never : result
    })
    const { limits, kept = 1_000_000, takes = () => true } = this.#options
    const deliveries = openDeliveries(store, { now, timer, limits: { finished: kept } })
    this.engine = createEngine({
      deliveries,
      transports: new Map([
        [
          'notification',
          {
            send: async (delivery: Delivery) => {
              if (isGone()) return never
              if (!takes(delivery)) return { ok: false as const, class: 'rejected' as const, message: 'not taken' }
              this.sent.push(delivery)
              return { ok: true as const }
            },
          },
        ],
      ]),
      now,
      timer,
      random: () => 0.5,
      poolSize: 10,
    })
    const writer = plainWriter(async () => {
      if (!waits()) await never
    })
    const rules = () => {
      const generation = this.#generation
      const known = { recipientOf: () => undefined }
      return new RevisionRules({ generation, revisionOf: () => 'r', tables: this.tables, known, writer })
    }
    let applied = rules()
    const current = () => {
      if (applied.tables !== this.tables) applied = rules()
      return applied
    }
    const shared = {
      engine: this.engine,
      store,
      types: new Map(),
      rules: current,
      now,
      timer,
      maxAgeMs: 86_400_000,
      onWarning: (message: string) => this.warnings.push(message),
    }
    const quotas = new QuotaLedger({
      ...shared,
      quotas: () => current().tables.quotas,
      tell: (notice) => internal.quotaReached(notice),
    })
    this.quotas = quotas
    this.flood = new FloodControl({ ...shared, quotas, isSuspended: () => this.isSuspended, ...(limits && { limits }) })
    this.dispatcher = new Dispatcher({
      ...shared,
      quotas,
      fireOperation: async () => 0,
      collectors: [this.flood.collector],
      chunk: 50,
    })
    const accept: Dispatcher['accept'] = (...given) => this.dispatcher.accept(...given)
    const internal = new InternalEvents({ ...shared, accept, newId: () => 'internal' })
    await this.engine.start()
    this.quotas.start()
    this.dispatcher.start()
    this.flood.start()
    await settled()
  }

  event(id: string, type: string, more: Partial<PostedEvent> = {}): PostedEvent {
    return { id, type, time: new Date(this.clock.now()).toISOString(), source: 'test', payload: {}, ...more }
  }

  /** True once it was accepted; false when it was refused, or the process was killed before it said so. */
  async post(...events: readonly PostedEvent[]): Promise<boolean> {
    const received = events.map((event) => ({ event, digest: JSON.stringify(event) }))
    let isAccepted: boolean | undefined
    const accepted = this.dispatcher.accept(received, { isBatch: true }).then(
      () => {
        isAccepted = true
      },
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error
        isAccepted = false
      },
    )
    for (let turn = 0; turn < 100_000 && isAccepted === undefined && !this.isDead; turn += 1) {
      await Promise.race([accepted, new Promise((resolve) => setImmediate(resolve))])
    }
    await settled()
    return isAccepted ?? false
  }

  async all(): Promise<readonly DeliveryEntry[]> {
    const found: DeliveryEntry[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.engine.operations.list({}, { limit: 1000, ...(after !== undefined && { after }) })
      found.push(...page.items)
      if (page.next === undefined) return found.reverse()
      after = page.next
    }
  }

  /** What arrived: title and action, in order. */
  get said(): string[] {
    return this.sent.map((delivery) => {
      const { message } = payloadOf(delivery)
      return message?.action === 'resolve' ? `${message.title} (resolve)` : (message?.title ?? '')
    })
  }

  payloads(): readonly NotificationPayload[] {
    return this.sent.map(payloadOf)
  }

  /** `e1: suppressed grouped`, of what was recorded. */
  async log(): Promise<string[]> {
    return (await this.all()).map(({ delivery, state }) => {
      const { events } = payloadOf(delivery)
      const what = events === undefined ? delivery.about.eventId : `message of ${events}`
      return `${what}: ${state.status} ${state.reason ?? ''}`.trim()
    })
  }
}

/** Says the type and id of an event. */
function plainWriter(wait: () => Promise<void>): MessageWriter {
  return {
    severityOf: async () => 'error',
    write: async (event, { program }, decisions) => {
      await wait()
      return decisions.map(({ severity }) => ({
        message: {
          event,
          severity,
          title: `${event.type} ${event.id}`,
          body: '',
          format: 'rich' as const,
          action: program.resolves.length > 0 ? ('resolve' as const) : ('trigger' as const),
          key: event.id,
        },
      }))
    },
  }
}
