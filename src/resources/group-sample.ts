import type { Json } from '../expression/json.js'
import type { EventTypeProgram } from './kinds/notification-program.js'
import { plainTitle } from './message-parts.js'

/** Whether a text says something of events that were joined. */
export const saysGroup = /\bgroup\b/

/** What templates see of events that were joined, as it may come. */
export function sampleGroup(type: EventTypeProgram): Readonly<Record<string, Json>> {
  const severity = 'fixed' in type.severity ? type.severity.fixed : 'error'
  const event = (id: string, minute: string, service: string): Json => ({
    id,
    type: type.id,
    time: `2026-01-31T12:${minute}:00Z`,
    source: 'callboard',
    severity,
    service,
    customer: 'acme',
    namespace: 'shop',
    title: plainTitle(type),
    link: 'https://example.com/events',
  })
  return {
    count: 37,
    counts: { [type.id]: 37 },
    severities: { [severity]: 37 },
    services: ['checkout', 'payments', 'search'],
    first: '2026-01-31T12:00:00Z',
    last: '2026-01-31T12:04:00Z',
    events: [event('1', '00', 'checkout'), event('2', '02', 'payments'), event('3', '04', 'search')],
    ended: 0,
    withheld: 0,
    by: { event: type.id },
  }
}
