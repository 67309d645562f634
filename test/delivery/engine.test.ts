import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/store/delivery.js'
import { settled } from './clock.js'
import { delivery, failed, ok, World } from './world.js'

const a = 'https://a.example'
const retry = {
  retries: 3,
  delayMs: 1000,
  growth: 'fixed' as const,
  maxDelayMs: 60_000,
  final: ['guard', 'template'] as const,
}
const times = (world: World, id: string) => {
  const sent = world.of(id)
  return sent.map(({ at }) => at - (sent[0]?.at ?? 0))
}

describe('retries', () => {
  it('a delivery is tried once and retryCount times more, after exactly retryDelay', async () => {
    const world = await World.start({ breaker: { failures: 100 } })
    world.behaviours.set(a, () => failed())
    const record = delivery({ retry })
    await world.accept(record)
    await world.clock.pass(60_000)
    expect(times(world, record.id)).toEqual([0, 1000, 2000, 3000])
    expect(world.state(record.id)).toMatchObject({ status: 'dead_letter', reason: 'attempts', used: 4, made: 4 })
  })

  it('an exponential delay doubles up to its cap', async () => {
    const world = await World.start({ breaker: { failures: 100 } })
    world.behaviours.set(a, () => failed())
    const record = delivery({ retry: { ...retry, retries: 4, growth: 'exponential', maxDelayMs: 3000 } })
    await world.accept(record)
    await world.clock.pass(60_000)
    expect(times(world, record.id)).toEqual([0, 1000, 3000, 6000, 9000])
  })

  it('a delay with jitter is a random part of the one that doubles', async () => {
    const parts = [0.5, 0.25, 1, 0.1]
    const world = await World.start({ breaker: { failures: 100 }, random: () => parts.shift() ?? 0 })
    world.behaviours.set(a, () => failed())
    const record = delivery({ retry: { ...retry, retries: 4, growth: 'jitter', maxDelayMs: 3000 } })
    await world.accept(record)
    await world.clock.pass(60_000)
    expect(times(world, record.id)).toEqual([0, 500, 1000, 4000, 4300])
  })

  for (const kind of ['guard', 'template'] as const) {
    it(`${kind} is not retried`, async () => {
      const world = await World.start()
      world.behaviours.set(a, () => failed({ class: kind }))
      const record = delivery({ retry })
      await world.accept(record)
      await world.clock.pass(60_000)
      expect(world.state(record.id)).toMatchObject({ status: 'dead_letter', reason: kind, made: 1 })
    })
  }

  it('an attempt that outlives its time is a timeout', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const record = delivery({ timeoutMs: 2000 })
    await world.accept(record)
    await world.clock.pass(2500)
    const [attempt] = world.state(record.id).attempts
    expect(attempt).toMatchObject({ class: 'timeout', durationMs: 2000, message: 'no answer within 2 s' })
  })

  it('what a transport throws is a failed attempt, and is told', async () => {
    const told: unknown[] = []
    const world = await World.start({ observer: { panicked: (_, attempt, error) => told.push([attempt, error]) } })
    const mistake = new TypeError('oops')
    world.behaviours.set(a, () => {
      throw mistake
    })
    const record = delivery()
    await world.accept(record)
    await settled()
    expect(world.state(record.id)).toMatchObject({
      status: 'dead_letter',
      attempts: [{ message: 'internal error: oops' }],
    })
    expect(told).toEqual([[1, mistake]])
  })

  it('one that is too old is not tried any more', async () => {
    const world = await World.start()
    const record = delivery({ delayMs: 1000, expires: world.clock.now() + 500 })
    await world.accept(record)
    await world.clock.pass(2000)
    expect(world.state(record.id)).toMatchObject({ status: 'dead_letter', reason: 'expired', made: 0 })
  })
})

