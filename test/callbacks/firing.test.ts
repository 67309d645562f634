import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/store/delivery.js'
import { ask } from '../e2e/ask.js'
import { eventually } from '../e2e/eventually.js'
import { Sink } from '../e2e/sink.js'
import { countLooks } from '../resolver/count-looks.js'
import { mock } from '../resolver/running-resolver.js'
import { callback, serveFiring } from './firing-resolver.js'

const http = { route: '/u' }

function paths(sink: Sink): string[] {
  return sink.received.map(({ path }) => path)
}

describe('trigger and conditions', () => {
  const triggers = (to: string) => [
    { url: `${to}/success`, trigger: 'on_success' },
    { url: `${to}/error`, trigger: 'on_error' },
    { url: `${to}/always` },
  ]
  it.each<[name: string, spec: Record<string, unknown>, fired: string[]]>([
    ['200', { response: { statusCode: 200 } }, ['/always', '/success']],
    ['299', { response: { statusCode: 299 } }, ['/always', '/success']],
    ['302', { response: { statusCode: 302 } }, ['/always']],
    ['400', { response: { statusCode: 400 } }, ['/always', '/error']],
    ['a status fault', { response: {}, faults: { kind: 'status', statusCode: 503 } }, ['/always', '/error']],
    ['a reset', { response: {}, faults: { kind: 'reset' } }, ['/always']],
    ['an empty answer', { response: {}, faults: { kind: 'empty' } }, ['/always']],
    ['a malformed answer', { response: {}, faults: { kind: 'malformed' } }, ['/always', '/success']],
    ['a slow answer', { response: { payload: 'x' }, faults: { kind: 'slow', duration: 10 } }, ['/always', '/success']],
  ])('%s', async (_name, spec, fired) => {
    const sink = await Sink.start()
    const firing = await serveFiring(() => [mock('m', { http, ...spec, webhooks: triggers(sink.url) })])
    await ask(`${firing.url}/u`).catch(() => {})
    await firing.finished(fired.length)
    expect(paths(sink).sort()).toEqual(fired)
  })

  it('the status of a real server decides for a proxied mock, and that it could not be asked', async () => {
    const sink = await Sink.start(({ path }) => (path.startsWith('/upstream/teapot') ? 418 : 200))
    const webhooks = triggers(sink.url)
    const firing = await serveFiring(() => [
      mock('ok', { http: { route: '/ok' }, proxy: { target: `${sink.url}/upstream` }, webhooks }),
      mock('teapot', { http: { route: '/teapot' }, proxy: { target: `${sink.url}/upstream` }, webhooks }),
      mock('dead', { http: { route: '/dead' }, proxy: { target: 'http://127.0.0.1:9' }, webhooks }),
    ])
    const fired = async (route: string): Promise<string[]> => {
      sink.received.length = 0
      const before = (await firing.all()).length
      await ask(`${firing.url}${route}`)
      await firing.finished(before + 2)
      return paths(sink)
        .filter((path) => !path.startsWith('/upstream'))
        .sort()
    }
    expect(await fired('/ok')).toEqual(['/always', '/success'])
    expect(await fired('/teapot')).toEqual(['/always', '/error'])
    expect(await fired('/dead')).toEqual(['/always', '/error'])
  })

  it('all conditions have to hold', async () => {
    const sink = await Sink.start()
    const conditions = [
      { path: '$.amount', assertAction: 'gt', value: 100 },
      { path: '$.vip', value: true },
    ]
    const firing = await serveFiring(() => [
      mock('m', { http, response: {}, webhooks: [{ url: `${sink.url}/vip`, conditions }] }),
    ])
    await ask(`${firing.url}/u`, { body: { amount: 500, vip: false } })
    await ask(`${firing.url}/u`, { body: { amount: 50, vip: true } })
    await ask(`${firing.url}/u`, { body: { amount: 500, vip: true } })
    await firing.finished(1)
    expect(await firing.all()).toHaveLength(1)
  })

  it('HEAD and OPTIONS set off nothing', async () => {
    const sink = await Sink.start()
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks: [{ url: sink.url }] })])
    for (const method of ['HEAD', 'OPTIONS']) await ask(`${firing.url}/u`, { method })
    expect(await firing.all()).toEqual([])
  })
})

