import { describe, expect, it } from 'vitest'
import { mock, namespace, serve } from './running-resolver.js'

const hello = mock('hello', { http: { route: '/hello' }, response: { payload: 'world' } })
const origin = 'https://app.example'
const preflight = {
  method: 'OPTIONS',
  headers: { Origin: origin, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'x-one,x-two' },
}

describe('CORS', () => {
  it('by default a preflight is answered and the origin reflected, without credentials', async () => {
    const { url, resolver } = await serve([hello])
    const answer = await fetch(`${url}/hello`, preflight)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('access-control-allow-methods')).toBe('PUT')
    expect(answer.headers.get('access-control-allow-headers')).toBe('x-one,x-two')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(answer.headers.get('vary')).toBe('Origin')
    expect(resolver.mocks()[0]?.hits).toBe(0)
  })

  it('answers carry the origin, a 404 as well', async () => {
    const { url } = await serve([hello])
    for (const path of ['/hello', '/nothing']) {
      const answer = await fetch(url + path, { headers: { Origin: origin } })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    }
    expect((await fetch(`${url}/hello`)).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('a mock that declares its own header keeps it', async () => {
    const headers = { 'Access-Control-Allow-Origin': 'https://only.example' }
    const { url } = await serve([mock('own', { http: { route: '/own' }, response: { headers, payload: 'x' } })])
    const answer = await fetch(`${url}/own`, { headers: { Origin: origin } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://only.example')
  })

  it('a namespace can say more', async () => {
    const cors = { origins: [origin], credentials: true, headers: ['X-Only'], exposeHeaders: ['X-Shown'], maxAge: 5 }
    const { url } = await serve([hello, namespace('sandbox', { cors })])
    const allowed = await fetch(`${url}/hello`, preflight)
    expect(allowed.headers.get('access-control-allow-headers')).toBe('X-Only')
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true')
    expect(allowed.headers.get('access-control-expose-headers')).toBe('X-Shown')
    expect(allowed.headers.get('access-control-max-age')).toBe('5')
    const other = await fetch(`${url}/hello`, { headers: { Origin: 'https://evil.example' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    expect(other.headers.get('vary')).toBe('Origin')
  })

  it('a namespace can switch it off', async () => {
    const { url } = await serve([hello, namespace('sandbox', { cors: false })])
    const answer = await fetch(`${url}/hello`, preflight)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(await answer.text()).toBe('world')
  })

  it('a mock that claims OPTIONS answers the preflight, one for every method does not', async () => {
    const claimed = mock('claimed', {
      http: { route: '/claimed', httpMethod: 'OPTIONS' },
      response: { statusCode: 299 },
    })
    const { url } = await serve([hello, claimed])
    expect((await fetch(`${url}/claimed`, preflight)).status).toBe(299)
    expect((await fetch(`${url}/hello`, preflight)).status).toBe(204)
    expect(await (await fetch(`${url}/hello`, { method: 'OPTIONS' })).text()).toBe('world')
  })
})
