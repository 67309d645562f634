import { afterEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort } from './control-port.js'

let port: ControlPort
afterEach(() => port?.api.close())

const json = { 'content-type': 'application/json' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const event = '{"type":"deploy.success"}'

function post(headers: Record<string, string>, body = event) {
  return port.ask('/api/v1/events', { method: 'POST', headers: { ...json, ...headers }, body })
}

describe('the events token', () => {
  it('lets events in, and nothing else; the operate token will do as well', async () => {
    port = await openControlPort({ tokens: { read: 'read-token', events: 'events-token', operate: 'operate-token' } })
    expect((await post(bearer('events-token'))).status).toBe(202)
    expect((await post(bearer('operate-token'))).status).toBe(202)
    const refused = await post(bearer('read-token'))
    expect([refused.status, refused.json.detail]).toEqual([
      403,
      'this token may only read; posting events needs the one in tokens.events',
    ])
    expect((await post({})).status).toBe(401)
    expect((await port.ask('/api/v1/status', { headers: bearer('events-token') })).status).toBe(403)
    const operation = await port.ask('/api/v1/suspend', {
      method: 'POST',
      headers: { ...json, ...bearer('events-token') },
    })
    expect([operation.status, operation.json.detail]).toEqual([
      403,
      'this token may only post events; operations need the one in tokens.operate',
    ])
    expect(port.controller.events.bodies).toHaveLength(2)
  })

  it('is needed, and how to set it is said', async () => {
    port = await openControlPort({ tokens: {} })
    const { status, json: problem } = await post(bearer('anything'))
    expect([status, problem.type]).toEqual([403, 'urn:callboard:problem:operations-disabled'])
    expect(problem.detail).toContain('tokens.events')
    expect(problem.detail).toContain('CALLBOARD_TOKENS_EVENTS')
  })
})

describe('a body of events', () => {
  const token = bearer('operate-token')

  it.each([
    ['application/json', {}, 202],
    ['application/cloudevents+json; charset=UTF-8', {}, 202],
    ['application/cloudevents-batch+json', {}, 202],
    ['text/plain', {}, 415],
    ['application/x-www-form-urlencoded', {}, 415],
    // Binary mode: the body may be anything, and no form can send such a header.
    ['text/plain', { 'ce-specversion': '1.0' }, 202],
    ['application/json; charset=latin1', {}, 415],
  ])('as %s with %j is answered %i', async (type, headers, status) => {
    port = await openControlPort()
    expect((await post({ ...token, 'content-type': type, ...headers })).status).toBe(status)
  })

  it('is bounded', async () => {
    port = await openControlPort({ eventBytes: 2048 })
    expect((await post(token, `{"type":"${'x'.repeat(2048)}"}`)).status).toBe(413)
    expect(port.controller.events.bodies).toEqual([])
  })

  it('that holds a list is answered by a list', async () => {
    port = await openControlPort()
    const { status, json: answer } = await post(token, `[${event},${event}]`)
    expect([status, answer.items.length]).toEqual([202, 2])
    expect((await post(token)).json).not.toHaveProperty('items')
  })
})
