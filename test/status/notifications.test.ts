import { afterEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort } from './control-port.js'
import { delivery } from './fake-deliveries.js'
import { told } from './fake-notifications.js'
import { secret } from './fake-views.js'

let port: ControlPort
afterEach(() => port.api.close())

const items = async (path: string) => (await port.ask(path)).json.items as Record<string, unknown>[]
const ids = async (path: string) => (await items(path)).map(({ id }) => id)

function wait(number: number, nextAttempt: string, changes: object = {}) {
  const notification = { ...told, ...changes }
  port.controller.deliveries.put(
    delivery(number, { status: 'retrying', kind: 'notification', notification, nextAttempt, attemptsUsed: number }),
  )
}

describe('the retry queue', () => {
  it('comes in order of the next attempt, page by page, whatever order it was accepted in', async () => {
    port = await openControlPort()
    const minutes = [5, 3, 9, 1, 3, 7, 2]
    for (const [index, minute] of minutes.entries()) wait(index + 1, `2026-01-31T12:0${minute}:00.000Z`)
    // What has not been tried yet, and what is no message, is not retried.
    port.controller.deliveries.put(delivery(20, { status: 'pending', kind: 'notification', notification: told }))
    port.controller.deliveries.put(delivery(21, { status: 'retrying' }))
    const path = '/api/v1/admin/channel-delivery/retry-queue'
    const wanted = ['d0004', 'd0007', 'd0002', 'd0005', 'd0001', 'd0006', 'd0003']
    expect(await ids(path)).toEqual(wanted)
    const seen: unknown[] = []
    for (let cursor = ''; ; ) {
      const page = (await port.ask(`${path}?limit=3${cursor}`)).json
      seen.push(...page.items.map(({ id }: { id: string }) => id))
      if (page.nextCursor === null) break
      cursor = `&cursor=${page.nextCursor}`
    }
    expect(seen).toEqual(wanted)
    expect((await items(path))[0]).toMatchObject({
      status: 'retrying',
      retry_count: 3,
      max_retries: 2,
      next_retry_at: '2026-01-31T12:01:00.000Z',
      channel: 'payments/alerts',
      channel_type: 'slack',
      user: 'ann',
      event_type: 'deploy.success',
    })
  })

  it('can be asked for one channel, event or person', async () => {
    port = await openControlPort()
    wait(1, '2026-01-31T12:01:00.000Z')
    wait(2, '2026-01-31T12:02:00.000Z', { channel: 'ops' })
    wait(3, '2026-01-31T12:03:00.000Z', { user: 'ben' })
    wait(4, '2026-01-31T12:04:00.000Z', { event: 'deploy.failure' })
    const path = '/api/v1/admin/channel-delivery/retry-queue'
    expect(await ids(`${path}?channel=ops`)).toEqual(['d0002'])
    expect(await ids(`${path}?user=ben`)).toEqual(['d0003'])
    expect(await ids(`${path}?event=deploy.failure`)).toEqual(['d0004'])
  })
})

