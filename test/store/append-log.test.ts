import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AppendLogOptions, openAppendLog } from '../../src/store/append-log.js'
import { SimulatedDisk } from './simulated-disk.js'

interface Entry {
  readonly seq: number
  readonly text: string
}

const entries = (from: number, to = from) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ text: `entry ${from + index}` }))

function open(disk: SimulatedDisk, options: Partial<AppendLogOptions> = {}) {
  const warnings: string[] = []
  const opened = openAppendLog<Entry>({ folder: 'audit', disk, onWarning: (one) => warnings.push(one), ...options })
  return Object.assign(opened, { warnings })
}

async function texts(log: Awaited<ReturnType<typeof open>>, limit = 1000): Promise<string[]> {
  const all: string[] = []
  for (let before: number | undefined; ; ) {
    const page = await log.page({ limit, ...(before !== undefined && { before }) })
    all.push(...page.items.map(({ text }) => text))
    if (page.next === undefined) return all
    before = page.next
  }
}

const named = (...numbers: number[]) => numbers.map((number) => `entry ${number}`)

describe('an append-only log', () => {
  it('is JSON, one entry a line, readable by its owner alone', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'log-')), 'audit')
    onTestFinished(() => rmSync(join(folder, '..'), { recursive: true }))
    const log = await openAppendLog<Entry>({ folder, onWarning: () => {} })
    expect(await log.append(entries(1, 2))).toEqual([
      { seq: 1, text: 'entry 1' },
      { seq: 2, text: 'entry 2' },
    ])
    await log.close()
    expect(readdirSync(folder)).toEqual(['00000001.ndjson'])
    const file = join(folder, '00000001.ndjson')
    expect(readFileSync(file, 'utf8')).toBe('{"seq":1,"text":"entry 1"}\n{"seq":2,"text":"entry 2"}\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    writeFileSync(file, '{"seq":3,"text":"half an en', { flag: 'a' })
    const again = await openAppendLog<Entry>({ folder, onWarning: () => {} })
    await again.append(entries(3))
    await again.close()
    expect(readFileSync(file, 'utf8').split('\n').slice(2)).toEqual(['{"seq":3,"text":"entry 3"}', ''])
  })

  it('goes on counting after it was opened again', async () => {
    const disk = new SimulatedDisk()
    const log = await open(disk)
    await log.append(entries(1, 3))
    await log.close()
    const again = await open(disk)
    expect(again.last).toEqual({ seq: 3, text: 'entry 3' })
    expect(await again.append(entries(4))).toEqual([{ seq: 4, text: 'entry 4' }])
    expect(await texts(again)).toEqual(named(4, 3, 2, 1))
  })

  it('gives pages, the newest first, none of them twice, whatever is appended meanwhile', async () => {
    const log = await open(new SimulatedDisk(), { fileBytes: 60 })
    for (let number = 1; number <= 9; number += 1) await log.append(entries(number))
    const first = await log.page({ limit: 4 })
    expect(first.items.map(({ seq }) => seq)).toEqual([9, 8, 7, 6])
    await log.append(entries(10))
    const second = await log.page({ limit: 4, before: first.next ?? 0 })
    expect(second.items.map(({ seq }) => seq)).toEqual([5, 4, 3, 2])
    expect(await log.page({ limit: 4, before: second.next ?? 0 })).toEqual({ items: [{ seq: 1, text: 'entry 1' }] })
    expect(await texts(log, 1)).toEqual(named(10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
  })

  it('looks through a few files for one page, and says where to go on', async () => {
    const log = await open(new SimulatedDisk(), { fileBytes: 1 })
    for (let number = 1; number <= 8; number += 1) await log.append(entries(number))
    const matches = ({ seq }: Entry) => seq === 1
    const pages = []
    for (let before: number | undefined, more = true; more; ) {
      const page = await log.page({ limit: 5, ...(before !== undefined && { before }) }, matches)
      pages.push(page.items.length)
      before = page.next
      more = before !== undefined
    }
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.at(-1)).toBe(1)
  })

  it('deletes the oldest file when there are too many', async () => {
    const disk = new SimulatedDisk()
    const log = await open(disk, { fileBytes: 50, files: 3 })
    for (let number = 1; number <= 20; number += 1) await log.append(entries(number))
    expect(disk.paths).toHaveLength(3)
    const kept = await texts(log)
    expect(kept[0]).toBe('entry 20')
    expect(kept.length).toBeLessThan(10)
    const again = await open(disk, { fileBytes: 50, files: 3 })
    expect(await texts(again)).toEqual(kept)
    await again.append(entries(21))
    expect(again.last?.seq).toBe(21)
  })

  it('steps over a line that was damaged', async () => {
    const disk = new SimulatedDisk()
    await (await open(disk)).append(entries(1, 3))
    disk.alter('audit/00000001.ndjson', (bytes) => {
      bytes[35] = 0
      return bytes
    })
    const log = await open(disk)
    expect(await texts(log)).toEqual(named(3, 1))
  })

  it.each(['EIO', 'ENOSPC'])('is whole after a write or a sync that failed with %s', async (error) => {
    for (const step of ['write', 'sync', 'truncate'] as const) {
      const disk = new SimulatedDisk()
      const log = await open(disk)
      await log.append(entries(1))
      disk.fault = (taken) => {
        if (step === 'truncate' && taken === 'truncate') return error
        if (taken === 'sync' && step !== 'write') return error
        return taken === 'write' && step === 'write' ? { write: 9, error } : undefined
      }
      await expect(log.append(entries(2))).rejects.toThrow(error)
      expect(await texts(log)).toEqual(named(1))
      disk.fault = () => undefined
      await log.append(entries(3))
      expect(await texts(log)).toEqual(named(3, 1))
      const found = await texts(await open(disk))
      // What could neither be written for certain nor cut off may stand there.
      expect(step === 'truncate' ? found.filter((text) => text !== 'entry 2') : found).toEqual(named(3, 1))
    }
  })

  it.each(['kill', 'power'] as const)(
    'has lost nothing that was acknowledged, after a %s at any step',
    async (kind) => {
      for (let at = 0; ; at += 1) {
        const disk = new SimulatedDisk()
        disk.crashAfter = at
        const acknowledged: number[] = []
        const work = (async () => {
          const log = await open(disk, { fileBytes: 60 })
          for (let number = 1; number <= 5; number += 1) {
            await log.append(entries(number))
            acknowledged.push(number)
          }
          return true
        })()
        const done = await Promise.race([work, new Promise<false>((resolve) => setImmediate(resolve, false))])
        const left = disk.afterCrash(kind)
        const log = await open(left, { fileBytes: 60 })
        const found = (await texts(log)).reverse()
        expect(found.slice(0, acknowledged.length), `step ${at}`).toEqual(named(...acknowledged))
        expect(found.length - acknowledged.length).toBeLessThanOrEqual(1)
        await log.append([{ text: 'after' }])
        expect((await texts(log))[0]).toBe('after')
        if (done) return
      }
    },
  )
})
