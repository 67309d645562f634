// From an event that is posted to what arrives at a vendor, and to the reasons why something does not.

import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld, webhook } from './notifying.js'
import { Sink } from './sink.js'

describe('an event that is posted', () => {
  it('reaches the channels that want it, with the reason and both revisions on record', async () => {
    const world = await NotifyingWorld.start((url) => ({ 'ops.yaml': webhook(url) }))
    const receipt = await world.accepted({
      id: 'e-1',
      type: 'deploy.failure',
      source: 'ci',
      service: 'api',
      title: 'Deploy of api failed',
      payload: { message: 'image not found' },
    })
    expect(receipt).toMatchObject({
      id: 'e-1',
      source: 'ci',
      type: 'deploy.failure',
      deliveries: { send: 1, hold: 0, suppress: 0 },
      decisions: [{ channel: 'ops', channelType: 'webhook', user: null, outcome: 'send', severity: 'error' }],
    })
    const [received] = await world.sink.at('/ops')
    expect(received?.json).toMatchObject({ event: 'deploy.failure', title: 'Deploy of api failed', severity: 'error' })
    const id = receipt.decisions[0]?.delivery as string
    expect(await world.ended(id, 'delivered')).toMatchObject({
      id,
      kind: 'notification',
      target: 'channel:-/ops',
      generation: 1,
      notification: { event: 'deploy.failure', eventId: 'e-1', source: 'ci', channel: 'ops', user: null },
      attempts: [{ number: 1, ok: true, status: 200, generation: 1 }],
    })
    for (const query of ['event=deploy.failure', 'channel=ops', 'eventId=e-1']) {
      expect((await world.deliveries(query)).map((one) => one.id)).toEqual([id])
    }
    expect(await world.deliveries('channel=other')).toEqual([])
  })

  it('is told once, however often it is posted, also after a restart; another under its id is refused', async () => {
    const world = await NotifyingWorld.start((url) => ({ 'ops.yaml': webhook(url) }))
    const event = { id: 'e-1', type: 'deploy.failure', source: 'ci', payload: { message: 'a' } }
    const posted = await Promise.all([1, 2, 3].map(() => world.post(event)))
    for (const { status, json } of posted) expect([status, json]).toEqual([202, posted[0]?.json])
    await world.sink.at('/ops')
    await world.running.restart()
    const again = await world.post(event)
    expect([again.status, again.json]).toEqual([202, posted[0]?.json])
    const other = await world.post({ ...event, payload: { message: 'b' } })
    expect(other.status).toBe(409)
    expect(other.text).toContain('the id \\"e-1\\" of source \\"ci\\"')
    // The same id of another source is another event.
    await world.accepted({ ...event, source: 'cd' })
    await world.sink.at('/ops', 2)
    expect(world.sink.received).toHaveLength(2)
  })

  it('of an unknown type is refused, with what was meant', async () => {
    const world = await NotifyingWorld.start((url) => ({ 'ops.yaml': webhook(url) }), undefined, {
      catalogues: ['aegisrunner'],
    })
    const { status, json } = await world.post({ type: 'run_faild' })
    expect(status).toBe(422)
    expect(json).toMatchObject({
      problems: [{ pointer: '/type', message: 'there is no event type "run_faild"; did you mean "run_failed"?' }],
    })
    const off = await world.post({ type: 'deploy.success' })
    expect([off.status, off.text]).toEqual([
      422,
      expect.stringContaining('catalogue \\"ai-admin-panel\\", which is switched off'),
    ])
  })

  it('says nothing in the name of Callboard itself, in whatever form it is posted', async () => {
    const world = await NotifyingWorld.start(
      (url) => ({
        'ops.yaml': webhook(url),
        // Its own words for what Callboard tells, and yet nobody else tells it.
        'type.yaml': doc('EventType', 'words', {
          id: 'callboard.sync.failed',
          title: 'It did not go live',
          default: true,
        }),
      }),
      undefined,
      { catalogues: ['callboard', 'ai-admin-panel'] },
    )
    const reserved = (type: string) => expect.stringContaining(`"${type}" is reserved`)
    const type = 'callboard.delivery.dead_lettered'
    const payload = { delivery: { id: 'd', kind: 'notification', target: 'x', error: 'y' }, more: 0 }
    const cloudEvent = { specversion: '1.0', id: 'e-2', source: '/x', type, data: payload }
    for (const event of [{ type, payload }, cloudEvent, { type: 'callboard.sync.failed' }, { type: 'callboard.x' }]) {
      const { status, json } = await world.post(event)
      expect(status).toBe(422)
      expect(json).toMatchObject({
        type: 'urn:callboard:problem:reserved-event',
        problems: [{ pointer: '/type', message: reserved(event.type) }],
      })
    }
    const batch = [{ type: 'deploy.failure' }, { type: 'deploy.failure', source: 'callboard' }]
    const { status, json } = await world.post(batch)
    expect(status).toBe(422)
    expect(json).toMatchObject({ problems: [{ pointer: '/1/source', message: reserved('callboard') }] })
    expect(await world.deliveries('')).toEqual([])
    // The catalogues that others post are not.
    await world.accepted({ type: 'deploy.failure', source: 'callboard-ci' })
    await world.sink.at('/ops')
  })

  it('is checked against the schema of its type, and a batch is taken as a whole or not at all', async () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }
    const world = await NotifyingWorld.start((url) => ({
      'ops.yaml': webhook(url),
      'type.yaml': doc('EventType', 'counted', { schema, default: true }),
    }))
    const batch = [
      { type: 'counted', payload: { n: 1 } },
      { type: 'counted', payload: { n: 'x' } },
      { type: 'nothing.like.it' },
    ]
    const { status, json } = await world.post(batch)
    expect(status).toBe(422)
    expect(json).toMatchObject({
      problems: [
        { pointer: '/1/payload/n', message: expect.stringContaining('must be integer') },
        { pointer: '/2/type', message: expect.stringContaining('there is no event type') },
      ],
    })
    const taken = await world.post(batch.slice(0, 1))
    expect(taken.status).toBe(202)
    expect(taken.json).toMatchObject({ items: [{ type: 'counted', deliveries: { send: 1 } }] })
    expect((await world.sink.at('/ops')).map(({ json }) => (json as { payload: object }).payload)).toEqual([{ n: 1 }])
  })

  it('that somebody does not want is on record with the reason', async () => {
    const world = await NotifyingWorld.start((url) => ({
      'ops.yaml': webhook(url, { events: { 'deploy.*': false } }),
    }))
    const receipt = await world.accepted({ type: 'deploy.failure' })
    expect(receipt).toMatchObject({ deliveries: { send: 0, suppress: 1 }, reasons: { channel_filter: 1 } })
    const [one] = await world.deliveries('status=suppressed')
    expect(one).toMatchObject({
      status: 'suppressed',
      reason: 'channel_filter',
      attemptsMade: 0,
      notification: { channel: 'ops', because: expect.stringContaining('ops.yaml'), decidedBy: 'Channel/-/ops' },
    })
    expect(world.sink.received).toEqual([])
  })
})

