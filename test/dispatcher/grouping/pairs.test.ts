import { describe, expect, it } from 'vitest'
import { channel, FloodWorld } from './flood-world.js'

const down = 'service.health.down'
const up = 'service.health.recovered'
const plain = [channel('')]
const grouped = [channel('group: {by: [event], wait: 30s, interval: 5m}')]

describe('what ends something', () => {
  it('follows what was sent, under the same key', async () => {
    const world = await FloodWorld.of(plain)
    await world.post(world.event('a', down, { service: 'x' }))
    await world.post(world.event('b', up, { service: 'x' }))
    await world.clock.pass(1000)
    expect(world.said).toEqual([`${down} a`, `${up} b (resolve)`])
    const [failure, recovery] = world.sent
    const [first, second] = world.payloads()
    expect(second?.message?.key).toBe(first?.message?.key)
    expect(second?.message?.follows).toBe(failure?.id)
    expect([first?.begins, recovery?.about.eventId]).toEqual([true, 'b'])
  })

  it.each([
    ['nothing was sent of', undefined],
    ['something else was sent of', { service: 'y' }],
  ])('is not sent to whom %s it', async (_, before) => {
    const world = await FloodWorld.of(plain)
    if (before !== undefined) await world.post(world.event('a', down, before))
    await world.post(world.event('b', up, { service: 'x' }))
    await world.clock.pass(1000)
    expect((await world.log()).at(-1)).toBe('b: suppressed unpaired')
  })

  it('is not sent twice', async () => {
    const world = await FloodWorld.of(plain)
    for (const [id, type] of [
      ['a', down],
      ['b', up],
      ['c', up],
    ] as const)
      await world.post(world.event(id, type))
    await world.clock.pass(1000)
    expect(world.said).toEqual([`${down} a`, `${up} b (resolve)`])
  })

  it('is not sent where what it ends could not be', async () => {
    const world = await FloodWorld.of(plain, { takes: ({ about }) => about.event !== down })
    await world.post(world.event('a', down))
    await world.clock.pass(1000)
    await world.post(world.event('b', up))
    await world.clock.pass(1000)
    expect(await world.log()).toEqual(['a: dead_letter rejected', 'b: suppressed unpaired'])
  })

  it('follows what arrived, where the first message of its group did not', async () => {
    let isTaken = false
    const world = await FloodWorld.of(grouped, { takes: () => isTaken })
    await world.post(world.event('a', down))
    await world.clock.pass(301_000)
    isTaken = true
    await world.post(world.event('b', down))
    await world.clock.pass(301_000)
    await world.post(world.event('c', up))
    await world.clock.pass(301_000)
    expect(world.said).toEqual([`${down} b`, `${up} c (resolve)`])
    expect(world.payloads()[1]?.needs).toBe(world.sent[0]?.id)
  })

  it('is news of its own where its type stands alone', async () => {
    const world = await FloodWorld.of([
      ...plain,
      'kind: Preference\nmetadata: {name: p}\nspec: {events: {backup.success: true}}',
    ])
    await world.post(world.event('a', 'backup.success'))
    await world.clock.pass(1000)
    expect(world.said).toEqual(['backup.success a (resolve)'])
  })

  it('is not kept back by the least severity, where what it ends was sent', async () => {
    const world = await FloodWorld.of([...plain, 'kind: Preference\nmetadata: {name: p}\nspec: {minSeverity: error}'])
    for (const [id, type] of [
      ['a', down],
      ['b', up],
      ['c', up],
    ] as const) {
      await world.post(world.event(id, type, { severity: type === down ? 'error' : 'info' }))
    }
    await world.clock.pass(1000)
    expect(await world.log()).toEqual(['a: delivered', 'b: delivered', 'c: suppressed min_severity'])
    expect(world.payloads()[1]?.because).toMatch(
      /^Preference "p".* says minSeverity: error, .*; sent all the same, for/,
    )
  })

  it('is paired by the place in the payload that the type names', async () => {
    const world = await FloodWorld.of([
      ...plain,
      'kind: EventType\nmetadata: {name: disk.full}\nspec: {key: disk.id, sample: {disk: {id: a}}}',
      'kind: EventType\nmetadata: {name: disk.free}\nspec: {key: disk.id, resolves: [disk.full], sample: {disk: {id: a}}}',
    ])
    const disk = (id: string) => ({ payload: { disk: { id } } })
    await world.post(world.event('a', 'disk.full', disk('one')), world.event('b', 'disk.full', disk('two')))
    await world.post(world.event('c', 'disk.free', disk('two')), world.event('d', 'disk.free', disk('three')))
    await world.clock.pass(1000)
    expect(await world.log()).toEqual(['a: delivered', 'b: delivered', 'c: delivered', 'd: suppressed unpaired'])
  })

  it('knows after a restart what was sent', async () => {
    const world = await FloodWorld.of(plain)
    await world.post(world.event('a', down))
    await world.clock.pass(1000)
    await world.start()
    await world.post(world.event('b', up))
    await world.clock.pass(1000)
    expect(world.said).toEqual([`${down} a`, `${up} b (resolve)`])
  })
})

