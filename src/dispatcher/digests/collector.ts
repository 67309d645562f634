// Events as digests take them: in the transaction that accepts them, so that none is lost and none is in two periods.

import { digestEvent } from '../../resources/catalogues/digest-sample.js'
import { fits } from '../../resources/kinds/event-pattern.js'
import type { Transaction } from '../../store/store.js'
import type { Collector } from '../collector.js'
import type { Decided } from '../fan-out.js'
import { say } from '../reason-text.js'
import type { DigestTaking } from '../receipt.js'
import { type Known, matterOf, silences } from '../routing.js'
import type { RatedEvent } from '../rules.js'
import type { Tables } from '../tables.js'
import { collectEvent, digestScope, type KeptEvent, keptEventScope } from './collected.js'
import { type DigestState, stateFor, stateKey } from './digest-state.js'
import { factsOf } from './event-facts.js'
import type { DeclaredDigest } from './readers.js'

/** What digests look at of one revision. */
export interface DigestTables {
  readonly tables: Tables
  readonly known: Known
}

/** Digests that events of this sort belong into. */
export function digestsOf({ type, namespace = '' }: Pick<RatedEvent, 'type' | 'namespace'>, { digests }: Tables) {
  if (digests.length === 0 || type === digestEvent) return []
  return digests.filter(
    (digest) =>
      digest.program.enabled &&
      (digest.namespace === '' || digest.namespace === namespace) &&
      digest.program.events.some((pattern) => fits(pattern, type)),
  )
}

/** Why an event is in no digest that it belongs into, as far as that can be said beforehand. */
export function withheld(
  event: RatedEvent,
  tables: Tables,
  now: number,
): Pick<DigestTaking, 'reason' | 'because'> | undefined {
  const silence = tables.silences.find((one) => silences(one, event, now))
  if (silence === undefined) return undefined
  const until = new Date(silence.program.until).toISOString()
  return { reason: 'silence', because: say(silence, `is in force until ${until}`) }
}

export class DigestCollector implements Collector {
  readonly scopes = [digestScope, keptEventScope]
  readonly #rules: () => DigestTables
  #taken: readonly DigestTaking[] = []

  constructor(rules: () => DigestTables) {
    this.#rules = rules
  }

  collect(tx: Transaction, event: RatedEvent, decided: readonly Decided[], now: number): readonly Decided[] {
    const { tables } = this.#rules()
    const digests = digestsOf(event, tables)
    if (digests.length === 0) {
      this.#taken = []
      return decided
    }
    const why = withheld(event, tables, now)
    const family = tables.eventTypes.family(event.type, event.namespace ?? '')
    const matter = family && matterOf(event, family)
    this.#taken = digests.map((digest) => {
      const name = digestName(digest)
      if (why !== undefined) return { digest: name, isIn: false, ...why }
      const known = tx.get(stateKey(digest.id)) as unknown as DigestState | undefined
      const state = known ?? stateFor(digest.program, undefined, now)
      if (known === undefined) tx.put(stateKey(digest.id), state as never)
      const isIn = collectEvent(tx, digest.id, state.period, keptOf(event, digest), matter)
      const because = isIn ? say(digest, 'gathers such events') : 'another event about the same matter is in it already'
      return { digest: name, isIn, reason: isIn ? null : 'duplicate', because }
    })
    return decided
  }

  wants(event: RatedEvent): boolean {
    return digestsOf(event, this.#rules().tables).length > 0
  }

  taken(): readonly DigestTaking[] {
    return this.#taken
  }
}

function keptOf(event: RatedEvent, { program }: DeclaredDigest): KeptEvent {
  const { id, source, type, time, severity, namespace = '', service = '', customer = '' } = event
  return { id, source, type, time, severity, namespace, service, customer, ...factsOf(event, program.groupBy) }
}

/** As people write it. */
export function digestName({ namespace, name }: DeclaredDigest): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