describe('a channel', () => {
  it('whose destination is gone is switched off with a condition and an event, holds what follows, and can be enabled', async () => {
    let isGone = true
    const sink = await Sink.start(({ path }) => (path === '/ops' && isGone ? 410 : 200))
    const events = { 'callboard.*': false }
    const told = doc('Channel', 'told', {
      type: 'webhook',
      config: { url: `${sink.url}/told` },
      events: { '*': false, 'callboard.channel.disabled': true },
    })
    const world = await NotifyingWorld.start(
      (url) => ({ 'ops.yaml': webhook(url, { events }), 'told.yaml': told }),
      sink,
    )
    const first = await world.accepted({ type: 'deploy.failure' })
    const id = first.decisions.find(({ channel }) => channel === 'ops')?.delivery as string
    expect(await world.ended(id, 'dead_letter')).toMatchObject({ reason: 'gone', attemptsMade: 1 })
    const [disabled] = await sink.at('/told')
    expect(disabled?.json).toMatchObject({
      event: 'callboard.channel.disabled',
      payload: { channel: { name: 'ops', type: 'webhook' } },
    })
    expect(await world.condition('Channel', 'ops', 'Usable')).toMatchObject({ status: 'False', reason: 'Gone' })
    const second = await world.accepted({ type: 'deploy.failure' })
    const waiting = second.decisions.find(({ channel }) => channel === 'ops')?.delivery as string
    const isHeld = async () => (await world.delivery(waiting)).held?.reason === 'channel_disabled'
    await eventually('it is held', isHeld)
    // Also by the next process.
    await world.running.restart()
    await eventually('it is held after a restart', isHeld)
    expect(sink.received.filter(({ path }) => path === '/ops')).toHaveLength(1)
    isGone = false
    expect((await world.running.operate('/api/v1/admin/channels/ops/enable')).json).toEqual({
      channel: 'ops',
      changed: true,
    })
    expect(await world.ended(waiting, 'delivered')).toMatchObject({ attemptsMade: 1 })
    expect(await world.condition('Channel', 'ops', 'Usable')).toMatchObject({ status: 'True' })
  })

  it('is tried out by a sample, whatever is declared of it', async () => {
    const world = await NotifyingWorld.start((url) => ({
      'ops.yaml': webhook(url, { suspend: true, events: { '*': false } }),
    }))
    const { status, json } = await world.running.operate('/api/v1/admin/channels/ops/test')
    expect([status, json]).toMatchObject([
      200,
      { status: 'delivered', notification: { event: 'callboard.test', channel: 'ops' } },
    ])
    expect(world.sink.received.map(({ path }) => path)).toEqual(['/ops'])
    const check = await world.running.operate('/api/v1/admin/channels/ops/test?check=true')
    expect([check.status, check.text]).toEqual([400, expect.stringContaining('without posting something')])
    expect((await world.running.operate('/api/v1/admin/channels/op/test')).status).toBe(404)
  })

  it('that gives up tells of it once, not of every delivery', async () => {
    const sink = await Sink.start(({ path }) => (path === '/ops' ? 400 : 200))
    const told = doc('Channel', 'told', {
      type: 'webhook',
      config: { url: `${sink.url}/told` },
      events: { '*': false, 'callboard.delivery.dead_lettered': true },
    })
    const events = { 'callboard.*': false }
    const world = await NotifyingWorld.start(
      (url) => ({ 'ops.yaml': webhook(url, { events }), 'told.yaml': told }),
      sink,
    )
    for (const _ of [1, 2, 3]) {
      const { decisions } = await world.accepted({ type: 'deploy.failure' })
      await world.ended(decisions.find(({ channel }) => channel === 'ops')?.delivery as string, 'dead_letter')
    }
    const [received] = await sink.at('/told')
    expect(received?.json).toMatchObject({
      event: 'callboard.delivery.dead_lettered',
      title: 'Given up: deploy.failure on ops',
      body: expect.stringMatching(/^answered 400\n\ncallboard deliveries show \S+$/),
      payload: { delivery: { kind: 'notification', target: 'channel:-/ops', channel: 'ops', error: 'answered 400' } },
    })
    expect(sink.received.filter(({ path }) => path === '/told')).toHaveLength(1)
  })

  it('is sent to again once a dead letter is requeued', async () => {
    let isDown = true
    const sink = await Sink.start(() => (isDown ? 400 : 200))
    const world = await NotifyingWorld.start(
      (url) => ({ 'ops.yaml': webhook(url, { events: { 'callboard.*': false } }) }),
      sink,
    )
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    const id = decisions[0]?.delivery as string
    await world.ended(id, 'dead_letter')
    isDown = false
    await world.running.operate(`/api/v1/deliveries/${id}/requeue`)
    expect(await world.ended(id, 'delivered')).toMatchObject({ round: 2, attemptsMade: 2 })
  })

  it('that is suspended holds what is for it, and sends it once it is not', async () => {
    const world = await NotifyingWorld.start((url) => ({ 'ops.yaml': webhook(url, { suspend: true }) }))
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    const id = decisions[0]?.delivery as string
    await eventually('it is held', async () => (await world.delivery(id)).held?.reason === 'suspend')
    world.running.folder.replace('ops.yaml', webhook(world.sink.url))
    await world.sink.at('/ops')
    expect(await world.ended(id, 'delivered')).toMatchObject({ generation: 1, attempts: [{ generation: 2 }] })
  })

  it('that is pruned has what waits for it cancelled', async () => {
    const world = await NotifyingWorld.start((url) => ({
      'ops.yaml': webhook(url, { suspend: true }),
      'other.yaml': doc('Namespace', 'x', {}),
    }))
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    world.running.folder.replace('ops.yaml', doc('Namespace', 'y', {}))
    expect(await world.ended(decisions[0]?.delivery as string, 'cancelled')).toMatchObject({ reason: 'channel_pruned' })
  })
})