describe('what is recorded', () => {
  it('state changes and deliveries of one request are one record, and it can be looked up by what led to it', async () => {
    const sink = await Sink.start()
    const firing = await serveFiring(() => [
      mock('m', {
        http,
        response: {},
        chainId: 'c1',
        extract: { gStore: { last: '$.req.id' } },
        useLimiter: 5,
        webhooks: [{ url: sink.url, name: 'first' }, { url: sink.url }, { url: sink.url, async: false }],
      }),
    ])
    const { headers } = await ask(`${firing.url}/u`, { body: { id: 1 } })
    const request = String(headers['callboard-request-id'])
    const record = firing.records.find(({ keys }) => keys.some((key) => key.includes('gS')))
    for (const at of [1, 2, 3]) expect(record?.keys).toContain(`delivery/${request}.${at}`)
    expect(record?.keys.some((key) => key.endsWith('/uses'))).toBe(true)
    const entries = await firing.finished(3)
    expect(entries.map(({ delivery }) => delivery.about)).toEqual(
      ['3', '2', 'first'].map((name) => ({
        namespace: 'sandbox',
        mock: 'm',
        request,
        chain: 'c1',
        generation: 2,
        revision: 'r2',
        callback: name,
      })),
    )
    expect(firing.records.every(({ durability }) => durability === 'write')).toBe(true)
  })

  it('durability: sync waits for the disk', async () => {
    const sink = await Sink.start()
    const firing = await serveFiring(() => [
      mock('m', { http, response: {}, webhooks: [{ url: sink.url }, { url: sink.url, durability: 'sync' }] }),
    ])
    await ask(`${firing.url}/u`)
    expect(firing.records.find(({ keys }) => keys.length >= 2)?.durability).toBe('sync')
  })

  it('secrets are references, and literal ones are kept where nobody else may read', async () => {
    const sink = await Sink.start()
    const headers = { Authorization: 'Bearer literal-token', 'X-Other': { env: 'OTHER', prefix: 'k ' } }
    const firing = await serveFiring(
      () => [
        mock('m', { http, response: {}, webhooks: [{ url: sink.url, headers, body: 'hello' }] }),
        mock('n', {
          http: { route: '/n' },
          response: {},
          webhooks: [{ url: sink.url.replace('//', '//user:pass-word@') }],
        }),
      ],
      { env: { OTHER: 'from-env' } },
    )
    await ask(`${firing.url}/u`)
    await ask(`${firing.url}/n`)
    const entries = await firing.finished(2)
    expect(sink.received[0]?.headers).toMatchObject({ authorization: 'Bearer literal-token', 'x-other': 'k from-env' })
    expect(sink.received[1]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass-word').toString('base64')}`)
    expect(JSON.stringify(entries)).not.toMatch(/literal-token|from-env|pass-word/)
    expect(entries.map(({ delivery }) => delivery.target)).toEqual([sink.url, sink.url])
    const files = readdirSync(firing.secrets)
    expect(files).toHaveLength(2)
    for (const file of files) expect(statSync(join(firing.secrets, file)).mode & 0o777).toBe(0o600)
    expect(files.map((file) => readFileSync(join(firing.secrets, file), 'utf8'))).toContain('Bearer literal-token')
  })

  it('what cannot be rendered is on record, and never sent', async () => {
    const firing = await serveFiring(() => [
      mock('m', { http, response: {}, webhooks: [{ url: '$.req.url', retryCount: 3 }] }),
    ])
    expect((await ask(`${firing.url}/u`, { body: { url: 'not a url' } })).status).toBe(200)
    const [entry] = await firing.finished(1)
    expect(entry?.state).toMatchObject({ status: 'dead_letter', reason: 'template', made: 1 })
    expect(entry?.state.attempts[0]).toMatchObject({ class: 'template' })
    expect(firing.deliveryLog).toMatchObject([
      {
        level: 'error',
        message: 'Failed to prepare webhook body',
        fields: { type: 'http', attempt: 1, mock: 'sandbox/m' },
      },
    ])
  })

  it('success, failure and the end are logged in the words of the documents', async () => {
    const sink = await Sink.start(({ path }) => (path === '/ok' ? 200 : 500))
    const firing = await serveFiring(() => [
      mock('ok', { http: { route: '/ok' }, response: {}, webhooks: [{ url: `${sink.url}/ok` }] }),
      mock('bad', {
        http: { route: '/bad' },
        response: {},
        webhooks: [{ url: sink.url, retryCount: 1, retryDelay: 0 }],
      }),
    ])
    await ask(`${firing.url}/ok`)
    await firing.finished(1)
    await ask(`${firing.url}/bad`)
    await firing.finished(2)
    const shown = firing.deliveryLog.map(({ level, message, fields }) => [level, message, fields.type, fields.attempt])
    expect(shown).toEqual([
      ['info', 'Callback executed successfully', 'http', 1],
      ['warn', 'Callback attempt failed', 'http', 1],
      ['warn', 'Callback attempt failed', 'http', 2],
      ['error', 'Callback failed after all retries', 'http', 2],
    ])
  })

  it('traceparent goes along, and a declared one wins', async () => {
    const sink = await Sink.start()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const webhooks = [{ url: `${sink.url}/a` }, { url: `${sink.url}/b`, headers: { Traceparent: 'own' } }]
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks })])
    await ask(`${firing.url}/u`, { headers: { traceparent, tracestate: 'v=1' } })
    await firing.finished(2)
    const sent = new Map(sink.received.map(({ path, headers }) => [path, headers]))
    expect(sent.get('/a')).toMatchObject({ traceparent, tracestate: 'v=1' })
    expect(sent.get('/b')).toMatchObject({ traceparent: 'own' })
  })
})

