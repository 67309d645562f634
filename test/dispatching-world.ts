// Everything between an event and what leaves the process, over a store in memory, real servers on loopback, and a clock
// that is set by hand.

import { afterEach } from 'vitest'
import { createEngine, type Engine } from '../src/delivery/engine.js'
import { payloadOf } from '../src/dispatcher/notification.js'
import { createDispatching, type Dispatching, type DispatchingParts } from '../src/dispatching.js'
import type { Json } from '../src/expression/json.js'
import { createLog } from '../src/log.js'
import { createGuard } from '../src/network/guard.js'
import { loadSettings, type Settings } from '../src/settings.js'
import { openDeliveries } from '../src/store/deliveries.js'
import type { Delivery, DeliveryState } from '../src/store/delivery.js'
import { memoryStore } from '../src/store/memory.js'
import { Clock, settled } from './delivery/clock.js'
import { eventually } from './e2e/eventually.js'
import { loadAll } from './resources/kinds/declared.js'

export interface DispatchingWorldOptions {
  readonly settings?: Partial<Settings>
  readonly lease?: DispatchingParts['lease']
  /** When it begins. */
  readonly at?: number
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

export class DispatchingWorld {
  readonly clock = new Clock()
  readonly store = memoryStore()
  readonly warnings: string[] = []
  readonly #options: DispatchingWorldOptions
  #settings: Partial<Settings>
  #generation = 0
  #files: Readonly<Record<string, string>> = {}
  engine!: Engine
  dispatching!: Dispatching
  #close = async (): Promise<void> => {}

  private constructor(options: DispatchingWorldOptions) {
    this.#options = options
    this.#settings = options.settings ?? {}
    if (options.at !== undefined) this.clock.jump(options.at - this.clock.now())
  }

  static async start(
    files: Readonly<Record<string, string>>,
    options: DispatchingWorldOptions = {},
  ): Promise<DispatchingWorld> {
    const world = new DispatchingWorld(options)
    closing.push(() => world.stop())
    await world.begin(files)
    return world
  }

  /** A process that begins with what the one before left. */
  async begin(files = this.#files): Promise<void> {
    const { now, timer } = this.clock
    const guard = createGuard({ allow: ['127.0.0.1'], allowPrivate: false, connectTimeoutMs: 5000 })
    const deliveries = openDeliveries(this.store, { now, timer })
    const settings = { ...loadSettings({ env: {}, flags: {} }), ...this.#settings }
    const dispatching = createDispatching({
      settings,
      store: this.store,
      guard,
      engine: () => engine,
      fireOperation: async () => 0,
      isSuspended: () => false,
      lease: this.#options.lease ?? (async () => true),
      revisionOf: (generation) => `r${generation}`,
      log: createLog('silent', false),
      userAgent: 'callboard/test',
      env: {},
      now,
      timer,
    })
    const engine = createEngine({
      deliveries,
      transports: new Map([['notification', dispatching.transport]]),
      now,
      timer,
      random: () => 0.5,
      poolSize: 10,
    })
    this.engine = engine
    this.dispatching = dispatching
    await this.apply(files)
    dispatching.dispatcher.start()
    engine.start()
    this.#close = async () => {
      await dispatching.dispatcher.close()
      await engine.close(0)
      await dispatching.close()
      await guard.close()
    }
  }

  /** Settings, from the next process on. */
  change(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings }
  }

  async stop(): Promise<void> {
    const close = this.#close
    this.#close = async () => {}
    await close()
  }

  async apply(files: Readonly<Record<string, string>>): Promise<void> {
    this.#files = files
    const { resources, problems } = await loadAll(files)
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 1))
    this.#generation += 1
    this.dispatching.applied.prepare(resources, undefined, this.#generation)()
    await settled()
  }

  /** The ids of what came of an event, sent or not. */
  async post(
    type: string,
    more: { readonly title?: string; readonly payload?: Json } = {},
  ): Promise<readonly string[]> {
    const id = `e-${Math.random()}`
    const time = new Date(this.clock.now()).toISOString()
    const event = { id, type, time, source: 'test', payload: {}, ...more }
    const [receipt] = await this.dispatching.dispatcher.accept([{ event, digest: id }])
    await settled()
    return receipt?.decisions.flatMap(({ delivery }) => delivery ?? []) ?? []
  }

  find(id: string): { readonly delivery: Delivery; readonly state: DeliveryState } {
    const found = this.engine.operations.get(id)
    if (found === undefined) throw new Error(`no delivery ${id}`)
    return found
  }

  messageOf(id: string) {
    return payloadOf(this.find(id).delivery).message
  }

  /** Once it has that status: what answers is a real server, which takes its time. */
  until(id: string, status: string): Promise<DeliveryState> {
    const found = () => this.find(id).state
    return eventually(`${id} is ${status}`, () => found().status === status && found(), { found })
  }
}
