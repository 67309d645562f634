// A RabbitMQ that is stopped and killed while callbacks go to it.

import { expect, it } from 'vitest'
import { Consumer } from '../callbacks/rabbitmq-consumer.js'
import { describeWith, privateRabbitmq, uniqueName } from '../services/services.js'
import { eventually } from './eventually.js'
import { documents, mock } from './folder.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

const rounds = 5
const perRound = 1000
const clients = 25

describeWith(['own rabbitmq'], 'callbacks to a RabbitMQ that comes and goes', () => {
  it('are all delivered, while other targets are not held up', async () => {
    const broker = await privateRabbitmq()
    const { url } = broker.addresses
    const queue = uniqueName('orders')
    const declarer = await Consumer.open(url)
    await declarer.channel.assertQueue(queue, { durable: true })
    const sink = await Sink.start()
    const running = await Running.start(
      {
        'mocks.yaml': documents(
          mock('order', {
            http: { route: '/orders', httpMethod: 'POST' },
            response: { statusCode: 202 },
            webhooks: [
              {
                type: 'rabbitmq',
                rabbitURL: url,
                rabbitQueue: queue,
                rabbitMandatory: true,
                body: { number: '$.req.number' },
                timeout: 5,
                retryCount: 1000,
                retryDelay: 0.1,
                // It would wait for ten seconds after each of the stops.
                breaker: false,
              },
            ],
          }),
          mock('other', { http: { route: '/other' }, response: {}, webhooks: [{ url: `${sink.url}/other` }] }),
        ),
      },
      { network: { allow: ['127.0.0.1'] } },
    )
    const memory = process.memoryUsage().rss
    let largest = 0
    let accepted = 0
    const client = async (end: number) => {
      while (accepted < end) {
        const number = accepted
        accepted += 1
        expect((await running.ask('/orders', { body: { number } })).status).toBe(202)
        largest = Math.max(largest, process.memoryUsage().rss - memory)
      }
    }

    for (let round = 0; round < rounds; round += 1) {
      const burst = Promise.all(Array.from({ length: clients }, () => client((round + 1) * perRound)))
      await eventually('the burst is under way', () => accepted > (round + 0.3) * perRound)
      await (round % 2 === 0 ? broker.stop() : broker.kill())
      await running.ask('/other')
      await sink.at('/other', round + 1)
      await burst
      await broker.start()
    }
    await eventually('none waits any more', async () => (await metric(running, 'delivery_queue_depth')) === 0, {
      withinMs: 60_000,
      everyMs: 100,
    })
    // Otherwise nothing was to be seen here.
    expect(
      await metric(running, 'delivery_attempts_total{kind="callback",transport="rabbitmq",class="network"}'),
    ).toBeGreaterThan(rounds)

    const consumer = await Consumer.open(url)
    const numbers = new Set<number>()
    const ids = new Set<string>()
    await consumer.channel.consume(queue, (message) => {
      numbers.add(JSON.parse(String(message?.content)).number)
      ids.add(message?.properties.messageId)
    })
    await eventually('all have come', () => numbers.size === rounds * perRound, { found: () => numbers.size })
    expect(Math.max(...numbers)).toBe(rounds * perRound - 1)
    // What came twice can be told by its id.
    expect(ids.size).toBe(rounds * perRound)
    expect(largest).toBeLessThan(300 * 1024 * 1024)
  }, 180_000)
})

async function metric(running: Running, name: string): Promise<number> {
  const lines = (await (await fetch(`${running.control}/metrics`)).text()).split('\n')
  return Number(lines.find((line) => line.startsWith(`callboard_${name} `))?.split(' ')[1])
}
