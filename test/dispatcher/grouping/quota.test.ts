// A quota where events are joined, withheld, collapsed, paired and said again: what takes a place is what is sent.

import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../../src/dispatcher/notification.js'
import { channel, FloodWorld } from './flood-world.js'

const down = 'service.health.down'
const up = 'service.health.recovered'

/** Of the namespace that all events here are of. */
const quota = (deliveries: number, namespace = 'shop') =>
  `kind: Namespace\nmetadata: {name: ${namespace}}\nspec: {quota: {deliveriesPerHour: ${deliveries}}}`
const noNotices = `kind: Preference\nmetadata: {name: no-notices}\nspec: {events: {'quota.*': false}}`

const worldOf = (flood: string, deliveries: number, ...more: string[]) =>
  FloodWorld.of([channel(flood), quota(deliveries), noNotices, ...more])

async function post(world: FloodWorld, ...events: readonly (readonly [id: string, type: string, more?: object])[]) {
  for (const [id, type, more] of events) await world.post(world.event(id, type, { namespace: 'shop', ...more }))
}

const usedOf = (world: FloodWorld) =>
  world.quotas.uses().map(({ namespace, used, refused }) => `${namespace}: ${used} used, ${refused} refused`)

/** Without notices that are switched off. */
async function logOf(world: FloodWorld): Promise<string[]> {
  return (await world.log()).filter((line) => !line.endsWith('global_flag'))
}

describe('a quota and events that are joined', () => {
  it('gives a place to their message, and none to them', async () => {
    const world = await worldOf('group: {by: [event], wait: 10s, interval: 10s}', 2)
    await post(world, ['a', 'deploy.failure'], ['b', 'deploy.failure'], ['c', 'deploy.failure'])
    expect(usedOf(world)).toEqual(['shop: 0 used, 0 refused'])
    await world.clock.pass(11_000)
    expect(usedOf(world)).toEqual(['shop: 1 used, 0 refused'])
    expect(world.said).toHaveLength(1)
  })

  it('records the message that there is no place for, and they name it all the same', async () => {
    const world = await worldOf('group: {by: [event], wait: 10s, interval: 10s}', 1)
    await post(world, ['a', 'deploy.success'], ['b', 'deploy.failure'], ['c', 'deploy.failure'])
    await world.clock.pass(11_000)
    expect(await logOf(world)).toEqual([
      'a: suppressed grouped',
      'b: suppressed grouped',
      'c: suppressed grouped',
      'message of 1: delivered',
      'message of 2: suppressed quota',
    ])
    const [, b, c, , refused] = await world.all()
    const { id } = refused?.delivery ?? {}
    expect([b?.delivery.about.message, c?.delivery.about.message]).toEqual([id, id])
    expect(refused && payloadOf(refused.delivery).because).toContain('allows 1 deliveries an hour')
    expect(usedOf(world)).toEqual(['shop: 1 used, 1 refused'])
  })

  it('is that of each of their namespaces, and is not used up for one by another', async () => {
    const world = await worldOf('group: {by: [event], wait: 10s, interval: 10s}', 0)
    await post(world, ['a', 'deploy.failure'], ['b', 'deploy.failure', { namespace: 'bank' }])
    await world.clock.pass(11_000)
    expect(world.said).toEqual(['2 × deploy.failure since 00:00 UTC'])
  })

  it('does not keep what tells of it from being told', async () => {
    const world = await FloodWorld.of([channel('group: {by: [], wait: 10s}'), quota(1), channel('', 'all')])
    for (let index = 0; index < 12; index += 1) await post(world, [`e${index}`, 'deploy.failure'])
    await world.clock.pass(11_000)
    const joined = (await world.all()).filter(({ delivery }) => payloadOf(delivery).events !== undefined)
    expect(joined.map(({ state }) => state.status)).toEqual(['delivered'])
  })

  it('keeps nothing open of a group whose message was refused', async () => {
    const world = await worldOf('group: {by: [service], wait: 10s, interval: 10s}', 1)
    await post(world, ['a', 'deploy.failure', { service: 'y' }])
    await world.clock.pass(11_000)
    await post(world, ['b', down, { service: 'x' }])
    await world.clock.pass(11_000)
    await post(world, ['c', up, { service: 'x' }])
    await world.clock.pass(11_000)
    expect((await logOf(world)).slice(2)).toEqual([
      'b: suppressed grouped',
      'message of 1: suppressed quota',
      'c: suppressed unpaired',
    ])
  })

  it('says the end of what failed again in the hour after', async () => {
    const world = await worldOf('group: {by: [service], wait: 10s, interval: 10s}', 1)
    await post(world, ['a', 'deploy.failure', { service: 'y' }])
    await world.clock.pass(11_000)
    await post(world, ['b', down, { service: 'x' }])
    await world.clock.pass(3_600_000)
    await world.declare([channel('group: {by: [service], wait: 10s, interval: 10s}'), quota(100), noNotices])
    await post(world, ['c', down, { service: 'x' }])
    await world.clock.pass(11_000)
    await post(world, ['d', up, { service: 'x' }])
    await world.clock.pass(11_000)
    expect(world.said.slice(1)).toEqual([`${down} c`, `${up} d (resolve)`])
    const [, failure, recovery] = world.sent
    expect(recovery && payloadOf(recovery).needs).toBe(failure?.id)
  })
})

