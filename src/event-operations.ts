// Events from the control port to the dispatcher, and its answers back.

import { randomUUID } from 'node:crypto'
import { EventConflict, EventsRefused } from './dispatcher/dispatcher.js'
import { EventInvalid } from './dispatcher/events/event.js'
import { readPosted } from './dispatcher/events/posted.js'
import { reservedProblems } from './dispatcher/events/reserved.js'
import type { Dispatching } from './dispatching.js'
import type { EventOperations } from './status/event-views.js'

export function createEventOperations({ dispatcher }: Pick<Dispatching, 'dispatcher'>): EventOperations {
  return {
    post: async ({ type, headers, bytes }) => {
      const defaults = { time: new Date().toISOString(), newId: () => randomUUID() }
      try {
        const { events, isBatch } = readPosted({ type, headers, text: toText(bytes) }, defaults)
        const reserved = events.flatMap(({ event }, index) => reservedProblems(event, isBatch ? `/${index}` : ''))
        if (reserved.length > 0) return { outcome: 'reserved', problems: reserved }
        return { outcome: 'accepted', receipts: await dispatcher.accept(events, { isBatch }), isBatch }
      } catch (error) {
        if (error instanceof EventInvalid) return { outcome: 'invalid', problems: error.problems }
        if (error instanceof EventsRefused) return { outcome: 'unknown', problems: error.problems }
        if (error instanceof EventConflict) return { outcome: 'conflict', message: error.message }
        throw error
      }
    },
  }
}

function toText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new EventInvalid([{ pointer: '', message: 'the body is not valid UTF-8' }])
  }
}
