import type { QuietHours as Declared } from '../generated/preference.js'
import type { Linking } from './linking.js'
import type { QuietHours } from './notification-program.js'
import { timezoneFinding } from './timezone.js'

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const day = 24 * 60

/** `pointer`: where they are declared. */
export function compileQuietHours(declared: Declared, pointer: string, linking: Linking): QuietHours {
  const { from, to, timezone, days = [], mode = 'defer' } = declared
  const hours = {
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    timezone,
    days: days.map((name) => dayNames.indexOf(name)).sort(),
    mode,
  }
  if (hours.fromMinute === hours.toMinute) {
    const message = `quiet hours from ${from} to ${to} have no length`
    linking.error(`${pointer}/to`, 'quiet-hours', message, 'for whole days write from: "00:00" and to: "24:00"')
  } else if (isEndless(hours)) {
    const message = 'these quiet hours never end'
    linking.error(pointer, 'quiet-hours', message, 'name days, or switch events off: events: {"*": false}')
  }
  const unknown = timezone === undefined ? undefined : timezoneFinding(timezone, `${pointer}/timezone`)
  if (unknown !== undefined) linking.add('', [unknown])
  return hours
}

function isEndless({ fromMinute, toMinute, days }: QuietHours): boolean {
  return (days.length === 0 || days.length === 7) && toMinute - fromMinute === day
}

function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}
