// Sends a callback to RabbitMQ: one message, published with confirmation. It is delivered once the broker has confirmed.

import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { ChannelModel } from 'amqplib'
import { SecretMissing, type SecretSources, Secrets, type SecretText } from '../delivery/secrets.js'
import type { Failure, Outcome, Transport } from '../delivery/transport.js'
import type { Guard } from '../network/guard.js'
import { parseRabbitUrl, type RabbitEndpoint, urlHint } from '../resources/kinds/rabbitmq-url.js'
import type { Delivery } from '../store/delivery.js'
import type { Timer } from '../store/timer.js'
import { readAuthority } from './authority.js'
import { RabbitBroker } from './rabbitmq-broker.js'
import type { RabbitPayload } from './rabbitmq-payload.js'
import type { RabbitMessage } from './rabbitmq-publication.js'

export interface RabbitTransportOptions extends SecretSources {
  readonly guard: Pick<Guard, 'lookup'>
  readonly now: () => number
  readonly timer: Timer
  /** What the broker's list of connections shows. */
  readonly connectionName: string
}

export interface RabbitTransport extends Transport {
  width(): number
  /** `targets` are declared: connections to those that were before and are no more end with what is under way on them. */
  retain(targets: ReadonlySet<string>): void
  /** Ends all connections. Call it when nothing is sent any more. */
  close(): Promise<void>
}

type Amqplib = typeof import('amqplib')

/** With the first message that goes out. */
function loadAmqplib(): Amqplib {
  return createRequire(import.meta.url)('amqplib') as Amqplib
}

/** Seconds. A broker that is gone without a word is noticed within three of them. */
const heartbeat = 20
const idleMs = 60_000
const sweepMs = 5000
/** Messages under way at a time to one broker: confirms come for several of them at once. */
const width = 64

export function createRabbitTransport(options: RabbitTransportOptions): RabbitTransport {
  const { now, timer } = options
  /** By URL and authority: who shares both shares a connection. */
  const brokers = new Map<string, { readonly broker: RabbitBroker; readonly target: string }>()
  let declared: ReadonlySet<string> = new Set()
  /** Not declared any more. */
  const forsaken = new Set<string>()
  let cancelSweep: (() => void) | undefined

  function brokerOf(url: string, { ca }: RabbitPayload, target: string): RabbitBroker | undefined {
    const key = ca === undefined ? url : `${url}\n${ca}`
    const known = brokers.get(key)
    if (known !== undefined) return known.broker
    const endpoint = parseRabbitUrl(url)
    if (endpoint === undefined) return undefined
    const broker = new RabbitBroker({ endpoint, now, timer, dial: (signal) => dial(endpoint, ca, signal, options) })
    brokers.set(key, { broker, target })
    cancelSweep ??= timer(sweepMs, sweep)
    return broker
  }

  /** Ends connections that are not used any more, as those by a secret that is another now. */
  function sweep(): void {
    cancelSweep?.()
    for (const [key, { broker, target }] of brokers) {
      if (!broker.isIdle(now() - (forsaken.has(target) ? 0 : idleMs))) continue
      brokers.delete(key)
      void broker.close()
    }
    cancelSweep = brokers.size === 0 ? undefined : timer(sweepMs, sweep)
  }

  async function send(delivery: Delivery, signal: Parameters<Transport['send']>[1]): Promise<Outcome> {
    const payload = delivery.payload as unknown as RabbitPayload
    const secrets = new Secrets(options)
    try {
      const url = typeof payload.url === 'string' ? payload.url : await secrets.resolve(payload.url)
      const message = isPlain(payload)
        ? toMessage(delivery, payload)
        : toMessage(delivery, await resolved(payload, secrets))
      const broker = brokerOf(url, payload, delivery.target)
      if (broker === undefined) {
        const shown = typeof payload.url === 'string' ? JSON.stringify(url) : 'the secret'
        return failure('template', `${shown} is no AMQP URL: ${urlHint}`)
      }
      const outcome = await broker.send(message, signal, delivery.timeoutMs)
      return outcome.ok ? outcome : { ...outcome, message: secrets.redact(outcome.message) }
    } catch (error) {
      if (error instanceof SecretMissing) return failure('auth', error.message)
      throw error
    }
  }

  return {
    send,
    width: () => width,
    retain: (targets) => {
      for (const target of declared) if (!targets.has(target)) forsaken.add(target)
      for (const target of targets) forsaken.delete(target)
      declared = targets
      sweep()
    },
    close: async () => {
      cancelSweep?.()
      const all = [...brokers.values()]
      brokers.clear()
      await Promise.all(all.map(({ broker }) => broker.close()))
    },
  }
}

async function dial(
  { tls, host, port, username, password, vhost, heartbeat: wanted = heartbeat }: RabbitEndpoint,
  caFile: string | undefined,
  signal: AbortSignal,
  { guard, connectionName }: RabbitTransportOptions,
): Promise<ChannelModel> {
  const lookup = guard.lookup(host, port)
  const ca = tls && caFile !== undefined ? await readAuthority(caFile, 'rabbitCa') : undefined
  // Of the socket, which amqplib hands on and does not list.
  const socket: { readonly signal: AbortSignal; readonly lookup: LookupFunction } = { signal, lookup }
  return await loadAmqplib().connect(
    {
      protocol: tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      username,
      password,
      vhost: encodeURIComponent(vhost),
      heartbeat: wanted,
    },
    {
      ...socket,
      noDelay: true,
      clientProperties: { connection_name: connectionName },
      ...(tls && { minVersion: 'TLSv1.2' }),
      ...(ca !== undefined && { ca }),
    },
  )
}

/** A payload without secrets, the URL apart. */
type PlainPayload = Omit<RabbitPayload, 'properties' | 'headers'> & {
  readonly properties: Readonly<Record<string, string>>
  readonly headers: readonly (readonly [name: string, value: string])[]
}

function isPlain(payload: RabbitPayload): payload is RabbitPayload & PlainPayload {
  for (const value of Object.values(payload.properties)) if (typeof value !== 'string') return false
  return payload.headers.every(([, value]) => typeof value === 'string')
}

async function resolved(payload: RabbitPayload, secrets: Secrets): Promise<PlainPayload> {
  const text = (value: SecretText) => (typeof value === 'string' ? value : secrets.resolve(value))
  const properties: Record<string, string> = {}
  for (const [name, value] of Object.entries(payload.properties)) properties[name] = await text(value as SecretText)
  const headers: [name: string, value: string][] = []
  for (const [name, value] of payload.headers) headers.push([name, await text(value)])
  return { ...payload, properties, headers }
}

/** The same at every attempt, to the byte: whoever gets it twice can tell by its id. */
function toMessage({ id, created }: Delivery, payload: PlainPayload): RabbitMessage {
  const { exchange, routingKey, mandatory, body = '', properties } = payload
  const headers: Record<string, string> = {}
  for (const [name, value] of payload.headers) {
    // Assigned, it would not become a property.
    if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true })
    else headers[name] = value
  }
  return {
    id,
    exchange,
    routingKey,
    mandatory,
    content: Buffer.from(body),
    properties: {
      ...properties,
      headers,
      persistent: true,
      messageId: id,
      // AMQP counts in seconds.
      timestamp: Math.floor(created / 1000),
      // Always asked for: that a message reached nobody is worth knowing, even where it is no failure.
      mandatory: true,
    },
  }
}

function failure(kind: Failure['class'], message: string): Failure {
  return { ok: false, class: kind, message }
}
