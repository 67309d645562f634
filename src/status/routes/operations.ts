import { flag, integer, type JsonSchema, text } from '../json-schema.js'
import type { Operations, ResetScope, SuspensionRequest } from '../operations.js'
import type { Route } from '../route.js'
import { type VerifyRequest, verify } from '../verify.js'
import type { Views } from '../views.js'

const maxBytes = 64 * 1024

const name = (description: string) => text(description, { minLength: 1, maxLength: 253 })

/** Every field may be left out. */
function fields(properties: Readonly<Record<string, JsonSchema>>): NonNullable<Route['body']> {
  return { schema: { type: 'object', properties, additionalProperties: false }, maxBytes }
}

const verifyFields = fields({
  method: name('Method'),
  path: text('Path without a query; `*` stands for anything. With a namespace, a route within it', { maxLength: 8192 }),
  namespace: name('Only this namespace'),
  mock: text('Only what this mock answered: `name`, `namespace/name` or `namespace~name`', {
    minLength: 1,
    maxLength: 520,
  }),
  status: {
    description: 'A status, or a class of them as 4xx',
    anyOf: [
      { type: 'integer', minimum: 100, maximum: 599 },
      { type: 'string', pattern: '^([1-5][0-9][0-9]|[1-5]xx)$' },
    ],
  },
  matched: flag('True: only what a mock answered. False: only what none did'),
  since: text('Only from this time on: ISO 8601, or a duration before now', { maxLength: 64 }),
  times: integer('Exactly so often'),
  atLeast: integer('At least so often; 1 when no number is given'),
  atMost: integer('At most so often'),
})

/** What changes something that is not declared. */
export function operationRoutes(views: Views, operations: Operations, now: () => Date): Route[] {
  const operation = { method: 'POST', access: 'operate', parameters: [], errors: [503] } as const
  return [
    {
      ...operation,
      path: '/api/v1/reconcile',
      id: 'reconcile',
      summary: 'Look again now; answers with the outcome',
      body: fields({ allowPrune: text('A revision whose deletions are wanted', { minLength: 1, maxLength: 512 }) }),
      schema: 'ReconcileResult',
      handle: async ({ body }) => ({ json: await operations.reconcile(body as { allowPrune?: string }) }),
    },
    {
      ...operation,
      path: '/api/v1/suspend',
      id: 'suspend',
      summary: 'Stop applying; what is applied goes on serving, also after a restart',
      body: fields({
        by: text('Who wants it, for the status', { minLength: 1, maxLength: 200 }),
        reason: text('Why, for the status', { minLength: 1, maxLength: 500 }),
      }),
      schema: 'SuspensionResult',
      handle: async ({ body }) => ({ json: await operations.suspend(body as SuspensionRequest) }),
    },
    {
      ...operation,
      path: '/api/v1/resume',
      id: 'resume',
      summary: 'Go on applying',
      body: fields({}),
      schema: 'SuspensionResult',
      handle: async () => ({ json: await operations.resume() }),
    },
    {
      ...operation,
      path: '/api/v1/reset',
      id: 'reset',
      summary: 'Clear stores, counters and recorded requests, between test runs',
      body: fields({
        namespace: name('Only this namespace'),
        chain: text('Only this chain', { minLength: 1, maxLength: 1024 }),
      }),
      schema: 'ResetResult',
      handle: async ({ body }) => ({ json: await operations.reset(body as ResetScope) }),
    },
    {
      ...operation,
      path: '/api/v1/backup',
      id: 'backup',
      summary: 'Make a backup of the state; answers with the file that `callboard restore` reads',
      body: fields({}),
      otherTypes: ['application/gzip'],
      handle: async () => ({
        stream: await operations.backup(),
        type: 'application/gzip',
        headers: { 'Content-Disposition': 'attachment; filename="callboard.backup"' },
      }),
    },
    {
      ...operation,
      path: '/api/v1/requests/verify',
      id: 'verify',
      summary: 'Whether a request was made as often as expected',
      body: verifyFields,
      schema: 'VerifyResult',
      handle: async ({ body }) => ({ json: await verify(views.requests, body as VerifyRequest, now) }),
    },
  ]
}
