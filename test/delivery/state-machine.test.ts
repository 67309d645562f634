import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeliveryState } from '../../src/store/delivery.js'
import { isWaiting } from '../../src/store/delivery.js'
import { settled } from './clock.js'
import { type Behaviour, delivery, failed, ok, World } from './world.js'

const targets = ['https://a.example', 'https://b.example', 'https://c.example']
const modes: Record<string, Behaviour> = {
  ok: () => ok,
  slow: () => ({ after: 700, outcome: ok }),
  server: () => failed(),
  refused: () => failed({ class: 'network', message: 'refused' }),
  guard: () => failed({ class: 'guard', message: 'private' }),
  limited: () => failed({ class: 'rate_limited', message: '429' }),
  wait: () => failed({ class: 'rate_limited', message: '429', retryAfterMs: 5000 }),
  hang: () => 'hang',
  late: () => ({ after: 2500, outcome: failed() }),
}

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('accept' as const),
      target: fc.constantFrom(...targets),
      retries: fc.integer({ min: 0, max: 3 }),
      order: fc.constantFrom(undefined, undefined, 'k1', 'k2'),
      delayMs: fc.constantFrom(0, 0, 500, 10_000),
      growth: fc.constantFrom('fixed' as const, 'exponential' as const, 'jitter' as const),
      breaker: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 8000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('mode' as const),
      target: fc.constantFrom(...targets),
      mode: fc.constantFrom(...Object.keys(modes)),
    }),
  },
  fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -20_000, max: 20_000 }) }),
  fc.record({ do: fc.constant('kill' as const) }),
  fc.record({ do: fc.constant('restart' as const), graceMs: fc.constantFrom(0, 1000) }),
  fc.record({
    do: fc.constantFrom('requeue' as const, 'cancel' as const, 'fire' as const),
    index: fc.nat({ max: 30 }),
  }),
  fc.record({ do: fc.constant('fault' as const), on: fc.boolean() }),
)

describe('the life of a delivery', () => {
  it('loses none, delivers none that was cancelled, keeps to its limits, and forgets no dead letter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const world = await World.start({ poolSize: 4 })
        for (const target of targets) world.behaviours.set(target, modes.ok as Behaviour)
        const accepted: ReturnType<typeof delivery>[] = []
        const cancelledAt = new Map<string, number>()
        const seen = new Map<string, DeliveryState>()
        const requeued = new Set<string>()

        const look = () => {
          for (const { id, retry } of accepted) {
            const state = world.state(id)
            const before = seen.get(id)
            const counted = state.attempts.filter(({ counts, round }) => counts && round === state.round)
            expect(counted.length).toBe(state.used)
            expect(state.used).toBeLessThanOrEqual(retry.retries + 1)
            expect(state.attempts.map(({ number }) => number)).toEqual(state.attempts.map((_, index) => index + 1))
            expect(state.made).toBeGreaterThanOrEqual(before?.made ?? 0)
            expect(state.round).toBeGreaterThanOrEqual(before?.round ?? 1)
            if (before?.status === 'dead_letter' && !requeued.has(id)) expect(state).toEqual(before)
            if (before?.status === 'delivered' || before?.status === 'cancelled') expect(state).toEqual(before)
            if (state.status === 'delivered') expect(world.of(id).some(({ outcome }) => outcome?.ok)).toBe(true)
            seen.set(id, state)
          }
          requeued.clear()
          for (const [id, count] of cancelledAt) expect(world.of(id).length).toBe(count)
        }

        for (const one of commands) {
          switch (one.do) {
            case 'accept': {
              const { target, retries, order, delayMs, growth, breaker } = one
              const record = delivery({
                target,
                delayMs,
                breaker,
                timeoutMs: 3000,
                created: world.clock.now(),
                ...(order !== undefined && { order }),
                retry: { retries, delayMs: 1000, growth, maxDelayMs: 4000, final: ['guard', 'template'] },
              })
              const taken = world.engine.accept([record]).then(
                () => accepted.push(record),
                () => expect(world.fault).toBeDefined(),
              )
              await taken
              break
            }
            case 'pass':
              await world.clock.pass(one.ms)
              break
            case 'mode':
              world.behaviours.set(one.target, modes[one.mode] as Behaviour)
              break
            case 'jump':
              world.clock.jump(one.ms)
              break
            case 'kill':
              if (world.fault === undefined) await world.kill()
              break
            case 'restart': {
              if (world.fault !== undefined) break
              const closing = world.engine.close(one.graceMs)
              await world.clock.pass(one.graceMs + 1500)
              await closing
              await world.kill()
              break
            }
            case 'fault':
              world.fault = one.on ? new Error('disk full') : undefined
              await world.clock.pass(1000)
              break
            default: {
              const record = accepted[one.index % Math.max(1, accepted.length)]
              if (record === undefined) break
              const { id } = record
              const operation = world.engine.operations[one.do](id).catch(() => 'unavailable' as const)
              await world.clock.pass(1)
              const result = await operation
              if (result === 'unavailable') expect(world.fault).toBeDefined()
              if (typeof result === 'string') break
              if (one.do === 'requeue') requeued.add(id)
              if (one.do === 'cancel' && result.status === 'cancelled') cancelledAt.set(id, world.of(id).length)
            }
          }
          await settled()
          if (world.fault === undefined) {
            await world.deliveries.drain()
            look()
          }
        }

        world.fault = undefined
        for (const target of targets) world.behaviours.set(target, modes.ok as Behaviour)
        await world.clock.pass(1000)
        for (let round = 0; round < 40; round += 1) await world.clock.pass(30_000)
        await world.deliveries.drain()
        look()
        for (const { id } of accepted) expect(isWaiting(world.state(id).status)).toBe(false)
        const { byStatus, inFlight } = world.engine.counts
        expect(Object.values(byStatus).reduce((sum, count) => sum + count)).toBe(accepted.length)
        expect(inFlight).toBe(0)
        await world.engine.close(0)
      }),
      { numRuns: 300 },
    )
  })
})