describe('targets that ask to wait', () => {
  it('a 429 uses up no attempt, and holds all of its target', async () => {
    const world = await World.start()
    let isBusy = true
    world.behaviours.set(a, () => (isBusy ? failed({ class: 'rate_limited', retryAfterMs: 20_000 }) : ok))
    const [first, second] = [delivery(), delivery()]
    await world.accept(first)
    await world.accept(second)
    isBusy = false
    expect(world.engine.operations.get(second.id)?.held).toEqual({
      reason: 'retry_after',
      until: world.clock.now() + 20_000,
    })
    await world.clock.pass(19_999)
    expect(world.sent).toHaveLength(1)
    await world.clock.pass(2)
    expect(world.state(first.id)).toMatchObject({ status: 'delivered', used: 1, made: 2 })
    expect(world.state(second.id)).toMatchObject({ status: 'delivered', made: 1 })
  })

  it('a shorter Retry-After than retryDelay changes nothing, a longer one postpones, and counts at most an hour', async () => {
    for (const [retryAfterMs, want] of [
      [10, 1000],
      [5000, 5000],
      [86_400_000, 3600_000],
    ] as const) {
      const world = await World.start()
      world.behaviours.set(a, (_, attempt) => (attempt === 1 ? failed({ retryAfterMs }) : ok))
      const record = delivery({ retry })
      await world.accept(record)
      await world.clock.pass(4_000_000)
      expect(times(world, record.id)).toEqual([0, want])
    }
  })

  it('a hold is kept over a restart', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => failed({ class: 'rate_limited', retryAfterMs: 20_000 }))
    await world.accept(delivery())
    await world.deliveries.drain()
    await world.kill()
    const other = delivery()
    world.behaviours.set(a, () => ok)
    await world.accept(other)
    await world.clock.pass(19_000)
    expect(world.of(other.id)).toEqual([])
    await world.clock.pass(2000)
    expect(world.state(other.id).status).toBe('delivered')
  })

  it('a target that took what it got and asks to wait is left alone as well', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => ({ ...ok, retryAfterMs: 5000 }))
    const [first, second] = [delivery(), delivery()]
    await world.accept(first)
    await world.accept(second)
    expect(world.state(first.id)).toMatchObject({ status: 'delivered' })
    await world.clock.pass(4999)
    expect(world.of(second.id)).toEqual([])
    await world.clock.pass(2)
    expect(world.state(second.id)).toMatchObject({ status: 'delivered', made: 1 })
  })

  it('a pause of one recipient leaves the others of the target alone', async () => {
    const world = await World.start()
    world.behaviours.set(a, ({ id }, attempt) =>
      id === first.id && attempt === 1 ? failed({ class: 'rate_limited', retryAfterMs: 5000, isNarrow: true }) : ok,
    )
    const [first, same, other] = [
      delivery({ pause: 'chat-1' }),
      delivery({ pause: 'chat-1' }),
      delivery({ pause: 'chat-2' }),
    ]
    await world.accept(first)
    await world.accept(same, other)
    await world.clock.pass(1)
    expect(world.state(other.id).status).toBe('delivered')
    expect(world.of(same.id)).toEqual([])
    await world.clock.pass(5001)
    expect([first, same].map(({ id }) => world.state(id).status)).toEqual(['delivered', 'delivered'])
  })

  it('a rate is kept to', async () => {
    const world = await World.start()
    world.admit = () => ({ go: true, rate: { count: 2, perMs: 1000 } })
    await world.accept(...Array.from({ length: 6 }, () => delivery()))
    await world.clock.pass(10_000)
    const first = world.sent[0]?.at ?? 0
    expect(world.sent.map(({ at }) => at - first)).toEqual([0, 0, 1000, 1000, 2000, 2000])
  })
})

