// RabbitMQ as one node. Nothing here needs vitest.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificates } from './certificates.js'
import { freePorts } from './free-ports.js'
import type { User } from './kafka.js'
import { findCommand, ServiceProcess } from './service-process.js'

/** The second has a password to trip over in a URL. The third may read but neither write nor declare anything. */
export const rabbitmqUsers = {
  guest: { username: 'guest', password: 'guest' },
  alice: { username: 'alice', password: 'a:l/i@c e#1%2F&=?+"\\é' },
  reader: { username: 'reader', password: 'reader' },
} as const satisfies Record<string, User>

/** The second has a name that a URL must encode. Each user has both. */
export const rabbitmqVhosts = ['/', 'orders/eu 1'] as const

export interface RabbitmqAddresses {
  /** `amqp:` and the default vhost, as guest. */
  readonly url: string
  /** The same over `amqps:`; the broker's certificate is for localhost, 127.0.0.1 and ::1. */
  readonly tlsUrl: string
  readonly host: string
  readonly port: number
  readonly tlsPort: number
  /** The authority of the certificate, in PEM. */
  readonly ca: string
  readonly caFile: string
  /** What `rabbitmqctl` needs to find this broker. */
  readonly controlEnv: Readonly<Record<string, string>>
}

export interface RabbitmqOptions {
  /** More lines of rabbitmq.conf, over those below: `{ max_message_size: '4096' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Why RabbitMQ cannot be started here, or undefined when it can. */
export function rabbitmqMissing(): string | undefined {
  const commands = ['rabbitmq-server', 'epmd', 'openssl'].filter(
    (command) => findCommand(command, programs()) === undefined,
  )
  return commands.length === 0 ? undefined : `there is no ${commands.join(' and no ')} command`
}

/**
 * One broker with its data in a temporary directory, on free ports of the loopback interface, which it keeps when it is
 * started again. It ends with the process that made it, at the latest.
 */
export class Rabbitmq {
  readonly addresses: RabbitmqAddresses
  readonly #folder: string
  #process: ServiceProcess | undefined

  private constructor(folder: string, addresses: RabbitmqAddresses) {
    this.#folder = folder
    this.addresses = addresses
  }

  static async start(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-rabbitmq-'))
    try {
      const rabbitmq = new Rabbitmq(folder, await prepare(folder, options))
      await rabbitmq.start()
      return rabbitmq
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  async start(): Promise<void> {
    const { controlEnv } = this.addresses
    const server = findCommand('rabbitmq-server', programs()) ?? 'rabbitmq-server'
    // epmd says where a node is. Without one of its own, RabbitMQ would start one that stays, or use that of the machine.
    const both = 'epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & exec "$0"'
    this.#process = await ServiceProcess.start({
      name: 'RabbitMQ',
      folder: this.#folder,
      command: 'sh',
      args: ['-c', both, server],
      env: { ...process.env, ...controlEnv },
      ready: /Server startup complete/,
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

/**
 * What `rabbitmqctl` prints. Connections are blocked by `set_vm_memory_high_watermark absolute 1` and free again after
 * `set_vm_memory_high_watermark 0.4`. Takes about a second, as every Erlang program.
 */
export async function rabbitmqctl({ controlEnv }: RabbitmqAddresses, ...args: readonly string[]): Promise<string> {
  const command = findCommand('rabbitmqctl', programs()) ?? 'rabbitmqctl'
  const { stdout } = await promisify(execFile)(command, ['--quiet', ...args], {
    env: { ...process.env, ...controlEnv },
  })
  return stdout
}

/** Where Debian has the programs themselves. On its PATH are scripts that change to a user of its own, as only root may. */
function programs(): string[] {
  const folder = '/usr/lib/rabbitmq/lib'
  try {
    return readdirSync(folder).map((version) => join(folder, version, 'sbin'))
  } catch {
    return []
  }
}

/** Writes all that the broker reads at its start into the folder. */
async function prepare(folder: string, { settings = {} }: RabbitmqOptions): Promise<RabbitmqAddresses> {
  const file = (name: string): string => join(folder, name)
  const { ca, caFile, certificateFile, keyFile } = makeCertificates(folder)
  const [port = 0, tlsPort = 0, distribution = 0, epmd = 0, control = 0] = await freePorts(5)
  mkdirSync(file('data'))
  writeFileSync(file('definitions.json'), JSON.stringify(definitions))
  writeFileSync(file('enabled_plugins'), '[].\n')
  const lines = {
    'listeners.tcp.local': `127.0.0.1:${port}`,
    'listeners.ssl.local': `127.0.0.1:${tlsPort}`,
    'ssl_options.cacertfile': caFile,
    'ssl_options.certfile': certificateFile,
    'ssl_options.keyfile': keyFile,
    load_definitions: file('definitions.json'),
    'disk_free_limit.absolute': '1MB',
    'log.console': 'true',
    'log.console.level': 'info',
    'log.file': 'false',
    ...settings,
  }
  writeFileSync(
    file('rabbitmq.conf'),
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  const loopback = '-kernel inet_dist_use_interface {127,0,0,1}'
  const controlEnv = {
    HOME: folder,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: loopback,
    RABBITMQ_CTL_ERL_ARGS: loopback,
    RABBITMQ_CTL_DIST_PORT_MIN: String(control),
    RABBITMQ_CTL_DIST_PORT_MAX: String(control + 20),
    RABBITMQ_CONF_ENV_FILE: file('none.conf'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: file('advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: file('generated'),
    RABBITMQ_SCHEMA_DIR: file('schema'),
    RABBITMQ_MNESIA_BASE: file('data'),
    RABBITMQ_PID_FILE: file('pid'),
    RABBITMQ_LOG_BASE: file('log'),
    RABBITMQ_LOGS: '-',
  }
  const at = (scheme: string, on: number): string => `${scheme}://guest:guest@127.0.0.1:${on}/`
  const urls = { url: at('amqp', port), tlsUrl: at('amqps', tlsPort) }
  return { ...urls, host: '127.0.0.1', port, tlsPort, ca, caFile, controlEnv }
}

const everything = { configure: '.*', write: '.*', read: '.*' }
const permissions: Readonly<Record<string, typeof everything>> = { reader: { configure: '', write: '', read: '.*' } }

const definitions = {
  users: Object.values(rabbitmqUsers).map(({ username, password }) => ({
    name: username,
    password_hash: hashed(password),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: '',
  })),
  vhosts: rabbitmqVhosts.map((name) => ({ name })),
  permissions: Object.keys(rabbitmqUsers).flatMap((user) =>
    rabbitmqVhosts.map((vhost) => ({ user, vhost, ...(permissions[user] ?? everything) })),
  ),
}

/** As RabbitMQ keeps passwords: four bytes of salt, then SHA-256 over the salt and the password. */
function hashed(password: string): string {
  const salt = Buffer.from('salt')
  return Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]).toString('base64')
}
