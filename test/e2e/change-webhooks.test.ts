// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the expression language writes ${ } itself
// Webhooks on changes, from the edit of a file to what arrives.

import { readdirSync, rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import type { DeliverySummary } from '../../src/status/delivery-views.js'
import { announcementsOf } from '../../src/store/announcements.js'
import { backup, restore } from '../../src/store/backup.js'
import { openStore } from '../../src/store/embedded.js'
import { ask } from './ask.js'
import { Folder, mock, namespace, plain } from './folder.js'
import { condition, Running } from './running.js'
import { type Received, Sink } from './sink.js'

type Spec = Readonly<Record<string, unknown>>

const namespaceOperations = ['mock.create', 'mock.update', 'mock.delete', 'mock.restore', 'user.add_to_namespace']
const adminOperations = [
  'namespace.create',
  'namespace.update',
  'namespace.delete',
  'namespace.user.add',
  'user.create',
  'user.update',
  'user.delete',
  'backup.create',
  'backup.restore',
]

function webhook(name: string, spec: Spec, inNamespace?: string): string {
  const kind = inNamespace === undefined ? 'AdminWebhook' : 'NamespaceWebhook'
  const operation = inNamespace === undefined ? adminOperations : namespaceOperations
  const metadata = { name, ...(inNamespace !== undefined && { namespace: inNamespace }) }
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind, metadata, spec: { operation, ...spec } })}\n`
}

function user(name: string, spec: Spec): string {
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind: 'User', metadata: { name }, spec })}\n`
}

interface World {
  readonly running: Running
  readonly sink: Sink
  readonly folder: Folder
  /** What has arrived, as `operation namespace/name`, once there are so many. */
  told(count: number): Promise<string[]>
  /** Writes a file, or removes it, and waits until that is applied. */
  edit(path: string, text: string | undefined): Promise<void>
  changes(): Promise<readonly DeliverySummary[]>
}

async function world(files: (sink: Sink) => Readonly<Record<string, string>>): Promise<World> {
  const sink = await Sink.start()
  const folder = new Folder(files(sink))
  const running = await Running.start(folder, { network: { allow: [sink.address] }, reconcile: { maxPrune: 1 } })
  return {
    running,
    sink,
    folder,
    told: async (count) => (await sink.at('/hook', count)).map(said),
    edit: async (path, text) => {
      const { generation } = await running.status()
      if (text === undefined) folder.remove(path)
      else folder.write(path, text)
      await running.statusOnce(`${path} is applied`, (status) => status.generation === generation + 1)
    },
    changes: async () =>
      (await running.see<{ items: DeliverySummary[] }>('/api/v1/deliveries?kind=change&limit=200')).items,
  }
}

function said({ json }: Received): string {
  const { operation, namespace, name } = json as { [field: string]: string | null }
  return `${operation} ${namespace ?? '-'}/${name ?? '-'}`
}

const shopHook = (sink: Sink, spec: Spec = {}) => webhook('watch', { url: `${sink.url}/hook`, ...spec }, 'shop')

