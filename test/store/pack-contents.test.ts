import { describe, expect, it } from 'vitest'
import { openPackContents, type PackContents } from '../../src/store/pack-contents.js'
import { StoreUnavailable } from '../../src/store/store.js'
import { SimulatedDisk } from './simulated-disk.js'

const first = 'contents/00000001.pack'

async function open(disk: SimulatedDisk, warnings: string[] = [], durable = true): Promise<PackContents> {
  return openPackContents({ folder: 'contents', disk, durable, warn: (message) => warnings.push(message) })
}

function content(n: number): Buffer {
  return Buffer.from(`{"key":"content ${n}\n`.repeat(n + 1))
}

const all = Array.from({ length: 8 }, (_, n) => [`key${n}`, content(n)] as const)

async function written(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const contents = await open(disk)
  for (const entry of all) await contents.putAll([entry])
  await contents.close()
  return disk
}

async function found(contents: PackContents): Promise<string[]> {
  const map = await contents.getAll(all.map(([key]) => key))
  for (const [key, bytes] of map) {
    const wanted = all.find(([known]) => known === key)?.[1]
    if (wanted === undefined || !wanted.equals(bytes))
      throw new Error(`${key} holds other bytes: ${Buffer.from(bytes)}`)
  }
  return [...map.keys()].sort()
}

const keys = all.map(([key]) => key)

