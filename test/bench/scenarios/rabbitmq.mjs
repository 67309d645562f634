// Persistent messages to a durable queue of RabbitMQ, each confirmed, beside amqplib with the same confirms.
import { join } from 'node:path'
import { connect } from 'amqplib'
import { createRabbitTransport } from '../../../dist/callbacks/rabbitmq.js'
import { rabbitTarget } from '../../../dist/callbacks/rabbitmq-payload.js'
import { createGuard } from '../../../dist/network/guard.js'
import { systemTimer } from '../../../dist/store/timer.js'
import { alternateSending, now, openEngine, sendingFinding, sendingTarget, startBroker } from '../harness/sending.mjs'

export const title = 'Deliveries to RabbitMQ'

const contentType = 'application/json'
const body = JSON.stringify({
  id: 'evt_1',
  type: 'order.created',
  data: { amount: 2500, currency: 'usd', customer: 'c-1' },
})
const headers = { 'event-type': 'order.created', source: 'order-service' }

export async function run(context) {
  const broker = await startBroker('rabbitmq')
  if (broker === undefined) return []
  const { url } = broker.addresses
  const bare = await connect(url)
  const channel = await bare.createConfirmChannel()
  for (const queue of ['ours', 'bare']) await channel.assertQueue(queue, { durable: true })
  const ours = await open(join(context.workspace, 'rabbitmq-state'), url)
  const publish = (index) =>
    new Promise((resolve, reject) => {
      const properties = { contentType, headers, persistent: true, messageId: `m${index}`, timestamp: 1 }
      channel.publish('', 'bare', Buffer.from(body), properties, (error) =>
        error === null ? resolve() : reject(error),
      )
    })
  const clear = async () => {
    for (const queue of ['ours', 'bare']) await channel.purgeQueue(queue)
  }
  const sides = [
    { name: 'ours', send: ours.send },
    { name: 'bare', send: publish },
  ]
  try {
    const findings = []
    for (const waiting of [32, 256]) {
      const measured = await alternateSending(sides, { ...context.effort.rabbitmq, waiting, clear })
      const name = `time of a delivery over bare amqplib, ${waiting} waiting`
      findings.push(sendingFinding(measured, 'bare', { scenario: 'rabbitmq', name, target: sendingTarget }))
    }
    return findings
  } finally {
    await ours.close()
    await bare.close()
    await broker.stop()
  }
}

async function open(dir, url) {
  const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 10_000 })
  const transport = createRabbitTransport({ guard, now, timer: systemTimer, env: {}, connectionName: 'callboard' })
  const target = rabbitTarget(url)
  const payload = {
    url,
    exchange: '',
    routingKey: 'ours',
    mandatory: false,
    properties: { contentType },
    headers: Object.entries(headers),
    body,
  }
  return await openEngine(dir, 'rabbitmq', transport, () => ({ target, payload }))
}
