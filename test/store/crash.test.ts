// A process that ends at any step: what was acknowledged is there when the next one opens, in order, and nothing is half
// there. Killed, it keeps what was written; with the power gone, only what was synced.

import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import type { StoreOptions } from '../../src/store/embedded.js'
import type { Store } from '../../src/store/store.js'
import { SimulatedDisk } from './simulated-disk.js'
import { openSimulated, settled } from './simulated-store.js'

const count = 24
const keys = 4

/** The state after the first `n` transactions of the run below. */
function stateAfter(n: number): Map<string, Json> {
  const state = new Map<string, Json>()
  for (let index = 1; index <= n; index += 1) applyTo(state, index)
  return state
}

function applyTo(state: { set(key: string, value: Json): unknown; delete(key: string): unknown }, index: number): void {
  state.set('s/last', index)
  state.set(`s/pair/${index % keys}/a`, { index, text: 'x'.repeat(index * 3) })
  state.set(`s/pair/${index % keys}/b`, { index })
  if (index % 5 === 0) state.delete(`s/pair/${(index + 1) % keys}/a`)
  if (index % 5 === 0) state.delete(`s/pair/${(index + 1) % keys}/b`)
}

/** Runs until it is through, or the process is dead; tells the last transaction that was answered, of each durability. */
async function run(disk: SimulatedDisk, options: Partial<StoreOptions>): Promise<{ write: number; sync: number }> {
  const answered = { write: 0, sync: 0 }
  const work = async () => {
    const store = await openSimulated(disk, options)
    for (let index = 1; index <= count; index += 3) {
      const together = [index, index + 1, index + 2].map(async (number) => {
        const durability = number % 4 === 0 ? 'sync' : 'write'
        await store.transact(
          ['s/'],
          (tx) => applyTo({ set: (key, value) => tx.put(key, value), delete: (key) => tx.delete(key) }, number),
          durability,
        )
        answered.write = Math.max(answered.write, number)
        if (durability === 'sync') answered.sync = Math.max(answered.sync, number)
      })
      await Promise.all(together)
      if (index % 9 === 1) await store.compact()
    }
    await store.close()
    answered.sync = count
  }
  let over = false
  const working = work().finally(() => {
    over = true
  })
  working.catch(() => {})
  while (!over && disk.steps <= disk.crashAfter) await settled(1)
  if (over) await working
  else await settled(3)
  return answered
}

function contentOf(store: Store): Map<string, Json> {
  return new Map(store.list('s/'))
}

const cases: [string, Partial<StoreOptions>][] = [
  ['one segment', {}],
  ['small segments', { segmentBytes: 300 }],
  ['small segments, values on disk', { segmentBytes: 300, onDisk: ['s/pair/'] }],
]

describe('a process that ends at any step', () => {
  for (const [name, options] of cases) {
    for (const kind of ['kill', 'power'] as const) {
      it(`loses nothing that was acknowledged (${name}, ${kind})`, async () => {
        const whole = new SimulatedDisk()
        await run(whole, options)
        const steps = whole.steps
        expect(steps).toBeGreaterThan(40)
        for (let crashAfter = 0; crashAfter < steps; crashAfter += 1) {
          const disk = new SimulatedDisk()
          disk.crashAfter = crashAfter
          const answered = await run(disk, options)
          const left = disk.afterCrash(kind)
          const store = await openSimulated(left, options)
          const last = Number(store.get('s/last') ?? 0)
          expect(last, `crash after step ${crashAfter}`).toBeGreaterThanOrEqual(
            kind === 'kill' ? answered.write : answered.sync,
          )
          expect(contentOf(store), `crash after step ${crashAfter}`).toEqual(stateAfter(last))

          // And it goes on from there.
          await store.transact(['s/'], (tx) => tx.put('s/after', true), 'sync')
          await store.compact()
          await store.close()
          const again = await openSimulated(left.afterCrash(kind), options)
          expect(again.get('s/after'), `crash after step ${crashAfter}`).toBe(true)
          expect(again.get('s/last') ?? 0).toBe(last)
          expect(again.epoch).toBe('epoch')
          await again.close()
        }
      })
    }
  }
})
