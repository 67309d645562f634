// "Why did I get that, and why not?": what routing says of an event, for people and programs to read. Nothing is sent, and
// nothing is decided here that is not decided by `route`.

import type { EventTypeProgram, FloodProgram } from '../resources/kinds/notification-program.js'
import { writeReference } from '../resources/kinds/reference.js'
import type { Decision } from './decision.js'
import { digestsOf, withheld } from './digests/collector.js'
import { floodText, pairText } from './grouping/flood-text.js'
import { type Limited, withinQuota } from './quota.js'
import { isQuotaNotice } from './quota-notice.js'
import { placed, say } from './reason-text.js'
import { type DigestTaking, type ReceiptDecision, shown } from './receipt.js'
import { type Known, type RoutedEvent, route } from './routing.js'
import type { Tables } from './tables.js'

export interface EventExplanation {
  readonly event: ExplainedEvent
  readonly eventType: ExplainedType
  /** ISO 8601; quiet hours and silences depend on it. */
  readonly at: string
  readonly counts: Readonly<Record<Decision['outcome'], number>>
  /** How many are not sent, or not yet, by reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** What is sent, then what waits, then what is not sent; each in order of channels and users. */
  readonly decisions: readonly ReceiptDecision[]
  readonly moreDecisions: boolean
  /** Digests that it belongs into. */
  readonly digests: readonly DigestTaking[]
  /** Channels that hear other namespaces than the event's. */
  readonly unconcerned: readonly { readonly channel: string; readonly channelType: string; readonly because: string }[]
  /** People of whom nothing was decided, because no channel that hears of the event knows them. */
  readonly unreached: readonly { readonly user: string; readonly because: string }[]
}

export interface ExplainedEvent {
  readonly type: string
  readonly source: string
  readonly severity: string
  readonly namespace: string | null
  readonly service: string | null
  readonly customer: string | null
  readonly labels: Readonly<Record<string, string>>
}

export interface ExplainedType {
  readonly description: string
  /** Whether it is sent where nobody says otherwise. */
  readonly default: boolean
  readonly critical: boolean
  /** Id of the EventType; null for a built-in one. */
  readonly declaredBy: string | null
  /** Name of the catalogue; null for a declared one. */
  readonly catalogue: string | null
  /** Events that include it: whoever hears of one of them hears of this one. */
  readonly includedIn: readonly string[]
}

export interface ExplainOptions {
  readonly known?: Known
  /** How much of a quota is left; all of it unless given. */
  readonly room?: (limited: Limited) => number
  /** Name of a User: what was decided of others is left out. */
  readonly user?: string
  /** What of it waits already to be said together with others, for people. */
  readonly state?: (decision: Decision) => string | undefined
  /** More decisions than these are counted, not listed. Default: 1000. */
  readonly limit?: number
}

const order: readonly Decision['outcome'][] = ['send', 'hold', 'suppress']

