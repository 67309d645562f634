// Periods by the clock and the calendar in UTC: every hour, day and month has a number, and they rise.

import type { QuotaPeriod } from '../resources/kinds/quota.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const numbers: Readonly<Record<QuotaPeriod, (time: number) => number>> = {
  hour: (time) => Math.floor(time / hourMs),
  day: (time) => Math.floor(time / dayMs),
  month: (time) => new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth(),
}

const starts: Readonly<Record<QuotaPeriod, (period: number) => number>> = {
  hour: (period) => period * hourMs,
  day: (period) => period * dayMs,
  month: (period) => Date.UTC(Math.floor(period / 12), period % 12),
}

/** `time`: milliseconds since 1970. */
export function periodOf(per: QuotaPeriod, time: number): number {
  return numbers[per](time)
}

/** ISO 8601, and when the next one begins. */
export function boundsOf(per: QuotaPeriod, period: number): { readonly from: string; readonly until: string } {
  const [from, until] = [starts[per](period), starts[per](period + 1)]
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() }
}
