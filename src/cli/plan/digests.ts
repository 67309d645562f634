// Which digests a merge would begin, end, or send at other times, about other events or to others.

import { type Reader, readersOf } from '../../dispatcher/digests/readers.js'
import type { Known } from '../../dispatcher/routing.js'
import { buildTables, type TableOptions, type Tables } from '../../dispatcher/tables.js'
import { writeReference } from '../../resources/kinds/reference.js'
import { scheduleOf } from '../../resources/kinds/schedule.js'
import type { ResourceSet } from '../../resources/resource.js'
import { deciding } from './recipients.js'
import { runnable } from './sides.js'

export interface DigestChange {
  /** `name`, or `namespace/name`. */
  readonly digest: string
  readonly operation: 'create' | 'update' | 'prune'
  /** When it is sent, and about what; null where there is none on that side. */
  readonly before: DigestPlan | null
  readonly after: DigestPlan | null
  /** `ann on mail`, or a channel that is one recipient itself. */
  readonly newly: readonly string[]
  readonly noLonger: readonly string[]
}

export interface DigestPlan {
  readonly schedule: string
  readonly timezone: string
  /** ISO 8601, counted from now; null while it is switched off. */
  readonly nextRun: string | null
  /** Ids and patterns. */
  readonly events: readonly string[]
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
    const isOther = JSON.stringify(was?.sent) !== JSON.stringify(is?.sent)
    if (!isOther && newly.length === 0 && noLonger.length === 0) return []
    const operation = was === undefined ? 'create' : is === undefined ? 'prune' : 'update'
    return [{ digest, operation, before: was?.sent ?? null, after: is?.sent ?? null, newly, noLonger }]
  })
}

interface Side {
  readonly sent: DigestPlan
  readonly readers: readonly string[]
}

function sideOf(tables: Tables, now: number): ReadonlyMap<string, Side> {
  return new Map(
    tables.digests.map((digest): [string, Side] => {
      const { schedule, timezone, enabled, events } = digest.program
      const next = enabled ? scheduleOf(schedule, timezone).next(now) : undefined
      const nextRun = next === undefined ? null : new Date(next).toISOString()
      const readers = readersOf(digest, tables, now, known).filter(getsIt).map(nameOf)
      return [writeReference(digest), { sent: { schedule, timezone, nextRun, events }, readers }]
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
  if (operation === 'prune' || after === null)
    return [`- digest ${digest} would not be sent any more, and what it has gathered is forgotten`]
  const [timing, about] = [timingText(after), namesOf(after.events)]
  if (before === null) {
    const who = newly.length > 0 ? `to ${namesOf(newly)}` : 'to nobody: no Preference switches it on'
    return [`+ digest ${digest} would be sent by ${timing}, about ${about}, ${who}`]
  }
  const was = timingText(before)
  const isAbout = JSON.stringify(before.events) === JSON.stringify(after.events)
  const parts = [
    ...(was === timing ? [] : [`by ${timing}; before: ${was}`]),
    ...(isAbout ? [] : [`about ${about}; before: ${namesOf(before.events)}`]),
    ...(newly.length > 0 ? [`newly to ${namesOf(newly)}`] : []),
    ...(noLonger.length > 0 ? [`no longer to ${namesOf(noLonger)}`] : []),
  ]
  return [`~ digest ${digest} would be sent ${parts.join('; ')}`]
}

function timingText({ schedule, timezone, nextRun }: DigestPlan): string {
  return `${schedule} (${timezone}), ${nextRun === null ? 'switched off' : `next ${nextRun}`}`
}

function namesOf(names: readonly string[]): string {
  const more = names.length - mostNamed
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ')
}
