// How sending goes, over a real engine.

import { expect, it } from 'vitest'
import { DeliveryOutcomes } from '../src/delivery-outcomes.js'
import type { Delivery } from '../src/store/delivery.js'
import { type Behaviour, delivery, failed, ok, World } from './delivery/world.js'

const about = { namespace: 'shop', mock: 'pay', callback: 'tell', generation: 3 }
const sender = 'Mock/shop/pay/tell'
const target = 'https://a.example'

class Observed {
  readonly world: World
  outcomes!: DeliveryOutcomes

  constructor(maxSenders?: number) {
    const current = () => this.outcomes
    this.world = new World({
      breaker: { failures: 2, openMs: 30_000 },
      observer: {
        attempted: (one, attempt) => current().attempted(one, attempt),
        changed: (one, state) => current().changed(one, state),
      },
    })
    this.begin(maxSenders)
  }

  /** A process that has seen nothing yet. */
  begin(maxSenders?: number): void {
    const { now } = this.world.clock
    this.outcomes = new DeliveryOutcomes({ now, ...(maxSenders !== undefined && { maxSenders }) })
  }

  async send(answer: Behaviour, fields: Partial<Delivery> = {}): Promise<Delivery> {
    const one = delivery({ about, created: this.world.clock.now(), ...fields })
    this.world.behaviours.set(one.target, answer)
    await this.world.accept(one)
    return one
  }
}

async function observe(maxSenders?: number): Promise<Observed> {
  const observed = new Observed(maxSenders)
  await observed.world.start()
  return observed
}

it('notes what came last, how often it failed since, and since when', async () => {
  const observed = await observe()
  const { world, outcomes } = observed
  const start = world.clock.now()
  expect(outcomes.of(sender)).toBeUndefined()
  await observed.send(() => ok)
  expect(outcomes.of(sender)).toMatchObject({
    lastSuccess: start,
    lastError: undefined,
    failuresInARow: 0,
    since: start,
  })
  await world.clock.pass(1000)
  const first = await observed.send(() => failed({ status: 500 }))
  await world.clock.pass(1000)
  const last = await observed.send(() => failed({ class: 'timeout', message: 'no answer within 30 s' }))
  expect(first.id).not.toBe(last.id)
  expect(outcomes.of(sender)).toEqual({
    lastSuccess: start,
    lastError: {
      at: start + 2000,
      class: 'timeout',
      message: 'no answer within 30 s',
      status: undefined,
      delivery: last.id,
    },
    failuresInARow: 2,
    since: start + 1000,
    generation: 3,
    targets: [{ target, breaker: true, at: start + 2000 }],
    hasMoreTargets: false,
  })
  await world.clock.pass(1000)
  await observed.send(() => ok)
  expect(outcomes.of(sender)).toMatchObject({
    lastSuccess: start + 3000,
    lastError: { delivery: last.id },
    failuresInARow: 0,
    since: start + 3000,
  })
})

it('tells senders apart', async () => {
  const observed = await observe()
  await observed.send(() => ok)
  await observed.send(() => failed(), { about: { ...about, declared: 'Callback' } })
  await observed.send(() => failed(), { about: { ...about, callback: 'other' } })
  const { outcomes } = observed
  expect(outcomes.of(sender)).toMatchObject({ failuresInARow: 0 })
  expect(outcomes.of('Callback/shop/tell')).toMatchObject({ failuresInARow: 1 })
  expect(outcomes.of('Mock/shop/pay/other')).toMatchObject({ failuresInARow: 1 })
})

it('keeps the targets used last, and says that there were more', async () => {
  const observed = await observe()
  for (let number = 1; number <= 12; number += 1) {
    await observed.send(() => ok, { target: `https://${number}.example` })
  }
  await observed.send(() => ok, { target: 'https://5.example' })
  const { targets = [], hasMoreTargets } = observed.outcomes.of(sender) ?? {}
  const numbers = targets.map(({ target }) => Number(/\d+/.exec(target)?.[0]))
  expect(numbers).toEqual([5, 12, 11, 10, 9, 8, 7, 6, 4, 3])
  expect(hasMoreTargets).toBe(true)
})

