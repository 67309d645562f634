import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../../src/dispatcher/notification.js'
import { settled } from '../../delivery/clock.js'
import { declared, mattermost } from '../../resources/kinds/declared.js'
import { DigestWorld, day, hour } from '../digests/digest-world.js'

const ops = declared('Channel', 'ops', mattermost)
const silent = (more: object = {}, inactivity: object = {}) =>
  declared('EventType', 'silent', {
    description: 'A customer is silent',
    inactivity: { subject: 'customer', after: ['7d', '30d'], events: ['deploy.*'], ...inactivity },
    title: '{{ payload.subject }} is silent for {{ payload.days }} days',
    link: "{{ payload.last.link or '' }}",
    ...more,
  })

async function told(world: DigestWorld, type = 'silent'): Promise<string[]> {
  return (await world.all())
    .filter(({ about }) => about.event === type)
    .sort((a, b) => a.created - b.created)
    .map((delivery) => {
      const { message } = payloadOf(delivery)
      return delivery.suppressed ?? `${message?.title} ${message?.link ?? ''}`.trim()
    })
}

const deploy = (id: string, customer = 'acme') => ({ id, type: 'deploy.success', customer })

async function later(world: DigestWorld, ms: number): Promise<void> {
  world.clock.jump(ms)
  await world.look()
}

describe('a subject that nothing is heard of', () => {
  it('is told of once for each length of silence, and again in the next silence', async () => {
    const world = await DigestWorld.of([ops, silent()])
    await world.post({ ...deploy('d1'), link: 'https://example.com/acme' })
    await later(world, 6 * day)
    expect(await told(world)).toEqual([])
    await later(world, day)
    const first = 'acme is silent for 7 days https://example.com/acme'
    expect(await told(world)).toEqual([first])
    await later(world, 10 * day)
    world.start()
    await world.look()
    expect(await told(world)).toEqual([first])
    await later(world, 13 * day)
    expect(await told(world)).toEqual([first, 'acme is silent for 30 days https://example.com/acme'])
    await later(world, 50 * day)
    expect(await told(world)).toHaveLength(2)
    await world.post(deploy('d2'))
    await later(world, 8 * day)
    expect((await told(world)).at(-1)).toBe('acme is silent for 8 days')
    expect(world.warnings).toEqual([])
  })

  it('is told of once after a time without a process in which several lengths have passed', async () => {
    const world = await DigestWorld.of([ops, silent()])
    await world.post(deploy('d1'))
    world.clock.jump(40 * day)
    world.start()
    await world.look()
    await later(world, 10 * day)
    expect(await told(world)).toEqual(['acme is silent for 40 days'])
  })

  it('is told of once where processes end at any moment, and each goes on where the last one ended', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 5 * day }),
      die: fc.option(fc.nat(2)),
      writes: fc.boolean(),
      isHeard: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        const world = await DigestWorld.of([ops, silent()])
        const expected: string[] = []
        let heard: number | undefined
        let told7 = false
        let told30 = false
        let posted = 0
        for (const { ms, die, writes, isHeard } of steps) {
          world.clock.jump(ms)
          if (die !== null) {
            world.left = die
            world.writesLast = writes
          }
          await world.look()
          world.start()
          await settled()
          await world.look()
          const silentMs = heard === undefined ? 0 : world.clock.now() - heard
          if (silentMs >= 30 * day && !told30) {
            expected.push('30d')
            told30 = true
          } else if (silentMs >= 7 * day && !told7 && !told30) {
            expected.push('7d')
            told7 = true
          }
          if (!isHeard) continue
          posted += 1
          await world.post(deploy(`d${posted}`))
          heard = world.clock.now()
          told7 = false
          told30 = false
        }
        const after = (await world.all())
          .filter(({ about }) => about.event === 'silent')
          .sort((a, b) => a.created - b.created)
          .map((one) => (payloadOf(one).message?.event.payload as { after?: string } | undefined)?.after)
        expect(after).toEqual(expected)
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 40) },
    )
  }, 60_000)

  it('is each for itself, and only what the declaration names shows that it is there', async () => {
    const world = await DigestWorld.of([ops, silent()])
    await world.post(deploy('d1', 'acme'))
    await world.post(deploy('d2', 'other'))
    await world.post({ id: 'd3', type: 'deploy.success' })
    await later(world, 5 * day)
    await world.post(deploy('d4', 'other'))
    await world.post({ id: 's1', type: 'service.started', customer: 'acme' })
    await later(world, 3 * day)
    expect(await told(world)).toEqual(['acme is silent for 8 days'])
  })

  it('is found in the payload, and what is told of it is no sign of life', async () => {
    const type = silent(
      { title: '{{ payload.subject }}' },
      { subject: 'payload.account.id', after: ['1h'], events: ['*'] },
    )
    const world = await DigestWorld.of([ops, type])
    await world.post({ id: 'd1', type: 'deploy.success', payload: { account: { id: 17 } } })
    for (let look = 0; look < 5; look += 1) await later(world, 2 * hour)
    expect(await told(world)).toEqual(['17'])
  })

  it('is forgotten when the event type is not declared any more', async () => {
    const world = await DigestWorld.of([ops, silent()])
    await world.post(deploy('d1'))
    await world.declare([ops])
    await later(world, 8 * day)
    expect(world.keys.filter((key) => key.startsWith('activity/'))).toEqual([
      // The built-in one is about runs and scans, and none was heard of.
    ])
    await world.declare([ops, silent()])
    await later(world, 8 * day)
    expect(await told(world)).toEqual([])
  })

  it('is not tried again every minute when the schema of its payload does not take it', async () => {
    const world = await DigestWorld.of([ops, silent({ schema: { required: ['other'] }, sample: { other: 1 } })])
    await world.post(deploy('d1'))
    await later(world, 8 * day)
    await later(world, hour)
    expect(world.warnings).toEqual([expect.stringContaining('the silence of "acme"')])
  })
})

describe('the nudge of the catalogue aegisrunner', () => {
  const run = { id: 'r1', type: 'run_completed', namespace: 'acme' }
  const project = { id: 'p1', name: 'Acme Web', url: 'https://example.com/projects/p1' }

  it('comes after 7 days and after 30, with the last project', async () => {
    const world = await DigestWorld.of([ops])
    await world.post({ ...run, payload: { project, run: { status: 'passed', url: 'https://example.com/r/1' } } })
    await later(world, 7 * day)
    await later(world, 23 * day)
    expect(await told(world, 'inactive')).toEqual([
      'Nothing has run for 7 days https://example.com/projects/p1',
      'Nothing has run for 30 days https://example.com/projects/p1',
    ])
    const [nudge] = (await world.all()).filter(({ about }) => about.event === 'inactive')
    expect(nudge && payloadOf(nudge).message?.body).toBe(
      'Your last project, Acme Web, is as you left it on 1 January 2026.',
    )
  })

  it('is left alone by a workspace that does not want it, and by what it never ran', async () => {
    const off = declared('Preference', 'acme/off', { events: { inactive: false } })
    const world = await DigestWorld.of([ops, off])
    await world.post(run)
    await world.post({ ...run, id: 'r2', namespace: 'other' })
    await world.post({ id: 'd1', type: 'deploy.success', namespace: 'third' })
    await later(world, 8 * day)
    expect((await told(world, 'inactive')).sort()).toEqual(['Nothing has run for 8 days', 'global_flag'])
  })
})
