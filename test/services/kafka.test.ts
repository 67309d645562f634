import { Kafka as Client, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kafka, type KafkaAddresses, kafkaUsers } from './kafka.js'
import { createTopic } from './kafka-topic.js'
import { MockKafka, readTopic, readWholeTopic } from './kcat.js'
import { describeWith, ownKafka, privateKafka, uniqueName } from './services.js'

function client(config: KafkaConfig): Client {
  return new Client({ logLevel: logLevel.NOTHING, retry: { retries: 0 }, ...config })
}

async function send(kafka: Client, topic: string, ...values: string[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  try {
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
  } finally {
    await producer.disconnect()
  }
}

async function valuesIn(servers: string, topic: string): Promise<(string | undefined)[]> {
  return (await readWholeTopic(servers, topic)).map(({ value }) => value?.toString('utf8'))
}

type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'
const logins = (['plain', 'scram-sha-256', 'scram-sha-512'] as const).flatMap((mechanism) =>
  Object.values(kafkaUsers).map((user) => ({ mechanism, ...user })),
)

function sasl(mechanism: Mechanism, username: string, password: string): SASLOptions {
  // One type for each mechanism in kafkajs, all of the same shape.
  return { mechanism, username, password } as SASLOptions
}

describeWith(['own kafka', 'kcat'], 'the listeners of the shared Kafka', () => {
  let addresses: KafkaAddresses
  let topic: string

  beforeAll(async () => {
    addresses = await ownKafka()
    topic = await createTopic(addresses.plaintext)
  })

  it('take TLS by the authority that is told, and refuse others their trust', async () => {
    const { ssl, ca } = addresses
    await send(client({ brokers: [ssl], ssl: { ca: [ca] } }), topic, 'over TLS')
    await expect(send(client({ brokers: [ssl], ssl: true }), topic, 'lost')).rejects.toThrow(/certificate/)
    expect(await valuesIn(addresses.plaintext, topic)).toContain('over TLS')
  })

  it.each(logins)('take $mechanism of $username', async ({ mechanism, username, password }) => {
    const { saslPlaintext, saslSsl, ca, plaintext } = addresses
    const login = sasl(mechanism, username, password)
    const value = uniqueName(mechanism)
    await send(client({ brokers: [saslPlaintext], sasl: login }), topic, `${value} plain`)
    await send(client({ brokers: [saslSsl], sasl: login, ssl: { ca: [ca] } }), topic, `${value} TLS`)
    expect(await valuesIn(plaintext, topic)).toEqual(expect.arrayContaining([`${value} plain`, `${value} TLS`]))
  })

  it.each(logins)('refuse $mechanism of $username with a wrong password', async ({ mechanism, username }) => {
    const { saslPlaintext } = addresses
    const wrong = client({ brokers: [saslPlaintext], sasl: sasl(mechanism, username, 'wrong') })
    await expect(send(wrong, topic, 'lost')).rejects.toThrow(/authentication failed/i)
  })

  it('are open to kcat as well', async () => {
    const { saslSsl, caFile, plaintext } = addresses
    const { username, password } = kafkaUsers.bob
    const own = await createTopic(plaintext)
    await send(client({ brokers: [plaintext] }), own, 'a')
    // Not SCRAM: librdkafka before 2.6.1, so Debian 12's, sends a nonce that Kafka 4 refuses.
    const settings = {
      'security.protocol': 'sasl_ssl',
      'ssl.ca.location': caFile,
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': username,
      'sasl.password': password,
    }
    expect(await readTopic(saslSsl, own, 1, { settings })).toMatchObject([{ value: Buffer.from('a') }])
  })

  it('have no topics but those that were created', async () => {
    const lost = send(client({ brokers: [addresses.plaintext] }), uniqueName('topic'), 'lost')
    await expect(lost).rejects.toThrow(/does not host this topic-partition/)
  })

  it('keep to the limit of a topic', async () => {
    const small = await createTopic(addresses.plaintext, { config: { 'max.message.bytes': '1000' } })
    const kafka = client({ brokers: [addresses.plaintext] })
    await expect(send(kafka, small, 'x'.repeat(2_000))).rejects.toThrow(/larger than the max message size/)
    await send(kafka, small, 'fits')
    expect(await valuesIn(addresses.plaintext, small)).toEqual(['fits'])
  })
})

describeWith(['own kafka', 'kcat'], 'a private Kafka', () => {
  let broker: Kafka

  beforeAll(async () => {
    const options = { properties: { 'message.max.bytes': '1000' }, advertised: '127.0.0.1:1' }
    broker = await privateKafka(options, afterAll)
  })

  it('has what it had, at the same addresses, after a stop and after a crash', async () => {
    const { plaintext } = broker.addresses
    const topic = await createTopic(plaintext, { partitions: 2 })
    const kafka = client({ brokers: [plaintext] })
    await send(kafka, topic, 'a')
    await broker.stop()
    await expect(send(kafka, topic, 'lost')).rejects.toThrow(/ECONNREFUSED/)
    await broker.start()
    await send(kafka, topic, 'b')
    await broker.kill()
    await expect(send(kafka, topic, 'lost')).rejects.toThrow(/ECONNREFUSED/)
    await broker.start()
    await send(kafka, topic, 'c')
    expect((await valuesIn(plaintext, topic)).sort()).toEqual(['a', 'b', 'c'])
  }, 90_000)

  it('takes the settings that are told', async () => {
    const { plaintext } = broker.addresses
    const topic = await createTopic(plaintext)
    const large = send(client({ brokers: [plaintext] }), topic, 'x'.repeat(2_000))
    await expect(large).rejects.toThrow(/larger than the max message size/)
  })

  it('tells clients of the listener "elsewhere" the address that was asked for', async () => {
    const { elsewhere = '' } = broker.addresses
    const admin = client({ brokers: [elsewhere] }).admin()
    await admin.connect()
    await expect(admin.describeCluster()).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.1:1$/)
    await admin.disconnect()
  })
})

describeWith(['kcat'], 'the mock cluster of kcat', () => {
  it('keeps what kafkajs writes for kcat to read', async () => {
    const mock = await MockKafka.start()
    try {
      await send(client({ brokers: [mock.plaintext], retry: { retries: 3 } }), 'orders', 'a')
      expect(await readTopic(mock.plaintext, 'orders', 1)).toMatchObject([{ topic: 'orders', value: Buffer.from('a') }])
    } finally {
      await mock.close()
    }
  })
})