describe('asynchronous callbacks', () => {
  it('are due once the answer has left, and delay counts from there', async () => {
    const sink = await Sink.start()
    const webhooks = [{ url: `${sink.url}/now` }, { url: `${sink.url}/later`, delay: 0.1 }]
    const firing = await serveFiring(() => [mock('m', { http, response: { delay: 150 }, webhooks })])
    const answered = ask(`${firing.url}/u`).then(() => performance.now())
    await eventually('they are accepted', async () => (await firing.all()).length === 2)
    expect(paths(sink)).toEqual([])
    const leftAt = await answered
    const [now] = await sink.at('/now')
    const [later] = await sink.at('/later')
    expect(now?.at).toBeGreaterThan(leftAt - 20)
    expect((later?.at ?? 0) - leftAt).toBeGreaterThan(80)
  })

  it('go also when the client did not wait for the answer', async () => {
    const sink = await Sink.start()
    const webhooks = [{ url: `${sink.url}/now` }]
    const firing = await serveFiring(() => [mock('m', { http, response: { delay: 60_000 }, webhooks })])
    const asked = request(`${firing.url}/u`).on('error', () => {})
    asked.end()
    await eventually('it is accepted', async () => (await firing.all()).length === 1)
    expect(paths(sink)).toEqual([])
    asked.destroy()
    await sink.at('/now')
  })

  it('while the store fails, mocks with callbacks answer 503 and all others go on', async () => {
    const sink = await Sink.start()
    const firing = await serveFiring(() => [
      mock('m', { http, response: {}, webhooks: [{ url: sink.url }] }),
      mock('waits', { http: { route: '/waits' }, response: {}, webhooks: [{ url: sink.url, async: false }] }),
      mock('proxied', { http: { route: '/proxied' }, proxy: { target: sink.url }, webhooks: [{ url: sink.url }] }),
      mock('plain', { http: { route: '/plain' }, response: { payload: 'ok' } }),
      mock('rendered', { http: { route: '/rendered' }, response: { payload: '$.namespace' } }),
    ])
    firing.fail(true)
    for (const route of ['/u', '/waits', '/proxied']) {
      const reply = await ask(`${firing.url}${route}`)
      expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5'])
    }
    expect((await ask(`${firing.url}/plain`)).text).toBe('ok')
    expect((await ask(`${firing.url}/rendered`)).text).toBe('sandbox')
    firing.fail(false)
    expect((await ask(`${firing.url}/u`)).status).toBe(200)
    await firing.finished(1)
    expect(await firing.all()).toHaveLength(1)
  })

  it('beyond what may wait, mocks answer 503 until there is room again', async () => {
    let isOpen = false
    const waiting: (() => void)[] = []
    const sink = await Sink.start((_received, res) => {
      if (isOpen) return 200
      waiting.push(() => res.writeHead(200).end())
      return undefined
    })
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks: [{ url: sink.url }] })], {
      limits: { waiting: 10 },
    })
    expect((await ask(`${firing.url}/u`)).status).toBe(200)
    expect((await ask(`${firing.url}/u`)).status).toBe(200)
    // A fifth of them for one target.
    expect((await ask(`${firing.url}/u`)).status).toBe(503)
    await eventually('one is under way', () => waiting.length > 0)
    isOpen = true
    for (const go of waiting) go()
    await firing.finished(2)
    expect((await ask(`${firing.url}/u`)).status).toBe(200)
    await firing.finished(3)
  })
})

