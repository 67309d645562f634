import type { DigestOperations, DigestOutcome, DigestsView } from '../digest-views.js'
import { text } from '../json-schema.js'
import { textParameter } from '../parameter.js'
import { BadRequest, NotFound } from '../problem-details.js'
import type { Route } from '../route.js'

const root = '/api/v1/digests'
const pathParameters = { id: '`name`, or `namespace~name`' }
const user = textParameter('user', 'Only what this User would be sent: a name', 'ann')

/** When digests are sent, what they hold, and sending them before their time. */
export function digestRoutes(digests: DigestsView, operations: DigestOperations): Route[] {
  return [
    {
      method: 'GET',
      path: root,
      id: 'digests',
      summary: 'Digests: when each is sent next, what it has gathered, and what became of the last',
      access: 'read',
      parameters: [],
      schema: 'DigestList',
      declaredAt: () => undefined,
      handle: () => ({ json: { items: digests.list() } }),
    },
    {
      method: 'GET',
      path: `${root}/{id}/preview`,
      id: 'previewDigest',
      summary: 'Who would be sent what, were the digest sent now; changes nothing',
      access: 'read',
      parameters: [user],
      pathParameters,
      schema: 'DigestPreview',
      handle: async ({ params: { id = '' }, query }) => {
        return { json: resultOf(await digests.preview(nameOf(id), query.get(user))) }
      },
    },
    {
      method: 'POST',
      path: `${root}/{id}/run`,
      id: 'runDigest',
      summary: 'Send a digest now and begin another period; or send one person what there is so far',
      access: 'operate',
      parameters: [],
      pathParameters,
      body: {
        schema: {
          type: 'object',
          properties: {
            user: text('Name of a User: sent to them alone, and the period goes on', { minLength: 1, maxLength: 253 }),
          },
          additionalProperties: false,
        },
        maxBytes: 64 * 1024,
      },
      schema: 'DigestSending',
      errors: [503],
      handle: async ({ params: { id = '' }, body }) => {
        const wish = body as { readonly user?: string }
        return { json: resultOf(await operations.run(nameOf(id), wish.user)) }
      },
    },
  ]
}

function nameOf(id: string): string {
  return id.replace('~', '/')
}

function resultOf<Result>(outcome: DigestOutcome<Result>): Result {
  if (outcome.outcome === 'done') return outcome.result
  if (outcome.field === 'digest') throw new NotFound(outcome.message)
  throw new BadRequest(outcome.field, outcome.message)
}
