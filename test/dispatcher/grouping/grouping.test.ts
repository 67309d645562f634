import { describe, expect, it } from 'vitest'
import { route } from '../../../src/dispatcher/routing.js'
import { channel, FloodWorld } from './flood-world.js'

const down = 'service.health.down'
const up = 'service.health.recovered'

describe('events that are joined', () => {
  const texts = [channel('group: {by: [event], wait: 30s, interval: 5m}')]

  it('are one message with counts once they have waited, and one in each interval after that', async () => {
    const world = await FloodWorld.of(texts)
    for (const id of ['a', 'b', 'c']) await world.post(world.event(id, 'deploy.failure', { service: `s-${id}` }))
    await world.clock.pass(29_000)
    expect(world.said).toEqual([])
    await world.clock.pass(2000)
    expect(world.said).toEqual(['3 × deploy.failure since 00:00 UTC, 3 services'])
    await world.post(world.event('d', 'deploy.failure'), world.event('e', 'deploy.failure'))
    await world.clock.pass(290_000)
    expect(world.said).toHaveLength(1)
    await world.clock.pass(20_000)
    expect(world.said[1]).toBe('2 × deploy.failure since 00:00 UTC')
  })

  it('have a record each that names the message they went into', async () => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'), world.event('b', 'deploy.failure'))
    await world.clock.pass(31_000)
    expect(await world.log()).toEqual(['a: suppressed grouped', 'b: suppressed grouped', 'message of 2: delivered'])
    const [a, b, message] = await world.all()
    expect([a?.delivery.about.message, b?.delivery.about.message]).toEqual([message?.delivery.id, message?.delivery.id])
  })

  it('read as usual where one came alone', async () => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'))
    await world.clock.pass(31_000)
    expect(world.said).toEqual(['deploy.failure a'])
  })

  it('are apart by what they do not have in common', async () => {
    const world = await FloodWorld.of([channel('group: {by: [event, labels.team], wait: 10s}')])
    await world.post(
      world.event('a', 'deploy.failure', { labels: { team: 'x' } }),
      world.event('b', 'deploy.failure', { labels: { team: 'y' } }),
      world.event('c', 'deploy.success', { labels: { team: 'x' } }),
    )
    await world.clock.pass(11_000)
    expect(world.said).toEqual(['deploy.failure a', 'deploy.failure b', 'deploy.success c'])
  })

  it('are one for all when there are more groups than may be open', async () => {
    const world = await FloodWorld.of([channel('group: {by: [service], wait: 10s}')], { limits: { groups: 2 } })
    const posted = ['a', 'b', 'c', 'd'].map((id) => world.event(id, 'deploy.failure', { service: id }))
    await world.post(...posted)
    await world.clock.pass(11_000)
    expect(world.said).toEqual([
      'deploy.failure a',
      'deploy.failure b',
      '2 × deploy.failure since 00:00 UTC, 2 services',
    ])
  })

  it('are sent to a person in the words of their zone', async () => {
    const world = await FloodWorld.of([
      `kind: Channel\nmetadata: {name: mail}\nspec: {type: email, config: {host: mx.example.com, from: a@example.com}, group: {wait: 10s}}`,
      `kind: User\nmetadata: {name: ann}\nspec: {email: ann@example.com, timezone: Europe/Berlin, role: admin}`,
      `kind: UserBinding\nmetadata: {name: ann-mail}\nspec: {user: ann, channel: mail}`,
    ])
    await world.post(world.event('a', 'deploy.failure'), world.event('b', 'deploy.failure'))
    await world.clock.pass(11_000)
    expect(world.said).toEqual(['2 × deploy.failure since 01:00'])
  })
})

