// Whether the events that a declaration names are there.

import { nearest } from '../../expression/suggest.js'
import type { Finding } from '../problem.js'
import { fits, isPattern } from './event-pattern.js'
import type { KnownEvents, Surroundings } from './kind.js'

interface NamedEvent {
  readonly pattern: string
  readonly pointer: string
}

/** An id that is not there is an error, a pattern that fits nothing a warning. */
export function ruleFindings(
  named: readonly NamedEvent[],
  namespace: string,
  around: Surroundings,
): readonly Finding[] {
  if (named.length === 0) return []
  const events = around.events(namespace)
  if (events.isUncertain) return []
  return named.flatMap(({ pattern, pointer }) => {
    if (!isPattern(pattern)) return unknownEvent(pattern, pointer, events)
    for (const id of events.ids) if (fits(pattern, id)) return []
    return [idlePattern(pattern, pointer)]
  })
}

/** For fields that name one event. */
export function eventFindings(
  id: string,
  pointer: string,
  namespace: string,
  around: Surroundings,
): readonly Finding[] {
  const events = around.events(namespace)
  return events.isUncertain ? [] : unknownEvent(id, pointer, events)
}

function unknownEvent(id: string, pointer: string, events: KnownEvents): readonly Finding[] {
  if (events.has(id)) return []
  const catalogue = events.switchedOff(id)
  const meant = catalogue === undefined ? nearest(id, events.ids) : undefined
  const hint =
    catalogue !== undefined
      ? `it is built in, in the catalogue "${catalogue}": add that to catalogues in the settings`
      : meant !== undefined
        ? `did you mean "${meant}"?`
        : 'declare an EventType with this id'
  return [{ rule: 'unknown-event', severity: 'error', pointer, message: `there is no event type "${id}"`, hint }]
}

function idlePattern(pattern: string, pointer: string): Finding {
  const message = `no event type fits "${pattern}"`
  const hint = '"*" stands for any part of an id: deploy.*, *.failure'
  return { rule: 'idle-pattern', severity: 'warning', pointer, message, hint }
}