describe('the breaker', () => {
  const breaker = { failures: 3, openMs: 10_000, maxOpenMs: 30_000 }

  it('opens after failures in a row, lets one probe through, and waits longer after each that fails', async () => {
    const world = await World.start({ breaker })
    world.behaviours.set(a, () => failed({ class: 'network' }))
    await world.accept(...Array.from({ length: 20 }, () => delivery()))
    await world.clock.pass(1)
    expect(world.sent).toHaveLength(3)
    expect(world.engine.targets[0]).toMatchObject({ breaker: 'open', standing: 'failing' })
    await world.clock.pass(10_000)
    expect(world.sent).toHaveLength(4)
    await world.clock.pass(19_990)
    expect(world.sent).toHaveLength(4)
    world.behaviours.set(a, () => ok)
    await world.clock.pass(30)
    expect(world.sent).toHaveLength(20)
    expect(world.engine.targets[0]).toMatchObject({ breaker: 'closed', standing: 'proven' })
  })

  it('counts only network and timeout', async () => {
    const world = await World.start({ breaker })
    world.behaviours.set(a, () => failed({ class: 'server' }))
    await world.accept(...Array.from({ length: 20 }, () => delivery()))
    await world.clock.pass(1)
    expect(world.sent).toHaveLength(20)
  })

  it('neither counts nor holds those it is switched off for', async () => {
    const world = await World.start({ breaker })
    world.behaviours.set(a, () => failed({ class: 'network' }))
    await world.accept(...Array.from({ length: 10 }, () => delivery({ breaker: false })))
    await world.clock.pass(1)
    expect(world.sent).toHaveLength(10)
    expect(world.engine.targets[0]).toMatchObject({ breaker: 'closed' })
  })
})

describe('fair shares', () => {
  const hang = () => 'hang' as const

  it('one target has at most half the pool', async () => {
    const world = await World.start({ poolSize: 10 })
    world.behaviours.set(a, () => ({ after: 1000, outcome: ok }))
    await world.accept(...Array.from({ length: 50 }, () => delivery()))
    await world.clock.pass(1500)
    expect(world.engine.counts.inFlight).toBe(5)
  })

  it('targets that fail share a quarter of the pool', async () => {
    const world = await World.start({ poolSize: 12 })
    const targets = Array.from({ length: 8 }, (_, index) => `https://dead${index}.example`)
    for (const target of targets) world.behaviours.set(target, () => failed())
    await world.accept(...targets.map((target) => delivery({ target })))
    await world.clock.pass(10)
    for (const target of targets) world.behaviours.set(target, hang)
    await world.accept(...targets.flatMap((target) => Array.from({ length: 5 }, () => delivery({ target }))))
    await world.clock.pass(10)
    expect(world.engine.counts.inFlight).toBe(3)
  })

  it('a target that answers finds room beside ten that hang and one that refuses', async () => {
    const world = await World.start({ poolSize: 10 })
    await world.accept(delivery())
    await world.clock.pass(1)
    const dead = Array.from({ length: 10 }, (_, index) => `https://dead${index}.example`)
    for (const target of dead) world.behaviours.set(target, hang)
    world.behaviours.set('https://refusing.example', () => failed({ class: 'network' }))
    await world.accept(
      ...[...dead, 'https://refusing.example'].flatMap((target) =>
        Array.from({ length: 20 }, () => delivery({ target })),
      ),
    )
    for (let index = 0; index < 200; index += 1) {
      const record = delivery()
      await world.accept(record)
      expect(world.state(record.id).status).toBe('delivered')
      await world.clock.pass(500)
    }
  })

  it('targets take turns, however many wait for each', async () => {
    const world = await World.start({ poolSize: 2 })
    const targets = ['x', 'y', 'z']
    for (const target of targets) world.behaviours.set(target, () => ({ after: 10, outcome: ok }))
    const many = Array.from({ length: 30 }, () => delivery({ target: 'x' }))
    await world.accept(
      ...many,
      delivery({ target: 'y' }),
      delivery({ target: 'z' }),
      delivery({ target: 'y' }),
      delivery({ target: 'z' }),
    )
    await world.clock.pass(1000)
    const order = world.sent.map(({ target }) => target)
    expect(order.lastIndexOf('y')).toBeLessThan(10)
    expect(order.lastIndexOf('z')).toBeLessThan(10)
    expect(order).toHaveLength(34)
  })

  it('no more than the pool are under way', async () => {
    const world = await World.start({ poolSize: 4 })
    const targets = Array.from({ length: 20 }, (_, index) => `t${index}`)
    await world.accept(...targets.map((target) => delivery({ target })))
    await world.clock.pass(1)
    for (const target of targets) world.behaviours.set(target, hang)
    await world.accept(...targets.flatMap((target) => [delivery({ target }), delivery({ target })]))
    await world.clock.pass(1)
    expect(world.engine.counts.inFlight).toBe(4)
  })
})

