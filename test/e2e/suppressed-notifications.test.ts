// Whatever is not sent is in the delivery log with the reason, and the declaration that says so.

import { expect, it } from 'vitest'
import type { EventReceipt } from '../../src/status/event-views.js'
import { doc, NotifyingWorld } from './notifying.js'
import { Sink } from './sink.js'

const hour = 3600_000
const names = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gil', 'hal']

/** It is that time in UTC now. */
function quietNow(mode: 'drop' | 'defer'): object {
  const clock = (time: number) => new Date(time).toISOString().slice(11, 16)
  return { from: clock(Date.now() - 2 * hour), to: clock(Date.now() + 4 * hour), mode }
}

const only = (...events: string[]) => ({ '*': false, ...Object.fromEntries(events.map((event) => [event, true])) })

function files(url: string): Record<string, string> {
  const webhook = (name: string, more: object = {}) =>
    doc('Channel', name, { type: 'webhook', config: { url }, ...more })
  const own = (user: string, said: object) => doc('Preference', user, { user, channel: 'people', ...said })
  return {
    'off.yaml': webhook('off', { enabled: false }),
    'filtered.yaml': webhook('filtered', { events: { '*': false } }),
    'room.yaml': webhook('room'),
    'joining.yaml': webhook('joining', { events: only('alarm'), group: { wait: '1h' } }),
    'calm.yaml': webhook('calm', { events: only('alarm'), threshold: { count: 2, within: '1h' } }),
    'stormy.yaml': webhook('stormy', { events: only('alarm', 'rare'), storm: { count: 1, per: '1h' } }),
    'people.yaml': doc('Channel', 'people', { type: 'slack', config: { botToken: { env: 'TOKEN' } } }),
    'bot.yaml': doc('Channel', 'bot', { type: 'telegram', config: { botToken: { env: 'TOKEN' } } }),
    ...Object.fromEntries(
      names.map((name) => [`${name}.yaml`, doc('User', name, { email: `${name}@example.com`, role: 'admin' })]),
    ),
    ...Object.fromEntries(
      names
        .filter((name) => name !== 'gil' && name !== 'hal')
        .map((name) => [
          `${name}-slack.yaml`,
          doc('UserBinding', `${name}-slack`, { user: name, channel: 'people', enabled: name !== 'fay' }),
        ]),
    ),
    'hal-bot.yaml': doc('UserBinding', 'hal-bot', { user: 'hal', channel: 'bot' }),
    'p-ann.yaml': own('ann', { events: { alarm: false } }),
    'p-bob.yaml': own('bob', { minSeverity: 'critical' }),
    'p-cid.yaml': own('cid', { quietHours: quietNow('drop') }),
    'p-dan.yaml': own('dan', { quietHours: quietNow('defer') }),
    'p-eve.yaml': own('eve', { scope: { services: ['web'] } }),
    'p-gil.yaml': own('gil', { events: { alarm: true } }),
    'everybody.yaml': doc('Preference', 'everybody', { events: { flagged: false } }),
    'silence.yaml': doc('Silence', 'works', { match: { event: 'silenced' }, until: '2099-01-01T00:00:00Z' }),
    'over.yaml': doc('EventType', 'over', { resolves: ['alarm'] }),
    'alarm.yaml': doc('EventType', 'alarm', { severity: 'error' }),
    'flagged.yaml': doc('EventType', 'flagged', {}),
    'rare.yaml': doc('EventType', 'rare', { default: false }),
    'silenced.yaml': doc('EventType', 'silenced', {}),
    'broke.yaml': doc('EventType', 'broke', { key: 'run' }),
    'done.yaml': doc('EventType', 'done', { key: 'run', includes: ['broke'] }),
  }
}

it('every reason there is can be read in the delivery log', async () => {
  const sink = await Sink.start()
  const world = await NotifyingWorld.start(files, sink, { catalogues: [], network: { allow: [sink.address] } })
  const receipts: EventReceipt[] = []
  receipts.push(await world.accepted({ type: 'over', service: 'api' }))
  for (const type of ['alarm', 'flagged', 'rare', 'silenced']) {
    receipts.push(await world.accepted({ type, service: 'api' }))
  }
  for (const type of ['broke', 'done']) receipts.push(await world.accepted({ type, payload: { run: 7 } }))

  const recorded = await world.deliveries('status=suppressed&limit=500')
  const reasons = recorded.map(({ notification: one, reason }) => [
    `${one?.event} ${one?.channel} ${one?.user ?? '-'}`,
    `${reason} by ${one?.decidedBy ?? 'default'}`,
  ])
  expect(Object.fromEntries(reasons)).toMatchObject({
    'alarm off -': 'channel_disabled by Channel/-/off',
    'alarm filtered -': 'channel_filter by Channel/-/filtered',
    'alarm people ann': 'preference by Preference/-/ann',
    'alarm people bob': 'min_severity by Preference/-/bob',
    'alarm people cid': 'quiet_hours by Preference/-/cid',
    'alarm people eve': 'scope by Preference/-/eve',
    'alarm people fay': 'binding_disabled by UserBinding/-/fay-slack',
    'alarm people gil': 'no_binding by Preference/-/gil',
    'alarm bot hal': 'binding_pending by UserBinding/-/hal-bot',
    'flagged room -': 'global_flag by Preference/-/everybody',
    'rare room -': 'event_default by EventType/-/rare',
    'silenced room -': 'silence by Silence/-/works',
    'alarm joining -': 'grouped by Channel/-/joining',
    'alarm calm -': 'threshold by Channel/-/calm',
    'rare stormy -': 'storm by Channel/-/stormy',
    'over room -': 'unpaired by Channel/-/room',
    'done room -': expect.stringMatching(/^duplicate /),
  })
  for (const { notification, attemptsMade } of recorded) {
    expect(attemptsMade).toBe(0)
    expect(notification?.because).not.toBe('')
  }
  // What was answered and what is on record are the same, and filters find it.
  const promised = receipts.flatMap(({ decisions }) => decisions.filter(({ outcome }) => outcome === 'suppress'))
  expect(recorded.map(({ id }) => id).sort()).toEqual(promised.map(({ delivery }) => delivery).sort())
  const ofAnn = await world.deliveries('status=suppressed&user=ann&event=alarm')
  expect(ofAnn.map(({ reason }) => reason)).toEqual(['preference'])

  // What is only deferred waits, and the rest is sent.
  expect(await world.deliveries('user=dan&event=alarm')).toMatchObject([{ status: 'pending', attemptsMade: 0 }])
  const told = await sink.at('/', 3)
  expect(told.map(({ json }) => (json as { event: string }).event).sort()).toEqual(['alarm', 'alarm', 'broke'])
})
