// When something happens by the clock on some wall: five cron fields and a time zone.

import { Cron } from 'croner'

export interface Schedule {
  /** The first run after an instant, milliseconds since 1970; undefined when there is none any more. */
  next(after: number): number | undefined
}

/** A schedule that cannot be meant. For people: what is wrong, and what to do. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

const usage = 'write minute, hour, day of month, month, day of week: "0 9 * * 1" is Mondays at nine'
const nicknames = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually']
const compiled = new Map<string, Schedule>()
const maxCompiled = 1000

/** Throws `ScheduleError`. `timezone`: an IANA name that there is. */
export function scheduleOf(text: string, timezone: string): Schedule {
  const key = `${timezone} ${text}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const schedule = compile(text, timezone)
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(key, schedule)
  return schedule
}

function compile(text: string, timezone: string): Schedule {
  const pattern = patternOf(text.trim())
  let cron: Cron
  try {
    // What names its hours and minutes runs once a day also where the clock skips them or shows them twice.
    cron = new Cron(pattern, { timezone, paused: true, mode: '5-part', fixedTimeRule: 'no-wildcard' })
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: /, '').replace(/^Invalid/, 'invalid')
    throw new ScheduleError(`${JSON.stringify(text)} is no schedule: ${reason}`, usage)
  }
  const next = (after: number) => cron.nextRun(new Date(after))?.getTime()
  if (next(Date.UTC(2024, 0, 1)) === undefined) {
    throw new ScheduleError(`${JSON.stringify(text)} never comes: there is no such day`, usage)
  }
  return { next }
}

function patternOf(text: string): string {
  if (text.startsWith('@')) {
    if (nicknames.includes(text.toLowerCase())) return text.toLowerCase()
    throw new ScheduleError(`${JSON.stringify(text)} is no schedule`, `${nicknames.join(', ')}; or ${usage}`)
  }
  const fields = text.split(/\s+/)
  if (fields.length !== 5) {
    const found = fields.length === 6 ? 'six fields; seconds cannot be said' : `${fields.length} of the five fields`
    throw new ScheduleError(`${JSON.stringify(text)} has ${found}`, usage)
  }
  if (text.includes('?')) throw new ScheduleError(`${JSON.stringify(text)} has a "?", which says nothing`, 'write *')
  const [minute = '', hour = '', ...days] = fields
  // Every half hour of all hours is so by any clock; every second hour is a list of hours like any other.
  const isEverywhere = minute === '*' || hour === '*'
  return isEverywhere ? fields.join(' ') : [listed(minute, 60), listed(hour, 24), ...days].join(' ')
}

/** Every twentieth minute as `0,20,40`. */
function listed(field: string, count: number): string {
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? 0)
  if (step === 0 || step > count) return field
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step).join(',')
}
