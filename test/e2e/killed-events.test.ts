import { rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/expression/random.js'
import type { EventReceipt } from '../../src/status/event-views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { doc } from './notifying.js'
import { RunningProgram } from './process.js'
import { operateToken } from './running.js'
import { Sink } from './sink.js'

const kills = 20
const wanted = 600
const clients = 6
const channels = 3

it('killed again and again, every event that was accepted arrives on every channel, each under one id', {
  timeout: 120_000,
}, async () => {
  const random = seededRandom('killed events')
  const sink = await Sink.start((_received, res) => {
    const draw = random()
    if (draw < 0.05) res.destroy()
    else return draw < 0.2 ? 500 : 200
    return undefined
  })
  const channel = (number: number) =>
    doc('Channel', `c${number}`, {
      type: 'webhook',
      config: { url: `${sink.url}/c${number}` },
      events: { 'callboard.*': false },
      retry: { maxRetries: 100, baseDelay: 0.01, maxDelay: 0.05 },
    })
  const folder = new Folder({
    ...Object.fromEntries(Array.from({ length: channels }, (_, index) => [`c${index}.yaml`, channel(index)])),
    'off.yaml': doc('Channel', 'off', { type: 'webhook', config: { url: `${sink.url}/off` }, enabled: false }),
    'type.yaml': doc('EventType', 'counted', { default: true, title: 'Number {{ payload.n }}' }),
  })
  const answered = new Map<number, string>()
  let next = 0

  const round = async (isLast: boolean): Promise<void> => {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder, { CALLBOARD_NETWORK_ALLOW: sink.address, CALLBOARD_LOG_LEVEL: 'silent' })
    const { control } = await running.ready()
    const agent = new Agent({ keepAlive: true })
    const enough = isLast ? wanted : Math.min(wanted, answered.size + Math.ceil(wanted / kills))
    const client = async (): Promise<void> => {
      while (running.isAlive && answered.size < enough) {
        next += 1
        const n = next
        const event = { id: `e${n}`, source: 'test', type: 'counted', payload: { n } }
        for (let tries = 0; tries < 2; tries += 1) {
          try {
            const headers = { authorization: `Bearer ${operateToken}` }
            const { status, json, text } = await ask(`${control}/api/v1/events`, { body: event, agent, headers })
            if (status !== 202) throw new Error(`answered ${status}: ${text}`)
            const receipt = JSON.stringify(json)
            // Posted again, it has the same answer.
            expect(answered.get(n) ?? receipt).toBe(receipt)
            answered.set(n, receipt)
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code === undefined) throw error
            await running.exit
            return
          }
          if (random() < 0.8) break
        }
      }
    }
    const all = Promise.all(Array.from({ length: clients }, client))
    if (!isLast) {
      await Promise.race([all, sleep(random() * 150)])
      await sleep(random() * 60)
      await running.kill('SIGKILL')
      await all
      agent.destroy()
      return
    }
    await all
    const missing = (): string[] => {
      const there = new Set(sink.received.map(({ path, json }) => `${path} ${numberIn(json)}`))
      return [...answered.keys()].flatMap((n) =>
        Array.from({ length: channels }, (_, index) => `/c${index} ${n}`).filter((one) => !there.has(one)),
      )
    }
    await eventually('all that was accepted has arrived', () => missing().length === 0, {
      withinMs: 40_000,
      everyMs: 50,
      found: () => missing().slice(0, 20),
    })
    // What is not sent is on record too, once for each that was accepted.
    const off = await recorded(control, 'status=suppressed&channel=off')
    const suppressed = new Set(off.map(({ notification }) => notification.eventId))
    expect(suppressed.size).toBe(off.length)
    expect([...answered.keys()].filter((n) => !suppressed.has(`e${n}`))).toEqual([])
    for (const { id, notification } of off) {
      const n = Number(notification.eventId.slice(1))
      if (answered.has(n)) expect(id).toBe(deliveriesOf(answered.get(n)).get('off'))
    }
    agent.destroy()
    expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  }
  for (let kill = 0; kill < kills; kill += 1) await round(false)
  await round(true)

  expect(answered.size).toBeGreaterThanOrEqual(wanted)
  const ids = new Map<string, string>()
  for (const { path, json, headers } of sink.received) {
    const one = `${path} ${numberIn(json)}`
    const id = String(headers['callboard-delivery-id'])
    expect(ids.get(one) ?? id).toBe(id)
    ids.set(one, id)
    expect((json as { title: string }).title).toBe(`Number ${numberIn(json)}`)
  }
  expect(new Set(ids.values()).size).toBe(ids.size)
  // The ids are those that were answered when it was accepted.
  for (const [n, receipt] of answered) {
    const promised = deliveriesOf(receipt)
    for (let index = 0; index < channels; index += 1) expect(ids.get(`/c${index} ${n}`)).toBe(promised.get(`c${index}`))
  }
  expect(sink.received.some(({ path }) => path === '/off')).toBe(false)
})

/** Ids of deliveries by channel. */
function deliveriesOf(receipt: string | undefined): ReadonlyMap<string, string | null> {
  const { decisions } = JSON.parse(receipt ?? '{"decisions": []}') as EventReceipt
  return new Map(decisions.map(({ channel, delivery }) => [channel, delivery]))
}

interface Recorded {
  readonly id: string
  readonly notification: { readonly eventId: string }
}

async function recorded(control: string, query: string): Promise<readonly Recorded[]> {
  const items: Recorded[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { json } = await ask(`${control}/api/v1/deliveries?${query}&limit=500${from}`)
    const page = json as { readonly items: readonly Recorded[]; readonly nextCursor: string | null }
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

function numberIn(json: unknown): number {
  return (json as { payload: { n: number } }).payload.n
}
