// From events to vendors, with what keeps people from being flooded: what is joined, and what ends what.

import { expect, it } from 'vitest'
import type { EventExplanationView } from '../../src/status/explanation-views.js'
import type { Received } from '../callbacks/receiver.js'
import { receivers } from '../callbacks/receiver.js'
import { SlackFake } from '../dispatcher/channels/fakes/slack.js'
import { eventually } from './eventually.js'
import { doc, NotifyingWorld } from './notifying.js'

const servers = receivers()
const flags = { catalogues: ['ai-admin-panel'], network: { allow: ['127.0.0.1'] } }
const down = { type: 'service.health.down', service: 'shop', payload: { message: 'down' } }
const up = { type: 'service.health.recovered', service: 'shop', payload: { message: 'up' } }

const jsonOf = ({ body }: Received) => JSON.parse(String(body)) as Record<string, unknown>

/** A server that says of everything that it is well. */
const open = (status: number, body: object) =>
  servers.open((_, res) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)))

it('a recovery closes what its failure opened, and answers it where that is possible', async () => {
  const pagerduty = await open(202, { status: 'success', message: 'Event processed', dedup_key: 'x' })
  const opsgenie = await open(202, { result: 'Request will be processed', took: 0.1, requestId: 'r' })
  const chat = await open(200, { name: 'spaces/A/messages/B' })
  const slack = new SlackFake()
  slack.channels.add('C1')
  const slackAt = await servers.open(slack.answer)
  const channel = (type: string, config: object) => doc('Channel', type, { type, config })
  const world = await NotifyingWorld.start(
    () => ({
      'pagerduty.yaml': channel('pagerduty', { routing_key: 'k'.repeat(32), baseUrl: pagerduty.url }),
      'opsgenie.yaml': channel('opsgenie', { apiKey: 'secret', baseUrl: opsgenie.url }),
      'chat.yaml': channel('googlechat', {
        webhookUrl: 'https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t',
        baseUrl: chat.url,
      }),
      'slack.yaml': channel('slack', { botToken: slack.token, channel: 'C1', baseUrl: slackAt.url }),
    }),
    undefined,
    flags,
  )
  await world.accepted(down)
  const count = (status: string) => world.deliveries(`status=${status}`)
  await eventually('the failure is everywhere', async () => (await count('delivered')).length === 4)
  await world.accepted(up)
  await eventually('the recovery is too', async () => (await count('delivered')).length === 8)
  const [opened, closed] = pagerduty.received.map(jsonOf)
  expect([opened?.event_action, closed?.event_action]).toEqual(['trigger', 'resolve'])
  expect(closed?.dedup_key).toBe(opened?.dedup_key)
  const [alert, end] = opsgenie.received
  expect(end?.url).toContain(`/v2/alerts/${encodeURIComponent(String(jsonOf(alert as Received).alias))}/close`)
  const threads = chat.received.map((one) => jsonOf(one).thread)
  expect(threads[0]).toMatchObject({ threadKey: expect.any(String) })
  expect(threads[1]).toEqual(threads[0])
  expect(slack.posted.map(({ thread_ts }) => thread_ts)).toEqual([undefined, [...slack.messages.keys()][0]])
  // Nothing is open any more: another end is of nothing.
  const { reasons } = await world.accepted({ ...up, id: 'again' })
  expect(reasons).toEqual({ unpaired: 4 })
  const [unpaired] = await world.deliveries('eventId=again')
  expect(unpaired).toMatchObject({ status: 'suppressed', reason: 'unpaired' })
})

it('events that are joined lead to their message, and the message to them', async () => {
  const world = await NotifyingWorld.start(
    (url) => ({
      'ops.yaml': doc('Channel', 'ops', {
        type: 'webhook',
        config: { url: `${url}/ops` },
        group: { by: ['event'], wait: 1, interval: 60 },
      }),
    }),
    undefined,
    { catalogues: ['ai-admin-panel'] },
  )
  const events = Array.from({ length: 5 }, (_, index) => ({ ...down, id: `e${index}`, service: `s${index}` }))
  expect((await world.post(events)).status).toBe(202)
  const explained = await world.running.see<EventExplanationView>('/api/v1/explain/event?type=service.health.down')
  expect(explained.decisions[0]?.because).toContain('joins events by event: first after 1s, then every 1m')
  const [message] = await eventually('it is said', async () => {
    const found = await world.deliveries('status=delivered')
    return found.length > 0 && found
  })
  expect(message?.notification).toMatchObject({ events: 5, message: null })
  const parts = await world.deliveries(`message=${message?.id}`)
  expect(parts.map(({ notification, reason }) => [notification?.eventId, reason, notification?.message])).toEqual(
    events.map(({ id }) => [id, 'grouped', message?.id]).reverse(),
  )
  expect(world.sink.received).toHaveLength(1)
})
