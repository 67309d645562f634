import type { Value } from '../run.js'
import { isNumber, numberOf, textOf } from '../value.js'
import type { Filters } from './filter.js'

const maxFormat = 100

/** Names of formats, as patterns. */
const named: Readonly<Record<string, string>> = {
  date: 'yyyy-MM-dd',
  time: 'HH:mm',
  datetime: 'yyyy-MM-dd HH:mm zzz',
  iso: "yyyy-MM-dd'T'HH:mm:ssxxx",
}

type Parts = Readonly<Record<string, string>>

/** What letters of a pattern stand for, as in Unicode's date patterns. */
const fields: Readonly<Record<string, (parts: Parts, time: Date) => string>> = {
  yyyy: ({ year = '' }) => year,
  yy: ({ year = '' }) => year.slice(-2),
  MMMM: ({ longMonth = '' }) => longMonth,
  MMM: ({ shortMonth = '' }) => shortMonth,
  MM: ({ month = '' }) => month,
  M: ({ month = '' }) => String(Number(month)),
  dd: ({ day = '' }) => day,
  d: ({ day = '' }) => String(Number(day)),
  EEEE: ({ longDay = '' }) => longDay,
  EEE: ({ shortDay = '' }) => shortDay,
  HH: ({ hour = '' }) => hour,
  H: ({ hour = '' }) => String(Number(hour)),
  hh: ({ hour = '' }) => String(Number(hour) % 12 || 12).padStart(2, '0'),
  h: ({ hour = '' }) => String(Number(hour) % 12 || 12),
  a: ({ hour = '' }) => (Number(hour) < 12 ? 'AM' : 'PM'),
  mm: ({ minute = '' }) => minute,
  ss: ({ second = '' }) => second,
  SSS: (_parts, time) => String(time.getUTCMilliseconds()).padStart(3, '0'),
  zzz: ({ zone = '' }) => zone,
  xxx: ({ offset = '' }) => (/^(GMT(\+00:00)?)?$/.test(offset) ? 'Z' : offset.replace(/^GMT/, '')),
}

const pattern = /'((?:[^']|'')*)'|([A-Za-z])\2*/g