describe('wide targets', () => {
  const wide = (fields: Partial<Delivery> = {}): Delivery =>
    delivery({ transport: 'wide', target: 'kafka://a', ...fields })
  const openWorld = async (width: number): Promise<World> => {
    const world = new World({ poolSize: 4 })
    world.width = () => width
    await world.start()
    await world.accept(wide())
    return world
  }

  it('have as many under way as they are good for, once one has gone well, and leave the pool to others', async () => {
    const world = await openWorld(30)
    for (const target of ['kafka://a', 'https://b.example']) {
      world.behaviours.set(target, () => ({ after: 1000, outcome: ok }))
    }
    await world.accept(...Array.from({ length: 50 }, () => wide()))
    await world.accept(delivery({ target: 'https://b.example' }))
    expect(world.engine.counts.inFlight).toBe(31)
    await world.clock.pass(2000)
    expect(world.engine.counts.byStatus.delivered).toBe(52)
  })

  it('have one until then, and a share of the pool while they fail', async () => {
    const world = await openWorld(30)
    world.behaviours.set('kafka://new', () => ({ after: 1000, outcome: ok }))
    await world.accept(...Array.from({ length: 9 }, () => wide({ target: 'kafka://new' })))
    expect(world.engine.counts.inFlight).toBe(1)
    world.behaviours.set('kafka://a', () => failed({ class: 'rejected' }))
    await world.accept(wide())
    world.behaviours.set('kafka://a', () => 'hang')
    await world.accept(...Array.from({ length: 9 }, () => wide()))
    expect(world.engine.targets.find(({ target }) => target === 'kafka://a')).toMatchObject({
      standing: 'failing',
      inFlight: 2,
    })
    await world.accept(delivery({ target: 'https://b.example' }))
    expect(world.engine.counts.byStatus.delivered).toBe(2)
  })

  it('that hang hold up nobody, however many of their attempts are under way', async () => {
    const world = await openWorld(30)
    world.behaviours.set('kafka://a', () => 'hang')
    await world.accept(...Array.from({ length: 50 }, () => wide({ timeoutMs: 5000 })))
    await world.accept(...Array.from({ length: 20 }, () => delivery({ target: 'https://b.example' })))
    expect(world.engine.counts.byStatus.delivered).toBe(21)
    await world.clock.pass(6100)
    await world.accept(...Array.from({ length: 20 }, () => delivery({ target: 'https://b.example' })))
    expect(world.engine.counts.byStatus.delivered).toBe(41)
  })
})

describe('what is declared now', () => {
  it('holds, and lets go when it is declared otherwise', async () => {
    const world = await World.start()
    world.admit = () => ({ go: false, hold: 'suspend' })
    const record = delivery()
    await world.accept(record)
    await world.clock.pass(100_000)
    expect(world.engine.operations.get(record.id)?.held).toEqual({ reason: 'suspend' })
    expect((await world.engine.operations.list({ status: ['held'] }, { limit: 10 })).items).toHaveLength(1)
    world.admit = undefined
    world.engine.recheck()
    await settled()
    expect(world.state(record.id).status).toBe('delivered')
  })

  for (const [admission, status] of [
    [{ go: false, cancel: 'channel_pruned' }, 'cancelled'],
    [{ go: false, suppress: 'channel_disabled' }, 'suppressed'],
  ] as const) {
    it(`${status} is final, with its reason`, async () => {
      const world = await World.start()
      world.admit = () => admission
      const record = delivery()
      await world.accept(record)
      expect(world.state(record.id)).toMatchObject({ status, reason: Object.values(admission)[1], made: 0 })
    })
  }
})

describe('order keys', () => {
  it('the next starts only after the one before it is delivered or dead', async () => {
    const world = await World.start()
    world.behaviours.set(a, ({ id }, attempt) => (id === first.id && attempt < 4 ? failed() : ok))
    const first = delivery({ order: 'k', retry })
    const [second, other] = [delivery({ order: 'k' }), delivery()]
    await world.accept(first, second, other)
    await world.clock.pass(2500)
    expect(world.state(other.id).status).toBe('delivered')
    expect(world.of(second.id)).toEqual([])
    await world.clock.pass(1000)
    expect(world.sent.slice(-2).map(({ id }) => id)).toEqual([first.id, second.id])
  })
})

