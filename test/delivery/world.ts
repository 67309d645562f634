// An engine over a store in memory, with a clock, targets that behave as told, and a process that can be killed.

import { createEngine, type Engine, type EngineOptions } from '../../src/delivery/engine.js'
import type { Admission, Outcome } from '../../src/delivery/transport.js'
import {
  type Deliveries,
  type DeliveryLimits,
  openDeliveries,
  type PreparedDeliveries,
} from '../../src/store/deliveries.js'
import type { Delivery } from '../../src/store/delivery.js'
import { memoryStore } from '../../src/store/memory.js'
import { type Store, StoreUnavailable } from '../../src/store/store.js'
import { Clock, settled } from './clock.js'

export interface Sent {
  readonly id: string
  readonly target: string
  readonly attempt: number
  readonly at: number
  readonly process: number
  outcome: Outcome | undefined
}

/** How a target answers: at once, after a while, or never. */
export type Behaviour = (delivery: Delivery, attempt: number) => Outcome | { after: number; outcome: Outcome } | 'hang'

export const ok: Outcome = { ok: true, status: 200 }
export const failed = (failure: Partial<Extract<Outcome, { ok: false }>> = {}): Outcome => ({
  ok: false,
  class: 'server',
  message: 'answered 500',
  ...failure,
})

let lastId = 0

export function delivery(fields: Partial<Delivery> = {}): Delivery {
  lastId += 1
  return {
    id: `d${lastId}`,
    kind: 'callback',
    transport: 'test',
    target: 'https://a.example',
    breaker: true,
    about: {},
    created: Date.UTC(2026, 0, 1),
    delayMs: 0,
    expires: Date.UTC(2027, 0, 1),
    timeoutMs: 30_000,
    retry: { retries: 0, delayMs: 1000, growth: 'fixed', maxDelayMs: 300_000, final: ['guard', 'template'] },
    payload: { body: 'hello' },
    ...fields,
  }
}

export interface WorldOptions extends Partial<Pick<EngineOptions, 'poolSize' | 'breaker' | 'random' | 'observer'>> {
  readonly limits?: Partial<DeliveryLimits>
}

export class World {
  readonly clock = new Clock()
  readonly sent: Sent[] = []
  readonly behaviours = new Map<string, Behaviour>()
  admit: ((delivery: Delivery) => Admission) | undefined
  /** What its transport says of a target. */
  width: ((target: string) => number) | undefined
  fault: Error | undefined
  deliveries!: Deliveries
  engine!: Engine
  process = 0
  readonly #store: Store = memoryStore()
  readonly #options: WorldOptions

  constructor(options: WorldOptions = {}) {
    this.#options = options
  }

  static async start(options?: WorldOptions): Promise<World> {
    const world = new World(options)
    await world.start()
    return world
  }

  async start(): Promise<void> {
    this.process += 1
    const { process } = this
    const { now, timer } = this.clock
    const { limits, ...options } = this.#options
    this.deliveries = openDeliveries(this.#mortal(this.process), {
      now,
      timer,
      ...(limits !== undefined && { limits }),
    })
    const transport = {
      send: (delivery: Delivery, signal: AbortSignal, attempt: number) =>
        this.process === process ? this.#send(process, delivery, signal, attempt) : new Promise<Outcome>(() => {}),
      admit: (delivery: Delivery) => this.admit?.(delivery) ?? ({ go: true } as const),
    }
    const { width } = this
    const wide = { ...transport, ...(width && { width: ({ target }: Delivery) => width(target) }) }
    this.engine = createEngine({
      deliveries: this.deliveries,
      transports: new Map([
        ['test', transport],
        ['wide', wide],
      ]),
      now,
      timer,
      random: () => 0.5,
      poolSize: 10,
      ...options,
    })
    await this.engine.start()
  }

  /** The process ends at once: nothing more of it is written, or sent. */
  async kill(): Promise<void> {
    this.process += 1
    await settled()
    await this.start()
  }

  async accept(...records: Delivery[]): Promise<void> {
    await this.engine.accept(records)
    await settled()
  }

  /** As a request does it, in a transaction of its own. */
  async transact(prepared: PreparedDeliveries): Promise<void> {
    await this.#mortal(this.process).transact(prepared.scopes, (tx) => prepared.write(tx))
    prepared.commit()
  }

  state(id: string) {
    const view = this.engine.operations.get(id)
    if (view === undefined) throw new Error(`no delivery ${id}`)
    return view.state
  }

  of(id: string): Sent[] {
    return this.sent.filter((sent) => sent.id === id)
  }

  #send(process: number, delivery: Delivery, signal: AbortSignal, attempt: number): Promise<Outcome> {
    const { id, target } = delivery
    const sent: Sent = { id, target, attempt, at: this.clock.now(), process, outcome: undefined }
    this.sent.push(sent)
    const behaviour = this.behaviours.get(target) ?? (() => ok)
    const answer = behaviour(delivery, attempt)
    return new Promise((resolve, reject) => {
      const end = (outcome: Outcome) => {
        // What arrives after the attempt was cut off, or the process killed, is not seen here.
        if (signal.aborted || this.process !== process) return
        sent.outcome = outcome
        resolve(outcome)
      }
      signal.addEventListener('abort', () => reject(signal.reason))
      if (answer === 'hang') return
      if ('after' in answer) this.clock.timer(answer.after, () => end(answer.outcome))
      else end(answer)
    })
  }

  /** The store as one process sees it. */
  #mortal(process: number): Store {
    const store = this.#store
    const isAlive = () => this.process === process
    return {
      transact: (scopes, work, durability) => {
        if (!isAlive()) return new Promise(() => {})
        if (this.fault !== undefined) return Promise.reject(new StoreUnavailable(this.fault.message))
        return store.transact(scopes, work, durability)
      },
      get: (key) => store.get(key),
      list: (prefix, page) => store.list(prefix, page),
      epoch: store.epoch,
      get failing() {
        return store.failing
      },
      contents: store.contents,
      cache: store.cache,
      close: async () => {},
    }
  }
}
