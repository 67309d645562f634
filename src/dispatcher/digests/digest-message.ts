// A digest as a message and as a delivery.

import type { Json } from '../../expression/json.js'
import { digestEvent, digestSample } from '../../resources/catalogues/digest-sample.js'
import { event as builtIn, info } from '../../resources/catalogues/event.js'
import type { Delivery } from '../../store/delivery.js'
import type { Decision } from '../decision.js'
import type { EventTypeEntry } from '../event-types.js'
import { type FanOutContext, toDelivery } from '../fan-out.js'
import { type NotificationPayload, payloadOf, toPayload } from '../notification.js'
import type { NamedTemplate } from '../revision-rules.js'
import type { RatedEvent, RenderedMessage } from '../rules.js'
import { digestName } from './collector.js'
import type { DeclaredDigest } from './readers.js'
import type { DigestContent } from './summary.js'
import { wordsOf } from './words.js'

/** For when its catalogue is switched off. */
export const digestType: EventTypeEntry = {
  program: builtIn({ id: digestEvent, description: 'A digest', default: false, severity: info, sample: digestSample }),
  by: 'callboard',
}

/** Of those that a person's delivery keeps. */
const eventsOnRecord = 20

/** A decision about a digest, and what is said. */
export interface DigestMessage {
  readonly event: RatedEvent
  readonly decision: Decision
}

/** `id`: of what is sent, equal however often it is made. */
export function toMessage(
  { namespace, program }: DeclaredDigest,
  content: DigestContent,
  decision: Decision,
  id: string,
): DigestMessage {
  const severity = content.counts.failures > 0 ? 'warning' : 'info'
  const { title, body } = wordsOf(content)
  const link = program.link ?? content.link
  const event: RatedEvent = {
    id,
    type: digestEvent,
    time: content.to,
    source: 'callboard',
    ...(namespace !== '' && { namespace }),
    severity,
    title,
    body,
    ...(link !== null && { link }),
    payload: { digest: content as unknown as Json },
  }
  return { event, decision: { ...decision, severity } }
}

export interface DigestRenderer {
  renderAs(
    event: RatedEvent,
    type: EventTypeEntry,
    decisions: readonly Decision[],
    named?: NamedTemplate,
  ): Promise<readonly RenderedMessage[]>
}

/** Undefined for what is never sent. */
export async function render(
  rules: DigestRenderer,
  { namespace, program: { template } }: DeclaredDigest,
  { event, decision }: DigestMessage,
): Promise<RenderedMessage | undefined> {
  if (decision.outcome === 'suppress') return undefined
  const named = template && { reference: template, namespace }
  const [rendered] = await rules.renderAs(event, digestType, [decision], named)
  return rendered
}

export function toDigestDelivery(
  digest: DeclaredDigest,
  { event, decision }: DigestMessage,
  rendered: RenderedMessage | undefined,
  id: string,
  context: FanOutContext,
): Delivery {
  const delivery = toDelivery(event, { decision, delivery: id }, rendered, context)
  const payload = payloadOf(delivery)
  return {
    ...delivery,
    about: { ...delivery.about, digest: digestName(digest) },
    payload: toPayload(payload.message === undefined ? payload : withContent(payload, event)),
  }
}

/** What it was about stays on record, as far as there is room for it. */
function withContent(payload: NotificationPayload, event: RatedEvent): NotificationPayload {
  const { message, user } = payload
  if (message === undefined || user === undefined) return payload
  const { digest } = event.payload as unknown as { readonly digest: DigestContent }
  const kept = digest.events.slice(0, eventsOnRecord)
  const moreEvents = digest.moreEvents + digest.events.length - kept.length
  const short = { digest: { ...digest, events: kept, moreEvents } } as unknown as Json
  return { ...payload, message: { ...message, event: { ...message.event, payload: short } } }
}

/** How many of what was gathered somebody may hear of. */
export function eventsIn({ event }: DigestMessage): number {
  return (event.payload as unknown as { digest: { counts: { events: number } } }).digest.counts.events
}
