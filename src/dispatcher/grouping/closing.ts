// Saying what was joined. First the batch is sealed, in a transaction that looks at what is declared now; then words are made;
// then its delivery is recorded in the transaction that ends the batch. Whoever is killed in between goes on with the same
// batch, under the same id.

import type { Engine } from '../../delivery/engine.js'
import type { Delivery } from '../../store/delivery.js'
import type { Store, Transaction } from '../../store/store.js'
import type { ChannelType } from '../channel-type.js'
import type { Decision, Reason } from '../decision.js'
import { toDelivery } from '../fan-out.js'
import { making } from '../made.js'
import type { Message } from '../message.js'
import { deliveryId, payloadOf, toPayload } from '../notification.js'
import type { QuotaGate } from '../quota-ledger.js'
import type { RevisionRules } from '../revision-rules.js'
import type { RatedEvent, RenderedMessage } from '../rules.js'
import { type Batch, emptyBatch, merged, worstOf } from './batch.js'
import { fateOf } from './fate.js'
import { findGroup, type Group, groupIdOf, groupScope, type Incident, putGroup, recipientOf, without } from './group.js'
import { joinedEvent, joinedFacts, joinedWords } from './joined-message.js'
import { longestMatterMs } from './matter.js'
import { countIn, fullUntil, rateScope } from './rate.js'
import { remindOf } from './reminders.js'
import { dropSamples, sampled, sampleScope, samplesOf } from './samples.js'
import { verdictOf } from './verdict.js'

export interface ClosingOptions {
  readonly engine: Pick<Engine, 'prepare' | 'operations'>
  readonly store: Pick<Store, 'epoch' | 'get' | 'transact'>
  readonly types: ReadonlyMap<string, ChannelType>
  readonly rules: () => RevisionRules
  readonly isSuspended: (namespace: string) => boolean
  readonly expect: (what: 'group', name: string, due: number) => void
  readonly now: () => number
  readonly maxAgeMs: number
  readonly quotas?: QuotaGate
}

interface Sealed {
  readonly row: Group
  readonly batch: NonNullable<Group['closing']>
  readonly samples: readonly RatedEvent[]
}

/** What is suspended is looked at again. */
const suspendedMs = 30_000

export class Closing {
  readonly #options: ClosingOptions

  constructor(options: ClosingOptions) {
    this.#options = options
  }

  /** Does what is due for a group; resolves with when there is something to be done next. */
  async close(id: string): Promise<number | undefined> {
    const sealed = await this.#seal(id)
    if (sealed !== undefined) await this.#finish(id, sealed, await this.#words(id, sealed))
    return this.#next(id)
  }

  /** When a group has to be looked at; undefined when there is none. */
  #next(id: string): number | undefined {
    const row = findGroup(this.#options.store, id)
    if (row === undefined) return undefined
    if (row.closing !== undefined) return this.#options.now()
    return Math.min(row.pending?.due ?? this.#idleAt(row), row.incident?.again?.at ?? Number.POSITIVE_INFINITY)
  }

  /** When nothing would be lost with it. What is not over is waited for, but not for ever. */
  #idleAt({ channel, said = 0, window = [], open }: Group): number {
    const { group, threshold } = this.#options.rules().channel(channel)?.flood ?? {}
    const wait = open > 0 ? longestMatterMs : (group?.intervalMs ?? 0)
    return Math.max(said + wait, (window.at(-1) ?? 0) + (threshold?.withinMs ?? 0)) + 1
  }

  /** What was said in vain is not what anything follows. */
  #find(tx: Transaction, id: string): Group | undefined {
    const row = findGroup(tx, id)
    const isVain = row?.incident && fateOf(this.#options.engine.operations, row.incident.delivery) === 'failed'
    return row && isVain ? (without(row, 'incident') as Group) : row
  }

