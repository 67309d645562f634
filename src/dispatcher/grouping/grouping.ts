// What happens to an event on its way to one recipient: it passes, joins others, is withheld, or is put into a summary. All of
// it is decided, and written, in the transaction that records the event.

import type { Engine } from '../../delivery/engine.js'
import { durationText } from '../../resources/kinds/duration.js'
import type { FloodProgram } from '../../resources/kinds/notification-program.js'
import { resourceId } from '../../resources/resource.js'
import type { Store, Transaction } from '../../store/store.js'
import type { Collector } from '../collector.js'
import type { Decision, Reason } from '../decision.js'
import { type Decided, decidedOf } from '../fan-out.js'
import { deliveryId } from '../notification.js'
import { isQuotaNotice } from '../quota-notice.js'
import type { RevisionRules } from '../revision-rules.js'
import type { RatedEvent } from '../rules.js'
import { type Batch, emptyBatch, joined } from './batch.js'
import { fateOf } from './fate.js'
import { findGroup, type Group, groupIdOf, groupScope, putGroup, recipientOf, valuesOf, without } from './group.js'
import { findMatter, type Matter, matterKey, matterScope, type Pairing, putMatter } from './matter.js'
import { countIn, fullUntil, rateScope, uncount } from './rate.js'
import { remindOf } from './reminders.js'
import { sampled, sampleScope } from './samples.js'

export interface GroupingOptions {
  readonly store: Pick<Store, 'epoch' | 'get'>
  readonly operations: () => Pick<Engine['operations'], 'get'>
  /** Of what is applied now. */
  readonly rules: () => RevisionRules
  /** Something of a group is due then, or of a matter that is to be said again. */
  readonly expect: (what: 'group' | 'matter', name: string, due: number) => void
  /** How many groups there are, of one channel or of all. */
  readonly bounds: Bounds
}

/** Keeps what is open bounded. */
export interface Bounds {
  hasRoomForGroup(channel: Decision['channel'], id: string): boolean
  hasRoomForMatter(key: string): boolean
  /** The matter is open no more. */
  over(key: string): void
}

/** One event and one recipient. */
interface Case {
  readonly tx: Transaction
  readonly event: RatedEvent
  readonly one: Decided
  readonly decision: Decision
  readonly recipient: string
  readonly pairing: Pairing | undefined
  readonly now: number
}

export class Grouping implements Collector {
  readonly scopes = [groupScope, sampleScope, rateScope, matterScope]
  readonly #options: GroupingOptions

  constructor(options: GroupingOptions) {
    this.#options = options
  }

  takes(event: RatedEvent, { decision }: Decided, now: number): boolean {
    const { store, rules } = this.#options
    const recipient = recipientOf(decision)
    const pairing = rules().pairing(event)
    if (pairing?.role === 'ends') {
      const matter = findMatter(store, recipient, pairing.key)
      if (matter !== undefined) return matter.group !== undefined
    }
    const flood = rules().channel(decision.channel)?.flood
    if (flood === undefined) return false
    const { group, storm } = flood
    if (group !== undefined) return true
    return storm !== undefined && fullUntil(store, recipient, storm, now) !== undefined
  }

  collect(tx: Transaction, event: RatedEvent, decided: readonly Decided[], now: number): readonly Decided[] {
    const { rules, store } = this.#options
    const pairing = rules().pairing(event)
    return decided.map((one) => {
      const { decision } = one
      const isOut = decision.outcome === 'suppress' && decision.ifPaired === undefined
      if (isOut) return one
      const made = this.#decide({ tx, event, one, decision, recipient: recipientOf(decision), pairing, now })
      return made === decision ? one : (decidedOf(store.epoch, event, [made])[0] as Decided)
    })
  }

