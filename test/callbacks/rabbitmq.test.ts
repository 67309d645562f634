import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConsumeMessage } from 'amqplib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../e2e/eventually.js'
import { freePort, Sink } from '../e2e/sink.js'
import { makeCertificates } from '../services/certificates.js'
import {
  type Rabbitmq,
  type RabbitmqAddresses,
  rabbitmqctl,
  rabbitmqUsers,
  rabbitmqVhosts,
} from '../services/rabbitmq.js'
import { describeWith, ownRabbitmq, privateRabbitmq, rabbitmq, uniqueName } from '../services/services.js'
import { Consumer } from './rabbitmq-consumer.js'
import { created, Sender } from './rabbitmq-sender.js'

const idOf = ({ properties }: ConsumeMessage): string => properties.messageId

describeWith(['rabbitmq'], 'a message to RabbitMQ', () => {
  async function open(options: Parameters<typeof Sender.open>[1] = {}) {
    const { url } = await rabbitmq()
    return { sender: Sender.open({ url }, options), consumer: await Consumer.open(url), url }
  }

  it('arrives as declared: its bytes, address, headers and properties, and nothing else', async () => {
    const { sender, consumer } = await open({ env: { TOKEN: 't-1' } })
    const exchange = await consumer.exchange('topic', 'order.*')
    const body = JSON.stringify({ text: 'é 東京 🎟', n: 12345678901234567890n.toString() })
    const outcome = await sender.send(
      {
        exchange,
        routingKey: 'order.créé',
        mandatory: true,
        properties: {
          contentType: 'application/vnd.x+json',
          correlationId: 'c-1',
          replyTo: 'r',
          contentEncoding: 'utf-8',
        },
        headers: [
          ['X-Kind', '東京\nline'],
          ['x-token', { env: 'TOKEN', prefix: 'Bearer ' }],
          ['constructor', 'a'],
        ],
        body,
      },
      { id: 'the-id' },
    )
    expect(outcome).toEqual({ ok: true })
    const [message] = await consumer.messages(1)
    expect(message?.content.toString()).toBe(body)
    expect(message?.fields).toMatchObject({ exchange, routingKey: 'order.créé', redelivered: false })
    const { headers, ...properties } = message?.properties ?? {}
    expect(Object.entries(headers as object)).toEqual(
      expect.arrayContaining([
        ['X-Kind', '東京\nline'],
        ['x-token', 'Bearer t-1'],
        ['constructor', 'a'],
      ]),
    )
    expect(Object.keys(headers as object)).toHaveLength(3)
    expect(JSON.parse(JSON.stringify(properties))).toEqual({
      contentType: 'application/vnd.x+json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      correlationId: 'c-1',
      replyTo: 'r',
      messageId: 'the-id',
      timestamp: created / 1000,
    })
  })

  it('has a header even of the name that objects of JavaScript cannot show', async () => {
    const { sender, consumer } = await open()
    const exchange = uniqueName('exchange')
    await consumer.channel.assertExchange(exchange, 'headers', { autoDelete: true })
    const match = Object.defineProperty({ 'x-match': 'all' }, '__proto__', { value: 'b', enumerable: true })
    await consumer.channel.bindQueue(await consumer.queue(), exchange, '', match)
    expect(await sender.send({ exchange, headers: [['__proto__', 'a']], mandatory: true })).toMatchObject({
      class: 'gone',
    })
    expect(await sender.send({ exchange, headers: [['__proto__', 'b']], mandatory: true })).toEqual({ ok: true })
  })

  it.each([
    ['nothing', undefined, 0],
    ['a frame and a half', 'x'.repeat(200_000), 200_000],
    ['eight megabytes', 'é'.repeat(4 * 1024 * 1024), 8 * 1024 * 1024],
  ])('carries %s', async (_name, body, bytes) => {
    const { sender, consumer } = await open()
    const routingKey = await consumer.queue()
    expect(await sender.send({ routingKey, ...(body !== undefined && { body }) })).toEqual({ ok: true })
    const [message] = await consumer.messages(1)
    expect(message?.content.length).toBe(bytes)
    expect(message?.content.equals(Buffer.from(body ?? ''))).toBe(true)
  })

  it('may go to hundreds of exchanges at once over one connection', async () => {
    const { sender, consumer } = await open()
    const exchanges = ['', 'amq.direct', 'amq.topic', 'amq.fanout', 'amq.headers', 'amq.match']
    const own = await Promise.all(Array.from({ length: 150 }, () => consumer.exchange('fanout')))
    const outcomes = await Promise.all(
      [...exchanges, ...own, ...own].map((exchange) => sender.send({ exchange, routingKey: 'k' })),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    await consumer.messages(2 * own.length)
  })

  it('that reaches no queue is a failure only where it is mandatory, and known in any case', async () => {
    const { sender, consumer } = await open()
    const routingKey = uniqueName('nobody')
    const nobody = `no queue got it (312 NO_ROUTE): there is no queue "${routingKey}"`
    expect(await sender.send({ routingKey, body: 'x' })).toEqual({
      ok: true,
      status: 312,
      response: `confirmed and dropped: ${nobody}`,
    })
    expect(await sender.send({ routingKey, mandatory: true })).toEqual({
      ok: false,
      class: 'gone',
      status: 312,
      message: nobody,
    })
    const exchange = await consumer.exchange('direct', 'wanted')
    expect(await sender.send({ exchange, routingKey: 'other', mandatory: true })).toMatchObject({
      class: 'gone',
      message: `no queue got it (312 NO_ROUTE): exchange "${exchange}" has no queue bound for routing key "other"`,
    })
    expect(await sender.send({ exchange, routingKey: 'wanted', mandatory: true })).toEqual({ ok: true })
  })

  it('to an exchange that is not there fails alone, among many that are under way', async () => {
    const { sender, consumer } = await open()
    const routingKey = await consumer.queue()
    const missing = uniqueName('missing')
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n % 3 === 0
          ? sender.send({ exchange: missing, routingKey: 'k' })
          : sender.send({ routingKey, body: String(n) }),
      ),
    )
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 3 !== 0) expect(outcome).toEqual({ ok: true })
      else {
        expect(outcome).toMatchObject({ ok: false, class: 'gone', status: 404 })
        expect(outcome).toMatchObject({ message: expect.stringContaining(`no exchange '${missing}' in vhost`) })
      }
    }
    const received = await consumer.messages(40)
    expect(new Set(received.map(({ content }) => content.toString())).size).toBe(40)
    await consumer.channel.assertExchange(missing, 'fanout', { autoDelete: true })
    expect(await sender.send({ exchange: missing, routingKey: 'k' })).toMatchObject({ ok: true })
  })

  it('that the broker refuses over its content fails alone, among others to the same exchange', async () => {
    const { sender, consumer } = await open()
    const routingKey = await consumer.queue()
    // It takes this for the answer to a question that was never asked, and closes the channel over it.
    const properties = { contentType: 'text/plain', replyTo: 'amq.rabbitmq.reply-to' }
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        sender.send({ routingKey, body: String(n), ...(n % 10 === 5 && { properties }) }),
      ),
    )
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 10 !== 5) expect(outcome).toEqual({ ok: true })
      else
        expect(outcome).toMatchObject({
          class: 'rejected',
          status: 406,
          message: expect.stringContaining('fast reply'),
        })
    }
    // Whichever were under way beside it may come twice, under the same id.
    await eventually('all others have come', () => new Set(consumer.received.map(idOf)).size === 27)
  })

  it('that its queue has no room for is not taken', async () => {
    const { sender, consumer } = await open()
    const routingKey = uniqueName('full')
    const args = { 'x-max-length': 1, 'x-overflow': 'reject-publish', 'x-expires': 600_000 }
    await consumer.channel.assertQueue(routingKey, { durable: true, arguments: args })
    const outcomes = []
    for (let n = 0; n < 3; n += 1) outcomes.push(await sender.send({ routingKey }))
    expect(outcomes[0]).toEqual({ ok: true })
    expect(outcomes[2]).toMatchObject({ ok: false, class: 'server', message: expect.stringContaining('basic.nack') })
  })

  it.each<[name: string, header: string, value: string]>([
    ['are more than a frame holds', 'a', 'x'.repeat(70_000)],
    ['have a name longer than AMQP has room for', 'a'.repeat(300), 'x'],
  ])('whose headers %s is never sent, and harms no other', async (_name, header, value) => {
    const { sender, consumer } = await open()
    const routingKey = await consumer.queue()
    const [bad, good] = await Promise.all([
      sender.send({ routingKey, headers: [[header, value]] }),
      sender.send({ routingKey }),
    ])
    expect(bad).toMatchObject({
      class: 'template',
      message: expect.stringContaining('cannot be sent as an AMQP message'),
    })
    expect(good).toEqual({ ok: true })
  })

  it('is given up with its signal, whether or not there is a connection', async () => {
    const { sender, consumer } = await open()
    const routingKey = await consumer.queue()
    const early = new AbortController()
    const attempt = sender.send({ routingKey, body: 'early' }, { signal: early.signal })
    early.abort(new Error('no longer wanted'))
    await expect(attempt).rejects.toThrow('no longer wanted')
    await expect(sender.send({ routingKey, body: 'before' }, { signal: early.signal })).rejects.toThrow()
    expect(await sender.send({ routingKey, body: 'later' })).toEqual({ ok: true })
    const [message] = await consumer.messages(1)
    expect(message?.content.toString()).toBe('later')
  })

  it('is taken by one that has no secret only after the secret is there', async () => {
    const { sender } = await open()
    expect(await sender.send({ url: { env: 'RABBIT_URL' } })).toEqual({
      ok: false,
      class: 'auth',
      message: 'the environment variable RABBIT_URL is not set',
    })
    const { url } = await rabbitmq()
    const other = Sender.open({ url: { env: 'RABBIT_URL' } }, { env: { RABBIT_URL: url } })
    expect(await other.send({ routingKey: 'nobody' })).toMatchObject({ ok: true })
  })
})

