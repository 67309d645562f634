// Which digests a merge would begin, end, or send at other times or to others.

import { type Reader, readersOf } from '../dispatcher/digests/readers.js'
import type { Known } from '../dispatcher/routing.js'
import { buildTables, type TableOptions, type Tables } from '../dispatcher/tables.js'
import { writeReference } from '../resources/kinds/reference.js'
import { scheduleOf } from '../resources/kinds/schedule.js'
import type { ResourceSet } from '../resources/resource.js'
import { deciding } from './plan-recipients.js'
import { runnable } from './plan-sides.js'

export interface DigestChange {
  /** `name`, or `namespace/name`. */
  readonly digest: string
  readonly operation: 'create' | 'update' | 'prune'
  /** When it is sent; null where there is none on that side. */
  readonly before: DigestTiming | null
  readonly after: DigestTiming | null
  /** `ann on mail`, or a channel that is one recipient itself. */
  readonly newly: readonly string[]
  readonly noLonger: readonly string[]
}

export interface DigestTiming {
  readonly schedule: string
  readonly timezone: string
  /** ISO 8601, counted from now; null while it is switched off. */
  readonly nextRun: string | null
}

/** Whoever has to connect is taken to have. */
const known: Known = { recipientOf: () => ({}) }

/** Empty where the base cannot be read: that is said of all recipients. `now`: milliseconds since 1970. */
export function digestChanges(
  base: ResourceSet,
  head: ResourceSet,
  options: TableOptions,
  now: number,
): readonly DigestChange[] {
  const isDigest = ({ kind }: { readonly kind: string }) => kind === 'Digest'
  if (![...base.values(), ...head.values()].some(isDigest)) return []
  const { resources, unreadable } = runnable(base, head, deciding)
  if (unreadable.length > 0) return []
  const before = sideOf(buildTables(resources, options), now)
  const after = sideOf(buildTables(head, options), now)
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((digest): DigestChange[] => {
    const [was, is] = [before.get(digest), after.get(digest)]
    const newly = without(is?.readers ?? [], was?.readers ?? [])
    const noLonger = without(was?.readers ?? [], is?.readers ?? [])
    const isMoved = JSON.stringify(was?.timing) !== JSON.stringify(is?.timing)
    if (!isMoved && newly.length === 0 && noLonger.length === 0) return []
    const operation = was === undefined ? 'create' : is === undefined ? 'prune' : 'update'
    return [{ digest, operation, before: was?.timing ?? null, after: is?.timing ?? null, newly, noLonger }]
  })
}

interface Side {
  readonly timing: DigestTiming
  readonly readers: readonly string[]
}

function sideOf(tables: Tables, now: number): ReadonlyMap<string, Side> {
  return new Map(
    tables.digests.map((digest): [string, Side] => {
      const { schedule, timezone, enabled } = digest.program
      const next = enabled ? scheduleOf(schedule, timezone).next(now) : undefined
      const nextRun = next === undefined ? null : new Date(next).toISOString()
      const readers = readersOf(digest, tables, now, known).filter(getsIt).map(nameOf)
      return [writeReference(digest), { timing: { schedule, timezone, nextRun }, readers }]
    }),
  )
}

/** What waits for the end of the night is sent all the same. */
function getsIt({ isSubscribed, decision }: Reader): boolean {
  return isSubscribed && decision.outcome !== 'suppress'
}

function nameOf({ decision: { user, channel } }: Reader): string {
  return user === undefined ? writeReference(channel) : `${user.name} on ${writeReference(channel)}`
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  return all.filter((one) => !others.includes(one))
}

const mostNamed = 5

/** A line for a change, for people. */
export function digestLines({ digest, operation, before, after, newly, noLonger }: DigestChange): string[] {
  if (operation === 'prune')
    return [`- digest ${digest} would not be sent any more, and what it has gathered is forgotten`]
  const timing = after === null ? '' : timingText(after)
  const who = [
    ...(newly.length > 0 ? [`${operation === 'create' ? '' : 'newly '}to ${namesOf(newly)}`] : []),
    ...(noLonger.length > 0 ? [`no longer to ${namesOf(noLonger)}`] : []),
  ]
  if (operation === 'create') {
    return [`+ digest ${digest} would be sent by ${timing}, ${who[0] ?? 'to nobody: no Preference switches it on'}`]
  }
  const isMoved = JSON.stringify(before) !== JSON.stringify(after)
  const parts = [...(isMoved && before !== null ? [`by ${timing}; before: ${timingText(before)}`] : []), ...who]
  return [`~ digest ${digest} would be sent ${parts.join('; ')}`]
}

function timingText({ schedule, timezone, nextRun }: DigestTiming): string {
  return `${schedule} (${timezone}), ${nextRun === null ? 'switched off' : `next ${nextRun}`}`
}

function namesOf(names: readonly string[]): string {
  const more = names.length - mostNamed
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ')
}