describe('somebody for whom something waits', () => {
  const people = doc('Channel', 'people', {
    type: 'email',
    config: { host: '127.0.0.1', port: 1, tls: 'none', from: 'a@example.com' },
    suspend: true,
  })
  const ann = doc('User', 'ann', { email: 'ann@example.com' })
  const binding = (more = {}) => doc('UserBinding', 'ann', { user: 'ann', channel: 'people', ...more })
  const waiting = async () => {
    const world = await NotifyingWorld.start(() => ({
      'ops.yaml': people,
      'ann.yaml': ann,
      'binding.yaml': binding(),
      'n1.yaml': doc('Namespace', 'n1', {}),
      'n2.yaml': doc('Namespace', 'n2', {}),
    }))
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    const id = decisions[0]?.delivery as string
    await eventually('it is held', async () => (await world.delivery(id)).held?.reason === 'suspend')
    return { world, id, awake: people.replace(',"suspend":true', '') }
  }

  it.each([
    ['is not declared any more', ['ann.yaml', 'binding.yaml'], 'user_pruned'],
    ['is not bound any more', ['binding.yaml'], 'binding_pruned'],
  ])('and who %s hears nothing later', async (_, pruned, reason) => {
    const { world, id, awake } = await waiting()
    for (const file of pruned) world.running.folder.remove(file)
    world.running.folder.replace('ops.yaml', awake)
    expect(await world.ended(id, 'cancelled')).toMatchObject({ reason, attemptsMade: 0 })
  })

  it('and whose binding is off hears nothing later', async () => {
    const { world, id, awake } = await waiting()
    world.running.folder.replace('binding.yaml', binding({ enabled: false }))
    world.running.folder.replace('ops.yaml', awake)
    expect(await world.ended(id, 'suppressed')).toMatchObject({ reason: 'binding_disabled', attemptsMade: 0 })
  })
})

