// What comes in quiet hours, to its end.

import { expect, it } from 'vitest'
import { receivers } from './callbacks/receiver.js'
import { DispatchingWorld } from './dispatching-world.js'
import { declared } from './resources/kinds/declared.js'

const { open } = receivers()
const hour = 3600_000
const night = Date.UTC(2026, 0, 5, 23)

const room = (url: string, more: object = {}) =>
  declared('Channel', 'room', { type: 'webhook', config: { url }, ...more })
const quiet = (more: object = {}) =>
  declared('Preference', 'nights', { quietHours: { from: '22:00', to: '07:00', timezone: 'UTC', ...more } })
const alarm = (title: string) => declared('EventType', 'alarm', { title, sample: {} })
const titles = (received: readonly { readonly body: Buffer }[]) =>
  received.map(({ body }) => (JSON.parse(String(body)) as { title: string }).title)

async function asleep(more: object = {}) {
  const { url, received } = await open()
  const files = { 'room.yaml': room(url), 'nights.yaml': quiet(more), 'alarm.yaml': alarm('as it was then') }
  const world = await DispatchingWorld.start(files, { at: night })
  const [id = ''] = await world.post('alarm')
  return { world, received, files, id, url }
}

it('is held until they end, and then sent in the words of when it came', async () => {
  const { world, received, files, id } = await asleep()
  expect(world.find(id).state.status).toBe('pending')
  await world.apply({ ...files, 'alarm.yaml': alarm('as it is now') })
  await world.clock.pass(8 * hour - 1)
  expect(received).toEqual([])
  await world.clock.pass(1)
  expect(await world.until(id, 'delivered')).toMatchObject({ attempts: [{ at: night + 8 * hour }] })
  expect(titles(received)).toEqual(['as it was then'])
})

it('is held over the end of the process', async () => {
  const { world, received, id } = await asleep()
  await world.stop()
  world.clock.jump(9 * hour)
  await world.begin()
  await world.until(id, 'delivered')
  expect(titles(received)).toEqual(['as it was then'])
})

it('is asked about when it is due, and not before, whatever is declared meanwhile', async () => {
  const { world, files, id } = await asleep()
  await world.apply({ ...files, 'nights.yaml': declared('Namespace', 'x') })
  await world.clock.pass(8 * hour)
  expect(await world.until(id, 'delivered')).toMatchObject({ attempts: [{ at: night + 8 * hour }] })
})

it('is held on when they end later by then', async () => {
  const { world, received, files, id } = await asleep()
  await world.apply({ ...files, 'nights.yaml': quiet({ to: '09:00' }) })
  await world.clock.pass(8 * hour)
  expect([received, world.find(id).state.status]).toEqual([[], 'pending'])
  await world.clock.pass(2 * hour)
  await world.until(id, 'delivered')
})

it.each<[string, string, string]>([
  ['a silence', declared('Silence', 's', { match: { event: 'alarm' }, until: '2026-02-01T00:00:00Z' }), 'silence'],
  ['a flag', declared('Preference', 'flags', { namespace: '', events: { alarm: false } }), 'global_flag'],
])('is not sent when %s speaks against it by then', async (_, text, reason) => {
  const { world, received, files, id } = await asleep()
  await world.apply({ ...files, 'more.yaml': text.replace('"namespace":"",', '') })
  await world.clock.pass(8 * hour)
  expect(await world.until(id, 'suppressed')).toMatchObject({ reason })
  expect(received).toEqual([])
})

it('is never sent where they drop it, and is on record', async () => {
  const { world, received, id } = await asleep({ mode: 'drop' })
  expect(world.find(id).state).toMatchObject({ status: 'suppressed', reason: 'quiet_hours' })
  await world.clock.pass(24 * hour)
  expect(received).toEqual([])
})

it('is sent at once by day, and when it is critical', async () => {
  const { world, files, url } = await asleep()
  await world.apply({
    ...files,
    'room.yaml': room(`${url}/now`),
    'fire.yaml': declared('EventType', 'fire', { critical: true, sample: {} }),
  })
  const [critical = ''] = await world.post('fire')
  await world.until(critical, 'delivered')
  await world.clock.pass(12 * hour)
  const [byDay = ''] = await world.post('alarm')
  await world.until(byDay, 'delivered')
})