it('each change arrives once, with all that is known of it; the first revision is no change', async () => {
  const { running, folder, sink, told, edit, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
    'other.yaml': plain('o', 1, { namespace: 'other' }),
  }))
  expect(await changes()).toEqual([])
  await edit('b.yaml', plain('b', 1, { namespace: 'shop' }))
  await edit('other.yaml', plain('o', 2, { namespace: 'other' }))
  const [created] = await sink.at('/hook')
  const { revision } = (await running.revisions()).find(({ generation }) => generation === 2) ?? {}
  expect(created?.json).toEqual({
    operation: 'mock.create',
    kind: 'Mock',
    namespace: 'shop',
    name: 'b',
    from: null,
    before: null,
    after: expect.stringMatching(/^[0-9a-f]{64}$/),
    file: 'b.yaml',
    line: 1,
    revision,
    generation: 2,
    commit: null,
    author: null,
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    user: null,
    details: null,
  })
  expect(created?.headers['content-type']).toBe('application/json')
  await edit('b.yaml', plain('b', 2, { namespace: 'shop' }))
  await edit('b.yaml', undefined)
  await edit('b.yaml', plain('b', 2, { namespace: 'shop' }))
  expect(await told(4)).toEqual([
    'mock.create shop/b',
    'mock.update shop/b',
    'mock.delete shop/b',
    'mock.restore shop/b',
  ])
  const [first, update] = sink.received.map(({ json }) => json as { before: string; after: string })
  expect(update?.before).toBe(first?.after)
  expect(update?.after).not.toBe(first?.after)
  // Another place is no change; looking again and starting again are none either.
  folder.move('b.yaml', 'moved/b.yaml')
  await running.operate('/api/v1/reconcile')
  await running.restart()
  await running.operate('/api/v1/reconcile')
  const deliveries = await changes()
  expect(deliveries).toHaveLength(4)
  expect(deliveries[0]).toMatchObject({
    kind: 'change',
    namespace: 'shop',
    webhook: 'watch',
    operation: 'mock.restore',
    resource: 'Mock/shop/b',
    mock: null,
  })
  expect(new Set(deliveries.map(({ id }) => id))).toEqual(
    new Set(sink.received.map(({ headers }) => String(headers['callboard-delivery-id']))),
  )
})

it('there and back again and there fires three times', async () => {
  const { told, edit, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink),
    'a.yaml': plain('a', 'A', { namespace: 'shop' }),
  }))
  for (const payload of ['B', 'A', 'B']) await edit('a.yaml', plain('a', payload, { namespace: 'shop' }))
  expect(await told(3)).toEqual(Array(3).fill('mock.update shop/a'))
  expect(new Set((await changes()).map(({ id }) => id)).size).toBe(3)
})