describe('in a group', () => {
  const at = (world: FloodWorld, id: string, type: string) =>
    world.post(world.event(id, type, { service: id.slice(1) }))

  it('the incident is the group: it is over when the last of it is', async () => {
    const world = await FloodWorld.of(grouped)
    for (const id of ['ax', 'ay']) await at(world, id, down)
    await world.clock.pass(31_000)
    await at(world, 'bx', up)
    await world.clock.pass(301_000)
    await at(world, 'by', up)
    await world.clock.pass(301_000)
    expect(world.said).toEqual([`2 × ${down} since 00:00 UTC, 2 services`, `${up} bx`, `${up} by (resolve)`])
    expect(new Set(world.payloads().map(({ message }) => message?.key)).size).toBe(1)
    expect(world.payloads()[2]?.message?.follows).toBe(world.sent[0]?.id)
  })

  it('what is over before anything was said is not said', async () => {
    const world = await FloodWorld.of(grouped)
    await at(world, 'ax', down)
    await at(world, 'bx', up)
    await world.clock.pass(31_000)
    expect(await world.log()).toEqual([
      'ax: suppressed grouped',
      'bx: suppressed grouped',
      'message of 2: suppressed recovered',
    ])
  })

  it('what has begun and ended beside something that goes on is said with it', async () => {
    const world = await FloodWorld.of(grouped)
    for (const [id, type] of [
      ['ax', down],
      ['ay', down],
      ['bx', up],
    ] as const)
      await at(world, id, type)
    await world.clock.pass(31_000)
    expect(world.said).toEqual(['3 × events since 00:00 UTC, 2 services'])
    expect(world.payloads()[0]?.message).toMatchObject({ action: 'trigger', severity: 'error' })
  })

  it('goes nowhere where nothing was said of its beginning', async () => {
    const world = await FloodWorld.of(grouped)
    await at(world, 'bx', up)
    await world.clock.pass(31_000)
    expect(await world.log()).toEqual(['bx: suppressed unpaired'])
  })

  it('of what a summary said, the summary hears', async () => {
    const world = await FloodWorld.of([channel('storm: {count: 1, per: 1m}')])
    for (const id of ['ax', 'ay', 'az']) await at(world, id, down)
    await world.clock.pass(61_000)
    for (const id of ['bx', 'by', 'bz']) await at(world, id, up)
    await world.clock.pass(61_000)
    expect(world.said).toEqual([
      `${down} ax`,
      `2 × ${down} above the rate since 00:00 UTC, 2 services`,
      `${up} bx (resolve)`,
      `2 × ${up} above the rate since 00:01 UTC, 2 services (resolve)`,
    ])
  })
})

describe('what is not over', () => {
  it('is said again, so often, and not after its end', async () => {
    const world = await FloodWorld.of([channel('remind: {every: 10m, atMost: 2}')])
    await world.post(world.event('a', down))
    await world.clock.pass(3_600_000)
    expect(world.said).toEqual([`${down} a`, `Still: ${down} a`, `Still: ${down} a`])
    await world.post(world.event('b', up), world.event('c', down, { service: 'x' }))
    await world.post(world.event('d', up, { service: 'x' }))
    await world.clock.pass(3_600_000)
    expect(world.said.slice(3)).toEqual([`${up} b (resolve)`, `${down} c`, `${up} d (resolve)`])
  })

  it('is said again by what its type says, in a group as well, and after a restart', async () => {
    const types = [
      'kind: EventType\nmetadata: {name: disk.full}\nspec: {remind: {every: 1h}}',
      'kind: EventType\nmetadata: {name: disk.free}\nspec: {resolves: [disk.full]}',
    ]
    const world = await FloodWorld.of([...grouped, ...types])
    await world.post(world.event('a', 'disk.full'), world.event('b', 'disk.full', { service: 'x' }))
    await world.clock.pass(31_000)
    await world.start()
    await world.clock.pass(3_601_000)
    const first = '2 × disk.full since 00:00 UTC, x'
    expect(world.said).toEqual([first, `Still: ${first}`])
    expect(world.payloads()[1]?.message?.body).toContain('not over after 1h')
  })

  it('is not said again while nobody may be told', async () => {
    const texts = [channel('remind: {every: 10m}')]
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', down))
    await world.clock.pass(1000)
    await world.declare([
      ...texts,
      'kind: Silence\nmetadata: {name: s}\nspec: {match: {event: "service.*"}, until: 2026-01-01T01:05:00Z}',
    ])
    await world.clock.pass(3_600_000)
    expect(world.said).toEqual([`${down} a`])
    await world.clock.pass(900_000)
    expect(world.said).toEqual([`${down} a`, `Still: ${down} a`])
  })
})
