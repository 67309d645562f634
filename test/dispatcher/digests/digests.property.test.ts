// Whatever happens to clocks, processes and declarations: an event that was accepted is in one digest of everybody who gets
// them, or its receipt says why not.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { settled } from '../../delivery/clock.js'
import { declared, mattermost } from '../../resources/kinds/declared.js'
import { DigestWorld, day, hour } from './digest-world.js'

const people = [
  declared('Channel', 'mail', { type: 'email' }),
  // One recipient: its deliveries keep all that is listed.
  declared('Channel', 'room', mattermost),
  declared('User', 'ann', { email: 'ann@example.com', role: 'admin' }),
  declared('User', 'shopper', { email: 'shopper@example.com', role: 'member', namespaces: ['shop'] }),
  declared('UserBinding', 'ann-mail', { user: 'ann', channel: 'mail' }),
  declared('UserBinding', 'shopper-mail', { user: 'shopper', channel: 'mail' }),
  declared('Preference', 'all', { digests: { nightly: true } }),
]

const timings = [
  { schedule: '30 2 * * *', timezone: 'Europe/Berlin' },
  { schedule: '0 */6 * * *', timezone: 'Australia/Lord_Howe' },
  { schedule: '45 1 * * *', timezone: 'America/New_York' },
  { schedule: '*/20 * * * *', timezone: 'Asia/Kolkata' },
]

function declarations(timing: number): string[] {
  const digest = { ...timings[timing], events: ['run_*'], audience: { channels: ['mail', 'room'] } }
  return [...people, declared('Digest', 'nightly', digest)]
}

type Step =
  | { readonly do: 'post'; readonly id: number; readonly place: string; readonly type: string }
  | { readonly do: 'pass' | 'jump'; readonly ms: number }
  | { readonly do: 'die'; readonly after: number; readonly writes: boolean }
  | { readonly do: 'full'; readonly is: boolean }
  | { readonly do: 'declare'; readonly timing: number }
  | { readonly do: 'run' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      id: fc.nat(25),
      place: fc.constantFrom('shop', 'bank', ''),
      type: fc.constantFrom('run_completed', 'run_failed'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20 * 60_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -2 * day, max: 3 * day }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('die' as const), after: fc.nat(3), writes: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('full' as const), is: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('declare' as const), timing: fc.nat(timings.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('run' as const) }) },
)

interface Accepted {
  readonly place: string
  readonly isIn: boolean
}

/** Posts until it is answered, as whoever waits for an answer does. */
async function post(world: DigestWorld, { id, place, type }: Step & { do: 'post' }, accepted: Map<string, Accepted>) {
  // Of one id there is one content.
  const key = `e${id}-${place}-${type}`
  // How long an id is remembered, and by which clock, is another matter.
  if (accepted.has(key)) return
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const payload = { run: { id: `run-${id}`, status: 'failed', suite_name: 'Checkout' } }
    const receipt = await world
      .post({ id: key, type, payload, ...(place !== '' && { namespace: place }) })
      .catch(() => undefined)
    if (receipt !== undefined) {
      const [taking] = receipt.digests ?? []
      accepted.set(key, { place, isIn: taking?.isIn === true })
      if (taking?.isIn !== true) expect(taking?.reason).toBe('duplicate')
      return
    }
    if (!world.isDead) world.isFull = false
    else world.start()
    await settled()
  }
  throw new Error('it is never answered')
}

async function perform(world: DigestWorld, one: Step, accepted: Map<string, Accepted>): Promise<void> {
  if (one.do === 'post') await post(world, one, accepted)
  else if (one.do === 'pass') await world.clock.pass(one.ms)
  else if (one.do === 'jump') world.clock.jump(one.ms)
  else if (one.do === 'full') world.isFull = one.is
  else if (one.do === 'declare') await world.declare(declarations(one.timing))
  else if (one.do === 'die') {
    world.left = one.after
    world.writesLast = one.writes
  } else {
    const running = world.digests.run('nightly').catch(() => {})
    await Promise.race([running, settled(30)])
  }
}

it('each event is in exactly one digest of everybody who may hear of it', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = await DigestWorld.of(declarations(0), { at: '2026-03-27T12:00:00Z', chunk: 1 })
      const accepted = new Map<string, Accepted>()
      for (const one of steps) {
        await perform(world, one, accepted)
        await settled(2)
        if (world.isDead && steps.indexOf(one) % 2 === 0) world.start()
      }
      world.isFull = false
      world.start()
      // Further than any clock was ahead.
      world.clock.jump(150 * day + 7 * hour)
      for (let look = 0; look < 3; look += 1) await world.look()

      const sent = await world.sent()
      const expected = [...accepted].filter(([, { isIn }]) => isIn)
      const listed = sent.filter(({ to }) => to === 'room').flatMap(({ digest }) => digest.events.map(({ id }) => id))
      expect(listed.sort()).toEqual(expected.map(([id]) => id).sort())
      const counted = (to: string) =>
        sent.filter((one) => one.to === to).reduce((sum, { digest }) => sum + digest.counts.events, 0)
      expect(counted('room')).toBe(expected.length)
      expect(counted('mail ann')).toBe(expected.length)
      expect(counted('mail shopper')).toBe(expected.filter(([, { place }]) => place !== 'bank').length)
      expect(world.keys.filter((key) => /closing|tally|^digest-event/.test(key))).toEqual([])
      const [status] = world.digests.list()
      expect(new Set(status?.state.sentFor).size).toBe(status?.state.sentFor.length)
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 60) },
  )
})
