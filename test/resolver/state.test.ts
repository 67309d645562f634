import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { countLooks } from './count-looks.js'
import { changesBetween, mock, namespace, serve, setOf } from './running-resolver.js'

const counter = mock('counter', {
  http: { route: '/count', httpMethod: 'POST' },
  extract: { gStore: { count: '$.increment($.gS.count || 0)' } },
  response: { payload: { count: '$.gS.count' } },
})

const peek = mock('peek', {
  http: { route: '/count', httpMethod: 'GET' },
  response: { payload: { count: '$.gS.count || 0' } },
})

const session = mock('session', {
  http: { route: '/session', httpMethod: 'POST' },
  chainId: '$.reqHeader.X-Session[0]',
  extract: { cStore: { last: '$.req.value', count: '$.increment($.cS.count || 0)' } },
  response: { payload: { last: '$.cS.last', count: '$.cS.count' } },
})

const limited = mock('limited', {
  http: { route: '/limited' },
  useLimiter: 2,
  response: { payload: 'first' },
  priority: 1,
})
const afterwards = mock('afterwards', { http: { route: '/limited' }, response: { payload: 'then' } })

const inTurn = mock('in-turn', {
  http: { route: '/turn' },
  oneOf: { order: 'order', responses: [{ payload: 'a' }, { payload: 'b' }, { payload: 'c' }] },
})

async function text(url: string, init?: RequestInit): Promise<string> {
  return (await fetch(url, init)).text()
}

async function post(
  url: string,
  value: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ value }),
  }
  return (await fetch(url, init)).json() as Promise<Record<string, unknown>>
}

/** A store whose journal can be made to fail. */
function breakable(): Store & { broken: boolean } {
  const store = memoryStore()
  const wrapped = {
    broken: false,
    transact: (scopes: readonly string[], work: Parameters<Store['transact']>[1]) => {
      if (wrapped.broken) return Promise.reject(new StoreUnavailable('no space left on device'))
      return store.transact(scopes, work)
    },
    get: (key: string) => store.get(key),
    list: (prefix: string, page?: Parameters<Store['list']>[1]) => store.list(prefix, page),
    epoch: store.epoch,
    get failing() {
      return wrapped.broken
    },
    contents: store.contents,
    cache: store.cache,
    close: () => store.close(),
  }
  return wrapped as Store & { broken: boolean }
}