describe('the end of a process', () => {
  it('lets what is under way end, and keeps the rest', async () => {
    const world = await World.start({ poolSize: 2 })
    world.behaviours.set(a, () => ({ after: 500, outcome: ok }))
    const [first, second, third] = [delivery(), delivery(), delivery({ delayMs: 100_000 })]
    await world.accept(first, second, third)
    const closing = world.engine.close(5000)
    await world.clock.pass(600)
    await closing
    await world.kill()
    expect(world.state(first.id)).toMatchObject({ status: 'delivered', made: 1 })
    expect(world.of(first.id)).toHaveLength(1)
    await world.clock.pass(2000)
    expect(world.state(second.id).status).toBe('delivered')
    expect(world.state(third.id).status).toBe('pending')
    await world.clock.pass(100_000)
    expect(world.state(third.id).status).toBe('delivered')
  })

  it('cuts off what takes longer than the grace, and makes it again', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const record = delivery()
    await world.accept(record)
    const closing = world.engine.close(1000)
    await world.clock.pass(1100)
    await closing
    world.behaviours.set(a, () => ok)
    await world.kill()
    await settled()
    expect(world.state(record.id)).toMatchObject({
      status: 'delivered',
      made: 2,
      used: 1,
      attempts: [{ class: 'interrupted', message: 'the process ended during the attempt' }, { ok: true }],
    })
  })

  it('ten attempts may be cut off, the eleventh is the last', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const record = delivery()
    await world.accept(record)
    for (let kills = 1; kills <= 11; kills += 1) {
      expect(world.state(record.id).status).not.toBe('dead_letter')
      await world.clock.pass(10)
      await world.kill()
    }
    expect(world.state(record.id)).toMatchObject({ status: 'dead_letter', reason: 'interrupted', used: 0, made: 11 })
  })
})

describe('deliveries that somebody waits for', () => {
  const open = async (world: World, record: Delivery) => {
    const prepared = world.engine.prepare([record], { keepBack: true })
    await world.transact(prepared)
    return record
  }
  const never = new AbortController().signal

  it('are sent although the pool is full', async () => {
    const world = await World.start({ poolSize: 1 })
    world.behaviours.set('x', () => 'hang')
    await world.accept(delivery({ target: 'x' }))
    const { id } = await open(world, delivery({ sync: true }))
    expect(await world.engine.sendNow(id, world.clock.now() + 60_000, never)).toMatchObject({ status: 'delivered' })
  })

  it('are retried while somebody waits', async () => {
    const world = await World.start()
    world.behaviours.set(a, (_, attempt) => (attempt < 3 ? failed() : ok))
    const { id } = await open(world, delivery({ sync: true, retry }))
    const sending = world.engine.sendNow(id, world.clock.now() + 60_000, never)
    await world.clock.pass(2001)
    expect(await sending).toMatchObject({ status: 'delivered', made: 3 })
    expect(times(world, id)).toEqual([0, 1000, 2000])
  })

  it('end at the deadline', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const { id } = await open(world, delivery({ sync: true, retry }))
    const sending = world.engine.sendNow(id, world.clock.now() + 5000, never)
    await world.clock.pass(5001)
    expect(await sending).toMatchObject({ status: 'dead_letter', reason: 'deadline', made: 1 })
  })

  it('fail at once at a target that is held', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => failed({ class: 'rate_limited', retryAfterMs: 5000 }))
    await world.accept(delivery())
    const { id } = await open(world, delivery({ sync: true }))
    expect(await world.engine.sendNow(id, world.clock.now() + 60_000, never)).toMatchObject({
      status: 'dead_letter',
      reason: 'retry_after',
      made: 0,
    })
  })

  it('are cancelled when nobody waits any more, between attempts and during one', async () => {
    for (const behaviour of [() => 'hang' as const, () => failed()]) {
      const world = await World.start()
      world.behaviours.set(a, behaviour)
      const { id } = await open(world, delivery({ sync: true, retry }))
      const controller = new AbortController()
      const sending = world.engine.sendNow(id, world.clock.now() + 60_000, controller.signal)
      await world.clock.pass(10)
      controller.abort()
      expect(await sending).toMatchObject({ status: 'cancelled', reason: 'disconnect', made: 1 })
      await world.clock.pass(10_000)
      expect(world.of(id)).toHaveLength(1)
    }
  })

  it('say of the attempt that somebody hung up during it', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const { id } = await open(world, delivery({ sync: true }))
    const controller = new AbortController()
    const sending = world.engine.sendNow(id, world.clock.now() + 60_000, controller.signal)
    await world.clock.pass(10)
    controller.abort()
    expect(await sending).toMatchObject({
      attempts: [{ class: 'interrupted', message: 'whoever waited for it hung up during the attempt' }],
    })
  })

  it('are cancelled by a restart', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const { id } = await open(world, delivery({ sync: true }))
    void world.engine.sendNow(id, world.clock.now() + 60_000, never)
    await world.clock.pass(10)
    await world.kill()
    expect(world.state(id)).toMatchObject({ status: 'cancelled', reason: 'restart' })
  })
})

