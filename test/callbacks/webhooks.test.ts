// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
import { describe, expect, it } from 'vitest'
import { LiteralSecrets } from '../../src/callbacks/literal-secrets.js'
import { Webhooks, type WebhooksOptions } from '../../src/callbacks/webhooks.js'
import { operationsOf } from '../../src/reconcile/change-operations.js'
import { type ChangedRevision, ChangesRefused } from '../../src/reconcile/change-port.js'
import { plan } from '../../src/reconcile/plan.js'
import { Loader } from '../../src/resources/load.js'
import type { ResourceSet } from '../../src/resources/resource.js'
import { noteAnnouncement } from '../../src/store/announcements.js'
import { type DeliveryLimits, openDeliveries } from '../../src/store/deliveries.js'
import { memoryStore } from '../../src/store/memory.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { Clock } from '../delivery/clock.js'
import { Folder } from '../e2e/folder.js'
import { snapshotOf } from '../resources/snapshot.js'

type Spec = Readonly<Record<string, unknown>>

const document = (kind: string, metadata: Spec, spec: Spec) => ({ apiVersion: 'callboard/v1', kind, metadata, spec })
const url = 'http://a.example/hook'
const watch = (spec: Spec = {}, namespace = 'shop', name = 'watch') =>
  document('NamespaceWebhook', { name, namespace }, { operation: ['mock.create', 'mock.update'], url, ...spec })
const audit = (spec: Spec = {}) =>
  document('AdminWebhook', { name: 'audit' }, { operation: ['user.create', 'backup.create'], url, ...spec })
const mock = (name: string, payload: unknown = 1, namespace = 'shop') =>
  document('Mock', { name, namespace }, { http: { route: `/${name}` }, response: { payload } })

async function resourcesOf(documents: readonly object[]): Promise<ResourceSet> {
  const loader = new Loader({ defaultNamespace: 'sandbox', env: { REGION: 'eu' } })
  const files = Object.fromEntries(documents.map((one, index) => [`${index}.yaml`, JSON.stringify(one)]))
  const { resources, problems } = await loader.load(snapshotOf(files))
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return resources
}

const noResources: ResourceSet = new Map()

async function opened(parts: Partial<WebhooksOptions> & { waiting?: number; epoch?: string } = {}) {
  const { waiting = 1000, epoch = 'one', ...options } = parts
  const limits: Partial<DeliveryLimits> = { waiting }
  const clock = new Clock()
  const store = memoryStore({ epoch })
  const deliveries = openDeliveries(store, { now: clock.now, limits })
  const webhooks = new Webhooks({
    engine: { prepare: (records, how) => deliveries.prepare(records, how) },
    store,
    now: clock.now,
    random: () => 0.5,
    secrets: new LiteralSecrets(new Folder().state),
    maxAgeMs: 1000,
    ...options,
  })
  let applied = noResources
  let generation = 0
  const revisionOf = (resources: ResourceSet): ChangedRevision => {
    const changes = plan(resources, applied)
    const told = operationsOf(changes, () => false)
    return {
      generation,
      revision: 'sha256:r',
      time: '2026-01-01T00:00:00.000Z',
      resources,
      plan: changes,
      changes: told,
    }
  }
  return {
    webhooks,
    store,
    deliveries,
    all: async () => {
      const { items } = await deliveries.list({}, { limit: 500 })
      return items.map(({ delivery }) => delivery).reverse()
    },
    /** Applies a revision as the reconciler does. */
    apply: async (documents: readonly object[]) => {
      const resources = await resourcesOf(documents)
      generation += 1
      const prepared = await webhooks.prepare(revisionOf(resources))
      const swap = webhooks.target.prepare(resources, plan(resources, applied))
      if (prepared !== undefined) await store.transact(prepared.scopes, (tx) => prepared.write(tx), 'sync')
      swap()
      prepared?.commit()
      applied = resources
    },
  }
}

