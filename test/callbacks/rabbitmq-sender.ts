// Attempts by the RabbitMQ transport alone, without an engine.

import { onTestFinished } from 'vitest'
import { createRabbitTransport, type RabbitTransport } from '../../src/callbacks/rabbitmq.js'
import type { RabbitPayload } from '../../src/callbacks/rabbitmq-payload.js'
import type { AttemptSignal, Outcome } from '../../src/delivery/transport.js'
import { createGuard } from '../../src/network/guard.js'
import type { Delivery } from '../../src/store/delivery.js'
import { systemTimer } from '../../src/store/timer.js'
import type { Cleanup } from '../e2e/folder.js'

export interface SenderOptions {
  readonly allow?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Those of names; nobody's by default. */
  readonly addresses?: Readonly<Record<string, string>>
}

export interface SendOptions {
  readonly id?: string
  readonly timeoutMs?: number
  readonly signal?: AttemptSignal
}

export const created = Date.UTC(2026, 0, 1)

export class Sender {
  readonly transport: RabbitTransport
  readonly #defaults: Partial<RabbitPayload>
  #sent = 0

  private constructor(transport: RabbitTransport, defaults: Partial<RabbitPayload>) {
    this.transport = transport
    this.#defaults = defaults
  }

  static open(
    defaults: Partial<RabbitPayload>,
    { allow = ['127.0.0.0/8'], env = {}, addresses = {} }: SenderOptions = {},
    cleanup: Cleanup = onTestFinished,
  ): Sender {
    const lookup = async (name: string) => {
      const address = addresses[name]
      if (address === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
      return [{ address }]
    }
    const guard = createGuard({ allow, allowPrivate: false, connectTimeoutMs: 1000, lookup })
    const transport = createRabbitTransport({
      guard,
      now: () => Date.now(),
      timer: systemTimer,
      env,
      connectionName: 'callboard-test',
    })
    cleanup(() => transport.close())
    return new Sender(transport, defaults)
  }

  delivery(payload: Partial<RabbitPayload>, { id, timeoutMs = 20_000 }: SendOptions = {}): Delivery {
    this.#sent += 1
    const whole = { exchange: '', routingKey: '', mandatory: false, headers: [], ...this.#defaults, ...payload }
    return {
      id: id ?? `delivery-${this.#sent}`,
      created,
      target: 'broker',
      timeoutMs,
      payload: { properties: { contentType: 'application/json' }, ...whole },
    } as unknown as Delivery
  }

  send(payload: Partial<RabbitPayload> = {}, options: SendOptions = {}): Promise<Outcome> {
    const { signal = new AbortController().signal } = options
    return this.transport.send(this.delivery(payload, options), signal, 1)
  }
}