  /** Nobody is told that it begins, and nobody is to be told of its end. */
  refused(tx: Transaction, event: RatedEvent, { decision, delivery }: Decided, now: number): void {
    const rules = this.#options.rules()
    const recipient = recipientOf(decision)
    // What follows something was sent whatever the rate.
    const isCounted = decision.follows === undefined && rules.channel(decision.channel)?.flood?.storm !== undefined
    if (isCounted) uncount(tx, recipient, now)
    const pairing = rules.pairing(event)
    if (pairing?.role !== 'begins') return
    if (findMatter(tx, recipient, pairing.key)?.delivery !== delivery) return
    tx.delete(matterKey(recipient, pairing.key))
    this.#options.bounds.over(matterKey(recipient, pairing.key))
  }

  /** What waits already where the event would go, for people; undefined when nothing does. */
  describe(event: RatedEvent, decision: Decision, now: number): string | undefined {
    const { store, rules } = this.#options
    const flood = rules().channel(decision.channel)?.flood
    if (flood === undefined) return undefined
    const recipient = recipientOf(decision)
    const pairing = rules().pairing(event)
    if (pairing?.role === 'ends' && findMatter(store, recipient, pairing.key) === undefined && !pairing.standsAlone) {
      return 'now: nothing of the kind is open there, and it would not be sent'
    }
    const row = findGroup(store, groupIdOf(recipient, 'by', valuesOf(event, flood.group?.by ?? defaultBy)))
    const summary = findGroup(store, groupIdOf(recipient, 'storm'))?.pending
    const { threshold, storm } = flood
    const waiting = (batch: Batch) => `${batch.count} wait to be said at ${new Date(batch.due).toISOString()}`
    const came = threshold && windowOf(row, threshold, now).length - 1
    const full = storm && fullUntil(store, recipient, storm, now)
    const parts = [
      ...(came ? [`${came} came within the time`] : []),
      ...(row?.pending === undefined ? [] : [`in its group ${waiting(row.pending)}`]),
      ...(full === undefined ? [] : [`nothing more is said before ${new Date(full).toISOString()}`]),
      ...(summary === undefined ? [] : [`in the summary ${waiting(summary)}`]),
    ]
    return parts.length === 0 ? undefined : `now: ${parts.join(', ')}`
  }

