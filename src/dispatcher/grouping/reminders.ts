// Saying again what is not over.

import type { Engine } from '../../delivery/engine.js'
import type { Json } from '../../expression/json.js'
import { durationText } from '../../resources/kinds/duration.js'
import type { RemindProgram } from '../../resources/kinds/notification-program.js'
import { oneLine, plainTitle } from '../../resources/message-parts.js'
import type { Delivery } from '../../store/delivery.js'
import type { Store, Transaction } from '../../store/store.js'
import type { ChannelType } from '../channel-type.js'
import type { Decision } from '../decision.js'
import { toDelivery } from '../fan-out.js'
import { making } from '../made.js'
import type { Message } from '../message.js'
import { deliveryId, payloadOf } from '../notification.js'
import type { QuotaGate } from '../quota-ledger.js'
import type { RevisionRules } from '../revision-rules.js'
import type { RatedEvent } from '../rules.js'
import { fateOf } from './fate.js'
import { findGroup, type Group, groupScope, type Incident, putGroup, recipientOf, without } from './group.js'
import { type Again, longestMatterMs, type Matter, matterScope } from './matter.js'
import { countIn, fullUntil, rateScope } from './rate.js'
import { verdictOf } from './verdict.js'

export interface RemindersOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'get' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  readonly rules: () => RevisionRules
  readonly now: () => number
  readonly quotas?: QuotaGate
  readonly maxAgeMs: number
}

/** What the channel says, else what the event type does; undefined for what is said once. */
export function remindOf(
  rules: RevisionRules,
  channel: Decision['channel'],
  event: RatedEvent,
): RemindProgram | undefined {
  return rules.channel(channel)?.flood.remind ?? rules.pairing(event)?.remind
}

export class Reminders {
  readonly #options: RemindersOptions

  constructor(options: RemindersOptions) {
    this.#options = options
  }

  /** `key`: of its row. Resolves with when it is said again. */
  matter(key: string): Promise<number | undefined> {
    return this.#making((tx, record) => {
      const matter = tx.get(key) as unknown as Matter | undefined
      if (matter?.again === undefined) return undefined
      const { again, ...rest } = matter
      const next = this.#again(tx, again, { delivery: matter.delivery, since: matter.at }, record)
      tx.put(key, { ...rest, ...(next !== undefined && { again: next }) } as unknown as Json)
      return next?.at
    })
  }

  /** What is not over in a group. */
  async group(id: string): Promise<void> {
    const due = findGroup(this.#options.store, id)?.incident?.again?.at
    if (due === undefined || due > this.#options.now()) return
    await this.#making((tx, record) => {
      const row = findGroup(tx, id)
      const incident = row?.incident
      if (row === undefined || incident?.again === undefined) return
      const next = this.#again(tx, incident.again, incident, record)
      const rest = without(incident, 'again') as Incident
      putGroup(tx, id, { ...row, incident: { ...rest, ...(next !== undefined && { again: next }) } } as Group)
    })
  }

  async #making<Result>(work: (tx: Transaction, record: (delivery: Delivery) => void) => Result): Promise<Result> {
    const { quotas } = this.#options
    const result = await making(this.#options, [groupScope, matterScope, rateScope, ...(quotas?.scopes ?? [])], work)
    quotas?.settled()
    return result
  }

  /** Undefined when it is not said again any more. */
  #again(
    tx: Transaction,
    again: Again,
    { delivery, since }: Pick<Incident, 'delivery' | 'since'>,
    record: (delivery: Delivery) => void,
  ): Again | undefined {
    const { engine, rules, now } = this.#options
    if (again.at > now()) return again
    const { event, decision, said } = again
    const remind = remindOf(rules(), decision.channel, event)
    const fate = fateOf(engine.operations, delivery)
    if (remind === undefined || said >= remind.atMost || fate === 'failed' || now() - since > longestMatterMs) {
      return undefined
    }
    const later = { ...again, at: now() + remind.everyMs }
    // Nobody has heard it once.
    if (fate === 'waiting') return later
    const { channel, user, recipient, override } = decision
    const group = { channel, recipient, override, reason: 'grouped' as const, by: {}, open: 0 }
    const verdict = verdictOf({ ...group, ...(user && { user: user.name }) }, [event], rules(), now())
    if (verdict.outcome === 'suppress') return later
    if (verdict.outcome === 'hold') return { ...again, at: Math.max(verdict.until ?? 0, now() + 1000) }
    const storm = rules().channel(channel)?.flood.storm
    const whom = recipientOf(decision)
    const full = storm && fullUntil(tx, whom, storm, now())
    if (full !== undefined) return { ...again, at: full }
    const [admitted = verdict] = this.#options.quotas?.admit(tx, event, [verdict]) ?? []
    if (storm !== undefined && admitted.outcome !== 'suppress') countIn(tx, whom, storm, now())
    record(this.#delivery(event, admitted, { delivery, since }, said + 1))
    return said + 1 < remind.atMost ? { ...later, said: said + 1 } : undefined
  }

  #delivery(
    event: RatedEvent,
    decision: Decision,
    { delivery, since }: Pick<Incident, 'delivery' | 'since'>,
    time: number,
  ): Delivery {
    const { engine, store, rules, types, now, maxAgeMs } = this.#options
    const first = engine.operations.get(delivery)?.delivery
    const message = (first && payloadOf(first).message) ?? forgotten(event, rules())
    const again: Message = {
      ...message,
      title: oneLine(`Still: ${message.title}`),
      body: [message.body, `not over after ${durationText(Math.floor((now() - since) / 60_000) * 60_000)}`]
        .filter((part) => part !== '')
        .join('\n'),
    }
    const id = deliveryId(store.epoch, 'again', delivery, time)
    const said = `it was said as delivery ${delivery}, is not over, and is said again`
    const because = decision.outcome === 'suppress' ? `${said}; ${decision.because}` : said
    const context = { rules: rules(), types, now: now(), maxAgeMs }
    return toDelivery(event, { decision: { ...decision, because }, delivery: id }, { message: again }, context)
  }
}

/** The delivery that said it is not kept any more. */
function forgotten(event: RatedEvent, rules: RevisionRules): Message {
  const { severity, title, body: _, link, ...occurrence } = event
  const type = rules.eventTypes.get(event.type, event.namespace ?? '')?.program
  const key = rules.pairing(event)?.key ?? event.id
  return {
    event: occurrence,
    severity,
    title: title ?? (type === undefined ? event.type : plainTitle(type)),
    body: '',
    ...(link !== undefined && { link }),
    format: 'rich',
    action: 'trigger',
    key,
  }
}
