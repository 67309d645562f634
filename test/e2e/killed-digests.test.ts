// Digests that are sent again and again by processes that are killed again and again: what they count adds up.

import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/expression/random.js'
import type { DigestView } from '../../src/status/digest-views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { doc } from './notifying.js'
import { RunningProgram } from './process.js'
import { operateToken } from './running.js'
import { Sink } from './sink.js'

const kills = 5
const clients = 4
const perRound = 25

interface ToldDigest {
  readonly id: string
  readonly digest: { readonly counts: { readonly events: number }; readonly events: readonly { readonly id: string }[] }
}

function toldIn(json: unknown): ToldDigest {
  const { event, payload } = JSON.parse(JSON.stringify(json)) as Record<string, never>
  const about = (event as { payload?: ToldDigest; id?: string } | undefined) ?? {}
  const digest = (payload ?? about.payload) as unknown as ToldDigest
  return { id: String(about.id ?? JSON.stringify(json)), digest: digest.digest }
}

it('each event that was accepted is in one digest, whenever the process that gathers or sends it ends', {
  timeout: 120_000,
}, async () => {
  const random = seededRandom('killed digests')
  const sink = await Sink.start(() => (random() < 0.1 ? 500 : 200))
  const folder = new Folder({
    'all.yaml': [
      doc('Channel', 'room', {
        type: 'webhook',
        config: { url: `${sink.url}/room` },
        events: { '*': false },
        retry: { maxRetries: 100, baseDelay: 0.01, maxDelay: 0.05 },
      }),
      doc('EventType', 'counted', { default: false }),
      doc('Digest', 'all', { schedule: '@yearly', events: ['counted'], audience: { channels: ['room'] } }),
    ].join('\n---\n'),
  })
  const accepted = new Set<string>()
  let next = 0
  const headers = { authorization: `Bearer ${operateToken}` }

  const round = async (isLast: boolean): Promise<void> => {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder, { CALLBOARD_NETWORK_ALLOW: sink.address, CALLBOARD_LOG_LEVEL: 'silent' })
    const { control } = await running.ready()
    const post = (path: string, body: unknown) => ask(`${control}${path}`, { method: 'POST', body, headers })
    const repeated: string[] = []
    const client = async (): Promise<void> => {
      for (let turn = 0; turn < perRound && running.isAlive; turn += 1) {
        const id = `e${next++}`
        try {
          if (random() < 0.1) await post('/api/v1/digests/all/run', {})
          const { status, text } = await post('/api/v1/events', { id, source: 'test', type: 'counted' })
          if (status !== 202) throw new Error(`answered ${status}: ${text}`)
          accepted.add(id)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === undefined) throw error
          // Nobody knows whether it was taken: it is posted again, as whoever has no answer does.
          repeated.push(id)
          await running.exit
        }
      }
    }
    const all = Promise.all(Array.from({ length: clients }, client))
    if (!isLast) {
      await Promise.race([all, sleep(50 + random() * 200)])
      await running.kill('SIGKILL')
      await all
      unanswered.push(...repeated)
      return
    }
    await all
    for (const id of unanswered) {
      expect((await post('/api/v1/events', { id, source: 'test', type: 'counted' })).status).toBe(202)
      accepted.add(id)
    }
    expect((await post('/api/v1/digests/all/run', {})).status).toBe(200)
    const told = () => new Map(sink.received.map(({ json }) => toldIn(json)).map((one) => [one.id, one.digest]))
    const total = () => [...told().values()].reduce((sum, { counts }) => sum + counts.events, 0)
    await eventually('all have arrived', () => total() >= accepted.size || undefined, { found: total })
    const { json } = await ask(`${control}/api/v1/digests`, { headers })
    expect((json as { items: DigestView[] }).items).toMatchObject([{ collected: 0 }])
    await running.kill('SIGTERM')
    expect(total()).toBe(accepted.size)
    const listed = [...told().values()].flatMap(({ events }) => events.map(({ id }) => id))
    expect(new Set(listed).size).toBe(listed.length)
  }

  const unanswered: string[] = []
  for (let number = 0; number <= kills; number += 1) await round(number === kills)
  expect(accepted.size).toBeGreaterThan(100)
})
