// The journal on a disk that fails: short writes, failed syncs, no space left.

import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../src/store/store.js'
import { increment } from '../contract/store.js'
import { type Fault, SimulatedDisk, type Step } from './simulated-disk.js'
import { ManualTimer, openSimulated, settled } from './simulated-store.js'

const inJournal = (path: string): boolean => path.startsWith('state/journal/')

/** A disk, a store on it and the warnings it gave. */
async function open(options: Parameters<typeof openSimulated>[1] = {}) {
  const disk = new SimulatedDisk()
  const time = new ManualTimer()
  const store = await openSimulated(disk, { timer: time.timer, ...options })
  await store.transact(['s/'], (tx) => tx.put('s/before', 1))
  return { disk, time, store }
}

/** Every step of this kind on the journal fails, from now on. */
function failing(disk: SimulatedDisk, steps: readonly Step[], fault: Fault): void {
  disk.fault = (step, path) => (steps.includes(step) && inJournal(path) ? fault : undefined)
}

/** Only the first such step fails. */
function failingOnce(disk: SimulatedDisk, step: Step, fault: Fault): void {
  disk.fault = (found, path) => {
    if (found !== step || !inJournal(path)) return undefined
    disk.fault = () => undefined
    return fault
  }
}

describe('a journal on a disk that fails', () => {
  it('a short write is gone on with', async () => {
    const { disk, store } = await open()
    failingOnce(disk, 'write', { write: 7 })
    await store.transact(['s/'], (tx) => tx.put('s/x', 'some text'))
    expect(store.warnings).toEqual([])
    const next = await openSimulated(disk.afterCrash('kill'))
    expect(next.get('s/x')).toBe('some text')
    expect(next.warnings).toEqual([])
  })

  it('a write that fails half-way is made again in a new segment', async () => {
    const { disk, store } = await open()
    failingOnce(disk, 'write', { write: 7, error: 'EIO' })
    await store.transact(['s/'], (tx) => tx.put('s/x', 1))
    expect(store.failing).toBe(false)
    expect(disk.paths).toContain('state/journal/00000002.ndjson')
    const next = await openSimulated(disk.afterCrash('kill'))
    expect(next.list('s/')).toEqual([
      ['s/before', 1],
      ['s/x', 1],
    ])
    expect(next.warnings).toEqual([])
  })

  it('a failed sync closes the segment, and all that is not surely on the disk is written again', async () => {
    const { disk, store } = await open()
    await store.transact(['s/'], (tx) => tx.put('s/deleted', 1), 'sync')
    await store.transact(['s/'], (tx) => tx.delete('s/deleted'), 'write')
    await store.transact(['s/'], (tx) => tx.put('s/written', 1), 'write')
    failingOnce(disk, 'sync', 'EIO')
    await store.transact(['s/'], (tx) => tx.put('s/x', 1), 'sync')
    expect(store.failing).toBe(false)
    // The kernel may have dropped what was written to the first segment since its last sync.
    const next = await openSimulated(disk.afterCrash('power'))
    expect(next.list('s/').map(([key]) => key)).toEqual(['s/before', 's/written', 's/x'])
  })

  it('records that can no longer be read for writing them again are told', async () => {
    const { disk, store } = await open()
    let synced = false
    disk.fault = (step, path) => {
      if (!path.endsWith('00000001.ndjson')) return undefined
      if (step === 'sync' && !synced) {
        synced = true
        return 'EIO'
      }
      return step === 'read' ? 'EIO' : undefined
    }
    await store.transact(['s/'], (tx) => tx.put('s/x', 1), 'sync')
    expect(store.warnings.join()).toContain('may have lost records after byte')
    expect(store.get('s/x')).toBe(1)
  })

  const hopeless: [string, readonly Step[], Fault][] = [
    ['no space is left', ['write', 'open'], 'ENOSPC'],
    ['no space is left after some bytes', ['write'], { write: 3, error: 'ENOSPC' }],
    ['nothing can be synced', ['sync'], 'EIO'],
    ['nothing can be synced or cut off', ['sync', 'truncate', 'remove'], 'EIO'],
    ['no file can be made and the last is broken', ['write', 'open', 'truncate'], 'EIO'],
  ]
  for (const [what, steps, fault] of hopeless) {
    it(`when ${what}, what waits is rejected and has not happened, until it goes again by itself`, async () => {
      const { disk, time, store } = await open()
      // Enough that the broken segment is worth keeping.
      await store.transact(['kept/'], (tx) => tx.put('kept/text', 'x'.repeat(2000)))
      failing(disk, steps, fault)
      const waiting = [
        store.transact(['s/'], increment('s/count'), 'sync'),
        store.transact(['s/'], increment('s/count'), 'write'),
        store.transact(['s/'], (tx) => tx.delete('s/before')),
        store.transact(['s/'], (tx) => tx.put('s/rejected', 1)),
        // It only reads, but what it read has not happened.
        store.transact(['s/'], (tx) => tx.get('s/count')),
      ]
      for (const { status, ...outcome } of await Promise.allSettled(waiting)) {
        expect(status).toBe('rejected')
        expect((outcome as { reason: unknown }).reason).toBeInstanceOf(StoreUnavailable)
      }
      expect(store.failing).toBe(true)
      expect(store.list('s/')).toEqual([['s/before', 1]])
      expect(await store.transact(['s/'], (tx) => tx.list('s/'))).toEqual([['s/before', 1]])
      await expect(store.transact(['s/'], increment('s/count'))).rejects.toThrow('the journal cannot be written: ')

      await time.pass(1000)
      expect(store.failing).toBe(true)
      disk.fault = () => undefined
      await time.pass(5000)
      expect(store.failing).toBe(false)
      expect(store.warnings.at(-1)).toBe('the journal can be written again')
      expect(await store.transact(['s/'], increment('s/count'), 'sync')).toBe(1)

      for (const kind of ['kill', 'power'] as const) {
        const next = await openSimulated(disk.afterCrash(kind))
        expect(next.list('s/')).toEqual([
          ['s/before', 1],
          ['s/count', 1],
        ])
      }
    })
  }

  it('a journal that cannot be written is tried again after ever longer pauses, up to five seconds', async () => {
    const { disk, time, store } = await open()
    failing(disk, ['write', 'open'], 'ENOSPC')
    await expect(store.transact(['s/'], increment('s/count'))).rejects.toThrow(StoreUnavailable)
    const tries: number[] = []
    let now = 0
    disk.fault = (step, path) => {
      if (step === 'open' && inJournal(path)) tries.push(now)
      return step === 'open' && inJournal(path) ? 'ENOSPC' : undefined
    }
    for (; now < 20_000; now += 100) await time.pass(100)
    expect(tries.slice(0, 7)).toEqual([0, 200, 600, 1400, 3000, 6200, 11_200])
    await store.close()
  })

  it('what was rejected stays away also when the process dies before a new segment can be begun', async () => {
    const { disk, store } = await open()
    failing(disk, ['sync'], 'EIO')
    await expect(store.transact(['s/'], increment('s/count'), 'sync')).rejects.toThrow(StoreUnavailable)
    const next = await openSimulated(disk.afterCrash('kill'))
    expect(next.list('s/')).toEqual([['s/before', 1]])
  })

  it('a reader does not see what is not acknowledged', async () => {
    const { store } = await open()
    const first = store.transact(['s/'], (tx) => tx.put('s/before', 2))
    const second = store.transact(['s/'], (tx) => tx.put('s/new', tx.get('s/before') ?? null))
    const third = store.transact(['s/'], (tx) => tx.delete('s/before'))
    expect(store.get('s/before')).toBe(1)
    expect(store.list('s/')).toEqual([['s/before', 1]])
    await Promise.all([first, second, third])
    expect(store.list('s/')).toEqual([['s/new', 2]])
  })

  it('no more is taken than may wait for the disk', async () => {
    const { store } = await open({ maxWaitingBytes: 1000 })
    const text = 'x'.repeat(600)
    const taken = [1, 2].map((n) => store.transact(['s/'], (tx) => tx.put(`s/${n}`, text)))
    await expect(store.transact(['s/'], (tx) => tx.put('s/3', text))).rejects.toThrow(/bytes are waiting/)
    expect(store.failing).toBe(false)
    await Promise.all(taken)
    await store.transact(['s/'], (tx) => tx.put('s/3', text))
    expect(store.list('s/').map(([key]) => key)).toEqual(['s/1', 's/2', 's/3', 's/before'])
  })

  it('a transaction that is too large for one record is refused alone', async () => {
    const { store } = await open()
    const large = store.transact(['s/'], (tx) => tx.put('s/large', 'x'.repeat(65 * 1024 * 1024)))
    const small = store.transact(['s/'], (tx) => tx.put('s/small', 1))
    await expect(large).rejects.toThrow('too large for the journal')
    await small
    expect(store.get('s/large')).toBeUndefined()
  })

  it('goes on when only the document cannot be written', async () => {
    const { disk, store } = await open({ segmentBytes: 200 })
    disk.fault = (step, path) => (step === 'write' && path.startsWith('state/state.json') ? 'ENOSPC' : undefined)
    for (let n = 0; n < 20; n += 1) await store.transact(['s/'], (tx) => tx.put(`s/${n}`, 'x'.repeat(50)))
    expect(store.failing).toBe(false)
    expect(store.warnings.join()).toContain('state.json cannot be written: ENOSPC')
    const next = await openSimulated(disk.afterCrash('kill'))
    expect(next.list('s/')).toHaveLength(21)
  })

  it('everything of one turn is one write', async () => {
    const { disk, store } = await open()
    let writes = 0
    disk.fault = (step, path) => {
      if (step === 'write' && inJournal(path)) writes += 1
      return undefined
    }
    await Promise.all(Array.from({ length: 50 }, () => store.transact(['s/'], increment('s/count'))))
    expect(writes).toBe(1)
  })

  it('closing waits for what was appended and syncs it', async () => {
    const { disk, store } = await open()
    const last = store.transact(['s/'], (tx) => tx.put('s/last', 1), 'write')
    await store.close()
    await last
    const next = await openSimulated(disk.afterCrash('power'))
    expect(next.get('s/last')).toBe(1)
  })

  it('nothing is written once the lock is lost', async () => {
    const { disk, time, store } = await open()
    disk.erase('state/lock.1')
    await time.pass(5000)
    await settled()
    expect(store.failing).toBe(true)
    expect(store.warnings.join()).toContain('another process may use state')
    const { length } = disk.bytesOf('state/journal/00000001.ndjson')
    await expect(store.transact(['s/'], increment('s/count'))).rejects.toThrow('another process may use state')
    await expect(store.contents.putAll([['k', Buffer.from('x')]])).rejects.toThrow(StoreUnavailable)
    await store.close()
    expect(disk.bytesOf('state/journal/00000001.ndjson')).toHaveLength(length)
  })
})
