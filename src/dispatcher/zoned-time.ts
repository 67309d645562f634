// What the clock on the wall shows in a time zone, and when it shows something.

const minute = 60_000
const day = 24 * 60 * minute

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  return format
}

/** What the clock shows at an instant, as the instant at which one in UTC shows the same. `zone`: an IANA name. */
export function wallTime(instant: number, zone: string): number {
  if (zone === 'UTC') return instant
  const fields: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatOf(zone).formatToParts(instant)) fields[type] = Number(value)
  const { year = 0, month = 1, day: date = 1, hour = 0, minute: minutes = 0, second = 0 } = fields
  const shown = Date.UTC(year, month - 1, date, hour, minutes, second)
  return shown + (((instant % 1000) + 1000) % 1000)
}

/**
 * The instant at which the clock shows `wall`. When it shows it twice, the first time; when it skips it, the instant that
 * would have shown it, had the clock not been put forward.
 */
export function instantOf(wall: number, zone: string): number {
  if (zone === 'UTC') return wall
  // Offsets before and after any change that may lie between.
  const before = wallTime(wall - day, zone) - (wall - day)
  const after = wallTime(wall + day, zone) - (wall + day)
  const candidates = [wall - before, wall - after].sort((a, b) => a - b)
  return candidates.find((instant) => wallTime(instant, zone) === wall) ?? wall - before
}
