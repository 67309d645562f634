import { describe, expect, it } from 'vitest'
import { declared, mattermost } from '../../resources/kinds/declared.js'
import { DigestWorld, day, hour } from './digest-world.js'

const mail = declared('Channel', 'mail', { type: 'email' })
const person = (name: string, more: object = {}) =>
  declared('User', name, { email: `${name}@example.com`, ...more }) +
  `---\n${declared('UserBinding', `${name}-mail`, { user: name, channel: 'mail' })}`
const wants = (user: string, digests: object, more: object = {}) =>
  declared('Preference', `${user}-digests`, { user, digests, ...more })
const weekly = (more: object = {}) =>
  declared('Digest', 'weekly', {
    displayName: 'Weekly summary',
    schedule: '0 9 * * 1',
    timezone: 'Europe/Berlin',
    events: ['run_completed', 'run_failed', 'crawl_completed'],
    ...more,
  })
const ann = [mail, person('ann', { role: 'admin' }), wants('ann', { weekly: true })]

const run = (id: string, status: 'passed' | 'failed', suite = 'Checkout') => ({
  id,
  type: 'run_completed',
  payload: {
    run: { id, suite_name: suite, status, passed: 3, failed: 0, skipped: 0, url: `https://example.com/${id}` },
  },
})

/** A Tuesday. */
const at = '2026-03-10T12:00:00Z'