describeWith(['own rabbitmq'], 'a login to RabbitMQ', () => {
  let addresses: RabbitmqAddresses

  beforeAll(async () => {
    addresses = await ownRabbitmq()
  })

  const urlOf = ({ username, password }: { username: string; password: string }, vhost = '/', protocol = 'amqp') => {
    const port = protocol === 'amqp' ? addresses.port : addresses.tlsPort
    const [user, pass, path] = [username, password, vhost].map(encodeURIComponent)
    return `${protocol}://${user}:${pass}@127.0.0.1:${port}/${path}`
  }

  it.each([rabbitmqUsers.guest, rabbitmqUsers.alice])('works for $username in every virtual host', async (user) => {
    for (const vhost of rabbitmqVhosts) {
      const url = urlOf(user, vhost)
      const { host: hostname, port } = addresses
      const consumer = await Consumer.open({ hostname, port, vhost: encodeURIComponent(vhost), ...user })
      const routingKey = await consumer.queue()
      const sender = Sender.open({ url })
      expect(await sender.send({ routingKey, mandatory: true })).toEqual({ ok: true })
      await consumer.messages(1)
    }
  })

  it('works over TLS with the authority that signed, by name and by address', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = addresses.tlsUrl.replace(/127\.0\.0\.1|localhost/, host)
      const sender = Sender.open({ url, ca: addresses.caFile }, { allow: ['127.0.0.1', 'localhost', '::1'] })
      expect(await sender.send({ routingKey: 'nobody' }), host).toMatchObject({ ok: true })
    }
  })

  it('is not tried with a broker whose certificate nobody vouches for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-ca-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const other = makeCertificates(folder).caFile
    const untrusted = {
      ok: false,
      class: 'auth',
      message: expect.stringMatching(/certificate is not trusted.*by rabbitCa$/),
    }
    expect(await Sender.open({ url: addresses.tlsUrl }).send()).toEqual(untrusted)
    expect(await Sender.open({ url: addresses.tlsUrl, ca: other }).send()).toEqual(untrusted)
    const file = join(folder, 'text')
    writeFileSync(file, 'hello')
    expect(await Sender.open({ url: addresses.tlsUrl, ca: file }).send()).toMatchObject({
      class: 'auth',
      message: expect.stringContaining(`the file ${file}, named by rabbitCa, is no PEM file with certificates`),
    })
    expect(await Sender.open({ url: addresses.tlsUrl, ca: join(folder, 'none') }).send()).toMatchObject({
      class: 'auth',
      message: `the file ${join(folder, 'none')}, named by rabbitCa, cannot be read: ENOENT`,
    })
  })

  it.each<[name: string, url: () => string, kind: string, words: RegExp]>([
    [
      'a wrong password',
      () => urlOf({ username: 'alice', password: 'never-shown' }),
      'auth',
      /refused the login of user "alice"/,
    ],
    [
      'a virtual host that is not there',
      () => urlOf(rabbitmqUsers.guest, 'none'),
      'auth',
      /refused virtual host "none"/,
    ],
    [
      'TLS where there is none',
      () => addresses.url.replace('amqp:', 'amqps:'),
      'network',
      /does not speak TLS: use amqp:/,
    ],
    [
      'no TLS where there is',
      () => addresses.tlsUrl.replace('amqps:', 'amqp:'),
      'network',
      /if the port expects TLS, use amqps:/,
    ],
  ])('with %s fails in words that help', async (_name, url, kind, words) => {
    const outcome = await Sender.open({ url: url() }).send()
    expect(outcome).toMatchObject({ ok: false, class: kind, message: expect.stringMatching(words) })
    expect(JSON.stringify(outcome)).not.toContain('never-shown')
  })

  it('of a user without permission fails for what that user may not', async () => {
    const outcome = await Sender.open({ url: urlOf(rabbitmqUsers.reader) }).send({
      exchange: 'amq.topic',
      routingKey: 'k',
    })
    expect(outcome).toMatchObject({
      class: 'auth',
      status: 403,
      message: expect.stringMatching(/access to exchange 'amq.topic'.*grant the user/),
    })
  })
})

