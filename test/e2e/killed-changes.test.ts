import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/expression/random.js'
import type { RevisionSummary } from '../../src/status/views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { Folder, plain } from './folder.js'
import { RunningProgram } from './process.js'
import { Sink } from './sink.js'

const kills = 15

interface Told {
  readonly operation: string
  readonly name: string
  readonly generation: number
}

const hook = (url: string) =>
  JSON.stringify({
    apiVersion: 'callboard/v1',
    kind: 'NamespaceWebhook',
    metadata: { name: 'watch', namespace: 'sandbox' },
    spec: {
      operation: ['mock.create', 'mock.update', 'mock.delete', 'mock.restore'],
      url: `${url}/hook`,
      retryCount: 1000,
      retryDelay: 0.01,
      breaker: false,
    },
  })

const words: Readonly<Record<string, string>> = {
  create: 'mock.create',
  update: 'mock.update',
  prune: 'mock.delete',
  restore: 'mock.restore',
}

it('killed again and again amid edits, every change of every revision is told, each under one id', {
  timeout: 90_000,
}, async () => {
  const random = seededRandom('killed changes')
  const sink = await Sink.start(() => (random() < 0.2 ? 500 : 200))
  const mocks = ['a', 'b', 'c', 'd', 'e', 'f']
  const folder = new Folder({ 'hook.yaml': hook(sink.url), 'stays.yaml': plain('stays', 1) })
  let edits = 0
  const edit = (): void => {
    edits += 1
    const name = mocks[Math.floor(random() * mocks.length)] ?? 'a'
    if (random() < 0.25) rmSync(folder.at(`${name}.yaml`), { force: true })
    // There and back again: few payloads, so that what was is declared again.
    else folder.replace(`${name}.yaml`, plain(name, Math.floor(random() * 3)))
  }
  const env = {
    CALLBOARD_NETWORK_ALLOW: sink.address,
    CALLBOARD_LOG_LEVEL: 'silent',
  }
  for (let kill = 0; kill < kills; kill += 1) {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder, env)
    await running.ready()
    // At any moment: while it applies, while it records, while it sends.
    const until = performance.now() + 20 + random() * 120
    while (performance.now() < until) {
      edit()
      await sleep(10 + random() * 15)
    }
    await running.kill('SIGKILL')
    edit()
  }
  rmSync(`${folder.base}/ready.json`, { force: true })
  const running = new RunningProgram(folder, env)
  const { control } = await running.ready()
  const { items } = (await ask(`${control}/api/v1/revisions?limit=500`)).json as { items: RevisionSummary[] }
  const applied = items.filter(({ outcome }) => outcome === 'applied')
  expect(applied.at(-1)?.generation, 'the history reaches back to the beginning').toBe(1)
  const wanted = applied
    .filter(({ generation }) => generation !== 1)
    .flatMap(({ generation, changes }) =>
      changes.map(({ operation, name }) => `${generation} ${words[operation] ?? operation} ${name}`),
    )
  const arrived = () =>
    sink.received.map(({ json, headers }) => {
      const { operation, name, generation } = json as Told
      return { change: `${generation} ${operation} ${name}`, id: String(headers['callboard-delivery-id']) }
    })
  await eventually(
    'every change has arrived',
    () => {
      const there = new Set(arrived().map(({ change }) => change))
      return wanted.every((change) => there.has(change))
    },
    { withinMs: 30_000, everyMs: 50, found: () => wanted.slice(-5) },
  )
  // Nothing that no revision did, and no change under two ids.
  expect([...new Set(arrived().map(({ change }) => change))].sort()).toEqual([...wanted].sort())
  expect(new Set(arrived().map(({ id }) => id)).size).toBe(wanted.length)
  expect(wanted.length).toBeGreaterThan(kills)
  expect(edits).toBeGreaterThan(kills)
  expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
})
