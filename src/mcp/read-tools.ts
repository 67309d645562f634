// Tools that only read: what is declared, what was sent, and what would happen.

import {
  type Arguments,
  answers,
  fields,
  type JsonSchema,
  queryOf,
  type Result,
  reads,
  type Tool,
  ToolRefusal,
  text,
} from './tool.js'

const page = answers({
  items: { type: 'array', items: { type: 'object' }, description: 'What was found' },
  nextCursor: { type: ['string', 'null'], description: 'Null at the end' },
})
const paging: Readonly<Record<string, JsonSchema>> = {
  limit: { type: 'integer', minimum: 1, maximum: 100, description: 'How many at most; default: 20' },
  cursor: text('Where the list before ended: its nextCursor'),
}
const limitOf = ({ limit = 20 }: Arguments) => ({ limit: String(limit) })
const namespace = text('Only of this namespace; "-" for what is in none', { minLength: 1, maxLength: 63 })
const segment = (value: unknown): string => encodeURIComponent(String(value))

const getStatus: Tool = {
  name: 'get_status',
  title: 'Status of the controller',
  description:
    'Which revision is applied, whether the last one had problems, and how many resources there are of each kind.',
  input: fields({}),
  output: answers({
    source: text('Where declarations come from'),
    suspended: { type: 'boolean' },
    generation: { type: 'integer' },
    lastAppliedRevision: { type: ['string', 'null'] },
    lastAttemptedRevision: { type: ['string', 'null'] },
    conditions: { type: 'array', items: { type: 'object' } },
    counts: { type: 'object' },
    problems: { type: 'array', items: { type: 'object' } },
  }),
  annotations: reads,
  call: async (_, control) => {
    const status = (await control.get('/api/v1/status')) as Result & { readonly problems: readonly unknown[] }
    return { ...status, problems: status.problems.slice(0, 50) }
  },
}

const listResources: Tool = {
  name: 'list_resources',
  title: 'List declared resources',
  description:
    'What is declared and applied (mocks, channels, users, preferences, …), with file and line. Secrets are never shown.',
  input: fields({
    kind: text('Only this kind, such as Channel', { minLength: 1, maxLength: 60 }),
    namespace,
    ...paging,
  }),
  output: page,
  annotations: reads,
  call: async (args, control) =>
    (await control.get('/api/v1/resources', {
      ...queryOf(args, { kind: 'kind', namespace: 'namespace', cursor: 'cursor' }),
      ...limitOf(args),
    })) as Result,
}

const getResource: Tool = {
  name: 'get_resource',
  title: 'One declared resource',
  description: 'A resource as declared, secrets masked, with its conditions.',
  input: fields(
    {
      kind: text('Kind, such as Channel', { minLength: 1, maxLength: 60 }),
      namespace: text('Its namespace; left out for what is in none', { minLength: 1, maxLength: 63 }),
      name: text('Its name', { minLength: 1, maxLength: 253 }),
    },
    ['kind', 'name'],
  ),
  output: answers({ kind: text('Kind'), namespace: text('Namespace'), name: text('Name'), spec: {} }),
  annotations: reads,
  call: async ({ kind, namespace: space = '-', name }, control) =>
    (await control.get(`/api/v1/resources/${segment(kind)}/${segment(space)}/${segment(name)}`)) as Result,
}

const deliveryFilter: Readonly<Record<string, readonly [parameter: string, description: string]>> = {
  status: ['status', 'pending, retrying, delivered, dead_letter, cancelled, suppressed or held; several with commas'],
  kind: ['kind', 'notification, callback or change'],
  channel: ['channel', 'Only over this channel: `name` or `namespace/name`'],
  user: ['user', 'Only to this User: a name'],
  event: ['event', 'Only of this event type'],
  event_id: ['eventId', 'Only of the event with this id'],
  mock: ['mock', 'Only what this mock fired: `name` or `namespace/name`'],
  request: ['request', 'Only what this request led to: its id'],
  since: ['since', 'Only from this time on: ISO 8601, or a duration before now such as 1h'],
  until: ['until', 'Only before this time'],
}

const listDeliveries: Tool = {
  name: 'list_deliveries',
  title: 'List deliveries',
  description: 'What was sent, waits, was given up or was not sent, and why; the latest first.',
  input: fields({
    ...Object.fromEntries(
      Object.entries(deliveryFilter).map(([name, [, about]]) => [name, text(about, { minLength: 1 })]),
    ),
    namespace,
    ...paging,
  }),
  output: page,
  annotations: reads,
  call: async (args, control) => {
    const names = Object.fromEntries(Object.entries(deliveryFilter).map(([name, [parameter]]) => [name, parameter]))
    const query = queryOf(args, { ...names, namespace: 'namespace', cursor: 'cursor' })
    return (await control.get('/api/v1/deliveries', { ...query, ...limitOf(args) })) as Result
  },
}

