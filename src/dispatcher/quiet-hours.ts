import type { QuietHours } from '../resources/kinds/notification-program.js'
import { instantOf, wallTime } from './zoned-time.js'

const minute = 60_000
const day = 24 * 60 * minute

/** Hours that follow one another without a gap are looked at for so many days. */
const longest = 14

/**
 * When the quiet hours end that `now` lies in, milliseconds since 1970; undefined when it lies in none. `zone`: where it
 * is that time, an IANA name. The hours are those of the clock: on the days it is changed they are longer or shorter.
 */
export function quietUntil(hours: QuietHours, zone: string, now: number): number | undefined {
  let end = endOf(hours, zone, now)
  if (end === undefined) return undefined
  // Where one day's hours end and the next day's begin at once, nothing is sent in between.
  const limit = now + longest * day
  for (let next: number | undefined = end; next !== undefined && next < limit; next = endOf(hours, zone, next))
    end = next
  return end
}

function endOf({ fromMinute, toMinute, days }: QuietHours, zone: string, now: number): number | undefined {
  const today = Math.floor(wallTime(now, zone) / day) * day
  // Those of yesterday may still last; where a clock goes back over midnight, those of tomorrow may have begun.
  for (const date of [today - day, today, today + day]) {
    if (days.length > 0 && !days.includes(new Date(date).getUTCDay())) continue
    const endDate = toMinute <= fromMinute ? date + day : date
    const begin = instantOf(date + fromMinute * minute, zone)
    const end = instantOf(endDate + toMinute * minute, zone)
    if (begin <= now && now < end) return end
  }
  return undefined
}
