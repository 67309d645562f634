import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../src/store/store.js'
import { type ControlPort, openControlPort } from './control-port.js'
import { delivery } from './fake-deliveries.js'
import { noon } from './fake-views.js'

let port: ControlPort
let clock: number
const minute = 60_000

beforeEach(async () => {
  clock = Date.parse(noon)
  port = await openControlPort({ now: () => new Date(clock) })
})
afterEach(() => port.api.close())

const path = '/api/v1/deliveries'

function put(...statuses: ReturnType<typeof delivery>['status'][]): void {
  const { deliveries } = port.controller
  for (const status of statuses) deliveries.put(delivery(deliveries.all.length + 1, { status }))
}

async function ids(query: string): Promise<string[]> {
  const { json } = await port.ask(`${path}?${query}`)
  return json.items.map(({ id }: { id: string }) => id)
}

describe('the list', () => {
  it('pages through all of them, the latest first, each once', async () => {
    put(...Array.from({ length: 250 }, () => 'delivered' as const))
    const found: string[] = []
    let query = 'limit=100'
    for (;;) {
      const { json } = await port.ask(`${path}?${query}`)
      found.push(...json.items.map(({ id }: { id: string }) => id))
      if (json.nextCursor === null) break
      query = `limit=100&cursor=${encodeURIComponent(json.nextCursor)}`
    }
    expect(found).toEqual(port.controller.deliveries.all.map(({ id }) => id))
  })

  it('shows summaries, which have neither what is sent nor the attempts', async () => {
    put('dead_letter')
    const { json } = await port.ask(path)
    const { sent, attempts, sync, delayMs, timeoutMs, retry, attemptsUsed, ...summary } = delivery(1, {
      status: 'dead_letter',
    })
    expect(json).toEqual({ items: [summary], nextCursor: null })
    expect((await port.ask(`${path}/d0001`)).json).toEqual(delivery(1, { status: 'dead_letter' }))
  })

  it.each([
    { query: 'transport=kafka', want: ['d0003', 'd0002'] },
    { query: 'transport=http', want: ['d0001'] },
    { query: 'transport=rabbitmq', want: [] },
    { query: 'transport=kafka&status=dead_letter', want: ['d0003'] },
    { query: 'kind=change&transport=kafka', want: ['d0002'] },
  ])('finds what is sent a certain way: ?$query', async ({ query, want }) => {
    const { deliveries } = port.controller
    deliveries.put(delivery(1))
    deliveries.put(delivery(2, { transport: 'kafka', kind: 'change' }))
    deliveries.put(delivery(3, { transport: 'kafka', status: 'dead_letter' }))
    expect(await ids(query)).toEqual(want)
  })

  it('leaves out what a careless view hands over besides', async () => {
    port.controller.deliveries.put({ ...delivery(1), ...{ payload: { password: 'never-shown' } } })
    for (const at of [path, `${path}/d0001`]) expect((await port.ask(at)).text).not.toContain('never-shown')
  })

  it.each([
    'status=dead',
    'status=',
    'status=pending,,held',
    'since=tomorrow',
    'mock=',
    'wait=10',
    'wait=2m',
    'limit=0',
    'state=pending',
    'cursor=x',
  ])('?%s is refused, with what would do', async (query) => {
    const { status, json } = await port.ask(`${path}?${query}`)
    expect([status, json.type]).toEqual([400, 'urn:callboard:problem:bad-request'])
    expect(json.detail.startsWith(`${query.split('=')[0]}: `)).toBe(true)
  })

  it('a time that is given as a duration counts back from now', async () => {
    put('delivered')
    clock += 3 * minute
    expect(await ids('since=4m')).toEqual(['d0001'])
    expect(await ids('since=2m')).toEqual([])
    expect(await ids('until=2m')).toEqual(['d0001'])
  })
})

