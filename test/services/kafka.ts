// Apache Kafka as one node in KRaft mode. Nothing here needs vitest.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeCertificates } from './certificates.js'
import { freePorts } from './free-ports.js'
import { findCommand, ServiceProcess } from './service-process.js'

const pom = fileURLToPath(new URL('kafka/pom.xml', import.meta.url))
const installed = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'callboard-tests', 'kafka')

export interface User {
  readonly username: string
  readonly password: string
}

/** Known to the SASL listeners by each of PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. The second has a password to trip over. */
export const kafkaUsers = {
  alice: { username: 'alice', password: 'alice-secret' },
  bob: { username: 'bob', password: 'b:o/b @ #1%2F&=?+;[x]' },
} as const satisfies Record<string, User>

/** Bootstrap servers, as `host:port`, of each of the listeners, and the authority of the two with TLS. */
export interface KafkaAddresses {
  readonly plaintext: string
  readonly saslPlaintext: string
  readonly ssl: string
  readonly saslSsl: string
  /** PEM. */
  readonly ca: string
  readonly caFile: string
  /** Set with the option `advertised`: what is asked here answers that the broker is at that other address. */
  readonly elsewhere?: string
}

export interface KafkaOptions {
  /** More lines of server.properties, over those below: `{ 'message.max.bytes': '4096' }`. */
  readonly properties?: Readonly<Record<string, string>>
  /** The `host:port` which the listener `elsewhere` tells clients to connect to. */
  readonly advertised?: string
}

const jvm = ['-Xms64m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.log.kafka.server=info']
const classPath = ['-cp', join(installed, 'lib', '*')]

/** Why Kafka cannot be started here, or undefined when it can. */
export function kafkaMissing(): string | undefined {
  const commands = ['java', 'openssl'].filter((command) => findCommand(command) === undefined)
  if (commands.length > 0) return `there is no ${commands.join(' and no ')} command`
  const marker = join(installed, 'pom.xml')
  if (!existsSync(marker)) return `Apache Kafka is not in ${installed}`
  if (readFileSync(marker, 'utf8') !== readFileSync(pom, 'utf8'))
    return `${installed} has another version of Apache Kafka`
  return undefined
}

/**
 * One broker with its data in a temporary directory, on free ports of the loopback interface, which it keeps when it is
 * started again. Topics are not made by using them. It ends with the process that made it, at the latest.
 */
export class Kafka {
  readonly addresses: KafkaAddresses
  readonly #folder: string
  #process: ServiceProcess | undefined

  private constructor(folder: string, addresses: KafkaAddresses) {
    this.#folder = folder
    this.addresses = addresses
  }

  static async start(options: KafkaOptions = {}): Promise<Kafka> {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-kafka-'))
    try {
      const addresses = await prepare(folder, options)
      const kafka = new Kafka(folder, addresses)
      await kafka.start()
      return kafka
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  async start(): Promise<void> {
    this.#process = await ServiceProcess.start({
      name: 'Kafka',
      folder: this.#folder,
      command: 'java',
      args: [...jvm, ...logging, ...classPath, 'kafka.Kafka', join(this.#folder, 'server.properties')],
      ready: /Kafka Server started/,
    })
  }

  /** As an operator would. Its data stays, for `start`. */
  async stop(): Promise<void> {
    await this.#process?.stop()
    this.#process = undefined
  }

  /** As a power cut would. Its data stays, for `start`. */
  async kill(): Promise<void> {
    await this.#process?.kill()
    this.#process = undefined
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The last of what the broker printed, for a test that failed. */
  get log(): string {
    return this.#process?.log ?? ''
  }
}

/** Writes all that the broker reads at its start into the folder. */
async function prepare(folder: string, { properties = {}, advertised }: KafkaOptions): Promise<KafkaAddresses> {
  const { ca, caFile, certificateFile, keyFile } = makeCertificates(folder)
  const [plaintext = 0, saslPlaintext = 0, ssl = 0, saslSsl = 0, controller = 0, elsewhere = 0] = await freePorts(6)
  const at = (port: number): string => `127.0.0.1:${port}`
  const listeners = {
    PLAINTEXT: at(plaintext),
    SASL_PLAINTEXT: at(saslPlaintext),
    SSL: at(ssl),
    SASL_SSL: at(saslSsl),
    ...(advertised === undefined ? {} : { ELSEWHERE: at(elsewhere) }),
  }
  const list = (of: Readonly<Record<string, string>>): string =>
    Object.entries(of)
      .map(([name, address]) => `${name}://${address}`)
      .join(',')
  const data = join(folder, 'data')
  const plain = Object.values(kafkaUsers).map(({ username, password }) => `user_${username}=${quoted(password)}`)
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const logins = ['sasl_plaintext', 'sasl_ssl'].flatMap((listener) => [
    [
      `listener.name.${listener}.plain.sasl.jaas.config`,
      `org.apache.kafka.common.security.plain.PlainLoginModule required ${plain.join(' ')};`,
    ],
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, scram],
  ])
  const file = join(folder, 'server.properties')
  writeProperties(file, {
    ...base,
    'controller.quorum.voters': `1@${at(controller)}`,
    listeners: `${list(listeners)},CONTROLLER://${at(controller)}`,
    'advertised.listeners': list(advertised === undefined ? listeners : { ...listeners, ELSEWHERE: advertised }),
    'log.dirs': data,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore(folder, certificateFile, keyFile),
    ...Object.fromEntries(logins),
    ...properties,
  })
  cpSync(await formatted(), data, { recursive: true })
  return {
    plaintext: at(plaintext),
    saslPlaintext: at(saslPlaintext),
    ssl: at(ssl),
    saslSsl: at(saslSsl),
    ca,
    caFile,
    ...(advertised === undefined ? {} : { elsewhere: at(elsewhere) }),
  }
}

const base = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map':
    'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,ELSEWHERE:PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'auto.create.topics.enable': 'false',
  // How long a broker that was killed is still taken for alive: until then it cannot be started again.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.enable': 'false',
  'num.network.threads': '2',
  'num.io.threads': '2',
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

function writeProperties(file: string, properties: Readonly<Record<string, string>>): void {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
  writeFileSync(file, lines.join(''))
}

/** Kafka wants a PEM key store in one file. */
function keystore(folder: string, certificateFile: string, keyFile: string): string {
  const file = join(folder, 'keystore.pem')
  writeFileSync(file, readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8'))
  return file
}

/** What `kafka-storage format` makes, with the users. Made once for a version and kept: it takes as long as half a start. */
async function formatted(): Promise<string> {
  const users = Object.values(kafkaUsers).flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${quoted(username)},password=${quoted(password)}]`,
    ]),
  )
  const folder = join(installed, `formatted-${createHash('sha256').update(users.join()).digest('hex').slice(0, 8)}`)
  if (existsSync(folder)) return folder
  const work = mkdtempSync(join(installed, 'formatting-'))
  try {
    const file = join(work, 'server.properties')
    const data = join(work, 'data')
    const nowhere = { 'controller.quorum.voters': '1@127.0.0.1:1', listeners: 'CONTROLLER://127.0.0.1:1' }
    writeProperties(file, { ...base, ...nowhere, 'process.roles': 'controller', 'log.dirs': data })
    const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', 'callboard-tests-000000', '--config', file]
    mkdirSync(data)
    await promisify(execFile)('java', [...jvm, ...logging, ...classPath, ...format, ...users])
    renameSync(data, folder)
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}
