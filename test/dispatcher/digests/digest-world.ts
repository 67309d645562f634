import { createEngine } from '../../../src/delivery/engine.js'
import { DigestCollector } from '../../../src/dispatcher/digests/collector.js'
import { Digests } from '../../../src/dispatcher/digests/digests.js'
import type { DigestContent } from '../../../src/dispatcher/digests/summary.js'
import { Dispatcher } from '../../../src/dispatcher/dispatcher.js'
import type { PostedEvent } from '../../../src/dispatcher/events/event.js'
import { ActivityCollector } from '../../../src/dispatcher/inactivity/activity.js'
import { Inactivity } from '../../../src/dispatcher/inactivity/inactivity.js'
import { messageWriter, readershipOf } from '../../../src/dispatcher/message-writer.js'
import { type NotificationPayload, payloadOf } from '../../../src/dispatcher/notification.js'
import { QuotaLedger } from '../../../src/dispatcher/quota-ledger.js'
import type { Receipt } from '../../../src/dispatcher/receipt.js'
import { RevisionRules } from '../../../src/dispatcher/revision-rules.js'
import { buildTables } from '../../../src/dispatcher/tables.js'
import { openDeliveries } from '../../../src/store/deliveries.js'
import type { Delivery } from '../../../src/store/delivery.js'
import { memoryStore } from '../../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../../src/store/store.js'
import { renderJob, TemplateCache } from '../../../src/template/render-job.js'
import { Clock, settled } from '../../delivery/clock.js'
import { documents, loadAll } from '../../resources/kinds/declared.js'
import { everyCatalogue } from '../routing-world.js'
import { storeWith } from '../store-with.js'

export const hour = 3600_000
export const day = 24 * hour

/** What is said of one sending of a digest. */
export interface Sent {
  readonly to: string
  readonly status: 'sent' | 'held' | string
  readonly title: string
  readonly body: string
  readonly link: string | undefined
  readonly digest: DigestContent
  readonly payload: NotificationPayload
  readonly delivery: Delivery
}

/** Dispatcher, digests and inactivity over a store in memory, in processes that can be killed. */
export class DigestWorld {
  readonly clock = new Clock()
  readonly warnings: string[] = []
  /** How many transactions still succeed in this process; the one after is the last thing it does. */
  left = Number.POSITIVE_INFINITY
  /** Whether that one is still written. */
  writesLast = false
  /** Nothing can be written for now. */
  isFull = false
  readonly #store = memoryStore()
  #process = 0
  #rules!: RevisionRules
  #generation = 0
  readonly #chunk: number
  digests!: Digests
  inactivity!: Inactivity
  quotas!: QuotaLedger
  dispatcher!: Dispatcher
  deliveries!: ReturnType<typeof openDeliveries>

  static async of(texts: readonly string[], options: { chunk?: number; at?: string; customersEnabled?: boolean } = {}) {
    const world = new DigestWorld(options.chunk)
    if (options.at !== undefined) world.clock.jump(Date.parse(options.at) - world.clock.now())
    await world.declare(texts, options)
    world.start()
    await settled()
    return world
  }

  private constructor(chunk = 100) {
    this.#chunk = chunk
  }

