import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScheduleError, scheduleOf } from '../../../src/resources/kinds/schedule.js'

function runs(text: string, zone: string, from: string, count: number): string[] {
  const schedule = scheduleOf(text, zone)
  const found: string[] = []
  for (let at: number | undefined = Date.parse(from); found.length < count; ) {
    at = schedule.next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().slice(0, 16))
  }
  return found
}

describe('a schedule on the days when clocks are changed', () => {
  it.each<[string, string, string, string[], string]>([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
      'skipped: right after',
    ],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30'], 'shown twice: once'],
    ['0 9 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T07:00', '2026-03-30T07:00'], 'still at nine'],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:30'], 'skipped'],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30', '2026-11-02T06:30'], 'twice'],
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15'],
      'half an hour skipped',
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00Z',
      ['2026-04-04T14:45', '2026-04-05T15:15'],
      'half an hour twice',
    ],
    [
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00Z',
      ['2026-09-06T04:00', '2026-09-07T03:00'],
      'midnight is skipped',
    ],
    [
      '0 9 * * 1',
      'Asia/Kolkata',
      '2026-04-03T12:00Z',
      ['2026-04-06T03:30', '2026-04-13T03:30'],
      'half an hour from Greenwich',
    ],
    ['0 9 * * MON', 'Asia/Kathmandu', '2026-04-03T12:00Z', ['2026-04-06T03:15'], 'three quarters'],
    [
      '0,30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:00'],
      'two skipped: one',
    ],
    ['*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:00'], 'steps are lists'],
    ['30 */2 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', ['2026-03-29T01:00', '2026-03-29T02:30'], 'of hours too'],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'],
      'every hour is every hour',
    ],
    ['@weekly', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-28T23:00', '2026-04-04T22:00'], 'names'],
    [
      '0 8 31 * *',
      'UTC',
      '2026-01-31T12:00Z',
      ['2026-03-31T08:00', '2026-05-31T08:00'],
      'days that months do not have',
    ],
  ])('%s in %s after %s', (text, zone, from, expected) => {
    expect(runs(text, zone, from, expected.length)).toEqual(expected)
  })

  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/St_Johns', 'UTC']
  const time = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) })

  it('comes once on each date of its zone, whatever happens to the clock there', () => {
    const minute = fc.integer({ min: 0, max: 59 })
    const hour = fc.integer({ min: 0, max: 23 })
    fc.assert(
      fc.property(fc.constantFrom(...zones), minute, hour, time, (zone, m, h, from) => {
        const schedule = scheduleOf(`${m} ${h} * * *`, zone)
        const dates = new Set<string>()
        let at = from
        for (let index = 0; index < 20; index++) {
          const next = schedule.next(at) ?? 0
          expect(next).toBeGreaterThan(at)
          expect(next - at).toBeLessThan(26 * 3600_000)
          dates.add(new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(next))
          at = next
        }
        expect(dates.size).toBe(20)
      }),
      { numRuns: 60 },
    )
  })
})

describe('what is no schedule', () => {
  it.each([
    ['', /5|fields/],
    ['0 9 * *', /4 of the five fields/],
    ['0 0 9 * * 1', /six fields; seconds cannot be said/],
    ['61 * * * *', /invalid value for minute: 61/],
    ['0 9 31 2 *', /never comes/],
    ['0 ? * * *', /"\?"/],
    ['@sometimes', /is no schedule/],
    ['0 9 * * someday', /is no schedule/],
  ])('%j is refused with what to write', (text, message) => {
    try {
      scheduleOf(text, 'UTC')
    } catch (error) {
      expect(error).toBeInstanceOf(ScheduleError)
      expect((error as ScheduleError).message).toMatch(message)
      expect((error as ScheduleError).hint).toMatch(/minute, hour|write \*/)
      return
    }
    throw new Error('it was taken')
  })
})