  #decide(given: Case): Decision {
    if (given.pairing?.role === 'ends') return this.#end(given, given.pairing)
    return given.decision.outcome === 'suppress' ? given.decision : this.#flow(given)
  }

  /** Whoever was told that it began is told that it is over, and nobody else. */
  #end(given: Case, pairing: Pairing): Decision {
    const { tx, event, recipient } = given
    const { ifPaired, ...rest } = given.decision
    const { paired, why } = this.#pairedWith(given, pairing)
    if (paired === undefined) {
      if (rest.outcome === 'suppress') return rest
      if (pairing.standsAlone) return this.#flow({ ...given, decision: rest })
      const because = `${event.type} is sent to those alone who were sent what it ends, and ${why}`
      return suppressed(rest, 'unpaired', because)
    }
    const decision: Decision = ifPaired === undefined ? rest : { ...without(rest, 'reason', 'until'), ...ifPaired }
    tx.delete(matterKey(recipient, pairing.key))
    this.#options.bounds.over(matterKey(recipient, pairing.key))
    if (decision.outcome === 'suppress') return decision
    const { group, matter } = paired
    if (group === undefined && given.one.isWordless !== true) {
      return {
        ...decision,
        follows: matter.delivery,
        ...(pairing.standsAlone && { standsAlone: true as const }),
      }
    }
    const id = group ?? groupIdOf(recipient, 'storm')
    return this.#join({ ...given, decision }, id, { reason: group === undefined ? 'storm' : 'grouped', ends: matter })
  }

  #pairedWith({ tx, recipient }: Case, { key }: Pairing): { paired?: { matter: Matter; group?: string }; why: string } {
    const matter = findMatter(tx, recipient, key)
    if (matter === undefined) return { why: 'nothing of the kind is open there' }
    const { delivery, group } = matter
    const fate = fateOf(this.#options.operations(), delivery)
    if (fate === 'failed') {
      tx.delete(matterKey(recipient, key))
      const row = group === undefined ? undefined : findGroup(tx, group)
      if (group !== undefined && row !== undefined) putGroup(tx, group, { ...row, open: Math.max(0, row.open - 1) })
      return { why: `delivery ${delivery}, which was to say that it began, did not arrive` }
    }
    if (group === undefined) return { paired: { matter }, why: '' }
    return { paired: { matter, group: fate === 'storm' ? groupIdOf(recipient, 'storm') : group }, why: '' }
  }

  #flow(given: Case): Decision {
    const { tx, event, one, decision, recipient, now } = given
    const rules = this.#options.rules()
    const flood = rules.channel(decision.channel)?.flood
    if (flood === undefined) return this.#pass(given)
    const { group, threshold, storm } = flood
    const by = valuesOf(event, group?.by ?? defaultBy)
    const id = this.#idOf(given, by)
    if (threshold !== undefined && !isCritical(rules, event)) {
      const row = findGroup(tx, id) ?? this.#newGroup(given, by)
      const window = windowOf(row, threshold, now)
      const passes = window.length >= threshold.count
      const withheld = (row.withheld ?? 0) + (passes ? 0 : 1)
      putGroup(tx, id, { ...row, window, withheld: passes && group === undefined ? 0 : withheld })
      this.#options.expect('group', id, now + threshold.withinMs)
      if (!passes) return this.#withheld(given, threshold, window.length)
    }
    if (group !== undefined) return this.#join(given, id, { reason: 'grouped', by, group })
    if (storm === undefined && one.isWordless !== true) return this.#pass(given)
    const isFree = one.isWordless === true || storm === undefined
    const until = isFree ? ((storm && fullUntil(tx, recipient, storm, now)) ?? now) : countIn(tx, recipient, storm, now)
    if (until === undefined) return this.#pass(given)
    return this.#join(given, groupIdOf(recipient, 'storm'), { reason: 'storm', due: until, storm })
  }

  /** It is sent by itself. */
  #pass({ tx, event, one, decision, recipient, pairing, now }: Case): Decision {
    if (pairing?.role !== 'begins') return decision
    const { operations, bounds, rules, expect } = this.#options
    const known = findMatter(tx, recipient, pairing.key)
    if (known !== undefined && fateOf(operations(), known.delivery) !== 'failed') return { ...decision, begins: true }
    const name = matterKey(recipient, pairing.key)
    if (!bounds.hasRoomForMatter(name)) return decision
    const remind = remindOf(rules(), decision.channel, event)
    const at = now + (remind?.everyMs ?? 0)
    const again = remind && { again: { at, said: 0, event: { ...event, payload: {} }, decision } }
    putMatter(tx, recipient, pairing.key, { delivery: one.delivery, at: now, ...again })
    if (remind !== undefined) expect('matter', name, at)
    return { ...decision, begins: true }
  }

  #join(given: Case, id: string, how: How): Decision {
    const { tx, event, decision, recipient, pairing, now } = given
    const { rules, store, expect, bounds, operations } = this.#options
    const { reason, by = {}, ends } = how
    const row = findGroup(tx, id) ?? { ...this.#newGroup(given, by), reason }
    const due = how.due ?? dueOf(row, how.group ?? rules().channel(decision.channel)?.flood.group, now)
    const isNow = isCritical(rules(), event) && row.said === undefined && how.group !== undefined
    const message = deliveryId(store.epoch, 'joined', id, event.source, event.id)
    const before = row.pending ?? emptyBatch(message, isNow ? now : due, now, row.withheld ?? 0)
    const matter = pairing?.role === 'begins' ? findMatter(tx, recipient, pairing.key) : undefined
    const isOpen = matter !== undefined && fateOf(operations(), matter.delivery) !== 'failed'
    const begins = pairing?.role === 'begins'
    const opens = begins && !isOpen && bounds.hasRoomForMatter(matterKey(recipient, pairing.key))
    if (opens) putMatter(tx, recipient, pairing.key, { delivery: before.message, group: id, at: now })
    const isEnd = ends !== undefined
    const { severity } = decision
    const counted = joined(before, event, {
      severity,
      isEnd,
      isSingle: !isEnd && !begins,
      opens,
      isUnlimited: isQuotaNotice(event),
      now,
    })
    const pending: Batch = sampled(tx, ended(counted, ends), event)
    const closing = row.closing && ended(row.closing, ends)
    putGroup(tx, id, {
      ...without(row, 'withheld'),
      pending,
      ...(closing !== undefined && { closing }),
      open: Math.max(0, row.open + (opens && matter?.group !== id ? 1 : 0) - (isEnd ? 1 : 0)),
    })
    expect('group', id, pending.due)
    return suppressed(decision, reason, this.#joinedText(decision, how, pending), pending.message)
  }

  #newGroup({ decision }: Case, by: Group['by']): Group {
    const { channel, user, recipient, override } = decision
    const whom = user === undefined ? {} : { user: user.name }
    return { channel, ...whom, recipient, override, reason: 'grouped', by, open: 0 }
  }

  /** That of the values, or of all that has no room any more. */
  #idOf({ tx, decision, recipient }: Case, by: Group['by']): string {
    const id = groupIdOf(recipient, 'by', by)
    const isKnown = findGroup(tx, id) !== undefined
    return isKnown || this.#options.bounds.hasRoomForGroup(decision.channel, id) ? id : groupIdOf(recipient, 'overflow')
  }

  #withheld({ decision }: Case, { count, withinMs }: NonNullable<FloodProgram['threshold']>, came: number): Decision {
    const says = `withholds what comes less than ${count} times within ${durationText(withinMs)}; this came ${came} times`
    return suppressed(decision, 'threshold', `${this.#options.rules().placed(decision.channel)} ${says}`)
  }

  #joinedText({ channel }: Decision, { reason, group, storm }: How, { due }: Batch): string {
    const when = new Date(due).toISOString()
    const placed = this.#options.rules().placed(channel)
    if (reason === 'storm' && storm !== undefined) {
      const rate = `${storm.count} messages in ${durationText(storm.perMs)}`
      return `${placed} sends each recipient at most ${rate}; the rest is one summary, due at ${when}`
    }
    const by = group === undefined ? '' : ` by ${group.by.join(', ') || 'nothing: all of them'}`
    return `${placed} joins events${by}; the message is due at ${when}`
  }
}

