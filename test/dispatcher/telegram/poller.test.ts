import { afterEach, describe, expect, it } from 'vitest'
import { type PollerState, poll } from '../../../src/dispatcher/telegram/poller.js'
import type { Update } from '../../../src/dispatcher/telegram/updates.js'
import type { Answering } from '../../callbacks/receiver.js'
import { Clock } from '../../delivery/clock.js'
import { flood, refuse, TelegramFake } from '../channels/fakes/telegram.js'
import { jsonOf, vendors } from '../channels/vendor.js'

const vendor = vendors()
const token = '123456789:s3cretABCDEF-_0123456789'
/** How long it waits for an answer. */
const answerMs = 65_000
const unauthorized: Answering = (_, res) => refuse(res, 401, 'Unauthorized')
const down: Answering = (_, res) => res.writeHead(502).end()

/** Nothing here waits for time: only for what a real connection brings. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function start({ offset = 0, next = [] as Answering[], keep = async () => {} } = {}) {
  const fake = new TelegramFake(token)
  fake.next.push(...next)
  let waits = 0
  fake.onWaiting = () => {
    waits += 1
  }
  const { url, received } = await vendor.open(fake.answer)
  const clock = new Clock()
  /** What the last alarm was set to: that of an answer, or of a rest. */
  let alarmMs = 0
  const controller = new AbortController()
  const taken: { readonly updates: readonly Update[]; readonly next: number; readonly unconfirmed: number }[] = []
  const states: PollerState[] = []
  const take = async (updates: readonly Update[], after: number): Promise<void> => {
    await keep()
    taken.push({ updates, next: after, unconfirmed: fake.unconfirmed.length })
  }
  const polling = poll({
    bot: { token, baseUrl: url, http: vendor.contextOf({}).http },
    username: 'notify_bot',
    offset,
    take,
    report: (state) => states.push(state),
    signal: controller.signal,
    now: clock.now,
    timer: (ms, work) => {
      alarmMs = ms
      return clock.timer(ms, work)
    },
    random: () => 1 - Number.EPSILON,
  })
  const stop = async (): Promise<void> => {
    controller.abort(new Error('stopped'))
    await polling
  }
  stops.push(stop)
  const offsets = () => received.map((_, at) => (jsonOf(received, at) as { offset: number }).offset)
  const asked = (count: number) => until(() => received.length >= count)
  /** Until it waits between two attempts. */
  const rests = (count: number) => until(() => states.length >= count && clock.alarms === 1 && alarmMs !== answerMs)
  return { fake, clock, taken, states, stop, received, offsets, asked, rests, waits: () => waits }
}

