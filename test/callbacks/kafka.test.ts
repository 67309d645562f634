import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka as Client, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { KafkaClient } from '../../src/callbacks/kafka-client.js'
import { PartitionGone } from '../../src/callbacks/kafka-errors.js'
import type { KafkaPayload } from '../../src/callbacks/kafka-payload.js'
import type { Outcome } from '../../src/delivery/transport.js'
import { createGuard } from '../../src/network/guard.js'
import { eventually } from '../e2e/eventually.js'
import { makeCertificates } from '../services/certificates.js'
import { type KafkaAddresses, kafkaUsers } from '../services/kafka.js'
import { createTopic } from '../services/kafka-topic.js'
import { MockKafka, readTopic, readWholeTopic } from '../services/kcat.js'
import { describeWith, kafka, ownKafka, privateKafka, uniqueName } from '../services/services.js'
import { kafkaTransports, quiet } from './kafka-world.js'

const open = kafkaTransports()
const delivered: Outcome = { ok: true }

async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer(onConnection)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

describeWith(['kcat'], 'a broker that is not Java', () => {
  it('reads what is sent, and its topics are made by using them', async () => {
    const mock = await MockKafka.start()
    try {
      const payload = { brokers: [mock.plaintext], topic: 'orders', key: 'c-1', value: '{"a":1}' }
      expect(await open().send(payload)).toEqual(delivered)
      expect(await readTopic(mock.plaintext, 'orders', 1)).toMatchObject([
        { key: Buffer.from('c-1'), value: Buffer.from('{"a":1}') },
      ])
    } finally {
      await mock.close()
    }
  })
})

