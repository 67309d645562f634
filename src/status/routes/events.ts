import { type EventOperations, type EventProblem, eventBodies } from '../event-views.js'
import { HttpProblem } from '../problem-details.js'
import type { RawBody, Route } from '../route.js'

/** Problems that one answer shows. */
const shownProblems = 100

/** Events in: durable before they are answered. */
export function eventRoutes(events: EventOperations, maxBytes: number): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/events',
      id: 'postEvents',
      summary:
        'Post an event, or a list of them, in its own shape or as CloudEvents 1.0 (structured, binary, batch). All are taken or none',
      access: 'events',
      parameters: [],
      rawBody: {
        types: eventBodies,
        // In binary mode the body may be anything. No form of another site can send such a header.
        takes: (headers) => headers['ce-specversion'] !== undefined,
        maxBytes,
      },
      status: 202,
      schema: 'EventReceipt',
      otherSchemas: ['EventReceipts'],
      errors: [409, 422, 503],
      handle: async ({ raw }) => {
        const result = await events.post(raw as RawBody)
        if (result.outcome === 'conflict') throw new HttpProblem(409, 'event-conflict', result.message)
        if (result.outcome !== 'accepted') throw notTaken(result.outcome, result.problems)
        if (result.isBatch) return { json: { items: result.receipts }, schema: 'EventReceipts' }
        return { json: result.receipts[0] }
      },
    },
  ]
}

const refusals = {
  invalid: [400, 'invalid-event'],
  unknown: [422, 'unknown-event'],
  reserved: [422, 'reserved-event'],
} as const

function notTaken(outcome: keyof typeof refusals, problems: readonly EventProblem[]): HttpProblem {
  const [status, slug] = refusals[outcome]
  const [first] = problems
  const where = first === undefined || first.pointer === '' ? '' : `${first.pointer}: `
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  return new HttpProblem(status, slug, `${where}${first?.message ?? ''}${more}`, {
    extensions: { problems: problems.slice(0, shownProblems) },
  })
}
