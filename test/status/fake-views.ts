import { Readable } from 'node:stream'
import { RawNumber } from '../../src/expression/json.js'
import type { Operations, ResetScope } from '../../src/status/operations.js'
import { pageOf } from '../../src/status/paging.js'
import { requestMatches } from '../../src/status/request-filter.js'
import type { ResourceStatus } from '../../src/status/resource-status.js'
import { isRevisionReference } from '../../src/status/revision-reference.js'
import type {
  ExplainRequest,
  MockView,
  RequestFilter,
  RequestView,
  ResourceView,
  RevisionView,
  StatusView,
  Views,
} from '../../src/status/views.js'
import { FakeAudit } from './fake-audit.js'
import { FakeChannels } from './fake-channels.js'
import { FakeDeliveries, Happening } from './fake-deliveries.js'
import { FakeDigests } from './fake-digests.js'
import { FakeEvents } from './fake-events.js'
import { FakeHooks } from './fake-hooks.js'
import { FakeMessages, propose } from './fake-messages.js'
import { FakeNotifications } from './fake-notifications.js'
import { FakeTelegram } from './fake-telegram.js'

export const noon = '2026-01-31T12:00:00.000Z'
export const secret = 'sk_live_never_shown'

const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'Succeeded',
  message: 'applied main@sha1:aaaa1111',
  observedGeneration: 3,
  lastTransitionTime: noon,
} as const

export const commit = {
  id: 'aaaa1111aaaa1111aaaa1111aaaa1111aaaa1111',
  author: 'Ann <ann@example.com>',
  date: noon,
  subject: 'Payments are answered',
  signer: null,
} as const

export const problem = {
  rule: 'unknown-field',
  severity: 'error',
  file: 'payments/mocks.yaml',
  line: 12,
  column: 5,
  endLine: 12,
  endColumn: 12,
  pointer: '/spec/respnse',
  message: 'unknown field "respnse"',
  hint: 'did you mean "response"?',
} as const

export function status(changes: Partial<StatusView> = {}): StatusView {
  return {
    source: '/srv/declarations',
    suspended: false,
    suspension: null,
    generation: 3,
    lastAttemptedRevision: 'main@sha1:aaaa1111',
    lastAttemptedCommit: commit,
    lastAppliedRevision: 'main@sha1:aaaa1111',
    lastAppliedCommit: commit,
    lastSeenRevision: 'main@sha1:aaaa1111',
    lastSeenCommit: commit,
    lastAttemptTime: noon,
    lastAppliedTime: noon,
    conditions: [ready],
    counts: { resources: { Mock: 3, Namespace: 1 }, unmanaged: 1, errors: 0, warnings: 0 },
    problems: [],
    deletionBudget: null,
    ...changes,
  }
}

export function revision(generation: number | null, hash: string, changes: Partial<RevisionView> = {}): RevisionView {
  return {
    generation,
    revision: `main@sha1:${hash}`,
    time: noon,
    author: 'Ann <ann@example.com>',
    outcome: generation === null ? 'rejected' : 'applied',
    reason: generation === null ? 'ValidationFailed' : 'Succeeded',
    message: generation === null ? '1 error' : 'applied',
    durationMs: 12.5,
    changes: [{ operation: 'create', kind: 'Mock', namespace: 'payments', name: 'create-payment' }],
    problems: generation === null ? [problem] : [],
    ...changes,
  }
}

const sending: ResourceStatus = {
  since: noon,
  callbacks: [
    {
      name: 'tell-shop',
      lastSuccess: null,
      lastError: { time: noon, class: 'network', message: 'connect ECONNREFUSED', status: null, delivery: 'd0001' },
      failuresInARow: 2,
      targets: [
        {
          target: 'https://shop.example.com',
          lastAttempt: noon,
          gate: 'held',
          reason: 'breaker',
          until: noon,
          breaker: 'open',
          rateUntil: null,
          inFlight: 0,
        },
      ],
      moreTargets: false,
    },
  ],
}

export function resource(kind: string, namespace: string, name: string, line: number): ResourceView {
  return {
    kind,
    namespace,
    name,
    id: namespace === '' ? name : `${namespace}~${name}`,
    file: 'payments/mocks.yaml',
    line,
    digest: 'd1',
    labels: { team: 'checkout' },
    annotations: {},
    conditions: [ready],
    spec: { http: { route: `/${name}` }, amount: new RawNumber('12345678901234567890.10') },
    status: kind === 'Mock' ? sending : null,
    // What a careless provider might hand over beside the view.
    ...{ program: { secret } },
  }
}