describeWith(['kafka', 'kcat'], 'what is sent to Kafka', () => {
  let brokers: string[]
  beforeAll(async () => {
    brokers = (await kafka()).plaintext.split(',')
  })
  const servers = (): string => brokers.join(',')

  it('arrives byte by byte', async () => {
    const topic = await createTopic(servers())
    const { send } = open({ env: { TOKEN: 's3cret' } })
    const headers = [
      ['source', 'order-service'],
      ['Ünïcode', '↯ naïve'],
      ['empty', ''],
      ['token', { env: 'TOKEN', prefix: 'Bearer ' }],
      ['constructor', 'x'],
    ] as const
    expect(await send({ brokers, topic, key: 'clé-1', headers, value: '{"a":"☃ 😀","b":null}' })).toEqual(delivered)
    expect(await send({ brokers, topic, value: '' })).toEqual(delivered)
    expect(await send({ brokers, topic, key: 'gone' })).toEqual(delivered)
    const [first, second, third] = await readTopic(servers(), topic, 3)
    expect(first?.value?.toString('utf8')).toBe('{"a":"☃ 😀","b":null}')
    expect(first?.key?.toString('utf8')).toBe('clé-1')
    expect(first?.headers.map(([name, value]) => [name, value?.toString('utf8')])).toEqual([
      ['source', 'order-service'],
      ['Ünïcode', '↯ naïve'],
      ['empty', ''],
      ['token', 'Bearer s3cret'],
      ['constructor', 'x'],
    ])
    expect(second).toMatchObject({ key: null, value: Buffer.alloc(0), headers: [] })
    expect(third).toMatchObject({ key: Buffer.from('gone'), value: null })
  })

  it('goes to the partition that Java gives its key', async () => {
    const topic = await createTopic(servers(), { partitions: 7 })
    const { send } = open()
    // The hashes that Kafka's own tests expect: UtilsTest.testMurmur2.
    const hashes = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 }
    for (const key of Object.keys(hashes)) await send({ brokers, topic, key, value: key })
    const found = (await readTopic(servers(), topic, 3)).map(({ key, partition }) => [String(key), partition] as const)
    expect(new Map(found)).toEqual(
      new Map(Object.entries(hashes).map(([key, hash]) => [key, (hash & 0x7fffffff) % 7] as const)),
    )
  })

  it('spreads over all partitions without a key', async () => {
    const topic = await createTopic(servers(), { partitions: 3 })
    const { send } = open()
    for (let at = 0; at < 9; at += 1) await send({ brokers, topic, value: String(at) })
    expect(new Set((await readTopic(servers(), topic, 9)).map(({ partition }) => partition))).toEqual(
      new Set([0, 1, 2]),
    )
  })

  it('arrives once each in a burst, over partitions and topics, in few requests', async () => {
    const topics = await Promise.all([1, 4].map((partitions) => createTopic(servers(), { partitions })))
    const { send } = open()
    const values = Array.from({ length: 1000 }, (_, at) => String(at))
    const outcomes = await Promise.all(
      values.flatMap((value) => topics.map((topic) => send({ brokers, topic, key: value, value }))),
    )
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toEqual(new Set(['{"ok":true}']))
    for (const topic of topics) {
      const found = await readWholeTopic(servers(), topic)
      expect(found.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(values.map(Number))
    }
  })

  it('is refused alone when it is too large, not the others that were sent with it', async () => {
    const topic = await createTopic(servers(), { config: { 'max.message.bytes': '2000' } })
    const { send } = open()
    const sizes = [10, 20, 5000, 30, 1500, 40, 6000]
    const outcomes = await Promise.all(sizes.map((size) => send({ brokers, topic, value: 'x'.repeat(size) })))
    expect(outcomes.map(({ ok }) => ok)).toEqual(sizes.map((size) => size < 2000))
    expect(outcomes[2]).toEqual({
      ok: false,
      class: 'rejected',
      message: `the message is larger than topic ${topic} takes: send less, or raise max.message.bytes of the topic (message.max.bytes of the brokers)`,
    })
    expect((await readWholeTopic(servers(), topic)).map(({ value }) => value?.length)).toEqual([10, 20, 30, 1500, 40])
  })

  it('is refused alone when a compacted topic wants a key', async () => {
    const topic = await createTopic(servers(), { config: { 'cleanup.policy': 'compact' } })
    const { send } = open()
    const outcomes = await Promise.all([
      send({ brokers, topic, key: 'a', value: '1' }),
      send({ brokers, topic, value: '2' }),
    ])
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, class: 'rejected', message: expect.stringContaining('a compacted topic needs a kafkaKey') },
    ])
  })

  it('fails for a topic that is not there, and other topics do not suffer', async () => {
    const topic = await createTopic(servers())
    const { send } = open()
    await send({ brokers, topic, value: 'before' })
    const none = uniqueName('none')
    const [lost, other] = await Promise.all([
      send({ brokers, topic: none, value: 'lost' }),
      send({ brokers, topic, value: 'meanwhile' }),
    ])
    expect(lost).toEqual({
      ok: false,
      class: 'gone',
      message: `there is no topic ${none}, and the brokers do not make it: create it, or correct kafkaTopic`,
    })
    expect(other).toEqual(delivered)
    expect(await send({ brokers, topic, value: 'after' })).toEqual(delivered)
  })

  it('finds a topic that is made while it is looked for', async () => {
    const topic = uniqueName('late')
    const sending = open().send({ brokers, topic, value: 'a' })
    const admin = new Client({ brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
    await admin.disconnect()
    expect(await sending).toEqual(delivered)
  })

  it('reaches other topics after one is deleted', async () => {
    const [kept, deleted] = await Promise.all([createTopic(servers()), createTopic(servers())])
    const { send } = open()
    await send({ brokers, topic: kept, value: '1' })
    await send({ brokers, topic: deleted, value: '1' })
    const admin = new Client({ brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.deleteTopics({ topics: [deleted] })
    await admin.disconnect()
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, (_, at) => send({ brokers, topic: at % 2 === 0 ? kept : deleted, value: '2' })),
    )
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.class))).toEqual(['ok', 'gone', 'ok', 'gone'])
    const fresh = await createTopic(servers())
    expect(await send({ brokers, topic: fresh, value: '3' })).toEqual(delivered)
  })

  it('arrives where its topic has fewer partitions than before', async () => {
    const topic = await createTopic(servers(), { partitions: 5 })
    const { send } = open()
    const keys = Array.from({ length: 20 }, (_, at) => `k${at}`)
    await Promise.all(keys.map((key) => send({ brokers, topic, key, value: 'before' })))
    const admin = new Client({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 50 } }).admin()
    await admin.deleteTopics({ topics: [topic] })
    await eventually('it is made anew', () =>
      admin.createTopics({ topics: [{ topic }], waitForLeaders: true }).catch(() => false),
    )
    await admin.disconnect()
    const outcomes = await Promise.all(keys.map((key) => send({ brokers, topic, key, value: 'after' })))
    expect(outcomes).toEqual(keys.map(() => delivered))
    expect((await readWholeTopic(servers(), topic)).map(({ key }) => String(key)).sort()).toEqual([...keys].sort())
  })

  it('is not taken for written when there is no such partition', async () => {
    const topic = await createTopic(servers())
    const guard = createGuard({ allow: ['127.0.0.1', 'localhost'], allowPrivate: false, connectTimeoutMs: 2000 })
    const client = new KafkaClient({ brokers, login: undefined, tls: undefined, guard, log: quiet, isVerbose: false })
    onTestFinished(() => client.close())
    await client.connect()
    await client.write(topic, 0, [{ key: null, value: 'a', headers: {} }], 1000)
    await expect(client.write(topic, 7, [{ key: null, value: 'b', headers: {} }], 1000)).rejects.toThrow(PartitionGone)
  })

  it('tells the log what the library says, at the level debug, and no secrets', async () => {
    const topic = await createTopic(servers())
    const told: string[] = []
    const debug = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`)
    const { send } = open({ isVerbose: true, log: { ...quiet, debug }, env: { TOKEN: 's3cret' } })
    await send({ brokers, topic, headers: [['token', { env: 'TOKEN' }]], value: 'v4lue' })
    expect(told.some((line) => line.includes('Connecting'))).toBe(true)
    expect(told.join('\n')).not.toMatch(/s3cret|v4lue/)
    told.length = 0
    await open({ log: { ...quiet, debug } }).send({ brokers, topic, value: 'a' })
    expect(told).toEqual([])
  })

  it('finds a broker of several, some of which cannot be reached', async () => {
    const topic = await createTopic(servers())
    const closed = ['127.0.0.1:1', '127.0.0.1:2', '[::1]:1']
    const { send } = open({ allow: ['127.0.0.1', '::1'] })
    expect(await send({ brokers: [...closed, ...brokers], topic, value: 'a' })).toEqual(delivered)
  })

  it('uses a connection no longer than there is something to send', async () => {
    const topic = await createTopic(servers())
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    const { send, transport } = open({ idleMs: 20 })
    await send({ brokers, topic, value: 'a' })
    expect(sockets()).toBeGreaterThan(before)
    await eventually('it is closed', () => transport.endpoints === 0 && sockets() <= before)
    expect(await send({ brokers, topic, value: 'b' })).toEqual(delivered)
  })

  it('closes connections that are no longer declared, once nothing is under way', async () => {
    const topic = await createTopic(servers())
    const { send, transport } = open()
    await send({ brokers, topic, value: 'a' })
    transport.retain(new Set([`kafka://${[...brokers].sort().join(',')}`]))
    expect(transport.endpoints).toBe(1)
    transport.retain(new Set())
    expect(transport.endpoints).toBe(0)
    expect(await send({ brokers, topic, value: 'left over' })).toEqual(delivered)
    await eventually('it is closed again', () => transport.endpoints === 0)
  })
})