describe('contents in packs', () => {
  it('are there after a restart, and what is put goes behind them', async () => {
    const disk = await written()
    const contents = await open(disk)
    expect(await found(contents)).toEqual(keys)
    await contents.putAll([['more', Buffer.from('more')]])
    await contents.close()
    expect(disk.paths).toEqual([first])
    const again = await open(disk)
    expect(await found(again)).toEqual(keys)
    expect(String(Buffer.from((await again.get('more')) ?? []))).toBe('more')
  })

  it('that are durable survive a power loss once they are put', async () => {
    const disk = new SimulatedDisk()
    const contents = await open(disk)
    await contents.putAll(all)
    expect(await found(await open(disk.afterCrash('power')))).toEqual(keys)
  })

  it('torn at any byte keep what is whole, and go on', async () => {
    const whole = await written()
    const { length } = whole.bytesOf(first)
    for (let end = 0; end < length; end += 1) {
      const disk = whole.afterCrash('kill')
      disk.alter(first, (bytes) => bytes.subarray(0, end))
      const contents = await open(disk)
      const left = await found(contents)
      expect(left).toEqual(keys.slice(0, left.length))
      await contents.putAll(all)
      await contents.close()
      const warnings: string[] = []
      expect(await found(await open(disk, warnings))).toEqual(keys)
      expect(warnings).toEqual([])
    }
  })

  it('with any byte flipped lose that content alone, and take it again', async () => {
    const whole = await written()
    const { length } = whole.bytesOf(first)
    for (let at = 0; at < length; at += 1) {
      const disk = whole.afterCrash('kill')
      disk.alter(first, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x41
        return bytes
      })
      const contents = await open(disk)
      const left = await found(contents)
      expect(left.length, `flip at ${at}`).toBeGreaterThanOrEqual(all.length - 1)
      await contents.putAll(all)
      expect(await found(contents), `flip at ${at}`).toEqual(keys)
      await contents.close()
      expect(await found(await open(disk)), `flip at ${at}`).toEqual(keys)
    }
  })

  it('that are damaged are told once they are read', async () => {
    const disk = await written()
    disk.alter(first, (bytes) => {
      bytes[bytes.indexOf('content 3') + 2] = 0
      return bytes
    })
    const warnings: string[] = []
    const contents = await open(disk, warnings)
    expect(warnings).toEqual([])
    expect(contents.has('key3')).toBe(true)
    expect(await contents.get('key3')).toBeUndefined()
    expect(contents.has('key3')).toBe(false)
    expect(warnings.join()).toMatch(/is damaged at byte \d+; the content key3 is lost/)
  })

  for (const step of ['write', 'sync', 'open', 'syncFolder'] as const) {
    it(`that could not be kept are refused, and can be put later (${step} fails)`, async () => {
      const disk = new SimulatedDisk()
      const contents = await open(disk)
      if (step === 'write' || step === 'sync') await contents.putAll(all.slice(0, 2))
      disk.fault = (found) => (found === step ? (step === 'write' ? { write: 30, error: 'ENOSPC' } : 'EIO') : undefined)
      await expect(contents.putAll(all)).rejects.toThrow(StoreUnavailable)
      expect(contents.has('key7')).toBe(false)
      disk.fault = () => undefined
      await contents.putAll(all)
      expect(await found(contents)).toEqual(keys)
      for (const kind of ['kill', 'power'] as const) {
        const warnings: string[] = []
        expect(await found(await open(disk.afterCrash(kind), warnings))).toEqual(keys)
        expect(warnings).toEqual([])
      }
    })
  }

  it('are rewritten when more than half is no longer wanted, at any crash without loss', async () => {
    const large = Array.from({ length: 40 }, (_, n) => [`large${n}`, Buffer.alloc(4000, n)] as const)
    const wanted = new Set(['large3', 'large39'])
    const begin = async () => {
      const disk = new SimulatedDisk()
      const contents = await open(disk)
      await contents.putAll(large)
      return { disk, contents }
    }
    const { disk: whole, contents: kept } = await begin()
    const from = whole.steps
    await kept.retain(new Set(large.slice(0, 25).map(([key]) => key)))
    expect(whole.steps).toBe(from)
    await kept.retain(wanted)
    expect(whole.paths).toEqual(['contents/00000002.pack'])
    expect(whole.bytesOf('contents/00000002.pack').length).toBeLessThan(10_000)
    expect((await kept.getAll(large.map(([key]) => key))).size).toBe(2)

    for (let crashAfter = from; crashAfter <= whole.steps; crashAfter += 1) {
      const { disk, contents } = await begin()
      disk.crashAfter = crashAfter
      void contents.retain(wanted)
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      for (const kind of ['kill', 'power'] as const) {
        const warnings: string[] = []
        const left = await open(disk.afterCrash(kind), warnings)
        expect((await left.getAll(wanted)).size, `crash after ${crashAfter}`).toBe(2)
        expect(warnings).toEqual([])
      }
    }
  })

  it('stay as they are when there is no space to rewrite them', async () => {
    const disk = new SimulatedDisk()
    const contents = await open(disk)
    await contents.putAll([
      ['large', Buffer.alloc(200_000)],
      ['small', Buffer.from('small')],
    ])
    disk.fault = (step) => (step === 'write' ? 'ENOSPC' : undefined)
    await expect(contents.retain(new Set(['small']))).rejects.toThrow('contents cannot be compacted: ENOSPC')
    disk.fault = () => undefined
    expect((await contents.getAll(['large', 'small'])).size).toBe(2)
    await contents.retain(new Set(['small']))
    expect((await contents.getAll(['large', 'small'])).size).toBe(1)
  })

  it('of many sizes are read in few reads', async () => {
    const disk = new SimulatedDisk()
    const contents = await open(disk, [], false)
    const many = Array.from({ length: 3000 }, (_, n) => [`k${n}`, Buffer.alloc(1000 + (n % 2000), n)] as const)
    await contents.putAll([...many, ['huge', Buffer.alloc(9_000_000, 1)]])
    await contents.close()
    const steps = disk.steps
    const again = await open(disk)
    expect(disk.steps - steps).toBeLessThan(12)
    const before = disk.steps
    const map = await again.getAll([...many.map(([key]) => key), 'huge'])
    expect(disk.steps - before).toBeLessThan(8)
    expect(map.size).toBe(3001)
    for (const [key, bytes] of many) expect(bytes.equals(map.get(key) ?? Buffer.alloc(0)), key).toBe(true)
    expect(map.get('huge')?.length).toBe(9_000_000)
  })

  it('with a key that is too long or empty are refused', async () => {
    const contents = await open(new SimulatedDisk())
    for (const key of ['', 'x'.repeat(257)]) {
      await expect(contents.putAll([[key, Buffer.from('x')]])).rejects.toThrow('1 to 256 characters')
    }
    await contents.putAll([['k', Buffer.from('x')]])
    expect(contents.has('k')).toBe(true)
  })
})
