// What requests set off, on its way from the resolver to the delivery engine.

import type { Engine } from '../delivery/engine.js'
import type { CallbackPort, Fired, Firing } from '../resolver/callback-port.js'
import type { Trigger } from '../resources/kinds/callback-program.js'
import type { PreparedDeliveries } from '../store/deliveries.js'
import type { Delivery } from '../store/delivery.js'
import type { Transaction } from '../store/store.js'
import type { Timer } from '../store/timer.js'
import { type CallbackPolicy, toDelivery } from './callback.js'

export interface CallbacksOptions extends CallbackPolicy {
  readonly engine: Pick<Engine, 'prepare' | 'sendNow'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timer: Timer
  /** The revision that was applied as `generation`. */
  readonly revisionOf: (generation: number) => string | undefined
}

/** Together, for all that one answer waits for. */
const longestWaitMs = 60_000

export class Callbacks implements CallbackPort {
  readonly scopes: readonly string[]
  readonly #options: CallbacksOptions

  constructor(options: CallbacksOptions) {
    this.#options = options
    this.scopes = options.engine.prepare([]).scopes
  }

  fire(tx: Transaction, { callbacks, scope, subjects, status, about, headers }: Firing): Fired | undefined {
    const { engine, now, revisionOf } = this.#options
    const async: Delivery[] = []
    const sync: Delivery[] = []
    let shared: Record<string, string | number> | undefined
    for (const [index, program] of callbacks.entries()) {
      if (!isTriggered(program.trigger, status)) continue
      if (!program.conditions.every((condition) => condition.matches(subjects))) continue
      shared ??= toAbout(about, revisionOf(about.generation))
      const id = `${about.request}.${index + 1}`
      const delivery = toDelivery(program, { id, now: now(), scope, headers, about: shared }, this.#options)
      if (program.sync) sync.push(delivery)
      else async.push(delivery)
    }
    if (async.length + sync.length === 0) return undefined
    // Only what nobody waits for is ever left to the pool.
    const prepared = [async, sync].map((records) => engine.prepare(records, { keepBack: true }))
    try {
      for (const part of prepared) part.write(tx)
    } catch (error) {
      for (const part of prepared) part.abandon()
      throw error
    }
    return new FiredCallbacks(this.#options, prepared, sync)
  }
}

class FiredCallbacks implements Fired {
  readonly #options: CallbacksOptions
  readonly #prepared: readonly PreparedDeliveries[]
  readonly #sync: readonly Delivery[]

  constructor(options: CallbacksOptions, prepared: readonly PreparedDeliveries[], sync: readonly Delivery[]) {
    this.#options = options
    this.#prepared = prepared
    this.#sync = sync
  }

  get waits(): boolean {
    return this.#sync.length > 0
  }

  commit(): void {
    for (const part of this.#prepared) part.commit()
  }

  abandon(): void {
    for (const part of this.#prepared) part.abandon()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { engine, now, timer } = this.#options
    const deadline = now() + longestWaitMs
    for (const { id, delayMs } of this.#sync) {
      await wait(Math.min(delayMs, deadline - now()), signal, timer)
      await engine.sendNow(id, deadline, signal)
    }
  }

  release(): void {
    this.#prepared[0]?.release(this.#options.now())
  }
}

export function isTriggered(trigger: Trigger, status: number | undefined): boolean {
  if (trigger === 'always') return true
  if (status === undefined) return false
  return trigger === 'on_success' ? status >= 200 && status <= 299 : status >= 400
}

function toAbout(
  { namespace, mock, request, chain, generation }: Firing['about'],
  revision: string | undefined,
): Record<string, string | number> {
  return {
    namespace,
    mock,
    request,
    ...(chain !== undefined && { chain }),
    generation,
    ...(revision !== undefined && { revision }),
  }
}

function wait(ms: number, signal: AbortSignal, timer: Timer): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = timer(ms, done)
    signal.addEventListener('abort', done)
  })
}