describe('synchronous callbacks', () => {
  it('run in order before the answer, and their failure does not change it', async () => {
    const order: string[] = []
    const sink = await Sink.start(({ path }, res) => {
      order.push(`${path} began`)
      setTimeout(() => {
        order.push(`${path} ended`)
        res.writeHead(path === '/b' ? 500 : 200).end()
      }, 20)
      return undefined
    })
    const webhooks = ['/a', '/b', '/c'].map((path) => ({ url: sink.url + path, async: false }))
    const firing = await serveFiring(() => [mock('m', { http, response: { payload: 'ok' }, webhooks })])
    const reply = await ask(`${firing.url}/u`)
    expect([reply.status, reply.text]).toEqual([200, 'ok'])
    expect(order).toEqual(['/a', '/b', '/c'].flatMap((path) => [`${path} began`, `${path} ended`]))
    const states = (await firing.finished(3)).map(({ state }) => state.status)
    expect(states).toEqual(['delivered', 'dead_letter', 'delivered'])
  })

  it('wait for all retries', async () => {
    let left = 2
    const sink = await Sink.start(() => (left-- > 0 ? 503 : 200))
    const webhooks = [{ url: sink.url, async: false, retryCount: 3, retryDelay: 0.01 }]
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks })])
    await ask(`${firing.url}/u`)
    expect(sink.received).toHaveLength(3)
  })

  it('a client that leaves calls off what it waits for, and nothing else', async () => {
    const sink = await Sink.start(({ path }) => (path === '/hangs' ? undefined : 200))
    const webhooks = [
      { url: `${sink.url}/hangs`, async: false },
      { url: `${sink.url}/next`, async: false },
      { url: `${sink.url}/async` },
    ]
    const firing = await serveFiring(() => [mock('m', { http, response: {}, webhooks })])
    const asked = request(`${firing.url}/u`).on('error', () => {})
    asked.end()
    await sink.at('/hangs')
    asked.destroy()
    const states = (await firing.finished(3)).map(({ state }) => [state.status, state.reason])
    expect(states).toEqual([
      ['cancelled', 'disconnect'],
      ['cancelled', 'disconnect'],
      ['delivered', undefined],
    ])
    expect(paths(sink).sort()).toEqual(['/async', '/hangs'])
  })

  it('a mock that calls itself ten deep answers with a pool of one', async () => {
    const firing = await serveFiring(
      (self) => [
        mock('m', {
          http: { route: '/deep', httpMethod: 'POST' },
          response: { payload: { depth: '$.req.depth' } },
          webhooks: [
            {
              url: `${self}/deep`,
              async: false,
              conditions: [{ path: '$.depth', assertAction: 'lt', value: 10 }],
              body: { depth: '$.increment($.req.depth, 1)' },
            },
          ],
        }),
      ],
      { poolSize: 1 },
    )
    const reply = await ask(`${firing.url}/deep`, { body: { depth: 0 } })
    expect(reply.json).toEqual({ depth: 0 })
    const entries = await firing.finished(10)
    expect(entries.map(({ state }) => state.status)).toEqual(new Array(10).fill('delivered'))
  })
})

