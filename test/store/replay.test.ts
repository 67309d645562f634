// Opening what an earlier process left behind: torn, damaged, incomplete.

import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/expression/json.js'
import { SimulatedDisk } from './simulated-disk.js'
import { openSimulated } from './simulated-store.js'

const first = 'state/journal/00000001.ndjson'
const count = 8

/** `count` transactions of two keys each, in one segment. */
async function written(segmentBytes = 1 << 20): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const store = await openSimulated(disk, { segmentBytes })
  for (let n = 1; n <= count; n += 1) await put(store, n)
  await store.close()
  return disk
}

function put(store: Awaited<ReturnType<typeof openSimulated>>, n: number): Promise<void> {
  return store.transact(['s/'], (tx) => {
    tx.put(`s/${n}/a`, textOf(n))
    tx.put(`s/${n}/b`, n)
  })
}

function textOf(n: number): string {
  return `é${n}`.repeat(10)
}

function wanted(numbers: readonly number[]): [string, Json][] {
  return numbers.flatMap((n) => [[`s/${n}/a`, textOf(n)] as [string, Json], [`s/${n}/b`, n] as [string, Json]])
}

/** Where each line ends. */
function lineEnds(bytes: Buffer): number[] {
  const ends: number[] = []
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) ends.push(at + 1)
  return ends
}