  /** Applies another revision. */
  async declare(texts: readonly string[], { customersEnabled = false } = {}): Promise<void> {
    const { resources, problems } = await loadAll({ 'a.yaml': documents(...texts) }, { catalogues: everyCatalogue })
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 1))
    const tables = buildTables(resources, { catalogues: everyCatalogue, customersEnabled })
    const cache = new TemplateCache()
    const onWarning = (message: string) => this.warnings.push(message)
    const renderer = { render: async (job: Parameters<typeof renderJob>[0]) => renderJob(job, cache) }
    this.#generation += 1
    this.#rules = new RevisionRules({
      generation: this.#generation,
      revisionOf: () => 'r1',
      tables,
      known: { recipientOf: () => undefined },
      writer: messageWriter({ renderer, onWarning }, resources, readershipOf(tables)),
    })
    if (this.digests !== undefined) this.digests.apply()
  }

  /** Another process; the one before does nothing more. */
  start(): void {
    this.#process += 1
    this.left = Number.POSITIVE_INFINITY
    const process = this.#process
    const timer: Clock['timer'] = (ms, work) => this.clock.timer(ms, () => process === this.#process && work())
    const { now } = this.clock
    const base = this.#store
    const store = storeWith(base, (...[scopes, work, durability]: Parameters<Store['transact']>) => {
      if (this.#process !== process || this.left < 0) return new Promise(() => {})
      if (this.isFull) return Promise.reject(new StoreUnavailable('full'))
      this.left -= 1
      if (this.left >= 0) return base.transact(scopes, work, durability)
      if (this.writesLast) void base.transact(scopes, work, durability)
      return new Promise(() => {})
    })
    this.deliveries = openDeliveries(store, { now, timer })
    const engine = createEngine({
      deliveries: this.deliveries,
      transports: new Map(),
      now,
      timer,
      random: () => 0.5,
      poolSize: 10,
    })
    let ids = 0
    const onWarning = (message: string) => this.warnings.push(message)
    const eventTypes = () => this.#rules.eventTypes
    const newId = () => `p${process}-${++ids}`
    const shared = { engine, store, types: new Map(), now, timer, newId, maxAgeMs: 7 * day, onWarning }
    const rules = () => this.#rules
    const quotas = new QuotaLedger({
      ...shared,
      quotas: () => this.#rules.tables.quotas,
      tell: async () => {},
    })
    this.quotas = quotas
    this.dispatcher = new Dispatcher({
      ...shared,
      rules,
      quotas,
      fireOperation: async () => 0,
      collectors: [new DigestCollector(rules), new ActivityCollector(eventTypes)],
    })
    this.digests = new Digests({ ...shared, rules, quotas, chunk: this.#chunk })
    const { dispatcher } = this
    this.inactivity = new Inactivity({
      ...shared,
      eventTypes,
      accept: (events, options) => dispatcher.accept(events, options),
    })
    this.dispatcher.start()
    this.digests.start()
    this.inactivity.start()
  }

  /** True when the process ended on the way. */
  get isDead(): boolean {
    return this.left < 0
  }

  /** Undefined when the process ended before it was answered. */
  async post(more: Partial<PostedEvent> & Pick<PostedEvent, 'id' | 'type'>): Promise<Receipt | undefined> {
    const time = new Date(this.clock.now()).toISOString()
    const event: PostedEvent = { time, source: 'ci', payload: {}, ...more }
    const { time: _, ...same } = event
    const accepting = this.dispatcher.accept([{ event, digest: JSON.stringify(same) }]).then(([receipt]) => receipt)
    let receipt: Receipt | undefined
    let isOver = false
    accepting.then(
      (answer) => {
        receipt = answer
        isOver = true
      },
      () => {
        isOver = true
      },
    )
    for (let turn = 0; turn < 50 && !isOver && !this.isDead; turn += 1) await settled(1)
    if (!isOver) return undefined
    await accepting
    return receipt
  }

  /** What has become due is sent, however far the clock was set. */
  async look(): Promise<void> {
    await this.clock.pass(61_000)
    await settled()
  }

  async all(): Promise<Delivery[]> {
    const found: Delivery[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.deliveries.list({}, { limit: 500, ...(after !== undefined && { after }) })
      found.push(...page.items.map(({ delivery }) => delivery))
      if (page.next === undefined) return found
      after = page.next
    }
  }

  /** Digests on record, in order of their periods. */
  async sent(): Promise<Sent[]> {
    const all = await this.all()
    return all
      .filter(({ about }) => about.event === 'callboard.digest')
      .map((delivery): Sent => {
        const payload = payloadOf(delivery)
        const content = payload.message?.event.payload as { readonly digest?: DigestContent } | undefined
        return {
          to: `${payload.channel.name}${payload.user === undefined ? '' : ` ${payload.user}`}`,
          status: delivery.suppressed ?? (payload.held === true ? 'held' : 'sent'),
          title: payload.message?.title ?? '',
          body: payload.message?.body ?? '',
          link: payload.message?.link,
          digest: content?.digest as DigestContent,
          payload,
          delivery,
        }
      })
      .sort((a, b) => a.delivery.created - b.delivery.created || (a.to < b.to ? -1 : 1))
  }

  get keys(): string[] {
    return this.#store.list('').map(([key]) => key)
  }
}