const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, timezone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${timezone} ${Object.keys(options).join()} ${Object.values(options).join()}`
  const known = formats.get(key)
  if (known !== undefined) return known
  if (formats.size >= 100) formats.clear()
  const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: timezone })
  formats.set(key, made)
  return made
}

function partsOf(time: Date, locale: string, timezone: string): Parts {
  const parts: Record<string, string> = {}
  const take = (options: Intl.DateTimeFormatOptions, names: Readonly<Record<string, string>>, lang: string): void => {
    for (const { type, value } of format(lang, timezone, options).formatToParts(time)) {
      const name = names[type]
      if (name !== undefined) parts[name] = value
    }
  }
  const plain = { year: 'year', month: 'month', day: 'day', hour: 'hour', minute: 'minute', second: 'second' }
  const two = '2-digit'
  const numeric = {
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
    hourCycle: 'h23',
  } as const
  take(numeric, plain, 'en')
  take({ timeZoneName: 'short' }, { timeZoneName: 'zone' }, 'en')
  take({ timeZoneName: 'longOffset' }, { timeZoneName: 'offset' }, 'en')
  take({ month: 'long', weekday: 'long', day: 'numeric' }, { month: 'longMonth', weekday: 'longDay' }, locale)
  take({ month: 'short', weekday: 'short', day: 'numeric' }, { month: 'shortMonth', weekday: 'shortDay' }, locale)
  return parts
}

/** ISO text, or milliseconds or (below a year 2286 in seconds) seconds since 1970. */
function timeOf(value: Value): Date | undefined {
  if (isNumber(value)) {
    const number = numberOf(value)
    const time = new Date(Math.abs(number) < 1e11 ? number * 1000 : number)
    return Number.isNaN(time.getTime()) ? undefined : time
  }
  if (typeof value !== 'string' || value.length > 64 || !/^\d{4}-\d{2}/.test(value)) return undefined
  // A time without a zone would be in that of the machine.
  const zoned = /[zZ]|[+-]\d{2}:?\d{2}$/.test(value.slice(10)) || value.length <= 10 ? value : `${value}Z`
  const time = new Date(zoned)
  return Number.isNaN(time.getTime()) ? undefined : time
}

function isZone(name: string): boolean {
  if (name.length > 64) return false
  try {
    return format('en', name, { hour: '2-digit' }) !== undefined
  } catch {
    return false
  }
}

function localeOr(locale: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

/** Values of each unit in the next smaller one, the largest first. */
const units: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
]

function durationOf(seconds: number): string {
  const sign = seconds < 0 ? '-' : ''
  const size = Math.abs(seconds)
  if (size < 1) return `${sign}${Math.round(size * 1000)} ms`
  if (size < 60) return `${sign}${Math.round(size * 10) / 10} s`
  let rest = Math.round(size)
  const parts: string[] = []
  for (const [name, length] of units) {
    if (rest >= length) parts.push(`${Math.floor(rest / length)} ${name}`)
    rest %= length
  }
  if (rest > 0) parts.push(`${rest} s`)
  // Nobody wants the seconds of days.
  return sign + parts.slice(0, 2).join(' ')
}

const perSecond: Readonly<Record<string, number>> = { s: 1, ms: 1_000, us: 1_000_000, ns: 1_000_000_000, min: 1 / 60 }

export const timeFilters: Filters = {
  date: {
    params: ['format', 'tz'],
    description:
      "A time (ISO text, or seconds or milliseconds since 1970) as `date`, `time`, `datetime` (default), `iso` or by a pattern of yyyy MM MMM dd EEE HH mm ss zzz; in the reader's time zone, or in `tz`.",
    example: ["{{ '2026-03-01T12:30:00Z' | date('dd MMM HH:mm', 'Europe/Berlin') }}", '01 Mar 13:30'],
    apply(value, [shape, zone], run) {
      const time = timeOf(value)
      if (time === undefined) return textOf(value, run)
      run.spend(50)
      const asked = textOf(shape ?? 'datetime', run).slice(0, maxFormat)
      const wanted = Object.hasOwn(named, asked) ? (named[asked] ?? '') : asked
      run.zone(textOf(zone, run))
      const timezone = [textOf(zone, run), run.timezone].find((name) => name !== '' && isZone(name)) ?? 'UTC'
      const parts = partsOf(time, localeOr(run.locale), timezone)
      return run.made(
        wanted.replace(pattern, (letters, quoted: string | undefined) => {
          if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'")
          return Object.hasOwn(fields, letters) ? (fields[letters]?.(parts, time) ?? letters) : letters
        }),
      )
    },
    check([shape, zone]) {
      if (typeof zone === 'string' && !isZone(zone)) return `${JSON.stringify(zone)} is no time zone`
      if (typeof shape !== 'string' || Object.hasOwn(named, shape)) return undefined
      const wrong = [...shape.matchAll(pattern)].find(
        ([letters, quoted]) => quoted === undefined && !Object.hasOwn(fields, letters),
      )?.[0]
      return wrong === undefined
        ? undefined
        : `"${wrong}" means nothing in a format; there are ${Object.keys(fields).join(' ')}, and text in 'quotes'`
    },
  },
  duration: {
    params: ['unit'],
    description: 'A time span as people say it; the number is in s (default), ms, us, ns or min.',
    example: ["{{ 93500 | duration('ms') }}", '1 min 34 s'],
    apply(value, [unit], run) {
      const number = numberOf(value)
      if (value === undefined || value === null || !Number.isFinite(number)) return textOf(value, run)
      return durationOf(number / (perSecond[textOf(unit ?? 's', run)] ?? 1))
    },
    check([unit]) {
      return typeof unit !== 'string' || Object.hasOwn(perSecond, unit)
        ? undefined
        : `"${unit}" is no unit; there are ${Object.keys(perSecond).join(', ')}`
    },
  },
}
