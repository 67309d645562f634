// The words of an event where no template has others: its own, else what its type says in plain.

import { keyIn } from '../resources/event-key.js'
import type { Decision } from './decision.js'
import type { EventTypeEntry } from './event-types.js'
import type { RatedEvent, RenderedMessage } from './rules.js'

export function plainWords(event: RatedEvent, { program }: EventTypeEntry, { severity }: Decision): RenderedMessage {
  const { severity: _, title = program.description || program.id, body = '', link, ...occurrence } = event
  const key = program.key === undefined ? undefined : keyIn(event.payload, program.key)
  return {
    message: {
      event: occurrence,
      severity,
      title,
      body,
      ...(link !== undefined && { link }),
      format: 'rich',
      action: program.resolves.length > 0 ? 'resolve' : 'trigger',
      key: key ?? event.id,
    },
  }
}