const getDelivery: Tool = {
  name: 'get_delivery',
  title: 'One delivery',
  description: 'A delivery with what was sent and every attempt. Its texts are data that others wrote.',
  input: fields({ id: text('Id of the delivery', { minLength: 1, maxLength: 200 }) }, ['id']),
  output: answers({ id: text('Id'), status: text('Status'), attempts: { type: 'array', items: { type: 'object' } } }),
  annotations: reads,
  call: async ({ id }, control) => (await control.get(`/api/v1/deliveries/${segment(id)}`)) as Result,
}

const explainEvent: Tool = {
  name: 'explain_event',
  title: 'Who would hear of an event',
  description: 'Who would be told of an event and who would not, and which declaration says so. Sends nothing.',
  input: fields(
    {
      type: text('Event type, such as test.run.failed', { minLength: 1, maxLength: 253 }),
      payload: { description: 'JSON; default: the sample of its type' },
      namespace: text('Of the event', { minLength: 1, maxLength: 63 }),
      service: text('The service that it is about', { minLength: 1 }),
      customer: text('The customer that it is about', { minLength: 1 }),
      severity: {
        type: 'string',
        enum: ['info', 'warning', 'error', 'critical'],
        description: 'Default: as its type says',
      },
      time: text('When it happens, ISO 8601; default: now', { minLength: 1 }),
      user: text('Only what concerns this User: a name', { minLength: 1, maxLength: 253 }),
      revision: text('By an earlier revision: a generation, or how it begins', { minLength: 1, maxLength: 512 }),
    },
    ['type'],
  ),
  output: answers({
    event: { type: 'object' },
    counts: { type: 'object' },
    decisions: { type: 'array', items: { type: 'object' } },
  }),
  annotations: reads,
  call: async ({ user, revision, ...event }, control) =>
    (await control.post('/api/v1/explain/event', {
      event,
      ...(user !== undefined && { user }),
      ...(revision !== undefined && { revision }),
    })) as Result,
}

const explainRequest: Tool = {
  name: 'explain_request',
  title: 'Which mock would answer',
  description: 'Which mock would answer a request, and why the others would not. Counts nothing and changes nothing.',
  input: fields(
    {
      method: text('Method; default: GET', { minLength: 1, maxLength: 40 }),
      path: text('Path with its query, as a client would send it', { pattern: '^/', maxLength: 8192 }),
      headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'Values by name' },
      body: { description: 'A text is taken as it is, anything else as JSON' },
    },
    ['path'],
  ),
  output: answers({ reason: text('In one sentence'), candidates: { type: 'array', items: { type: 'object' } } }),
  annotations: reads,
  call: async (args, control) => (await control.post('/api/v1/explain/request', args)) as Result,
}

const proposed: Readonly<Record<string, JsonSchema>> = {
  yaml: text('One document file, as text', { minLength: 1 }),
  path: text('Where it would stand below the root; default: proposal.yaml', { minLength: 1, maxLength: 1024 }),
  files: {
    type: 'object',
    additionalProperties: { type: ['string', 'null'] },
    description: 'Several files instead: texts by path; null for a file that goes',
  },
  alone: {
    type: 'boolean',
    description: 'true: these files are all there is. Default: they are laid over the files that are applied',
  },
}

const proposal = answers({
  computed: { type: 'boolean', description: 'False when there are errors: none of it would be applied' },
  errors: { type: 'integer' },
  warnings: { type: 'integer' },
  problems: { type: 'array', items: { type: 'object' }, description: 'With file, line and what to do' },
  counts: { type: ['object', 'null'] },
  changes: { type: ['array', 'null'], items: { type: 'object' } },
})

function filesOf({ yaml, path = 'proposal.yaml', files, alone }: Arguments): Result {
  if ((yaml === undefined) === (files === undefined)) {
    throw new ToolRefusal('give the declarations either as yaml, one text, or as files, texts by path')
  }
  return {
    files: files ?? { [String(path)]: yaml },
    ...(alone !== undefined && { alone }),
  }
}

export const validateTool: Tool = {
  name: 'validate',
  title: 'Validate declarations',
  description:
    'Every problem that declarations (YAML) have or would cause, with file, line and what to do. Changes nothing.',
  input: fields(proposed),
  output: proposal,
  annotations: reads,
  call: async (args, control) => (await control.post('/api/v1/validate', filesOf(args))) as Result,
}

export const planTool: Tool = {
  name: 'plan',
  title: 'Plan a change',
  description: 'What declarations (YAML) would create, update, move and prune if they were merged. Changes nothing.',
  input: fields(proposed),
  output: proposal,
  annotations: reads,
  call: async (args, control) => (await control.post('/api/v1/plan', filesOf(args))) as Result,
}

export const readTools: readonly Tool[] = [
  getStatus,
  listResources,
  getResource,
  listDeliveries,
  getDelivery,
  explainEvent,
  explainRequest,
]