describe('operations', () => {
  it('fire does not wait for the delay, the back-off or the gate', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => failed({ class: 'rate_limited', retryAfterMs: 50_000 }))
    const [limited, delayed] = [delivery(), delivery({ delayMs: 100_000 })]
    await world.accept(limited, delayed)
    world.behaviours.set(a, () => ok)
    for (const { id } of [limited, delayed]) {
      await world.engine.operations.fire(id)
      await settled()
      expect(world.state(id).status).toBe('delivered')
      expect(await world.engine.operations.fire(id)).toBe('refused')
    }
  })

  it('cancel cuts off what is under way', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => 'hang')
    const record = delivery({ retry })
    await world.accept(record)
    const cancelling = world.engine.operations.cancel(record.id)
    await world.clock.pass(10)
    expect(await cancelling).toMatchObject({
      status: 'cancelled',
      reason: 'operator',
      made: 1,
      attempts: [{ class: 'interrupted', message: 'it was called off during the attempt' }],
    })
  })

  it('by filter: a dry run says what would be changed, and changes nothing', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => failed({ class: 'guard' }))
    const records = Array.from({ length: 1200 }, (_, index) =>
      delivery({ about: { mock: index % 2 === 0 ? 'x' : 'y' } }),
    )
    await world.accept(...records)
    await world.clock.pass(100)
    for (let round = 0; round < 60; round += 1) await world.clock.pass(1)
    expect(world.engine.counts.byStatus.dead_letter).toBe(1200)
    const dry = await world.engine.operations.all('requeue', { about: { mock: 'x' } }, { dryRun: true })
    expect(dry).toMatchObject({ matched: 600, changed: 0 })
    expect(world.engine.counts.byStatus.dead_letter).toBe(1200)
    world.behaviours.set(a, () => 'hang')
    expect(await world.engine.operations.all('requeue', { about: { mock: 'x' } }, { dryRun: false })).toMatchObject({
      matched: 600,
      changed: 600,
    })
    expect(world.engine.counts.byStatus).toMatchObject({ dead_letter: 600, pending: 600 })
    expect(await world.engine.operations.all('cancel', {}, { dryRun: true })).toMatchObject({ matched: 600 })
  })

  it('without a disk nothing is accepted and nothing is sent, and afterwards everything goes on', async () => {
    const world = await World.start()
    world.behaviours.set(a, () => failed())
    const record = delivery({ retry })
    await world.accept(record)
    world.fault = new Error('disk full')
    await world.clock.pass(1500)
    const { length } = world.sent
    await expect(world.engine.accept([delivery()])).rejects.toThrow('disk full')
    await world.clock.pass(20_000)
    expect(world.sent.length).toBeLessThanOrEqual(length + 1)
    world.fault = undefined
    world.behaviours.set(a, () => ok)
    await world.clock.pass(2000)
    expect(world.state(record.id).status).toBe('delivered')
  })
})
