// Pushes from receivers over the real trigger and reconciler: whatever they coincide with, the last one is live in the end.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Receivers } from '../../src/forge/receivers.js'
import { turn } from '../reconcile/clock.js'
import { World } from '../reconcile/world.js'
import { pushOf, secretOf } from './hooks.js'

type Step = { readonly kind: 'push' } | { readonly kind: 'turns'; readonly count: number } | { readonly kind: 'pass' }

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'push' }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }).map((count): Step => ({ kind: 'turns', count })) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'pass' }) },
)

/** A source that takes its time: a fetch reads what is there when it begins, and ends when the test says so. */
async function pushing() {
  const world = new World()
  const held: (() => void)[] = []
  world.source.set({ 'shop/a.yaml': 'mock pushed 0' })
  await world.reconciler.start()
  world.source.gate = () => new Promise((resolve) => held.push(resolve))
  void world.reconciler.run()
  const receivers = new Receivers({
    receivers: [{ name: 'r', type: 'github', secret: { env: 'SECRET' } }],
    followed: { repository: 'acme/config', ref: { branch: 'main' } },
    look: () => world.trigger.look('anywhere'),
    later: (work) => setImmediate(work),
    env: { SECRET: secretOf.github },
    now: () => 0,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
  })
  let pushed = 0
  return {
    world,
    push: async () => {
      pushed += 1
      world.source.files.set('shop/a.yaml', `mock pushed ${pushed}`)
      const answer = await receivers.receive('r', pushOf('github', { id: `d-${pushed}` }), null)
      expect(answer).toMatchObject({ result: 'accepted' })
    },
    /** Lets the fetch under way end. */
    release: () => held.shift()?.(),
    get pushed() {
      return pushed
    },
    get isFetching() {
      return held.length > 0
    },
  }
}

it('the last of any pushes is applied without anything else asking, however they meet passes under way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const run = await pushing()
      const { world } = run
      for (const one of steps) {
        if (one.kind === 'push') await run.push()
        else if (one.kind === 'pass') run.release()
        else for (let count = 0; count < one.count; count += 1) await turn()
      }
      // Nothing more is pushed: what is under way ends, and what that has set off.
      for (let idle = 0; idle < 10; idle += 1) {
        await world.clock.advance(300)
        if (run.isFetching) {
          run.release()
          idle = 0
        }
      }
      expect(world.resolver.serving).toEqual({ 'shop/pushed': String(run.pushed) })
      // Pushes that came together were looked at together.
      expect(world.source.hints.length).toBeLessThanOrEqual(2 * run.pushed + 2)
      const applied = world.outcomes.filter(({ outcome }) => outcome === 'applied').map(({ generation }) => generation)
      expect(applied).toEqual([...applied].sort((a, b) => Number(a) - Number(b)))
      await world.reconciler.close()
    }),
    { numRuns: 150 },
  )
})

it('a hundred pushes during one fetch cost one more', async () => {
  const run = await pushing()
  await run.push()
  while (!run.isFetching) await turn()
  const before = run.world.source.hints.length
  for (let count = 0; count < 100; count += 1) await run.push()
  await turn()
  while (run.world.resolver.serving['shop/pushed'] !== '101') {
    run.release()
    await run.world.clock.advance(300)
  }
  expect(run.world.source.hints.length - before).toBeLessThanOrEqual(2)
  await run.world.reconciler.close()
})
