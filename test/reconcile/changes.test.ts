import { describe, expect, it } from 'vitest'
import {
  type ChangedRevision,
  type ChangePort,
  ChangesRefused,
  type PreparedChanges,
} from '../../src/reconcile/change-port.js'
import { StoreUnavailable, type Transaction } from '../../src/store/store.js'
import { World } from './world.js'

/** Remembers what it was told, and writes it down as a transport of deliveries would. */
class FakeChanges implements ChangePort {
  /** Calls and what came of them, in order. */
  readonly log: string[] = []
  revisions: ChangedRevision[] = []
  error: Error | undefined
  /** Why no more can be taken. */
  full: Error | undefined

  async prepare(revision: ChangedRevision): Promise<PreparedChanges | undefined> {
    if (this.error !== undefined) throw this.error
    this.revisions.push(revision)
    const told = revision.changes.map(
      ({ operation, after, before }) => `${revision.generation} ${operation} ${(after ?? before)?.name}`,
    )
    return {
      scopes: ['told/'],
      write: (tx: Transaction) => {
        if (this.full !== undefined) throw this.full
        for (const [index, one] of told.entries()) tx.put(`told/${revision.generation}/${index}`, one)
      },
      commit: () => this.log.push('commit'),
      abandon: () => this.log.push('abandon'),
    }
  }
}

async function serving(files: Readonly<Record<string, string>>) {
  const changes = new FakeChanges()
  const world = await World.serving(files, { changes })
  return { world, changes, told: () => toldIn(world) }
}

const toldIn = ({ store }: World): unknown[] => store.list('told/').map(([, value]) => value)

