// A broker that is stopped and killed while callbacks go to it.

import { expect, it } from 'vitest'
import { createTopic } from '../services/kafka-topic.js'
import { readWholeTopic } from '../services/kcat.js'
import { describeWith, privateKafka } from '../services/services.js'
import { eventually } from './eventually.js'
import { documents, mock } from './folder.js'
import { Running } from './running.js'
import { Sink } from './sink.js'

const rounds = 5
const keys = 25
const perKey = 40

describeWith(['own kafka', 'kcat'], 'callbacks to a broker that comes and goes', () => {
  it('are all delivered, in the order of their keys, while other targets are not held up', async () => {
    const broker = await privateKafka()
    const { plaintext } = broker.addresses
    const topic = await createTopic(plaintext, { partitions: 3 })
    const sink = await Sink.start()
    const running = await Running.start(
      {
        'mocks.yaml': documents(
          mock('order', {
            http: { route: '/orders', httpMethod: 'POST' },
            response: { statusCode: 202 },
            webhooks: [
              {
                type: 'kafka',
                kafkaBrokers: plaintext,
                kafkaTopic: topic,
                kafkaKey: '$.req.customer',
                body: '$.req.number',
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
    const orders = async (customer: string, round: number) => {
      for (let at = 0; at < perKey; at += 1) {
        const { status } = await running.ask('/orders', { body: { customer, number: round * perKey + at } })
        expect(status).toBe(202)
        accepted += 1
        largest = Math.max(largest, process.memoryUsage().rss - memory)
      }
    }

    for (let round = 0; round < rounds; round += 1) {
      const burst = Promise.all(Array.from({ length: keys }, (_, key) => orders(`c-${key}`, round)))
      await eventually('the burst is under way', () => accepted > (round + 0.3) * keys * perKey)
      await (round % 2 === 0 ? broker.stop() : broker.kill())
      await running.ask('/other')
      await sink.at('/other', round + 1)
      await burst
      await broker.start()
    }
    await eventually('none waits any more', async () => (await waiting(running)) === 0, {
      withinMs: 60_000,
      everyMs: 100,
    })
    const found = new Map<string, number[]>()
    for (const { key, value } of await readWholeTopic(plaintext, topic)) {
      const numbers = found.get(String(key)) ?? []
      // What was written, and not confirmed before the broker went, is there again right after.
      if (numbers.at(-1) !== Number(value)) numbers.push(Number(value))
      found.set(String(key), numbers)
    }
    const inOrder = Array.from({ length: rounds * perKey }, (_, number) => number)
    expect(found.size).toBe(keys)
    for (const numbers of found.values()) expect(numbers).toEqual(inOrder)
    expect(largest).toBeLessThan(300 * 1024 * 1024)
  }, 180_000)
})

async function waiting(running: Running): Promise<number> {
  const metrics = await (await fetch(`${running.control}/metrics`)).text()
  return Number(/^callboard_delivery_queue_depth (\d+)$/m.exec(metrics)?.[1])
}
