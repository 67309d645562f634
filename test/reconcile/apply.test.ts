import { describe, expect, it } from 'vitest'
import { SourceError } from '../../src/source/source.js'
import { aProblem } from './fake-loader.js'
import { mocks, World } from './world.js'

const shop = { 'shop/a.yaml': 'mock orders 1\nmock carts 1' }

describe('applying a revision', () => {
  it('serves what is declared, on all targets, as generation 1', async () => {
    const world = await World.serving(shop)
    const outcome = world.outcomes.at(-1)
    expect(outcome).toMatchObject({ outcome: 'applied', generation: 1, reason: 'Succeeded', message: '2 created' })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/carts': '1' })
    expect(world.dispatcher.serving).toEqual(world.resolver.serving)
    expect(world.reconciler.status()).toMatchObject({
      generation: 1,
      lastAppliedRevision: world.source.revision,
      lastAttemptedRevision: world.source.revision,
      lastAppliedTime: '2026-01-01T00:00:00.000Z',
    })
    expect(world.reconciler.applied.size).toBe(2)
  })

  it('raises the generation with each revision, also one that changes no resource, and not without one', async () => {
    const world = await World.serving(shop)
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 2\nmock carts 1' })).toMatchObject({
      outcome: 'applied',
      generation: 2,
      message: '1 updated, 1 unchanged',
    })
    expect(await world.edit({})).toMatchObject({ outcome: 'unchanged', generation: null })
    expect(await world.edit({ 'shop/b.yaml': '' })).toMatchObject({ outcome: 'applied', generation: 3, changes: [] })
    expect(world.reconciler.status().generation).toBe(3)
  })

  it('has its record in the store before any target swaps, and swaps all targets in one turn', async () => {
    const world = new World()
    world.source.set(shop)
    const seen: string[] = []
    world.store.onRecord = () => {
      seen.push(`recorded; serving ${world.resolver.generation}, ${world.dispatcher.generation}`)
    }
    world.resolver.onSwap = () => {
      const applied = world.reconciler.history.applied()
      seen.push(`resolver swaps; recorded ${applied?.generation}`)
      queueMicrotask(() => seen.push('next turn'))
    }
    world.dispatcher.onSwap = () => seen.push('dispatcher swaps')
    await world.reconciler.start()
    expect(seen).toEqual(['recorded; serving 0, 0', 'resolver swaps; recorded 1', 'dispatcher swaps', 'next turn'])
  })

  it('has the contents in the store before the record that names them', async () => {
    const world = new World()
    world.source.set(shop)
    let kept = 0
    world.store.onRecord = () => {
      kept = [...world.reconciler.history.files()].filter(({ hash }) => world.store.contents.has(hash)).length
    }
    await world.reconciler.start()
    expect(kept).toBe(1)
  })

  it('changes no target when one cannot prepare, says which, and tries again by itself', async () => {
    const world = await World.serving(shop)
    world.dispatcher.error = new Error('no memory for tables')
    const outcome = await world.edit({ 'shop/a.yaml': 'mock orders 2' })
    expect(outcome).toMatchObject({ outcome: 'failed', reason: 'PrepareFailed', generation: null })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/carts': '1' })
    expect(world.dispatcher.serving).toEqual(world.resolver.serving)
    expect(world.reconciler.history.applied()?.generation).toBe(1)
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'PrepareFailed' })
    expect(world.condition('Ready').message).toContain('the dispatcher cannot take it: no memory for tables')
    world.dispatcher.error = undefined
    const running = world.reconciler.run()
    await world.clock.advance(5_000)
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2' })
    expect(world.dispatcher.serving).toEqual(world.resolver.serving)
    await world.reconciler.close()
    await running
  })

  it('swaps nothing while the store takes no record, and applies once it does', async () => {
    const world = await World.serving(shop)
    world.store.unavailable = true
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 2' })).toMatchObject({
      outcome: 'failed',
      reason: 'StoreUnavailable',
      message: 'no space left on device',
    })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/carts': '1' })
    expect(world.reconciler.status().generation).toBe(1)
    world.store.unavailable = false
    const running = world.reconciler.run()
    await world.clock.advance(5_000)
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2' })
    expect(world.reconciler.status().generation).toBe(2)
    await world.reconciler.close()
    await running
  })

  it('reads the payload files that documents name, also when they are named for the first time', async () => {
    const world = await World.serving({ 'shop/a.yaml': 'payload orders body.json', 'body.json': '{"id":1}' })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '{"id":1}' })
    await world.edit({ 'body.json': '{"id":2}' })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '{"id":2}' })
    expect(await world.edit({ 'body.json': undefined })).toMatchObject({
      outcome: 'rejected',
      message: '1 error; the first: shop/a.yaml:1:1 there is no file body.json',
    })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '{"id":2}' })
  })

  it('drops the contents of earlier revisions now and then', async () => {
    const world = await World.serving(shop)
    for (let count = 2; count <= 64; count++) await world.edit({ 'shop/a.yaml': `mock orders ${count}` })
    expect(world.reconciler.status().generation).toBe(64)
    const kept = [...world.reconciler.history.files()].map(({ hash }) => hash)
    expect([...(world.store.retained ?? [])].slice(0, kept.length)).toEqual(kept)
    // Fifty that came before can still be told; of those only one file was another.
    expect(world.store.retained?.size).toBe(kept.length + 50)
  })

  it('is not disturbed by a listener that throws', async () => {
    const world = new World({
      onOutcome: () => {
        throw new Error('listener')
      },
    })
    world.source.set(shop)
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'applied' })
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 2' })).toMatchObject({ outcome: 'applied', generation: 2 })
  })
})

