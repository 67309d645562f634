// What a digest reads like where no Template says otherwise.

import type { DigestContent, TypeCount } from './summary.js'

export interface DigestWords {
  readonly title: string
  readonly body: string
}

export function wordsOf(digest: DigestContent): DigestWords {
  const { displayName, counts, top, moreEvents, events, soFar } = digest
  const summary =
    counts.events === 0
      ? 'nothing happened'
      : `${plural(counts.events, 'event')}${counts.failures > 0 ? `, ${plural(counts.failures, 'failure')}` : ''}`
  const lines = [
    span(digest),
    '',
    ...(counts.events === 0 ? ['Nothing happened.'] : counts.byType.map(typeLine)),
    ...(top.length === 0 ? [] : ['', 'Top failures']),
    ...top.map(({ what, count, last, link }, index) => {
      const more = link === null ? '' : ` ${link}`
      return `${index + 1}. ${what}: ${plural(count, 'time')}, last on ${at(last, digest.timezone)}${more}`
    }),
    ...(moreEvents > 0 && events.length > 0
      ? ['', `Of ${counts.events} events ${events.length} are kept one by one; all are counted.`]
      : []),
  ]
  return { title: `${displayName}${soFar ? ' so far' : ''}: ${summary}`, body: lines.join('\n') }
}

function typeLine({ name, count, byStatus, failures }: TypeCount): string {
  const statuses = Object.entries(byStatus).map(([status, n]) => `${n} ${status}`)
  const details = statuses.length > 0 ? statuses : failures > 0 ? [plural(failures, 'failure')] : []
  return `${name}: ${count}${details.length > 0 ? ` (${details.join(', ')})` : ''}`
}

function span({ from, to, timezone }: DigestContent): string {
  return `${at(from, timezone)} to ${at(to, timezone)} (${timezone})`
}

/** `Mon 23 March 2026, 09:00`. */
function at(time: string, timezone: string): string {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(Date.parse(time))) parts[type] = value
  const { weekday, day, month, year, hour, minute } = parts
  return `${weekday} ${day} ${month} ${year}, ${hour}:${minute}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(timeZone, format)
  }
  return format
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