describe('a quota and a threshold', () => {
  it('gives no place to what is withheld', async () => {
    const world = await worldOf('threshold: {count: 3, within: 5m}', 1)
    await post(world, ['a', 'deploy.failure'], ['b', 'deploy.failure'])
    expect(usedOf(world)).toEqual(['shop: 0 used, 0 refused'])
    await post(world, ['c', 'deploy.failure'], ['d', 'deploy.failure'])
    await world.clock.pass(1000)
    expect(await logOf(world)).toEqual([
      'a: suppressed threshold',
      'b: suppressed threshold',
      'c: delivered',
      'd: suppressed quota',
    ])
  })
})

describe('a quota and a storm', () => {
  it('gives a place to the summary', async () => {
    const world = await worldOf('storm: {count: 2, per: 1m}', 3)
    for (let index = 0; index < 10; index += 1) await post(world, [`e${index}`, 'deploy.failure'])
    expect(usedOf(world)).toEqual(['shop: 2 used, 0 refused'])
    await world.clock.pass(61_000)
    expect(usedOf(world)).toEqual(['shop: 3 used, 0 refused'])
    expect(world.said).toHaveLength(3)
  })
})

describe('a quota and the rate of a storm', () => {
  it.each([
    ['', 'what is sent by itself'],
    ['group: {by: [event, service], wait: 1s, interval: 1s}, ', 'messages of groups'],
  ])('are apart: what the quota refuses is not counted, %sof %s', async (group) => {
    const world = await worldOf(`${group}storm: {count: 2, per: 5h}`, 1)
    for (const service of ['a', 'b', 'c']) {
      await post(world, [service, 'deploy.failure', { service }])
      await world.clock.pass(2000)
    }
    expect(world.said).toEqual(['deploy.failure a'])
    await world.clock.pass(3_600_000)
    await post(world, ['d', 'deploy.failure', { service: 'd' }])
    await world.clock.pass(2000)
    expect(world.said).toEqual(['deploy.failure a', 'deploy.failure d'])
  })

  it('are apart: a reminder that the quota refuses is not counted', async () => {
    const world = await worldOf('remind: {every: 1m, atMost: 20}, storm: {count: 2, per: 5h}', 1)
    await post(world, ['a', down])
    await world.clock.pass(130_000)
    await world.clock.pass(3_600_000)
    await post(world, ['b', 'deploy.failure'])
    expect(world.said.length).toBe(2)
  })
})

describe('a quota and pairs', () => {
  it('does not tell of the end of what it did not let pass', async () => {
    const world = await worldOf('', 1)
    await post(world, ['a', 'deploy.failure'], ['b', down], ['c', up])
    await world.clock.pass(1000)
    expect(await logOf(world)).toEqual(['a: delivered', 'b: suppressed quota', 'c: suppressed unpaired'])
    expect(world.store.list('matter/')).toEqual([])
  })

  it('tells of the end of what was said before it was used up', async () => {
    const world = await worldOf('', 2)
    await post(world, ['a', down], ['b', up], ['c', down], ['d', up])
    await world.clock.pass(1000)
    expect(await logOf(world)).toEqual([
      'a: delivered',
      'b: delivered',
      'c: suppressed quota',
      'd: suppressed unpaired',
    ])
  })

  it('leaves open what was said first where it was said again in vain', async () => {
    const world = await worldOf('', 1)
    await post(world, ['a', down], ['b', down])
    await world.clock.pass(1000)
    await world.declare([channel(''), quota(5), noNotices])
    await post(world, ['c', up])
    await world.clock.pass(1000)
    expect(await logOf(world)).toEqual(['a: delivered', 'b: suppressed quota', 'c: delivered'])
  })
})

describe('a quota and reminders', () => {
  it('gives each a place, and one that there is none for says why', async () => {
    const world = await worldOf('remind: {every: 1m, atMost: 5}', 2)
    await post(world, ['a', down])
    await world.clock.pass(130_000)
    expect(await logOf(world)).toEqual(['a: delivered', 'a: delivered', 'a: suppressed quota'])
    const refused = (await world.all()).at(-1)
    expect(refused && payloadOf(refused.delivery).because).toContain('allows 2 deliveries an hour')
  })
})
