import { describe, expect, it } from 'vitest'
import { createEngine } from '../../src/delivery/engine.js'
import type { Decision } from '../../src/dispatcher/decision.js'
import { Dispatcher, EventConflict, EventsRefused } from '../../src/dispatcher/dispatcher.js'
import type { PostedEvent } from '../../src/dispatcher/events/event.js'
import { payloadOf } from '../../src/dispatcher/notification.js'
import { RevisionRules } from '../../src/dispatcher/revision-rules.js'
import type { RatedEvent, Rules } from '../../src/dispatcher/rules.js'
import { buildTables } from '../../src/dispatcher/tables.js'
import { openDeliveries } from '../../src/store/deliveries.js'
import type { Delivery } from '../../src/store/delivery.js'
import { memoryStore } from '../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { Clock, settled } from '../delivery/clock.js'
import { storeWith } from './store-with.js'

const decision = (user: string | undefined, more: Partial<Decision> = {}): Decision => ({
  channel: { namespace: '', name: 'ops', type: 'slack' },
  ...(user !== undefined && { user: { namespace: '', name: user } }),
  outcome: 'send',
  because: 'the test says so',
  recipient: user === undefined ? {} : { email: `${user}@example.com` },
  override: {},
  severity: 'info',
  ...more,
})

/** A dispatcher over a store in memory, in processes that can be killed. */
class World {
  readonly clock = new Clock()
  decisions: (event: RatedEvent) => readonly Decision[] = () => [decision('ann')]
  /** How many transactions still succeed. */
  left = Number.POSITIVE_INFINITY
  /** How many transactions succeed until the store takes nothing more. */
  takes = Number.POSITIVE_INFINITY
  rendered = 0
  readonly #store = memoryStore()
  process = 0
  dispatcher!: Dispatcher
  deliveries!: ReturnType<typeof openDeliveries>
  readonly #chunk: number

  constructor(chunk = 500) {
    this.#chunk = chunk
    this.start()
  }