function webhook(kind: string, namespace: string, name: string, line: number): ResourceView {
  const spec = { operation: 'mock.create', url: { env: 'HOOK' }, headers: { Authorization: '******' } }
  return { ...resource(kind, namespace, name, line), spec }
}

const channelConfig = { botToken: { env: 'SLACK_TOKEN' } }
const place = (kind: string, namespace: string, name: string, line: number, spec: ResourceView['spec']) => ({
  ...resource(kind, namespace, name, line),
  file: 'people.yaml',
  spec,
})

const declared = [
  place('User', '', 'ann', 1, { email: 'ann@example.com', namespaces: ['payments'] }),
  place('User', '', 'ben', 5, { email: 'ben@example.com', namespaces: ['shop'] }),
  place('User', '', 'root', 9, { email: 'root@example.com', role: 'admin' }),
  place('Channel', '', 'ops', 13, { type: 'slack', config: { ...channelConfig, channel: '#ops' }, displayName: 'Ops' }),
  place('Channel', 'payments', 'alerts', 20, { type: 'slack', config: channelConfig, enabled: false, suspend: true }),
  place('UserBinding', '', 'ben-lost', 35, { user: 'ben', channel: 'gone', recipient: { email: 'b@example.com' } }),
  place('UserBinding', 'payments', 'ann-alerts', 30, { user: 'ann', channel: 'alerts' }),
  place('Preference', '', 'ann-quiet', 40, { user: 'ann', events: { 'deploy.*': false }, minSeverity: 'error' }),
  place('Preference', '', 'flags', 45, { events: { notify_run_failed: true } }),
  place('Preference', 'shop', 'shop-flags', 50, { events: { run_failed: false } }),
  place('Template', '', 'deploys', 60, { event: 'deploy.success', lang: 'de', body: 'Fertig: {{ payload.image }}' }),
]

const mocks = ['create-payment', 'get-payment', 'list-payments']

function mock(name: string, line: number): MockView {
  return {
    namespace: 'payments',
    name,
    id: `payments~${name}`,
    method: name === 'create-payment' ? 'POST' : null,
    route: `/${name}`,
    priority: 0,
    tags: ['checkout'],
    hits: line,
    lastUse: noon,
    usesLeft: null,
    expires: null,
    file: 'payments/mocks.yaml',
    line,
  }
}

export function request(number: number, changes: Partial<RequestView> = {}): RequestView {
  const matched = changes.matched ?? true
  return {
    id: `r${String(number).padStart(4, '0')}`,
    time: noon,
    namespace: 'payments',
    method: 'GET',
    path: '/stubs/payments/orders',
    query: '',
    status: matched ? 200 : 404,
    matched,
    mock: matched ? { namespace: 'payments', name: 'get-payment', file: 'payments/mocks.yaml', line: 2 } : null,
    durationMs: 0.4,
    nearMisses: matched
      ? []
      : [
          {
            mock: { namespace: 'payments', name: 'get-payment' },
            differs: ['header X-Env equals "test", found nothing'],
          },
        ],
    request: { headers: { host: ['localhost'] }, body: null, encoding: 'utf8', truncated: false },
    response: { headers: {}, body: '{}', encoding: 'utf8', truncated: false },
    ...changes,
  }
}

/** Views over plain lists, and operations that note what they were asked. */
export class FakeController {
  status = status()
  revisions = [revision(3, 'aaaa1111'), revision(null, 'bbbb2222'), revision(2, 'bbbb3333'), revision(1, 'aaaa1111')]
  resources = [
    resource('Mock', 'payments', 'create-payment', 1),
    resource('Mock', 'payments', 'get-payment', 20),
  ].concat([
    resource('Namespace', '', 'payments', 40),
    webhook('NamespaceWebhook', 'payments', 'watch', 50),
    webhook('AdminWebhook', '', 'audit', 60),
    ...declared,
  ])
  requests: RequestView[] = []
  readonly deliveries = new FakeDeliveries()
  readonly audit = new FakeAudit()
  readonly notifications = new FakeNotifications()
  readonly events = new FakeEvents()
  readonly channels = new FakeChannels()
  readonly requested = new Happening<RequestView>()
  readonly reconciled = new Happening<RevisionView>()
  complete = true
  explained: ExplainRequest[] = []
  asked: unknown[] = []
  fail: Error | undefined
  readonly digests = new FakeDigests()
  readonly #listeners = new Set<(request: RequestView) => void>()
  /** Called when somebody has begun to wait. */
  onWait: () => void = () => {}

  /** Newest first, as the journal shows them. */
  record(request: RequestView): void {
    this.requests.unshift(request)
    for (const listener of this.#listeners) listener(request)
    this.requested.tell(request)
  }