  async #seal(id: string): Promise<Sealed | undefined> {
    const { now } = this.#options
    return making(this.#options, [groupScope, sampleScope, rateScope], (tx, record) => {
      const row = this.#find(tx, id)
      if (row === undefined) return undefined
      const { closing, pending } = row
      if (closing !== undefined) return { row, batch: closing, samples: samplesOf(tx, closing.message) }
      if (pending === undefined) {
        if (this.#idleAt(row) <= now()) tx.delete(groupScope + id)
        return undefined
      }
      // A clock that was set back makes nobody wait longer.
      if (pending.due > now() && now() >= pending.begun) return undefined
      return this.#sealDue(tx, id, { ...row, pending }, record)
    })
  }

  #sealDue(
    tx: Transaction,
    id: string,
    row: Group & { readonly pending: Batch },
    record: (delivery: Delivery) => void,
  ): Sealed | undefined {
    const { now, rules } = this.#options
    const { pending } = row
    const samples = samplesOf(tx, pending.message)
    const namespaces = [samples[0]?.namespace, row.channel.namespace]
    const isHeld =
      rules().channel(row.channel)?.suspend === true ||
      namespaces.some((one) => one !== undefined && this.#options.isSuspended(one))
    const verdict = verdictOf(row, samples, rules(), now())
    const due = isHeld ? now() + suspendedMs : verdict.outcome === 'hold' ? verdict.until : undefined
    if (due !== undefined && verdict.outcome !== 'suppress') {
      putGroup(tx, id, { ...row, pending: { ...pending, due } })
      return undefined
    }
    const isOver = row.open === 0 && row.incident === undefined && pending.ended > 0 && pending.single === 0
    const decision: Decision =
      verdict.outcome === 'suppress' || !isOver ? verdict : notSaid(verdict, 'recovered', recoveredText)
    if (decision.outcome === 'suppress') {
      record(this.#delivery(samples, pending, decision, undefined))
      dropSamples(tx, pending.message)
      putGroup(tx, id, without(row, 'pending') as Group)
      return undefined
    }
    const batch = { ...pending, openThen: row.open, decision: without(decision, 'until', 'reason') as Decision }
    putGroup(tx, id, { ...(without(row, 'pending') as Group), closing: batch })
    return { row, batch, samples }
  }

  async #words(id: string, { row, batch, samples }: Sealed): Promise<RenderedMessage> {
    const rules = this.#options.rules()
    const { decision } = batch
    const [first] = samples as [RatedEvent, ...RatedEvent[]]
    const rendered = await Promise.all(samples.map(async (event) => (await rules.render(event, [decision]))[0]))
    const all = samples.map((event, index) => ({ event, words: rendered[index] as RenderedMessage }))
    const own = (all[0] as (typeof all)[number]).words
    if (batch.count === 1 && batch.withheld === 0) return this.#framed(id, row, batch, own)
    const reader = decision.user === undefined ? undefined : rules.tables.users.get(decision.user.name)?.user.program
    const joined = { batch, group: row, samples: all, zone: reader?.timezone ?? 'UTC' }
    const severity = worstOf(batch)
    const said = await rules.renderJoined(first, { ...decision, severity }, joinedFacts(joined))
    const event = joinedEvent(joined, batch.message)
    const link = said?.message.link ?? own.message.link
    return this.#framed(id, row, batch, {
      ...(said ?? {}),
      message: {
        ...(said?.message ?? { ...joinedWords(joined), severity, action: 'trigger', key: '' }),
        ...(link !== undefined && { link }),
        event,
      } as Message,
    })
  }

  /** What begins matters opens an incident of the group, what ends the last of them closes it. */
  #framed(id: string, { incident }: Group, batch: Sealed['batch'], words: RenderedMessage): RenderedMessage {
    const ends = batch.openThen === 0 && incident !== undefined
    const isPaired = ends || batch.openThen > 0
    const { message } = words
    const several = batch.count > 1
    const key = isPaired ? `group/${id}` : several ? batch.message : message.key
    return {
      ...words,
      message: {
        ...message,
        severity: ends ? 'info' : several ? worstOf(batch) : message.severity,
        key,
        action: ends ? 'resolve' : isPaired || several ? 'trigger' : message.action,
      },
    }
  }

  async #finish(id: string, { batch, samples }: Sealed, words: RenderedMessage): Promise<void> {
    const { now, rules } = this.#options
    const { quotas } = this.#options
    await making(this.#options, [groupScope, sampleScope, rateScope, ...(quotas?.scopes ?? [])], (tx, record) => {
      const row = this.#find(tx, id)
      const closing = row?.closing
      if (row === undefined || closing?.message !== batch.message) return
      const storm = row.reason === 'storm' ? undefined : rules().channel(row.channel)?.flood.storm
      const recipient = recipientOf(batch.decision)
      const until = storm && fullUntil(tx, recipient, storm, now())
      dropSamples(tx, batch.message)
      if (until === undefined) {
        const follows = closing.openThen === 0 ? row.incident?.delivery : undefined
        const decision = { ...closing.decision, ...(follows !== undefined && { follows }) }
        const admitted = this.#admitted(tx, closing, samples, decision)
        if (storm !== undefined && admitted.outcome !== 'suppress') countIn(tx, recipient, storm, now())
        record(this.#delivery(samples, closing, admitted, words))
        putGroup(tx, id, this.#after(row, closing, samples, admitted.outcome !== 'suppress'))
      } else record(this.#collapse(tx, id, { ...row, closing }, recipient, samples, until))
    })
    quotas?.settled()
  }

  #admitted(tx: Transaction, batch: Batch, samples: readonly RatedEvent[], decision: Decision): Decision {
    const { quotas } = this.#options
    if (quotas === undefined || batch.unlimited === true) return decision
    const namespaces = batch.namespaces ?? samples.map(({ namespace = '' }) => namespace)
    return quotas.admitJoined(tx, namespaces, decision)
  }

  #after(row: Group, batch: Sealed['batch'], samples: readonly RatedEvent[], isSaid: boolean): Group {
    const { rules, now } = this.#options
    const rest = without(row, 'closing', 'incident') as Group
    const said = { ...rest, said: now() }
    if (batch.openThen === 0) return said
    if (!isSaid) return { ...said, ...(row.incident && { incident: row.incident }) }
    const [event] = samples as [RatedEvent, ...RatedEvent[]]
    const remind = remindOf(rules(), batch.decision.channel, event)
    const before: Incident = row.incident ?? { delivery: batch.message, since: now() }
    if (remind === undefined) return { ...said, incident: without(before, 'again') as Incident }
    // It has just been said.
    const times = before.again?.said ?? 0
    const again = {
      at: now() + remind.everyMs,
      said: times,
      event: { ...event, payload: {} },
      decision: batch.decision,
    }
    return { ...said, incident: { ...before, again } }
  }

  /** Above the rate: it becomes part of the summary of the period. */
  #collapse(
    tx: Transaction,
    id: string,
    row: Group & { readonly closing: Sealed['batch'] },
    recipient: string,
    samples: readonly RatedEvent[],
    until: number,
  ): Delivery {
    const { store, expect, now, rules } = this.#options
    const { closing } = row
    const storm = groupIdOf(recipient, 'storm')
    const { channel, user, override } = row
    const none = { channel, ...(user && { user }), recipient: row.recipient, override, by: {}, open: 0 }
    const summary: Group = findGroup(tx, storm) ?? { ...none, reason: 'storm' }
    const message = deliveryId(store.epoch, 'joined', storm, closing.message)
    let pending = merged(summary.pending ?? emptyBatch(message, until, now(), 0), closing)
    for (const event of samples) pending = sampled(tx, pending, event)
    putGroup(tx, storm, { ...summary, pending, open: summary.open + closing.open })
    const rest = without(row, 'closing') as Group
    putGroup(tx, id, { ...rest, said: now(), open: Math.max(0, row.open - closing.open) })
    expect('group', storm, pending.due)
    const because = `${rules().placed(channel)} limits how many messages a recipient gets; this is part of a summary`
    const decision = { ...notSaid(closing.decision, 'storm', because), into: pending.message }
    return this.#delivery(samples, closing, decision, undefined)
  }

  #delivery(
    samples: readonly RatedEvent[],
    batch: Batch,
    decision: Decision,
    words: RenderedMessage | undefined,
  ): Delivery {
    const { rules, types, now, maxAgeMs } = this.#options
    const [first] = samples as [RatedEvent, ...RatedEvent[]]
    const severity = worstOf(batch)
    const isOpening =
      decision.outcome !== 'suppress' && words?.message.action === 'trigger' && words.message.key.startsWith('group/')
    const decided = {
      decision: { ...decision, severity, ...(isOpening && { begins: true as const }) },
      delivery: batch.message,
    }
    const context = { rules: rules(), types, now: now(), maxAgeMs }
    const delivery = toDelivery({ ...first, severity }, decided, words, context)
    return { ...delivery, payload: toPayload({ ...payloadOf(delivery), events: batch.count }) }
  }
}

const recoveredText = 'all of it was over before anything was said'

function notSaid(decision: Decision, reason: Reason, because: string): Decision {
  return { ...(without(decision, 'until') as Decision), outcome: 'suppress', reason, because }
}
