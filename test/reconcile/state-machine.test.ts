import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SourceError } from '../../src/source/source.js'
import { gate, World } from './world.js'

// Whatever happens, in whatever order: targets serve one revision that was applied, whole, and go forward only.

const files = ['a/1.yaml', 'a/2.yaml', 'b/1.yaml'] as const

type Step =
  | {
      readonly do: 'edit'
      readonly file: number
      readonly count: number
      readonly version: number
      readonly broken: boolean
    }
  | { readonly do: 'remove'; readonly file: number }
  | {
      readonly do:
        | 'pass'
        | 'suspend'
        | 'resume'
        | 'restart'
        | 'restart while the source is away'
        | 'allow'
        | 'crash before record'
        | 'crash after record'
    }
  | { readonly do: 'store' | 'source' | 'target'; readonly fails: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      file: fc.nat(files.length - 1),
      count: fc.integer({ min: 1, max: 12 }),
      version: fc.nat(9),
      broken: fc.nat(3).map((dice) => dice === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), file: fc.nat(files.length - 1) }) },
  { weight: 6, arbitrary: fc.constant({ do: 'pass' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'suspend' as const,
        'resume',
        'restart',
        'allow',
        'crash before record',
        'crash after record',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('store' as const, 'source', 'target'), fails: fc.boolean() }),
  },
)

function text(file: number, count: number, version: number): string {
  return Array.from({ length: count }, (_, index) => `mock m${file}-${index} ${version}`).join('\n')
}

/** What the good lines of all files declare, as targets show it. */
function declared(world: World): Record<string, string> {
  const lines = [...world.source.files].flatMap(([path, text]) =>
    text.split('\n').flatMap((line): [string, string][] => {
      const [what, name, version] = line.split(' ')
      return what === 'mock' ? [[`${path.slice(0, 1)}/${name}`, version ?? '']] : []
    }),
  )
  return Object.fromEntries(lines)
}

/** Follows one source and state directory through its processes. */
class Life {
  world = new World()
  /** What was in the source under each revision. */
  readonly #revisions = new Map<string, Record<string, string>>()
  #generation = 0
  #running: Promise<void> | undefined

  async begin(): Promise<void> {
    this.watch()
    await this.world.reconciler.start()
    this.#running = this.world.reconciler.run()
    this.check()
  }

  /** Looks at every swap itself, besides after every step. */
  watch(): void {
    const { world } = this
    world.source.gate = async () => {
      this.#revisions.set(world.source.revision, declared(world))
    }
    const check = () => {
      const recorded = world.reconciler.history.applied()
      expect(recorded?.generation).toBeGreaterThanOrEqual(this.#generation)
    }
    world.resolver.onSwap = check
    world.dispatcher.onSwap = check
  }

  check(): void {
    const { world } = this
    const status = world.reconciler.status()
    const recorded = world.reconciler.history.applied()
    expect(world.resolver.serving).toEqual(world.dispatcher.serving)
    expect(status.generation).toBeGreaterThanOrEqual(this.#generation)
    this.#generation = status.generation
    if (recorded === undefined) {
      expect(world.resolver.serving).toEqual({})
      return
    }
    expect(recorded).toMatchObject({ generation: status.generation, revision: status.lastAppliedRevision })
    if (world.resolver.swaps === 0) return
    expect(world.resolver.serving).toEqual(this.#revisions.get(recorded.revision))
    expect(world.resolver.generation).toBe(recorded.generation)
  }

  async take(step: Step): Promise<void> {
    const { world } = this
    switch (step.do) {
      case 'edit':
        world.source.files.set(
          files[step.file] ?? files[0],
          text(step.file, step.count, step.version) + (step.broken ? '\nerror broken' : ''),
        )
        break
      case 'remove':
        world.source.files.delete(files[step.file] ?? files[0])
        break
      case 'pass':
        await world.reconciler.pass('anywhere')
        break
      case 'suspend':
      case 'resume':
        await this.#settled(world.reconciler[step.do]().catch(() => false))
        break
      case 'allow':
        await this.#settled(world.reconciler.reconcile({ allowPrune: world.source.revision }))
        break
      case 'store':
        world.store.unavailable = step.fails
        break
      case 'source':
        world.source.error = step.fails ? new SourceError('away') : undefined
        break
      case 'target':
        world.dispatcher.error = step.fails ? new Error('no tables') : undefined
        break
      case 'restart':
      case 'restart while the source is away':
        if (step.do !== 'restart') world.source.error = new SourceError('away')
        await world.reconciler.close()
        await this.#running
        await this.#restart()
        world.source.error = undefined
        break
      case 'crash before record':
      case 'crash after record': {
        // The process is gone in the middle of a pass: nothing that it waits for ever comes.
        const never = gate()
        if (step.do === 'crash before record') world.dispatcher.gate = () => never.passed
        else world.store.onRecord = () => never.passed
        void world.reconciler.pass('anywhere')
        await world.clock.advance(0)
        await this.#restart()
        break
      }
    }
    this.check()
  }

  async #settled(asked: Promise<unknown>): Promise<void> {
    await this.world.clock.advance(250)
    await asked
  }

  async #restart(): Promise<void> {
    this.world = this.world.restart()
    await this.begin()
  }

  /** Everything works again, and a last good edit is allowed whatever it prunes. */
  async end(): Promise<void> {
    const { world } = this
    world.store.unavailable = false
    world.source.error = undefined
    world.dispatcher.error = undefined
    await this.#settled(world.reconciler.resume())
    world.source.set({ 'a/1.yaml': 'mock last 1' })
    await this.#settled(world.reconciler.reconcile({ allowPrune: world.source.revision }))
    this.check()
    expect(world.resolver.serving).toEqual({ 'a/last': '1' })
    expect(world.reconciler.conditions.get('Ready')?.status).toBe('True')
    const { items } = world.reconciler.history.outcomes({ limit: 200 })
    const generations = items.flatMap(({ generation }) => (generation === null ? [] : [generation]))
    expect(generations).toEqual([...generations].sort((a, b) => b - a))
    expect(new Set(generations).size).toBe(generations.length)
    await world.reconciler.close()
    await this.#running
  }
}

it('serves one whole applied revision at every moment, never goes back, and ends with the last good edit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const life = new Life()
      await life.begin()
      for (const one of steps) await life.take(one)
      await life.end()
    }),
    { numRuns: 150 },
  )
}, 120_000)