describe('what is declared', () => {
  it('is shown as rows, without a secret, and with what is left to defaults', async () => {
    port = await openControlPort()
    const reply = await port.ask('/api/v1/admin/channels')
    expect(reply.text).not.toContain(secret)
    expect(reply.json.items).toMatchObject([
      { id: 'ops', namespace: null, displayName: 'Ops', type: 'slack', enabled: true, recipients: 'channel' },
      {
        id: 'payments~alerts',
        namespace: 'payments',
        displayName: 'alerts',
        enabled: false,
        suspend: true,
        recipients: 'user',
        config: { botToken: { env: 'SLACK_TOKEN' } },
      },
    ])
    expect(await ids('/api/v1/admin/channels?namespace=payments')).toEqual(['payments~alerts'])
    expect(await items('/api/v1/channels/bindings')).toMatchObject([
      { id: 'ben-lost', channel: 'gone', channelType: null, recipient: { email: 'b@example.com' } },
      { id: 'payments~ann-alerts', user: 'ann', channel: 'payments~alerts', channelType: 'slack', recipient: {} },
    ])
  })

  it.each([
    ['/api/v1/channels?user=ann', ['ops', 'payments~alerts']],
    ['/api/v1/channels?user=ben', ['ops']],
    ['/api/v1/channels?user=root', ['ops', 'payments~alerts']],
    ['/api/v1/channels', ['ops', 'payments~alerts']],
    ['/api/v1/channels/bindings?user=ben', ['ben-lost']],
    ['/api/v1/channels/preferences?user=ann', ['ann-quiet', 'flags']],
    ['/api/v1/channels/preferences?user=ben', ['flags', 'shop~shop-flags']],
    ['/api/v1/channels/preferences', ['ann-quiet', 'flags', 'shop~shop-flags']],
    ['/api/v1/notifications/catalog?namespace=shop', ['deploy.success']],
    ['/api/v1/notifications/catalog', ['deploy.success', 'payment.late']],
  ])('%s', async (path, wanted) => {
    port = await openControlPort()
    expect(await ids(path)).toEqual(wanted)
  })

  it('says who is connected, where somebody has to be', async () => {
    port = await openControlPort()
    const connected = async (query: string) =>
      (await items(`/api/v1/channels${query}`)).map((item) => [item.id, item.connected])
    expect(await connected('?user=ann')).toEqual([
      ['ops', null],
      ['payments~alerts', true],
    ])
    expect(await connected('?user=root')).toEqual([
      ['ops', null],
      ['payments~alerts', false],
    ])
    expect(await connected('')).toEqual([
      ['ops', null],
      ['payments~alerts', null],
    ])
  })

  it('goes on where a page of a person ended', async () => {
    port = await openControlPort()
    const path = '/api/v1/channels/preferences?user=ann&limit=1'
    const first = (await port.ask(path)).json
    const second = (await port.ask(`${path}&cursor=${first.nextCursor}`)).json
    expect([first.items[0].id, second.items[0].id]).toEqual(['ann-quiet', 'flags'])
  })

  it('says what was meant by what there is not', async () => {
    port = await openControlPort()
    expect((await port.ask('/api/v1/channels?user=anna')).json.detail).toContain('did you mean "ann"?')
    expect((await port.ask('/api/v1/admin/channels/opps')).json.detail).toContain('did you mean "ops"?')
  })
})

describe('/api/v1/explain/event', () => {
  it('asks the same by GET and by POST', async () => {
    port = await openControlPort()
    const query = 'type=deploy.success&payload=%7B%22n%22%3A12345678901234567890%7D&namespace=shop&user=ann&revision=3'
    expect((await port.ask(`/api/v1/explain/event?${query}`)).status).toBe(200)
    const event = { type: 'deploy.success', namespace: 'shop', payload: { n: 1 } }
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const { status } = await port.ask('/api/v1/explain/event', {
      ...post,
      body: JSON.stringify({ event, user: 'ann' }),
    })
    expect(status).toBe(200)
    const [byGet, byPost] = port.controller.notifications.asked
    expect(byGet).toMatchObject({ event: { type: 'deploy.success', namespace: 'shop' }, user: 'ann', revision: '3' })
    expect(byPost).toEqual({ event, user: 'ann' })
  })

  it.each([
    ['type=deploy.sucess', 422, '/event/type: there is no such event type'],
    ['type=deploy.success&payload=%7B', 400, 'payload: is not JSON'],
    ['type=deploy.success&user=nobody', 400, 'user: no User "nobody" is declared'],
    ['type=deploy.success&revision=99', 400, 'revision: no revision "99" was applied'],
    ['', 400, 'type: is missing'],
  ])('?%s: %d %s', async (query, wanted, detail) => {
    port = await openControlPort()
    const { status, json } = await port.ask(`/api/v1/explain/event?${query}`)
    expect([status, json.detail]).toEqual([wanted, expect.stringContaining(detail)])
  })
})