describe('a weekly digest', () => {
  it('is sent at its time, with what has happened since the last', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    const receipt = await world.post(run('r1', 'failed'))
    expect(receipt?.digests).toEqual([
      { digest: 'weekly', isIn: true, reason: null, because: expect.stringContaining('gathers such events') },
    ])
    await world.post(run('r2', 'passed'))
    await world.post(run('r3', 'failed'))
    await world.post({ id: 's1', type: 'crawl_completed', payload: { crawl: { id: 's1', status: 'succeeded' } } })
    await world.post({ id: 'd1', type: 'deploy.success' })
    world.clock.jump(5 * day)
    await world.look()
    expect(await world.sent()).toEqual([])
    world.clock.jump(20 * hour - 150_000)
    await world.look()
    await world.look()
    const [sent, ...others] = await world.sent()
    expect(others).toEqual([])
    expect(sent).toMatchObject({ to: 'mail ann', status: 'sent', link: 'https://example.com/r3' })
    expect(sent?.title).toBe('Weekly summary: 4 events, 2 failures')
    expect(sent?.body.split('\n')).toEqual([
      'Tue 10 March 2026, 13:00 to Mon 16 March 2026, 09:00 (Europe/Berlin)',
      '',
      'Runs: 3 (2 failed, 1 passed)',
      'Scans: 1 (1 succeeded)',
      '',
      'Top failures',
      '1. Checkout: 2 times, last on Tue 10 March 2026, 13:00 https://example.com/r3',
    ])
    expect(sent?.digest.events.map(({ id }) => id)).toEqual(['r1', 'r2', 'r3', 's1'])
    expect(sent?.delivery.about).toMatchObject({ digest: 'weekly', user: 'ann' })
    expect(world.keys.filter((key) => /^digest.*(count|matter|tally|closing)|^digest-event/.test(key))).toEqual([])

    await world.post(run('r4', 'passed'))
    world.clock.jump(7 * day)
    await world.look()
    const all = await world.sent()
    expect(all.map(({ digest }) => digest.counts.events)).toEqual([4, 1])
    expect(all[1]?.title).toBe('Weekly summary: 1 event')
    expect(world.warnings).toEqual([])
  })

  it('is sent to nobody who has not asked for it, and that is no record', async () => {
    const world = await DigestWorld.of([mail, person('ann'), weekly()], { at })
    await world.post(run('r1', 'failed'))
    world.clock.jump(8 * day)
    await world.look()
    expect(await world.sent()).toEqual([])
    expect(world.digests.list()[0]).toMatchObject({ state: { last: { events: 1, sent: 0 } }, tally: { events: 0 } })
  })

  it('is not sent when nothing has happened, but where that is wanted', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    world.clock.jump(8 * day)
    await world.look()
    expect(await world.sent()).toEqual([])
    await world.declare([...ann, weekly({ emptyToo: true })])
    world.clock.jump(7 * day)
    await world.look()
    const [sent] = await world.sent()
    expect(sent?.title).toBe('Weekly summary: nothing happened')
    expect(sent?.body).toContain('Nothing happened.')
  })

  it('is sent once after weeks without a process, for all of them', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    await world.post(run('r1', 'failed'))
    world.clock.jump(30 * day)
    world.start()
    await world.look()
    await world.look()
    expect((await world.sent()).map(({ digest }) => digest.counts.events)).toEqual([1])
    const [{ state } = { state: undefined }] = world.digests.list()
    expect(new Date(state?.next ?? 0).toISOString()).toBe('2026-04-13T07:00:00.000Z')
  })

  it('is not sent again when the clock is set back', async () => {
    const world = await DigestWorld.of([...ann, weekly({ emptyToo: true })], { at })
    for (const back of [hour, 12 * hour, 3 * day]) {
      world.clock.jump(7 * day)
      await world.look()
      const before = (await world.sent()).length
      world.clock.jump(-back)
      world.start()
      await world.look()
      world.clock.jump(back)
      await world.look()
      expect(await world.sent(), `back by ${back / hour} hours`).toHaveLength(before)
    }
  })

  it('does not wait for a time that only a wrong clock has seen', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    world.clock.jump(365 * day)
    await world.look()
    world.clock.jump(-365 * day)
    await world.look()
    await world.post(run('r1', 'failed'))
    world.clock.jump(7 * day)
    await world.look()
    expect((await world.sent()).map(({ digest }) => digest.counts.events)).toEqual([1])
  })

  it('is due by the new schedule from when that is declared, and what was due by the old one is still sent', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    await world.post(run('r1', 'passed'))
    await world.declare([...ann, weekly({ schedule: '0 8 * * *', timezone: 'Asia/Kolkata' })])
    await world.look()
    expect(await world.sent()).toEqual([])
    world.clock.jump(15 * hour)
    await world.look()
    expect(await world.sent()).toHaveLength(1)

    await world.post(run('r2', 'passed'))
    world.clock.jump(3 * day)
    await world.declare([...ann, weekly()])
    await world.look()
    expect(await world.sent()).toHaveLength(2)
  })

  it('forgets what it has gathered once it is not declared any more, and gathers nothing while it is switched off', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    await world.post(run('r1', 'passed'))
    await world.declare([...ann.slice(0, 2), weekly({ enabled: false })])
    expect((await world.post(run('r2', 'passed')))?.digests).toBeUndefined()
    world.clock.jump(8 * day)
    await world.look()
    expect(await world.sent()).toEqual([])
    expect(world.digests.list()[0]).toMatchObject({ state: { next: null }, tally: { events: 1 } })
    await world.declare(ann.slice(0, 2))
    await world.look()
    expect(world.keys.filter((key) => key.startsWith('digest'))).toEqual([])
  })
})

describe('a digest that is renamed', () => {
  it('keeps what it has gathered', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    await world.post(run('r1', 'failed'))
    const renamed = weekly().replace(
      '"name":"weekly"',
      '"name":"summary","annotations":{"callboard/renamed-from":"weekly"}',
    )
    await world.declare([...ann.slice(0, 2), wants('ann', { summary: true }), renamed])
    await world.look()
    await world.post(run('r2', 'failed'))
    await world.digests.run('summary')
    expect((await world.sent()).map(({ digest }) => digest.counts.events)).toEqual([2])
    expect(world.keys.filter((key) => key.includes('Digest/-/weekly'))).toEqual([])
  })
})

