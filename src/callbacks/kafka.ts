// Sends callbacks to Kafka: confirmed by all replicas in sync, over connections that are shared by all who log in to the same
// brokers in the same way, opened when there is something to send, and closed when there has been nothing for a while.

import { SecretMissing, type SecretSources, Secrets } from '../delivery/secrets.js'
import type { AttemptSignal, Outcome, Transport } from '../delivery/transport.js'
import type { Guard } from '../network/guard.js'
import type { Delivery } from '../store/delivery.js'
import type { Timer } from '../store/timer.js'
import { AuthorityUnusable, readAuthority } from './authority.js'
import type { CallbackLog } from './callback-log.js'
import { createPartitioner, KafkaClient, type KafkaMessage, type Partitioner } from './kafka-client.js'
import { KafkaEndpoint } from './kafka-endpoint.js'
import type { KafkaFailure } from './kafka-errors.js'
import { type KafkaPayload, kafkaTarget } from './kafka-payload.js'

export interface KafkaTransportOptions extends SecretSources {
  readonly guard: Pick<Guard, 'lookup'>
  readonly log: CallbackLog
  /** Whether the log shows what is said at the level debug. */
  readonly isVerbose: boolean
  readonly timer: Timer
  /** Connections without anything to send are closed after it; a minute by default. */
  readonly idleMs?: number
}

export interface KafkaTransport extends Transport {
  width(delivery: Delivery): number
  /** `targets` are declared: connections to others are closed as soon as nothing is under way on them. */
  retain(targets: ReadonlySet<string>): void
  /** How many sets of brokers with a login there are connections to, or will be. */
  readonly endpoints: number
  close(): Promise<void>
}

interface Opened {
  readonly endpoint: KafkaEndpoint
  readonly target: string
  readonly secrets: Secrets
}

export function createKafkaTransport(options: KafkaTransportOptions): KafkaTransport {
  const { timer, idleMs = 60_000 } = options
  const opened = new Map<string, Opened>()
  let declared: ReadonlySet<string> | undefined
  let partitioner: Partitioner | undefined

  function openedFor(payload: KafkaPayload): Opened {
    const { brokers, login, tls } = payload
    const key = JSON.stringify([brokers, login, tls])
    const known = opened.get(key)
    if (known !== undefined) return known
    const secrets = new Secrets(options)
    const endpoint = new KafkaEndpoint({
      brokers,
      about: {
        brokers,
        username: login?.username,
        mechanism: login?.mechanism,
        usesTls: tls !== undefined,
        ca: tls?.ca,
      },
      open: async (order) => new KafkaClient({ ...options, brokers: order, ...(await credentials(payload, secrets)) }),
      refusal,
      partitioner: () => {
        partitioner ??= createPartitioner()
        return partitioner
      },
      timer,
      idleMs,
      onIdle: () => opened.delete(key),
    })
    const target = kafkaTarget(brokers, login?.username)
    endpoint.isForsaken = declared !== undefined && !declared.has(target)
    const entry = { endpoint, target, secrets }
    opened.set(key, entry)
    return entry
  }

  async function send(delivery: Delivery, signal: AttemptSignal): Promise<Outcome> {
    const payload = delivery.payload as unknown as KafkaPayload
    const secrets = new Secrets(options)
    let headers: Record<string, string>
    try {
      headers = await headersOf(payload, secrets)
    } catch (error) {
      if (error instanceof SecretMissing) return { ok: false, class: 'auth', message: error.message }
      throw error
    }
    const { topic, key = null, value = null } = payload
    const message: KafkaMessage = { key, value, headers }
    const { endpoint, secrets: logins } = openedFor(payload)
    const outcome = await endpoint.send(topic, message, sizeOf(message), delivery.timeoutMs, signal)
    if (outcome.ok) return outcome
    return { ok: false, class: outcome.class, message: secrets.redact(logins.redact(outcome.message)) }
  }

  return {
    send,
    width: ({ payload }) => openedFor(payload as unknown as KafkaPayload).endpoint.width,
    retain: (targets) => {
      declared = targets
      for (const { endpoint, target } of [...opened.values()]) {
        endpoint.isForsaken = !targets.has(target)
        if (endpoint.isForsaken) endpoint.closeIfIdle()
      }
    },
    get endpoints() {
      return opened.size
    },
    close: async () => {
      for (const { endpoint } of opened.values()) endpoint.close()
      opened.clear()
    },
  }

  /** Read anew for each connection: what has been rotated is taken up. */
  async function credentials({ login, tls }: KafkaPayload, secrets: Secrets) {
    const password = typeof login?.password === 'object' ? await secrets.resolve(login.password) : login?.password
    return {
      login: login === undefined ? undefined : { ...login, password: password ?? '' },
      tls: tls === undefined ? undefined : tls.ca === undefined ? {} : { ca: await readAuthority(tls.ca, 'kafkaCa') },
    }
  }
}

function refusal(error: unknown): KafkaFailure | undefined {
  const isKnown = error instanceof SecretMissing || error instanceof AuthorityUnusable
  return isKnown ? { ok: false, class: 'auth', message: error.message } : undefined
}

async function headersOf({ headers }: KafkaPayload, secrets: Secrets): Promise<Record<string, string>> {
  // A prototype would keep a header that is named like one of its parts from being sent.
  const sent: Record<string, string> = Object.create(null)
  for (const [name, value] of headers) sent[name] = typeof value === 'string' ? value : await secrets.resolve(value)
  return sent
}

/** Of a record and its key, headers and lengths. */
const recordOverhead = 64
const headerOverhead = 16

function sizeOf({ key, value, headers }: KafkaMessage): number {
  let bytes = recordOverhead + byteLength(key) + byteLength(value)
  for (const name in headers) bytes += headerOverhead + byteLength(name) + byteLength(headers[name])
  return bytes
}

function byteLength(text: string | null | undefined): number {
  return text === null || text === undefined ? 0 : Buffer.byteLength(text)
}