  start(): void {
    this.process += 1
    this.left = Number.POSITIVE_INFINITY
    const { process } = this
    const { now, timer } = this.clock
    const base = this.#store
    const store = storeWith(base, (...[scopes, work, durability]: Parameters<Store['transact']>) => {
      if (this.process !== process || this.left <= 0) return new Promise(() => {})
      if (this.takes <= 0) return Promise.reject(new StoreUnavailable('full'))
      this.takes -= 1
      this.left -= 1
      return base.transact(scopes, work, durability)
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
    const rules = this.#rules()
    this.dispatcher = new Dispatcher({
      engine,
      store,
      types: new Map(),
      rules: () => rules,
      fireOperation: async () => 2,
      now,
      timer,
      maxAgeMs: 1000,
      onWarning: () => {},
      chunk: this.#chunk,
    })
    this.dispatcher.start()
  }

  #rules(): Rules {
    const tables = buildTables(new Map(), {
      catalogues: ['ai-admin-panel', 'aegisrunner', 'admin'],
      customersEnabled: false,
    })
    const known = { recipientOf: () => undefined }
    const writer = { severityOf: async () => 'error' as const, write: async () => [] }
    const rules = new RevisionRules({ generation: 7, revisionOf: () => 'r7', tables, known, writer })
    return {
      generation: 7,
      revision: 'r7',
      reconsider: () => undefined,
      eventTypes: rules.eventTypes,
      rate: (event: PostedEvent) => rules.rate(event),
      switchedOff: (id: string) => rules.switchedOff(id),
      channel: () => undefined,
      route: (event: RatedEvent) => this.decisions(event),
      render: async (event: RatedEvent, decisions: readonly Decision[]) => {
        this.rendered += decisions.length
        return decisions.map(({ severity, user }) => ({
          message: {
            event,
            severity,
            title: `for ${user?.name}`,
            body: '',
            format: 'rich' as const,
            action: 'trigger' as const,
            key: event.id,
          },
        }))
      },
    }
  }

  event(more: Partial<PostedEvent> = {}, digest = JSON.stringify(more)) {
    const event = { id: 'e1', type: 'deploy.success', time: '2026-01-01T00:00:00Z', source: 'ci', payload: {}, ...more }
    return { event, digest }
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
}

const people = (count: number) => Array.from({ length: count }, (_, index) => decision(`u${index}`))

describe('an event that is accepted', () => {
  it('is one record with its deliveries, those that are not sent too', async () => {
    const world = new World()
    world.decisions = () => [decision('ann'), decision('ben', { outcome: 'suppress', reason: 'preference' })]
    const [receipt] = await world.dispatcher.accept([world.event()])
    expect(receipt).toMatchObject({
      id: 'e1',
      deliveries: { send: 1, hold: 0, suppress: 1 },
      reasons: { preference: 1 },
      webhooks: 0,
    })
    const all = await world.all()
    expect(all.map(({ about, suppressed }) => [about.user, suppressed]).sort()).toEqual([
      ['ann', undefined],
      ['ben', 'preference'],
    ])
    expect(all.every(({ about }) => about.generation === 7 && about.eventId === 'e1')).toBe(true)
    // Words alone go to persons; what happened is not kept once for each of them.
    expect(all.map((one) => payloadOf(one).message?.event.payload)).toEqual(expect.arrayContaining([null, undefined]))
  })

  it('has the same answer whenever it is posted again, for seven days', async () => {
    const world = new World()
    const [first, second] = await Promise.all([1, 2].map(() => world.dispatcher.accept([world.event()])))
    expect(second).toEqual(first)
    world.start()
    world.decisions = () => []
    world.clock.jump(6 * 24 * 3600 * 1000)
    expect(await world.dispatcher.accept([world.event()])).toEqual(first)
    expect(await world.all()).toHaveLength(1)
    world.clock.jump(3 * 24 * 3600 * 1000)
    expect(await world.dispatcher.accept([world.event()])).not.toEqual(first)
  })

  it('is refused with other contents under its id, and so is the batch that holds it', async () => {
    const world = new World()
    await world.dispatcher.accept([world.event()])
    const batch = [world.event({ id: 'e2' }), world.event({ service: 'api' })]
    await expect(world.dispatcher.accept(batch, { isBatch: true })).rejects.toThrow(EventConflict)
    const twins = [world.event({ id: 'e3' }, 'a'), world.event({ id: 'e3' }, 'b')]
    await expect(world.dispatcher.accept(twins, { isBatch: true })).rejects.toThrow('/1: the id "e3"')
    expect(await world.all()).toHaveLength(1)
    // Twins that are alike are one.
    const alike = [world.event({ id: 'e4' }), world.event({ id: 'e4' })]
    expect(await world.dispatcher.accept(alike, { isBatch: true })).toHaveLength(2)
    expect(await world.all()).toHaveLength(2)
  })

  it('is not accepted at all while the store takes nothing, and is the next time', async () => {
    const world = new World()
    world.takes = 0
    await expect(world.dispatcher.accept([world.event()])).rejects.toThrow(StoreUnavailable)
    world.takes = Number.POSITIVE_INFINITY
    await world.dispatcher.accept([world.event()])
    expect(await world.all()).toHaveLength(1)
  })

  it('of an unknown type is refused with all others of its batch', async () => {
    const world = new World()
    const batch = [
      world.event(),
      world.event({ id: 'e2', type: 'deploy.sucess' }),
      world.event({ type: 'mock.called' }),
    ]
    const error = await world.dispatcher.accept(batch, { isBatch: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EventsRefused)
    expect((error as EventsRefused).problems.map(({ pointer }) => pointer)).toEqual(['/1/type', '/2/type'])
    expect((error as Error).message).toContain('did you mean "deploy.success"?')
    expect(await world.all()).toEqual([])
  })

  it('is one matter with others of the same key: only the first is sent', async () => {
    const world = new World()
    world.decisions = () => [decision('ann', { key: 'run-42' })]
    const [first] = await world.dispatcher.accept([world.event({ type: 'run_failed' })])
    const [second] = await world.dispatcher.accept([world.event({ id: 'e2', type: 'run_completed' })])
    expect([first?.deliveries.send, second?.deliveries, second?.reasons]).toEqual([
      1,
      { send: 0, hold: 0, suppress: 1 },
      { duplicate: 1 },
    ])
    expect(second?.decisions[0]?.because).toContain(String(first?.decisions[0]?.delivery))
  })

  it('of the catalogue admin fires webhooks', async () => {
    const world = new World()
    const [receipt] = await world.dispatcher.accept([world.event({ type: 'license.create' })])
    expect(receipt?.webhooks).toBe(2)
  })
})

describe('an event that reaches very many', () => {
  it('has all its deliveries in the end, in several records', async () => {
    const world = new World(10)
    world.decisions = () => people(35)
    const [receipt] = await world.dispatcher.accept([world.event()])
    expect(receipt).toMatchObject({ deliveries: { send: 35 } })
    await settled(20)
    const all = await world.all()
    expect(new Set(all.map(({ about }) => about.user)).size).toBe(35)
    expect(all.every((one) => payloadOf(one).message?.title === `for ${one.about.user}`)).toBe(true)
  })

  it('killed at any record in between, is continued by the next process, under the same ids', async () => {
    const whole = new World(10)
    whole.decisions = () => people(35)
    await whole.dispatcher.accept([whole.event()])
    await settled(20)
    const ids = (await whole.all()).map(({ id, about }) => [about.user, id.length])
    for (const records of [1, 2, 3]) {
      const world = new World(10)
      world.decisions = () => people(35)
      world.left = records
      await world.dispatcher.accept([world.event()])
      await settled(20)
      expect(await world.all()).toHaveLength(10 * records)
      // What is decided now would be something else: what was decided then holds.
      world.decisions = () => []
      world.start()
      await settled(20)
      expect((await world.all()).map(({ id, about }) => [about.user, id.length]).sort()).toEqual(ids.sort())
      const before = world.rendered
      world.start()
      await settled(20)
      expect(world.rendered).toBe(before)
    }
  })

  it('goes on once the store takes something again', async () => {
    const world = new World(10)
    world.decisions = () => people(25)
    world.takes = 1
    await world.dispatcher.accept([world.event()])
    await settled(20)
    const so = (await world.all()).length
    world.takes = Number.POSITIVE_INFINITY
    await world.clock.pass(5000)
    await settled(20)
    expect(so).toBe(10)
    expect(await world.all()).toHaveLength(25)
  })
})
