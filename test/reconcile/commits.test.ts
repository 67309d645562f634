import { describe, expect, it } from 'vitest'
import { type Commit, SourceError } from '../../src/source/source.js'
import { World } from './world.js'

function commit(letter: string, changes: Partial<Commit> = {}): Commit {
  return {
    id: letter.repeat(40),
    author: { name: 'Ann', email: 'ann@example.com' },
    date: '2026-01-01T00:00:00.000Z',
    subject: `Change ${letter}`,
    ...changes,
  }
}

const revision = (letter: string) => `main@sha1:${letter.repeat(40)}`

/** A world in Git, what it has told of new revisions, and a way to commit to it. */
async function inGit() {
  const seen: [revision: string, isSuspended: boolean][] = []
  const world = new World({ onSeen: ({ revision }, isSuspended) => void seen.push([revision, isSuspended]) })
  const edit = (letter: string, text: string, changes?: Partial<Commit>) => {
    world.source.commit = commit(letter, changes)
    return world.edit({ 'shop/a.yaml': text })
  }
  world.source.commit = commit('a')
  world.source.set({ 'shop/a.yaml': 'mock orders 1' })
  await world.reconciler.start()
  return { world, seen, edit }
}

describe('a revision of Git', () => {
  it('is in the history and the status with what Git says of it, also after a restart', async () => {
    const { world, edit } = await inGit()
    await edit('b', 'mock orders 2', { signer: 'ann@example.com', trailers: [{ key: 'Co-authored-by', value: 'Ben' }] })
    await edit('c', 'error no route')
    const { trailers: _, ...b } = commit('b', { signer: 'ann@example.com' })
    expect(world.reconciler.history.outcomes({ limit: 9 }).items).toMatchObject([
      { outcome: 'rejected', revision: revision('c'), commit: commit('c') },
      { outcome: 'applied', revision: revision('b') },
      { outcome: 'applied', revision: revision('a'), commit: commit('a') },
    ])
    expect(world.reconciler.history.outcomes({ limit: 9 }).items[1]?.commit).toEqual(b)
    const status = { lastAppliedCommit: b, lastAppliedRevision: revision('b') }
    expect(world.reconciler.status()).toMatchObject({ ...status, lastAttemptedCommit: commit('c') })
    const next = world.restart()
    next.source.error = new SourceError('away')
    await next.reconciler.start()
    expect(next.reconciler.status()).toMatchObject({ ...status, lastAttemptedCommit: null, lastSeenCommit: null })
  })

  it('is kept short, whoever wrote it', async () => {
    const { world, edit } = await inGit()
    const long = 'x'.repeat(10_000)
    await edit('b', 'mock orders 2', { subject: long, author: { name: long, email: long }, signer: long })
    expect(JSON.stringify(world.reconciler.status().lastAppliedCommit).length).toBeLessThan(1200)
  })

  it('is told of once, when it is seen, before it is known what it means', async () => {
    const { world, seen, edit } = await inGit()
    expect(seen).toEqual([[revision('a'), false]])
    await edit('b', 'error no route')
    await world.reconciler.pass('anywhere')
    await edit('c', 'mock orders 3')
    expect(seen.slice(1)).toEqual([
      [revision('b'), false],
      [revision('c'), false],
    ])
  })

  it('that the source refuses stalls until there is another, and names the commit', async () => {
    const { world, edit, seen } = await inGit()
    const refused = { revision: revision('b'), commit: commit('b') }
    world.source.error = new SourceError('commit bbbb is not signed', { reason: 'Unverified', refused })
    expect(await world.reconciler.pass('anywhere')).toMatchObject({
      outcome: 'rejected',
      reason: 'Unverified',
      revision: revision('b'),
      commit: commit('b'),
    })
    expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'Unverified' })
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1' })
    expect(world.reconciler.status()).toMatchObject({
      lastSeenRevision: revision('b'),
      lastAppliedRevision: revision('a'),
    })
    expect(seen.at(-1)).toEqual([revision('b'), false])
    world.source.error = undefined
    expect(await edit('c', 'mock orders 3')).toMatchObject({ outcome: 'applied' })
    expect(world.condition('Stalled')).toMatchObject({ status: 'False' })
  })
})

describe('while suspended', () => {
  it('says since when, by whom and why, also after a restart', async () => {
    const { world } = await inGit()
    await world.reconciler.suspend({ by: 'ann', reason: 'freeze' })
    await world.reconciler.suspend({ by: 'ben', reason: 'another' })
    const held = { since: '2026-01-01T00:00:00.000Z', by: 'ann', reason: 'freeze', revision: revision('a') }
    expect(world.reconciler.status().suspension).toEqual(held)
    const next = world.restart()
    await next.reconciler.start()
    expect(next.reconciler.status().suspension).toEqual(held)
  })

  it('sees what is there, and applies none of it', async () => {
    const { world, edit, seen } = await inGit()
    await world.reconciler.suspend()
    expect(await edit('b', 'mock orders 2')).toMatchObject({ outcome: 'suspended', revision: null })
    await edit('c', 'error no route')
    expect(world.resolver.serving).toEqual({ 'shop/orders': '1' })
    expect(world.reconciler.status()).toMatchObject({
      lastSeenRevision: revision('c'),
      lastSeenCommit: commit('c'),
      lastAttemptedRevision: revision('a'),
      problems: [],
    })
    expect(seen.slice(1)).toEqual([
      [revision('b'), true],
      [revision('c'), true],
    ])
    world.source.error = new SourceError('away')
    expect(await world.reconciler.pass('anywhere')).toMatchObject({ outcome: 'suspended' })
  })

  it('as an earlier version noted it, it is so all the same', async () => {
    const { world } = await inGit()
    await world.store.transact(['reconcile/'], (tx) => tx.put('reconcile/suspended', true))
    const next = world.restart()
    await next.reconciler.start()
    expect(next.reconciler.status()).toMatchObject({
      suspended: true,
      suspension: { since: null, by: null, reason: null },
    })
  })
})
