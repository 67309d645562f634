// Why somebody hears of an event or does not, by the rules that are applied, those that were, or those of a folder.

import { EventInvalid, readEvent } from './dispatcher/events/event.js'
import { EventCheck } from './dispatcher/events/event-check.js'
import { explainEvent } from './dispatcher/explanation.js'
import type { FloodControl } from './dispatcher/grouping/flood-control.js'
import type { Limited } from './dispatcher/quota.js'
import type { RevisionRules } from './dispatcher/revision-rules.js'
import type { Known } from './dispatcher/routing.js'
import { nearest } from './expression/suggest.js'
import type { ExplainEvent, ExplainEventOutcome, ExplainEventQuestion } from './status/explanation-views.js'

/** The rules that a question is about. */
export interface AskedRules {
  readonly rules: RevisionRules
  readonly revision: string | null
  readonly generation: number | null
}

/** The revision that is asked about is not there any more, or never was; the message says which. */
export class RevisionNotKept extends Error {
  override readonly name = 'RevisionNotKept'
}

export interface ExplanationParts {
  /** Rejects with `RevisionNotKept`. Without a reference: what is applied. */
  readonly rules: (reference: string | undefined) => Promise<AskedRules>
  readonly known?: Known
  /** How much of a quota is left now; all of it unless given. */
  readonly room?: (limited: Limited) => number
  /** What waits to be said together with others. */
  readonly flood?: Pick<FloodControl, 'describe'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The sample of the event's type stands for a payload that is not given. */
export function createExplainEvent({ rules: find, known, room, flood, now }: ExplanationParts): ExplainEvent {
  const check = new EventCheck()
  return async ({ event: given, user, revision: reference }: ExplainEventQuestion): Promise<ExplainEventOutcome> => {
    try {
      const { rules, revision, generation } = await find(reference)
      const time = new Date(now()).toISOString()
      const { event: posted } = readEvent(given, { time, newId: () => 'explained' })
      const type = rules.eventTypes.get(posted.type, posted.namespace ?? '')
      const event =
        given.payload === undefined && type !== undefined ? { ...posted, payload: type.program.sample } : posted
      // Nobody is asked for more than a sample has: only what was given has to fit.
      const problems = check.problemsOf(event, '/event', rules)
      if (problems.length > 0 && (type === undefined || given.payload !== undefined)) {
        return { outcome: 'unknown', problems }
      }
      if (user !== undefined && !rules.tables.users.has(user)) {
        const meant = nearest(user, [...rules.tables.users.keys()])
        const hint = meant === undefined ? '' : `, did you mean ${JSON.stringify(meant)}?`
        return { outcome: 'no-user', message: `no User ${JSON.stringify(user)} is declared${hint}` }
      }
      const at = given.time === undefined ? now() : Date.parse(event.time)
      const rated = await rules.rate(event)
      const explanation = explainEvent(rated, rules.tables, at, {
        ...(known !== undefined && { known }),
        ...(room !== undefined && { room }),
        ...(user !== undefined && { user }),
        ...(flood !== undefined && { state: (decision) => flood.describe(rated, decision, at) }),
      })
      if (explanation === undefined) return { outcome: 'unknown', problems }
      return { outcome: 'explained', explanation: { revision, generation, ...explanation } }
    } catch (error) {
      if (error instanceof RevisionNotKept) return { outcome: 'no-revision', message: error.message }
      if (error instanceof EventInvalid) return { outcome: 'invalid', problems: problemsIn(error) }
      throw error
    }
  }
}

function problemsIn({ problems }: EventInvalid) {
  return problems.map(({ pointer, message }) => ({ pointer: `/event${pointer}`, message }))
}
