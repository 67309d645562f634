import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../../src/dispatcher/notification.js'
import { channel, FloodWorld } from './flood-world.js'

const down = 'service.health.down'
const up = 'service.health.recovered'

const floods = [
  '',
  'group: {by: [event], wait: 30s, interval: 5m}',
  'group: {by: [service], wait: 0, interval: 1m}',
  'threshold: {count: 2, within: 1m}',
  'storm: {count: 2, per: 1m}',
  'group: {by: [event, service], wait: 10s, interval: 30s}, storm: {count: 1, per: 2m}',
  'group: {by: []}, threshold: {count: 3, within: 2m}, storm: {count: 3, per: 10m}',
  'group: {by: [event]}, remind: {every: 1m, atMost: 2}',
  'suspend: true, group: {by: [event]}',
] as const

type Step =
  | { readonly kind: 'post'; readonly events: readonly (readonly [type: string, service: string])[] }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'kill'; readonly after: number; readonly lastTakesPlace: boolean }
  | { readonly kind: 'refuse'; readonly times: number }
  | { readonly kind: 'declare'; readonly flood: string; readonly quota: Quota }

/** Of hours, for events of one namespace. */
const quotas = [undefined, 0, 2, 5] as const
type Quota = (typeof quotas)[number]
const declarations = (flood: string, quota: Quota) => [
  channel(flood),
  ...(quota === undefined
    ? []
    : [`kind: Namespace\nmetadata: {name: shop}\nspec: {quota: {deliveriesPerHour: ${quota}}}`, noNotices]),
]
const noNotices = `kind: Preference\nmetadata: {name: no-notices}\nspec: {events: {'quota.*': false}}`

const anEvent = fc.tuple(fc.constantFrom(down, up, 'deploy.failure', 'deploy.success'), fc.constantFrom('x', 'y', 'z'))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      events: fc.array(anEvent, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 200_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -4_000_000, max: 4_000_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      after: fc.integer({ min: 1, max: 12 }),
      lastTakesPlace: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const), times: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('declare' as const),
      flood: fc.constantFrom(...floods),
      quota: fc.constantFrom(...quotas),
    }),
  },
)

/** Whoever was not told that an event was accepted posts it again. */
async function run(world: FloodWorld, steps: readonly Step[]): Promise<string[]> {
  const posted: string[] = []
  for (const one of steps) {
    if (one.kind === 'post') {
      const events = one.events.map(([type, service], index) => {
        return world.event(`e${posted.length + index}`, type, { service, namespace: 'shop' })
      })
      posted.push(...events.map(({ id }) => id))
      while (!(await world.post(...events))) if (world.isDead) await world.start()
    } else if (one.kind === 'pass') await world.clock.pass(one.ms)
    else if (one.kind === 'jump') world.clock.jump(one.ms)
    else if (one.kind === 'declare') await world.declare(declarations(one.flood, one.quota))
    else if (one.kind === 'refuse') world.refuses = one.times
    else {
      world.left = one.after
      world.lastTakesPlace = one.lastTakesPlace
    }
    if (world.isDead) await world.start()
  }
  return posted
}

/** Nothing waits any more. */
async function quiet(world: FloodWorld, flood: string, quota: Quota): Promise<void> {
  await world.declare(declarations(flood.replace('suspend: true, ', ''), quota))
  await world.start()
  for (let hour = 0; hour < 3; hour += 1) await world.clock.pass(3_600_000)
}

/** Neither was the quota another for a while, nor is an hour lived through twice. */
const isSteady = (steps: readonly Step[]) => {
  return !steps.some((one) => one.kind === 'declare' || (one.kind === 'jump' && one.ms < 0))
}

const flooded = fc.tuple(fc.constantFrom(...floods), fc.constantFrom(...quotas))

