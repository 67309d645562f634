// How far a digest has come: the period that it gathers, and when it is sent next.

import type { DigestProgram } from '../../resources/kinds/digest-program.js'
import { scheduleOf } from '../../resources/kinds/schedule.js'
import { digestScope } from './collected.js'

/** In the store. Times are milliseconds since 1970. */
export interface DigestState {
  /** Counts up; what is collected belongs to it. */
  readonly period: number
  readonly from: number
  /** As they were when `next` was worked out. */
  readonly schedule: string
  readonly timezone: string
  /** Null while it is switched off. */
  readonly next: number | null
  /** When the last period was closed; 0: none was. */
  readonly closed: number
  /** The last of the times that it was sent for: none of them comes twice, whatever the clock does. */
  readonly sentFor: readonly number[]
  readonly last?: DigestRun
}

/** What became of a period. */
export interface DigestRun {
  readonly period: number
  readonly from: number
  readonly to: number
  /** When it was due; null: somebody had it sent. */
  readonly due: number | null
  readonly events: number
  readonly sent: number
  readonly held: number
  readonly suppressed: number
  /** How many who want it had nothing to hear of. */
  readonly empty: number
}

/** A period that nothing is added to any more, and that is to be sent. */
export interface Closing {
  readonly period: number
  readonly from: number
  readonly to: number
  readonly due: number | null
}

const remembered = 100
/** Clocks that are put right go back less far than this. */
const backwardsMs = 26 * 3600 * 1000

export function stateKey(id: string): string {
  return `${digestScope}${id}/state`
}

export function closingKey(id: string, period: number): string {
  return `${closingScope(id)}${String(period).padStart(9, '0')}`
}

export function closingScope(id: string): string {
  return `${digestScope}${id}/closing/`
}

/** In step with what is declared; the same object when it is already. */
export function stateFor(program: DigestProgram, known: DigestState | undefined, now: number): DigestState {
  const { schedule, timezone, enabled } = program
  if (known === undefined) {
    const next = enabled ? nextRun(program, now, []) : null
    return { period: 1, from: now, schedule, timezone, next, closed: 0, sentFor: [] }
  }
  const { next, sentFor, closed } = known
  if (!enabled) return next === null ? known : { ...known, next: null }
  if (next === null) return { ...known, schedule, timezone, next: nextRun(program, now, sentFor) }
  // A clock that was far ahead must not keep it from being sent until that time has come.
  if (closed - now > backwardsMs) return { ...known, closed: now, next: nextRun(program, now, sentFor) }
  if (known.schedule === schedule && known.timezone === timezone) return known
  // What was due by the old schedule is still owed.
  return { ...known, schedule, timezone, next: next <= now ? next : nextRun(program, now, sentFor) }
}

/** The period ends; what comes now belongs to the next. `isDue`: by the clock, else because somebody wants it. */
export function closePeriod(
  program: DigestProgram,
  state: DigestState,
  now: number,
  isDue: boolean,
): { readonly state: DigestState; readonly closing: Closing } {
  const { period, from, next } = state
  // However many were missed, the one that is sent now stands for all of them.
  const due = isDue && next !== null ? latestRun(program, next, now) : null
  const sentFor = due === null ? state.sentFor : [...state.sentFor, due].slice(-remembered)
  return {
    closing: { period, from, to: now, due },
    state: {
      ...state,
      period: period + 1,
      from: now,
      closed: now,
      sentFor,
      next: isDue ? nextRun(program, now, sentFor) : next,
    },
  }
}

const mostSteps = 1000

type Timing = Pick<DigestProgram, 'schedule' | 'timezone'>

/** The last that has come by `now`, of those from `first` on. */
function latestRun({ schedule, timezone }: Timing, first: number, now: number): number {
  const runs = scheduleOf(schedule, timezone)
  let latest = first
  for (let step = 0; step < mostSteps; step += 1) {
    const next = runs.next(latest)
    if (next === undefined || next > now) return latest
    latest = next
  }
  // One that comes so often has come within the hour.
  const recent = runs.next(now - 3600_000)
  return recent !== undefined && recent > latest && recent <= now
    ? latestRun({ schedule, timezone }, recent, now)
    : latest
}

/** Of a schedule that was checked. */
function nextRun({ schedule, timezone }: DigestProgram, after: number, sentFor: readonly number[]): number | null {
  const runs = scheduleOf(schedule, timezone)
  let next = runs.next(after)
  while (next !== undefined && sentFor.includes(next)) next = runs.next(next)
  return next ?? null
}
