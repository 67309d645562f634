import { afterEach, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/reconcile/history.js'
import { SourceError } from '../../src/source/source.js'
import { turn } from './clock.js'
import { gate, World } from './world.js'

const shop = { 'shop/a.yaml': 'mock orders 1', 'shop/b.yaml': 'mock carts 1', 'shop/c.yaml': 'mock bills 1' }

let stop: (() => Promise<void>) | undefined
afterEach(async () => {
  await stop?.()
  stop = undefined
})

async function running(files: Readonly<Record<string, string>> = shop): Promise<World> {
  const world = await World.serving(files)
  const run = world.reconciler.run()
  stop = async () => {
    await world.reconciler.close()
    await run
  }
  await turn()
  world.source.hints.length = 0
  return world
}

function write(world: World, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) world.source.files.set(path, text)
  world.trigger.look(new Set(Object.keys(files)))
}

describe('a pass', () => {
  it('takes one changed file at once', async () => {
    const world = await running()
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    expect(world.clock.now()).toBe(0)
    expect(world.resolver.serving['shop/orders']).toBe('2')
    expect(world.source.hints).toEqual([new Set(['shop/a.yaml'])])
  })

  it('takes several changed files together, after 20 ms of quiet', async () => {
    const world = await running()
    write(world, { 'shop/a.yaml': 'mock orders 2', 'shop/b.yaml': 'mock carts 2' })
    await world.clock.advance(10)
    write(world, { 'shop/c.yaml': 'mock bills 2' })
    await world.clock.advance(19)
    expect(world.resolver.swaps).toBe(1)
    await world.clock.advance(1)
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2', 'shop/carts': '2', 'shop/bills': '2' })
    expect(world.resolver.swaps).toBe(2)
  })

  it('takes several changed files after 250 ms, however busy it is, and the rest in the next', async () => {
    const world = await running()
    write(world, { 'shop/a.yaml': 'mock orders 2', 'shop/b.yaml': 'mock carts 2' })
    for (let at = 0; at < 30; at++) {
      await world.clock.advance(10)
      write(world, { 'shop/c.yaml': `mock bills ${at}` })
    }
    expect(world.resolver.serving).toMatchObject({ 'shop/orders': '2', 'shop/carts': '2' })
    await world.clock.advance(250)
    expect(world.resolver.serving['shop/bills']).toBe('29')
  })

  it('does not wait for the same file again: that is the other half of one save', async () => {
    const world = await running()
    const slow = gate()
    world.source.gate = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock ord' })
    await turn()
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    world.source.gate = undefined
    slow.open()
    await turn()
    expect(world.clock.now()).toBe(0)
    expect(world.outcomes.at(-1)).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(world.resolver.serving['shop/orders']).toBe('2')
    expect(world.resolver.swaps).toBe(2)
  })

  it('waits for other files that change while it reads, so that they go live together', async () => {
    const world = await running()
    const slow = gate()
    world.source.gate = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    write(world, { 'shop/b.yaml': 'mock carts 2' })
    world.source.gate = undefined
    slow.open()
    await world.clock.advance(19)
    expect(world.resolver.swaps).toBe(1)
    await world.clock.advance(1)
    expect(world.resolver.swaps).toBe(2)
    expect(world.resolver.serving).toMatchObject({ 'shop/orders': '2', 'shop/carts': '2' })
  })

  it('loses nothing that changes while it records', async () => {
    const world = await running()
    const slow = gate()
    world.store.onRecord = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    write(world, { 'shop/b.yaml': 'mock carts 2' })
    world.store.onRecord = undefined
    slow.open()
    await turn()
    await turn()
    expect(world.resolver.serving).toMatchObject({ 'shop/orders': '2', 'shop/carts': '2' })
    expect(world.reconciler.status().generation).toBe(3)
  })

  it('shows that it is under way', async () => {
    const world = await running()
    const slow = gate()
    world.source.gate = () => slow.passed
    const passing = world.reconciler.pass('anywhere')
    await turn()
    expect(world.condition('Reconciling')).toMatchObject({ status: 'True', reason: 'Progressing' })
    slow.open()
    await passing
    expect(world.condition('Reconciling')).toMatchObject({ status: 'False', reason: 'Succeeded' })
  })
})