describe('what is due when nobody may be told', () => {
  const texts = [channel('group: {wait: 30s, interval: 5m}')]

  it('waits for the end of quiet hours, with what comes meanwhile', async () => {
    const quiet = `kind: Preference\nmetadata: {name: night}\nspec: {quietHours: {from: '00:00', to: '02:00', timezone: UTC}}`
    const world = await FloodWorld.of([...texts, quiet])
    await world.post(world.event('a', 'deploy.failure'))
    await world.clock.pass(3_600_000)
    await world.post(world.event('b', 'deploy.failure'))
    expect(world.said).toEqual([])
    await world.clock.pass(3_700_000)
    expect(world.said).toEqual(['2 × deploy.failure since 00:00 UTC'])
  })

  it.each([
    [
      'a silence',
      `kind: Silence\nmetadata: {name: s}\nspec: {match: {event: 'deploy.*'}, until: 2026-02-01T00:00:00Z}`,
      'silence',
    ],
    ['a preference', `kind: Preference\nmetadata: {name: p}\nspec: {events: {deploy.failure: false}}`, 'global_flag'],
  ])('is recorded as not sent by %s that is new', async (_, text, reason) => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'), world.event('b', 'deploy.failure'))
    await world.declare([...texts, text])
    await world.clock.pass(31_000)
    expect(await world.log()).toEqual([
      'a: suppressed grouped',
      'b: suppressed grouped',
      `message of 2: suppressed ${reason}`,
    ])
  })

  it('is recorded as not sent when the channel is gone', async () => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'))
    await world.declare([channel('', 'other')])
    await world.clock.pass(31_000)
    expect(await world.log()).toEqual(['a: suppressed grouped', 'message of 1: suppressed channel_pruned'])
  })

  it('is said when the channel joins nothing any more', async () => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'))
    await world.declare([channel('')])
    await world.clock.pass(31_000)
    expect(world.said).toEqual(['deploy.failure a'])
  })

  it('goes on collecting while the channel is suspended', async () => {
    const world = await FloodWorld.of([channel('suspend: true, group: {wait: 30s}')])
    await world.post(world.event('a', 'deploy.failure'))
    await world.clock.pass(3_600_000)
    await world.post(world.event('b', 'deploy.failure'))
    expect(await world.log()).toEqual(['a: suppressed grouped', 'b: suppressed grouped'])
    await world.declare(texts)
    await world.clock.pass(61_000)
    expect(world.said).toEqual(['2 × deploy.failure since 00:00 UTC'])
  })

  it('waits no longer because the clock was set back', async () => {
    const world = await FloodWorld.of(texts)
    await world.post(world.event('a', 'deploy.failure'))
    world.clock.jump(-86_400_000)
    await world.clock.pass(61_000)
    expect(world.said).toEqual(['deploy.failure a'])
  })
})

describe('a threshold', () => {
  const texts = [channel('threshold: {count: 3, within: 5m}')]

  it('withholds what has not come so often within the time, and says why', async () => {
    const world = await FloodWorld.of(texts)
    for (const id of ['a', 'b']) await world.post(world.event(id, 'deploy.failure'))
    await world.clock.pass(301_000)
    for (const id of ['c', 'd', 'e', 'f']) await world.post(world.event(id, 'deploy.failure'))
    await world.clock.pass(1000)
    expect(world.said).toEqual(['deploy.failure e', 'deploy.failure f'])
    const why = (await world.all()).filter(({ state }) => state.reason === 'threshold')
    expect(why.map(({ delivery }) => delivery.about.eventId)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is counted for each group by itself', async () => {
    const world = await FloodWorld.of([channel('threshold: {count: 2, within: 5m}, group: {by: [service], wait: 10s}')])
    for (const [id, service] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
    ] as const) {
      await world.post(world.event(id, 'deploy.failure', { service }))
    }
    await world.clock.pass(11_000)
    expect(world.said).toEqual(['1 × deploy.failure since 00:00 UTC, x'])
    expect(world.payloads()[0]?.message?.body).toContain('1 more came before and were withheld')
  })

  it('lets what ends something pass', async () => {
    const world = await FloodWorld.of([channel('threshold: {count: 2, within: 5m}')])
    for (const [id, type] of [
      ['a', down],
      ['b', down],
      ['c', up],
    ] as const)
      await world.post(world.event(id, type))
    await world.clock.pass(1000)
    expect(world.said).toEqual([`${down} b`, `${up} c (resolve)`])
  })
})