describe('whatever comes, and whenever the process is killed', () => {
  it('each event is in one message, once, or has a reason why not', async () => {
    await fc.assert(
      fc.asyncProperty(flooded, fc.array(step, { maxLength: 25 }), async ([flood, quota], steps) => {
        const world = await FloodWorld.of(declarations(flood, quota))
        const posted = await run(world, steps)
        await quiet(world, flood, quota)
        // Notices are switched off.
        const all = (await world.all()).filter(({ delivery }) => !String(delivery.about.event).startsWith('quota.'))
        const byId = new Map(all.map((entry) => [entry.delivery.id, entry]))
        const events = all.filter(({ delivery }) => {
          const { events: count, because } = payloadOf(delivery)
          return count === undefined && !because.includes('is said again')
        })
        // Each has one record.
        expect(events.map(({ delivery }) => delivery.about.eventId).sort()).toEqual([...posted].sort())
        expect(all.filter(({ state }) => state.status === 'pending' || state.status === 'retrying')).toEqual([])
        // What is not sent says why, and what it became part of is there.
        const parts = new Map<string, number>()
        for (const { delivery, state } of all) {
          if (state.status === 'delivered') continue
          expect(state.status).toBe('suppressed')
          const { message } = delivery.about
          const reasons = message === undefined ? ['threshold', 'unpaired', 'recovered', 'quota'] : ['grouped', 'storm']
          expect(reasons).toContain(state.reason)
          if (message === undefined) continue
          expect(byId.has(String(message))).toBe(true)
          parts.set(String(message), (parts.get(String(message)) ?? 0) + (payloadOf(delivery).events ?? 1))
        }
        // What a message counts is what has become part of it.
        for (const { delivery } of all) {
          const { events: count } = payloadOf(delivery)
          if (count !== undefined) expect(parts.get(delivery.id)).toBe(count)
        }
        // Only what is recorded was sent, and what was sent twice has one id.
        const sent = new Set(world.sent.map(({ id }) => id))
        const delivered = all.filter(({ state }) => state.status === 'delivered').map(({ delivery }) => delivery.id)
        expect([...sent].sort()).toEqual(delivered.sort())
        // Each place was given once, whoever was killed on the way.
        const inHour = new Map<number, number>()
        for (const { delivery, state } of all) {
          if (state.status !== 'delivered') continue
          const hour = Math.floor(delivery.created / 3_600_000)
          inHour.set(hour, (inHour.get(hour) ?? 0) + 1)
        }
        if (isSteady(steps) && quota !== undefined) {
          for (const count of inHour.values()) expect(count).toBeLessThanOrEqual(quota)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('the end of something goes where its beginning went', async () => {
    await fc.assert(
      fc.asyncProperty(flooded, fc.array(step, { maxLength: 20 }), async ([flood, quota], steps) => {
        const world = await FloodWorld.of(declarations(flood, quota))
        await run(world, steps)
        await quiet(world, flood, quota)
        const arrived = new Set<string>()
        for (const delivery of world.sent) {
          const { message } = payloadOf(delivery)
          if (message?.action === 'resolve') expect(arrived.has(message.key)).toBe(true)
          else if (message !== undefined) arrived.add(message.key)
          if (message?.follows !== undefined) expect(world.sent.map(({ id }) => id)).toContain(message.follows)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('an outage of 50,000 events', () => {
  it('reaches a person as few messages, whose counts add up', async () => {
    const person = [
      'kind: Channel\nmetadata: {name: mail}\nspec: {type: email, config: {host: mx.example.com, from: a@example.com}, group: {by: [event], wait: 30s, interval: 5m}, storm: {count: 4, per: 1h}}',
      'kind: User\nmetadata: {name: ann}\nspec: {email: ann@example.com, role: admin}',
      'kind: UserBinding\nmetadata: {name: ann-mail}\nspec: {user: ann, channel: mail}',
    ]
    const world = await FloodWorld.of(person)
    const total = 50_000
    const batch = 500
    for (let at = 0; at < total; at += batch) {
      const events = Array.from({ length: batch }, (_, index) => {
        const id = at + index
        return world.event(`e${id}`, id % 3 === 0 ? down : 'deploy.failure', { service: `s${id % 40}` })
      })
      expect(await world.post(...events)).toBe(true)
      if (at === total / 2) await world.start()
      await world.clock.pass(20_000)
    }
    await world.clock.pass(3_600_000)
    expect(world.sent.length).toBeLessThan(10)
    expect(world.payloads().reduce((sum, { events = 0 }) => sum + events, 0)).toBe(total)
    const said = world.payloads().map(({ message }) => Number(message?.title.split(' ')[0]))
    expect(said.reduce((sum, count) => sum + count, 0)).toBe(total)
    expect(world.engine.operations.get(world.sent[0]?.id ?? '')?.state.status).toBe('delivered')
    // Each event is on record once, as part of one of them.
    const messages = new Map(world.sent.map(({ id }) => [id, 0]))
    const events = new Set<unknown>()
    const next = new Map<string, string>()
    const all = await world.all()
    for (const { delivery } of all) {
      const { message } = delivery.about
      if (payloadOf(delivery).events !== undefined && message !== undefined) next.set(delivery.id, String(message))
    }
    for (const { delivery } of all) {
      if (payloadOf(delivery).events !== undefined) continue
      expect(events.has(delivery.about.eventId)).toBe(false)
      events.add(delivery.about.eventId)
      let message = String(delivery.about.message)
      for (let into = next.get(message); into !== undefined; into = next.get(message)) message = into
      expect(messages.has(message)).toBe(true)
      messages.set(message, (messages.get(message) ?? 0) + 1)
    }
    expect(events.size).toBe(total)
    expect([...messages.values()]).toEqual(world.payloads().map(({ events: count }) => count))
  }, 60_000)
})