describe('a journal that is opened again', () => {
  it('is JSON line by line, each with its length and CRC-32', async () => {
    const disk = await written()
    const lines = disk.bytesOf(first).toString().trimEnd().split('\n')
    expect(lines).toHaveLength(count + 1)
    for (const line of lines) {
      const [length, crc] = JSON.parse(line) as [string, string]
      expect(Number.parseInt(length, 16)).toBe(Buffer.byteLength(line) - 24)
      expect(crc).toMatch(/^[0-9a-f]{8}$/)
    }
  })

  it('torn at any byte, keeps every whole transaction before, and goes on', async () => {
    const whole = await written()
    const bytes = whole.bytesOf(first)
    const ends = lineEnds(bytes)
    for (let length = 0; length <= bytes.length; length += 1) {
      const disk = whole.afterCrash('kill')
      disk.alter(first, (all) => all.subarray(0, length))
      const store = await openSimulated(disk)
      const left = Math.max(0, ends.filter((end) => end <= length).length - 1)
      const numbers = Array.from({ length: left }, (_, index) => index + 1)
      expect(store.list('s/'), `cut at ${length}`).toEqual(wanted(numbers))
      expect(store.warnings.length, `cut at ${length}`).toBe(length === 0 || ends.includes(length) ? 0 : 1)
      await put(store, 9)
      await store.close()
      const again = await openSimulated(disk)
      expect(again.list('s/'), `cut at ${length}`).toEqual(wanted([...numbers, 9]))
      expect(again.warnings).toEqual([])
      expect(again.epoch).toBe('epoch')
      await again.close()
    }
  })

  it('with any byte flipped, loses that transaction alone, says so, and goes on', async () => {
    const whole = await written()
    const bytes = whole.bytesOf(first)
    const ends = lineEnds(bytes)
    for (let at = 0; at < bytes.length; at += 1) {
      const disk = whole.afterCrash('kill')
      disk.alter(first, (all) => {
        all[at] = (all[at] ?? 0) ^ 0x24
        return all
      })
      const store = await openSimulated(disk)
      // A line break that is gone takes the next line with it only if the next cannot be told apart.
      const hit = ends.findIndex((end) => at < end)
      const numbers = Array.from({ length: count }, (_, index) => index + 1).filter((n) => n !== hit)
      const isBreak = ends.includes(at + 1)
      const found = store.list('s/')
      if (isBreak && hit < count) {
        expect(wanted(numbers.filter((n) => n !== hit + 1)), `flip at ${at}`).toEqual(found)
      } else expect(found, `flip at ${at}`).toEqual(wanted(numbers))
      expect(store.warnings.length, `flip at ${at}`).toBeGreaterThan(0)
      await put(store, 9)
      await store.close()
      const again = await openSimulated(disk)
      expect(again.get('s/9/b')).toBe(9)
      expect(again.list('s/')).toHaveLength(found.length + 2)
      await again.close()
    }
  })

  it('keeps a damaged segment under another name when it is compacted', async () => {
    const disk = await written()
    disk.alter(first, (all) => {
      all[all.length >> 1] = 0
      return all
    })
    const store = await openSimulated(disk)
    await put(store, 9)
    await store.compact()
    await store.close()
    expect(disk.paths.filter((path) => path.startsWith('state/journal/'))).toEqual([
      `${first}.damaged`,
      'state/journal/00000002.ndjson',
    ])
    const again = await openSimulated(disk)
    expect(again.warnings).toEqual([])
    expect(again.list('s/')).toHaveLength(2 * count)
  })

  it('names a segment that is missing', async () => {
    const disk = await written(300)
    expect(disk.paths).toContain('state/journal/00000003.ndjson')
    disk.erase('state/journal/00000002.ndjson')
    const store = await openSimulated(disk)
    expect(store.warnings).toEqual(['journal segment 00000002.ndjson is missing; what only it held is lost'])
    expect(store.get('s/1/b')).toBe(1)
    expect(store.get(`s/${count}/b`)).toBe(count)
  })

  it('takes a segment of no length for one that was never begun when it is the last, and for damage before', async () => {
    const last = await written()
    await (await last.open('state/journal/00000002.ndjson', 'create')).close()
    const store = await openSimulated(last)
    expect(store.warnings).toEqual([])
    expect(store.list('s/')).toHaveLength(2 * count)
    await put(store, 9)
    await store.close()
    expect((await openSimulated(last)).get('s/9/b')).toBe(9)

    const middle = await written(300)
    middle.alter('state/journal/00000002.ndjson', () => Buffer.alloc(0))
    const other = await openSimulated(middle)
    expect(other.warnings.join()).toContain('00000002.ndjson is damaged from byte 0 to its end')
    expect(other.get(`s/${count}/b`)).toBe(count)
  })

  it('says when a sealed segment has lost its end', async () => {
    const disk = await written(300)
    disk.alter(first, (all) => all.subarray(0, all.length - 3))
    const store = await openSimulated(disk)
    expect(store.warnings.join()).toMatch(/00000001\.ndjson is damaged from byte \d+ to its end/)
    expect(store.get(`s/${count}/b`)).toBe(count)
  })

  const documents: [string, (disk: SimulatedDisk) => void, RegExp][] = [
    ['missing', (disk) => disk.erase('state/state.json'), /^state\.json is missing/],
    ['empty', (disk) => disk.alter('state/state.json', () => Buffer.alloc(0)), /^state\.json is damaged/],
    ['cut off', (disk) => disk.alter('state/state.json', (all) => all.subarray(0, 20)), /^state\.json is damaged/],
    ['something else', (disk) => disk.alter('state/state.json', () => Buffer.from('[]')), /^state\.json is damaged/],
    [
      'without epoch',
      (disk) => disk.alter('state/state.json', () => Buffer.from('{"format":1}')),
      /^state\.json is damaged/,
    ],
  ]
  for (const [what, change, warning] of documents) {
    it(`makes the document again from the segments when it is ${what}`, async () => {
      const disk = await written(300)
      const before = disk.bytesOf('state/state.json').toString()
      change(disk)
      const store = await openSimulated(disk, { newEpoch: () => 'another' })
      expect(store.warnings).toHaveLength(1)
      expect(store.warnings[0]).toMatch(warning)
      expect(store.epoch).toBe('epoch')
      expect(store.list('s/')).toHaveLength(2 * count)
      expect(disk.bytesOf('state/state.json').toString()).toBe(before)
    })
  }

  it('deletes what a compaction that was cut off left behind', async () => {
    const disk = await written(300)
    const old = Buffer.from(disk.bytesOf(first))
    const store = await openSimulated(disk, { segmentBytes: 300 })
    await store.transact(['s/'], (tx) => tx.delete('s/1/a'))
    await store.compact()
    await store.close()
    expect(disk.paths).not.toContain(first)
    await (await disk.open(first, 'create')).write(old)
    const next = await openSimulated(disk)
    expect(next.get('s/1/a')).toBeUndefined()
    expect(disk.paths).not.toContain(first)
  })

  it('refuses what a newer version wrote', async () => {
    const disk = await written()
    disk.alter('state/state.json', (all) => Buffer.from(all.toString().replace('"format": 1', '"format": 2')))
    await expect(openSimulated(disk)).rejects.toThrow('written by a newer version (format 2; this one reads 1)')
    // And leaves no lock behind.
    expect(disk.paths.filter((path) => path.includes('lock'))).toEqual([])
  })

  it('leaves alone files that are not its own', async () => {
    const disk = await written()
    for (const name of ['notes.txt', '1.ndjson', '00000009.ndjson.bak']) {
      await (await disk.open(`state/journal/${name}`, 'create')).write(Buffer.from('mine'))
    }
    const store = await openSimulated(disk)
    expect(store.warnings).toEqual([])
    expect(disk.bytesOf('state/journal/notes.txt').toString()).toBe('mine')
  })

  it('begins a new segment for each epoch', async () => {
    const disk = await written()
    disk.alter('state/state.json', (all) =>
      Buffer.from(all.toString().replace('"epoch": "epoch"', '"epoch": "restored"')),
    )
    const store = await openSimulated(disk)
    expect(store.epoch).toBe('restored')
    await put(store, 9)
    await store.close()
    expect(disk.paths).toContain('state/journal/00000002.ndjson')
    disk.erase('state/state.json')
    expect((await openSimulated(disk)).epoch).toBe('restored')
  })
})
