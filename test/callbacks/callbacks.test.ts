import { describe, expect, it } from 'vitest'
import { Callbacks, isTriggered } from '../../src/callbacks/callbacks.js'
import { LiteralSecrets } from '../../src/callbacks/literal-secrets.js'
import type { Fired } from '../../src/resolver/callback-port.js'
import type { CallbackProgram } from '../../src/resources/kinds/callback-program.js'
import { openDeliveries } from '../../src/store/deliveries.js'
import type { Delivery } from '../../src/store/delivery.js'
import { memoryStore } from '../../src/store/memory.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { Clock } from '../delivery/clock.js'
import { Folder } from '../e2e/folder.js'
import { request } from '../expression/request.js'
import { scopeOf } from '../expression/scope.js'
import { callback } from './firing-resolver.js'

describe('isTriggered', () => {
  it.each<[status: number | undefined, success: boolean, error: boolean]>([
    [undefined, false, false],
    [199, false, false],
    [200, true, false],
    [299, true, false],
    [300, false, false],
    [399, false, false],
    [400, false, true],
    [599, false, true],
  ])('status %s', (status, success, error) => {
    expect(isTriggered('on_success', status)).toBe(success)
    expect(isTriggered('on_error', status)).toBe(error)
    expect(isTriggered('always', status)).toBe(true)
  })
})

describe('Callbacks', () => {
  /** What is fired, with an engine that keeps what it is told to send. */
  async function fire(specs: readonly Record<string, unknown>[], req: unknown = {}) {
    const clock = new Clock()
    const store = memoryStore()
    const deliveries = openDeliveries(store, { now: clock.now })
    const sent: { id: string; at: number; deadline: number }[] = []
    const folder = new Folder()
    const callbacks = new Callbacks({
      engine: {
        prepare: (records, options) => deliveries.prepare(records, options),
        sendNow: async (id, deadline) => {
          sent.push({ id, at: clock.now(), deadline })
          return undefined
        },
      },
      now: clock.now,
      timer: clock.timer,
      revisionOf: () => undefined,
      secrets: new LiteralSecrets(folder.state),
      maxAgeMs: 72 * 3600_000,
    })
    const programs = specs.map(
      (spec, at) => callback(`c${at}`, { url: 'http://a.example', selector: {}, ...spec }).program as CallbackProgram,
    )
    const about = { namespace: 'shop', mock: 'pay', request: 'r1', chain: undefined, generation: 1 }
    const scope = scopeOf({ req: req as never, statusCode: 200 })
    let fired: Fired | undefined
    const work = store.transact(callbacks.scopes, (tx) => {
      fired = callbacks.fire(tx, { callbacks: programs, scope, subjects: request({}), status: 200, about, headers: {} })
    })
    await work
    fired?.commit()
    const get = (at: number) => deliveries.get(`r1.${at}`)?.delivery as Delivery
    return { clock, fired, sent, get }
  }

  it('sends those that the answer waits for in order, after their delays, with one deadline for all', async () => {
    const { clock, fired, sent } = await fire([
      { async: false, delay: 2 },
      {},
      { async: false },
      { async: false, delay: 100 },
      { async: false },
    ])
    const began = clock.now()
    const ran = fired?.run(new AbortController().signal)
    for (let second = 0; second < 70; second += 1) {
      await clock.pass(1000)
    }
    await ran
    expect(fired?.waits).toBe(true)
    expect(sent.map(({ id, at }) => [id, at - began])).toEqual([
      ['r1.1', 2_000],
      ['r1.3', 2_000],
      ['r1.4', 60_000],
      ['r1.5', 60_000],
    ])
    expect(new Set(sent.map(({ deadline }) => deadline - began))).toEqual(new Set([60_000]))
  })

  it('does not wait for a delay once nobody waits', async () => {
    const { fired, sent } = await fire([{ async: false, delay: 30 }])
    const aborter = new AbortController()
    const ran = fired?.run(aborter.signal)
    aborter.abort()
    await ran
    expect(sent).toHaveLength(1)
  })

  it('keeps 72 hours from when a callback is due, and what its declaration says of retries', async () => {
    const { get } = await fire([
      { delay: 3600, timeout: 2, retryCount: 4, retryDelay: 7200, retryPolicy: 'exponential', breaker: false },
    ])
    const { created, expires, ...rest } = get(1)
    expect(expires - created).toBe(73 * 3600_000)
    expect(rest).toMatchObject({
      kind: 'callback',
      transport: 'http',
      target: 'http://a.example',
      breaker: false,
      delayMs: 3600_000,
      timeoutMs: 2000,
      retry: {
        retries: 4,
        delayMs: 7200_000,
        growth: 'exponential',
        maxDelayMs: 7200_000,
        final: ['guard', 'template'],
      },
    })
  })

  it.each<[body: unknown, text: string, type: string]>([
    ['$.req.text', 'hello', 'text/plain; charset=utf-8'],
    ['$.req.object', '{"a":[1]}', 'application/json'],
    ['$.req.number', '5', 'application/json'],
    ['$.req.nothing', '$.req.nothing', 'text/plain; charset=utf-8'],
    ['say $.req.text', 'say hello', 'text/plain; charset=utf-8'],
    [{ t: '$.req.quoted' }, '{"t":"a \\"b\\""}', 'application/json'],
    ['{"t": "$.req.quoted"}', '{"t":"a \\"b\\""}', 'text/plain; charset=utf-8'],
    [null, 'undefined', 'undefined'],
  ])('renders %j', async (body, text, type) => {
    const req = { text: 'hello', object: { a: [1] }, number: 5, quoted: 'a "b"' }
    const { get } = await fire([{ body }], req)
    const payload = get(1).payload as { body?: string; headers: string[][] }
    expect(String(payload.body)).toBe(text)
    expect(String(new Map(payload.headers.map(([name, value]) => [name, value])).get('Content-Type'))).toBe(type)
  })

  it('a header cannot break out of its line', async () => {
    const { get } = await fire([{ headers: { 'X-A': '$.req.a' } }], { a: 'x\r\nX-B: y' })
    expect((get(1).payload as { headers: unknown }).headers).toEqual([['X-A', 'x X-B: y']])
  })

  it('a body that came out too long is on record, and not sent', async () => {
    const { get } = await fire([{ body: '$.req.a' }], { a: 'x'.repeat(10 * 1024 * 1024 + 1) })
    expect(get(1)).toMatchObject({ transport: 'unprepared', payload: { message: expect.stringMatching(/10 MiB/) } })
  })

  it('a literal secret that cannot be kept refuses the request', async () => {
    const folder = new Folder({ file: '' })
    const secrets = new LiteralSecrets(folder.at('file/secrets'))
    expect(() => secrets.keep('abc')).toThrow(StoreUnavailable)
  })
})