describeWith(['own kafka', 'kcat'], 'a login and TLS', () => {
  let addresses: KafkaAddresses
  let topic: string
  let folder: string
  beforeAll(async () => {
    addresses = await ownKafka()
    topic = await createTopic(addresses.plaintext)
    folder = mkdtempSync(join(tmpdir(), 'kafka-tls-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const login = (mechanism: NonNullable<KafkaPayload['login']>['mechanism'], name: 'alice' | 'bob' = 'bob') => ({
    mechanism,
    username: kafkaUsers[name].username,
    password: { env: 'PASSWORD' },
  })
  const env = { PASSWORD: kafkaUsers.bob.password }

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s, with and without TLS', async (mechanism) => {
    const { saslPlaintext, saslSsl, caFile } = addresses
    const { send } = open({ env })
    const value = randomBytes(4).toString('hex')
    const parts = { topic, value, login: login(mechanism) }
    expect(await send({ brokers: [saslPlaintext], ...parts })).toEqual(delivered)
    expect(await send({ brokers: [saslSsl], ...parts, tls: { ca: caFile } })).toEqual(delivered)
    const found = await readWholeTopic(addresses.plaintext, topic)
    expect(found.filter((message) => message.value?.toString() === value)).toHaveLength(2)
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s with a wrong password', async (mechanism) => {
    const { saslPlaintext } = addresses
    const outcome = await open({ env: { PASSWORD: 'wr0ng' } }).send({
      brokers: [saslPlaintext],
      topic,
      login: login(mechanism),
    })
    expect(outcome).toMatchObject({ ok: false, class: 'auth' })
    const { message } = outcome as { message: string }
    expect(message).toContain(`${saslPlaintext} refused the login of bob by ${mechanism}`)
    expect(message).toContain('see kafkaUsername, kafkaPassword and kafkaSaslMechanism')
    expect(message).not.toContain('wr0ng')
  })

  it('takes up a password that is put right', async () => {
    const env: Record<string, string> = {}
    const { send } = open({ env })
    const payload = { brokers: [addresses.saslPlaintext], topic, login: login('plain') }
    expect(await send(payload)).toEqual({
      ok: false,
      class: 'auth',
      message: 'the environment variable PASSWORD is not set',
    })
    env.PASSWORD = 'wrong'
    expect(await send(payload)).toMatchObject({ class: 'auth' })
    env.PASSWORD = kafkaUsers.bob.password
    expect(await send(payload)).toEqual(delivered)
  })

  it('TLS by an authority that did not sign, or that is not there', async () => {
    const { ssl, caFile } = addresses
    const { send } = open()
    const brokers = [ssl]
    expect(await send({ brokers, topic, tls: { ca: caFile } })).toEqual(delivered)
    expect(await send({ brokers, topic, tls: {} })).toMatchObject({
      class: 'auth',
      message: expect.stringMatching(/^the certificate of 127\.0\.0\.1:\d+ is not trusted \(.+\): name the PEM file/),
    })
    const { caFile: other } = makeCertificates(folder)
    expect(await send({ brokers, topic, tls: { ca: other } })).toMatchObject({
      class: 'auth',
      message: expect.stringContaining(`${other} does not vouch for it; see kafkaCa`),
    })
    const missing = join(folder, 'none.pem')
    expect(await send({ brokers, topic, tls: { ca: missing } })).toEqual({
      ok: false,
      class: 'auth',
      message: `the file ${missing}, named by kafkaCa, cannot be read: ENOENT`,
    })
    writeFileSync(missing, 'not PEM')
    expect(await send({ brokers, topic, tls: { ca: missing } })).toMatchObject({
      class: 'auth',
      message: expect.stringContaining('is not a PEM file with certificates'),
    })
    writeFileSync(missing, addresses.ca)
    expect(await send({ brokers, topic, tls: { ca: missing } })).toEqual(delivered)
  })

  it('says what may be wrong when a listener speaks otherwise', async () => {
    const { plaintext, ssl, saslPlaintext } = addresses
    const { send } = open()
    expect(await send({ brokers: [plaintext], topic, tls: {} })).toMatchObject({
      class: 'network',
      message: expect.stringContaining('kafkaUseTLS'),
    })
    expect(await send({ brokers: [ssl], topic })).toMatchObject({
      class: 'network',
      message: expect.stringContaining('kafkaUseTLS'),
    })
    expect(await send({ brokers: [saslPlaintext], topic })).toMatchObject({
      class: 'network',
      message: expect.stringContaining('kafkaUseSASL'),
    })
  })
})

