import { describe, expect, it } from 'vitest'
import { RabbitBroker } from '../../src/callbacks/rabbitmq-broker.js'
import type { RabbitMessage } from '../../src/callbacks/rabbitmq-publication.js'
import type { AttemptSignal, Outcome } from '../../src/delivery/transport.js'
import { parseRabbitUrl, type RabbitEndpoint } from '../../src/resources/kinds/rabbitmq-url.js'
import { Clock, settled } from '../delivery/clock.js'
import { FakeModel } from './fake-amqplib.js'

const endpoint = parseRabbitUrl('amqp://mq') as RabbitEndpoint

class World {
  readonly clock = new Clock()
  readonly models: FakeModel[] = []
  /** When a connection was tried for. */
  readonly dials: number[] = []
  /** Of the sockets that were ended. */
  aborts = 0
  refuse: Error | undefined
  isSilent = false
  readonly broker = new RabbitBroker({
    endpoint,
    now: this.clock.now,
    timer: this.clock.timer,
    dial: async (signal) => {
      this.dials.push(this.clock.now())
      const model = new FakeModel()
      this.models.push(model)
      signal.addEventListener('abort', () => {
        this.aborts += 1
        // While it is opened, nobody listens yet.
        if (model.listenerCount('error') > 0) model.end(new Error('aborted'))
      })
      if (this.isSilent) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      if (this.refuse !== undefined) throw this.refuse
      return model.model
    },
  })

  get model(): FakeModel {
    return this.models.at(-1) as FakeModel
  }

  /** An attempt, and what came of it so far. */
  attempt(id: string, message: Partial<RabbitMessage> = {}, timeoutMs = 30_000) {
    const controller = new AbortController()
    const attempt = {
      outcome: undefined as Outcome | 'aborted' | undefined,
      abort: () => controller.abort(new Error('given up')),
    }
    const whole = { id, exchange: '', routingKey: 'q', content: Buffer.from(id), properties: { messageId: id } }
    const sent = this.broker.send(
      { mandatory: false, ...whole, ...message },
      controller.signal as AttemptSignal,
      timeoutMs,
    )
    sent.then(
      (outcome) => {
        attempt.outcome = outcome
      },
      () => {
        attempt.outcome = 'aborted'
      },
    )
    return attempt
  }

