import { describe, expect, it } from 'vitest'
import { SourceError } from '../../src/source/source.js'
import { gate, World } from './world.js'

const shop = {
  'shop/a.yaml': 'mock orders 1\nmock carts 1',
  'shop/b.yaml': 'payload bill bill.json',
  'bill.json': '{}',
}
const served = { 'shop/orders': '1', 'shop/carts': '1', 'shop/bill': '{}' }

describe('a restart', () => {
  it('over the same contents loads once, reads once and keeps the generation', async () => {
    const before = await World.serving(shop)
    await before.edit({ 'shop/a.yaml': 'mock orders 2' })
    const { records } = before.store
    before.source.hints.length = 0
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'unchanged' })
    expect(world.loader.loads).toBe(1)
    expect(world.source.hints).toEqual(['anywhere'])
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2', 'shop/bill': '{}' })
    expect(world.resolver.swaps).toBe(1)
    expect(world.resolver.generation).toBe(2)
    expect(world.store.records).toBe(records)
    expect(world.reconciler.status()).toMatchObject({
      generation: 2,
      lastAppliedRevision: before.reconciler.status().lastAppliedRevision,
      lastAppliedTime: before.reconciler.status().lastAppliedTime,
    })
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Succeeded' })
  })

  it('while the source is away serves what was applied, and goes on from there', async () => {
    const before = await World.serving(shop)
    const revision = before.reconciler.status().lastAppliedRevision
    before.source.error = new SourceError('there is no folder /config')
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'failed', reason: 'FetchFailed' })
    expect(world.resolver.serving).toEqual(served)
    expect(world.dispatcher.serving).toEqual(served)
    expect(world.reconciler.status()).toMatchObject({ generation: 1, lastAppliedRevision: revision })
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      message: `there is no folder /config. ${revision} goes on serving`,
    })
    world.source.error = undefined
    expect(await world.edit({})).toMatchObject({ outcome: 'unchanged' })
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 1' })).toMatchObject({
      generation: 2,
      message: '1 pruned, 2 unchanged',
    })
  })

  it('serves nothing of files that came and went before it', async () => {
    const before = await World.serving(shop)
    await before.edit({ 'shop/new.yaml': 'mock new 1' })
    await before.edit({ 'shop/new.yaml': 'mock new 2' })
    await before.edit({ 'shop/new.yaml': undefined })
    before.source.error = new SourceError('there is no folder /config')
    const world = before.restart()
    await world.reconciler.start()
    expect(world.resolver.serving).toEqual(served)
  })

  it('while the source is broken serves what was applied', async () => {
    const before = await World.serving(shop)
    before.source.files.set('shop/a.yaml', 'mock orders 2\nerror no route')
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'rejected' })
    expect(world.resolver.serving).toEqual(served)
    expect(world.reconciler.status().generation).toBe(1)
  })

  it('while the source is empty serves what was applied', async () => {
    const before = await World.serving(shop)
    before.source.set({})
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ reason: 'EmptySource' })
    expect(world.resolver.serving).toEqual(served)
  })

  it('over another revision serves the applied one first, then the new one as a change of it', async () => {
    const before = await World.serving(shop)
    before.source.files.set('shop/a.yaml', 'mock orders 2\nmock carts 1')
    const world = before.restart()
    const generations: number[] = []
    world.resolver.onSwap = () => generations.push(world.reconciler.status().generation)
    expect(await world.reconciler.start()).toMatchObject({
      outcome: 'applied',
      generation: 2,
      message: '1 updated, 2 unchanged',
    })
    expect(generations).toEqual([1, 1])
    expect(world.resolver.serving).toEqual({ ...served, 'shop/orders': '2' })
  })

  it('finds a payload file again that only its document makes it look for', async () => {
    const before = await World.serving({ 'shop/a.yaml': 'payload bill hidden/x.yml', 'hidden/x.yml': 'text' })
    before.source.files.set('hidden/x.yml', 'other text')
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(world.resolver.serving).toEqual({ 'shop/bill': 'other text' })
  })

  it('whose payload file has gone meanwhile is an error, not a prune', async () => {
    const before = await World.serving(shop)
    before.source.files.delete('bill.json')
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({
      outcome: 'rejected',
      message: '1 error; the first: shop/b.yaml:1:1 there is no file bill.json',
    })
    expect(world.resolver.serving).toEqual(served)
  })

  for (const away of [false, true]) {
    it(`with a version that rejects a document serves the rest and says so, the source being ${away ? 'away' : 'there'}`, async () => {
      const before = await World.serving(shop)
      const revision = before.reconciler.status().lastAppliedRevision
      if (away) before.source.error = new SourceError('there is no folder /config')
      const world = before.restart()
      world.loader.rejects = (line) => line === 'mock carts 1'
      const outcome = await world.reconciler.start()
      expect(outcome.outcome).toBe(away ? 'failed' : 'rejected')
      expect(world.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/bill': '{}' })
      expect(world.condition('Ready').status).toBe('False')
      expect(world.condition('Ready').message).toContain(
        `${revision} goes on serving, without what this version of Callboard rejects ` +
          '(1 error; the first: shop/a.yaml:2:1 mock carts 1 is not known)',
      )
      expect(world.logged.map(({ message }) => message).join('\n')).toContain('what this version of Callboard rejects')
      world.source.error = undefined
      expect(await world.edit({ 'shop/a.yaml': 'mock orders 1\nmock carts 2' })).toMatchObject({ outcome: 'applied' })
      expect(world.condition('Ready').message).not.toContain('without')
    })
  }

  it('whose kept contents are damaged serves the rest, says so, and keeps them again when they are back', async () => {
    const before = await World.serving(shop)
    const hash = before.reconciler.history.files().find(({ path }) => path === 'shop/a.yaml')?.hash ?? ''
    before.store.lost.add(hash)
    before.source.error = new SourceError('there is no folder /config')
    const world = before.restart()
    await world.reconciler.start()
    expect(world.resolver.serving).toEqual({ 'shop/bill': '{}' })
    expect(world.condition('Ready').message).toContain('missing from the state directory (1; the first: shop/a.yaml)')
    world.source.error = undefined
    expect(await world.edit({})).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(world.resolver.serving).toEqual(served)
    world.source.error = new SourceError('away again')
    const next = world.restart()
    await next.reconciler.start()
    expect(next.resolver.serving).toEqual(served)
  })

  it('that cannot restore anything reports it and still looks at the source', async () => {
    const before = await World.serving(shop)
    const world = before.restart()
    world.resolver.error = new Error('no memory for tables')
    expect(await world.reconciler.start()).toMatchObject({ reason: 'PrepareFailed' })
    world.resolver.error = undefined
    expect(await world.edit({})).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(world.resolver.serving).toEqual(served)
  })

  it('after a crash between record and swap serves what was recorded', async () => {
    const before = await World.serving(shop)
    const crash = gate()
    before.store.onRecord = () => crash.passed
    void before.edit({ 'shop/a.yaml': 'mock orders 2' })
    await before.clock.advance(0)
    expect(before.resolver.serving).toEqual(served)
    before.source.error = new SourceError('there is no folder /config')
    const world = before.restart()
    await world.reconciler.start()
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2', 'shop/bill': '{}' })
    expect(world.reconciler.status().generation).toBe(2)
  })

  it('after a crash before the record serves the revision before', async () => {
    const before = await World.serving(shop)
    const crash = gate()
    before.resolver.gate = () => crash.passed
    void before.edit({ 'shop/a.yaml': 'mock orders 2' })
    await before.clock.advance(0)
    before.source.error = new SourceError('there is no folder /config')
    const world = before.restart()
    await world.reconciler.start()
    expect(world.resolver.serving).toEqual(served)
    expect(world.reconciler.status().generation).toBe(1)
  })

  it('in strict mode goes on serving what has warnings, and holds it', async () => {
    const before = await World.serving({ 'shop/a.yaml': 'mock orders 1\nwarning shadowed' })
    const world = before.restart({ strict: true })
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'rejected' })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1' })
  })
})

