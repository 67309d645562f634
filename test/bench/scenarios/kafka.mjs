// Deliveries to Kafka, journalled, sent and confirmed one by one, beside the library alone with the same confirmations.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { createKafkaTransport } from '../../../dist/callbacks/kafka.js'
import { kafkaOrder, kafkaTarget } from '../../../dist/callbacks/kafka-payload.js'
import { createEngine } from '../../../dist/delivery/engine.js'
import { RawNumber } from '../../../dist/expression/json.js'
import { createGuard } from '../../../dist/network/guard.js'
import { DeliveryReplay, openDeliveries } from '../../../dist/store/deliveries.js'
import { openStore } from '../../../dist/store/embedded.js'
import { systemTimer } from '../../../dist/store/timer.js'
import { pathOf } from '../harness/child.mjs'
import { finding } from '../harness/report.mjs'
import { median, pairedRatios, spread } from '../harness/statistics.mjs'

export const title = 'Deliveries to Kafka'

const partitions = 4
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const now = () => performance.timeOrigin + performance.now()
const value = JSON.stringify({
  id: 'evt_1',
  type: 'order.created',
  data: { amount: 2500, currency: 'usd', customer: 'c-1' },
})
const headers = { 'event-type': 'order.created', source: 'order-service' }
const keyOf = (index) => `c-${index % 5000}`

export async function run(context) {
  const { messages, rounds } = context.effort.kafka
  const broker = await startBroker().catch((error) => console.log(`left out: ${error.message}`))
  if (broker === undefined) return []
  const ours = await openEngine(join(context.workspace, 'kafka-state'), broker.address, 'ours')
  const bare = await openBare(broker.address, 'bare')
  try {
    const findings = []
    for (const waiting of [32, 256]) {
      const rates = { ours: [], bare: [], batches: [] }
      const cpu = { ours: [], bare: [], batches: [] }
      const measure = async (name, send, count, atATime = 1) => {
        const spent = process.cpuUsage()
        const since = performance.now()
        let index = 0
        await Promise.all(
          Array.from({ length: waiting / atATime }, async () => {
            while (index < count) {
              const first = index
              index += atATime
              await send(first)
            }
          }),
        )
        const { user, system } = process.cpuUsage(spent)
        rates[name].push((count / (performance.now() - since)) * 1000)
        cpu[name].push((user + system) / count)
      }
      for (let round = -1; round < rounds; round += 1) {
        const sides = [
          ['ours', ours.send],
          ['bare', bare.send],
          ['batches', (index) => bare.sendAll(index, waiting), waiting],
        ]
        for (const [name, send, atATime] of round % 2 === 0 ? sides : sides.reverse()) {
          await measure(name, send, messages, atATime)
        }
        // The first round warms up.
        if (round === -1) for (const list of [...Object.values(rates), ...Object.values(cpu)]) list.length = 0
      }
      const perDelivery = (perSecond) => perSecond.map((rate) => 1 / rate)
      const show = (numbers) => Math.round(median(numbers)).toLocaleString('en-US')
      findings.push(
        finding({
          scenario: 'kafka',
          name: `time of a delivery over bare kafkajs, ${waiting} waiting`,
          unit: 'ratio',
          value: pairedRatios(perDelivery(rates.ours), perDelivery(rates.bare)),
          // As many per second as 0.8 of what the library does alone.
          target: 1.25,
          detail: `${show(rates.ours)}/s over ${show(rates.bare)}/s; ${show(cpu.ours)} µs over ${show(cpu.bare)} µs of CPU`,
          data: { perSecond: { ours: spread(rates.ours), bare: spread(rates.bare) } },
        }),
        // Nothing journalled, nothing told apart: how far batches by hand would go.
        finding({
          scenario: 'kafka',
          name: `the same over batches of ${waiting} by hand`,
          unit: 'ratio',
          value: pairedRatios(perDelivery(rates.ours), perDelivery(rates.batches)),
          detail: `${show(rates.ours)}/s over ${show(rates.batches)}/s; ${show(cpu.ours)} µs over ${show(cpu.batches)} µs of CPU`,
          data: { perSecond: { ours: spread(rates.ours), batches: spread(rates.batches) } },
        }),
      )
    }
    return findings
  } finally {
    await ours.close()
    await bare.close()
    await broker.stop()
  }
}

async function startBroker() {
  const child = spawn(process.execPath, [pathOf('../../services/run.mjs', import.meta.url), 'kafka'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)))
    child.once('exit', (code) => reject(new Error(`Kafka did not start (${code}); test/services/install installs it`)))
  })
  const address = JSON.parse(line).kafka.plaintext
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
  await admin.createTopics({
    topics: ['ours', 'bare'].map((topic) => ({ topic, numPartitions: partitions })),
    waitForLeaders: true,
  })
  await admin.disconnect()
  return {
    address,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin.end()
      }),
  }
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

async function openEngine(dir, address, topic) {
  const replay = new DeliveryReplay()
  const store = await openStore(dir, { rawNumber: RawNumber, onDisk: replay.onDisk, onReplay: replay.onReplay })
  const deliveries = openDeliveries(store, { now, limits: { waiting: 1_000_000 } }, replay)
  const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 10_000 })
  const transport = createKafkaTransport({ guard, log: silent, isVerbose: false, timer: systemTimer, env: {} })
  const waiting = new Map()
  const engine = createEngine({
    deliveries,
    transports: new Map([['kafka', transport]]),
    now,
    timer: systemTimer,
    random: Math.random,
    poolSize: 10,
    observer: {
      changed: ({ id }, { status }) => {
        if (status !== 'delivered') throw new Error(`a delivery is ${status}`)
        waiting.get(id)()
        waiting.delete(id)
      },
    },
  })
  await engine.start()
  let last = 0
  const target = kafkaTarget([address], undefined)
  const record = (index) => {
    last += 1
    return {
      id: `0190f3b2-7c4e-7000-8000-${String(last).padStart(12, '0')}`,
      kind: 'callback',
      transport: 'kafka',
      target,
      order: kafkaOrder(target, topic, keyOf(index)),
      breaker: true,
      about: { namespace: 'shop', mock: 'orders', callback: 'created', request: `r${last}`, revision: 'abc' },
      created: now(),
      delayMs: 0,
      expires: now() + 72 * 3600_000,
      timeoutMs: 30_000,
      retry: { retries: 3, delayMs: 5000, growth: 'fixed', maxDelayMs: 300_000, final: ['guard', 'template'] },
      payload: { brokers: [address], topic, key: keyOf(index), headers: Object.entries(headers), value },
    }
  }
  return {
    send: async (index) => {
      const delivery = record(index)
      const done = new Promise((resolve) => waiting.set(delivery.id, resolve))
      await engine.accept([delivery])
      await done
    },
    close: async () => {
      await engine.close(1000)
      await transport.close()
      await guard.close()
      await store.close()
    },
  }
}