  get waiting(): number {
    return this.#listeners.size
  }

  readonly views: Views = {
    status: () => {
      if (this.fail !== undefined) throw this.fail
      return this.status
    },
    revisions: {
      list: (page) => pageOf(this.revisions, (item) => String(9 - this.revisions.indexOf(item)), page, 'descending'),
      find: (reference) => this.revisions.filter((item) => isRevisionReference(reference, item)),
    },
    resources: {
      kinds: () => ['Mock', 'Namespace'],
      list: ({ kind, namespace, labels = [] }, page) => {
        const items = this.resources.filter(
          (item) =>
            (kind ?? item.kind) === item.kind &&
            (namespace ?? item.namespace) === item.namespace &&
            labels.every(({ name, value }) => item.labels[name] === value),
        )
        return pageOf(items, ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`, page)
      },
      get: (kind, namespace, name) =>
        this.resources.find((item) => item.kind === kind && item.namespace === namespace && item.name === name),
    },
    mocks: {
      list: ({ namespace, tag }, page) => {
        const items = mocks.map((name, index) => mock(name, index + 1))
        const kept = items.filter(
          (item) => (namespace ?? item.namespace) === item.namespace && (!tag || item.tags.includes(tag)),
        )
        return pageOf(kept, ({ id }) => id, page)
      },
    },
    requests: {
      list: (filter, page) => pageOf(this.requests.filter(requestMatches(filter)), ({ id }) => id, page, 'descending'),
      get: (id) => this.requests.find((item) => item.id === id),
      next: (filter, signal) => this.#next(filter, signal),
      count: (filter) => ({ count: this.requests.filter(requestMatches(filter)).length, complete: this.complete }),
    },
    deliveries: this.deliveries.view,
    audit: this.audit,
    events: {
      delivery: this.deliveries.happening.watch,
      request: this.requested.watch,
      revision: this.reconciled.watch,
      audit: this.audit.happening.watch,
    },
    stores: {
      global: (namespace) =>
        namespace === 'payments'
          ? { namespace, entries: { last: new RawNumber('9007199254740993'), seen: [1] } }
          : undefined,
      chain: (namespace, chainId) =>
        chainId === 'a/b' ? { namespace, chainId, entries: { cart: { items: [] } } } : undefined,
    },
    explainRequest: (request) => {
      this.explained.push(request)
      const mock = { namespace: 'payments', name: 'get-payment', file: 'payments/mocks.yaml', line: 20 }
      return {
        revision: 'main@sha1:aaaa1111',
        namespace: 'payments',
        method: request.method,
        path: request.path,
        mock,
        reason: 'the only mock that matches',
        candidates: [
          { mock, matches: true, differs: [] },
          { mock: { namespace: 'payments', name: 'create-payment' }, matches: false, differs: ['method is POST'] },
        ],
      }
    },
    explainEvent: this.notifications.explainEvent,
    notifications: this.notifications,
    digests: this.digests,
    metrics: () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'callboard_build_info 1\n' }),
  }

  readonly operations: Operations = {
    deliveries: this.deliveries.operations,
    audit: this.audit,
    events: this.events,
    channels: this.channels,
    digests: this.digests,
    telegram: new FakeTelegram(),
    hooks: new FakeHooks(),
    messages: new FakeMessages(),
    propose,
    reconcile: async (options) => {
      this.asked.push(['reconcile', options])
      if (this.fail !== undefined) throw this.fail
      const { time, author, commit: _, ...result } = this.revisions[0] ?? revision(1, 'aaaa1111')
      return result
    },
    backup: async () => {
      this.asked.push(['backup'])
      return Readable.from([Buffer.from('a backup')])
    },
    suspend: () => this.#suspend(true),
    resume: () => this.#suspend(false),
    reset: async (scope: ResetScope) => {
      this.asked.push(['reset', scope])
      const requests = this.requests.length
      this.requests = []
      return { requests, chains: 1, globals: 2, counters: 3 }
    },
  }

  #suspend(suspended: boolean): { suspended: boolean; changed: boolean } {
    const changed = this.status.suspended !== suspended
    this.status = { ...this.status, suspended }
    return { suspended, changed }
  }

  #next(filter: RequestFilter, signal: AbortSignal): Promise<void> {
    const matches = requestMatches(filter)
    return new Promise((resolve) => {
      const done = () => {
        this.#listeners.delete(listener)
        resolve()
      }
      const listener = (request: RequestView) => {
        if (matches(request)) done()
      }
      if (signal.aborted) return resolve()
      this.#listeners.add(listener)
      signal.addEventListener('abort', done, { once: true })
      this.onWait()
    })
  }
}
