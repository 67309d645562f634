import type { Json } from '../../expression/json.js'
import { parseJson } from '../../expression/json.js'
import type { ExplainEvent, ExplainEventQuestion } from '../explanation-views.js'
import { type JsonSchema, text } from '../json-schema.js'
import { patternParameter, requiredParameter, textParameter } from '../parameter.js'
import { BadRequest, HttpProblem } from '../problem-details.js'
import type { Route } from '../route.js'

const path = '/api/v1/explain/event'
const largestBody = 1024 * 1024
/** Problems that one answer shows. */
const shownProblems = 100

const type = requiredParameter(textParameter('type', 'Event type', 'test.run.failed'))
const payload = textParameter('payload', "JSON; default: the sample of the event's type")
const namespace = textParameter('namespace', 'Namespace of the event; default: none', 'payments')
const service = textParameter('service', 'The service that it is about')
const customer = textParameter('customer', 'The customer that it is about')
const severity = patternParameter(
  'severity',
  'Default: as its type says',
  '^(info|warning|error|critical)$',
  'info, warning, error or critical',
  (given) => given,
)
const time = textParameter('time', 'When it happens: quiet hours and silences depend on it; default: now')
const user = textParameter('user', 'Only what concerns this User: a name', 'ann')
const revision = textParameter('revision', 'A generation, or the beginning of a revision; default: what is applied')

const bodySchema: JsonSchema = {
  type: 'object',
  properties: {
    event: {
      type: 'object',
      description: 'An event, in its own shape as for /api/v1/events; without payload, with the sample of its type',
    },
    user: text('Only what concerns this User: a name', { minLength: 1, maxLength: 253 }),
    revision: text('A generation, or the beginning of a revision; default: what is applied', {
      minLength: 1,
      maxLength: 512,
    }),
  },
  required: ['event'],
  additionalProperties: false,
}

/** Who would hear of an event. Both ways are reading: a POST has room for larger payloads. */
export function explainEventRoutes(explain: ExplainEvent): Route[] {
  const summary = 'Who would hear of an event and who would not, and why'
  return [
    {
      method: 'GET',
      path,
      id: 'explainEvent',
      summary,
      access: 'read',
      parameters: [type, payload, namespace, service, customer, severity, time, user, revision],
      schema: 'EventExplanation',
      errors: [422],
      handle: async ({ query }) => {
        const given = query.get(payload)
        const event = {
          type: query.need(type),
          namespace: query.get(namespace),
          service: query.get(service),
          customer: query.get(customer),
          severity: query.get(severity),
          time: query.get(time),
          payload: given === undefined ? undefined : parsePayload(given),
        }
        const person = query.get(user)
        const asked = query.get(revision)
        return answer(explain, {
          event: Object.fromEntries(
            Object.entries(event).filter((entry): entry is [string, Json] => entry[1] !== undefined),
          ),
          ...(person !== undefined && { user: person }),
          ...(asked !== undefined && { revision: asked }),
        })
      },
    },
    {
      method: 'POST',
      path,
      id: 'explainEventWithBody',
      summary: `${summary}; sends nothing`,
      access: 'read',
      parameters: [],
      body: { schema: bodySchema, maxBytes: largestBody },
      schema: 'EventExplanation',
      errors: [422],
      handle: ({ body }) => answer(explain, body as ExplainEventQuestion),
    },
  ]
}

async function answer(explain: ExplainEvent, question: ExplainEventQuestion): Promise<{ json: unknown }> {
  const result = await explain(question)
  if (result.outcome === 'explained') return { json: result.explanation }
  if ('message' in result) {
    throw new BadRequest(result.outcome === 'no-user' ? 'user' : 'revision', result.message)
  }
  const { outcome, problems } = result
  const [status, slug] = outcome === 'invalid' ? ([400, 'invalid-event'] as const) : ([422, 'unknown-event'] as const)
  const [first] = problems
  const where = first === undefined || first.pointer === '' ? '' : `${first.pointer}: `
  throw new HttpProblem(status, slug, `${where}${first?.message ?? ''}`, {
    extensions: { problems: problems.slice(0, shownProblems) },
  })
}

function parsePayload(given: string): Json {
  try {
    return parseJson(given)
  } catch (error) {
    throw new BadRequest('payload', `is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