describe('what somebody is told of', () => {
  const shop = (id: string, more: object) => ({ ...run(id, 'failed', id), ...more })

  it('is what they may hear: namespaces, services and customers', async () => {
    const world = await DigestWorld.of(
      [
        mail,
        person('admin', { role: 'admin' }),
        person('member', { role: 'member', namespaces: ['shop'] }),
        person('customer', { role: 'customer', services: ['api'] }),
        declared('Preference', 'all', { digests: { '*': true } }),
        declared('Preference', 'admin-scope', { user: 'admin', scope: { customers: ['acme'] } }),
        weekly(),
      ],
      { at, customersEnabled: true },
    )
    await world.post(shop('shop', { namespace: 'shop' }))
    await world.post(shop('bank', { namespace: 'bank' }))
    await world.post(shop('api', { service: 'api' }))
    await world.post(shop('acme', { customer: 'acme' }))
    await world.post(shop('other', { customer: 'other' }))
    await world.digests.run('weekly')
    const heard = Object.fromEntries(
      (await world.sent()).map(({ to, digest }) => [to, digest.top.map(({ what }) => what).sort()]),
    )
    expect(heard).toEqual({
      'mail admin': ['acme', 'api', 'bank', 'shop'],
      'mail member': ['acme', 'api', 'other', 'shop'],
      'mail customer': ['api'],
    })
  })

  it('is what its namespace is about, where the digest belongs to one', async () => {
    const texts = [
      ...ann,
      declared('Digest', 'shop/weekly', { schedule: '@weekly', events: ['*'] }),
      declared('Preference', 'shop/off', { digests: { weekly: false } }),
    ]
    const world = await DigestWorld.of(texts, { at })
    const receipt = await world.post(shop('r1', { namespace: 'shop' }))
    expect(receipt?.digests?.map(({ digest }) => digest)).toEqual(['shop/weekly'])
    expect((await world.post(shop('r2', { namespace: 'bank' })))?.digests).toBeUndefined()
    // Ann asks for herself, which counts more than what the namespace says of everybody.
    await world.digests.run('shop/weekly')
    expect((await world.sent()).map(({ to }) => to)).toEqual(['mail ann'])
    await world.declare([mail, person('ann', { role: 'admin' }), ...texts.slice(3)])
    await world.post(shop('r3', { namespace: 'shop' }))
    await world.digests.run('shop/weekly')
    expect(await world.sent()).toHaveLength(1)
  })

  it('counts a matter once, and leaves out what is silenced', async () => {
    const world = await DigestWorld.of(
      [
        ...ann,
        weekly(),
        declared('Silence', 'mending', { match: { event: 'crawl_completed' }, until: '2026-03-11T00:00:00Z' }),
      ],
      { at },
    )
    await world.post(run('r1', 'failed'))
    const same = await world.post({ ...run('r1', 'failed'), id: 'e2', type: 'run_failed' })
    expect(same?.digests).toMatchObject([{ isIn: false, reason: 'duplicate' }])
    const silenced = await world.post({ id: 's1', type: 'crawl_completed', payload: { crawl: { id: 's1' } } })
    expect(silenced?.digests).toMatchObject([{ isIn: false, reason: 'silence' }])
    await world.digests.run('weekly')
    expect((await world.sent())[0]?.digest.counts.byType).toMatchObject([{ type: 'run_completed', count: 1 }])
  })

  it('is counted to the last when there is more than is kept, and says so', async () => {
    const world = await DigestWorld.of([...ann, weekly()], { at })
    for (let index = 0; index < 130; index += 1) await world.post(run(`r${index}`, 'passed', `suite ${index}`))
    await world.digests.run('weekly')
    const [sent] = await world.sent()
    expect(sent?.digest.counts.events).toBe(130)
    expect(sent?.digest.events.length).toBe(20)
    expect(sent?.digest.moreEvents).toBe(110)
    expect(sent?.body).toContain('Of 130 events 100 are kept one by one; all are counted.')
  })
})

