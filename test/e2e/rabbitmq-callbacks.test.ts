// Callbacks to RabbitMQ by the program as a whole: waited for, held while the broker is blocked, and seen in the status.

import { expect, it } from 'vitest'
import { Consumer } from '../callbacks/rabbitmq-consumer.js'
import { rabbitmqctl, rabbitmqUsers } from '../services/rabbitmq.js'
import { describeWith, ownRabbitmq, privateRabbitmq, uniqueName } from '../services/services.js'
import { eventually } from './eventually.js'
import { documents, mock } from './folder.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

interface Shown {
  readonly id: string
  readonly status: string
  readonly reason: string | null
  readonly target: string
  readonly held: { readonly reason: string } | null
  readonly lastError: { readonly class: string; readonly message: string } | null
  readonly attemptsMade: number
  readonly attempts: readonly { readonly ok: boolean; readonly counts: boolean; readonly response: string | null }[]
  readonly sent: object
}

const network = { allow: ['127.0.0.1'] }

async function deliveries(running: Running, name: string): Promise<Shown[]> {
  const { items } = await running.see<{ items: { id: string }[] }>(`/api/v1/deliveries?mock=${name}`)
  return await Promise.all(items.map(({ id }) => running.see<Shown>(`/api/v1/deliveries/${id}`)))
}

function fires(name: string, callback: object, response: object = {}): string {
  return mock(name, { http: { route: `/${name}` }, response, webhooks: [{ type: 'rabbitmq', ...callback }] })
}

describeWith(['own rabbitmq'], 'callbacks to RabbitMQ', () => {
  it('that the answer waits for are there before it', async () => {
    const { url } = await ownRabbitmq()
    const consumer = await Consumer.open(url)
    const queue = uniqueName('queue')
    await consumer.channel.assertQueue(queue, { durable: true, arguments: { 'x-expires': 600_000 } })
    const sync = { rabbitURL: url, async: false, body: { n: 1 } }
    const running = await Running.start(
      {
        'mocks.yaml': documents(
          fires('good', { ...sync, rabbitQueue: queue }),
          fires('bad', { ...sync, rabbitExchange: uniqueName('none'), retryCount: 2, retryDelay: 0.01 }),
        ),
      },
      { network },
    )
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
    expect((await running.ask('/good', { headers })).status).toBe(200)
    const message = await consumer.channel.get(queue, { noAck: true })
    expect(message).toMatchObject({ properties: { headers, deliveryMode: 2 } })
    expect((await running.ask('/bad')).status).toBe(200)
    const [bad] = await deliveries(running, 'sandbox/bad')
    expect(bad).toMatchObject({ status: 'dead_letter', attemptsMade: 3, lastError: { class: 'gone' } })
  })

  it('show where they went, who logs in there, and never a password', async () => {
    const { host, port } = await ownRabbitmq()
    const { username, password } = rabbitmqUsers.alice
    const url = `amqp://${username}:${encodeURIComponent(password)}@${host}:${port}/`
    const queue = uniqueName('nobody')
    const running = await Running.start(
      {
        'mocks.yaml': documents(
          fires('shown', {
            rabbitURL: url,
            rabbitQueue: queue,
            body: { a: 1 },
            async: false,
            headers: { 'X-Kind': 'k' },
          }),
          fires('wrong', { rabbitURL: url.replace(`:${port}`, ':1'), rabbitQueue: queue, async: false }),
        ),
      },
      { network },
    )
    await running.ask('/shown')
    await running.ask('/wrong')
    const [shown] = await deliveries(running, 'sandbox/shown')
    const target = `amqp://alice@${host}:${port}/`
    expect(shown).toMatchObject({
      status: 'delivered',
      target,
      attempts: [
        { ok: true, response: `confirmed and dropped: no queue got it (312 NO_ROUTE): there is no queue "${queue}"` },
      ],
      sent: {
        method: null,
        address: { exchange: '', routingKey: queue, mandatory: 'false' },
        headers: { 'Content-Type': ['application/json'], 'X-Kind': ['k'] },
        body: '{"a":1}',
      },
    })
    const [wrong] = await deliveries(running, 'sandbox/wrong')
    expect(wrong).toMatchObject({ lastError: { class: 'network', message: expect.stringContaining('ECONNREFUSED') } })
    const resources = await running.see('/api/v1/resources/Mock/sandbox/shown')
    expect(JSON.stringify(resources)).toContain('amqp://alice:******@')
    for (const seen of [shown, wrong, resources, await running.status()]) {
      expect(JSON.stringify(seen)).not.toContain(encodeURIComponent(password))
      expect(JSON.stringify(seen)).not.toContain(password)
    }
  })

  it('that the guard refuses are not tried again, and say what to add to the settings', async () => {
    const url = 'amqp://10.9.8.7/'
    const running = await Running.start({
      'mock.yaml': fires('refused', { rabbitURL: url, rabbitQueue: 'q', retryCount: 5, async: false }),
    })
    await running.ask('/refused')
    const [refused] = await deliveries(running, 'sandbox/refused')
    expect(refused).toMatchObject({ status: 'dead_letter', reason: 'guard', attemptsMade: 1 })
    expect(refused?.lastError?.message).toContain('network.allow: ["10.9.8.7:5672"]')
  })

  it('wait for a broker that is blocked, use up no attempt, and hold nobody else up', { timeout: 60_000 }, async () => {
    const broker = await privateRabbitmq()
    const { url } = broker.addresses
    const consumer = await Consumer.open(url)
    const rabbitQueue = await consumer.queue()
    const sink = await Sink.start()
    const running = await Running.start(
      {
        'mocks.yaml': documents(
          fires('blocked', {
            rabbitURL: url,
            rabbitQueue,
            body: '$.fake.UUID',
            headers: { 'Content-Type': 'text/plain' },
          }),
          mock('other', { http: { route: '/other' }, response: {}, webhooks: [{ url: `${sink.url}/other` }] }),
        ),
      },
      { network },
    )
    await running.ask('/blocked')
    await consumer.messages(1)
    await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', 'absolute', '1')
    for (let n = 0; n < 50; n += 1) await running.ask('/blocked')
    const held = await eventually('one is held, and says why', async () =>
      (await deliveries(running, 'sandbox/blocked')).find(({ lastError }) => lastError?.class === 'rate_limited'),
    )
    expect(held).toMatchObject({ status: 'retrying', lastError: { message: expect.stringContaining('low on memory') } })
    expect(held.attempts.at(-1)).toMatchObject({ ok: false, counts: false })
    await running.ask('/other')
    await sink.at('/other')
    await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', '0.4')
    const ids = () => consumer.received.map(({ properties }) => properties.messageId)
    await eventually('all have come', () => new Set(ids()).size === 51)
    await eventually('all are delivered', async () =>
      (await deliveries(running, 'sandbox/blocked')).every(({ status }) => status === 'delivered'),
    )
    // Those that the broker had when it blocked us were taken when it went on, and not sent again.
    expect(ids()).toHaveLength(51)
  })
})
