import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { nodeDisk } from '../../src/store/disk.js'
import { openStore } from '../../src/store/embedded.js'
import { type Holder, here, isLockName, lock, type Processes } from '../../src/store/lock.js'
import { StoreLocked } from '../../src/store/store.js'
import { compiledStore } from './compiled-store.js'
import { SimulatedDisk } from './simulated-disk.js'
import { ManualTimer } from './simulated-store.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()
const compiled = compiledStore()

const me: Holder = { pid: 10, started: '100', boot: 'boot', space: 'space', host: 'host' }
const lost = () => {}

/** Processes as seen by `self`: those in `running` by their start time. */
function processes(running: Record<number, string | null>, self = me): Processes {
  return { self, started: (pid) => running[pid] }
}

describe('the lock of a state directory', () => {
  const visible: [string, Partial<Holder>, Record<number, string | null>, boolean][] = [
    ['its holder runs', {}, { 7: '70' }, true],
    ['its holder runs and the system tells no start times', { started: null }, { 7: null }, true],
    ['its holder has ended', {}, {}, false],
    ['another process has its holder’s id by now', {}, { 7: '71' }, false],
    ['the machine has started again since', { boot: 'earlier' }, { 7: '70' }, false],
    ['it is our own, of a store that is open', { pid: 10, started: '100' }, { 10: '100' }, true],
    ['it was ours in an earlier container with the same id', { pid: 10, started: '99' }, { 10: '100' }, false],
  ]
  for (const [what, holder, running, held] of visible) {
    it(`${held ? 'is respected' : 'is taken over'} when ${what}`, async () => {
      const disk = new SimulatedDisk()
      const earlier = { ...me, pid: 7, started: '70', ...holder }
      await lock('state', { disk, timer: new ManualTimer().timer, processes: processes({}, earlier), lost })
      const taken = lock('state', { disk, timer: new ManualTimer().timer, processes: processes(running), lost })
      if (held) {
        await expect(taken).rejects.toThrow(
          new StoreLocked(`the state directory state is in use by process ${earlier.pid}`),
        )
        expect(disk.paths).toEqual(['state/lock.1'])
      } else {
        await (await taken).release()
        expect(disk.paths).toEqual([])
      }
    })
  }

  const elsewhere: [string, Partial<Holder>][] = [
    ['on another machine', { host: 'other', boot: 'other' }],
    ['in another container of this machine', { host: 'other', space: 'other' }],
    ['in another container of the same name', { space: 'other' }],
  ]
  for (const [what, holder] of elsewhere) {
    it(`of a holder ${what} counts while it is touched, and no longer`, async () => {
      const disk = new SimulatedDisk()
      let now = 100_000
      const touched = new Map<string, number>()
      const open = disk.open.bind(disk)
      disk.open = async (path, mode) => {
        if (mode === 'create') touched.set(path, now)
        return open(path, mode)
      }
      disk.touch = async (path) => {
        touched.set(path, now)
      }
      disk.changedMs = async (path) => touched.get(path) ?? 100_000
      const time = new ManualTimer()
      await lock('state', { disk, timer: time.timer, processes: processes({}, { ...me, pid: 7, ...holder }), lost })
      const tryIt = () => lock('state', { disk, timer: new ManualTimer().timer, processes: processes({}), lost })
      for (let tries = 0; tries < 5; tries += 1) {
        now += 10_000
        await time.pass(10_000)
        await expect(tryIt()).rejects.toThrow(/process 7 on .* which cannot be seen from here/)
      }
      now += 20_000
      await (await tryIt()).release()
    })
  }

  it('that a power loss has emptied is taken over', async () => {
    const disk = new SimulatedDisk()
    await (await disk.open('state/lock.3', 'create')).close()
    const held = await lock('state', { disk, timer: new ManualTimer().timer, processes: processes({}), lost })
    expect(disk.paths).toEqual(['state/lock.4'])
    await held.release()
  })

  it('that somebody else holds by now is not released', async () => {
    const disk = new SimulatedDisk()
    const first = await lock('state', { disk, timer: new ManualTimer().timer, processes: processes({}), lost })
    disk.erase('state/lock.1')
    await lock('state', { disk, timer: new ManualTimer().timer, processes: processes({}, { ...me, pid: 11 }), lost })
    await first.release()
    expect(disk.paths).toEqual(['state/lock.1'])
  })

  it('knows this process', () => {
    expect(here.self.pid).toBe(process.pid)
    expect(here.started(process.pid)).toBe(here.self.started)
    if (process.platform === 'linux') expect(here.self.started).toMatch(/^\d+$/)
  })

  it('goes to one of many that come at once, also over a stale one', async () => {
    for (const stale of [false, true]) {
      const dir = temporaryFolder()
      if (stale) {
        const dead = { ...here.self, started: '1' }
        writeFileSync(`${dir}/lock.1`, JSON.stringify(dead))
      }
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lock(dir, { disk: nodeDisk, lost })))
      const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      expect(held).toHaveLength(1)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreLocked)
      }
      for (const one of held) await one.release()
      expect(readdirSync(dir)).toEqual([])
    }
  })
})

describe('a state directory between real processes', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  async function holder(dir: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [compiled(), 'hold', dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    return child
  }

  it('is refused to a second one, which is told the process id of the first', async () => {
    const dir = temporaryFolder()
    const child = await holder(dir)
    const second = openStore(dir, { rawNumber: RawNumber })
    await expect(second).rejects.toBeInstanceOf(StoreLocked)
    await expect(second).rejects.toThrow(`the state directory ${dir} is in use by process ${child.pid}`)
  })

  it('is refused to the same one', async () => {
    const dir = temporaryFolder()
    const store = await openStore(dir, { rawNumber: RawNumber })
    await expect(openStore(dir, { rawNumber: RawNumber })).rejects.toThrow(`in use by process ${process.pid}`)
    await store.close()
    await (await openStore(dir, { rawNumber: RawNumber })).close()
  })

  it('is free once its holder is killed', async () => {
    const dir = temporaryFolder()
    const child = await holder(dir)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = await openStore(dir, { rawNumber: RawNumber })
    await store.close()
    expect(readdirSync(dir).filter(isLockName)).toEqual([])
  })
})
