// Random events, clocks and sudden ends: what is accepted for sending is within the quota of its hour, and what is used up
// is told once.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../../src/delivery/engine.js'
import type { Decision } from '../../src/dispatcher/decision.js'
import { Dispatcher } from '../../src/dispatcher/dispatcher.js'
import { InternalEvents } from '../../src/dispatcher/internal-events.js'
import type { QuotasByNamespace } from '../../src/dispatcher/quota.js'
import { QuotaLedger } from '../../src/dispatcher/quota-ledger.js'
import { RevisionRules } from '../../src/dispatcher/revision-rules.js'
import type { RatedEvent, Rules } from '../../src/dispatcher/rules.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import type { Resource } from '../../src/resources/resource.js'
import { openDeliveries } from '../../src/store/deliveries.js'
import type { Delivery } from '../../src/store/delivery.js'
import { memoryStore } from '../../src/store/memory.js'
import type { Store } from '../../src/store/store.js'
import { Clock, settled } from '../delivery/clock.js'
import { storeWith } from './store-with.js'

const hourMs = 3_600_000
const limit = 10

const by = {
  id: 'Namespace/-/shop',
  kind: 'Namespace',
  namespace: '',
  name: 'shop',
  file: 'ns.yaml',
  line: 1,
} as Resource
const quotas: QuotasByNamespace = new Map([
  [
    'shop',
    {
      by,
      quota: {
        channels: [],
        mocks: undefined,
        deliveriesPerHour: limit,
        events: new Map([['run_completed', { limit: 5, per: 'day' as const }]]),
      },
    },
  ],
])

/** A dispatcher with a ledger over a store in memory, in processes that can be killed. */
class World {
  readonly clock = new Clock()
  readonly #store = memoryStore()
  recipients = 1
  process = 0
  /** Transactions until the process is dead; it hears of none after that. */
  left = Number.POSITIVE_INFINITY
  dispatcher!: Dispatcher
  ledger!: QuotaLedger
  deliveries!: ReturnType<typeof openDeliveries>

  constructor() {
    this.start()
  }

  start(): void {
    this.process += 1
    this.left = Number.POSITIVE_INFINITY
    const { process } = this
    const { now, timer } = this.clock
    const base = this.#store
    const store = storeWith(base, async (...given: Parameters<Store['transact']>) => {
      if (this.process !== process || this.left <= 0) return new Promise(() => {})
      this.left -= 1
      const result = await base.transact(...given)
      // It is on disk, and whoever wrote it dies before they hear of it.
      return this.left > 0 ? result : new Promise(() => {})
    })
    this.deliveries = openDeliveries(store, { now, timer })
    const engine = createEngine({
      deliveries: this.deliveries,
      transports: new Map(),
      now,
      timer,
      random: () => 0.5,
      poolSize: 1,
    })
    const rules = this.#rules()
    const onWarning = () => {}
    this.ledger = new QuotaLedger({
      store,
      quotas: () => quotas,
      now,
      onWarning,
      tell: (notice) => internal.quotaReached(notice),
    })
    const shared = { rules: () => rules, now, onWarning }
    this.dispatcher = new Dispatcher({
      ...shared,
      engine,
      store,
      types: new Map(),
      fireOperation: async () => 0,
      timer,
      maxAgeMs: 1000,
      quotas: this.ledger,
    })
    const accept: Dispatcher['accept'] = (...given) => this.dispatcher.accept(...given)
    const internal = new InternalEvents({ ...shared, accept, newId: () => 'internal' })
    this.ledger.start()
    this.dispatcher.start()
  }

  #rules(): Rules {
    const tables = buildTables(new Map(), { catalogues: ['ai-admin-panel', 'aegisrunner'], customersEnabled: false })
    const known = { recipientOf: () => undefined }
    const writer = { severityOf: async () => 'error' as const, write: async () => [] }
    const rules = new RevisionRules({ generation: 1, revisionOf: () => 'r1', tables, known, writer })
    const decision = (index: number): Decision => ({
      channel: { namespace: '', name: 'ops', type: 'slack' },
      user: { namespace: '', name: `u${index}` },
      outcome: 'send',
      because: 'the test says so',
      recipient: { email: `u${index}@example.com` },
      override: {},
      severity: 'info',
    })
    return {
      generation: 1,
      revision: 'r1',
      eventTypes: rules.eventTypes,
      switchedOff: () => undefined,
      channel: () => undefined,
      reconsider: () => undefined,
      rate: (event) => rules.rate(event),
      route: ({ type }) =>
        Array.from({ length: type.startsWith('quota.') ? 1 : this.recipients }, (_, index) => decision(index)),
      render: async (event: RatedEvent, decisions) =>
        decisions.map(() => ({
          message: { event, severity: 'info', title: 'a', body: '', format: 'rich', action: 'trigger', key: event.id },
        })),
    }
  }

  post(id: string, more: object = {}): Promise<unknown> {
    const event = {
      id,
      type: 'deploy.success',
      time: '2026-01-01T00:00:00Z',
      source: 'ci',
      namespace: 'shop',
      payload: {},
      ...more,
    }
    return this.dispatcher.accept([{ event, digest: id }])
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

  /** Those that are to be sent, by the hour in which they were accepted, and how often each level was told of. */
  async seen() {
    const sent = new Map<number, number>()
    const told = new Map<string, number>()
    let refused = 0
    for (const { about, created, suppressed } of await this.all()) {
      const hour = Math.floor(created / hourMs)
      if (String(about.event).startsWith('quota.')) {
        const notice = String(about.eventId)
        told.set(notice, (told.get(notice) ?? 0) + 1)
      } else if (suppressed === 'quota') refused += 1
      else sent.set(hour, (sent.get(hour) ?? 0) + 1)
    }
    return { sent, told, refused }
  }
}

