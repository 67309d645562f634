import { executionAsyncResource } from 'node:async_hooks'

const kept: object[] = []

/**
 * Keeps one of the objects in which Node.js queues `process.nextTick`. V8 forgets the shape of objects when a collection of
 * the whole heap finds none of them. Any other code learns a shape anew, but these objects are written with computed keys,
 * for which V8 gives up after the first change: from then on each tick is queued by a slow path. A request queues about ten
 * ticks, and after a few such collections costs a sixth more (test/bench/scenarios/scaling.mjs, among 10,000 mocks).
 */
export function keepTickShape(): void {
  if (kept.length > 0) return
  process.nextTick(() => {
    if (kept.length === 0) kept.push(executionAsyncResource())
  })
}
