import type { QuietHours } from '../resources/kinds/notification-program.js'
import { instantOf, wallTime } from './zoned-time.js'

const minute = 60_000
const day = 24 * 60 * minute

/** Hours that follow one another without a gap are looked at for so many days. */
const longest = 14

/** From `from` until before `to` the answer is the same. */
interface Answer {
  readonly from: number
  readonly to: number
  readonly until: number | undefined
}

/** By hours and time zone: time goes on slowly, many people have the same nights, and asking what a clock shows is dear. */
const answers = new Map<string, Answer>()
const maxAnswers = 2000

/**
 * When the quiet hours end that `now` lies in, milliseconds since 1970; undefined when it lies in none. `zone`: where it
 * is that time, an IANA name. The hours are those of the clock: on the days it is changed they are longer or shorter.
 */
export function quietUntil(hours: QuietHours, zone: string, now: number): number | undefined {
  const key = `${hours.fromMinute} ${hours.toMinute} ${hours.days.join('')} ${zone}`
  let answer = answers.get(key)
  if (answer === undefined || now < answer.from || now >= answer.to) {
    answer = answerAt(hours, zone, now)
    if (answers.size >= maxAnswers) answers.clear()
    answers.set(key, answer)
  }
  return answer.until
}

/** Works it out anew. */
export function answerAt(hours: QuietHours, zone: string, now: number): Answer {
  const spans = spansAround(hours, zone, now)
  const current = spans.find(({ begin, end }) => begin <= now && now < end)
  if (current === undefined) {
    // Whatever begins by then begins yesterday, today or tomorrow.
    const next = Math.min(now + day / 2, ...spans.flatMap(({ begin }) => (begin > now ? [begin] : [])))
    return { from: now, to: next, until: undefined }
  }
  // Where one day's hours end and the next day's begin at once, nothing is sent in between.
  const limit = now + longest * day
  let until = current.end
  while (until < limit) {
    const end = spansAround(hours, zone, until).find((span) => span.begin <= until && until < span.end)?.end
    if (end === undefined) break
    until = end
  }
  return { from: current.begin, to: until, until }
}

/** The hours that begin on the days around an instant, in order. */
function spansAround({ fromMinute, toMinute, days }: QuietHours, zone: string, instant: number) {
  const today = Math.floor(wallTime(instant, zone) / day) * day
  return [today - day, today, today + day].flatMap((date) => {
    if (days.length > 0 && !days.includes(new Date(date).getUTCDay())) return []
    const endDate = toMinute <= fromMinute ? date + day : date
    return [{ begin: instantOf(date + fromMinute * minute, zone), end: instantOf(endDate + toMinute * minute, zone) }]
  })
}
