import { afterEach, describe, expect, it } from 'vitest'
import { type ControlPort, openControlPort } from './control-port.js'

let port: ControlPort
afterEach(() => port?.api.close())

const json = { 'content-type': 'application/json' }
const post = (body: unknown, headers: Record<string, string> = json) =>
  port.ask('/api/v1/hooks/github', { method: 'POST', headers, body: JSON.stringify(body) })

describe('/api/v1/hooks/{receiver}', () => {
  it('needs no token, whatever tokens there are', async () => {
    port = await openControlPort({ tokens: { read: 'r', operate: 'o' } })
    expect(await post({})).toMatchObject({
      status: 202,
      json: { receiver: 'github', result: 'accepted', message: 'the source is looked at' },
    })
  })

  it.each([
    ['signature', 401, 'www-authenticate'],
    ['rate', 429, 'retry-after'],
    ['secret', 503, 'retry-after'],
  ])('answers what is refused for its %s with %i', async (refused, status, header) => {
    port = await openControlPort()
    const answer = await post({ refused })
    expect(answer).toMatchObject({ status, json: { detail: 'no' } })
    expect(answer.headers).toHaveProperty(header)
  })

  it('says before it reads anything that there is no such receiver, or that the type is another', async () => {
    port = await openControlPort({ hookBytes: 10 })
    const body = 'x'.repeat(100)
    const unknown = await port.ask('/api/v1/hooks/other', { method: 'POST', headers: json, body })
    expect(unknown).toMatchObject({ status: 404, json: { type: 'urn:callboard:problem:not-found' } })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await port.ask('/api/v1/hooks/github', { method: 'POST', headers: form, body })).status).toBe(415)
    expect((await port.ask('/api/v1/hooks/github', { method: 'POST', headers: json, body })).status).toBe(413)
  })

  it('is not there to be read', async () => {
    port = await openControlPort()
    const { status, headers } = await port.ask('/api/v1/hooks/github')
    expect([status, headers.allow]).toEqual([405, 'POST'])
  })
})
