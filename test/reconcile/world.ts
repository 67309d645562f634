import type { Outcome } from '../../src/reconcile/history.js'
import type { Plan } from '../../src/reconcile/plan.js'
import { Reconciler, type ReconcilerParts } from '../../src/reconcile/reconciler.js'
import type { Target } from '../../src/reconcile/target.js'
import { Trigger } from '../../src/reconcile/trigger.js'
import type { ResourceSet } from '../../src/resources/resource.js'
import { Clock } from './clock.js'
import { FakeLoader } from './fake-loader.js'
import { FakeSource } from './fake-source.js'
import { FakeStore } from './fake-store.js'

export class FakeTarget implements Target {
  readonly name: string
  /** What requests see: spec by `namespace/name`. */
  serving: Readonly<Record<string, string>> = {}
  generation = 0
  swaps = 0
  error: Error | undefined
  gate: (() => Promise<void>) | undefined
  onSwap: (() => void) | undefined
  lastPlan: Plan | undefined

  constructor(name: string) {
    this.name = name
  }

  async prepare(desired: ResourceSet, plan: Plan, generation: number): Promise<() => void> {
    await this.gate?.()
    if (this.error !== undefined) throw this.error
    const tables = Object.fromEntries(
      [...desired.values()].map(({ namespace, name, spec }) => [`${namespace}/${name}`, String(spec)]),
    )
    return () => {
      this.onSwap?.()
      this.serving = tables
      this.generation = generation
      this.lastPlan = plan
      this.swaps++
    }
  }
}

/** One process over a source and a state directory. `restart` begins the next one over the same two. */
export class World {
  readonly clock: Clock
  readonly source: FakeSource
  readonly store: FakeStore
  readonly loader = new FakeLoader()
  readonly resolver = new FakeTarget('resolver')
  readonly dispatcher = new FakeTarget('dispatcher')
  readonly trigger: Trigger
  readonly reconciler: Reconciler
  readonly outcomes: Outcome[] = []
  readonly logged: { level: 'info' | 'warn' | 'error'; message: string }[] = []
  readonly #options: Partial<ReconcilerParts>

  constructor(options: Partial<ReconcilerParts> = {}, before?: World) {
    this.#options = options
    this.clock = before?.clock ?? new Clock()
    this.source = before?.source ?? new FakeSource()
    this.store = before?.store ?? new FakeStore()
    this.trigger = new Trigger({ quietMs: 20, longestMs: 250 }, this.clock)
    const write = (level: 'info' | 'warn' | 'error') => (_details: object, message: string) => {
      this.logged.push({ level, message })
    }
    this.reconciler = new Reconciler({
      source: this.source,
      loader: this.loader,
      targets: [this.resolver, this.dispatcher],
      store: this.store,
      trigger: this.trigger,
      now: () => new Date(Date.UTC(2026, 0, 1) + this.clock.now()),
      monotonic: this.clock.now,
      log: { info: write('info'), warn: write('warn'), error: write('error') },
      maxPrune: 0.5,
      strict: false,
      onOutcome: (outcome) => this.outcomes.push(outcome),
      ...options,
    })
  }

  /** A world whose source holds `files` and is served. */
  static async serving(files: Readonly<Record<string, string>>, options?: Partial<ReconcilerParts>): Promise<World> {
    const world = new World(options)
    world.source.set(files)
    await world.reconciler.start()
    return world
  }

  /** `parts` differ from the process before; the source's and the store's failures are over. */
  restart(options: Partial<ReconcilerParts> = {}): World {
    this.source.gate = undefined
    this.store.onRecord = undefined
    return new World({ ...this.#options, ...options }, this)
  }

  /** Writes files and lets one pass look. */
  async edit(files: Readonly<Record<string, string | undefined>>): Promise<Outcome> {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) this.source.files.delete(path)
      else this.source.files.set(path, text)
    }
    return this.reconciler.pass('anywhere')
  }

  condition(type: 'Ready' | 'Reconciling' | 'Stalled') {
    const { status, reason, message } = this.reconciler.conditions.get(type) ?? {}
    return { status, reason, message }
  }
}

/** A promise and the function that resolves it. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** `count` mocks, one a line. */
export function mocks(count: number, prefix = 'm'): string {
  return Array.from({ length: count }, (_, index) => `mock ${prefix}${index} ${prefix}${index}`).join('\n')
}
