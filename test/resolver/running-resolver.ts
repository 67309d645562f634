// A resolver on a port of its own, with mocks as people write them.

import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import { createGuard, type Guard } from '../../src/network/guard.js'
import type { CallbackPort } from '../../src/resolver/callback-port.js'
import type { ResolverOptions } from '../../src/resolver/parts.js'
import { createResolver, type Resolver } from '../../src/resolver/resolver.js'
import type { TableChanges } from '../../src/resolver/tables.js'
import { linkMock } from '../../src/resources/kinds/mock.js'
import type { Resource, ResourceSet } from '../../src/resources/resource.js'
import { memoryStore } from '../../src/store/memory.js'
import type { Store } from '../../src/store/store.js'

export interface MockText {
  readonly name: string
  readonly namespace?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec: Readonly<Record<string, unknown>>
}

const defaultNamespace = 'sandbox'

export function mock(name: string, spec: MockText['spec'], more: Partial<MockText> = {}): Resource {
  const { namespace = defaultNamespace, annotations = {} } = more
  const input = { namespace, name, annotations, spec: spec as Json }
  const { program, findings } = linkMock(input, { readFile: () => undefined, env: {}, defaultNamespace })
  if (program === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  return resource('Mock', namespace, name, spec, annotations, program)
}

export function namespace(name: string, spec: Readonly<Record<string, unknown>>): Resource {
  return resource('Namespace', '', name, spec, {})
}

function resource(
  kind: string,
  namespace: string,
  name: string,
  spec: unknown,
  annotations: Resource['annotations'],
  program?: unknown,
): Resource {
  return {
    id: `${kind}/${namespace === '' ? '-' : namespace}/${name}`,
    kind,
    namespace,
    name,
    labels: {},
    annotations,
    spec,
    digest: createHash('sha256')
      .update(JSON.stringify([spec, annotations]))
      .digest('hex'),
    file: `${name}.yaml`,
    line: 1,
    program,
  }
}

export function setOf(resources: readonly Resource[]): ResourceSet {
  return new Map(resources.map((one) => [one.id, one]))
}

export function changesBetween(before: ResourceSet, after: ResourceSet): TableChanges {
  return {
    create: [...after.values()].filter(({ id }) => !before.has(id)),
    prune: [...before.values()].filter(({ id }) => !after.has(id)),
    update: [...after.values()].flatMap((one) => {
      const old = before.get(one.id)
      return old === undefined || old.digest === one.digest ? [] : [{ before: old, after: one }]
    }),
    move: [],
  }
}

export interface Clock {
  now: number
}

export interface RunningParts {
  readonly store?: Store
  readonly guard?: Guard
  readonly callbacks?: CallbackPort
  readonly clock?: Clock
  /** Default: any. */
  readonly port?: number
  readonly options?: Partial<Omit<ResolverOptions, 'limits' | 'stores' | 'requests'>> & {
    readonly limits?: Partial<ResolverOptions['limits']>
    readonly stores?: Partial<ResolverOptions['stores']>
    readonly requests?: Partial<ResolverOptions['requests']>
  }
}

export interface Logged {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Running {
  readonly resolver: Resolver
  readonly store: Store
  readonly clock: Clock
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly logged: Logged[]
  /** Applies another set of resources. */
  apply(...resources: Resource[]): void
}

let runs = 0

/** Serves the resources until the test ends. */
export async function serve(resources: readonly Resource[], parts: RunningParts = {}): Promise<Running> {
  const { store = memoryStore(), clock = { now: Date.parse('2026-01-01T00:00:00Z') }, options = {} } = parts
  const guard = parts.guard ?? createGuard({ allow: ['127.0.0.0/8'], allowPrivate: false, connectTimeoutMs: 1_000 })
  const logged: Logged[] = []
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, message, fields: fields as Logged['fields'] })
  }
  runs += 1
  const random = seeded(runs)
  const resolver = createResolver({
    store,
    guard,
    ...(parts.callbacks !== undefined && { callbacks: parts.callbacks }),
    now: () => new Date(clock.now),
    monotonic: () => performance.now(),
    random,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    options: {
      defaultNamespace,
      correlationHeaders: true,
      ...options,
      limits: { bodyBytes: 100_000, headerBytes: 16_384, headerCount: 100, urlBytes: 8_192, ...options.limits },
      requests: { bytes: 1_000_000, bodyBytes: 4_096, maskHeaders: ['X-Api-Key'], ...options.requests },
      stores: { entriesPerStore: 100, bytesPerStore: 100_000, chainIdleSeconds: 86_400, ...options.stores },
    },
  })
  let applied: ResourceSet = new Map()
  let generation = 0
  const apply = (...next: Resource[]): void => {
    const desired = setOf(next)
    generation += 1
    resolver.prepare(desired, changesBetween(applied, desired), generation)()
    applied = desired
  }
  apply(...resources)
  onTestFinished(async () => {
    await resolver.close(0)
    if (parts.guard === undefined) await guard.close()
  })
  const { port } = await resolver.listen({ host: '127.0.0.1', port: parts.port ?? 0 })
  const scheme = options.tls === undefined ? 'http' : 'https'
  return { resolver, store, clock, port, url: `${scheme}://127.0.0.1:${port}`, logged, apply }
}

/** Not `Math.random`, so that a failure repeats; differs between resolvers, as request ids must. */
function seeded(start: number): () => number {
  let state = start * 2_654_435_761
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0
    return (state >>> 0) / 2 ** 32
  }
}