type Step =
  | { readonly do: 'post'; readonly people: number; readonly at_once: number }
  | { readonly do: 'pass'; readonly minutes: number }
  | { readonly do: 'restart' }
  | { readonly do: 'die'; readonly after: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('post' as const),
        people: fc.integer({ min: 1, max: 6 }),
        at_once: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 50 }) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('die' as const), after: fc.integer({ min: 0, max: 3 }) }) },
  ),
  { minLength: 3, maxLength: 25 },
)

describe('a quota of deliveries', () => {
  it('is never exceeded, is used up before anything is refused, and is told of once for each hour and level', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = new World()
        let posted = 0
        for (const step of all) {
          if (step.do === 'post') {
            world.recipients = step.people
            for (let count = 0; count < step.at_once; count += 1) {
              posted += 1
              // Nobody hears of it when the process dies meanwhile.
              world.post(`e${posted}`).catch(() => {})
            }
          } else if (step.do === 'pass') world.clock.jump(step.minutes * 60_000)
          else if (step.do === 'restart') world.start()
          else {
            world.left = step.after
            world.recipients = 3
            posted += 1
            world.post(`e${posted}`).catch(() => {})
            await settled(10)
            world.start()
          }
          await settled(10)
        }
        // What nobody had time to tell is told by the process that lives.
        world.start()
        await settled(20)
        const { sent, told, refused } = await world.seen()
        for (const count of sent.values()) expect(count).toBeLessThanOrEqual(limit)
        if (refused > 0) expect([...sent.values()]).toContain(limit)
        expect([...told.values()].filter((count) => count !== 1)).toEqual([])
        const lastHour = Math.floor(world.clock.now() / hourMs)
        const used = sent.get(lastHour) ?? 0
        const levels = [...told.keys()]
          .filter((id) => id.includes(`:hour${lastHour}:`))
          .map((id) => Number(id.split(':').at(-1)))
        expect(levels.includes(100)).toBe(used >= limit)
        if (used < limit) expect(levels.includes(80)).toBe(used * 10 >= limit * 8)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('is told of without counting what tells of it, and in the hour after that begins anew', async () => {
    const world = new World()
    for (let count = 1; count <= 13; count += 1) await world.post(`e${count}`)
    await settled(20)
    expect(await world.seen()).toMatchObject({ refused: 3 })
    const [use] = world.ledger.uses()
    expect(use).toMatchObject({ quota: 'deliveries', used: 10, refused: 3, limit: 10 })
    const events = (await world.all())
      .map(({ about }) => about.event)
      .filter((event) => String(event).startsWith('quota.'))
    expect(events.sort()).toEqual(['quota.exceeded', 'quota.warning'])
    const [suppressed] = (await world.all()).filter((one) => one.suppressed === 'quota')
    expect(JSON.stringify(suppressed?.payload)).toContain(
      'Namespace \\"shop\\" (ns.yaml:1) allows 10 deliveries an hour',
    )
    world.clock.jump(hourMs)
    await world.post('e14')
    expect(world.ledger.uses()[0]).toMatchObject({ used: 1, refused: 0 })
  })

  it('what a process that died had no time to tell is told by the next, once', async () => {
    const world = new World()
    world.recipients = limit
    world.left = 1
    world.post('e1').catch(() => {})
    await settled(20)
    expect((await world.seen()).told.size).toBe(0)
    for (const _ of [1, 2]) {
      world.start()
      await settled(20)
      expect([...(await world.seen()).told.values()]).toEqual([1])
    }
  })

  it('a clock that is set back a little gives out nothing twice; one that is set far back begins anew', async () => {
    const world = new World()
    world.recipients = limit
    world.clock.jump(30 * 60_000)
    await world.post('e1')
    world.clock.jump(-45 * 60_000)
    await world.post('e2')
    expect((await world.seen()).refused).toBe(limit)
    world.clock.jump(-5 * hourMs)
    await world.post('e3')
    expect((await world.seen()).refused).toBe(limit)
  })
})

describe('a quota of events', () => {
  it('is warned of at 80 % and 100 % of its period, and refuses nothing', async () => {
    const world = new World()
    const levels = async () =>
      [...(await world.seen()).told.keys()].map((id) => id.split(':').slice(-2).join(' ')).sort()
    for (let count = 1; count <= 3; count += 1) await world.post(`r${count}`, { type: 'run_completed' })
    await settled(20)
    expect(await levels()).toEqual([])
    await world.post('r4', { type: 'run_completed' })
    await settled(20)
    expect((await levels()).map((one) => one.split(' ')[1])).toEqual(['80'])
    for (let count = 5; count <= 8; count += 1) await world.post(`r${count}`, { type: 'run_completed' })
    await settled(20)
    const events = (await world.all()).filter(({ about }) => about.event === 'run_completed')
    expect(events.filter(({ suppressed }) => suppressed !== undefined)).toEqual([])
    expect(world.ledger.uses()[1]).toMatchObject({ quota: 'events run_completed', used: 8, limit: 5 })
    expect((await levels()).filter((one) => one.startsWith('day')).map((one) => one.split(' ')[1])).toEqual([
      '100',
      '80',
    ])
  })
})