describe('who gets a digest', () => {
  it('are those of the audience, and a room that is named', async () => {
    const room = declared('Channel', 'room', mattermost)
    const world = await DigestWorld.of(
      [
        mail,
        room,
        person('ann', { role: 'admin' }),
        person('ben', { role: 'admin' }),
        declared('Preference', 'all', { digests: { weekly: true } }),
        weekly({ audience: { users: ['ann'], channels: ['mail', 'room'] } }),
      ],
      { at },
    )
    await world.post(run('r1', 'failed'))
    await world.digests.run('weekly')
    expect((await world.sent()).map(({ to }) => to)).toEqual(['mail ann', 'room'])
  })

  it('waits for the end of quiet hours, and of a silence that names digests', async () => {
    const quiet = { quietHours: { from: '08:00', to: '10:00', timezone: 'Europe/Berlin', mode: 'drop' } }
    const world = await DigestWorld.of(
      [mail, person('ann', { role: 'admin' }), wants('ann', { weekly: true }, quiet), weekly()],
      { at },
    )
    await world.post(run('r1', 'failed'))
    world.clock.jump(5 * day + 20 * hour)
    await world.look()
    const [sent] = await world.sent()
    expect(sent).toMatchObject({ status: 'held', digest: { counts: { events: 1 } } })
    const waiting = world.digests.reconsider(sent?.payload as never)
    expect(waiting).toMatchObject({ outcome: 'hold', reason: 'quiet_hours' })
    world.clock.jump(3 * hour)
    expect(world.digests.reconsider(sent?.payload as never)).toMatchObject({ outcome: 'send' })
    await world.declare([mail, person('ann'), weekly()])
    expect(world.digests.reconsider(sent?.payload as never)).toMatchObject({ outcome: 'suppress' })
  })

  it('reads it in the words of the Template that is named', async () => {
    const world = await DigestWorld.of(
      [
        mail,
        person('ann', { role: 'admin', displayName: 'Ann' }),
        wants('ann', { weekly: true }),
        declared('Template', 'short', {
          event: 'callboard.digest',
          named: true,
          title: '{{ digest.counts.events }} things for {{ user.displayName }}',
          body: '{% for one in digest.top %}{{ one.what }} x{{ one.count }}\n{% endfor %}',
        }),
        weekly({ template: 'short' }),
      ],
      { at },
    )
    await world.post(run('r1', 'failed'))
    await world.digests.run('weekly')
    expect(await world.sent()).toMatchObject([{ title: '1 things for Ann', body: 'Checkout x1' }])
  })
})

describe('looking at a digest before its time', () => {
  it('shows every message and changes nothing', async () => {
    const world = await DigestWorld.of([...ann, person('ben'), weekly()], { at })
    await world.post(run('r1', 'failed'))
    const before = world.keys
    const preview = await world.digests.preview('weekly')
    expect(preview).toMatchObject({ events: 1, unsubscribed: 1 })
    expect(preview.messages).toMatchObject([
      { decision: { outcome: 'send' }, events: 1, words: { title: 'Weekly summary: 1 event, 1 failure' } },
    ])
    expect(world.keys).toEqual(before)
    await expect(world.digests.preview('monthly')).rejects.toThrow('there is no digest "monthly"; declared: weekly')
    await expect(world.digests.preview('weekly', 'zoe')).rejects.toThrow('there is no User "zoe"')
  })

  it('sends somebody what there is so far, and goes on', async () => {
    const world = await DigestWorld.of([...ann, person('ben'), weekly()], { at })
    await expect(world.digests.runFor('weekly', 'ann')).rejects.toThrow(/nothing has happened that they hear of/)
    await world.post(run('r1', 'failed'))
    expect(await world.digests.runFor('weekly', 'ann')).toMatchObject([{ outcome: 'send' }])
    world.clock.jump(1)
    await expect(world.digests.runFor('weekly', 'ben')).rejects.toThrow(/ben does not get weekly: no Preference/)
    await world.digests.run('weekly')
    expect((await world.sent()).map(({ title }) => title)).toEqual([
      'Weekly summary so far: 1 event, 1 failure',
      'Weekly summary: 1 event, 1 failure',
    ])
  })
})