describe('the poller', () => {
  it('takes what happens, and confirms it only when it was kept', async () => {
    const { fake, taken, offsets, states, waits } = await start()
    await until(() => waits() === 1)
    fake.start('one')
    await until(() => waits() === 2)
    fake.start('two')
    await until(() => waits() === 3)
    expect(taken).toMatchObject([
      { updates: [{ kind: 'start', payload: 'one' }], next: 5002, unconfirmed: 1 },
      { updates: [{ kind: 'start', payload: 'two' }], next: 5003, unconfirmed: 1 },
    ])
    expect(offsets()).toEqual([0, 5002, 5003])
    expect(fake.unconfirmed).toEqual([])
    expect(states).toEqual([{ state: 'Polling' }])
  })

  it('asks the server to wait, and goes on when nothing has happened', async () => {
    const { fake, received, waits, taken } = await start({ offset: 7 })
    await until(() => waits() === 1)
    fake.expire()
    await until(() => waits() === 2)
    expect(jsonOf(received)).toEqual({ offset: 7, limit: 20, timeout: 50, allowed_updates: ['message'] })
    expect(taken).toEqual([])
  })

  it('asks for the same again when what came could not be kept', async () => {
    let isFull = true
    const { fake, clock, taken, states, rests, offsets, waits } = await start({
      keep: async () => {
        if (isFull) throw new Error('the disk is full')
      },
    })
    await until(() => waits() === 1)
    fake.start('one')
    await rests(1)
    expect(states).toEqual([
      { state: 'Retrying', reason: 'NotKept', message: 'what was received could not be kept: Error: the disk is full' },
    ])
    isFull = false
    await clock.pass(1000)
    await until(() => waits() === 2)
    expect(taken).toMatchObject([{ next: 5002 }])
    expect(offsets()).toEqual([0, 0, 5002])
    expect(states.at(-1)).toEqual({ state: 'Polling' })
  })

  it('stalls when another program polls the same bot, and comes back after it', async () => {
    const { fake, clock, states, rests, received, waits } = await start()
    await until(() => waits() === 1)
    fake.intrude()
    await rests(1)
    expect(states).toEqual([
      { state: 'Stalled', reason: 'PollerConflict', message: expect.stringContaining('another program') },
    ])
    await clock.pass(4999)
    expect(received).toHaveLength(1)
    await clock.pass(1)
    await until(() => waits() === 2)
    fake.expire()
    await until(() => states.length === 2)
    expect(states[1]).toEqual({ state: 'Polling' })
  })

  it.each<[string, Answering, object, readonly number[]]>([
    ['a refused token', unauthorized, { state: 'Stalled', reason: 'TokenRefused' }, [5000, 10_000, 20_000, 40_000]],
    ['an outage', down, { state: 'Retrying', reason: 'Unavailable' }, [1000, 2000, 4000, 8000]],
    ['a flood', flood(3), { state: 'Retrying', reason: 'RateLimited' }, [3000, 3000, 4000, 8000]],
  ])('waits longer and longer over %s, and says so once', async (_, answer, state, waits) => {
    const { clock, states, asked, rests, received } = await start({ next: waits.map(() => answer) })
    for (const [at, ms] of waits.entries()) {
      await asked(at + 1)
      await rests(1)
      await clock.pass(ms - 1)
      expect(received).toHaveLength(at + 1)
      await clock.pass(1)
    }
    await asked(waits.length + 1)
    expect(states).toMatchObject([state])
  })

  it('begins with short waits again when something else goes wrong', async () => {
    const { clock, states, asked, rests } = await start({ next: [down, down, down, unauthorized] })
    for (const [at, ms] of [1000, 2000, 4000].entries()) {
      await asked(at + 1)
      await rests(1)
      await clock.pass(ms)
    }
    await rests(2)
    expect(states).toMatchObject([{ reason: 'Unavailable' }, { reason: 'TokenRefused' }])
    await clock.pass(5000)
    await asked(5)
  })

  it('gives an answer up that does not come', async () => {
    const { clock, states, rests, waits, received } = await start()
    await until(() => waits() === 1)
    await clock.pass(answerMs - 1)
    expect(states).toEqual([])
    await clock.pass(1)
    await rests(1)
    expect(states).toEqual([
      { state: 'Retrying', reason: 'Unavailable', message: 'getUpdates: no answer came in time' },
    ])
    await clock.pass(1000)
    await until(() => waits() === 2)
    expect(received).toHaveLength(2)
  })

  it('asks for fewer when more comes than is read, and passes over what is too long alone', async () => {
    const { fake, received, taken, waits } = await start()
    await until(() => waits() === 1)
    // All of them before the first is served.
    const text = 'x'.repeat(30_000)
    fake.expire()
    for (const payload of ['a', 'b']) fake.push({ message: { text, payload } })
    fake.push({ message: { text: 'x'.repeat(70_000) } })
    fake.start('behind')
    await until(() => waits() === 2)
    expect(taken.flatMap(({ updates }) => updates)).toMatchObject([
      { kind: 'other', updateId: 5001 },
      { kind: 'other', updateId: 5002 },
      { kind: 'other', updateId: 5003 },
      { kind: 'start', payload: 'behind' },
    ])
    const limits = received.map((_, at) => (jsonOf(received, at) as { limit: number }).limit)
    expect(limits.slice(0, 4)).toEqual([20, 20, 5, 1])
    expect(limits.at(-1)).toBe(20)
  })

  it('ends with the signal, whether it waits for an answer or for its turn', async () => {
    const waiting = await start()
    await until(() => waiting.waits() === 1)
    await waiting.stop()
    expect(waiting.clock.alarms).toBe(0)
    const resting = await start({ next: [down] })
    await resting.rests(1)
    await resting.stop()
    expect(resting.clock.alarms).toBe(0)
    expect(resting.received).toHaveLength(1)
  })
})