describe('asking to reconcile', () => {
  it('is answered with what the look came to', async () => {
    const world = await running()
    world.source.files.set('shop/a.yaml', 'mock orders 2')
    expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'applied', generation: 2 })
  })

  it('in the middle of a read is answered by one that began after it', async () => {
    const world = await running()
    const slow = gate()
    world.source.gate = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    world.source.files.set('shop/a.yaml', 'mock orders 3')
    const asked = world.reconciler.reconcile()
    world.source.gate = undefined
    slow.open()
    await world.clock.advance(20)
    expect(await asked).toMatchObject({ revision: world.source.revision })
    expect(world.resolver.serving['shop/orders']).toBe('3')
  })

  it('while a pass records is answered by the pass after it', async () => {
    const world = await running()
    const slow = gate()
    world.store.onRecord = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    world.source.files.set('shop/a.yaml', 'mock orders 3')
    let answer: Outcome | undefined
    const asked = world.reconciler.reconcile().then((outcome) => {
      answer = outcome
    })
    const next = gate()
    world.store.onRecord = () => next.passed
    slow.open()
    await turn()
    expect(world.resolver.serving['shop/orders']).toBe('2')
    expect(answer).toBeUndefined()
    next.open()
    await asked
    expect(answer).toMatchObject({ outcome: 'applied', generation: 3, revision: world.source.revision })
  })

  it('is answered however often files change after it', async () => {
    const world = await running()
    let edits = 0
    // Something changes during each record, so that something is always pending when a pass ends.
    world.store.onRecord = () => {
      if (edits < 20) write(world, { 'shop/b.yaml': `mock carts x${edits++}` })
    }
    world.source.files.set('shop/a.yaml', 'mock orders 2')
    const outcome = await world.reconciler.reconcile()
    expect(outcome).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(edits).toBeLessThan(20)
  })

  it('of many at once makes one pass', async () => {
    const world = await running()
    const outcomes = await Promise.all([1, 2, 3].map(() => world.reconciler.reconcile()))
    expect(new Set(outcomes).size).toBe(1)
    expect(world.source.hints).toEqual(['anywhere'])
  })

  it('is answered with the failure when the look fails', async () => {
    const world = await running()
    world.loader.error = new Error('loader')
    expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'failed', reason: 'InternalError' })
  })

  it('during the first look is answered by a look of its own', async () => {
    const world = new World()
    world.source.set(shop)
    const slow = gate()
    world.source.gate = () => slow.passed
    const started = world.reconciler.start()
    await turn()
    world.source.files.set('shop/a.yaml', 'mock orders 2')
    const asked = world.reconciler.reconcile()
    const run = world.reconciler.run()
    world.source.gate = undefined
    slow.open()
    await started
    await asked
    expect(world.resolver.serving['shop/orders']).toBe('2')
    await world.reconciler.close()
    await run
  })
})

describe('closing', () => {
  it('lets the pass in progress end, and begins no other', async () => {
    const world = await World.serving(shop)
    const run = world.reconciler.run()
    const slow = gate()
    world.store.onRecord = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    let closed = false
    const closing = world.reconciler.close().then(() => {
      closed = true
    })
    write(world, { 'shop/b.yaml': 'mock carts 2' })
    await turn()
    expect(closed).toBe(false)
    slow.open()
    await closing
    await run
    expect(world.resolver.serving).toMatchObject({ 'shop/orders': '2', 'shop/carts': '1' })
    const { records } = world.store
    expect(await world.reconciler.pass('anywhere')).toMatchObject({ outcome: 'failed', reason: 'Closed' })
    expect(world.store.records).toBe(records)
  })

  it('answers everybody who has asked, and who asks later', async () => {
    const world = await World.serving(shop)
    const run = world.reconciler.run()
    const slow = gate()
    world.store.onRecord = () => slow.passed
    write(world, { 'shop/a.yaml': 'mock orders 2' })
    await turn()
    const asked = world.reconciler.reconcile()
    const closing = world.reconciler.close()
    slow.open()
    await closing
    await run
    expect(await asked).toMatchObject({ outcome: 'failed', reason: 'Closed' })
    expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'failed', reason: 'Closed' })
  })
})

describe('a source that fails', () => {
  it('is asked again less and less often, down to the longest time between two looks', async () => {
    const world = await World.serving(shop, { longestRetryMs: 30_000 })
    const run = world.reconciler.run()
    stop = async () => {
      await world.reconciler.close()
      await run
    }
    const looks = (): number => world.source.hints.length
    world.source.error = new SourceError('away')
    await world.reconciler.reconcile()
    for (const seconds of [5, 10, 20, 30, 30]) {
      const before = looks()
      await world.clock.advance(seconds * 1000 - 1)
      expect(looks()).toBe(before)
      await world.clock.advance(1)
      expect(looks()).toBe(before + 1)
    }
    world.source.error = undefined
    await world.clock.advance(30_000)
    expect(world.condition('Ready').status).toBe('True')
    world.source.error = new SourceError('away again')
    const before = looks()
    await world.reconciler.reconcile()
    await world.clock.advance(5_000)
    expect(looks()).toBe(before + 2)
  })
})
