// When connections to a broker begin and end, as somebody in between sees it.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createRabbitTransport } from '../../src/callbacks/rabbitmq.js'
import { rabbitTarget } from '../../src/callbacks/rabbitmq-payload.js'
import { createGuard } from '../../src/network/guard.js'
import type { Delivery } from '../../src/store/delivery.js'
import { Clock, settled } from '../delivery/clock.js'
import { eventually } from '../e2e/eventually.js'
import { describeWith, ownRabbitmq } from '../services/services.js'

/** Hands everything on to a broker, and counts who is there. */
async function relay(host: string, port: number) {
  const open = new Set<Socket>()
  let opened = 0
  const server = createServer((socket) => {
    const onward = connect({ host, port })
    opened += 1
    open.add(socket)
    socket.on('close', () => {
      open.delete(socket)
      onward.destroy()
    })
    onward.on('close', () => socket.destroy())
    for (const end of [socket, onward]) end.on('error', () => {})
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: (user = 'guest:guest', rest = '') => `amqp://${user}@${address}/${rest}`,
    get opened() {
      return opened
    },
    cut: () => {
      for (const socket of open) socket.destroy()
    },
    open: (count: number) => eventually(`${count} connections`, () => open.size === count, { found: () => open.size }),
  }
}

async function world() {
  const { host, port } = await ownRabbitmq()
  const between = await relay(host, port)
  const clock = new Clock()
  const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 1000 })
  const env: Record<string, string> = {}
  const transport = createRabbitTransport({ guard, now: clock.now, timer: clock.timer, env, connectionName: 'test' })
  onTestFinished(() => transport.close())
  let last = 0
  const send = async (url: string | { env: string }, exchange = '') => {
    last += 1
    const properties = { contentType: 'text/plain' }
    const payload = { url, exchange, routingKey: 'nobody', mandatory: false, properties, headers: [] }
    const delivery = { id: `d${last}`, created: 0, timeoutMs: 5000, target: rabbitTarget(url), payload }
    return await transport.send(delivery as unknown as Delivery, new AbortController().signal, 1)
  }
  return { clock, between, transport, send, env }
}

describeWith(['own rabbitmq'], 'connections to RabbitMQ', () => {
  it('are shared by all that have the same URL, whatever the exchange', async () => {
    const { between, send } = await world()
    const exchanges = ['', 'amq.topic', 'amq.direct', 'amq.fanout', 'none']
    await Promise.all([...exchanges, ...exchanges, ...exchanges].map((exchange) => send(between.url(), exchange)))
    await between.open(1)
    await send(between.url('reader:reader'))
    await between.open(2)
    expect(between.opened).toBe(2)
  })

  it('end a minute after their last use', async () => {
    const { clock, between, send } = await world()
    await send(between.url())
    await clock.pass(50_000)
    await send(between.url())
    await clock.pass(55_000)
    await between.open(1)
    await clock.pass(10_000)
    await between.open(0)
    expect(await send(between.url())).toMatchObject({ ok: true })
    expect(between.opened).toBe(2)
  })

  it('end when what they were for is declared no more', async () => {
    const { clock, between, send, transport } = await world()
    const [one, other] = [between.url(), between.url('reader:reader')]
    const targets = [one, other].map((url) => rabbitTarget(url) as string)
    transport.retain(new Set(targets))
    await send(one)
    await send(other)
    await between.open(2)
    transport.retain(new Set(targets.slice(1)))
    await between.open(1)
    // What was accepted before is sent all the same, and its connection ends soon.
    expect(await send(one)).toMatchObject({ ok: true })
    await between.open(2)
    await clock.pass(5000)
    await between.open(1)
  })

  it('that were never declared by that name, as those of expressions, only end when they are idle', async () => {
    const { clock, between, send, transport } = await world()
    transport.retain(new Set(['amqp://guest@other:5672/']))
    await send(between.url())
    transport.retain(new Set())
    await clock.pass(20_000)
    await between.open(1)
  })

  it('are opened anew for a secret that was rotated', async () => {
    const { clock, between, send, env } = await world()
    env.RABBIT_URL = between.url()
    expect(await send({ env: 'RABBIT_URL' })).toMatchObject({ ok: true })
    env.RABBIT_URL = between.url('reader:reader')
    expect(await send({ env: 'RABBIT_URL' })).toMatchObject({ class: 'auth', status: 403 })
    await between.open(2)
    await clock.pass(70_000)
    await between.open(0)
  })

  it('that were cut while nobody used them are opened anew, and nothing fails', async () => {
    const { clock, between, send } = await world()
    await send(between.url())
    between.cut()
    await between.open(0)
    // The other side hears of it as well.
    await settled(20)
    const again = send(between.url())
    await clock.pass(1000)
    expect(await again).toMatchObject({ ok: true })
  })

  it('all end with the transport', async () => {
    const { between, send, transport } = await world()
    await send(between.url())
    await transport.close()
    await between.open(0)
  })
})