describe('?wait', () => {
  it('answers at once when something matches already', async () => {
    put('delivered')
    expect(await ids('status=delivered&wait=30s')).toEqual(['d0001'])
    expect(port.controller.deliveries.happening.listeners.size).toBe(0)
  })

  it('answers when one comes to match, and not for one that does not', async () => {
    put('pending')
    const { deliveries } = port.controller
    deliveries.happening.onWatch = () => {
      deliveries.happening.onWatch = () => {}
      setImmediate(() => {
        deliveries.put(delivery(2, { request: 'other' }))
        deliveries.put(delivery(1))
      })
    }
    expect(await ids('status=delivered&request=r0001&wait=30s')).toEqual(['d0001'])
    expect(deliveries.happening.listeners.size).toBe(0)
  })

  it('goes on waiting when what came is gone again before it is looked at', async () => {
    const { deliveries } = port.controller
    let watched = 0
    deliveries.happening.onWatch = () => {
      watched += 1
      const round = watched
      setImmediate(() => {
        if (round === 1) deliveries.happening.tell(delivery(1))
        else deliveries.put(delivery(2))
      })
    }
    expect(await ids('wait=30s')).toEqual(['d0002'])
    expect(watched).toBe(3)
  })

  it('answers with nothing when the time is over, or the server closes', async () => {
    expect(await ids('wait=5ms')).toEqual([])
    const { happening } = port.controller.deliveries
    happening.onWatch = () => setImmediate(() => void port.api.close())
    expect(await ids('wait=60s')).toEqual([])
    expect(happening.listeners.size).toBe(0)
    port = await openControlPort()
  })

  it('lets go when the client has gone', async () => {
    const { happening } = port.controller.deliveries
    const gone = new AbortController()
    happening.onWatch = () => gone.abort()
    await expect(port.ask(`${path}?wait=60s`, { signal: gone.signal })).rejects.toThrow()
    await expect.poll(() => happening.listeners.size).toBe(0)
  })
})

describe('operations on one', () => {
  it('answer with the delivery as it is afterwards', async () => {
    put('dead_letter')
    const { status, json } = await port.operate(`${path}/d0001/requeue`)
    expect([status, json]).toEqual([200, delivery(1, { status: 'pending' })])
  })

  it.each([
    { operation: 'requeue', status: 'delivered', detail: '"d0001" is delivered; only a dead letter can be sent again' },
    { operation: 'requeue', status: 'pending', detail: '"d0001" is pending; only a dead letter can be sent again' },
    {
      operation: 'cancel',
      status: 'dead_letter',
      detail: '"d0001" is dead_letter; only what still waits can be called off',
    },
    { operation: 'fire', status: 'cancelled', detail: '"d0001" is cancelled; only what still waits can be fired' },
  ] as const)('$operation is refused for one that is $status', async ({ operation, status, detail }) => {
    put(status)
    const answer = await port.operate(`${path}/d0001/${operation}`)
    expect([answer.status, answer.json.type, answer.json.detail]).toEqual([
      409,
      'urn:callboard:problem:refused',
      detail,
    ])
  })

  it('are refused while an attempt is under way, and for what is not there', async () => {
    put('pending')
    port.controller.deliveries.busy.add('d0001')
    expect((await port.operate(`${path}/d0001/cancel`)).json.type).toBe('urn:callboard:problem:busy')
    expect((await port.operate(`${path}/d0002/cancel`)).status).toBe(404)
  })

  it('answer 503 with Retry-After when they cannot be recorded', async () => {
    put('dead_letter')
    port.controller.deliveries.fail = new StoreUnavailable('disk full')
    const { status, headers } = await port.operate(`${path}/d0001/requeue`)
    expect([status, headers['retry-after']]).toEqual([503, '5'])
  })

  it('take a GET for a question that makes no sense', async () => {
    const { status, headers } = await port.ask(`${path}/d0001/requeue`)
    expect([status, headers.allow]).toEqual([405, 'POST'])
  })
})