describe('a storm', () => {
  it('is one summary in a period, above the rate', async () => {
    const world = await FloodWorld.of([channel('storm: {count: 2, per: 1m}')])
    for (let index = 0; index < 10; index += 1) await world.post(world.event(`e${index}`, 'deploy.failure'))
    await world.clock.pass(61_000)
    expect(world.said).toEqual([
      'deploy.failure e0',
      'deploy.failure e1',
      '8 × deploy.failure above the rate since 00:00 UTC',
    ])
    await world.post(world.event('later', 'deploy.failure'))
    await world.clock.pass(1000)
    expect(world.said[3]).toBe('deploy.failure later')
  })

  it('is counted for each recipient by itself', async () => {
    const person = (name: string) => [
      `kind: User\nmetadata: {name: ${name}}\nspec: {email: ${name}@example.com, role: admin}`,
      `kind: UserBinding\nmetadata: {name: ${name}-mail}\nspec: {user: ${name}, channel: mail}`,
    ]
    const mail = `kind: Channel\nmetadata: {name: mail}\nspec: {type: email, config: {host: mx.example.com, from: a@example.com}, storm: {count: 1, per: 1m}}`
    const world = await FloodWorld.of([mail, ...person('ann'), ...person('ben')])
    for (const id of ['a', 'b']) await world.post(world.event(id, 'deploy.failure'))
    await world.clock.pass(1000)
    expect(world.sent.map(({ about }) => about.user).sort()).toEqual(['ann', 'ben'])
  })

  it('collapses messages of groups, which lead to the summary', async () => {
    const world = await FloodWorld.of([
      channel('group: {by: [service], wait: 1s, interval: 1s}, storm: {count: 1, per: 1m}'),
    ])
    const posted = ['a', 'b', 'c'].map((id) => world.event(id, 'deploy.failure', { service: id }))
    await world.post(...posted)
    await world.clock.pass(70_000)
    expect(world.said).toEqual(['deploy.failure a', '2 × deploy.failure above the rate since 00:00 UTC, 2 services'])
    const all = await world.all()
    const summary = all.at(-1)?.delivery.id
    const collapsed = all.filter(({ state }) => state.reason === 'storm')
    expect(collapsed.map(({ delivery }) => delivery.about.message)).toEqual([summary, summary])
  })
})

describe('what is critical', () => {
  const type = `kind: EventType\nmetadata: {name: fire}\nspec: {critical: true, severity: critical}`

  it('begins its group at once, and is joined after that', async () => {
    const world = await FloodWorld.of([
      channel('group: {wait: 30s, interval: 5m}, threshold: {count: 3, within: 5m}'),
      type,
    ])
    await world.post(world.event('a', 'fire'))
    await world.clock.pass(1000)
    expect(world.said).toEqual(['fire a'])
    await world.post(world.event('b', 'fire'), world.event('c', 'fire'))
    await world.clock.pass(301_000)
    expect(world.said[1]).toBe('2 × fire since 00:00 UTC')
  })
})

describe('what waits', () => {
  it('can be said to whoever asks what would happen', async () => {
    const flood = 'group: {by: [event], wait: 30s}, threshold: {count: 2, within: 5m}, storm: {count: 1, per: 1h}'
    const world = await FloodWorld.of([channel(flood)])
    const asked = async (type: string) => {
      const event = { ...world.event('asked', type), severity: 'error' as const }
      const [decision] = route(event, world.tables, world.clock.now())
      return decision && world.flood.describe(event, decision, world.clock.now())
    }
    expect(await asked('deploy.failure')).toBeUndefined()
    await world.post(world.event('a', 'deploy.failure'))
    expect(await asked('deploy.failure')).toBe('now: 1 came within the time')
    await world.post(world.event('b', 'deploy.failure'))
    expect(await asked('deploy.failure')).toContain('in its group 1 wait to be said at 2026-01-01T00:00:30.000Z')
    await world.clock.pass(31_000)
    expect(await asked('deploy.success')).toBe('now: nothing more is said before 2026-01-01T01:00:30.000Z')
    expect(await asked(up)).toBe('now: nothing of the kind is open there, and it would not be sent')
  })
})
