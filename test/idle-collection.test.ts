import { describe, expect, it } from 'vitest'
import { collectGarbage, collectOnceIdle, loopUtilization } from '../src/idle-collection.js'

function collection({ fails = false } = {}) {
  const seen = { utilization: 0, collected: 0, stopped: 0 }
  let tick = () => {}
  const giveUp = collectOnceIdle({
    utilization: () => seen.utilization,
    collect: async () => {
      seen.collected += 1
      if (fails) throw new Error('this build has no inspector')
    },
    setInterval: (each) => {
      tick = each
      return {
        stop: () => {
          seen.stopped += 1
          tick = () => {}
        },
      }
    },
  })
  return { seen, tick: () => tick(), giveUp }
}

describe('garbage after a start', () => {
  it('is collected once, when there was nothing to do for a while', () => {
    const { seen, tick } = collection()
    expect(seen.collected).toBe(0)
    tick()
    tick()
    expect(seen).toMatchObject({ collected: 1, stopped: 1 })
  })

  it('waits while somebody is served', () => {
    const { seen, tick } = collection()
    for (seen.utilization of [1, 0.5, 0.1]) tick()
    expect(seen.collected).toBe(0)
    seen.utilization = 0.01
    tick()
    expect(seen.collected).toBe(1)
  })

  it('is left alone once that was given up', () => {
    const { seen, tick, giveUp } = collection()
    giveUp()
    tick()
    expect(seen).toMatchObject({ collected: 0, stopped: 1 })
  })

  it('is left to V8 where it cannot be asked for', async () => {
    const { seen, tick } = collection({ fails: true })
    tick()
    // A rejection that nobody takes would end the process here.
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.collected).toBe(1)
  })

  it('is waited with by what the event loop does', async () => {
    const utilization = loopUtilization()
    for (const until = performance.now() + 30; performance.now() < until; );
    expect(utilization()).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(utilization()).toBeLessThan(1)
  })

  it('is really collected', async () => {
    const freed = new Promise((resolve) => {
      const registry = new FinalizationRegistry(resolve)
      registry.register({ made: 'to be forgotten' }, 'freed')
      // Holds the registry until it has spoken.
      setTimeout(() => registry.unregister({}), 60_000).unref()
    })
    await collectGarbage()
    expect(await freed).toBe('freed')
  })
})
