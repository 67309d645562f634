// What a controller does when it applies one revision after another, without a port to the outside but the resolver's.

import { Agent, request } from 'node:http'
import { AppliedRules } from '../../src/dispatcher/applied-rules.js'
import { messageWriter, readershipOf } from '../../src/dispatcher/message-writer.js'
import type { TableOptions } from '../../src/dispatcher/tables.js'
import { createExplainEvent } from '../../src/event-explanations.js'
import { createGuard } from '../../src/network/guard.js'
import type { Plan } from '../../src/reconcile/plan.js'
import { Reconciler } from '../../src/reconcile/reconciler.js'
import { Trigger } from '../../src/reconcile/trigger.js'
import type { AskedRequest } from '../../src/resolver/asked-request.js'
import { createResolver } from '../../src/resolver/resolver.js'
import { resolverOptions } from '../../src/resolver-options.js'
import { Loader } from '../../src/resources/load.js'
import type { Settings } from '../../src/settings.js'
import { memoryStore } from '../../src/store/memory.js'
import { createRenderer } from '../../src/template/renderer.js'
import { Clock } from '../reconcile/clock.js'
import { FakeSource } from '../reconcile/fake-source.js'

const silent = () => {}
const log = { debug: silent, info: silent, warn: silent, error: silent }

/** Reasons that pass with time. */
const passing = new Set(['quiet_hours', 'silence', 'duplicate', 'quota'])

export class AppliedController {
  /** How the last revision was applied. */
  plan: Plan | undefined
  readonly #source = new FakeSource()
  readonly #guard = createGuard({ allow: [], allowPrivate: false, connectTimeoutMs: 1_000 })
  readonly #renderer = createRenderer()
  readonly #resolver
  readonly #rules
  readonly #reconciler
  readonly #agent = new Agent({ keepAlive: true })
  #port = 0

  constructor(settings: Settings, tables: TableOptions) {
    const store = memoryStore()
    const { defaultNamespace } = settings
    const clock = new Clock()
    this.#resolver = createResolver({
      store,
      guard: this.#guard,
      now: () => new Date(),
      monotonic: () => performance.now(),
      random: Math.random,
      log,
      options: resolverOptions(settings, undefined),
    })
    this.#rules = new AppliedRules({
      tables,
      known: { recipientOf: () => ({}) },
      revisionOf: () => undefined,
      writer: (resources, made) =>
        messageWriter({ renderer: this.#renderer, onWarning: silent }, resources, readershipOf(made)),
      onApplied: silent,
    })
    const watching = {
      name: 'watching',
      prepare: (_desired: unknown, plan: Plan) => () => {
        this.plan = plan
      },
    }
    this.#reconciler = new Reconciler({
      source: this.#source,
      loader: new Loader({ defaultNamespace, catalogues: tables.catalogues }),
      targets: [this.#resolver, this.#rules, watching],
      store,
      trigger: new Trigger({ quietMs: 20, longestMs: 250 }, clock),
      now: () => new Date(),
      monotonic: clock.now,
      log,
      maxPrune: 1,
      strict: false,
    })
  }

  async start(files: Readonly<Record<string, string>>): Promise<string> {
    this.#source.set(files)
    this.#port = (await this.#resolver.listen({ host: '127.0.0.1', port: 0 })).port
    return (await this.#reconciler.start()).outcome
  }

  async apply(files: Readonly<Record<string, string>>): Promise<string> {
    this.#source.set(files)
    return (await this.#reconciler.pass('anywhere')).outcome
  }

  /** Mocks that are served, as `namespace/name`. */
  mocks(): string[] {
    return this.#resolver.mocks().map(({ namespace, name }) => `${namespace}/${name}`)
  }

  /** Sends the request: which mock has answered, and with which status. */
  send({
    method,
    path,
    headers: asked,
    body,
  }: AskedRequest): Promise<{ mock: string | null; status: number | undefined }> {
    // Also for GET, with which node says nothing of a body by itself.
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const headers = { ...Object.fromEntries(asked), ...length }
    return new Promise((resolve, reject) => {
      const sent = request({ port: this.#port, method, path, headers, agent: this.#agent }, (answer) => {
        const mock = answer.headers['callboard-mock']
        answer
          .resume()
          .on('end', () => resolve({ mock: mock === undefined ? null : String(mock), status: answer.statusCode }))
      })
      sent.on('error', reject).end(body)
    })
  }

  /** Which mock would answer, without sending anything. */
  async asks(asked: AskedRequest): Promise<string | null> {
    const { mock } = await this.#resolver.explain(asked)
    return mock && `${mock.namespace}/${mock.name}`
  }

  /** Who would hear of an event with its sample, as `channel user`, in an hour that is not quiet. */
  async tells(type: string, namespace: string): Promise<readonly string[]> {
    const explain = createExplainEvent({
      rules: async () => ({ rules: this.#rules.rules, revision: null, generation: null }),
      known: { recipientOf: () => ({}) },
      now: () => Date.UTC(2026, 0, 7, 12),
    })
    const result = await explain({ event: { type, ...(namespace !== '' && { namespace }) } })
    if (result.outcome !== 'explained') return []
    return result.explanation.decisions
      .filter(({ outcome, reason }) => outcome !== 'suppress' || passing.has(reason ?? ''))
      .map(({ channel, user }) => `${channel} ${user ?? ''}`)
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    await this.#reconciler.close()
    await this.#resolver.close(0)
    await this.#renderer.close()
    await this.#guard.close()
  }
}