describe('a broker that is none', () => {
  it('is not there', async () => {
    const port = await freePort()
    expect(await Sender.open({ url: `amqp://127.0.0.1:${port}` }).send()).toEqual({
      ok: false,
      class: 'network',
      message: `cannot connect to amqp://guest@127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port}`,
    })
  })

  it('has a name that nobody knows', async () => {
    expect(await Sender.open({ url: 'amqp://mq.example' }).send()).toMatchObject({
      class: 'network',
      message: expect.stringMatching(/^cannot connect to amqp:\/\/guest@mq\.example:5672\/: .*ENOTFOUND/),
    })
  })

  it('speaks something else', async () => {
    const { address } = await Sink.start()
    expect(await Sender.open({ url: `amqp://${address}` }).send()).toMatchObject({
      class: 'network',
      message: expect.stringContaining('does not speak AMQP 0-9-1'),
    })
  })

  it.each(['nonsense', 'http://127.0.0.1/'])('has a URL that is none: %s', async (url) => {
    const outcome = await Sender.open({ url: { env: 'URL' } }, { env: { URL: url } }).send()
    expect(outcome).toMatchObject({
      class: 'template',
      message: expect.stringMatching(/^the secret is no AMQP URL: write/),
    })
    expect(JSON.stringify(outcome)).not.toContain(url)
  })

  it.each([
    ['a private address', 'amqp://10.1.2.3/', 'network.allow: ["10.1.2.3:5672"]'],
    ['a private address, over TLS', 'amqps://10.1.2.3/', 'network.allow: ["10.1.2.3:5671"]'],
    ['an address in an odd spelling', 'amqp://0x0a000001:5673/', 'network.allow: ["10.0.0.1:5673"]'],
    ['an IPv6 address', 'amqp://[::1]/', 'network.allow: ["[::1]:5672"]'],
    ['an IPv4 address in IPv6', 'amqp://[::ffff:10.0.0.1]/', '10.0.0.1'],
    ['metadata of a cloud', 'amqp://169.254.169.254/', '169.254.169.254'],
    ['a name that means one', 'amqp://inside.example/', 'network.allow: ["inside.example:5672"]'],
    ['a name that means one, over TLS', 'amqps://inside.example/', 'network.allow: ["inside.example:5671"]'],
  ])('is not dialled: %s', async (_name, url, line) => {
    const outcome = await Sender.open({ url }, { allow: [], addresses: { 'inside.example': '10.0.0.7' } }).send()
    expect(outcome).toMatchObject({ ok: false, class: 'guard', message: expect.stringContaining(line) })
  })
})

