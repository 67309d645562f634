// From what was decided about an event to deliveries. Their ids are made of what they are, so that whoever derives them
// again derives the same.

import type { Delivery, ErrorClass } from '../store/delivery.js'
import type { ChannelType } from './channel-type.js'
import type { Decision } from './decision.js'
import { channelName, deliveryId, notification, targetOf, toPayload } from './notification.js'
import type { RatedEvent, RenderedMessage, Rules } from './rules.js'

/** A decision, and the delivery that carries it out or shows it. */
export interface Decided {
  readonly decision: Decision
  readonly delivery: string
  /** No words were made for it, because it was to become part of something else. */
  readonly isWordless?: true
}

/** After these nothing else would come of another attempt. */
const final: readonly ErrorClass[] = ['rejected', 'auth', 'gone', 'template', 'guard']

/** `epoch`: of the store. */
export function decidedOf(
  epoch: string,
  { source, id }: Pick<RatedEvent, 'source' | 'id'>,
  decisions: readonly Decision[],
): Decided[] {
  return decisions.map((decision) => {
    const { channel, user, outcome, into, recipient, override, key } = decision
    const address = [override.to ?? '', override.channel ?? '', ...Object.values(recipient)]
    // What is not sent must not keep another event about the same matter from being sent.
    const isTold = outcome !== 'suppress' || into !== undefined
    const about = key === undefined || !isTold ? ['event', source, id] : ['matter', key]
    return { decision, delivery: deliveryId(epoch, ...about, targetOf(channel), user?.name ?? '', ...address) }
  })
}

export interface FanOutContext {
  readonly rules: Pick<Rules, 'generation' | 'revision' | 'channel'>
  readonly types: ReadonlyMap<string, ChannelType>
  /** Milliseconds since 1970. */
  readonly now: number
  readonly maxAgeMs: number
}

/** `rendered`: of what is sent or waits; not looked at for what is not sent. */
export function toDelivery(
  event: RatedEvent,
  { decision, delivery: id }: Decided,
  words: RenderedMessage | undefined,
  { rules, types, now, maxAgeMs }: FanOutContext,
): Delivery {
  const {
    channel,
    user,
    binding,
    outcome,
    into,
    reason = 'preference',
    until,
    recipient,
    override,
    because,
    decidedBy,
  } = decision
  const { follows, begins, standsAlone } = decision
  const rendered = outcome === 'suppress' ? undefined : words
  const program = rules.channel(channel)
  const type = types.get(channel.type)
  const target = targetOf(channel)
  const address = Object.values(recipient).join(' ')
  const namespace = event.namespace ?? (channel.namespace === '' ? undefined : channel.namespace)
  return {
    id,
    kind: notification,
    transport: notification,
    target,
    ...(type?.pausesBy === 'recipient' && { pause: `${target} ${user?.name ?? ''} ${address}` }),
    // What ends something never overtakes what began it.
    ...((type?.isOrdered === true || begins === true || follows !== undefined) &&
      rendered !== undefined && {
        order: `${target}${user === undefined ? '' : ` ${user.name} ${address}`} ${rendered.message.key}`,
      }),
    breaker: true,
    ...(outcome === 'suppress' && { suppressed: reason }),
    about: {
      ...(namespace !== undefined && { namespace }),
      channel: channelName(channel),
      channelType: channel.type,
      ...(user !== undefined && { user: user.name }),
      event: event.type,
      eventId: event.id,
      source: event.source,
      ...(into !== undefined && { message: into }),
      ...(rendered?.template !== undefined && { template: rendered.template }),
      generation: rules.generation,
      ...(rules.revision !== undefined && { revision: rules.revision }),
    },
    created: now,
    delayMs: 0,
    expires: Math.max(now, until ?? 0) + maxAgeMs,
    timeoutMs: program?.timeoutMs ?? 30_000,
    retry: {
      retries: program?.retry.maxRetries ?? 5,
      delayMs: program?.retry.baseDelayMs ?? 1000,
      growth: 'jitter',
      maxDelayMs: program?.retry.maxDelayMs ?? 300_000,
      final,
    },
    payload: toPayload({
      channel,
      ...(user !== undefined && { user: user.name }),
      ...(binding !== undefined && { binding }),
      recipient,
      override,
      because,
      ...(decidedBy !== undefined && { decidedBy }),
      severity: event.severity,
      ...(rendered !== undefined && {
        message: { ...withoutPayload(rendered.message, user !== undefined), ...(follows !== undefined && { follows }) },
      }),
      ...(follows !== undefined && standsAlone !== true && { needs: follows }),
      ...(begins === true && { begins }),
      ...(rendered?.failure !== undefined && { failure: rendered.failure }),
      ...(outcome === 'hold' && { held: true }),
    }),
  }
}

/** Messages for those that are sent or wait, each at the place of its decision. */
export async function renderSent(
  rules: Pick<Rules, 'render'>,
  event: RatedEvent,
  decided: readonly Decided[],
): Promise<readonly (RenderedMessage | undefined)[]> {
  const isWorded = ({ decision: { outcome, ifPaired }, isWordless }: Decided) =>
    (outcome !== 'suppress' || ifPaired !== undefined) && isWordless !== true
  const sent = decided.filter(isWorded)
  if (sent.length === 0) return decided.map(() => undefined)
  const messages = await rules.render(
    event,
    sent.map(({ decision }) => decision),
  )
  let next = 0
  return decided.map((one) => (isWorded(one) ? messages[next++] : undefined))
}

/** Channels to persons send words alone: what happened would be kept as often as there are persons. */
function withoutPayload(message: RenderedMessage['message'], isPersonal: boolean): RenderedMessage['message'] {
  return isPersonal ? { ...message, event: { ...message.event, payload: null } } : message
}
