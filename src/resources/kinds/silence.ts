import type { SilenceSpec } from '../generated/silence.js'
import type { Finding } from '../problem.js'
import type { Resource } from '../resource.js'
import { ruleFindings } from './event-references.js'
import type { LinkContext, Linked, LinkInput, Surroundings } from './kind.js'
import { Linking } from './linking.js'
import type { Severity, SilenceProgram } from './notification-program.js'

export interface LinkedSilence extends Linked {
  readonly program: SilenceProgram | undefined
}

/** Checks and compiles a Silence that passed validation. */
export function linkSilence({ spec }: LinkInput, context: LinkContext): LinkedSilence {
  const { match, from, until, comment = '' } = spec as unknown as SilenceSpec
  const linking = new Linking(context)
  const begins = from === undefined ? 0 : timeOf(from, '/spec/from', linking)
  const ends = timeOf(until, '/spec/until', linking)
  if (ends <= begins) {
    const message = `the silence ends at ${until}, not after it begins at ${from}`
    linking.error('/spec/until', 'silence-times', message, 'let until be later than from')
  }
  const program: SilenceProgram = {
    events: listOf(match.event as string | string[] | undefined),
    severities: listOf(match.severity as Severity | Severity[] | undefined),
    labels: match.labels ?? {},
    from: begins,
    until: ends,
    comment,
  }
  const { findings, failed } = linking
  return { program: failed ? undefined : program, findings, references: [], settled: findings.length === 0 }
}

function listOf<Item extends string>(value: Item | readonly Item[] | undefined): readonly Item[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** NaN, and a finding, when it is none. */
function timeOf(text: string, pointer: string, linking: Linking): number {
  const [, year, month, day] = isoTime.exec(text) ?? []
  const time = year === undefined ? Number.NaN : Date.parse(text)
  // The language takes the 30th of February for the 2nd of March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  if (!Number.isNaN(time) && isDay) return time
  const withoutOffset = isoTime.test(`${text}Z`)
  const message = withoutOffset
    ? `${JSON.stringify(text)} does not say in which time zone`
    : `${JSON.stringify(text)} is no time`
  const hint = withoutOffset ? `write ${text}Z, or an offset: ${text}+02:00` : 'write it like 2026-03-29T14:30:00Z'
  linking.error(pointer, 'bad-time', message, hint)
  return Number.NaN
}

export function relateSilence({ namespace, spec }: Resource, around: Surroundings): readonly Finding[] {
  const { event } = (spec as SilenceSpec).match
  const named = Array.isArray(event)
    ? event.map((pattern: string, index) => ({ pattern, pointer: `/spec/match/event/${index}` }))
    : typeof event === 'string'
      ? [{ pattern: event, pointer: '/spec/match/event' }]
      : []
  return ruleFindings(named, namespace, around)
}
