// The shape of everything the control port answers. openapi.json is made of it, and answers are cut to it.
import { auditSchemas } from './audit-views.js'
import { channelOperationSchemas } from './channel-operations.js'
import { deliverySchemas } from './delivery-schemas.js'
import { digestSchemas } from './digest-views.js'
import { type EventProblem, eventSchemas } from './event-views.js'
import { explanationSchemas } from './explanation-views.js'
import { hookSchemas } from './hook-operations.js'
import type { IndexView } from './index-page.js'
import {
  anyJson,
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  ref,
  type Schemas,
  text,
  time,
} from './json-schema.js'
import { messageSchemas } from './message-views.js'
import { notificationPages, notificationSchemas } from './notification-views.js'
import type { ReconcileResult, ResetResult, SuspensionResult } from './operations.js'
import { proposalSchemas } from './proposal-views.js'
import { resourceStatusSchemas } from './resource-schemas.js'
import { telegramSchemas } from './telegram-operations.js'
import type { VerifyResult } from './verify.js'
import type {
  ChainContentsView,
  ChangeView,
  CommitView,
  ConditionView,
  CountsView,
  DeletionBudgetView,
  DeletionExcess,
  ExplainCandidate,
  ExplainView,
  MockReference,
  MockView,
  NearMiss,
  ProblemView,
  RecordedMessage,
  RequestSummary,
  RequestView,
  ResourceSummary,
  ResourceView,
  RevisionSummary,
  RevisionView,
  StatusView,
  StoreContentsView,
  SuspensionView,
} from './views.js'
import { webhookSchemas } from './webhook-view.js'

const namespace = text('Empty for a global resource')
const name = text('metadata.name')
const id = text('`name` when global, `namespace~name` otherwise')
const file = text("Path below the source's root")
const line = integer("One-based line of the document's first key")
const conditions = list('Observed facts', ref('Condition'))
const outcome = oneOf('What came of the revision', ['applied', 'unchanged', 'rejected', 'failed', 'suspended'])

const revisionSummary = {
  generation: nullable(integer('Rises with each apply; null when it was not applied')),
  revision: text('`main@sha1:<commit>` for Git, `sha256:<hash>` for a directory'),
  time: time('When it was looked at'),
  author: text('Who wrote the commit'),
  commit: ref('Commit'),
  outcome,
  reason: text('PascalCase, as in conditions'),
  message: text('The outcome in words'),
  durationMs: number('From fetching to swapping'),
  changes: list('What differs from the revision before', ref('Change')),
}
const resourceSummary = {
  kind: text('Kind'),
  namespace,
  name,
  id,
  file,
  line,
  digest: text('SHA-256 over everything that matters when applying'),
  labels: record('metadata.labels', text('Value')),
  conditions,
}
const requestSummary = {
  id: text('Id; also sent in the header Callboard-Request-Id'),
  time: time('When it arrived'),
  namespace: text('Namespace it was looked up in'),
  method: text('Method'),
  path: text('As sent, without the query'),
  query: text('As sent, without the question mark'),
  status: nullable(integer('Status sent; null when none was (a reset connection)')),
  matched: flag('True when a mock answered'),
  mock: nullable(ref('MockReference')),
  durationMs: number('Until the answer was handed over'),
  nearMisses: list('Mocks that almost matched an unmatched request, nearest first', ref('NearMiss')),
}
const storeContents = { namespace: text('Namespace'), entries: record('Keys and values', anyJson('Any JSON')) }
const problems = list('What is wrong with the declarations', ref('DeclarationProblem'))

/** The page of a list of `item`s. */
const page = (item: string): ReturnType<typeof object> =>
  object<{ items: unknown; nextCursor: unknown }>(`A page of ${item} items`, {
    items: list('This page', ref(item)),
    nextCursor: nullable(text('Pass it as `cursor` for the next page; null on the last')),
  })