describe('operations by filter', () => {
  it('do to what was shown, and to nothing that has come since', async () => {
    put('dead_letter', 'delivered', 'dead_letter', 'pending')
    const dry = await port.operate(`${path}/requeue?target=https://shop.example.com&dryRun=true`)
    expect(dry.json).toEqual({
      operation: 'requeue',
      dryRun: true,
      matched: 2,
      changed: 0,
      ids: ['d0001', 'd0003'],
      complete: true,
      confirm: expect.stringMatching(/^[\w-]{16}$/),
      confirmUntil: '2026-01-31T12:10:00.000Z',
    })
    expect(port.controller.deliveries.asked).toEqual([])
    put('dead_letter')
    const real = await port.operate(`${path}/requeue?confirm=${dry.json.confirm}`)
    expect(real.json).toMatchObject({ dryRun: false, matched: 2, changed: 2, ids: ['d0001', 'd0003'], confirm: null })
    expect(port.controller.deliveries.asked).toEqual([
      ['requeue', 'd0001'],
      ['requeue', 'd0003'],
    ])
    expect(await ids('status=dead_letter')).toEqual(['d0005'])
  })

  it('count what had changed meanwhile as not changed', async () => {
    put('pending', 'pending')
    const { json } = await port.operate(`${path}/cancel?dryRun=true`)
    port.controller.deliveries.put(delivery(1))
    const real = await port.operate(`${path}/cancel?confirm=${json.confirm}`)
    expect(real.json).toMatchObject({ matched: 2, changed: 1 })
  })

  it('show the first of many and do all', async () => {
    put(...Array.from({ length: 250 }, () => 'pending' as const))
    const { json } = await port.operate(`${path}/fire?dryRun=true`)
    expect([json.matched, json.ids.length, json.ids[0]]).toEqual([250, 100, 'd0001'])
    expect((await port.operate(`${path}/fire?confirm=${json.confirm}`)).json.changed).toBe(250)
  })

  it('give nothing to confirm when nothing is meant', async () => {
    const { json } = await port.operate(`${path}/requeue?dryRun=true`)
    expect(json).toMatchObject({ matched: 0, confirm: null, confirmUntil: null })
  })

  it('are confirmed once, for one operation, and not for ever', async () => {
    put('pending', 'pending')
    const dry = async () => (await port.operate(`${path}/fire?dryRun=true`)).json.confirm
    const confirm = await dry()
    const other = await port.operate(`${path}/cancel?confirm=${confirm}`)
    expect([other.status, other.json.detail]).toEqual([
      409,
      `confirm: "${confirm}" was answered for fire; ask with dryRun=true again`,
    ])
    expect((await port.operate(`${path}/fire?confirm=${confirm}`)).status).toBe(200)
    expect((await port.operate(`${path}/fire?confirm=${confirm}`)).status).toBe(409)
    const late = await dry()
    clock += 10 * minute
    expect((await port.operate(`${path}/fire?confirm=${late}`)).status).toBe(409)
  })

  it('forget the oldest of many dry runs', async () => {
    put('pending')
    const confirms: string[] = []
    for (let run = 0; run < 9; run += 1) confirms.push((await port.operate(`${path}/fire?dryRun=true`)).json.confirm)
    expect((await port.operate(`${path}/fire?confirm=${confirms[0]}`)).status).toBe(409)
    expect((await port.operate(`${path}/fire?confirm=${confirms[8]}`)).status).toBe(200)
  })

  it.each([
    { query: '', says: 'first ask with dryRun=true' },
    { query: 'dryRun=false&status=pending', says: 'first ask with dryRun=true' },
    { query: 'confirm=x&status=pending', says: 'stands alone' },
    { query: 'confirm=x&dryRun=true', says: 'has no meaning beside dryRun' },
    { query: 'dryRun=yes', says: 'neither true nor false' },
  ])('?$query is refused and does nothing', async ({ query, says }) => {
    put('pending')
    const { status, json } = await port.operate(`${path}/fire?${query}`)
    expect(status).toBe(400)
    expect(json.detail).toContain(says)
    expect(port.controller.deliveries.asked).toEqual([])
  })
})
