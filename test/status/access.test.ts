import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createStatusApi } from '../../src/status/api.js'
import { createHostCheck } from '../../src/status/hosts.js'
import { createAuthorize } from '../../src/status/tokens.js'
import { type Ask, type ControlPort, openControlPort, tokens } from './control-port.js'
import { FakeController, noon } from './fake-views.js'

let port: ControlPort
afterEach(() => port?.api.close())

const json = { 'content-type': 'application/json' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const operations = [
  '/api/v1/reconcile',
  '/api/v1/suspend',
  '/api/v1/resume',
  '/api/v1/reset',
  '/api/v1/requests/verify',
  '/api/v1/deliveries/requeue',
  '/api/v1/deliveries/d0001/cancel',
]
const post = (headers: Record<string, string>, body = '{}'): Ask => ({ method: 'POST', headers, body })

describe('operations', () => {
  it('without a token in settings answer 403 and say how to switch them on', async () => {
    port = await openControlPort({ tokens: {} })
    for (const path of operations) {
      const { status, json: problem } = await port.ask(path, post({ ...json, ...bearer('anything') }))
      expect([path, status, problem.type]).toEqual([path, 403, 'urn:callboard:problem:operations-disabled'])
      expect(problem.detail).toContain('tokens.operate')
      expect(problem.detail).toContain('CALLBOARD_TOKENS_OPERATE')
    }
    expect([port.controller.asked, port.controller.deliveries.asked]).toEqual([[], []])
  })

  const refused = [
    { name: 'no token', headers: {} },
    { name: 'a wrong token', headers: bearer('wrong') },
    { name: 'the beginning of the token', headers: bearer(tokens.operate.slice(0, -1)) },
    { name: 'more than the token', headers: bearer(`${tokens.operate}x`) },
    { name: 'another scheme', headers: { authorization: `Basic ${tokens.operate}` } },
    { name: 'a bare token', headers: { authorization: tokens.operate } },
    { name: 'an empty token', headers: { authorization: 'Bearer ' } },
  ]
  for (const { name, headers } of refused) {
    it(`answer 401 with a challenge to ${name}`, async () => {
      port = await openControlPort()
      for (const path of operations) {
        const { status, headers: got, text } = await port.ask(path, post({ ...json, ...headers }))
        expect([path, status]).toEqual([path, 401])
        expect(got['www-authenticate']).toMatch(/^Bearer realm="callboard"/)
        expect(text).not.toContain(tokens.operate)
      }
      expect(port.controller.asked).toEqual([])
    })
  }

  it('answer 403 to the read token, which is known and does not suffice', async () => {
    port = await openControlPort({ tokens: { read: 'read-token', operate: 'operate-token' } })
    const { status, headers } = await port.ask('/api/v1/suspend', post({ ...json, ...bearer('read-token') }))
    expect([status, headers['www-authenticate']]).toEqual([403, 'Bearer realm="callboard", error="insufficient_scope"'])
  })

  it('do what they are asked with the token', async () => {
    port = await openControlPort()
    expect((await port.operate('/api/v1/reconcile', { allowPrune: 'main@sha1:aaaa' })).json.outcome).toBe('applied')
    expect((await port.operate('/api/v1/suspend')).json).toEqual({ suspended: true, changed: true })
    expect((await port.operate('/api/v1/suspend')).json).toEqual({ suspended: true, changed: false })
    expect((await port.operate('/api/v1/resume')).json).toEqual({ suspended: false, changed: true })
    const reset = await port.operate('/api/v1/reset', { namespace: 'payments', chain: 'c1' })
    expect(reset.json).toEqual({ requests: 0, chains: 1, globals: 2, counters: 3 })
    expect(port.controller.asked).toEqual([
      ['reconcile', { allowPrune: 'main@sha1:aaaa' }],
      ['reset', { namespace: 'payments', chain: 'c1' }],
    ])
  })

  it('take an empty body as one without wishes', async () => {
    port = await openControlPort()
    const { status } = await port.ask('/api/v1/reconcile', post({ ...json, ...bearer(tokens.operate) }, ''))
    expect(status).toBe(200)
    expect(port.controller.asked).toEqual([['reconcile', {}]])
  })
})

describe('the read token', () => {
  it('is asked for by everything but liveness and readiness', async () => {
    port = await openControlPort({ tokens: { read: 'read-token', operate: 'operate-token' } })
    const reading = port.api.routes.filter(({ method }) => method === 'GET')
    for (const { path } of reading) {
      const filled = path.replace(/\{\w+\}/g, 'x')
      const open = path === '/healthz' || path === '/readyz'
      expect([path, (await port.ask(filled)).status]).toEqual([path, open ? 200 : 401])
    }
    for (const token of ['read-token', 'operate-token']) {
      expect((await port.ask('/api/v1/status', { headers: bearer(token) })).status).toBe(200)
      expect((await port.ask('/metrics', { headers: { authorization: `bearer   ${token}` } })).status).toBe(200)
    }
    expect((await port.ask('/api/v1/explain/request', post(json, '{"path":"/"}'))).status).toBe(401)
  })

  it('is needed to learn where a thing is declared', async () => {
    port = await openControlPort({ tokens: { read: 'read-token' } })
    const path = '/api/v1/resources/Mock/payments/create-payment'
    const { status, text } = await port.ask(path, { method: 'DELETE' })
    expect(status).toBe(401)
    expect(text).not.toContain('mocks.yaml')
    expect((await port.ask(path, { method: 'DELETE', headers: bearer('read-token') })).status).toBe(405)
  })

  const addresses = [
    { bind: '127.0.0.1', needs: false },
    { bind: '127.8.9.1', needs: false },
    { bind: '::1', needs: false },
    { bind: 'localhost', needs: false },
    { bind: '0.0.0.0', needs: true },
    { bind: '::', needs: true },
    { bind: '192.168.1.4', needs: true },
    { bind: '127.0.0.1.example.com', needs: true },
    { bind: 'control.internal', needs: true },
  ]
  const create = (bind: string, tokens: { read?: string; operate?: string }) => () => {
    const { views, operations } = new FakeController()
    const log = { debug: () => {}, error: () => {} }
    return createStatusApi({ views, operations, tokens, bind, hosts: [], log, now: () => new Date(noon), version: '1' })
  }
  for (const { bind, needs } of addresses) {
    it(`${needs ? 'must be set to bind' : 'may be left out on'} ${bind}`, () => {
      const make = create(bind, { operate: 'operate-token' })
      if (needs) expect(make).toThrow(`bind.control: ${bind} can be reached from other machines`)
      else expect(make).not.toThrow()
      expect(create(bind, { read: 'read-token' })).not.toThrow()
    })
  }

  it('must be set as well when the address is given only when listening', async () => {
    const api = create('127.0.0.1', {})()
    await expect(api.listen({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
      name: 'SettingsError',
      message: expect.stringContaining('tokens.read (CALLBOARD_TOKENS_READ)'),
    })
  })

  for (const token of ['', ' ', 'two words', 'snow☃', 'line\nbreak']) {
    it(`cannot be ${JSON.stringify(token)}`, () => {
      expect(create('127.0.0.1', { read: token })).toThrow(/^tokens\.read /)
      expect(create('127.0.0.1', { operate: token })).toThrow(/^tokens\.operate /)
    })
  }
})

it('comparing tokens takes as long for a near miss as for a far one', () => {
  // Digests of one length are compared as a whole, so what can differ is only noise: the medians are close, where
  // comparing long texts character by character would be several times apart.
  const token = 'x'.repeat(100_000)
  const authorize = createAuthorize({ operate: token })
  const time = (given: string) => {
    const start = process.hrtime.bigint()
    expect(() => authorize('operate', `Bearer ${given}`)).toThrow('not accepted')
    return Number(process.hrtime.bigint() - start)
  }
  const near = `${token.slice(0, -1)}y`
  const far = `y${token.slice(1)}`
  const nearTimes: number[] = []
  const farTimes: number[] = []
  for (let round = 0; round < 200; round++) {
    nearTimes.push(time(near))
    farTimes.push(time(far))
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[100] ?? 0
  const ratio = median(nearTimes) / median(farTimes)
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

describe('the Host check', () => {
  const check = createHostCheck('10.1.2.3', ['Control.Internal', 'fd00::5'])
  const hosts = [
    { host: 'localhost', ok: true },
    { host: 'localhost:5790', ok: true },
    { host: 'LOCALHOST.', ok: true },
    { host: '127.0.0.1:9999', ok: true },
    { host: '[::1]:5790', ok: true },
    { host: '[0:0:0:0:0:0:0:1]', ok: true },
    { host: '10.1.2.3', ok: true },
    { host: 'control.internal:5790', ok: true },
    { host: '[fd00::5]', ok: true },
    { host: '172.17.0.2', ok: true },
    { host: undefined, ok: false },
    { host: '', ok: false },
    { host: 'evil.example', ok: false },
    { host: 'localhost.evil.example', ok: false },
    { host: 'evil.example:5790', ok: false },
    { host: 'localhost@evil.example', ok: false },
    { host: 'evil.example/localhost', ok: false },
    { host: 'evil.example#localhost', ok: false },
    { host: 'localhost evil.example', ok: false },
    { host: '0.0.0.0', ok: false },
    { host: '10.1.2.30', ok: false },
    { host: '[::1', ok: false },
    { host: 'localhost:port', ok: false },
    { host: 'localhost:99999', ok: false },
    { host: 'xn--localhost-', ok: false },
  ]
  for (const { host, ok } of hosts) {
    it(`${ok ? 'knows' : 'refuses'} ${host ?? 'a request without one'}`, () => {
      expect(check(host, '::ffff:172.17.0.2')).toBe(ok)
    })
  }

  it('does not take a wildcard address for a name', () => {
    expect(createHostCheck('0.0.0.0', [])('0.0.0.0:5790', '127.0.0.1')).toBe(false)
    expect(() => createHostCheck('127.0.0.1', ['*'])).toThrow('bind.hosts: "*" is not a host name or address')
  })

  it('answers 421 on every path, before anything else is looked at', async () => {
    port = await openControlPort()
    for (const { method, path } of port.api.routes) {
      const { status, json: problem } = await port.ask(path, { method, headers: { host: 'rebound.example:5790' } })
      expect([path, status, problem.type]).toEqual([path, 421, 'urn:callboard:problem:unknown-host'])
    }
    expect((await port.ask('/healthz', { headers: { host: 'rebound.example' }, method: 'OPTIONS' })).status).toBe(421)
  })

  it('answers names that settings add', async () => {
    port = await openControlPort({ hosts: ['control.internal'] })
    expect((await port.ask('/healthz', { headers: { host: 'control.internal' } })).status).toBe(200)
  })

  it('a whole URL in the request line does not go around it', async () => {
    port = await openControlPort()
    const raw = (head: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(port.port, '127.0.0.1', () => socket.write(head))
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk.toString()
        })
        socket.on('end', () => resolve(text))
        socket.on('error', reject)
      })
    const end = 'Connection: close\r\n\r\n'
    expect(await raw(`GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n${end}`)).toMatch(
      /^HTTP\/1\.1 400 /,
    )
    expect(await raw(`OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${end}`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(`GET /healthz HTTP/1.0\r\n${end}`)).toMatch(/^HTTP\/1\.1 421 /)
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${end}`)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('every answer', () => {
  it('is not stored, not sniffed, framed nowhere, and open to no other origin', async () => {
    port = await openControlPort()
    const origin = { origin: 'https://evil.example' }
    const answers = await Promise.all([
      port.ask('/api/v1/status', { headers: origin }),
      port.ask('/nowhere', { headers: origin }),
      port.ask('/api/v1/status', {
        headers: { ...origin, 'access-control-request-method': 'POST' },
        method: 'OPTIONS',
      }),
      port.ask('/api/v1/reset', { ...post({ ...origin, ...json }) }),
      port.ask('/', { headers: { ...origin, accept: 'text/html' } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 204, 401, 200])
    for (const { headers } of answers) {
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})
