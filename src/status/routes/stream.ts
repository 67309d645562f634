import { EventStream } from '../event-stream.js'
import { type EventType, eventTypes, type Feed } from '../feed.js'
import { patternParameter } from '../parameter.js'
import { HttpProblem } from '../problem-details.js'
import type { Route } from '../route.js'
import { namespaceParameter } from './request-parameters.js'

const mostStreams = 100

const typesParameter = patternParameter(
  'types',
  'Only these, with commas between; all when absent',
  `^(${eventTypes.join('|')})(,(${eventTypes.join('|')}))*$`,
  `one or more of ${eventTypes.join(', ')}`,
  (text) => [...new Set(text.split(','))] as EventType[],
)
const afterParameter = patternParameter(
  'after',
  'Go on after the event with this id; the header Last-Event-ID, which browsers send, wins over it',
  '^[0-9a-f]{8}-[0-9]{1,15}$',
  'the id of an event',
  (text) => text,
)

/** What happens, as it happens. */
export function streamRoutes(feed: Feed, heartbeatMs: number): Route[] {
  let open = 0
  return [
    {
      method: 'GET',
      path: '/api/v1/stream',
      id: 'stream',
      summary:
        'Server-sent events `delivery`, `request`, `revision`, `audit`, each a summary as in its list; `lost` when some were missed',
      access: 'read',
      parameters: [typesParameter, namespaceParameter, afterParameter],
      otherTypes: ['text/event-stream'],
      errors: [503],
      handle: ({ query, lastEventId, signal }) => {
        if (open >= mostStreams) {
          throw new HttpProblem(503, 'too-many-streams', `${mostStreams} streams are open already; try again later`, {
            headers: { 'Retry-After': '5' },
          })
        }
        const namespace = query.get(namespaceParameter)
        const after = lastEventId ?? query.get(afterParameter)
        const wanted = {
          types: query.get(typesParameter) ?? eventTypes,
          ...(namespace === undefined ? {} : { namespace }),
          ...(after === undefined ? {} : { after }),
        }
        const stream = new EventStream(feed, wanted, heartbeatMs)
        open += 1
        stream.once('close', () => {
          open -= 1
        })
        signal.addEventListener('abort', () => stream.finish(), { once: true })
        // Proxies must not gather it; and when it ends, there is nothing more to ask on its connection.
        const headers = { 'X-Accel-Buffering': 'no', Connection: 'close' }
        return { stream, type: 'text/event-stream; charset=utf-8', headers }
      },
    },
  ]
}
