import { flag, type JsonSchema } from '../json-schema.js'
import { BadRequest, HttpProblem } from '../problem-details.js'
import type { Propose, ProposedFiles } from '../proposal-views.js'
import type { Route } from '../route.js'

const maxBytes = 1024 * 1024
const mostFiles = 1000

const fields: JsonSchema = {
  type: 'object',
  properties: {
    files: {
      type: 'object',
      description: 'Texts by path; null for a file that goes',
      minProperties: 1,
      maxProperties: mostFiles,
      propertyNames: { minLength: 1, maxLength: 1024 },
      additionalProperties: { type: ['string', 'null'] },
    },
    alone: flag('True: the files are all there is. Default: they are laid over those that are applied'),
  },
  required: ['files'],
  additionalProperties: false,
}

/** What files would come to that nobody has merged yet. Both are reading: nothing changes. */
export function proposalRoutes(propose: Propose): Route[] {
  const route = {
    method: 'POST',
    access: 'read',
    parameters: [],
    body: { schema: fields, maxBytes },
    schema: 'Proposal',
    errors: [503],
  } as const
  const answer = async (body: unknown, plan: boolean) => {
    const { files, alone = false } = body as { files: ProposedFiles; alone?: boolean }
    const result = await propose(files, { alone, plan })
    if (result.outcome === 'judged') return { json: result.proposal }
    if (result.outcome === 'refused') throw new BadRequest(result.field, result.message)
    throw new HttpProblem(503, 'busy', 'others have files judged just now; try again', {
      headers: { 'Retry-After': '1' },
    })
  }
  return [
    {
      ...route,
      path: '/api/v1/validate',
      id: 'validate',
      summary: 'Every problem that files would have, laid over those that are applied; changes nothing',
      handle: ({ body }) => answer(body, false),
    },
    {
      ...route,
      path: '/api/v1/plan',
      id: 'plan',
      summary: 'What files would create, update, move and prune, laid over those that are applied; changes nothing',
      handle: ({ body }) => answer(body, true),
    },
  ]
}