describe('stores', () => {
  it('an answer sees what its own request extracted', async () => {
    const { url } = await serve([counter, peek])
    expect(await (await fetch(`${url}/count`)).json()).toEqual({ count: 0 })
    expect(await post(`${url}/count`, null)).toEqual({ count: 1 })
    expect(await post(`${url}/count`, null)).toEqual({ count: 2 })
    expect(await (await fetch(`${url}/count`)).json()).toEqual({ count: 2 })
  })

  it('increments of concurrent requests are exact', async () => {
    const { url } = await serve([counter])
    const counts = await Promise.all(Array.from({ length: 200 }, () => post(`${url}/count`, null)))
    expect(counts.map(({ count }) => Number(count)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  it('a hundred sessions in parallel never meet', async () => {
    const { url, resolver } = await serve([session])
    const ids = Array.from({ length: 100 }, (_, index) => `run/${index}`)
    const answers = await Promise.all(
      ids.flatMap((id) =>
        [1, 2, 3].map(() => post(`${url}/session`, id, { 'X-Session': id }).then((answer) => ({ id, answer }))),
      ),
    )
    for (const { id, answer } of answers) expect(answer['last']).toBe(id)
    for (const id of ids) {
      expect(resolver.stores.chain('sandbox', id)?.entries).toEqual({ last: id, count: 3 })
    }
    expect(resolver.stores.chains('sandbox').sort()).toEqual([...ids].sort())
  })

  it('a chain id that is not found is a chain of its own for that request', async () => {
    const { url, resolver } = await serve([session])
    expect(await post(`${url}/session`, 'x')).toEqual({ last: 'x', count: 1 })
    expect(await post(`${url}/session`, 'y')).toEqual({ last: 'y', count: 1 })
    expect(resolver.stores.chains('sandbox')).toEqual([])
  })

  it('namespaces do not share a chain or a global store', async () => {
    const there = mock('there', { ...(session.spec as object) }, { namespace: 'shop' })
    const { url } = await serve([session, there])
    await post(`${url}/session`, 1, { 'X-Session': 's' })
    expect(await post(`${url}/stubs/shop/session`, 2, { 'X-Session': 's' })).toEqual({ last: 2, count: 1 })
  })

  it('an idle chain is over', async () => {
    const { url, clock, resolver } = await serve([session], { options: { stores: { chainIdleSeconds: 60 } } })
    const ask = () => post(`${url}/session`, 1, { 'X-Session': 's' })
    await ask()
    clock.now += 50_000
    expect(await ask()).toMatchObject({ count: 2 })
    clock.now += 61_000
    expect(resolver.stores.chain('sandbox', 's')).toBeUndefined()
    expect(await ask()).toMatchObject({ count: 1 })
    expect(resolver.metrics.expiries).toBe(1)
  })

  it('an idle chain is over after a restart as well', async () => {
    const store = memoryStore()
    const first = await serve([session], { store, options: { stores: { chainIdleSeconds: 60 } } })
    await post(`${first.url}/session`, 1, { 'X-Session': 's' })
    await first.resolver.close(0)
    const clock = { now: first.clock.now + 61_000 }
    const second = await serve([session], { store, clock, options: { stores: { chainIdleSeconds: 60 } } })
    expect(await post(`${second.url}/session`, 1, { 'X-Session': 's' })).toMatchObject({ count: 1 })
  })

  it('a store keeps the entries written last, and counts those it dropped', async () => {
    const keep = mock('keep', {
      http: { route: '/keep', httpMethod: 'POST' },
      extract: { gStore: { a: 1, b: 2, c: 3, d: '$.req.value' } },
      response: { payload: { kept: true } },
    })
    const { url, resolver } = await serve([keep], { options: { stores: { entriesPerStore: 2, bytesPerStore: 1_000 } } })
    await post(`${url}/keep`, 4)
    expect(resolver.stores.global('sandbox')?.entries).toEqual({ c: 3, d: 4 })
    expect(resolver.metrics.evictions).toBe(2)
    await post(`${url}/keep`, 'x'.repeat(2_000))
    expect(resolver.stores.global('sandbox')?.entries).not.toHaveProperty('d')
  })

  it('chains beyond the number allowed make room for new ones', async () => {
    const { url, resolver } = await serve([session], { options: { stores: { chains: 3 } } })
    for (const id of ['a', 'b', 'c', 'd', 'e']) await post(`${url}/session`, id, { 'X-Session': id })
    await expect.poll(() => resolver.stores.chains('sandbox')).toEqual(['c', 'd', 'e'])
    expect(resolver.stores.chain('sandbox', 'a')).toBeUndefined()
  })

  it('keys that could reach a prototype are never stored', async () => {
    const { url, store } = await serve([session])
    const body = '{"value": {"__proto__": {"polluted": 1}, "ok": 1}}'
    const headers = { 'Content-Type': 'application/json', 'X-Session': '__proto__' }
    expect(await (await fetch(`${url}/session`, { method: 'POST', headers, body })).json()).toMatchObject({
      last: { ok: 1 },
    })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(JSON.stringify(store.list('cS/'))).not.toContain('polluted')
  })
})

describe('counters', () => {
  it('useLimiter lets the next mock answer once it is used up', async () => {
    const { url, resolver } = await serve([limited, afterwards])
    const answers = []
    for (let count = 0; count < 4; count += 1) answers.push(await text(`${url}/limited`))
    expect(answers).toEqual(['first', 'first', 'then', 'then'])
    expect(resolver.mocks().find(({ name }) => name === 'limited')).toMatchObject({ hits: 2, usesLeft: 0 })
  })

  it('useLimiter is exact for concurrent requests', async () => {
    const { url } = await serve([limited, afterwards])
    const answers = await Promise.all(Array.from({ length: 50 }, () => text(`${url}/limited`)))
    expect(answers.filter((answer) => answer === 'first')).toHaveLength(2)
  })

  it('useLimiter survives a restart and an edit of something else, and starts again when it is changed', async () => {
    const store = memoryStore()
    const first = await serve([limited, afterwards], { store })
    await text(`${first.url}/limited`)
    await text(`${first.url}/limited`)
    await first.resolver.close(0)
    const second = await serve([limited, afterwards], { store })
    expect(await text(`${second.url}/limited`)).toBe('then')
    const edited = mock('limited', { ...(limited.spec as object), response: { payload: 'edited' } })
    second.apply(edited, afterwards)
    expect(await text(`${second.url}/limited`)).toBe('then')
    second.apply(mock('limited', { ...(limited.spec as object), useLimiter: 1 }), afterwards)
    expect([await text(`${second.url}/limited`), await text(`${second.url}/limited`)]).toEqual(['first', 'then'])
  })

  it('a mock that was pruned begins anew when it returns', async () => {
    const { url, apply } = await serve([limited, afterwards])
    await text(`${url}/limited`)
    await text(`${url}/limited`)
    apply(afterwards)
    expect(await text(`${url}/limited`)).toBe('then')
    apply(limited, afterwards)
    expect(await text(`${url}/limited`)).toBe('first')
  })

  it('a mock pruned while nothing ran begins anew as well', async () => {
    const store = memoryStore()
    const first = await serve([limited, afterwards], { store })
    await text(`${first.url}/limited`)
    await first.resolver.close(0)
    const second = await serve([afterwards], { store })
    await expect.poll(() => store.list('mock/')).toEqual([])
    await second.resolver.close(0)
    const third = await serve([limited, afterwards], { store })
    expect(third.resolver.mocks().find(({ name }) => name === 'limited')).toMatchObject({ hits: 0, usesLeft: 2 })
  })

  it('a declared move takes counts along, another does not', async () => {
    const { url, resolver } = await serve([limited, afterwards])
    await text(`${url}/limited`)
    const moved = mock('moved', limited.spec as object as Record<string, unknown>)
    const none = { create: [], update: [], prune: [] }
    resolver.prepare(setOf([moved, afterwards]), { ...none, move: [{ from: limited, to: moved, declared: true }] }, 2)()
    expect(resolver.mocks().find(({ name }) => name === 'moved')).toMatchObject({ hits: 1 })
    await expect.poll(() => resolver.mocks().find(({ name }) => name === 'moved')?.usesLeft).toBe(1)
    expect([await text(`${url}/limited`), await text(`${url}/limited`)]).toEqual(['first', 'then'])
    const again = mock('again', limited.spec as object as Record<string, unknown>)
    resolver.prepare(setOf([again, afterwards]), { ...none, move: [{ from: moved, to: again, declared: false }] }, 3)()
    expect(await text(`${url}/limited`)).toBe('first')
  })

  it('oneOf goes round in order, over a restart, and begins again when it is changed', async () => {
    const store = memoryStore()
    const first = await serve([inTurn], { store })
    expect([await text(`${first.url}/turn`), await text(`${first.url}/turn`)]).toEqual(['a', 'b'])
    await first.resolver.close(0)
    const second = await serve([inTurn], { store })
    expect([await text(`${second.url}/turn`), await text(`${second.url}/turn`)]).toEqual(['c', 'a'])
    const changed = { order: 'order', responses: [{ payload: 'x' }, { payload: 'y' }] }
    second.apply(mock('in-turn', { http: { route: '/turn' }, oneOf: changed }))
    expect(await text(`${second.url}/turn`)).toBe('x')
  })

  it('HEAD, OPTIONS and explain count nothing', async () => {
    const { url, resolver, store } = await serve([limited, inTurn, afterwards, counter])
    for (const path of ['/limited', '/turn']) {
      expect((await fetch(url + path, { method: 'HEAD' })).status).toBe(200)
      await fetch(url + path, { method: 'OPTIONS' })
      expect((await resolver.explain({ method: 'GET', path, headers: [] })).mock).not.toBeNull()
    }
    expect(resolver.mocks().map(({ hits }) => hits)).toEqual([0, 0, 0, 0])
    expect(store.list('mock/')).toEqual([])
    expect(await text(`${url}/turn`)).toBe('a')
  })

  it('oneOf by chance keeps to its weights', async () => {
    const spec = {
      http: { route: '/draw' },
      oneOf: {
        order: 'random',
        weights: [0, 1, 3],
        responses: [{ payload: 'never' }, { payload: 'b' }, { payload: 'c' }],
      },
    }
    const { url } = await serve([mock('draw', spec)])
    const drawn = await Promise.all(Array.from({ length: 200 }, () => text(`${url}/draw`)))
    expect(drawn).not.toContain('never')
    const share = drawn.filter((one) => one === 'c').length / 200
    expect(share).toBeGreaterThan(0.6)
    expect(share).toBeLessThan(0.9)
  })

  it('ttl runs from the first apply, over edits and restarts', async () => {
    const store = memoryStore()
    const brief = (payload: string) => mock('brief', { http: { route: '/brief' }, ttl: 100, response: { payload } })
    const first = await serve([brief('one')], { store })
    first.clock.now += 60_000
    first.apply(brief('two'))
    expect(await text(`${first.url}/brief`)).toBe('two')
    await first.resolver.close(0)
    const second = await serve([brief('two')], { store, clock: { now: first.clock.now } })
    expect(await text(`${second.url}/brief`)).toBe('two')
    second.clock.now += 41_000
    const gone = await fetch(`${second.url}/brief`)
    expect(gone.status).toBe(404)
    expect(await gone.text()).toContain('ttl')
    second.apply(mock('brief', { http: { route: '/brief' }, ttl: 200, response: { payload: 'three' } }))
    expect(await text(`${second.url}/brief`)).toBe('three')
  })

  it('hits survive a restart', async () => {
    const store = memoryStore()
    const first = await serve([peek], { store })
    for (let count = 0; count < 3; count += 1) await text(`${first.url}/count`)
    await first.resolver.close(0)
    const second = await serve([peek], { store })
    await text(`${second.url}/count`)
    expect(second.resolver.mocks()[0]).toMatchObject({ hits: 4, lastUse: new Date(second.clock.now).toISOString() })
  })
})

describe('while the store fails', () => {
  it('mocks that must write something answer 503, all others go on', async () => {
    const store = breakable()
    const { url, resolver } = await serve([counter, peek, limited, inTurn, session], { store })
    await post(`${url}/count`, null)
    store.broken = true
    for (const path of ['/limited', '/turn', '/count', '/session']) {
      const answer = await fetch(url + path, { method: 'POST' })
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).not.toBeNull()
      expect(await answer.json()).toMatchObject({ title: 'Store unavailable' })
    }
    expect(await (await fetch(`${url}/count`)).json()).toEqual({ count: 1 })
    store.broken = false
    expect(await post(`${url}/count`, null)).toEqual({ count: 2 })
    expect(await text(`${url}/limited`)).toBe('first')
    expect(resolver.mocks().find(({ name }) => name === 'limited')).toMatchObject({ usesLeft: 1 })
  })

  it('what was counted meanwhile is written once it works again', async () => {
    const store = breakable()
    const { url, resolver } = await serve([peek], { store })
    store.broken = true
    await text(`${url}/count`)
    await resolver.close(0)
    expect(store.list('hits/')).toEqual([])
    store.broken = false
    await resolver.close(0)
    expect(store.list('hits/')).toEqual([['hits/sandbox/peek', { count: 1, last: expect.any(Number) }]])
  })
})

describe('reset', () => {
  it('clears stores, counters and recorded requests, of one namespace when asked', async () => {
    const there = mock('there', { ...(counter.spec as object) }, { namespace: 'shop' })
    const { url, resolver } = await serve([counter, limited, afterwards, session, inTurn, there, namespace('shop', {})])
    await post(`${url}/count`, null)
    await post(`${url}/stubs/shop/count`, null)
    await post(`${url}/session`, 1, { 'X-Session': 's' })
    await text(`${url}/limited`)
    await text(`${url}/limited`)
    await text(`${url}/turn`)
    expect(await resolver.reset({ namespace: 'sandbox' })).toEqual({ requests: 5, chains: 1, globals: 1, counters: 4 })
    expect(resolver.requests.size).toBe(1)
    expect([await text(`${url}/limited`), await text(`${url}/turn`)]).toEqual(['first', 'a'])
    expect(await post(`${url}/count`, null)).toEqual({ count: 1 })
    expect(await post(`${url}/stubs/shop/count`, null)).toEqual({ count: 2 })
    await resolver.reset()
    expect(resolver.requests.size).toBe(0)
    expect(resolver.mocks().map(({ hits }) => hits)).toEqual([0, 0, 0, 0, 0, 0])
    expect(await post(`${url}/stubs/shop/count`, null)).toEqual({ count: 1 })
  })

  it('clears one chain and its requests', async () => {
    const { url, resolver } = await serve([session])
    for (const id of ['s', 's', 't']) await post(`${url}/session`, 1, { 'X-Session': id })
    expect(await resolver.reset({ chain: 's' })).toEqual({ requests: 2, chains: 1, globals: 0, counters: 0 })
    expect(await post(`${url}/session`, 1, { 'X-Session': 's' })).toMatchObject({ count: 1 })
    expect(await post(`${url}/session`, 1, { 'X-Session': 't' })).toMatchObject({ count: 2 })
  })
})

describe('a new revision', () => {
  it('one changed of 10,000 mocks is prepared without looking at the others', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      mock(`m${index}`, {
        http: { route: `/route/${index}/detail`, httpMethod: 'GET' },
        response: { payload: { index } },
      }),
    )
    const looks = countLooks(many)
    const { resolver, url } = await serve(many)
    expect(looks()).toBeGreaterThanOrEqual(many.length)
    const current = setOf(many)
    const edited = mock('m5000', { http: { route: '/route/5000/detail' }, response: { payload: { edited: true } } })
    const next = new Map(current).set(edited.id, edited)
    resolver.prepare(next, changesBetween(current, next), 2)()
    expect(looks()).toBeLessThan(10)
    expect(await text(`${url}/route/5000/detail`)).toBe('{"edited":true}')
    expect(await text(`${url}/route/4999/detail`)).toBe('{"index":4999}')
  })

  it('what was prepared and not swapped in changes nothing', async () => {
    const { url, resolver } = await serve([limited, afterwards])
    const other = mock('limited', { http: { route: '/limited' }, response: { payload: 'other' }, priority: 5 })
    resolver.prepare(
      setOf([other]),
      { create: [], update: [{ before: limited, after: other }], prune: [afterwards], move: [] },
      2,
    )
    expect(await text(`${url}/limited`)).toBe('first')
    expect(resolver.mocks()).toHaveLength(2)
  })
})