it('a revision that cannot be applied is told once, and so is the one that mends it', async () => {
  const events = { '*': false, 'callboard.sync.*': true }
  const world = await NotifyingWorld.start((url) => ({ 'ops.yaml': webhook(url, { events }) }))
  await world.sink.at('/ops')
  world.running.folder.replace('broken.yaml', doc('Channel', 'ops2', { typ: 'webhook' }))
  const [, failed] = await world.sink.at('/ops', 2)
  expect(failed?.json).toMatchObject({
    event: 'callboard.sync.failed',
    severity: 'error',
    payload: { reason: 'ValidationFailed', problems: [expect.stringContaining('broken.yaml:1:')] },
  })
  // Looked at again, it is the same failure.
  await world.running.operate('/api/v1/reconcile')
  world.running.folder.replace('broken.yaml', doc('Namespace', 'mended', {}))
  const [, , mended] = await world.sink.at('/ops', 3)
  expect(mended?.json).toMatchObject({ event: 'callboard.sync.succeeded', payload: { created: 1 } })
  expect(world.sink.received).toHaveLength(3)
})

it('the URL of a webhook may be a secret', async () => {
  const sink = await Sink.start()
  const world = await NotifyingWorld.start(
    () => ({ 'ops.yaml': doc('Channel', 'ops', { type: 'webhook', config: { url: { file: 'HERE' } } }) }),
    sink,
  )
  const file = `${world.running.folder.base}/url`
  writeFileSync(file, `${sink.url}/secret-path-1234\n`)
  world.running.folder.replace('ops.yaml', doc('Channel', 'ops', { type: 'webhook', config: { url: { file } } }))
  await world.running.statusOnce('it is applied', ({ generation }) => generation === 2)
  const { decisions } = await world.accepted({ type: 'deploy.failure' })
  await sink.at('/secret-path-1234')
  const shown = JSON.stringify(await world.ended(decisions[0]?.delivery as string, 'delivered'))
  expect(shown).not.toContain('secret-path-1234')
})

it('events of the catalogue admin fire webhooks of administrators, once', async () => {
  const sink = await Sink.start()
  const hook = { operation: ['license.create'], url: `${sink.url}/hook` }
  const world = await NotifyingWorld.start(() => ({ 'hook.yaml': doc('AdminWebhook', 'audit', hook) }), sink)
  const event = { id: 'l-1', source: 'billing', type: 'license.create', payload: { subject: 'enterprise' } }
  expect(await world.accepted(event)).toMatchObject({ webhooks: 1 })
  expect(await world.accepted(event)).toMatchObject({ webhooks: 1 })
  const [received] = await sink.at('/hook')
  expect(received?.json).toMatchObject({ operation: 'license.create', details: { subject: 'enterprise' } })
  expect(sink.received).toHaveLength(1)
})