  bodies(): string[] {
    return this.model.published.map(({ body }) => body)
  }
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5672'), { code: 'ECONNREFUSED' })

describe('connections to a broker', () => {
  it('are opened when there is something to send, once for all that wait', async () => {
    const world = new World()
    await settled()
    expect(world.dials).toEqual([])
    const attempts = ['a', 'b', 'c'].map((id) => world.attempt(id))
    await settled()
    expect(world.dials).toHaveLength(1)
    expect(world.bodies()).toEqual(['a', 'b', 'c'])
    for (const { confirm } of world.model.published) confirm()
    await settled()
    expect(attempts.map(({ outcome }) => outcome)).toEqual([{ ok: true }, { ok: true }, { ok: true }])
  })

  it('are tried for less and less often while there is none, and at once again after one that worked', async () => {
    const world = new World()
    world.refuse = refused()
    const waits: number[] = []
    for (let n = 0; n < 8; n += 1) {
      const attempt = world.attempt('a')
      await world.clock.pass(5000)
      expect(attempt.outcome).toMatchObject({ class: 'network', message: expect.stringContaining('ECONNREFUSED') })
    }
    for (const [n, at] of world.dials.entries()) if (n > 0) waits.push(at - (world.dials[n - 1] ?? 0))
    // Each attempt comes long after the last pause.
    expect(waits).toEqual(Array(7).fill(5000))

    const busy = new World()
    busy.refuse = refused()
    const began = busy.clock.now()
    for (let n = 0; n < 8; n += 1) {
      await settled()
      busy.attempt('a')
      for (let ms = 0; ms < 2000 && busy.dials.length === n; ms += 50) await busy.clock.pass(50)
    }
    expect(busy.dials.map((at) => at - began)).toEqual([0, 100, 300, 700, 1500, 3100, 5100, 7100])
    await settled()
    busy.refuse = undefined
    const attempt = busy.attempt('b')
    await busy.clock.pass(2000)
    busy.model.published[0]?.confirm()
    await settled()
    expect(attempt.outcome).toEqual({ ok: true })
    busy.model.end()
    const lost = busy.clock.now()
    busy.attempt('c')
    await busy.clock.pass(100)
    expect(busy.dials.at(-1)).toBe(lost + 100)
  })

  it('are not waited for by those that have not got the time: what went wrong last is what they say', async () => {
    const world = new World()
    world.refuse = refused()
    for (let n = 0; n < 6; n += 1) {
      world.attempt('a')
      await world.clock.pass(n === 5 ? 0 : 2000)
    }
    const attempt = world.attempt('b', {}, 500)
    await settled()
    expect(attempt.outcome).toMatchObject({ class: 'network', message: expect.stringContaining('ECONNREFUSED') })
    expect(world.dials).toHaveLength(6)
  })

  it('are given up after ten seconds without a handshake', async () => {
    const world = new World()
    world.isSilent = true
    const attempt = world.attempt('a')
    await world.clock.pass(9999)
    expect(attempt.outcome).toBeUndefined()
    await world.clock.pass(1)
    expect(attempt.outcome).toEqual({
      ok: false,
      class: 'timeout',
      message: 'cannot connect to amqp://guest@mq:5672/: no connection within 10 s',
    })
  })

  it('go on being opened for others when one attempt is given up', async () => {
    const world = new World()
    const [one, other] = [world.attempt('a'), world.attempt('b')]
    one.abort()
    await settled()
    expect(one.outcome).toBe('aborted')
    expect(world.bodies()).toEqual(['b'])
    world.model.published[0]?.confirm()
    await settled()
    expect(other.outcome).toEqual({ ok: true })
  })

  it('that are lost fail what was with the broker, and send the rest over another', async () => {
    const world = new World()
    const first = world.attempt('a')
    await settled()
    const [channel] = world.model.channels
    if (channel !== undefined) channel.hasRoom = false
    const second = world.attempt('b')
    await settled()
    const third = world.attempt('c')
    await settled()
    expect(world.bodies()).toEqual(['a', 'b'])
    world.model.end(
      Object.assign(new Error('Connection closed: 320 (X) with message "CONNECTION_FORCED - bye"'), { code: 320 }),
    )
    await world.clock.pass(100)
    for (const { outcome } of [first, second]) {
      expect(outcome).toEqual({
        ok: false,
        class: 'network',
        status: 320,
        message:
          'the connection to amqp://guest@mq:5672/ was lost before the broker confirmed: CONNECTION_FORCED - bye',
      })
    }
    expect(third.outcome).toBeUndefined()
    expect(world.models).toHaveLength(2)
    expect(world.bodies()).toEqual(['c'])
  })

  it('are ended with a goodbye, or without one where it is not heard', async () => {
    for (const isDeaf of [false, true]) {
      const world = new World()
      world.attempt('a')
      await settled()
      world.model.isDeaf = isDeaf
      const closing = world.broker.close()
      await world.clock.pass(1000)
      await closing
      expect(world.model.isClosed).toBe(true)
    }
  })

  it('that are being opened are ended at once', async () => {
    const world = new World()
    world.isSilent = true
    world.attempt('a')
    await settled()
    await world.broker.close()
    expect(world.aborts).toBe(1)
  })
})

describe('messages to a broker', () => {
  it('wait until the connection takes more, and go in their order', async () => {
    const world = new World()
    world.attempt('a')
    await settled()
    const [channel] = world.model.channels
    if (channel === undefined) throw new Error('no channel')
    channel.hasRoom = false
    for (const id of ['b', 'c', 'd', 'e']) world.attempt(id)
    await settled()
    expect(world.bodies()).toEqual(['a', 'b'])
    channel.emit('drain')
    expect(world.bodies()).toEqual(['a', 'b', 'c'])
    channel.hasRoom = true
    channel.emit('drain')
    expect(world.bodies()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('that are given up while they wait are not sent', async () => {
    const world = new World()
    world.attempt('a')
    await settled()
    const [channel] = world.model.channels
    if (channel !== undefined) channel.hasRoom = false
    world.attempt('b')
    const attempt = world.attempt('c')
    world.attempt('d')
    await settled()
    attempt.abort()
    if (channel !== undefined) channel.hasRoom = true
    channel?.emit('drain')
    expect(world.bodies()).toEqual(['a', 'b', 'd'])
  })

  it('that are confirmed after their attempt are delivered by the next, which sends nothing', async () => {
    const world = new World()
    const first = world.attempt('a')
    await settled()
    first.abort()
    await settled()
    world.model.published[0]?.confirm()
    const second = world.attempt('a')
    await settled()
    expect(second.outcome).toEqual({ ok: true })
    expect(world.bodies()).toEqual(['a'])
    world.attempt('a')
    await settled()
    expect(world.bodies()).toEqual(['a', 'a'])
  })

  it('that are still with the broker are waited for by the next attempt, not sent again', async () => {
    const world = new World()
    const first = world.attempt('a', { mandatory: true })
    await settled()
    first.abort()
    await settled()
    const second = world.attempt('a', { mandatory: true })
    await settled()
    expect(world.bodies()).toEqual(['a'])
    world.model.published[0]?.giveBack()
    world.model.published[0]?.confirm()
    await settled()
    expect(second.outcome).toMatchObject({ class: 'gone', status: 312 })
  })

  it('that were refused too late for their attempt are sent again', async () => {
    const world = new World()
    const first = world.attempt('a')
    await settled()
    first.abort()
    await settled()
    world.model.published[0]?.nack()
    const second = world.attempt('a')
    await settled()
    expect(world.bodies()).toEqual(['a', 'a'])
    world.model.published[1]?.confirm()
    await settled()
    expect(second.outcome).toEqual({ ok: true })
  })

  it('that are never confirmed end the connection at a thousand', async () => {
    const world = new World()
    for (let n = 0; n < 1001; n += 1) {
      const attempt = world.attempt(`m${n}`)
      await settled(2)
      attempt.abort()
    }
    await settled()
    expect(world.aborts).toBe(1)
    expect(world.models[0]?.isClosed).toBe(true)
  })

  it('under way on a channel that the broker closed over its exchange all have the same fault', async () => {
    const world = new World()
    const attempts = ['a', 'b', 'c'].map((id) => world.attempt(id, { exchange: 'events' }))
    const other = world.attempt('d')
    await settled()
    world.model.channels[0]?.end(404, "NOT_FOUND - no exchange 'events' in vhost '/'")
    await settled()
    for (const { outcome } of attempts) expect(outcome).toMatchObject({ class: 'gone', status: 404 })
    expect(other.outcome).toBeUndefined()
    world.model.published[0]?.confirm()
    await settled()
    expect(other.outcome).toEqual({ ok: true })
  })

  it.each([
    [406, 'PRECONDITION_FAILED - invalid', 'rejected'],
    [403, "ACCESS_REFUSED - access to topic 'b' in exchange 'events' in vhost '/' refused", 'auth'],
    [541, 'INTERNAL_ERROR', 'server'],
  ])(
    'under way on a channel closed with %i are sent one by one, to find the one that was meant',
    async (code, text, kind) => {
      const world = new World()
      const attempts = ['a', 'b', 'c'].map((id) => world.attempt(id, { exchange: 'events' }))
      const forgotten = world.attempt('x', { exchange: 'events' })
      await settled()
      forgotten.abort()
      await settled()
      world.model.channels[0]?.end(code, text)
      const late = world.attempt('late', { exchange: 'events' })
      const sentTo: string[] = []
      for (let n = 0; n < 10; n += 1) {
        await settled()
        for (const channel of world.model.channels) {
          const open = channel.isClosed ? [] : channel.published.filter(({ id }) => !sentTo.includes(id))
          for (const { id, confirm } of open) {
            sentTo.push(id)
            expect(channel.published).toHaveLength(1)
            if (id === 'b') channel.end(code, text)
            else confirm()
          }
        }
      }
      const [a, b, c] = attempts
      expect(b?.outcome).toMatchObject({ ok: false, class: kind, status: code })
      for (const attempt of [a, c, late]) expect(attempt?.outcome).toEqual({ ok: true })
      expect(sentTo.sort()).toEqual(['a', 'b', 'c', 'late'])
    },
  )

  it('are not sent while the broker blocks, and what it has is given a second', async () => {
    const world = new World()
    const first = world.attempt('a')
    await settled()
    const [channel] = world.model.channels
    if (channel !== undefined) channel.hasRoom = false
    const second = world.attempt('b')
    const third = world.attempt('c')
    await settled()
    world.model.emit('blocked', 'low on disk')
    await settled()
    const blocked = {
      ok: false,
      class: 'rate_limited',
      retryAfterMs: 5000,
      message: 'amqp://guest@mq:5672/ takes no messages for now (connection.blocked: low on disk); it is asked again',
    }
    expect(third.outcome).toEqual(blocked)
    expect(first.outcome).toBeUndefined()
    world.model.published[0]?.confirm()
    await world.clock.pass(1000)
    expect(first.outcome).toEqual({ ok: true })
    expect(second.outcome).toEqual(blocked)
    const fourth = world.attempt('d')
    await settled()
    expect(fourth.outcome).toEqual(blocked)
    // Nobody waits, but what will be there when it goes on is worth keeping the connection for.
    expect(world.broker.isIdle(world.clock.now())).toBe(false)
    world.model.emit('unblocked')
    world.model.published[1]?.confirm()
    const again = world.attempt('b')
    await settled()
    expect(again.outcome).toEqual({ ok: true })
    expect(world.bodies()).toEqual(['a', 'b'])
    expect(world.broker.isIdle(world.clock.now())).toBe(true)
  })
})
