import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort } from './control-port.js'
import { request } from './fake-views.js'

let port: ControlPort
beforeEach(async () => {
  port = await openControlPort()
  port.controller.record(request(1))
  port.controller.record(request(2))
  port.controller.record(request(3, { matched: false, path: '/stubs/payments/order' }))
  port.controller.record(request(4, { namespace: 'shop', path: '/other', time: '2026-01-31T10:00:00.000Z' }))
})
afterEach(() => port.api.close())

const verify = (wanted: object) => port.operate('/api/v1/requests/verify', wanted)
const orders = { method: 'get', path: '/stubs/payments/orders' }

describe('verify', () => {
  const cases = [
    { wanted: orders, verified: true, message: 'GET /stubs/payments/orders: expected at least 1 time, found 2 times' },
    { wanted: { ...orders, times: 2 }, verified: true, message: 'expected exactly 2 times, found 2 times' },
    { wanted: { ...orders, times: 3 }, verified: false, message: 'expected exactly 3 times, found 2 times' },
    { wanted: { ...orders, times: 1 }, verified: false, message: 'expected exactly 1 time, found 2 times' },
    { wanted: { ...orders, times: 0 }, verified: false, message: 'expected none, found 2 times' },
    { wanted: { ...orders, atLeast: 3 }, verified: false, message: 'expected at least 3 times, found 2 times' },
    { wanted: { ...orders, atMost: 1 }, verified: false, message: 'expected at most 1 time, found 2 times' },
    { wanted: { ...orders, atLeast: 1, atMost: 2 }, verified: true, message: 'expected 1 to 2 times, found 2 times' },
    {
      wanted: { path: '/orders', namespace: 'payments', times: 2 },
      verified: true,
      message: '/orders in namespace payments',
    },
    { wanted: { mock: 'payments/get-payment', times: 3 }, verified: true, message: 'of mock payments/get-payment' },
    { wanted: { matched: false, times: 1 }, verified: true, message: 'any request' },
    { wanted: { status: 404, times: 1 }, verified: true, message: 'any request' },
    { wanted: { status: '2xx', times: 3 }, verified: true, message: 'any request' },
    { wanted: { since: '1h', times: 3 }, verified: true, message: 'any request' },
    { wanted: { path: '*', times: 4 }, verified: true, message: '*: expected exactly 4 times' },
  ]
  for (const { wanted, verified, message } of cases) {
    it(`${JSON.stringify(wanted)} is ${verified}`, async () => {
      const { status, json } = await verify(wanted)
      expect([status, json.verified, json.complete]).toEqual([200, verified, true])
      expect(json.message).toContain(message)
    })
  }

  const unsure = [
    { wanted: { ...orders, times: 2 }, verified: null },
    { wanted: { ...orders, times: 3 }, verified: null },
    { wanted: { ...orders, times: 1 }, verified: false },
    { wanted: { ...orders, atMost: 1 }, verified: false },
    { wanted: { ...orders, atMost: 5 }, verified: null },
    { wanted: { ...orders, atLeast: 2 }, verified: true },
    { wanted: { ...orders, atLeast: 3 }, verified: null },
  ]
  for (const { wanted, verified } of unsure) {
    it(`${JSON.stringify(wanted)} is ${verified ?? 'unknown'} when older requests were dropped`, async () => {
      port.controller.complete = false
      const { json } = await verify(wanted)
      expect([json.verified, json.complete]).toEqual([verified, false])
      expect(json.message.includes('dropped')).toBe(verified === null)
    })
  }

  it('shows what was asked instead when nothing matches', async () => {
    const { json } = await verify({ path: '/stubs/payments/ordres' })
    expect(json.requests).toEqual([])
    expect(json.unmatched.map((item: { id: string }) => item.id)).toEqual(['r0003'])
    expect((await verify({ path: '/nothing', times: 0 })).json.unmatched).toEqual([])
  })

  const refused = [
    { wanted: { times: 1, atLeast: 1 }, parameter: 'times' },
    { wanted: { atLeast: 3, atMost: 2 }, parameter: 'atLeast' },
    { wanted: { times: -1 }, parameter: 'times' },
    { wanted: { times: 1.5 }, parameter: 'times' },
    { wanted: { path: 'orders' }, parameter: 'path' },
    { wanted: { path: '/orders?a=1' }, parameter: 'path' },
    { wanted: { method: 'G T' }, parameter: 'method' },
    { wanted: { since: 'noon' }, parameter: 'since' },
    { wanted: { status: 'ok' }, parameter: 'status' },
    { wanted: { time: 1 }, parameter: 'time' },
  ]
  for (const { wanted, parameter } of refused) {
    it(`${JSON.stringify(wanted)} is refused`, async () => {
      const { status, json } = await verify(wanted)
      expect([status, json.parameter]).toEqual([400, parameter])
    })
  }
})
