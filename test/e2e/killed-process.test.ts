import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { MockView, StatusView } from '../../src/status/views.js'
import { ask } from './ask.js'
import { eventually } from './eventually.js'
import { documents, Folder, mock, plain } from './folder.js'
import { Load } from './load.js'
import { RunningProgram } from './process.js'

const counter = mock('counter', {
  http: { route: '/count', httpMethod: 'POST' },
  extract: { gStore: { n: '$.increment($.gS.n, 1)' } },
  response: { payload: { n: '$.gS.n' } },
})
const chain = mock('chain', {
  http: { route: '/chain', httpMethod: 'POST' },
  chainId: '$.reqHeader.X-Session[0]',
  extract: { cStore: { n: '$.increment($.cS.n, 1)' } },
  response: { payload: { n: '$.cS.n' } },
})
const limited = mock('limited', { http: { route: '/limited' }, useLimiter: 1_000_000, response: { payload: 'ok' } })
const peek = mock('peek', { http: { route: '/peek' }, response: { payload: { n: '$.gS.n || 0' } } })

it('killed under load and edits, it has lost nothing that it had answered', async () => {
  const folder = new Folder({ 'a.yaml': documents(counter, chain, limited, peek), 'b.yaml': plain('b', 0) })
  const clients = 4
  let counted = 0
  let used = 0
  const chained = new Array<number>(clients).fill(0)
  let sent = { counted: 0, used: 0 }
  let lastEdit = 0
  for (let round = 0; round < 3; round += 1) {
    rmSync(`${folder.base}/ready.json`, { force: true })
    const running = new RunningProgram(folder)
    const { resolver, control } = await running.ready()

    const { n } = (await ask(`${resolver}/peek`)).json as { n: number }
    expect(n).toBeGreaterThanOrEqual(counted)
    expect(n).toBeLessThanOrEqual(sent.counted)
    const mocks = (await ask(`${control}/api/v1/mocks`)).json as { items: MockView[] }
    const left = mocks.items.find(({ name }) => name === 'limited')?.usesLeft ?? 0
    expect(1_000_000 - left).toBeGreaterThanOrEqual(used)
    expect(1_000_000 - left).toBeLessThanOrEqual(sent.used)
    for (const [client, before] of chained.entries()) {
      const store = await ask(`${control}/api/v1/stores/chain/sandbox/client-${client}`)
      if (before > 0) {
        const { entries } = store.json as { entries: { n: number } }
        expect(entries.n).toBeGreaterThanOrEqual(before)
        expect(entries.n).toBeLessThanOrEqual(before + 1)
      }
    }
    // What the source held when the process died is what is served now.
    expect((await ask(`${resolver}/b`)).text).toBe(String(lastEdit))
    counted = n
    used = 1_000_000 - left
    sent = { counted, used }
    if (round === 2) {
      await running.kill('SIGTERM')
      break
    }

    let answered = 0
    const load = new Load(clients, async (agent, client) => {
      try {
        sent.counted += 1
        const { n } = (await ask(`${resolver}/count`, { method: 'POST', agent })).json as { n: number }
        counted = Math.max(counted, n)
        const headers = { 'x-session': `client-${client}` }
        const chained1 = (await ask(`${resolver}/chain`, { method: 'POST', headers, agent })).json as { n: number }
        expect(chained1.n).toBeGreaterThan(chained[client] ?? 0)
        chained[client] = chained1.n
        sent.used += 1
        expect((await ask(`${resolver}/limited`, { agent })).text).toBe('ok')
        used += 1
        answered += 1
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        // The process is gone: the next try fails too, until the load is stopped.
        await running.exit
      }
    })
    let editing = true
    const editor = (async () => {
      while (editing) {
        lastEdit += 1
        const broken = lastEdit % 3 === 0
        folder.replace('b.yaml', broken ? 'apiVersion: callboard/v1\nkind: Moc\n' : plain('b', lastEdit))
        if (!broken)
          await eventually('an edit is live', async () => (await ask(`${resolver}/b`)).text === String(lastEdit))
      }
    })().catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error
    })
    await eventually('there was some load', () => answered > 100)
    await running.kill('SIGKILL')
    editing = false
    await editor
    await load.stop()
    expect(load.failures).toEqual([])
    lastEdit += 1
    folder.write('b.yaml', plain('b', lastEdit))
  }
})

it('SIGHUP looks again, and SIGTERM ends it in order', async () => {
  const folder = new Folder({ 'a.yaml': plain('a', 'a') })
  const running = new RunningProgram(folder)
  const { control, resolver } = await running.ready()
  const status = async () => (await ask(`${control}/api/v1/status`)).json as StatusView
  const before = await eventually('it has settled', async () => {
    const [one, other] = [await status(), await status()]
    const reconciling = other.conditions.find(({ type }) => type === 'Reconciling')
    return reconciling?.status === 'False' && one.lastAttemptTime === other.lastAttemptTime && other
  })
  running.child.kill('SIGHUP')
  await eventually('it has looked again', async () => (await status()).lastAttemptTime !== before.lastAttemptTime)
  expect((await ask(`${resolver}/a`)).text).toBe('a')
  expect(running.isAlive).toBe(true)
  expect(await running.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(running.stdout).toContain('1 mock in 1 namespace')
})

it('a second process is kept out of the state directory, and told by whom', async () => {
  const folder = new Folder({ 'a.yaml': plain('a', 'a') })
  const first = new RunningProgram(folder)
  const { resolver } = await first.ready()
  const second = new RunningProgram(folder)
  expect(await second.exit).toEqual({ code: 4, signal: null })
  expect(second.stderr).toContain(folder.state)
  expect(second.stderr).toContain(String(first.child.pid))
  expect(second.stderr).not.toMatch(/^\s+at /m)
  expect((await ask(`${resolver}/a`)).text).toBe('a')
})
