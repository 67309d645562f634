// What was made of an event, for whoever posted it: the same answer however often it is asked.

import type { Decision } from './decision.js'
import type { PostedEvent } from './events/event.js'
import { channelName } from './notification.js'

export interface ReceiptDecision {
  readonly channel: string
  readonly channelType: string
  readonly user: string | null
  readonly outcome: Decision['outcome']
  readonly reason: string | null
  /** ISO 8601. */
  readonly until: string | null
  readonly because: string
  readonly decidedBy: string | null
  readonly severity: string
  readonly delivery: string | null
}

/** A digest that the event belongs into. */
export interface DigestTaking {
  /** `weekly`, `shop/weekly`. */
  readonly digest: string
  /** False: it is in another event's place, or silenced. */
  readonly isIn: boolean
  readonly reason: string | null
  readonly because: string
}

export interface Receipt {
  readonly id: string
  readonly source: string
  readonly type: string
  /** ISO 8601. */
  readonly accepted: string
  readonly deliveries: Readonly<Record<Decision['outcome'], number>>
  readonly reasons: Readonly<Record<string, number>>
  /** The first of them. */
  readonly decisions: readonly ReceiptDecision[]
  readonly moreDecisions: boolean
  /** How many webhooks on changes were told. */
  readonly webhooks: number
  /** Absent when it belongs into none. */
  readonly digests?: readonly DigestTaking[]
}

const decisionsShown = 50

export function toReceipt(
  { id, source, type }: PostedEvent,
  decisions: readonly { readonly decision: Decision; readonly delivery: string }[],
  {
    accepted,
    webhooks,
    digests = [],
  }: { readonly accepted: number; readonly webhooks: number; readonly digests?: readonly DigestTaking[] },
): Receipt {
  const deliveries = { send: 0, hold: 0, suppress: 0 }
  const reasons: Record<string, number> = {}
  for (const { decision } of decisions) {
    deliveries[decision.outcome] += 1
    if (decision.reason !== undefined) reasons[decision.reason] = (reasons[decision.reason] ?? 0) + 1
  }
  return {
    id,
    source,
    type,
    accepted: new Date(accepted).toISOString(),
    deliveries,
    reasons,
    decisions: decisions.slice(0, decisionsShown).map(({ decision, delivery }) => shown(decision, delivery)),
    moreDecisions: decisions.length > decisionsShown,
    webhooks,
    ...(digests.length > 0 && { digests }),
  }
}

export function shown(decision: Decision, delivery: string | null): ReceiptDecision {
  const { channel, user, outcome, reason, until, because, decidedBy, severity } = decision
  return {
    channel: channelName(channel),
    channelType: channel.type,
    user: user?.name ?? null,
    outcome,
    reason: reason ?? null,
    until: until === undefined ? null : new Date(until).toISOString(),
    because,
    decidedBy: decidedBy ?? null,
    severity,
    delivery,
  }
}
