// Deliveries as the control port sees them, over a real engine.

import { expect, it } from 'vitest'
import { createDeliveriesView, createDeliveryOperations, watchDeliveries } from '../src/delivery-views.js'
import { DeliveryWatch } from '../src/delivery-watch.js'
import type { DeliveryFilter, DeliverySummary } from '../src/status/delivery-views.js'
import { settled } from './delivery/clock.js'
import { delivery, failed, ok, World } from './delivery/world.js'

const about = {
  namespace: 'payments',
  mock: 'create-payment',
  callback: 'tell-shop',
  request: 'r1',
  chain: 'c1',
  generation: 3,
  revision: 'sha256:abc',
}

async function open() {
  const watch = new DeliveryWatch()
  const world = await World.start({ observer: watch, breaker: { failures: 1, openMs: 30_000 } })
  const parts = {
    get engine() {
      return world.engine
    },
    watch,
    show: () => undefined,
    place: (mock: { namespace: string; name: string }) => ({ ...mock, file: 'mocks.yaml', line: 7 }),
  }
  const view = createDeliveriesView(parts)
  const ids = async (filter: DeliveryFilter) => (await view.list(filter, { limit: 100 })).items.map(({ id }) => id)
  return { world, watch, view, operations: createDeliveryOperations(parts), ids, happening: watchDeliveries(parts) }
}

it('shows where a delivery comes from, what became of it, and every attempt', async () => {
  const { world, view } = await open()
  world.behaviours.set('https://a.example', (_, attempt) => (attempt === 1 ? failed({ status: 500 }) : ok))
  const one = delivery({ about, retry: { ...delivery().retry, retries: 2 } })
  await world.accept(one)
  const created = new Date(one.created).toISOString()
  const waiting = await view.get(one.id)
  expect(waiting).toMatchObject({
    status: 'retrying',
    namespace: 'payments',
    mock: { namespace: 'payments', name: 'create-payment', file: 'mocks.yaml', line: 7 },
    callback: 'tell-shop',
    request: 'r1',
    chain: 'c1',
    generation: 3,
    revision: 'sha256:abc',
    created,
    finished: null,
    lastError: { class: 'server', message: 'answered 500', status: 500 },
    attemptsUsed: 1,
  })
  expect(Date.parse(waiting?.nextAttempt ?? '')).toBe(world.clock.now() + 1000)
  await world.clock.pass(1000)
  const done = await view.get(one.id)
  expect(done).toMatchObject({ status: 'delivered', nextAttempt: null, lastError: null, attemptsMade: 2 })
  expect(done?.attempts.map(({ number, ok, status, counts }) => ({ number, ok, status, counts }))).toEqual([
    { number: 1, ok: false, status: 500, counts: true },
    { number: 2, ok: true, status: 200, counts: true },
  ])
})

it('shows what is missing as null, and what holds a target', async () => {
  const { world, view, ids } = await open()
  world.behaviours.set('https://a.example', () => failed({ class: 'network', message: 'refused' }))
  const [first, second] = [delivery({ retry: { ...delivery().retry, retries: 2 } }), delivery()]
  await world.accept(first, second)
  expect(await view.get(second.id)).toMatchObject({
    status: 'pending',
    namespace: '',
    mock: null,
    callback: null,
    request: null,
    chain: null,
    generation: null,
    revision: null,
    sent: null,
    held: { reason: 'breaker', until: new Date(world.clock.now() + 30_000).toISOString() },
  })
  expect(await ids({ status: ['held'] })).toEqual([second.id, first.id])
  expect(await ids({ status: ['held', 'dead_letter'], target: 'https://b.example' })).toEqual([])
  expect(await view.get('nothing')).toBeUndefined()
})

