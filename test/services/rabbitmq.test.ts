import { type ConfirmChannel, connect, type Message } from 'amqplib'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../e2e/eventually.js'
import { type Rabbitmq, type RabbitmqAddresses, rabbitmqctl, rabbitmqUsers, rabbitmqVhosts } from './rabbitmq.js'
import { describeWith, ownRabbitmq, privateRabbitmq, uniqueName } from './services.js'

type Connection = Awaited<ReturnType<typeof connect>>

async function connected(...[url, options]: Parameters<typeof connect>): Promise<Connection> {
  const connection = await connect(url, options)
  // A broker that is stopped closes its connections, and an error without a listener would end the process.
  connection.on('error', () => {})
  onTestFinished(() => connection.close().catch(() => {}))
  return connection
}

async function publish(channel: ConfirmChannel, queue: string, text: string): Promise<void> {
  await channel.assertQueue(queue, { durable: true })
  channel.sendToQueue(queue, Buffer.from(text), { persistent: true })
  await channel.waitForConfirms()
}

async function textsIn(channel: ConfirmChannel, queue: string): Promise<string[]> {
  const texts: string[] = []
  const next = async (): Promise<Message | false> => channel.get(queue, { noAck: true })
  for (let message = await next(); message !== false; message = await next())
    texts.push(message.content.toString('utf8'))
  return texts
}

const logins = [rabbitmqUsers.guest, rabbitmqUsers.alice].flatMap((user) =>
  rabbitmqVhosts.map((vhost) => ({ vhost, ...user })),
)

describeWith(['own rabbitmq'], 'the listeners of the shared RabbitMQ', () => {
  let addresses: RabbitmqAddresses

  beforeAll(async () => {
    addresses = await ownRabbitmq()
  })

  it.each(logins)('take $username to the vhost $vhost, plain and over TLS', async ({ vhost, username, password }) => {
    const { host: hostname, port, tlsPort, ca } = addresses
    const queue = uniqueName('queue')
    for (const options of [
      { protocol: 'amqp', port },
      { protocol: 'amqps', port: tlsPort },
    ]) {
      const connection = await connected({ ...options, hostname, vhost, username, password }, { ca: [ca] })
      await publish(await connection.createConfirmChannel(), queue, options.protocol)
    }
    const connection = await connected({ hostname, port, vhost, username, password })
    const channel = await connection.createConfirmChannel()
    expect(await textsIn(channel, queue)).toEqual(['amqp', 'amqps'])
    await channel.deleteQueue(queue)
  })

  it('refuse a wrong password', async () => {
    const { host: hostname, port } = addresses
    await expect(connect({ hostname, port, username: 'guest', password: 'wrong' })).rejects.toThrow(/ACCESS_REFUSED/)
  })

  it('are not trusted by who does not know their authority', async () => {
    await expect(connect(addresses.tlsUrl)).rejects.toThrow(/certificate/)
    await connected(addresses.tlsUrl, { ca: [addresses.ca] })
  })

  it('let the user named reader declare nothing', async () => {
    const { host: hostname, port } = addresses
    const channel = await (await connected({ hostname, port, ...rabbitmqUsers.reader })).createChannel()
    channel.on('error', () => {})
    await expect(channel.assertQueue(uniqueName('queue'))).rejects.toThrow(/ACCESS_REFUSED/)
  })
})

describeWith(['own rabbitmq'], 'a private RabbitMQ', () => {
  let broker: Rabbitmq

  beforeAll(async () => {
    broker = await privateRabbitmq({ settings: { max_message_size: '1000' } }, afterAll)
  })

  it('has what it had, at the same addresses, after a stop and after a crash', async () => {
    const { url } = broker.addresses
    const channel = async (): Promise<ConfirmChannel> => (await connected(url)).createConfirmChannel()
    const queue = uniqueName('queue')
    await publish(await channel(), queue, 'a')
    await broker.stop()
    await expect(connect(url)).rejects.toThrow(/ECONNREFUSED/)
    await broker.start()
    await publish(await channel(), queue, 'b')
    await broker.kill()
    await expect(connect(url)).rejects.toThrow(/ECONNREFUSED/)
    await broker.start()
    expect(await textsIn(await channel(), queue)).toEqual(['a', 'b'])
  }, 90_000)

  it('takes the settings that are told', async () => {
    const channel = await (await connected(broker.addresses.url)).createConfirmChannel()
    const error = new Promise<Error>((resolve) => channel.on('error', resolve))
    const large = publish(channel, uniqueName('queue'), 'x'.repeat(2_000))
    await expect(large).rejects.toThrow()
    expect(String(await error)).toMatch(/message size 2000 is larger than configured max size 1000/)
  })

  it('is blocked and unblocked by rabbitmqctl', async () => {
    const connection = await connected(broker.addresses.url)
    const channel = await connection.createConfirmChannel()
    const states: string[] = []
    connection.on('blocked', () => states.push('blocked')).on('unblocked', () => states.push('unblocked'))
    await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', 'absolute', '1')
    const published = publish(channel, uniqueName('queue'), 'a')
    await eventually('the connection is blocked', () => states.includes('blocked'))
    await rabbitmqctl(broker.addresses, 'set_vm_memory_high_watermark', '0.4')
    await published
    expect(states).toEqual(['blocked', 'unblocked'])
  })
})
