import { afterEach, describe, expect, it } from 'vitest'
import { auditedOperations } from '../../src/status/audited-operations.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { type ControlPort, openControlPort } from './control-port.js'
import { auditEntry } from './fake-audit.js'
import { delivery } from './fake-deliveries.js'
import { noon, secret } from './fake-views.js'

let port: ControlPort
afterEach(() => port.api.close())

describe('/api/v1/audit', () => {
  it('shows who did what, newest first, and nothing beside it', async () => {
    port = await openControlPort()
    const { json, text } = await port.ask('/api/v1/audit')
    expect(json.items.map(({ id, action }: { id: string; action: string }) => `${id} ${action}`)).toEqual([
      '2 delete_user_binding',
      '1 create_notification_channel',
    ])
    expect(json.nextCursor).toBeNull()
    expect(json.items[1]).toEqual({
      id: '1',
      time: noon,
      action: 'create_notification_channel',
      kind: 'Channel',
      namespace: '',
      name: 'ops',
      type: 'slack',
      enabled: true,
      from: null,
      actor: { name: 'Ann <ann@example.com>', address: null },
      revision: 'main@sha1:aaaa1111',
      commit: 'aaaa1111aaaa1111aaaa1111aaaa1111aaaa1111',
      generation: 3,
      outcome: 'done',
      details: {},
    })
    expect(text).not.toContain(secret)
  })

  it.each([
    ['kind=UserBinding', ['2']],
    ['action=create_notification_channel', ['1']],
    ['actor=Ann%20%3Cann@example.com%3E&name=ops', ['2', '1']],
    ['namespace=-', ['2', '1']],
    ['namespace=shop', []],
    ['revision=3', ['2', '1']],
    ['since=2026-02-01T00:00:00Z', []],
    ['until=2026-02-01T00:00:00Z', ['2', '1']],
  ])('?%s', async (query, ids) => {
    port = await openControlPort()
    const { json } = await port.ask(`/api/v1/audit?${query}`)
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual(ids)
  })

  it('goes on where a page ended', async () => {
    port = await openControlPort()
    const first = (await port.ask('/api/v1/audit?limit=1')).json
    const second = (await port.ask(`/api/v1/audit?limit=1&cursor=${first.nextCursor}`)).json
    expect([first.items[0].id, second.items[0].id, second.nextCursor]).toEqual(['2', '1', null])
  })

  it('is part of the stream', async () => {
    port = await openControlPort()
    const asked = port.ask('/api/v1/stream?types=audit', { enough: (text) => text.includes('event: audit') })
    while (port.controller.audit.happening.listeners.size === 0) await new Promise(setImmediate)
    port.controller.audit.happening.tell(auditEntry(7))
    const { text } = await asked
    expect(text).toContain('"id":"7"')
    expect(text).not.toContain(secret)
  })
})

describe('operations are on record', () => {
  it('each of them, or it changes nothing', async () => {
    port = await openControlPort()
    const onlyRead = ['verify', 'previewTemplate']
    const operating = port.api.routes.filter(({ access }) => access === 'operate').map(({ id }) => id)
    expect(operating.filter((id) => auditedOperations[id] === undefined && !onlyRead.includes(id))).toEqual([])
    expect(operating.length).toBeGreaterThan(8)
  })

  it('with what was asked for, from where, and what came of it', async () => {
    port = await openControlPort()
    const { controller, operate } = port
    for (const [index, status] of (['delivered', 'dead_letter', 'pending'] as const).entries()) {
      controller.deliveries.put(delivery(index + 1, { status }))
    }
    await operate('/api/v1/reconcile', { allowPrune: 'main@sha1:aaaa' })
    await operate('/api/v1/suspend')
    await operate('/api/v1/reset', { namespace: 'payments' })
    await operate('/api/v1/deliveries/d0002/requeue')
    await operate('/api/v1/deliveries/d0001/requeue')
    const { confirm } = (await operate('/api/v1/deliveries/cancel?dryRun=true')).json
    await operate(`/api/v1/deliveries/cancel?confirm=${confirm}`)
    const done = { address: '127.0.0.1', outcome: 'done' }
    expect(controller.audit.recorded).toEqual([
      {
        action: 'reconcile',
        details: { allowPrune: 'main@sha1:aaaa', outcome: 'applied', reason: 'Succeeded' },
        ...done,
      },
      { action: 'suspend', details: { changed: true }, ...done },
      { action: 'reset', namespace: 'payments', details: { requests: 0, chains: 1, globals: 2, counters: 3 }, ...done },
      { action: 'requeue_delivery', kind: 'Delivery', name: 'd0002', ...done },
      { action: 'requeue_delivery', kind: 'Delivery', name: 'd0001', ...done, outcome: 'refused' },
      { action: 'cancel_deliveries', details: { matched: 2, changed: 2 }, ...done },
    ])
  })

  it('also when they fail; not when they name nothing, have no token, or cannot be read', async () => {
    port = await openControlPort()
    const { controller } = port
    await port.operate('/api/v1/deliveries/none/cancel')
    await port.operate('/api/v1/reset', { unknown: 1 })
    await port.ask('/api/v1/suspend', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    expect(controller.audit.recorded).toEqual([])
    controller.fail = new StoreUnavailable('full')
    expect((await port.operate('/api/v1/reconcile')).status).toBe(503)
    controller.fail = new Error('broken')
    expect((await port.operate('/api/v1/reconcile')).status).toBe(500)
    expect(controller.audit.recorded.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'reconcile failed',
      'reconcile failed',
    ])
  })
})
