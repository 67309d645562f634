// examples/rabbitmq against a real broker: each command as its comments have it, and the messages they promise.

import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { Consumer } from '../callbacks/rabbitmq-consumer.js'
import { describeWith, privateRabbitmq } from '../services/services.js'
import { ask } from './ask.js'
import { curlsIn, parseCurl } from './curl.js'
import { eventually } from './eventually.js'
import { Folder } from './folder.js'
import { Running } from './running.js'

const examples = fileURLToPath(new URL('../../examples/rabbitmq', import.meta.url))

describeWith(['own rabbitmq'], 'the examples of RabbitMQ', () => {
  it('send what their comments say', async () => {
    const broker = await privateRabbitmq()
    const { host, port, url } = broker.addresses
    const folder = new Folder()
    cpSync(examples, folder.root, { recursive: true })
    const commands: string[] = []
    for (const file of readdirSync(examples)) {
      const text = readFileSync(folder.at(file), 'utf8')
      commands.push(...curlsIn(text))
      const delays = text.includes('delay: 10\n') ? text.replace('delay: 10\n', 'delay: 0.1\n') : text
      folder.write(file, delays.replaceAll('localhost:5672', `${host}:${port}`))
    }
    const consumer = await Consumer.open(url)
    for (const queue of ['notifications', 'greetings', 'answers']) await consumer.queue(queue)
    for (const [exchange, pattern] of [
      ['amq.topic', 'order.#'],
      ['amq.fanout', ''],
    ] as const) {
      await consumer.channel.bindQueue(await consumer.queue(), exchange, pattern)
    }
    const running = await Running.start(folder, { strict: true, network: { allow: [host] } })

    for (const command of commands) {
      const { url: asked, ...options } = parseCurl(command)
      const { status } = await ask(asked.replace('http://localhost:5770', running.resolver), options)
      expect(status, command).toBeLessThan(300)
    }
    const received = await consumer.messages(6)
    const seen = (exchange: string, routingKey: string) => {
      const found = received.filter(({ fields }) => fields.exchange === exchange && fields.routingKey === routingKey)
      expect(found, `${exchange} ${routingKey}`).toHaveLength(1)
      const [message] = found
      return { text: String(message?.content), properties: message?.properties }
    }
    const json = (exchange: string, routingKey: string) => JSON.parse(seen(exchange, routingKey).text)
    expect(json('', 'notifications')).toEqual({
      type: 'email',
      to: 'ann@shop.example',
      subject: 'Your order has been placed',
      notification: expect.stringMatching(/^n_[0-9a-f-]{36}$/),
    })
    expect(seen('', 'notifications').properties).toMatchObject({
      contentType: 'application/json',
      headers: { source: 'shop' },
    })
    expect(seen('', 'greetings')).toMatchObject({ text: 'Hello Ann', properties: { contentType: 'text/plain' } })
    expect(json('', 'answers')).toEqual({ sku: 'tea', price: 450, currency: 'eur' })
    expect(seen('', 'answers').properties).toMatchObject({ correlationId: 'q-1' })
    expect(json('amq.topic', 'order.created.de')).toEqual({ orderId: 'o-1', at: expect.any(String) })
    expect(json('amq.topic', 'order.cancelled')).toEqual({ orderId: 'o-1' })
    expect(json('amq.fanout', '')).toEqual({ status: 200, at: expect.any(String) })

    const missing = await eventually('the payment fails', async () => {
      const { items } = await running.see<{ items: { lastError: object | null }[] }>(
        '/api/v1/deliveries?mock=bank/create-payment',
      )
      return items.find(({ lastError }) => lastError !== null)
    })
    expect(missing).toMatchObject({
      lastError: { class: 'auth', message: 'the environment variable RABBIT_URL is not set' },
    })
  })
})