describe('brokers that cannot be reached', () => {
  it('are said to be, with what the system says', async () => {
    const { send } = open()
    expect(await send({ brokers: ['127.0.0.1:1'], topic: 't' })).toEqual({
      ok: false,
      class: 'network',
      message: '127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
    })
    expect(await send({ brokers: ['broker.invalid:9092'], topic: 't' })).toMatchObject({
      class: 'network',
      message: expect.stringMatching(/^broker\.invalid:9092 cannot be reached: getaddrinfo (ENOTFOUND|EAI_AGAIN)/),
    })
  })

  it('are not dialled when the guard forbids them', async () => {
    const { send } = open({ allow: [] })
    const line = 'to allow it, add to settings: network.allow:'
    expect(await send({ brokers: ['127.0.0.1:9092'], topic: 't' })).toMatchObject({
      class: 'guard',
      message: expect.stringContaining(`${line} ["127.0.0.1:9092"]`),
    })
    expect(await send({ brokers: ['localhost:9092'], topic: 't' })).toMatchObject({
      class: 'guard',
      message: expect.stringContaining(`${line} ["localhost:9092"]`),
    })
    expect(await send({ brokers: ['[::1]:9092'], topic: 't' })).toMatchObject({
      class: 'guard',
      message: expect.stringContaining('::1'),
    })
  })

  it('and that say nothing are left when nobody waits any more', async () => {
    const connections: Socket[] = []
    const address = await listen((socket) => connections.push(socket.on('error', () => {}).resume()))
    const { send, transport } = open({ idleMs: 0 })
    const leaving = new AbortController()
    const sending = send({ brokers: [address], topic: 't' }, leaving.signal)
    await eventually('it has connected', () => connections.length === 1)
    leaving.abort(new Error('timeout'))
    await expect(sending).rejects.toThrow('timeout')
    await eventually('it has gone', () => transport.endpoints === 0)
    await eventually('the connection is closed', () => connections[0]?.readableEnded || connections[0]?.destroyed)
  })

  it('and that close at once are network errors', async () => {
    const address = await listen((socket) => socket.destroy())
    expect(await open().send({ brokers: [address], topic: 't' })).toMatchObject({
      class: 'network',
      message: expect.stringContaining(`${address} closed the connection`),
    })
  })
})

