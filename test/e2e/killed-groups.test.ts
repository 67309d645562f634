import { rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/expression/random.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { doc } from './notifying.js'
import { RunningProgram } from './process.js'
import { operateToken } from './running.js'
import { Sink } from './sink.js'

const kills = 8
const wanted = 400

interface Said {
  readonly delivery: string
  readonly payload: { readonly group?: { readonly count: number } }
}

it('killed again and again, what is joined adds up to what was accepted', { timeout: 120_000 }, async () => {
  const random = seededRandom('killed groups')
  const sink = await Sink.start((_received, res) => {
    const draw = random()
    if (draw < 0.05) res.destroy()
    else return draw < 0.2 ? 500 : 200
    return undefined
  })
  const channel = (name: string, more: object) =>
    doc('Channel', name, {
      type: 'webhook',
      config: { url: `${sink.url}/${name}` },
      events: { 'callboard.*': false },
      retry: { maxRetries: 100, baseDelay: 0.01, maxDelay: 0.05 },
      ...more,
    })
  const folder = new Folder({
    'joined.yaml': channel('joined', { group: { by: ['event'], wait: 0.1, interval: 0.2 } }),
    'storm.yaml': channel('storm', { storm: { count: 2, per: 0.5 } }),
    'type.yaml': doc('EventType', 'counted', { title: 'Number {{ payload.n }}' }),
  })
  const accepted = new Set<number>()
  let next = 0

  /** Posts until an event is accepted, by whichever process there is then. */
  const round = async (isLast: boolean): Promise<void> => {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder, { CALLBOARD_NETWORK_ALLOW: sink.address, CALLBOARD_LOG_LEVEL: 'silent' })
    const { control } = await running.ready()
    const agent = new Agent({ keepAlive: true })
    const headers = { authorization: `Bearer ${operateToken}` }
    const post = async (n: number): Promise<void> => {
      const event = { id: `e${n}`, source: 'test', type: 'counted', payload: { n } }
      try {
        const { status, text } = await ask(`${control}/api/v1/events`, { body: event, agent, headers })
        if (status !== 202) throw new Error(`answered ${status}: ${text}`)
        accepted.add(n)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        await running.exit
      }
    }
    const again = Array.from({ length: next }, (_, index) => index).filter((n) => !accepted.has(n))
    const enough = isLast ? wanted : Math.min(wanted, next + Math.ceil(wanted / kills))
    const all = (async () => {
      for (const n of again) await post(n)
      while (running.isAlive && next < enough) {
        next += 1
        await post(next - 1)
      }
    })()
    if (!isLast) {
      await Promise.race([all, sleep(random() * 200)])
      await sleep(random() * 150)
      await running.kill('SIGKILL')
      await all
      agent.destroy()
      return
    }
    await all
    const countsOf = (path: string) => {
      const said = sink.received.filter((one) => one.path === path).map(({ json }) => json as Said)
      const byDelivery = new Map(said.map(({ delivery, payload }) => [delivery, payload.group?.count ?? 1]))
      return [...byDelivery.values()]
    }
    const sum = (path: string) => countsOf(path).reduce((total, count) => total + count, 0)
    const sums = () => [sum('/joined'), sum('/storm')]
    await eventually('all of them are said', () => sums().every((total) => total >= wanted), {
      withinMs: 30_000,
      everyMs: 50,
      found: sums,
    })
    // Nothing waits any more that could be said twice.
    await eventually(
      'nothing waits',
      async () => {
        const { json } = await ask(`${control}/api/v1/deliveries?status=pending,retrying`)
        return (json as { readonly items: readonly object[] }).items.length === 0
      },
      { withinMs: 30_000, everyMs: 50 },
    )
    expect(sums()).toEqual([wanted, wanted])
    expect(countsOf('/joined').length).toBeLessThan(wanted / 2)
    agent.destroy()
    expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  }
  for (let kill = 0; kill < kills; kill += 1) await round(false)
  await round(true)
  expect(accepted.size).toBe(wanted)
})
