import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerAt, quietUntil } from '../../src/dispatcher/quiet-hours.js'
import { instantOf, wallTime } from '../../src/dispatcher/zoned-time.js'
import type { QuietHours } from '../../src/resources/kinds/notification-program.js'

function hours(from: string, to: string, days: readonly number[] = []): QuietHours {
  const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  return { fromMinute: minuteOf(from), toMinute: minuteOf(to), timezone: undefined, days, mode: 'defer' }
}

const night = hours('22:00', '07:00')
const weekend = hours('00:00', '24:00', [0, 6])

describe('quiet hours', () => {
  it.each<[string, QuietHours, string, string, string | undefined]>([
    ['before they begin', night, 'UTC', '2026-03-10T21:59:59Z', undefined],
    ['when they begin', night, 'UTC', '2026-03-10T22:00:00Z', '2026-03-11T07:00:00Z'],
    ['after midnight', night, 'UTC', '2026-03-11T03:00:00Z', '2026-03-11T07:00:00Z'],
    ['when they end', night, 'UTC', '2026-03-11T07:00:00Z', undefined],
    ['where it is later', night, 'Asia/Kolkata', '2026-03-10T16:30:00Z', '2026-03-11T01:30:00Z'],
    ['where it is earlier', night, 'America/New_York', '2026-01-11T11:59:00Z', '2026-01-11T12:00:00Z'],
    ['within one day', hours('12:00', '13:00'), 'UTC', '2026-03-10T12:30:00Z', '2026-03-10T13:00:00Z'],
    [
      'in the night of a day that counts',
      hours('22:00', '07:00', [5]),
      'UTC',
      '2026-03-14T03:00:00Z',
      '2026-03-14T07:00:00Z',
    ],
    ['in the night of a day that does not', hours('22:00', '07:00', [5]), 'UTC', '2026-03-13T03:00:00Z', undefined],
    ['on a Saturday, to the end of Sunday', weekend, 'Europe/Berlin', '2026-03-14T12:00:00Z', '2026-03-15T23:00:00Z'],
    ['on a Friday', weekend, 'Europe/Berlin', '2026-03-13T22:59:59Z', undefined],
    // Berlin puts its clocks forward from 02:00 to 03:00 on the 29th of March 2026, and back on the 25th of October.
    ['over a night that is an hour shorter', night, 'Europe/Berlin', '2026-03-28T21:00:00Z', '2026-03-29T05:00:00Z'],
    ['over a night that is an hour longer', night, 'Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T06:00:00Z'],
    [
      'to a time that is skipped',
      hours('22:00', '02:30'),
      'Europe/Berlin',
      '2026-03-28T23:00:00Z',
      '2026-03-29T01:30:00Z',
    ],
    [
      'from a time that is skipped',
      hours('02:30', '05:00'),
      'Europe/Berlin',
      '2026-03-29T01:30:00Z',
      '2026-03-29T03:00:00Z',
    ],
    [
      'just before a start that is skipped',
      hours('02:30', '05:00'),
      'Europe/Berlin',
      '2026-03-29T01:29:59Z',
      undefined,
    ],
    [
      'to a time that comes twice',
      hours('22:00', '02:30'),
      'Europe/Berlin',
      '2026-10-24T23:00:00Z',
      '2026-10-25T00:30:00Z',
    ],
    ['after it came for the first time', hours('22:00', '02:30'), 'Europe/Berlin', '2026-10-25T00:30:00Z', undefined],
    [
      'from a time that comes twice',
      hours('02:30', '05:00'),
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      '2026-10-25T04:00:00Z',
    ],
    ['over a weekend with a change', weekend, 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T22:00:00Z'],
    ['where a whole day was skipped', night, 'Pacific/Apia', '2011-12-30T09:30:00Z', '2011-12-30T17:00:00Z'],
  ])('%s', (_, declared, zone, now, until) => {
    const found = quietUntil(declared, zone, Date.parse(now))
    expect(found === undefined ? undefined : new Date(found).toISOString().replace('.000', '')).toBe(until)
  })

  it('ends after what it is asked about, when it is no longer quiet', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu')
    const times = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) })
    const declared = fc
      .record({ fromMinute: fc.integer({ min: 0, max: 1439 }), toMinute: fc.integer({ min: 0, max: 1440 }) })
      .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute && toMinute - fromMinute !== 1440)
    fc.assert(
      fc.property(zones, times, declared, fc.subarray([0, 1, 2, 3, 4, 5, 6]), (zone, now, times, days) => {
        const quiet = { ...times, timezone: undefined, days, mode: 'defer' } as const
        const until = quietUntil(quiet, zone, now)
        if (until === undefined) return
        expect(until).toBeGreaterThan(now)
        expect(quietUntil(quiet, zone, until)).toBeUndefined()
        expect(quietUntil(quiet, zone, until - 1)).toBe(until)
      }),
    )
  })
})

describe('an answer that is kept', () => {
  it('is the one that would be worked out anew, in whatever order it is asked for', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 * 24 * 60 }), { minLength: 2, maxLength: 30 })
    const start = Date.UTC(2026, 2, 1)
    const declared = fc.constantFrom(night, weekend, hours('02:30', '05:00', [0, 3]), hours('22:00', '02:30', [6]))
    fc.assert(
      fc.property(declared, times, fc.constantFrom('Europe/Berlin', 'UTC'), (quiet, minutes, zone) => {
        for (const now of minutes.map((one) => start + one * 60_000)) {
          expect(quietUntil(quiet, zone, now)).toBe(answerAt(quiet, zone, now).until)
        }
      }),
    )
  })
})

describe('the time on the wall', () => {
  it('is shown at the instant that is found for it, unless it is skipped', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) }), (instant) => {
        for (const zone of ['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
          const wall = wallTime(instant, zone)
          const first = instantOf(wall, zone)
          expect(first).toBeLessThanOrEqual(instant)
          expect(wallTime(first, zone)).toBe(wall)
        }
      }),
    )
  })
})
