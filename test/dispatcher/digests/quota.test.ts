// A quota where many events are one message by the clock: the digest takes a place, what it is about takes none of its own.

import { describe, expect, it } from 'vitest'
import { settled } from '../../delivery/clock.js'
import { declared } from '../../resources/kinds/declared.js'
import { DigestWorld, day } from './digest-world.js'

const names = ['ann', 'ben', 'cid', 'dan', 'eve']
const people = names.flatMap((name) => [
  declared('User', name, { email: `${name}@example.com`, role: 'admin' }),
  declared('UserBinding', `${name}-mail`, { user: name, channel: 'mail' }),
  declared('Preference', `${name}-digests`, { user: name, digests: { '*': true } }),
])
const declarations = (deliveriesPerHour: number) => [
  declared('Namespace', 'shop', { quota: { deliveriesPerHour } }),
  declared('Channel', 'mail', { type: 'email' }),
  ...people,
  declared('Preference', 'no-singles', { events: { '*': false } }),
  `apiVersion: callboard/v1\nkind: Digest\nmetadata: {name: weekly, namespace: shop}\nspec: {schedule: 0 9 * * 1, timezone: UTC, events: ['run_*']}\n`,
]
/** A Tuesday. */
const at = '2026-03-10T12:00:00Z'

const run = (id: string) => ({
  id,
  type: 'run_completed',
  namespace: 'shop',
  payload: { run: { id, suite_name: 'Checkout', status: 'failed' } },
})

const lastOf = (world: DigestWorld) => world.digests.list()[0]?.state.last
const usedOf = (world: DigestWorld) => world.quotas.uses().map(({ used, refused }) => [used, refused])

describe('a quota and a digest', () => {
  it('gives a place to each message, none to what is gathered, and counts what there is none for', async () => {
    const world = await DigestWorld.of(declarations(3), { at })
    for (const id of ['r1', 'r2', 'r3', 'r4']) await world.post(run(id))
    expect(usedOf(world)).toEqual([[0, 0]])
    world.clock.jump(7 * day)
    await world.look()
    const sent = await world.sent()
    expect(sent.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent', 'quota', 'quota'])
    expect(sent[4]?.payload.because).toContain('allows 3 deliveries an hour')
    expect(usedOf(world)).toEqual([[3, 2]])
    expect(lastOf(world)).toMatchObject({ events: 4, sent: 3, held: 0, suppressed: 2 })
  })

  it.each(
    Array.from({ length: 8 }, (_, after) => [after, true] as const).flatMap((one) => [one, [one[0], false] as const]),
  )('counts each once when the process ends after %i writes, the last of them done: %s', async (after, writes) => {
    const world = await DigestWorld.of(declarations(3), { at, chunk: 1 })
    await world.post(run('r1'))
    world.clock.jump(7 * day)
    world.left = after
    world.writesLast = writes
    await world.look()
    await settled()
    world.start()
    await world.look()
    const sent = await world.sent()
    expect(sent.map(({ status }) => status).sort()).toEqual(['quota', 'quota', 'sent', 'sent', 'sent'])
    expect(usedOf(world)).toEqual([[3, 2]])
    expect(lastOf(world)).toMatchObject({ events: 1, sent: 3, suppressed: 2, empty: 0 })
  })

  it('says so to whoever sends it to one person', async () => {
    const world = await DigestWorld.of(declarations(1), { at })
    await world.post(run('r1'))
    expect(await world.digests.runFor('shop/weekly', 'ann')).toMatchObject([{ outcome: 'send' }])
    expect(await world.digests.runFor('shop/weekly', 'ben')).toMatchObject([{ outcome: 'suppress' }])
  })
})
