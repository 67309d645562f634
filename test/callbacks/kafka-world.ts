// The transport for Kafka as the engine uses it, without the engine.

import { afterEach } from 'vitest'
import { createKafkaTransport, type KafkaTransport, type KafkaTransportOptions } from '../../src/callbacks/kafka.js'
import { type KafkaPayload, kafkaTarget, toKafkaPayload } from '../../src/callbacks/kafka-payload.js'
import type { Outcome } from '../../src/delivery/transport.js'
import { createGuard } from '../../src/network/guard.js'
import type { Delivery } from '../../src/store/delivery.js'
import { systemTimer } from '../../src/store/timer.js'

export const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let lastId = 0

export function kafkaDelivery(payload: Partial<KafkaPayload> & Pick<KafkaPayload, 'brokers' | 'topic'>): Delivery {
  lastId += 1
  return {
    id: `k${lastId}`,
    kind: 'callback',
    transport: 'kafka',
    target: kafkaTarget(payload.brokers, payload.login?.username),
    breaker: true,
    about: {},
    created: 0,
    delayMs: 0,
    expires: Number.MAX_SAFE_INTEGER,
    timeoutMs: 30_000,
    retry: { retries: 0, delayMs: 1000, growth: 'fixed', maxDelayMs: 1000, final: ['guard', 'template'] },
    payload: toKafkaPayload({ headers: [], ...payload }),
  }
}

export interface Sending {
  readonly transport: KafkaTransport
  send(payload: Parameters<typeof kafkaDelivery>[0], signal?: AbortSignal): Promise<Outcome>
}

/** Transports that are closed after each test. */
export function kafkaTransports() {
  const open: KafkaTransport[] = []
  afterEach(async () => {
    for (const transport of open.splice(0)) await transport.close()
  })
  return (options: Partial<KafkaTransportOptions> & { readonly allow?: readonly string[] } = {}): Sending => {
    const { allow = ['127.0.0.1', 'localhost'], ...rest } = options
    const guard = createGuard({ allow, allowPrivate: false, connectTimeoutMs: 2000 })
    const transport = createKafkaTransport({
      guard,
      log: quiet,
      isVerbose: false,
      timer: systemTimer,
      env: {},
      ...rest,
    })
    open.push(transport)
    return {
      transport,
      send: (payload, signal = new AbortController().signal) => transport.send(kafkaDelivery(payload), signal, 1),
    }
  }
}