describe('a revision that is not applied', () => {
  it('holds everything back for one error, and the last good one goes on', async () => {
    const world = await World.serving(shop)
    const good = world.source.revision
    const outcome = await world.edit({ 'shop/a.yaml': 'mock orders 2', 'shop/b.yaml': 'warning first\nerror no route' })
    expect(outcome).toMatchObject({ outcome: 'rejected', generation: null, reason: 'ValidationFailed' })
    expect(outcome.message).toBe('1 error; the first: shop/b.yaml:2:1 no route')
    expect(outcome.problems.map(({ severity }) => severity)).toEqual(['error', 'warning'])
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/carts': '1' })
    expect(world.condition('Ready')).toEqual({
      status: 'False',
      reason: 'ValidationFailed',
      message: `1 error; the first: shop/b.yaml:2:1 no route. ${good} goes on serving`,
    })
    expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'ValidationFailed' })
    expect(world.reconciler.status()).toMatchObject({
      lastAppliedRevision: good,
      lastAttemptedRevision: world.source.revision,
    })
    await world.edit({ 'shop/b.yaml': undefined })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '2' })
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Succeeded' })
    expect(world.condition('Stalled')).toMatchObject({ status: 'False' })
    expect(world.reconciler.status().problems).toEqual([])
  })

  it('is not made by warnings', async () => {
    const world = await World.serving({ 'shop/a.yaml': 'mock orders 1\nwarning shadowed' })
    expect(world.outcomes.at(-1)).toMatchObject({ outcome: 'applied' })
    expect(world.reconciler.status().problems).toHaveLength(1)
    world.loader.late = [aProblem({ severity: 'warning', message: 'late' })]
    world.reconciler.addWarnings()
    world.reconciler.addWarnings()
    expect(world.reconciler.status().problems.map(({ message }) => message)).toEqual(['shadowed', 'late'])
    await world.edit({ 'shop/a.yaml': 'mock orders 2' })
    expect(world.reconciler.status().problems).toEqual([])
  })

  it('is made by warnings in strict mode, also by those that come late', async () => {
    const world = new World({ strict: true })
    world.source.set({ 'shop/a.yaml': 'mock orders 1\nwarning shadowed' })
    world.loader.late = [aProblem({ severity: 'warning' })]
    expect(await world.reconciler.start()).toMatchObject({ outcome: 'rejected', reason: 'ValidationFailed' })
    expect(world.outcomes.at(-1)?.message).toContain('2 warnings, which strict mode does not accept')
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 1' })).toMatchObject({ outcome: 'rejected' })
    expect(world.condition('Ready').message).toMatch(/Nothing is served$/)
    world.reconciler.addWarnings()
    expect(world.reconciler.status().problems).toHaveLength(1)
    world.loader.late = []
    expect(await world.edit({})).toMatchObject({ outcome: 'applied' })
  })

  it('counts documents that are not ours', async () => {
    const world = await World.serving({ ...shop, 'other.yaml': 'foreign\nforeign' })
    expect(world.reconciler.status().unmanaged).toBe(2)
  })

  it('is refused when a document was ours in the applied revision and is not any more', async () => {
    const world = await World.serving({ ...shop, 'till/a.yaml': 'mock last 1' })
    expect(await world.edit({ 'till/a.yaml': 'foreign' })).toMatchObject({
      outcome: 'rejected',
      message: '1 error; the first: till/a.yaml:1:1 Mock/till/last is not ours any more',
    })
    const next = world.restart()
    expect(await next.reconciler.start()).toMatchObject({ outcome: 'rejected' })
    expect(next.resolver.serving).toEqual({ 'shop/orders': '1', 'shop/carts': '1', 'till/last': '1' })
  })

  it('is refused as a whole when the source is empty, however little was applied', async () => {
    const world = await World.serving(shop)
    expect(await world.edit({ 'shop/a.yaml': undefined })).toMatchObject({ outcome: 'failed', reason: 'EmptySource' })
    expect(Object.keys(world.resolver.serving)).toHaveLength(2)
    const empty = new World()
    expect(await empty.reconciler.start()).toMatchObject({ outcome: 'failed', reason: 'EmptySource' })
    expect(empty.resolver.swaps).toBe(0)
  })

  it('is refused when its files declare nothing any more, until that is allowed', async () => {
    const world = await World.serving(shop)
    const outcome = await world.edit({ 'shop/a.yaml': '' })
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'NothingDeclared' })
    expect(outcome.message).toBe(
      'the source declares nothing, and all 2 applied resources would be pruned. ' +
        `If that is meant: callboard reconcile --allow-prune ${world.source.revision}`,
    )
    const running = world.reconciler.run()
    const allowed = await world.reconciler.reconcile({ allowPrune: world.source.revision })
    expect(allowed).toMatchObject({ outcome: 'applied', message: '2 pruned' })
    await world.reconciler.close()
    await running
  })

  it('is allowed by a line at the end of the message of its own commit', async () => {
    const world = await World.serving(shop)
    const commit = {
      id: 'a'.repeat(40),
      author: { name: 'Ann', email: 'a@b' },
      date: '2026-01-01T00:00:00.000Z',
      subject: 'x',
    }
    world.source.commit = { ...commit, trailers: [{ key: 'Callboard-Allow-Prune', value: 'no' }] }
    const refused = await world.edit({ 'shop/a.yaml': '' })
    expect(refused).toMatchObject({ outcome: 'rejected', reason: 'NothingDeclared' })
    expect(refused.message).toContain('or a commit whose message ends with "Callboard-Allow-Prune: yes"')
    world.source.commit = { ...commit, trailers: [{ key: 'callboard-allow-prune', value: 'Yes' }] }
    expect(await world.reconciler.pass('anywhere')).toMatchObject({ outcome: 'applied', message: '2 pruned' })
  })

  it('is no matter of the first start, when nothing is applied', async () => {
    const world = await World.serving({ 'other.yaml': 'foreign' })
    expect(world.outcomes.at(-1)).toMatchObject({ outcome: 'applied', message: 'no resources are declared' })
  })

  it('is never a missing root', async () => {
    const world = await World.serving(shop)
    world.source.error = new SourceError('there is no folder /config')
    expect(await world.reconciler.pass('anywhere')).toMatchObject({
      outcome: 'failed',
      reason: 'FetchFailed',
      revision: null,
      message: 'there is no folder /config',
    })
    expect(Object.keys(world.resolver.serving)).toHaveLength(2)
    expect(world.condition('Stalled')).toMatchObject({ status: 'False' })
    world.source.error = undefined
    expect(await world.reconciler.pass('anywhere')).toMatchObject({ outcome: 'unchanged' })
    expect(world.condition('Ready')).toMatchObject({ status: 'True' })
  })

  it('does not end the passes when something fails that nobody thought of', async () => {
    const world = await World.serving(shop)
    world.loader.error = new TypeError('undefined is not a function')
    expect(await world.edit({ 'shop/a.yaml': 'mock orders 2' })).toMatchObject({
      outcome: 'failed',
      reason: 'InternalError',
    })
    world.loader.error = undefined
    expect(await world.edit({})).toMatchObject({ outcome: 'applied' })
  })

  it('is logged once, however often it is looked at', async () => {
    const world = await World.serving(shop)
    world.source.error = new SourceError('there is no folder /config')
    for (let look = 0; look < 5; look++) await world.reconciler.pass('anywhere')
    expect(world.logged.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(world.clock.sleeping).toBe(1)
  })

  it('is logged when it is over, also when nothing had to be applied for that', async () => {
    const world = await World.serving(shop)
    const before = world.logged.length
    await world.reconciler.pass('anywhere')
    world.source.error = new SourceError('there is no folder /config')
    await world.reconciler.pass('anywhere')
    world.source.error = undefined
    for (let look = 0; look < 3; look++) await world.reconciler.pass('anywhere')
    expect(world.logged.slice(before)).toEqual([
      { level: 'error', message: 'there is no folder /config' },
      { level: 'info', message: 'in step again: the applied revision is what the source has' },
    ])
  })
})