it.each<[keyof DeliveryFilter | 'nothing', DeliveryFilter, boolean]>([
  ['nothing', {}, true],
  ['mock', { mock: 'create-payment' }, true],
  ['mock', { mock: 'payments/create-payment' }, true],
  ['mock', { mock: 'payments~create-payment' }, true],
  ['mock', { mock: 'shop/create-payment' }, false],
  ['mock', { mock: 'create-payment', namespace: 'shop' }, false],
  ['mock', { mock: 'payments/create-payment', namespace: 'shop' }, false],
  ['namespace', { namespace: 'payments' }, true],
  ['callback', { callback: 'tell-shop' }, true],
  ['callback', { callback: 'tell' }, false],
  ['request', { request: 'r1' }, true],
  ['request', { request: 'r' }, false],
  ['chain', { chain: 'c1' }, true],
  ['chain', { chain: 'c2' }, false],
  ['revision', { revision: '3' }, true],
  ['revision', { revision: '4' }, false],
  ['revision', { revision: 'sha256:abc' }, true],
  ['revision', { revision: 'sha256:ab' }, false],
  ['kind', { kind: 'callback' }, true],
  ['kind', { kind: 'notification' }, false],
  ['transport', { transport: 'test' }, true],
  ['transport', { transport: 'kafka' }, false],
  ['target', { target: 'https://a.example' }, true],
  ['status', { status: ['delivered', 'held'] }, true],
  ['status', { status: ['pending'] }, false],
  ['since', { since: new Date(Date.UTC(2026, 0, 1)) }, true],
  ['since', { since: new Date(Date.UTC(2026, 0, 1) + 1) }, false],
  ['until', { until: new Date(Date.UTC(2026, 0, 1) + 1) }, true],
  ['until', { until: new Date(Date.UTC(2026, 0, 1)) }, false],
])('filters by %s: %j is %s', async (_, filter, found) => {
  const { world, ids } = await open()
  const one = delivery({ about })
  await world.accept(one)
  expect(await ids(filter)).toEqual(found ? [one.id] : [])
})

