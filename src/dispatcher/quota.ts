// What a quota makes of decisions. Pure, for sending and for explaining alike.

import type { QuotaPeriod, QuotaProgram } from '../resources/kinds/quota.js'
import type { Resource } from '../resources/resource.js'
import type { Decision } from './decision.js'
import type { PostedEvent } from './events/event.js'
import { boundsOf } from './quota-period.js'
import { placed } from './reason-text.js'

/** The quota of a namespace, and the Namespace that declares it. */
export interface DeclaredQuota {
  readonly quota: QuotaProgram
  readonly by: Resource
}

export type QuotasByNamespace = ReadonlyMap<string, DeclaredQuota>

/** One of the things that a namespace has a limit of over time. */
export interface Limited {
  readonly namespace: string
  /** `deliveries`, or `events <type>`. */
  readonly quota: string
  readonly per: QuotaPeriod
  readonly limit: number
}

export const deliveries = 'deliveries'
export const eventsQuota = (type: string): string => `events ${type}`

export function limitsOf(namespace: string, { quota }: DeclaredQuota): readonly Limited[] {
  const { deliveriesPerHour: limit, events } = quota
  return [
    ...(limit === undefined ? [] : [{ namespace, quota: deliveries, per: 'hour' as const, limit }]),
    ...[...events].map(([type, one]) => ({ namespace, quota: eventsQuota(type), ...one })),
  ]
}

/** The namespace that a delivery counts for; empty where there is none. */
export function quotaNamespaceOf({ namespace }: Pick<PostedEvent, 'namespace'>, { channel }: Decision): string {
  return namespace ?? channel.namespace
}

/**
 * The same decisions, with those suppressed that `take` gives no place. `take` is asked once for each that would be sent
 * or wait, in their order.
 */
export function withinQuota(
  event: Pick<PostedEvent, 'namespace'>,
  decisions: readonly Decision[],
  quotas: QuotasByNamespace,
  now: number,
  take: (limited: Limited, decision: Decision) => boolean,
): readonly Decision[] {
  if (quotas.size === 0) return decisions
  return decisions.map((decision) => {
    if (decision.outcome === 'suppress') return decision
    const namespace = quotaNamespaceOf(event, decision)
    const declared = quotas.get(namespace)
    const limited = declared && limitsOf(namespace, declared).find(({ quota }) => quota === deliveries)
    if (declared === undefined || limited === undefined || take(limited, decision)) return decision
    return beyond(decision, limited, declared.by, now)
  })
}

function beyond({ until: _, ...decision }: Decision, { per, limit }: Limited, by: Resource, now: number): Decision {
  const { until } = boundsOf(per, Math.floor(now / 3_600_000))
  return {
    ...decision,
    outcome: 'suppress',
    reason: 'quota',
    because: `${placed(by)} allows ${limit} deliveries an hour, and all of them are used until ${until}`,
    decidedBy: by.id,
  }
}