describe('chains', () => {
  it.each([true, false])('one without an end is stopped after ten callbacks (async: %s)', async (async) => {
    const firing = await serveFiring((self) => [
      mock('m', { http, response: {}, webhooks: [{ url: `${self}/u`, async, retryCount: 5, retryDelay: 0 }] }),
    ])
    await ask(`${firing.url}/u`)
    const entries = await firing.finished(11)
    const stopped = entries.filter(({ state }) => state.status !== 'delivered')
    expect(entries).toHaveLength(11)
    expect(stopped.map(({ state }) => [state.status, state.reason, state.made])).toEqual([['dead_letter', 'guard', 1]])
    expect(stopped[0]?.state.attempts[0]?.message).toMatch(/chain that has no end/)
  })
})

describe('kind Callback', () => {
  const names = (deliveries: readonly { delivery: Delivery }[]) =>
    deliveries.map(({ delivery }) => delivery.about.callback).sort()

  it('is attached to the mocks it selects, after their own, and follows every edit', async () => {
    const sink = await Sink.start()
    const own = mock('own', { http: { route: '/own' }, response: {}, webhooks: [{ url: sink.url, name: 'mine' }] })
    const plain = mock('plain', { http: { route: '/plain' }, response: { payload: 'ok' }, tags: ['billed'] })
    const elsewhere = mock('own', { http: { route: '/own' }, response: {} }, { namespace: 'other' })
    const on = (selector: object, name = 'c') => callback(name, { url: sink.url, selector })
    const firing = await serveFiring(() => [own, plain, elsewhere])
    const fired = async (path: string): Promise<unknown[]> => {
      const before = (await firing.all()).length
      await ask(`${firing.url}${path}`)
      const items = await eventually('all are finished', async () => {
        const all = await firing.all()
        return all.every(({ state }) => state.status === 'delivered') && all
      })
      return names(items.slice(0, items.length - before))
    }
    expect([await fired('/own'), await fired('/plain')]).toEqual([['mine'], []])
    firing.apply(own, plain, elsewhere, on({}))
    expect([await fired('/own'), await fired('/plain'), await fired('/stubs/other/own')]).toEqual([
      ['c', 'mine'],
      ['c'],
      [],
    ])
    firing.apply(own, plain, elsewhere, on({ tags: ['billed'] }), on({ mocks: ['own', 'plain'] }, 'd'))
    expect([await fired('/own'), await fired('/plain')]).toEqual([
      ['d', 'mine'],
      ['c', 'd'],
    ])
    const untagged = mock('plain', { http: { route: '/plain' }, response: { payload: 'ok' } })
    firing.apply(own, untagged, elsewhere, on({ tags: ['billed'] }))
    expect([await fired('/own'), await fired('/plain')]).toEqual([['mine'], []])
    firing.apply(own, untagged, elsewhere)
    expect([await fired('/own'), await fired('/plain')]).toEqual([['mine'], []])
  })

  it('one changed of 10,000 mocks is prepared without looking at the others, with callbacks that select them all', async () => {
    const mocks = Array.from({ length: 10_000 }, (_, at) =>
      mock(`m${at}`, { http: { route: `/m${at}` }, response: { payload: at } }),
    )
    const looks = countLooks(mocks)
    const all = callback('all', { url: 'http://127.0.0.1:9/', selector: {} })
    const some = callback('some', { url: 'http://127.0.0.1:9/', selector: { tags: ['t'] } })
    const { resolver } = await serveFiring(() => [])
    const desired = new Map([...mocks, all, some].map((one) => [one.id, one]))
    resolver.prepare(desired, { create: [...desired.values()], update: [], prune: [], move: [] }, 3)()
    expect(looks()).toBeGreaterThanOrEqual(mocks.length)
    const after = mock('m5000', { http: { route: '/m5000' }, response: { payload: 'edited' } })
    const before = desired.get(after.id)
    if (before === undefined) throw new Error('it is gone')
    const changes = { create: [], update: [{ before, after }], prune: [], move: [] }
    resolver.prepare(new Map(desired).set(after.id, after), changes, 4)()
    expect(looks()).toBeLessThan(10)
  })
})