describe('changes are told', () => {
  it('in the record that makes the revision durable, and are on their way once it is swapped in', async () => {
    const { world, changes, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    expect([changes.revisions, told()]).toEqual([[], []])
    const { records } = world.store
    world.store.onRecord = () => {
      changes.log.push(`recorded ${told().length}`)
    }
    world.resolver.onSwap = () => changes.log.push('swap')
    const outcome = await world.edit({ 'shop/a.yaml': 'mock a 2\nmock b 1' })
    expect(changes.log).toEqual(['recorded 2', 'swap', 'commit'])
    expect(world.store.records).toBe(records + 1)
    expect(told()).toEqual(['2 mock.create b', '2 mock.update a'])
    const { generation, revision, time } = outcome
    expect(changes.revisions).toMatchObject([{ generation, revision, time, plan: { unchanged: 0 } }])
    expect([...(changes.revisions[0]?.resources.keys() ?? [])]).toEqual(['Mock/shop/a', 'Mock/shop/b'])
  })

  it('once: not for the first revision, nor for looking again, nor after a restart', async () => {
    const { world, changes, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    for (const spec of ['2', '1', '2']) await world.edit({ 'shop/a.yaml': `mock a ${spec}` })
    await world.edit({})
    await world.edit({ 'readme.yaml': '' })
    const after = world.restart()
    await after.reconciler.start()
    await after.edit({})
    expect(told()).toEqual(['2 mock.update a', '3 mock.update a', '4 mock.update a'])
    expect(changes.revisions).toHaveLength(3)
    await after.edit({ 'shop/a.yaml': 'mock a 3' })
    expect(told()).toContain('6 mock.update a')
  })

  it('as restored within 90 days after the prune, as created later', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1', 'shop/b.yaml': 'mock b 1' })
    const days = async (count: number) => {
      await world.edit({ 'shop/a.yaml': undefined })
      await world.clock.advance(count * 86_400_000)
      await world.edit({ 'shop/a.yaml': 'mock a 1' })
    }
    await days(90)
    await days(91)
    expect(told()).toEqual(['2 mock.delete a', '3 mock.restore a', '4 mock.delete a', '5 mock.create a'])
  })

  it('never when the record cannot be written: then the revision is not in effect either', async () => {
    const { world, changes, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    changes.full = new StoreUnavailable('5 deliveries wait already; no more are taken')
    expect(await world.edit({ 'shop/a.yaml': 'mock a 2' })).toMatchObject({
      outcome: 'failed',
      reason: 'StoreUnavailable',
      message: '5 deliveries wait already; no more are taken',
    })
    expect(world.resolver.serving).toEqual({ 'shop/a': '1' })
    expect(changes.log).toEqual(['abandon'])
    changes.full = undefined
    await world.edit({})
    expect(world.resolver.serving).toEqual({ 'shop/a': '2' })
    expect(told()).toEqual(['2 mock.update a'])
  })

  it('in bounds: a revision that sets off too much is not applied, and the status says why', async () => {
    const { world, changes } = await serving({ 'shop/a.yaml': 'mock a 1' })
    changes.error = new ChangesRefused('it sets off 7 deliveries to webhooks on changes, more than 6')
    expect(await world.edit({ 'shop/a.yaml': 'mock a 2' })).toMatchObject({ outcome: 'failed' })
    expect(world.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'TooManyDeliveries',
      message: expect.stringMatching(/^it sets off 7 .* goes on serving$/),
    })
    expect(world.resolver.serving).toEqual({ 'shop/a': '1' })
  })

  it('by whoever starts next, when the process ends between the record and the swap', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    world.store.onRecord = () => new Promise(() => {})
    void world.edit({ 'shop/a.yaml': 'mock a 2' })
    while (told().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(world.resolver.serving).toEqual({ 'shop/a': '1' })
    const after = world.restart()
    expect(await after.reconciler.start()).toMatchObject({ outcome: 'unchanged' })
    expect(after.resolver.serving).toEqual({ 'shop/a': '2' })
    expect(told()).toEqual(['2 mock.update a'])
  })
})

describe('over a restored backup', () => {
  it('the first revision is where the telling begins again, whatever has changed meanwhile', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    world.source.files.set('shop/a.yaml', 'mock a 2')
    world.store.epoch = 'second'
    const after = world.restart()
    expect(await after.reconciler.start()).toMatchObject({ outcome: 'applied', generation: 2 })
    expect(told()).toEqual([])
    await after.edit({ 'shop/a.yaml': 'mock a 3' })
    expect(told()).toEqual(['3 mock.update a'])
  })

  it('the next change is told when there was none meanwhile, also after another restart', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1' })
    world.store.epoch = 'second'
    const after = world.restart()
    expect(await after.reconciler.start()).toMatchObject({ outcome: 'unchanged' })
    const again = after.restart()
    await again.reconciler.start()
    await again.edit({ 'shop/a.yaml': 'mock a 2' })
    expect(told()).toEqual(['2 mock.update a'])
  })
})

describe('what could not be served after a restart', () => {
  it('is not told as new when it is served again, because its contents were lost', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1', 'shop/b.yaml': 'mock b 1' })
    for (const { path, hash } of world.reconciler.history.files())
      if (path === 'shop/a.yaml') world.store.lost.add(hash)
    world.source.files.set('shop/c.yaml', 'mock c 1')
    const after = world.restart()
    expect(await after.reconciler.start()).toMatchObject({ outcome: 'applied', message: '2 created, 1 unchanged' })
    expect(told()).toEqual(['2 mock.create c'])
  })

  it('is not told as new when it is served again, because this version did not know it', async () => {
    const { world, told } = await serving({ 'shop/a.yaml': 'mock a 1\nmock new 1', 'shop/b.yaml': 'mock b 1' })
    const after = world.restart()
    after.loader.rejects = (line) => line.startsWith('mock new')
    expect(await after.reconciler.start()).toMatchObject({ outcome: 'rejected' })
    after.loader.rejects = () => false
    expect(await after.edit({})).toMatchObject({ outcome: 'applied', message: '1 created, 2 unchanged' })
    expect(told()).toEqual([])
  })
})
