// From an event that is posted to what arrives at a vendor, and to the reasons why something does not.

import { describe, expect, it } from 'vitest'
import type { DeliverySummary, DeliveryView } from '../../src/status/delivery-views.js'
import type { EventReceipt } from '../../src/status/event-views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { operateToken, Running } from './running.js'
import { Sink } from './sink.js'

const doc = (kind: string, name: string, spec: object, namespace?: string) =>
  JSON.stringify({
    apiVersion: 'callboard/v1',
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec,
  })

const bearer = { authorization: `Bearer ${operateToken}` }

class World {
  readonly running: Running
  readonly sink: Sink

  private constructor(running: Running, sink: Sink) {
    this.running = running
    this.sink = sink
  }

  static async start(
    files: (url: string) => Readonly<Record<string, string>>,
    sink?: Sink,
    flags = {},
  ): Promise<World> {
    const there = sink ?? (await Sink.start())
    const running = await Running.start(files(there.url), { network: { allow: [there.address] }, ...flags })
    return new World(running, there)
  }

  post(body: unknown, headers: Readonly<Record<string, string>> = {}) {
    return ask(`${this.running.control}/api/v1/events`, { method: 'POST', body, headers: { ...bearer, ...headers } })
  }

  async accepted(body: unknown): Promise<EventReceipt> {
    const { status, json, text } = await this.post(body)
    expect([status, text]).toEqual([202, expect.any(String)])
    return json as EventReceipt
  }

  async deliveries(query: string): Promise<DeliverySummary[]> {
    return (await this.running.see<{ items: DeliverySummary[] }>(`/api/v1/deliveries?${query}`)).items
  }

  delivery(id: string): Promise<DeliveryView> {
    return this.running.see<DeliveryView>(`/api/v1/deliveries/${id}`)
  }

  /** Once it has ended. */
  ended(id: string, status: string): Promise<DeliveryView> {
    let last: DeliveryView | undefined
    return eventually(
      `${id} is ${status}`,
      async () => {
        last = await this.delivery(id)
        return last.status === status && last
      },
      { found: () => last },
    )
  }
}

const webhook = (url: string, more = {}) =>
  doc('Channel', 'ops', { type: 'webhook', config: { url: `${url}/ops` }, ...more })

describe('an event that is posted', () => {
  it('reaches the channels that want it, with the reason and both revisions on record', async () => {
    const world = await World.start((url) => ({ 'ops.yaml': webhook(url) }))
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
    const world = await World.start((url) => ({ 'ops.yaml': webhook(url) }))
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
    const world = await World.start((url) => ({ 'ops.yaml': webhook(url) }), undefined, { catalogues: ['aegisrunner'] })
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

  it('is checked against the schema of its type, and a batch is taken as a whole or not at all', async () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }
    const world = await World.start((url) => ({
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
    const world = await World.start((url) => ({
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
  it('that is suspended holds what is for it, and sends it once it is not', async () => {
    const world = await World.start((url) => ({ 'ops.yaml': webhook(url, { suspend: true }) }))
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    const id = decisions[0]?.delivery as string
    await eventually('it is held', async () => (await world.delivery(id)).held?.reason === 'suspend')
    world.running.folder.replace('ops.yaml', webhook(world.sink.url))
    await world.sink.at('/ops')
    expect(await world.ended(id, 'delivered')).toMatchObject({ generation: 1, attempts: [{ generation: 2 }] })
  })

  it('that is pruned has what waits for it cancelled', async () => {
    const world = await World.start((url) => ({
      'ops.yaml': webhook(url, { suspend: true }),
      'other.yaml': doc('Namespace', 'x', {}),
    }))
    const { decisions } = await world.accepted({ type: 'deploy.failure' })
    world.running.folder.replace('ops.yaml', doc('Namespace', 'y', {}))
    expect(await world.ended(decisions[0]?.delivery as string, 'cancelled')).toMatchObject({ reason: 'channel_pruned' })
  })
})

it('events of the catalogue admin fire webhooks of administrators, once', async () => {
  const sink = await Sink.start()
  const hook = { operation: ['license.create'], url: `${sink.url}/hook` }
  const world = await World.start(() => ({ 'hook.yaml': doc('AdminWebhook', 'audit', hook) }), sink)
  const event = { id: 'l-1', source: 'billing', type: 'license.create', payload: { subject: 'enterprise' } }
  expect(await world.accepted(event)).toMatchObject({ webhooks: 1 })
  expect(await world.accepted(event)).toMatchObject({ webhooks: 1 })
  const [received] = await sink.at('/hook')
  expect(received?.json).toMatchObject({ operation: 'license.create', details: { subject: 'enterprise' } })
  expect(sink.received).toHaveLength(1)
})