describeWith(['own kafka', 'kcat'], 'a connection that falls silent', () => {
  it('is left once nobody waits for what was written on it, and what waits behind goes over another', async () => {
    const pairs: (readonly [Socket, Socket])[] = []
    let behind = ''
    const relay = await listen((client) => {
      const [host = '', port] = behind.split(':')
      const broker = connect({ host, port: Number(port) })
      for (const socket of [client, broker]) socket.on('error', () => {})
      client.pipe(broker).pipe(client)
      pairs.push([client, broker])
    })
    const broker = await privateKafka({ advertised: relay })
    behind = broker.addresses.elsewhere ?? ''
    const topic = await createTopic(broker.addresses.plaintext)
    const { send } = open()
    expect(await send({ brokers: [relay], topic, value: 'before' })).toEqual(delivered)
    const connections = pairs.length
    // What is on its way stays there, and nobody says so.
    for (const [client, server] of pairs) {
      client.unpipe(server)
      server.unpipe(client)
    }
    const bytes = () => pairs.reduce((sum, [client]) => sum + client.readableLength, 0)
    const leaving = new AbortController()
    const lost = send({ brokers: [relay], topic, value: 'lost' }, leaving.signal)
    await eventually('it is written', () => bytes() > 0)
    const next = send({ brokers: [relay], topic, value: 'next' })
    leaving.abort(new Error('timeout'))
    await expect(lost).rejects.toThrow('timeout')
    expect(await next).toEqual(delivered)
    expect(pairs.length).toBeGreaterThan(connections)
    const found = await readWholeTopic(broker.addresses.plaintext, topic)
    expect(found.map(({ value }) => String(value))).toEqual(['before', 'next'])
  }, 60_000)
})

describeWith(['own kafka'], 'addresses that brokers tell', () => {
  it('are not dialled when the guard forbids them', async () => {
    const broker = await privateKafka({ advertised: '127.0.0.2:9099' })
    const { plaintext, elsewhere = '' } = broker.addresses
    const topic = await createTopic(plaintext)
    const { send } = open({ allow: ['127.0.0.1'] })
    expect(await send({ brokers: [elsewhere], topic, value: 'a' })).toEqual({
      ok: false,
      class: 'guard',
      message: expect.stringMatching(
        /^the brokers say that they are at 127\.0\.0\.2:9099: .* add to settings: network\.allow: \["127\.0\.0\.2:9099"\]$/,
      ),
    })
    expect(await send({ brokers: [plaintext], topic, value: 'a' })).toEqual(delivered)
  }, 60_000)
})