it('forgets the senders that came first when there are too many', async () => {
  const observed = await observe(2)
  for (const callback of ['a', 'b', 'c']) await observed.send(() => ok, { about: { ...about, callback } })
  const known = ['a', 'b', 'c'].map((name) => observed.outcomes.of(`Mock/shop/pay/${name}`) !== undefined)
  expect(known).toEqual([false, true, true])
})

it('cuts what a receiver may make long', async () => {
  const observed = await observe()
  await observed.send(() => failed({ message: 'x'.repeat(5000) }))
  expect(observed.outcomes.of(sender)?.lastError?.message).toHaveLength(501)
})

it('notes a delivery that is given up without an attempt', async () => {
  const observed = await observe()
  const { world, outcomes } = observed
  world.admit = () => ({ go: false, hold: 'suspend' })
  const one = await observed.send(() => ok, { expires: world.clock.now() + 1000 })
  world.admit = undefined
  await world.clock.pass(2000)
  world.engine.recheck()
  await world.clock.pass(1)
  expect(world.state(one.id)).toMatchObject({ status: 'dead_letter', reason: 'expired', made: 0 })
  expect(outcomes.of(sender)).toMatchObject({
    failuresInARow: 1,
    lastError: { class: 'expired', delivery: one.id },
    targets: [],
  })
})

it('lays no attempt that the end of the process cut off on the target', async () => {
  const observed = await observe()
  await observed.send(() => 'hang')
  const closing = observed.world.engine.close(10)
  await observed.world.clock.pass(2000)
  await closing
  expect(observed.outcomes.of(sender)?.lastError).toBeUndefined()
})

it('finds what was before a restart in the deliveries that are kept', async () => {
  const observed = await observe()
  const { world } = observed
  const start = world.clock.now()
  await observed.send(() => ok)
  await world.clock.pass(1000)
  await observed.send(() => failed())
  await world.clock.pass(1000)
  const last = await observed.send(() => failed({ status: 503 }), { target: 'https://b.example' })
  await world.clock.pass(1000)
  const before = observed.outcomes.of(sender)

  await world.kill()
  observed.begin()
  expect(observed.outcomes.since).toBe(start + 3000)
  await observed.outcomes.restore(world.engine.operations)
  expect(observed.outcomes.of(sender)).toEqual(before)
  expect(before?.lastError?.delivery).toBe(last.id)
  expect(observed.outcomes.since).toBe(start)
})

it('joins what was before with what has happened since', async () => {
  const observed = await observe()
  const { world } = observed
  const start = world.clock.now()
  await observed.send(() => ok)
  await world.clock.pass(1000)
  await observed.send(() => failed())
  await world.clock.pass(1000)
  await world.kill()
  observed.begin()
  const last = await observed.send(() => failed(), { target: 'https://b.example' })
  await observed.outcomes.restore(world.engine.operations)
  expect(observed.outcomes.of(sender)).toMatchObject({
    lastSuccess: start,
    lastError: { at: start + 2000, delivery: last.id },
    failuresInARow: 2,
    since: start + 1000,
    targets: [{ target: 'https://b.example' }, { target }],
  })
  await observed.send(() => ok)
  await observed.outcomes.restore(world.engine.operations)
  expect(observed.outcomes.of(sender)).toMatchObject({ lastSuccess: start + 2000, failuresInARow: 0 })
})

it('a success since the restart ends what failed before it', async () => {
  const observed = await observe()
  const { world } = observed
  await observed.send(() => failed())
  await world.clock.pass(1000)
  await world.kill()
  observed.begin()
  await observed.send(() => ok)
  await observed.outcomes.restore(world.engine.operations)
  const now = world.clock.now()
  expect(observed.outcomes.of(sender)).toMatchObject({
    lastSuccess: now,
    lastError: { class: 'server', at: now - 1000 },
    failuresInARow: 0,
    since: now,
  })
})

it('tries again when what is kept cannot be read, and says so meanwhile', async () => {
  const observed = await observe()
  const { world } = observed
  await observed.send(() => ok)
  await world.clock.pass(1000)
  await world.kill()
  observed.begin()
  await observed.outcomes.restore({ list: () => Promise.reject(new Error('EIO')) })
  expect(observed.outcomes.of(sender)).toBeUndefined()
  expect(observed.outcomes.since).toBe(world.clock.now())
  await observed.outcomes.restore(world.engine.operations)
  expect(observed.outcomes.of(sender)).toMatchObject({ failuresInARow: 0 })
})