describeWith(['own rabbitmq'], 'a RabbitMQ of its own', () => {
  let broker: Rabbitmq

  beforeAll(async () => {
    broker = await privateRabbitmq({ settings: { max_message_size: '1000' } }, afterAll)
  })

  it('refuses a message over its limit, and no other', async () => {
    const { url } = broker.addresses
    const consumer = await Consumer.open(url)
    const routingKey = await consumer.queue()
    const sender = Sender.open({ url })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => sender.send({ routingKey, body: 'x'.repeat(n === 7 ? 2000 : 10) })),
    )
    expect(outcomes[7]).toMatchObject({
      class: 'rejected',
      status: 406,
      message: expect.stringContaining('message size 2000 is larger than configured max size 1000'),
    })
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(19)
    await consumer.messages(19)
  })

  it('is left alone while it is blocked, and what it had already is not sent twice', async () => {
    const { url } = broker.addresses
    const consumer = await Consumer.open(url)
    const routingKey = await consumer.queue()
    const sender = Sender.open({ url })
    expect(await sender.send({ routingKey, body: 'first' }, { id: 'first' })).toEqual({ ok: true })
    await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', 'absolute', '1')
    const blocked = {
      ok: false,
      class: 'rate_limited',
      retryAfterMs: 5000,
      message: expect.stringMatching(/takes no messages for now \(connection\.blocked: low on memory\)/),
    }
    try {
      // With the broker already, which does not look at it.
      const outcome = await sender.send({ routingKey, body: 'second' }, { id: 'second' })
      expect(outcome).toEqual(blocked)
      // Not even sent.
      expect(await sender.send({ routingKey, body: 'third' }, { id: 'third' })).toEqual(blocked)
      expect(await sender.send({ routingKey, body: 'second' }, { id: 'second' })).toEqual(blocked)
    } finally {
      await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', '0.4')
    }
    await consumer.messages(2)
    for (const id of ['second', 'third']) {
      await eventually(`${id} is taken`, async () => (await sender.send({ routingKey, body: id }, { id })).ok)
    }
    const received = await consumer.messages(3)
    expect(received.map(idOf)).toEqual(['first', 'second', 'third'])
  })

  it('may be stopped and started again between two messages, and under one', { timeout: 60_000 }, async () => {
    const { url } = broker.addresses
    const routingKey = uniqueName('queue')
    const before = await Consumer.open(url)
    await before.channel.assertQueue(routingKey, { durable: true })
    const sender = Sender.open({ url })
    expect(await sender.send({ routingKey, body: '1' })).toEqual({ ok: true })
    await broker.stop()
    expect(await sender.send({ routingKey, body: '2' })).toMatchObject({
      class: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await broker.start()
    expect(await sender.send({ routingKey, body: '3' })).toEqual({ ok: true })
    const killed = broker.kill()
    const sending = Array.from({ length: 20 }, (_, n) => sender.send({ routingKey, body: `k${n}` }))
    await killed
    for (const outcome of await Promise.all(sending)) {
      if (!outcome.ok) expect(outcome).toMatchObject({ class: 'network' })
    }
    await broker.start()
    expect(await sender.send({ routingKey, body: '4' })).toEqual({ ok: true })
    const after = await Consumer.open(url)
    await after.channel.consume(routingKey, (message) => message && after.received.push(message), { noAck: true })
    const confirmed = ['1', '3', ...(await Promise.all(sending)).flatMap(({ ok }, n) => (ok ? [`k${n}`] : [])), '4']
    await eventually('all that was confirmed is there', () => {
      const there = new Set(after.received.map(({ content }) => content.toString()))
      return confirmed.every((body) => there.has(body))
    })
  })
})