describe('the deletion budget of a revision', () => {
  const twenty = { 'shop/a.yaml': mocks(10, 'a'), 'shop/b.yaml': mocks(10, 'b') }

  it('holds it, shows by how much, and names the command that lets it through', async () => {
    const world = await World.serving(twenty)
    const outcome = await world.edit({ 'shop/a.yaml': mocks(1, 'a'), 'shop/b.yaml': mocks(8, 'b') })
    const { revision } = world.source
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'DeletionBudgetExceeded' })
    expect(outcome.message).toBe(
      '11 of 20 resources would be pruned, at most 10 may be. ' +
        `If that is meant: callboard reconcile --allow-prune ${revision}`,
    )
    expect(world.reconciler.status().deletionBudget).toEqual({
      revision,
      excesses: [{ namespace: undefined, pruned: 11, applied: 20, allowed: 10 }],
    })
    expect(Object.keys(world.resolver.serving)).toHaveLength(20)
    expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'DeletionBudgetExceeded' })
    await world.edit({ 'shop/a.yaml': mocks(10, 'a') })
    expect(world.reconciler.status().deletionBudget).toBeNull()
  })

  it('lets half go, and what moves', async () => {
    const world = await World.serving(twenty)
    expect(await world.edit({ 'shop/a.yaml': undefined })).toMatchObject({ message: '10 pruned, 10 unchanged' })
    expect(await world.edit({ 'shop/b.yaml': undefined, 'till/b.yaml': mocks(10, 'b') })).toMatchObject({
      outcome: 'applied',
      message: '10 moved',
    })
  })

  for (const [name, permission] of [
    ['its full revision', (revision: string) => revision],
    ['the beginning of its hash', (revision: string) => revision.slice('sha256:'.length, 'sha256:'.length + 7)],
  ] as const) {
    it(`gives way to a permission by ${name}, for that revision and once`, async () => {
      const world = await World.serving(twenty)
      const running = world.reconciler.run()
      await world.edit({ 'shop/a.yaml': mocks(1, 'a'), 'shop/b.yaml': mocks(1, 'b') })
      const allowPrune = permission(world.source.revision)
      expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'rejected' })
      // Another revision is not meant.
      world.source.files.set('shop/b.yaml', mocks(2, 'b'))
      expect(await world.reconciler.reconcile({ allowPrune })).toMatchObject({ outcome: 'rejected' })
      world.source.files.set('shop/b.yaml', mocks(1, 'b'))
      expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'applied' })
      expect(Object.keys(world.resolver.serving)).toHaveLength(2)
      // After a revert, the same revision has to be allowed again.
      world.source.set(twenty)
      expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'applied' })
      world.source.set({ 'shop/a.yaml': mocks(1, 'a'), 'shop/b.yaml': mocks(1, 'b') })
      expect(await world.reconciler.reconcile()).toMatchObject({ outcome: 'rejected' })
      await world.reconciler.close()
      await running
    })
  }
})
