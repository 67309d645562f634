import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MessageRate } from '../src/message-rate.js'

it('no 60 seconds have more than may be, and whoever comes again when told to has a place', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 50 }),
      (perMinute, waits) => {
        let now = 0
        const rate = new MessageRate(perMinute, () => now)
        const times: number[] = []
        for (const wait of waits) {
          now += wait
          const left = rate.take()
          if (left === undefined) times.push(now)
          else {
            expect(left).toBeGreaterThan(0)
            now += left
            expect(rate.take()).toBeUndefined()
            times.push(now)
          }
        }
        for (const time of times) {
          expect(times.filter((one) => one >= time && one < time + 60_000).length).toBeLessThanOrEqual(perMinute)
        }
      },
    ),
  )
})

it('nothing may be sent where none may', () => {
  expect(new MessageRate(0, () => 5).take()).toBe(60_000)
})