interface How {
  readonly reason: Group['reason']
  readonly by?: Group['by']
  readonly group?: NonNullable<FloodProgram['group']>
  readonly storm?: NonNullable<FloodProgram['storm']> | undefined
  readonly due?: number
  /** What the event is the end of. */
  readonly ends?: Matter
}

const defaultBy = ['event']

function isCritical(rules: RevisionRules, { type, namespace = '' }: RatedEvent): boolean {
  return rules.eventTypes.get(type, namespace)?.program.critical === true
}

/** When events came, this one last: as many as the threshold wants to see. */
function windowOf(
  group: Group | undefined,
  { count, withinMs }: NonNullable<FloodProgram['threshold']>,
  now: number,
): readonly number[] {
  const recent = (group?.window ?? []).filter((at) => at > now - withinMs && at <= now)
  return [...recent, now].slice(-count)
}

/** The first waits for others; after that a message of the group comes once in an interval. */
function dueOf({ said }: Group, group: FloodProgram['group'], now: number): number {
  if (group === undefined) return now
  const next = said === undefined || said > now ? 0 : said + group.intervalMs
  return next > now ? next : now + group.waitMs
}

/** A matter that was begun in it is over. */
function ended<Kind extends Batch>(batch: Kind, matter: Matter | undefined): Kind {
  return matter?.delivery === batch.message ? { ...batch, open: Math.max(0, batch.open - 1) } : batch
}

function suppressed(decision: Decision, reason: Reason, because: string, into?: string): Decision {
  const { channel } = decision
  return {
    ...without(decision, 'until', 'ifPaired'),
    outcome: 'suppress',
    reason,
    because,
    decidedBy: resourceId('Channel', channel.namespace, channel.name),
    ...(into !== undefined && { into }),
  }
}