describe('webhooks on changes', () => {
  it('make a delivery of each change for each webhook that hears of it', async () => {
    const { apply, all } = await opened()
    await apply([
      watch({ retryCount: 2, delay: 3, timeout: 4 }),
      watch({}, 'other'),
      watch({ enabled: false }, 'shop', 'off'),
      audit(),
      mock('a'),
    ])
    const deliveries = await all()
    expect(deliveries).toMatchObject([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        kind: 'change',
        transport: 'http',
        target: 'http://a.example',
        about: {
          namespace: 'shop',
          webhook: 'watch',
          operation: 'mock.create',
          resource: 'Mock/shop/a',
          generation: 1,
          revision: 'sha256:r',
        },
        delayMs: 3000,
        timeoutMs: 4000,
        retry: { retries: 2 },
        payload: { method: 'POST', url, headers: [['Content-Type', 'application/json']] },
      },
    ])
    expect(Object.keys(deliveries[0]?.about ?? {})).not.toContain('callback')
  })

  it('put the change and nothing else into texts, with its type where that is all there is', async () => {
    const body = {
      said: '$.change.operation of $.change.name in $.namespace at $.now.iso, ${$.change.author || "somebody"}, $.env.REGION',
      before: '$.change.before',
      generation: '$.change.generation',
      nothing: '$.change.nothing',
    }
    const { apply, all } = await opened()
    await apply([
      watch({ body, url: `${url}/$.change.name`, headers: { 'X-File': '$.change.file:$.change.line' } }),
      mock('a'),
    ])
    const [delivery] = await all()
    const payload = delivery?.payload as unknown as { url: string; body: string; headers: string[][] }
    expect(payload.url).toBe(`${url}/a`)
    expect(payload.headers).toContainEqual(['X-File', '1.yaml:1'])
    expect(JSON.parse(payload.body)).toEqual({
      said: 'mock.create of a in shop at 2026-01-01T00:00:00.000Z, somebody, eu',
      before: null,
      generation: 1,
      nothing: '$.change.nothing',
    })
  })

  it('have ids that only depend on epoch, generation, resource, operation and webhook', async () => {
    const idsOf = async (epoch: string, revisions: readonly (readonly object[])[]) => {
      const { apply, all } = await opened({ epoch })
      for (const documents of revisions) await apply(documents)
      return (await all()).map(({ id }) => id)
    }
    const there = [watch(), mock('a', 'A')]
    const away = [watch(), mock('a', 'B')]
    const ids = await idsOf('one', [there, away, there, away])
    expect(new Set(ids).size).toBe(4)
    expect(await idsOf('one', [there, away, there, away])).toEqual(ids)
    expect((await idsOf('two', [there, away])).filter((id) => ids.includes(id))).toEqual([])
    const others = await idsOf('one', [[watch({}, 'shop', 'other'), mock('a', 'A'), mock('b', 'A')]])
    expect(new Set([...ids, ...others]).size).toBe(6)
    const member = document('User', { name: 'ann' }, { email: 'a@b.c', namespaces: ['shop', 'sale'] })
    const joined = await idsOf('one', [[audit({ operation: 'namespace.user.add' }), member]])
    expect(new Set(joined).size).toBe(2)
  })

  it('are those of the revision: one that it prunes hears nothing of it, and what waits for it stays', async () => {
    const { apply, all } = await opened()
    await apply([watch(), mock('a')])
    await apply([mock('a'), mock('b')])
    await apply([watch(), mock('a'), mock('b'), mock('c')])
    expect((await all()).map(({ about }) => about.resource)).toEqual(['Mock/shop/a', 'Mock/shop/c'])
  })

  it('refuse what is too much for one revision, by number and by size, before anything is kept', async () => {
    const mocks = ['a', 'b', 'c'].map((name) => mock(name))
    const few = await opened({ limits: { deliveries: 2 } })
    await expect(few.apply([watch(), ...mocks])).rejects.toThrow(ChangesRefused)
    await expect(few.apply([watch(), ...mocks])).rejects.toThrow(
      'it sets off 3 deliveries to webhooks on changes, more than 2',
    )
    const small = await opened({ limits: { bytes: 3000 } })
    await expect(small.apply([watch({ body: 'x'.repeat(1000) }), ...mocks])).rejects.toThrow(
      'disable a webhook for once',
    )
    const full = await opened({ waiting: 5 })
    await expect(full.apply([watch(), ...mocks])).rejects.toThrow(StoreUnavailable)
    for (const one of [few, small, full]) expect(await one.all()).toEqual([])
  })

  it('that cannot be rendered are on record as that', async () => {
    const { apply, all } = await opened()
    await apply([watch({ url: '$.change.name' }), mock('a')])
    expect(await all()).toMatchObject([
      { kind: 'change', transport: 'unprepared', payload: { message: expect.stringContaining('came out as "a"') } },
    ])
  })
})

describe('an operation', () => {
  it('is told to the webhooks that are applied, once', async () => {
    const { apply, webhooks, all } = await opened()
    await apply([audit(), watch()])
    const operation = { id: 'o1', operation: 'backup.create', time: 0, details: { file: 'b' } } as const
    expect(await webhooks.fireOperation(operation)).toBe(1)
    expect(await webhooks.fireOperation(operation)).toBe(0)
    expect(await webhooks.fireOperation({ ...operation, id: 'o2' })).toBe(1)
    expect(await webhooks.fireOperation({ ...operation, operation: 'license.create' })).toBe(0)
    const deliveries = await all()
    expect(deliveries).toMatchObject(
      Array(2).fill({ kind: 'change', about: { webhook: 'audit', operation: 'backup.create' } }),
    )
    expect(deliveries[0]?.about).not.toHaveProperty('namespace')
    const payload = deliveries[0]?.payload as unknown as { body: string } | undefined
    expect(JSON.parse(payload?.body ?? '')).toMatchObject({
      operation: 'backup.create',
      time: '1970-01-01T00:00:00.000Z',
      details: { file: 'b' },
      kind: null,
      revision: null,
    })
  })

  it('that was noted while nobody ran is told by the next, once, and not by one that only has a copy of the note', async () => {
    const { apply, webhooks, store, all } = await opened()
    await apply([audit()])
    await noteAnnouncement(store, 'n1', { operation: 'backup.create', time: 1, details: null })
    await noteAnnouncement({ epoch: 'other', transact: store.transact.bind(store) }, 'n2', {
      operation: 'backup.create',
      time: 2,
      details: null,
    })
    await Promise.all([webhooks.announce(), webhooks.announce()])
    await webhooks.announce()
    expect(await all()).toHaveLength(1)
    expect(store.list('announcement/')).toEqual([])
  })

  it('stays noted while it cannot be told', async () => {
    const { apply, webhooks, store, all } = await opened({ waiting: 0 })
    await apply([audit()])
    await noteAnnouncement(store, 'n1', { operation: 'backup.create', time: 1, details: null })
    await expect(webhooks.announce()).rejects.toThrow(StoreUnavailable)
    expect(store.list('announcement/')).toHaveLength(1)
    expect(await all()).toEqual([])
  })
})
