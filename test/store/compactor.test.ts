import { readdirSync, statSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { openStore, type StoreOptions } from '../../src/store/embedded.js'
import type { Transaction } from '../../src/store/store.js'
import { SimulatedDisk } from './simulated-disk.js'
import { openSimulated } from './simulated-store.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()

function journalBytes(dir: string): number {
  const folder = `${dir}/journal`
  return readdirSync(folder).reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0)
}

function incrementPadded(tx: Transaction): void {
  const { n } = (tx.get('s/count') ?? { n: 0 }) as { n: number }
  tx.put('s/count', { n: n + 1, padding: 'x'.repeat(1000) })
}

describe('compaction', () => {
  const cases: [string, Partial<StoreOptions>][] = [
    ['values in memory', {}],
    ['values on disk', { onDisk: ['s/kept/'] }],
  ]
  for (const [name, options] of cases) {
    it(`keeps the journal small while one key is written for ever beside others that stay (${name})`, async () => {
      const dir = temporaryFolder()
      const segmentBytes = 100_000
      const store = await openStore(dir, { rawNumber: RawNumber, segmentBytes, ...options })
      const kept = Array.from({ length: 100 }, (_, index) => [`s/kept/${index}`, `é${index}`.repeat(100)] as const)
      await store.transact(['s/'], (tx) => {
        for (const [key, value] of kept) tx.put(key, value)
      })
      let most = 0
      for (let round = 0; round < 200; round += 1) {
        await Promise.all(Array.from({ length: 50 }, () => store.transact(['s/'], incrementPadded)))
        most = Math.max(most, journalBytes(dir))
      }
      // All in all 10,000,000 bytes were written, and 30,000 are needed.
      expect(most).toBeLessThan(5_000_000)
      await vi.waitFor(() => expect(journalBytes(dir)).toBeLessThan(2 * store.journalSize.live + 3 * segmentBytes))
      expect(store.warnings).toEqual([])
      await store.close()
      const again = await openStore(dir, { rawNumber: RawNumber, segmentBytes, ...options })
      expect(again.get('s/count')).toMatchObject({ n: 10_000 })
      expect(again.list('s/kept/')).toEqual(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)))
      expect(again.warnings).toEqual([])
      await again.close()
    })
  }

  it('goes on while keys are written, deleted and read', async () => {
    const disk = new SimulatedDisk()
    const store = await openSimulated(disk, { segmentBytes: 1000, onDisk: ['s/payload/'] })
    const model = new Map<string, number>()
    for (let n = 0; n < 1000; n += 1) {
      const key = n % 37
      const gone = (n * 7) % 37
      const done = store.transact(['s/'], (tx) => {
        tx.put(`s/${key}`, n)
        tx.put(`s/payload/${key}`, { n })
        tx.delete(`s/${gone}`)
        tx.delete(`s/payload/${gone}`)
      })
      model.set(`s/${key}`, n)
      model.delete(`s/${gone}`)
      if (n % 10 === 0) await Promise.all([done, store.compact()])
      else if (n % 3 === 0) await done
    }
    await store.transact(['s/'], () => undefined, 'sync')
    const check = (opened: typeof store) => {
      expect(new Map(opened.list('s/').filter(([key]) => !key.includes('payload')))).toEqual(new Map([...model].sort()))
      for (const [key, n] of model) expect(opened.get(key.replace('s/', 's/payload/'))).toEqual({ n })
    }
    check(store)
    await store.close()
    check(await openSimulated(disk, { onDisk: ['s/payload/'] }))
  })

  it('never brings back what was deleted', async () => {
    const disk = new SimulatedDisk()
    const store = await openSimulated(disk, { segmentBytes: 300 })
    await store.transact(['s/'], (tx) => tx.put('s/gone', 'x'.repeat(300)))
    await store.transact(['s/'], (tx) => tx.put('s/kept', 'x'.repeat(300)))
    await store.transact(['s/'], (tx) => tx.delete('s/gone'))
    for (let n = 0; n < 10; n += 1) {
      await store.transact(['s/'], (tx) => tx.put('s/other', 'x'.repeat(300)))
      await store.compact()
      const now = await openSimulated(disk.afterCrash('kill'))
      expect(now.list('s/').map(([key]) => key)).toEqual(['s/kept', 's/other'])
    }
  })

  it('that fails is told, and tried again later', async () => {
    const disk = new SimulatedDisk()
    let now = 0
    const store = await openSimulated(disk, { segmentBytes: 300, now: () => now })
    disk.fault = (step, path) => (step === 'remove' && path.includes('/journal/') ? 'EIO' : undefined)
    const write = () => store.transact(['s/'], (tx) => tx.put('s/x', 'x'.repeat(300)), 'sync')
    for (let n = 0; n < 5; n += 1) await write()
    await store.compact()
    expect(store.warnings.filter((warning) => warning.includes('could not be compacted'))).not.toEqual([])
    const told = store.warnings.length
    for (let n = 0; n < 5; n += 1) await write()
    expect(store.warnings).toHaveLength(told)
    disk.fault = () => undefined
    now += 5000
    await write()
    await store.compact()
    expect(disk.paths.filter((path) => path.includes('/journal/')).length).toBeLessThanOrEqual(2)
    expect(store.get('s/x')).toBe('x'.repeat(300))
  })
})
