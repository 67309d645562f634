import { rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/expression/random.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder, mock } from './folder.js'
import { RunningProgram } from './process.js'
import { Sink } from './sink.js'

const kills = 20
const wanted = 2_000
const clients = 8

it('killed again and again, every callback whose trigger was answered arrives', { timeout: 90_000 }, async () => {
  const random = seededRandom('killed callbacks')
  const sink = await Sink.start((_received, res) => {
    const draw = random()
    if (draw < 0.05) res.destroy()
    else return draw < 0.2 ? 500 : 200
    return undefined
  })
  const webhooks = [
    { url: `${sink.url}/now`, body: { n: '$.req.n' }, retryCount: 1000, retryDelay: 0.01, breaker: false },
    {
      url: `${sink.url}/later`,
      body: { n: '$.req.n' },
      delay: 0.2,
      retryCount: 1000,
      retryDelay: 0.01,
      breaker: false,
      conditions: [{ path: '$.delayed', value: true }],
    },
  ]
  const fire = mock('fire', { http: { route: '/fire', httpMethod: 'POST' }, response: { payload: 'ok' }, webhooks })
  const folder = new Folder({ 'fire.yaml': fire })
  const answered = new Set<string>()
  let next = 0
  let asked = 0

  const round = async (isLast: boolean): Promise<void> => {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder, { CALLBOARD_NETWORK_ALLOW: sink.address, CALLBOARD_LOG_LEVEL: 'silent' })
    const { resolver } = await running.ready()
    const agent = new Agent({ keepAlive: true })
    const enough = isLast ? wanted : Math.min(wanted, answered.size + Math.ceil(wanted / kills))
    const client = async (): Promise<void> => {
      while (running.isAlive && answered.size < enough) {
        next += 1
        const n = next
        asked += 1
        const delayed = n % 4 === 0
        try {
          const { status } = await ask(`${resolver}/fire`, { body: { n, delayed }, agent })
          if (status !== 200) throw new Error(`answered ${status}`)
          answered.add(`/now ${n}`)
          if (delayed) answered.add(`/later ${n}`)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === undefined) throw error
          await running.exit
        }
      }
    }
    const all = Promise.all(Array.from({ length: clients }, client))
    if (!isLast) {
      // At any moment: while it accepts, while it only sends, or before it has done anything.
      await Promise.race([all, sleep(random() * 120)])
      await sleep(random() * 60)
      await running.kill('SIGKILL')
      await all
      agent.destroy()
      return
    }
    await all
    const arrived = (): Set<string> =>
      new Set(sink.received.map(({ path, json }) => `${path} ${(json as { n: number }).n}`))
    await eventually(
      'all that was answered has arrived',
      () => {
        const there = arrived()
        for (const one of answered) if (!there.has(one)) return false
        return true
      },
      { withinMs: 30_000, everyMs: 50, found: () => [...answered].filter((one) => !arrived().has(one)).slice(0, 20) },
    )
    agent.destroy()
    expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  }
  for (let kill = 0; kill < kills; kill += 1) await round(false)
  await round(true)

  expect(answered.size).toBeGreaterThanOrEqual(wanted)
  expect(asked).toBeGreaterThanOrEqual(kills)
  const ids = new Map<string, string>()
  const attempts = new Map<string, number>()
  for (const { path, json, headers } of sink.received) {
    const one = `${path} ${(json as { n: number }).n}`
    const id = String(headers['callboard-delivery-id'])
    const attempt = Number(headers['callboard-attempt'])
    expect(ids.get(one) ?? id).toBe(id)
    expect(attempt).toBeGreaterThanOrEqual(attempts.get(id) ?? 1)
    ids.set(one, id)
    attempts.set(id, attempt)
  }
  expect(new Set(ids.values()).size).toBe(ids.size)
})