it('users, the namespaces they join and declared namespaces are told to whom they concern', async () => {
  const { sink, edit, told, changes } = await world((sink) => ({
    'admin.yaml': webhook('audit', { url: `${sink.url}/hook` }),
    'hook.yaml': shopHook(sink, {
      url: `${sink.url}/shop/$.change.operation`,
      headers: { 'X-Namespace': '$.namespace' },
      body: 'Welcome $.change.user.displayName to $.change.namespace, ${$.change.commit || "no commit"}',
    }),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  await edit('ann.yaml', user('ann', { email: 'ann@example.com', displayName: 'Ann', namespaces: ['shop', 'sale'] }))
  expect((await told(3)).sort()).toEqual([
    'namespace.user.add sale/ann',
    'namespace.user.add shop/ann',
    'user.create -/ann',
  ])
  expect(sink.received.find((one) => said(one).startsWith('user.create'))?.json).toMatchObject({
    user: { name: 'ann', email: 'ann@example.com', displayName: 'Ann', role: 'member' },
  })
  const [added] = await sink.at('/shop/user.add_to_namespace')
  expect(added).toMatchObject({ text: 'Welcome Ann to shop, no commit', headers: { 'x-namespace': 'shop' } })
  expect(added?.headers['content-type']).toMatch(/^text\/plain/)
  await edit('shop.yaml', namespace('shop'))
  await edit('shop.yaml', namespace('shop', { description: 'things' }))
  await edit('shop.yaml', undefined)
  await edit('ann.yaml', undefined)
  expect((await told(7)).slice(3)).toEqual([
    'namespace.create shop/shop',
    'namespace.update shop/shop',
    'namespace.delete shop/shop',
    'user.delete -/ann',
  ])
  expect(await changes()).toHaveLength(8)
})

it('the webhooks of the new revision decide, those it declares first included', async () => {
  const { sink, edit, told, changes } = await world(() => ({ 'a.yaml': plain('a', 1, { namespace: 'shop' }) }))
  const off = webhook('off', { url: `${sink.url}/off`, enabled: false }, 'shop')
  await edit('b.yaml', [plain('b', 1, { namespace: 'shop' }), shopHook(sink), off].join('---\n'))
  expect(await told(1)).toEqual(['mock.create shop/b'])
  await edit('b.yaml', plain('b', 2, { namespace: 'shop' }))
  expect(await changes()).toHaveLength(1)
})

it('a renamed mock is an update that says what it was, in both namespaces when it leaves one', async () => {
  const { sink, edit, told } = await world((sink) => ({
    'hook.yaml': [shopHook(sink), webhook('watch', { url: `${sink.url}/hook` }, 'sale')].join('---\n'),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  const annotations = { 'callboard/renamed-from': 'shop/a' }
  await edit(
    'a.yaml',
    mock('b', { http: { route: '/b' }, response: { payload: 2 } }, { namespace: 'sale', annotations }),
  )
  expect((await told(2)).sort()).toEqual(['mock.update sale/b', 'mock.update shop/b'])
  for (const { json } of sink.received) expect(json).toMatchObject({ from: 'shop/a', name: 'b' })
})

it('a suspended namespace holds them', async () => {
  const { sink, edit, told, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
    'shop.yaml': namespace('shop', { suspend: true }),
  }))
  await edit('a.yaml', plain('a', 2, { namespace: 'shop' }))
  expect(await changes()).toMatchObject([{ status: 'pending', held: { reason: 'suspend' } }])
  expect(sink.received).toEqual([])
  await edit('shop.yaml', namespace('shop'))
  expect(await told(1)).toEqual(['mock.update shop/a'])
})

it('many changes in one revision all arrive', { timeout: 60_000 }, async () => {
  const { edit, told, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  const count = 900
  const many = Array.from({ length: count }, (_, n) => plain(`m${n}`, n, { namespace: 'shop' }))
  await edit('many.yaml', many.join('---\n'))
  expect(new Set(await told(count)).size).toBe(count)
  expect((await changes()).every(({ generation }) => generation === 2)).toBe(true)
})

it('what one revision sets off is bounded: it is not applied, and the status says why', async () => {
  const { running, sink, folder, edit, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink, { body: { text: 'x'.repeat(900_000), change: '$.change' } }),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  const many = Array.from({ length: 40 }, (_, n) => plain(`m${n}`, n, { namespace: 'shop' }))
  folder.write('many.yaml', many.join('---\n'))
  const status = await running.statusOnce('it is refused', (one) => condition(one, 'Ready').status === 'False')
  expect(condition(status, 'Ready')).toMatchObject({
    reason: 'TooManyDeliveries',
    message: expect.stringContaining('more than 32 MiB; disable a webhook for once'),
  })
  expect((await running.ask('/stubs/shop/m1')).status).toBe(404)
  expect(await changes()).toEqual([])
  await edit('hook.yaml', shopHook(sink))
  expect((await running.ask('/stubs/shop/m1')).status).toBe(200)
  expect((await sink.at('/hook', 40)).length).toBe(40)
})

it('a restored backup is where the telling begins again, and is told itself', async () => {
  const { running, sink, folder, edit, told, changes } = await world((sink) => ({
    'hook.yaml': [shopHook(sink), webhook('audit', { url: `${sink.url}/admin` })].join('---\n'),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  await edit('a.yaml', plain('a', 2, { namespace: 'shop' }))
  expect(await told(1)).toEqual(['mock.update shop/a'])
  const file = `${folder.base}/state.backup`
  await running.stop()
  await backup(folder.state, file)
  await running.start()
  const [made] = await sink.at('/admin')
  expect(made?.json).toMatchObject({ operation: 'backup.create', namespace: null, details: { file: 'state.backup' } })
  await edit('a.yaml', plain('a', 3, { namespace: 'shop' }))
  expect(await told(2)).toHaveLength(2)
  await running.restart(async () => {
    rmSync(folder.state, { recursive: true })
    await restore(file, folder.state)
  })
  // What has changed since the backup was made is not told again.
  expect((await running.ask('/stubs/shop/a')).text).toBe('3')
  const restored = (await sink.at('/admin', 2)).slice(1)
  expect(restored.map(({ json }) => json)).toMatchObject([
    { operation: 'backup.restore', details: { file: 'state.backup' } },
  ])
  await running.restart()
  await edit('a.yaml', plain('a', 4, { namespace: 'shop' }))
  expect(await told(3)).toHaveLength(3)
  expect(sink.received.filter(({ path }) => path === '/admin')).toHaveLength(2)
  expect((await changes()).filter(({ operation }) => operation === 'backup.restore')).toHaveLength(1)
  await running.stop()
  const store = await openStore(folder.state, { rawNumber: RawNumber })
  expect(announcementsOf(store)).toEqual([])
  await store.close()
})

it('a restored backup of what the source still has tells of the next change', async () => {
  const { running, folder, edit, told, changes } = await world((sink) => ({
    'hook.yaml': shopHook(sink),
    'a.yaml': plain('a', 1, { namespace: 'shop' }),
  }))
  const file = `${folder.base}/state.backup`
  await running.restart(async () => {
    await backup(folder.state, file)
    rmSync(folder.state, { recursive: true })
    await restore(file, folder.state)
  })
  expect(await changes()).toEqual([])
  await edit('a.yaml', plain('a', 2, { namespace: 'shop' }))
  expect(await told(1)).toEqual(['mock.update shop/a'])
})

it('a backup that the running controller makes is told when it is made', async () => {
  const { running, sink, folder } = await world((sink) => ({
    'admin.yaml': webhook('audit', { url: `${sink.url}/admin` }),
    'a.yaml': plain('a', 1),
  }))
  const { status, headers } = await running.operate('/api/v1/backup')
  expect([status, headers['content-type']]).toEqual([200, 'application/gzip'])
  const [made] = await sink.at('/admin')
  expect(made?.json).toMatchObject({ operation: 'backup.create', kind: null, details: null })
  expect(readdirSync(folder.state).filter((name) => name.includes('backup'))).toEqual([])
})

it('they are shown where people look for them, without secrets, and cannot be changed there', async () => {
  const { running } = await world((sink) => ({
    'hooks.yaml': [
      shopHook(sink, { url: { env: 'HOOK' }, headers: { Authorization: { env: 'TOKEN', prefix: 'Bearer ' } } }),
      webhook('audit', { url: `${sink.url}/admin`, sign: { scheme: 'github', secret: 's3cret' } }),
    ].join('---\n'),
    'a.yaml': plain('a', 1),
  }))
  const list = await running.see<{ items: object[]; nextCursor: null }>('/api/v1/namespaces/shop/webhooks')
  expect(list).toMatchObject({
    items: [
      {
        id: 'shop~watch',
        namespace: 'shop',
        name: 'watch',
        operations: namespaceOperations,
        enabled: true,
        type: 'http',
        url: { env: 'HOOK' },
        method: 'POST',
        body: null,
        retryCount: 0,
        file: 'hooks.yaml',
        line: 1,
      },
    ],
    nextCursor: null,
  })
  const admin = JSON.stringify(await running.see('/api/v1/admin/webhooks'))
  expect(admin).toContain('"name":"audit"')
  expect(admin).not.toContain('s3cret')
  expect((await ask(`${running.control}/api/v1/namespaces/nowhere/webhooks`)).status).toBe(404)
  const missing = await ask(`${running.control}/api/v1/admin/webhooks/audti`)
  expect(missing).toMatchObject({ status: 404, json: { suggestion: 'audit' } })
  for (const [method, path, place] of [
    ['POST', '/api/v1/namespaces/shop/webhooks', {}],
    ['POST', '/api/v1/admin/webhooks', {}],
    ['DELETE', '/api/v1/namespaces/shop/webhooks/watch', { file: 'hooks.yaml', line: 1 }],
    ['PUT', '/api/v1/admin/webhooks/audit', { file: 'hooks.yaml', line: 3 }],
  ] as const) {
    const { status, headers, json } = await ask(running.control + path, { method })
    expect([status, headers.allow, headers['content-type']]).toEqual([405, 'GET', 'application/problem+json'])
    expect(json).toMatchObject({ source: running.folder.root, ...place })
  }
})
