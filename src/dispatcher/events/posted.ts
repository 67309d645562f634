// From one HTTP request to the events in it.

import { isObject, type Json } from '../../expression/json.js'
import { fromBinary, fromCloudEvent, isBinary, parseText } from './cloud-event.js'
import { type EventDefaults, EventInvalid, type FieldProblem, type ReceivedEvent, readEvent } from './event.js'

export interface PostedBody {
  /** Media type in lower case, without parameters. */
  readonly type: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface PostedEvents {
  readonly events: readonly ReceivedEvent[]
  /** A list was posted, and a list is to be answered. */
  readonly isBatch: boolean
}

export const structuredType = 'application/cloudevents+json'
export const batchType = 'application/cloudevents-batch+json'

const mostEvents = 1000

/** All of them, or `EventInvalid` for all that is wrong with any. */
export function readPosted({ type, headers, text }: PostedBody, defaults: EventDefaults): PostedEvents {
  if (type === structuredType) {
    return { events: [readEvent(fromCloudEvent(parseText(text)), defaults)], isBatch: false }
  }
  if (type !== batchType && isBinary(headers)) {
    return { events: [readEvent(fromBinary(headers, type, text), defaults)], isBatch: false }
  }
  const value = parseText(text)
  if (type !== batchType && !Array.isArray(value)) return { events: [readOne(value, defaults, '')], isBatch: false }
  if (!Array.isArray(value)) throw new EventInvalid([{ pointer: '', message: 'a batch is a list of events' }])
  if (value.length > mostEvents) {
    throw new EventInvalid([{ pointer: '', message: `${value.length} events; a batch has ${mostEvents} at most` }])
  }
  return { events: readEach(value, defaults, type === batchType), isBatch: true }
}

function readEach(values: readonly Json[], defaults: EventDefaults, areCloudEvents: boolean): ReceivedEvent[] {
  const problems: FieldProblem[] = []
  const events: ReceivedEvent[] = []
  for (const [index, value] of values.entries()) {
    const at = `/${index}`
    try {
      events.push(areCloudEvents ? readEvent(fromCloudEvent(value, at), defaults, at) : readOne(value, defaults, at))
    } catch (error) {
      if (!(error instanceof EventInvalid)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new EventInvalid(problems)
  return events
}

/** Whoever posts a CloudEvent as plain JSON says so by its `specversion`. */
function readOne(value: Json, defaults: EventDefaults, at: string): ReceivedEvent {
  const isCloudEvent = isObject(value) && value.specversion !== undefined
  return readEvent(isCloudEvent ? fromCloudEvent(value, at) : value, defaults, at)
}