it('a page is gathered from as many of the store as it takes, and the next goes on after it', async () => {
  const { world, view } = await open()
  const records = Array.from({ length: 40 }, (_, at) =>
    delivery({ about: { ...about, chain: at % 10 === 0 ? 'x' : 'y' } }),
  )
  await world.accept(...records)
  const wanted = records.filter(({ about: { chain } }) => chain === 'x').map(({ id }) => id)
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await view.list({ chain: 'x' }, { limit: 3, ...(after !== undefined && { after }) })
    expect(page.items.length).toBeLessThanOrEqual(3)
    found.push(...page.items.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  expect(found).toEqual(wanted.reverse())
})

it('finds for each operation what it is for, oldest first', async () => {
  const { world, operations } = await open()
  world.behaviours.set('https://dead.example', () => failed())
  const dead = [delivery({ target: 'https://dead.example' }), delivery({ target: 'https://dead.example' })]
  const later = delivery({ delayMs: 60_000 })
  await world.accept(...dead, later, delivery())
  await world.clock.pass(10)
  expect(await operations.find('requeue', {})).toEqual(dead.map(({ id }) => id))
  expect(await operations.find('cancel', {})).toEqual([later.id])
  expect(await operations.find('fire', { status: ['pending', 'delivered'] })).toEqual([later.id])
  expect(await operations.find('fire', { status: ['delivered'] })).toEqual([])
  expect(await operations.find('fire', { status: ['held'] })).toEqual([])
})

it('changes what can be, and says why not', async () => {
  const { world, operations } = await open()
  world.behaviours.set('https://dead.example', (_, attempt) => (attempt === 1 ? failed() : 'hang'))
  const [dead, later] = [delivery({ target: 'https://dead.example' }), delivery({ delayMs: 60_000 })]
  await world.accept(dead, later)
  expect(await operations.change('cancel', dead.id)).toBe('refused')
  expect(await operations.change('requeue', 'nothing')).toBe('unknown')
  expect(await operations.change('fire', later.id)).toBe('changed')
  await settled()
  expect(world.state(later.id).status).toBe('delivered')
  expect(await operations.change('requeue', dead.id)).toBe('changed')
  await settled()
  expect(await operations.change('fire', dead.id)).toBe('busy')
  expect(await operations.change('cancel', dead.id)).toBe('changed')
  expect(world.state(dead.id).status).toBe('cancelled')
})

it('tells of what is accepted and of every attempt, as it is afterwards', async () => {
  const { world, happening } = await open()
  world.behaviours.set('https://a.example', (_, attempt) => (attempt === 1 ? failed() : ok))
  const told: DeliverySummary[] = []
  const stop = happening((summary) => told.push(summary))
  const one = delivery({ about, retry: { ...delivery().retry, retries: 1 } })
  await world.accept(one)
  await world.clock.pass(1000)
  // A delivery that was there already is not accepted again.
  await world.accept(one)
  stop()
  await world.accept(delivery())
  expect(told.map(({ status, attemptsMade }) => `${status} ${attemptsMade}`)).toEqual([
    'pending 0',
    'retrying 1',
    'delivered 2',
  ])
  // The attempt that has ended is not under way any more.
  expect(told.slice(1).map(({ running }) => running)).toEqual([false, false])
})

it('tells of what becomes part of a transaction once it is on record, and not when it never is', async () => {
  const { world, watch } = await open()
  const told: string[] = []
  watch.listen((id) => told.push(id))
  const [kept, lost] = [delivery({ delayMs: 1000 }), delivery({ delayMs: 1000 })]
  const prepared = world.engine.prepare([lost])
  prepared.abandon()
  await world.transact(world.engine.prepare([kept]))
  await settled()
  expect(told).toEqual([kept.id])
  await world.transact(world.engine.prepare([kept]))
  await settled()
  expect(told).toEqual([kept.id])
})

it('counts by kind, transport and what became of it', async () => {
  const { world, watch } = await open()
  world.behaviours.set('https://dead.example', () => failed({ class: 'timeout', message: 'late' }))
  await world.accept(delivery(), delivery(), delivery({ target: 'https://dead.example', kind: 'change' }))
  expect([...watch.states()]).toEqual([
    { kind: 'callback', transport: 'test', state: 'accepted', count: 2 },
    { kind: 'change', transport: 'test', state: 'accepted', count: 1 },
    { kind: 'callback', transport: 'test', state: 'delivered', count: 2 },
    { kind: 'change', transport: 'test', state: 'dead_letter', count: 1 },
  ])
  expect([...watch.attempts()]).toEqual(
    expect.arrayContaining([
      { kind: 'callback', transport: 'test', class: 'ok', count: 2 },
      { kind: 'change', transport: 'test', class: 'timeout', count: 1 },
    ]),
  )
})

it('counts notifications by channel, and those of channels that are not declared as one', async () => {
  const { world, watch } = await open()
  const told = (channel: string) =>
    delivery({ kind: 'notification', about: { ...about, channel, channelType: 'slack' } })
  await world.accept(told('shop/ops'), told('shop/ops'), told('old'), told('older'))
  const isDeclared = (channel: string) => channel === 'shop/ops'
  const shared = { kind: 'notification', transport: 'test', channelType: 'slack' }
  expect([...watch.states(isDeclared)]).toEqual([
    { ...shared, channel: 'shop/ops', state: 'accepted', count: 2 },
    { ...shared, channel: 'shop/ops', state: 'delivered', count: 2 },
    { ...shared, channel: 'other', state: 'accepted', count: 2 },
    { ...shared, channel: 'other', state: 'delivered', count: 2 },
  ])
  expect([...watch.attempts(isDeclared)]).toEqual([
    { ...shared, channel: 'shop/ops', class: 'ok', count: 2 },
    { ...shared, channel: 'other', class: 'ok', count: 2 },
  ])
})

it('knows when the oldest of those that wait was accepted', async () => {
  const { world } = await open()
  expect(world.engine.oldestWaiting).toBeUndefined()
  const at = Date.UTC(2026, 0, 1)
  const [first, second] = [delivery({ delayMs: 1000, created: at }), delivery({ delayMs: 60_000, created: at + 5 })]
  await world.accept(delivery({ created: at - 9 }), first, second)
  expect(world.engine.oldestWaiting).toBe(at)
  await world.engine.operations.cancel(first.id)
  expect(world.engine.oldestWaiting).toBe(at + 5)
  await world.engine.operations.cancel(second.id)
  expect(world.engine.oldestWaiting).toBeUndefined()
})