export const schemas: Schemas = {
  Problem: {
    type: 'object',
    description: 'RFC 9457 problem details',
    properties: {
      type: text('Stable name of the sort of problem', { format: 'uri' }),
      title: text('The status in words'),
      status: integer('The status', { minimum: 400, maximum: 599 }),
      detail: text('What was found and what to do'),
      parameter: text('The parameter or field at fault'),
      known: list('What would have been accepted', text('Name')),
      suggestion: text('What was probably meant'),
      source: text('Where declarations come from'),
      file,
      line,
      beside: {
        type: 'object',
        description: 'Where another one is declared, as an example',
        properties: { file, line },
        required: ['file', 'line'],
        additionalProperties: false,
      },
      problems: list('All that is wrong with what was posted', ref('FieldProblem')),
    },
    required: ['type', 'title', 'status', 'detail'],
    additionalProperties: false,
  },
  Condition: object<ConditionView>('One observed fact', {
    type: text('Ready, Reconciling, Stalled; of a resource Ready, SecretMissing, Delivering'),
    status: oneOf('Whether it holds', ['True', 'False', 'Unknown']),
    reason: text('PascalCase'),
    message: text('In words'),
    observedGeneration: integer('Generation it was observed at'),
    lastTransitionTime: time('When `status` last changed'),
  }),
  DeclarationProblem: object<ProblemView>(
    'One thing wrong with a declaration',
    {
      rule: text('Stable id of the rule'),
      severity: oneOf('Errors hold a revision, warnings do not', ['error', 'warning']),
      file,
      line,
      column: integer('One-based column'),
      endLine: integer('One-based line of the end'),
      endColumn: integer('One-based column of the end'),
      pointer: text('JSON pointer into the document'),
      message: text('What was found and why it is wrong'),
      hint: text('What to do about it'),
    },
    ['hint'],
  ),
  Counts: object<CountsView>('Totals', {
    resources: record('Applied resources by kind', integer('How many')),
    unmanaged: integer('Documents that are not ours'),
    errors: integer('Errors of the last attempted revision'),
    warnings: integer('Warnings of the last attempted revision'),
  }),
  DeletionExcess: object<DeletionExcess>('A deletion budget that was exceeded', {
    namespace: nullable(text('Whose budget; null for the whole')),
    pruned: integer('How many would be pruned'),
    applied: integer('Of how many'),
    allowed: integer('How many may be'),
  }),
  DeletionBudget: object<DeletionBudgetView>('Why a valid revision is held', {
    revision: text('The revision that is held'),
    excesses: list('Budgets that were exceeded', ref('DeletionExcess')),
    hint: text('What lets it through'),
  }),
  Commit: object<CommitView>('What Git says of a commit, as whoever made it wrote it', {
    id: text('The whole object name'),
    author: text('Name and address'),
    date: time('When it was committed'),
    subject: text('First line of the message'),
    signer: nullable(text('Whose key signed it; null when signatures are not verified')),
  }),
  Suspension: object<SuspensionView>('Why nothing is applied', {
    since: nullable(time('Null where nobody noted it')),
    revision: nullable(text('What is served meanwhile')),
    by: nullable(text('As whoever asked for it calls themselves')),
    reason: nullable(text('Why')),
  }),
  Status: object<StatusView & { version: string }>('Where things stand', {
    version: text("Callboard's version"),
    source: text('Folder or Git URL'),
    suspended: flag('True while nothing is applied'),
    suspension: nullable(ref('Suspension')),
    generation: integer('0 before the first apply'),
    lastAttemptedRevision: nullable(text('Revision last looked at')),
    lastAttemptedCommit: nullable(ref('Commit')),
    lastAppliedRevision: nullable(text('Revision that is served')),
    lastAppliedCommit: nullable(ref('Commit')),
    lastSeenRevision: nullable(text('The newest that the source was seen to have, also while nothing is applied')),
    lastSeenCommit: nullable(ref('Commit')),
    lastAttemptTime: nullable(time('When')),
    lastAppliedTime: nullable(time('When')),
    conditions,
    counts: ref('Counts'),
    problems,
    deletionBudget: nullable(ref('DeletionBudget')),
  }),
  Change: object<ChangeView>(
    'One difference between revisions',
    {
      operation: oneOf('What happened', ['create', 'update', 'prune', 'move', 'restore']),
      kind: text('Kind'),
      namespace,
      name,
      from: text('`namespace/name` before a move'),
    },
    ['from'],
  ),
  RevisionSummary: object<RevisionSummary>('A revision that was looked at', revisionSummary, ['author', 'commit']),
  RevisionPage: page('RevisionSummary'),
  Revision: object<RevisionView>('A revision that was looked at, with its problems', { ...revisionSummary, problems }, [
    'author',
    'commit',
  ]),
  ResourceSummary: object<ResourceSummary>('A declared resource', resourceSummary),
  ResourcePage: page('ResourceSummary'),
  Resource: object<ResourceView>('A declared resource, with its spec', {
    ...resourceSummary,
    annotations: record('metadata.annotations', text('Value')),
    spec: anyJson('As declared, secrets masked'),
    status: nullable(ref('ResourceStatus')),
  }),
  ...resourceStatusSchemas,
  Mock: object<MockView>('A mock and its use', {
    namespace,
    name,
    id,
    method: nullable(text('Null: every method')),
    route: text('As declared: the route, or `~ <routePattern>`'),
    priority: { type: 'number', description: 'Higher is chosen first' },
    tags: list('spec.tags', text('Tag')),
    hits: integer('Requests it answered'),
    lastUse: nullable(time('When it last answered')),
    usesLeft: nullable(integer('What useLimiter leaves; null without one')),
    expires: nullable(time('When ttl ends it; null without one')),
    file,
    line,
  }),
  MockPage: page('Mock'),
  WebhookPage: page('Webhook'),
  MockReference: object<MockReference>('Names a mock', { namespace, name, file, line }, ['file', 'line']),
  NearMiss: object<NearMiss>('A mock that almost matched', {
    mock: ref('MockReference'),
    differs: list('What would have had to be otherwise', text('In words')),
  }),
  RequestSummary: object<RequestSummary>('A recorded request', requestSummary),
  RequestPage: page('RequestSummary'),
  RecordedMessage: object<RecordedMessage>('A message as recorded: bodies cut, credentials masked', {
    headers: record('Values by name in lower case', list('Values', text('Value'))),
    body: nullable(text('Null when there was none')),
    encoding: oneOf('How `body` is written', ['utf8', 'base64']),
    truncated: flag('True when the body was longer'),
  }),
  Request: object<RequestView>('A recorded request with its messages', {
    ...requestSummary,
    request: ref('RecordedMessage'),
    response: nullable(ref('RecordedMessage')),
  }),
  ...deliverySchemas,
  ...eventSchemas,
  ...channelOperationSchemas,
  ...digestSchemas,
  ...telegramSchemas,
  ...hookSchemas,
  FieldProblem: object<EventProblem>('What is wrong with one field', {
    pointer: text('JSON pointer into what was posted; empty for all of it'),
    message: text('What was found and what to do'),
  }),
  ...webhookSchemas,
  DeliveryPage: page('DeliverySummary'),
  ...auditSchemas,
  AuditPage: page('AuditEntry'),
  ...messageSchemas,
  MessageChannelPage: page('MessageChannel'),
  ...proposalSchemas,
  McpMessage: anyJson('A message of JSON-RPC 2.0, or a list of them'),
  ...notificationSchemas,
  ...Object.fromEntries(Object.entries(notificationPages).map(([name, item]) => [name, page(item)])),
  ...explanationSchemas,
  GlobalStore: object<StoreContentsView>('The global store of a namespace', storeContents),
  ChainStore: object<ChainContentsView>('The store of one chain', { ...storeContents, chainId: text('Chain id') }),
  ExplainCandidate: object<ExplainCandidate>('A mock that was looked at', {
    mock: ref('MockReference'),
    matches: flag('True when all of it matches'),
    differs: list('What differs', text('In words')),
  }),
  Explanation: object<ExplainView>('Which mock would answer, and why the others would not', {
    revision: nullable(text('Revision that was asked')),
    namespace: text('Namespace it was looked up in'),
    method: text('Method'),
    path: text('Path'),
    mock: nullable(ref('MockReference')),
    reason: text('Why, in one sentence'),
    candidates: list('In the order of choice', ref('ExplainCandidate')),
  }),
  ReconcileResult: object<ReconcileResult>('What looking again came to', {
    generation: revisionSummary.generation,
    revision: nullable(text('Null when the source could not be read')),
    outcome,
    reason: revisionSummary.reason,
    message: revisionSummary.message,
    durationMs: revisionSummary.durationMs,
    changes: revisionSummary.changes,
    problems,
  }),
  SuspensionResult: object<SuspensionResult>('Whether applying is suspended', {
    suspended: flag('True while nothing is applied'),
    changed: flag('False when it was so already'),
  }),
  ResetResult: object<ResetResult>('How many of each were cleared', {
    requests: integer('Recorded requests'),
    chains: integer('Chain stores'),
    globals: integer('Entries of global stores'),
    counters: integer('Counters of mocks'),
  }),
  VerifyResult: object<VerifyResult>('Whether what was expected was asked', {
    verified: nullable(flag('Null when the journal no longer holds enough to say')),
    count: integer('Recorded requests that match'),
    complete: flag('False when requests that could have matched were evicted from the journal'),
    message: text('In words'),
    requests: list('The newest that match', ref('RequestSummary')),
    unmatched: list('When none match: the newest that no mock answered', ref('RequestSummary')),
  }),
  Health: object<{ status: string }>('Alive', { status: oneOf('Always ok', ['ok']) }),
  Index: object<IndexView>('What is served', {
    name: text('callboard'),
    version: text("Callboard's version"),
    source: text('Folder or Git URL'),
    revision: nullable(text('Revision that is served')),
    ready: text('Ready, or the reason why not'),
    resources: record('Applied resources by kind', integer('How many')),
    mocks: list('The first mocks by namespace and name', ref('Mock')),
    links: list(
      'Every path',
      object<IndexView['links'][number]>('A path', {
        method: text('Method'),
        path: text('Path'),
        summary: text('What it shows'),
      }),
    ),
  }),
  OpenApi: { type: 'object', description: 'OpenAPI 3.1', required: ['openapi', 'info', 'paths'] },
}
