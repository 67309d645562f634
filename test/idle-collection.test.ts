import { describe, expect, it } from 'vitest'
import { collectGarbage, collectOnceIdle } from '../src/idle-collection.js'

function collection({ fails = false } = {}) {
  const seen = { served: 0, collected: 0, stopped: 0 }
  let tick = () => {}
  const giveUp = collectOnceIdle({
    activity: () => seen.served,
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
  it('is collected once, when nobody was served for a while', () => {
    const { seen, tick } = collection()
    expect(seen.collected).toBe(0)
    tick()
    tick()
    expect(seen).toMatchObject({ collected: 1, stopped: 1 })
  })

  it('waits while somebody is served', () => {
    const { seen, tick } = collection()
    for (let request = 0; request < 5; request += 1) {
      seen.served += 1
      tick()
    }
    expect(seen.collected).toBe(0)
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