/** Undefined for a type of event that there is not. `now`: milliseconds since 1970. */
export function explainEvent(
  event: RoutedEvent,
  tables: Tables,
  now: number,
  { known, user, state, limit = 1000, room = ({ limit }) => limit }: ExplainOptions = {},
): EventExplanation | undefined {
  const { namespace = '' } = event
  const family = tables.eventTypes.family(event.type, namespace)
  const [type, ...including] = family?.members ?? []
  if (type === undefined) return undefined
  const left = new Map<string, number>()
  const crowded = new Map<Decision, string>()
  const quotas: Tables['quotas'] = isQuotaNotice(event) ? new Map() : tables.quotas
  const all = withinQuota(event, route(event, tables, now, known), quotas, now, (limited, decision) => {
    const places = left.get(limited.namespace) ?? room(limited)
    if (floodOf(decision, tables)?.group !== undefined) {
      // The message that it becomes part of takes one.
      if (places <= 0) crowded.set(decision, crowdedText(limited))
      return true
    }
    left.set(limited.namespace, places - 1)
    return places > 0
  })
  const stateOf = (decision: Decision): string | undefined => {
    const parts = [state?.(decision), crowded.get(decision)].filter((part) => part !== undefined)
    return parts.length === 0 ? undefined : parts.join('; ')
  }
  const decisions = all.filter((one) => user === undefined || one.user === undefined || one.user.name === user)
  const counts = { send: 0, hold: 0, suppress: 0 }
  const reasons: Record<string, number> = {}
  for (const { outcome, reason } of decisions) {
    counts[outcome] += 1
    if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  const sorted = order.flatMap((outcome) => decisions.filter((one) => one.outcome === outcome))
  return {
    event: eventOf(event),
    eventType: {
      description: type.program.description,
      default: type.program.default,
      critical: type.program.critical,
      declaredBy: typeof type.by === 'string' ? null : type.by.id,
      catalogue: typeof type.by === 'string' ? type.by : null,
      includedIn: including.map(({ program }) => program.id),
    },
    at: new Date(now).toISOString(),
    counts,
    reasons,
    decisions: sorted.slice(0, limit).map((one) => shown(paced(one, type.program, tables, stateOf), null)),
    moreDecisions: sorted.length > limit,
    digests: digestsOf(event, tables).map((digest) => {
      const why = withheld(event, tables, now)
      const because = say(digest, 'gathers such events')
      return { digest: writeReference(digest), isIn: why === undefined, reason: null, because, ...why }
    }),
    unconcerned: unconcerned(namespace, tables),
    unreached: unreached(all, user, tables).slice(0, limit),
  }
}

function crowdedText({ namespace, limit }: Limited): string {
  return `the quota of namespace ${namespace}, ${limit} deliveries an hour, is used up: what is due before the next hour is recorded, and not sent`
}

function floodOf({ channel: { namespace, name } }: Decision, { channels }: Tables): FloodProgram | undefined {
  const entry = channels.find(({ channel }) => channel.namespace === namespace && channel.name === name)
  return entry?.channel.program.flood
}

/** What is sent may be joined, withheld or collapsed: that depends on what else comes, and is said beside it. */
function paced(
  decision: Decision,
  { resolves, standsAlone, critical }: EventTypeProgram,
  tables: Tables,
  state: ExplainOptions['state'],
): Decision {
  if (decision.ifPaired !== undefined) {
    return { ...decision, because: `${decision.because}; sent all the same ${pairText(resolves)}` }
  }
  if (decision.outcome === 'suppress') return decision
  const declared = floodOf(decision, tables)
  const flood = declared === undefined ? '' : floodText(declared)
  const now = state?.(decision)
  const said = [
    ...(resolves.length > 0 && !standsAlone ? [`only ${pairText(resolves)}`] : []),
    ...(flood === '' ? [] : [`the channel ${flood}`]),
    ...(flood !== '' && critical
      ? ['critical: the first of a group does not wait, and no threshold holds it back']
      : []),
    ...(now === undefined ? [] : [now]),
  ]
  return said.length === 0 ? decision : { ...decision, because: [decision.because, ...said].join('; ') }
}

function eventOf({ type, source, severity, namespace, service, customer, labels }: RoutedEvent): ExplainedEvent {
  return {
    type,
    source,
    severity,
    namespace: namespace ?? null,
    service: service ?? null,
    customer: customer ?? null,
    labels: labels ?? {},
  }
}

function unconcerned(namespace: string, { channels }: Tables): EventExplanation['unconcerned'] {
  const where = namespace === '' ? 'and the event belongs to no namespace' : `and the event is of ${namespace}`
  return channels
    .filter(({ channel }) => channel.namespace !== '' && channel.namespace !== namespace)
    .map(({ channel }) => ({
      channel: writeReference(channel),
      channelType: channel.program.type,
      because: `${placed(channel)} hears the events of namespace ${channel.namespace}, ${where}`,
    }))
}

function unreached(
  decisions: readonly Decision[],
  user: string | undefined,
  { users }: Tables,
): EventExplanation['unreached'] {
  const reached = new Set(decisions.map((one) => one.user?.name))
  return [...users.values()]
    .filter(({ user: one }) => !reached.has(one.name) && (user === undefined || one.name === user))
    .map(({ user: one }) => ({
      user: one.name,
      because: `no UserBinding connects ${placed(one)} to a channel that hears of this and writes to people`,
    }))
}
