import { describe, expect, it } from 'vitest'
import { Conditions } from '../../src/reconcile/conditions.js'
import { SourceError } from '../../src/source/source.js'
import { World } from './world.js'

const dayMs = 86_400_000
const shop = { 'shop/a.yaml': 'mock orders 1\nmock carts 1' }

async function changesOf(world: World, files: Record<string, string | undefined>) {
  return (await world.edit(files)).changes
}

describe('the history of revisions', () => {
  it('tells what each revision changed', async () => {
    const world = await World.serving(shop)
    await world.edit({ 'shop/a.yaml': 'mock orders 2\nmock bills 7' })
    const { items } = world.reconciler.history.outcomes({ limit: 10 })
    expect(items.map(({ generation, message }) => [generation, message])).toEqual([
      [2, '1 created, 1 updated, 1 pruned'],
      [1, '2 created'],
    ])
    expect(items[0]?.changes).toEqual([
      { operation: 'create', kind: 'Mock', namespace: 'shop', name: 'bills' },
      { operation: 'update', kind: 'Mock', namespace: 'shop', name: 'orders' },
      { operation: 'prune', kind: 'Mock', namespace: 'shop', name: 'carts' },
    ])
  })

  it('tells where a move came from, declared or seen', async () => {
    const world = await World.serving({ ...shop, 'top.yaml': 'mock first 1' })
    expect(await changesOf(world, { 'shop/a.yaml': 'renamed orders purchases 2\nmock carts 1' })).toEqual([
      { operation: 'move', kind: 'Mock', namespace: 'shop', name: 'purchases', from: 'shop/orders' },
    ])
    expect(world.resolver.lastPlan?.move[0]?.declared).toBe(true)
    expect(await changesOf(world, { 'top.yaml': undefined, 'till/a.yaml': 'mock first 1' })).toEqual([
      { operation: 'move', kind: 'Mock', namespace: 'till', name: 'first', from: 'first' },
    ])
  })

  it('calls a mock that returns within 90 days of its prune restored, and later created', async () => {
    const world = await World.serving(shop)
    const only = 'mock orders 1'
    const back = { 'shop/a.yaml': 'mock orders 1\nmock carts 9' }
    const operations = async (files: Record<string, string>) =>
      (await changesOf(world, files)).map(({ operation, name }) => `${operation} ${name}`)
    expect(await operations({ 'shop/a.yaml': only })).toEqual(['prune carts'])
    await world.clock.advance(90 * dayMs)
    expect(await operations(back)).toEqual(['restore carts'])
    // It is there again: another prune counts from its own time.
    expect(await operations({ 'shop/a.yaml': only })).toEqual(['prune carts'])
    await world.clock.advance(90 * dayMs + 1)
    expect(await operations(back)).toEqual(['create carts'])
  })

  it('remembers prunes over a restart, and forgets old ones', async () => {
    const before = await World.serving(shop)
    await before.edit({ 'shop/a.yaml': 'mock orders 1' })
    const world = before.restart()
    await world.reconciler.start()
    expect(await changesOf(world, { 'shop/a.yaml': 'mock orders 1\nmock carts 1' })).toMatchObject([
      { operation: 'restore', name: 'carts' },
    ])
    await world.edit({ 'shop/a.yaml': 'mock carts 1\nmock b 5' })
    await world.clock.advance(91 * dayMs)
    await world.edit({ 'shop/a.yaml': 'mock b 5' })
    expect(world.store.list('reconcile/tombstone/').map(([key]) => key)).toEqual([
      'reconcile/tombstone/Mock/shop/carts',
    ])
  })

  it('keeps the latest 200 outcomes, over restarts too, and gives them in pages, newest first', async () => {
    let world = await World.serving(shop)
    for (let count = 2; count <= 150; count++) await world.edit({ 'shop/a.yaml': `mock orders ${count}` })
    world = world.restart()
    await world.reconciler.start()
    for (let count = 151; count <= 230; count++) await world.edit({ 'shop/a.yaml': `mock orders ${count}` })
    const generations: (number | null)[] = []
    let before: number | undefined
    let pages = 0
    do {
      const page = world.reconciler.history.outcomes({ limit: 60, ...(before === undefined ? {} : { before }) })
      generations.push(...page.items.map(({ generation }) => generation))
      before = page.next
      pages++
    } while (before !== undefined)
    expect(pages).toBe(4)
    expect(generations).toEqual(Array.from({ length: 200 }, (_, index) => 230 - index))
  })

  it('gives no next page after the last', async () => {
    const world = await World.serving(shop)
    await world.edit({ 'shop/a.yaml': 'mock orders 2' })
    expect(world.reconciler.history.outcomes({ limit: 2 }).next).toBeUndefined()
    expect(world.reconciler.history.outcomes({ limit: 1 }).next).toBe(2)
    expect(world.reconciler.history.outcomes({ limit: 5, before: 2 }).items).toHaveLength(1)
    expect(world.reconciler.history.outcomes({ limit: 5, before: 1 })).toEqual({ items: [] })
  })

  it('records a failure that repeats once, over a restart too, and a different one anew', async () => {
    const before = await World.serving(shop)
    before.source.error = new SourceError('there is no folder /config')
    for (let look = 0; look < 5; look++) await before.reconciler.pass('anywhere')
    const world = before.restart()
    await world.reconciler.start()
    const reasons = () => world.reconciler.history.outcomes({ limit: 10 }).items.map(({ reason }) => reason)
    expect(reasons()).toEqual(['FetchFailed', 'Succeeded'])
    world.source.error = undefined
    await world.edit({ 'shop/a.yaml': 'error one' })
    await world.edit({ 'shop/a.yaml': 'error one' })
    await world.edit({ 'shop/a.yaml': 'error two' })
    expect(reasons()).toEqual(['ValidationFailed', 'ValidationFailed', 'FetchFailed', 'Succeeded'])
  })

  it('keeps no look that found nothing new', async () => {
    const world = await World.serving(shop)
    await world.edit({})
    await world.reconciler.suspend()
    await world.edit({})
    expect(world.reconciler.history.outcomes({ limit: 10 }).items).toHaveLength(1)
  })

  it('keeps at most 200 problems of a revision, errors first', async () => {
    const world = await World.serving(shop)
    const lines = [...Array.from({ length: 250 }, () => 'warning odd'), 'error broken']
    const outcome = await world.edit({ 'shop/a.yaml': lines.join('\n') })
    expect(outcome.problems).toHaveLength(200)
    expect(outcome.problems[0]?.severity).toBe('error')
    expect(world.reconciler.status().problems).toHaveLength(200)
  })
})

