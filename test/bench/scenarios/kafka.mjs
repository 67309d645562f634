// Deliveries to Kafka, journalled, sent and confirmed one by one, beside the library alone with the same confirmations.
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { createKafkaTransport } from '../../../dist/callbacks/kafka.js'
import { kafkaOrder, kafkaTarget } from '../../../dist/callbacks/kafka-payload.js'
import { createGuard } from '../../../dist/network/guard.js'
import { systemTimer } from '../../../dist/store/timer.js'
import { alternateSending, openEngine, sendingFinding, sendingTarget, startBroker } from '../harness/sending.mjs'

export const title = 'Deliveries to Kafka'

const partitions = 4
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const value = JSON.stringify({
  id: 'evt_1',
  type: 'order.created',
  data: { amount: 2500, currency: 'usd', customer: 'c-1' },
})
const headers = { 'event-type': 'order.created', source: 'order-service' }
const keyOf = (index) => `c-${index % 5000}`

export async function run(context) {
  const broker = await startBroker('kafka')
  if (broker === undefined) return []
  const address = broker.addresses.plaintext
  await createTopics(address, ['ours', 'bare'])
  const ours = await open(join(context.workspace, 'kafka-state'), address, 'ours')
  const bare = await openBare(address, 'bare')
  try {
    const findings = []
    for (const waiting of [32, 256]) {
      const sides = [
        { name: 'ours', send: ours.send },
        { name: 'bare', send: bare.send },
        { name: 'batches', send: (index) => bare.sendAll(index, waiting), atATime: waiting },
      ]
      const measured = await alternateSending(sides, { ...context.effort.kafka, waiting })
      const name = `time of a delivery over bare kafkajs, ${waiting} waiting`
      findings.push(sendingFinding(measured, 'bare', { scenario: 'kafka', name, target: sendingTarget }))
      // Nothing journalled, nothing told apart: how far batches by hand would go.
      const byHand = `the same over batches of ${waiting} by hand`
      findings.push(sendingFinding(measured, 'batches', { scenario: 'kafka', name: byHand }))
    }
    return findings
  } finally {
    await ours.close()
    await bare.close()
    await broker.stop()
  }
}

async function createTopics(address, topics) {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: partitions })),
    waitForLeaders: true,
  })
  await admin.disconnect()
}

async function openBare(address, topic) {
  const producer = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  return {
    send: (index) => producer.send({ topic, acks: -1, messages: [{ key: keyOf(index), value, headers }] }),
    sendAll: (from, count) => {
      const messages = Array.from({ length: count }, (_, at) => ({ key: keyOf(from + at), value, headers }))
      return producer.send({ topic, acks: -1, messages })
    },
    close: () => producer.disconnect(),
  }
}

async function open(dir, address, topic) {
  const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 10_000 })
  const transport = createKafkaTransport({ guard, log: silent, isVerbose: false, timer: systemTimer, env: {} })
  const target = kafkaTarget([address], undefined)
  return await openEngine(dir, 'kafka', transport, (index) => ({
    target,
    order: kafkaOrder(target, topic, keyOf(index)),
    payload: { brokers: [address], topic, key: keyOf(index), headers: Object.entries(headers), value },
  }))
}