describe('suspending', () => {
  it('applies nothing until it is resumed, and then what is there', async () => {
    const world = await World.serving(shop)
    const running = world.reconciler.run()
    expect(await world.reconciler.suspend()).toBe(true)
    expect(await world.reconciler.suspend()).toBe(false)
    expect(world.logged.filter(({ message }) => message === 'applying is suspended')).toHaveLength(1)
    expect(world.reconciler.status().suspended).toBe(true)
    expect(world.condition('Reconciling')).toEqual({
      status: 'False',
      reason: 'Suspended',
      message: 'suspended: nothing is applied until `callboard resume`',
    })
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 2' })).toMatchObject({ outcome: 'suspended', revision: null })
    expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'suspended' })
    expect(world.resolver.serving).toEqual(served)
    expect(await world.reconciler.resume()).toBe(true)
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2', 'shop/bill': '{}' })
    expect(await world.reconciler.resume()).toBe(false)
    expect(world.reconciler.status().suspended).toBe(false)
    await world.reconciler.close()
    await running
  })

  it('outlives a restart, which serves what was applied and looks no further', async () => {
    const before = await World.serving(shop)
    await before.reconciler.suspend()
    before.source.files.set('shop/a.yaml', 'mock orders 2')
    before.source.hints.length = 0
    const world = before.restart()
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'suspended' })
    expect(world.source.hints).toEqual([])
    expect(world.resolver.serving).toEqual(served)
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'LastGood' })
    expect(world.condition('Reconciling')).toMatchObject({ reason: 'Suspended' })
    const running = world.reconciler.run()
    await world.reconciler.resume()
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2', 'shop/bill': '{}' })
    const next = world.restart()
    expect(next.reconciler.status().suspended).toBe(false)
    await world.reconciler.close()
    await running
  })

  it('holds a pass that has not recorded yet; once it is answered, nothing is applied any more', async () => {
    const world = await World.serving(shop)
    const slow = gate()
    world.resolver.gate = () => slow.passed
    const passing = world.edit({ 'shop/a.yaml': 'mock orders 2' })
    await world.clock.advance(0)
    const suspended = world.reconciler.suspend()
    await world.clock.advance(0)
    slow.open()
    expect(await suspended).toBe(true)
    expect(await passing).toMatchObject({ outcome: 'suspended' })
    expect(world.resolver.serving).toEqual(served)
    expect(world.condition('Reconciling')).toMatchObject({ reason: 'Suspended' })
  })

  it('keeps what is known about the revision that was looked at last', async () => {
    const world = await World.serving(shop)
    await world.edit({ 'shop/a.yaml': 'error no route' })
    await world.reconciler.suspend()
    await world.reconciler.pass('anywhere')
    expect(world.reconciler.status().problems).toHaveLength(1)
    expect(world.condition('Ready')).toMatchObject({ reason: 'ValidationFailed' })
  })

  it('is not done when it cannot be recorded', async () => {
    const world = await World.serving(shop)
    world.store.unavailable = true
    await expect(world.reconciler.suspend()).rejects.toThrow('no space left on device')
    expect(world.reconciler.status().suspended).toBe(false)
  })
})