describe('a condition', () => {
  it('keeps its transition time while its status stays, and tells every reason', () => {
    let now = 0
    const conditions = new Conditions(() => new Date(now))
    const at = () => Date.parse(conditions.get('Ready')?.lastTransitionTime ?? '')
    expect(conditions.list().map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'Unknown'],
      ['Reconciling', 'False'],
      ['Stalled', 'False'],
    ])
    now = 1_000
    conditions.set('Ready', 'False', 'FetchFailed', 'away', 0)
    expect(at()).toBe(1_000)
    now = 2_000
    conditions.set('Ready', 'False', 'ValidationFailed', '1 error', 3)
    expect(at()).toBe(1_000)
    expect(conditions.get('Ready')).toMatchObject({
      reason: 'ValidationFailed',
      message: '1 error',
      observedGeneration: 3,
    })
    now = 3_000
    conditions.set('Ready', 'True', 'Succeeded', '', 4)
    expect(at()).toBe(3_000)
  })

  it('says since when a revision is held, however often it is looked at', async () => {
    const world = await World.serving(shop)
    await world.clock.advance(1_000)
    await world.edit({ 'shop/a.yaml': 'error one' })
    await world.clock.advance(1_000)
    await world.edit({ 'shop/a.yaml': 'error two' })
    expect(world.reconciler.conditions.get('Ready')).toMatchObject({
      status: 'False',
      lastTransitionTime: '2026-01-01T00:00:01.000Z',
      observedGeneration: 1,
    })
  })
})

describe('the files of earlier revisions', () => {
  it('can be told for fifty generations back, over restarts too', async () => {
    let world = await World.serving({ ...shop, 'shop/b.yaml': 'mock extra 1' })
    const told = new Map([[1, world.reconciler.history.files()]])
    for (let count = 2; count <= 60; count++) {
      const odd = count % 2 === 1
      await world.edit({
        'shop/a.yaml': `mock orders ${count}\nmock carts 1`,
        'shop/b.yaml': odd ? `mock extra ${count}` : undefined,
      })
      told.set(count, world.reconciler.history.files())
      if (count === 30) {
        world = world.restart()
        await world.reconciler.start()
      }
    }
    const { history } = world.reconciler
    for (const [generation, files] of told) {
      const expected = generation >= 60 - 50 ? files : undefined
      expect([generation, history.filesOf(generation)]).toEqual([generation, expected])
    }
    expect(history.filesOf(61)).toBeUndefined()
    const kept = new Set(history.earlierContents())
    for (const { hash } of told.get(11) ?? [])
      expect(kept.has(hash) || history.files().some((one) => one.hash === hash)).toBe(true)
  })
})
