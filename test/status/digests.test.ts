import { afterAll, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort } from './control-port.js'

const ports: ControlPort[] = []
afterAll(() => Promise.all(ports.map(({ api }) => api.close())))

async function open(): Promise<ControlPort> {
  const port = await openControlPort({ tokens: { read: 'r', operate: 'o' } })
  ports.push(port)
  return port
}

const as = (token: string, body?: unknown) => ({
  headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
  ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
})

describe('digests at the control port', () => {
  it('are listed with what comes next and what was last', async () => {
    const port = await open()
    const { json } = await port.ask('/api/v1/digests', as('r'))
    expect(json.items).toMatchObject([
      { id: 'payments~weekly', collected: 4, nextRun: '2026-03-23T08:00:00.000Z', lastRun: { sent: 2 } },
      { id: 'daily', nextRun: null, lastRun: null },
    ])
  })

  it('are looked at with the right to read, and sent with the right to operate', async () => {
    const port = await open()
    const { digests } = port.controller
    const preview = await port.ask('/api/v1/digests/payments~weekly/preview?user=ann', as('r'))
    expect(preview.json).toMatchObject({ digest: 'payments/weekly', messages: [{ user: 'ann' }, { title: null }] })
    expect((await port.ask('/api/v1/digests/payments~weekly/run', as('r', {}))).status).toBe(403)
    expect(digests.runs).toEqual([])
    expect((await port.ask('/api/v1/digests/payments~weekly/run', as('o', {}))).json.run).toMatchObject({ events: 16 })
    const one = await port.ask('/api/v1/digests/payments~weekly/run', as('o', { user: 'ann' }))
    expect(one.json).toEqual({ digest: 'payments/weekly', run: null, deliveries: ['d0001'], notSent: [] })
    expect(digests.runs).toEqual([
      ['payments/weekly', undefined],
      ['payments/weekly', 'ann'],
    ])
  })

  it('and people who are not there are said to be so', async () => {
    const port = await open()
    const unknown = await port.ask('/api/v1/digests/monthly/preview', as('r'))
    expect(unknown).toMatchObject({ status: 404, json: { detail: 'there is no digest; declared: payments/weekly' } })
    const nobody = await port.ask('/api/v1/digests/payments~weekly/run', as('o', { user: 'zoe' }))
    expect(nobody).toMatchObject({ status: 400, json: { parameter: 'user', detail: 'user: there is no User "zoe"' } })
    const field = await port.ask('/api/v1/digests/payments~weekly/run', as('o', { users: 'ann' }))
    expect(field.status).toBe(400)
  })
})
